# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# A generic snapshot is made where no LUN is, and boots where some are: its maps are those that the stock multipath makes there of the same
# configuration, and multipathd takes them over without touching them.
#
#   sda ── host 0 ── optimized ────┐
#                                  ├─ LIO LUN B: by the built-in entry for LIO               mpathc
#   sdb ── host 1 ── nonoptimized ─┘
#   sdc ── host 2 ───────────────────  LIO LUN C: one path, left alone
#   sdd ── host 3 ───────────────────  LIO LUN D: known to the wwids file, but blacklisted
#   sde ── host 4 ─┐
#                  ├─ scsi_debug LUN 0: by the entry of multipath.conf                       mpathb (mpatha is bound to another LUN)
#   sdf ── host 5 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
b=36001405bbbbbbbbbbbbbbbbbbbbbbbbb
c=36001405ccccccccccccccccccccccccc
d=36001405ddddddddddddddddddddddddd

cat > /etc/multipath.conf <<-CONF
	defaults {
		find_multipaths yes
		user_friendly_names yes
		polling_interval 1
	}
	devices {
		device {
			vendor "Linux"
			product "^scsi_(debug|other)$"
			path_grouping_policy multibus
			no_path_retry 7
		}
	}
	blacklist {
		wwid "36001405d+"
	}
CONF
mkdir -p /etc/multipath /etc/mpath-boot
modprobe -a dm_multipath dm_service_time
start_udev ours
printf '/%s/\n' $d > /etc/multipath/wwids
printf 'mpatha 36001405aaaaaaaaaaaaaaaaaaaaaaaaa\n' > /etc/multipath/bindings
expect "a generic snapshot, without any LUN" mpath-snapshot create --generic -o /etc/mpath-boot/snapshot
truncate -s 8M /tmp/b /tmp/c /tmp/d
mbr /tmp/b 2048 8192

lio_lun b /tmp/b bbbbbbbbbbbbbbbbbbbbbbbbb
lio_path b; lio_path b nonoptimized
lio_lun c /tmp/c ccccccccccccccccccccccccc
lio_path c
lio_lun d /tmp/d ddddddddddddddddddddddddd
lio_path d
scsi_debug_paths 1 2
udevadm settle

claimed() { for disk in "$@"; do udevadm info /dev/$disk | grep -q DM_MULTIPATH_DEVICE_PATH=1 || return 1; done; }
unclaimed() { for disk in "$@"; do claimed $disk && return 1; done; return 0; }
expect "without a guard, udev has claimed both paths of each LUN" wait_until 5 claimed sda sdb sde sdf
expect "and no single path, nor what is blacklisted" unclaimed sdc sdd

# What the stock tool makes; without its daemon it turns queueing off.
cp /etc/multipath/bindings /tmp/bindings
multipath > /dev/null 2>&1
stock=$(dmsetup table --target multipath | sort)
multipath -F
cp /tmp/bindings /etc/multipath/bindings
udevadm settle

start_guard
expect "wait returns" $mpath_boot wait --timeout 10
$mpath_boot status
expect_same "the maps of the stock multipath" "$(echo "$stock" | sed 's/ multipath 0 / multipath 1 queue_if_no_path /')" "$(dmsetup table --target multipath | sort)"
expect_same "two maps" "mpathb mpathc" "$(dmsetup ls --target multipath | cut -f1 | sort | xargs)"
expect_same "of these LUNs" "mpath-1Linux_scsi_debug_2000 mpath-$b" "$(dmsetup info -c --noheadings -o uuid mpathb mpathc | xargs)"
expect "the partition too" test -b /dev/mapper/mpathc-part1
start_multipathd
guard_left() { [ "$(status phase)" = "handed over" ]; }
expect "the guard hands over" wait_until 10 guard_left
expect_same "no reload, no switch of groups" "mpathb 0 0 mpathc 0 0" "$(multipathd show maps raw format '%n %2 %1' | sort | xargs)"

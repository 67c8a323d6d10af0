# SPDX-License-Identifier: GPL-2.0-or-later
#
# Partitions have the names, uuids and tables that the distribution's rules and kpartx give them; none where skip_kpartx says so. UML_SUITE chooses whose.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN, two partitions      "root disk"
#   sdb ── host 1 ─┘
#   sdc ── host 2 ─── LIO fileio LUN, one partition       quiet: skip_kpartx

wwid=36001405abcdef0000000000000000000

cat > /etc/multipath.conf <<-CONF
	defaults {
		find_multipaths off
		partition_delimiter _p
	}
	multipaths {
		multipath {
			wwid $wwid
			alias "root disk"
		}
		multipath {
			wwid 360014051234000000000000000000000
			alias quiet
			skip_kpartx yes
		}
	}
CONF
mkdir -p /etc/multipath
truncate -s 16M /tmp/lun /tmp/lun2
mbr /tmp/lun 2048 8192 10240 2048
mbr /tmp/lun2 2048 8192
lio_paths /tmp/lun 2 abcdef
lio_paths /tmp/lun2 1 1234
start_udev
modprobe -a dm_multipath dm_service_time
multipath
udevadm settle
mpath-snapshot create --map $wwid --map 360014051234000000000000000000000 -o /tmp/snapshot
mpath-boot plan --snapshot /tmp/snapshot | tee /tmp/plan

# "NAME UUID 0 SIZE linear START", with names as the kernel has them
made() { dmsetup info -c --noheadings --separator ' ' -o mangled_name,uuid | grep ' part' | while read -r name uuid; do
	echo "$name $uuid $(dmsetup table --manglename none "$name" | sed 's/ linear [0-9:]* / linear /')"; done | sort; }
planned() { grep ' part[0-9]*-mpath-' /tmp/plan | sed 's| linear /dev/mapper/[^ ]* | linear |' | sort; }
made
expect_same "kpartx makes two" 2 "$(made | wc -l)"
expect_same "so does mpath-boot, to the letter" "$(made)" "$(planned)"

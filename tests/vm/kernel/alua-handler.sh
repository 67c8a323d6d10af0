# SPDX-License-Identifier: GPL-2.0-or-later
#
# ALUA where the kernel has a device handler, which User-Mode Linux's has not: every access state, as prio sysfs reads it, is what multipathd makes of it.
#
#   sda … sdf ── host 0 … 5 ── groups 1 … 6, each in another state ── LIO fileio LUN, scsi_dh_alua

. /run/src/tests/vm/uml/guest/boot.sh
wwid=36001405abcdef0000000000000000000

modprobe -a scsi_dh_alua dm_multipath dm_service_time
truncate -s 16M /tmp/lun
lio_paths /tmp/lun 6 abcdef
mkdir -p /run/udev/data /etc/mpath-boot
for disk in $disks; do	# what udevd would have noted
	printf 'I:1\nE:ID_SERIAL=%s\nE:ID_WWN=0x6001405abcdef000\n' $wwid > "/run/udev/data/b$(cat "/sys/block/$disk/dev")"
done
lun=$target/core/fileio_0/lunabcdef
echo "0 0
0 32767 1:O 2:O 3:O 4:O 5:O 6:O" > $lun/lba_map
echo 1 > $lun/alua/group5/alua_access_type
echo 1 > $lun/alua/group6/preferred
n=0
for state in 0 1 2 3 4 1; do
	n=$((n + 1))
	echo $state > $lun/alua/group$n/alua_access_state
done
# the handler asks again when it is told to
for disk in $disks; do
	sg_turs "/dev/$disk" > /dev/null 2>&1 || :
	echo 1 > "/sys/block/$disk/device/rescan"
done
states() { for disk in $disks; do echo "$(cat "/sys/block/$disk/device/access_state") $(cat "/sys/block/$disk/device/preferred_path")"; done; }
states_are() { [ "$(states | xargs)" = "$1" ]; }
expect "the kernel's view" wait_until 5 states_are "active/optimized 0 active/non-optimized 0 standby 0 unavailable 0 lba-dependent 0 active/non-optimized 1"

printf 'defaults {\n\tfind_multipaths no\n\tpolling_interval 1\n\tmax_polling_interval 1\n}\n' > /etc/multipath.conf
start_multipathd
theirs() { multipathd show paths raw format "%d %T %p" | grep '^sd' | sort | sed 's/ faulty.*/ faulty/'; }
settled() { theirs | grep -qx 'sdd faulty'; }
wait_until 8 settled || fail "multipathd: $(theirs | xargs)"
mpath-snapshot create --map $wwid -o $snapshot
expect "prio sysfs is detected" grep -q '^	prio "sysfs" # detected' $snapshot
expect_same "states and priorities" "$(theirs | xargs)" \
	"$(mpath-boot plan --paths | sed -n 's/^# path \(sd.\) .*: \(.*\), priority \(.*\)/\1 \2 \3/p' | sort | sed 's/ faulty.*/ faulty/' | xargs)"
# The unavailable path has no size, and is in all the same. In which order, only a map says that was made when all priorities were known.
groups() { grep -oE 'service-time 0 1 [12] [0-9]+:[0-9]+' | grep -oE '[0-9]+:[0-9]+' | sort | xargs; }
expect_same "and the groups" "$(dmsetup table $wwid | groups)" "$(mpath-boot plan | grep " mpath-$wwid " | groups)"
expect_same "six of them, in this order" "8:80 8:0 8:16 8:64 8:32 8:48" \
	"$(mpath-boot plan | grep " mpath-$wwid " | grep -oE 'service-time 0 1 1 [0-9]+:[0-9]+' | grep -oE '[0-9]+:[0-9]+' | xargs)"

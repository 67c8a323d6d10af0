# SPDX-License-Identifier: GPL-2.0-or-later
#
# A port that was unavailable when the kernel asked for the LUN's capacity: the path has no size, and is in the map all the same, as multipathd has it. It
# is used when it has one.
#
#   sda ── host 0 ── group 1 (optimized) ────────────────┐
#                                                        ├─ LIO fileio LUN      mpatha
#   sdb ── host 1 ── group 2 (unavailable) ── 0 sectors ─┘
#
# Then the same the other way round, and with a third path; and a LUN with no other path than one without a size.

. /run/src/tests/vm/uml/guest/boot.sh
wwid=36001405abcdef0000000000000000000

truncate -s 16M /tmp/lun
lio_paths /tmp/lun 1 abcdef
lio_path lunabcdef unavailable
expect_same "the second path has no size" 0 "$(cat /sys/block/sdb/size)"
mkdir -p /run/udev/data
for disk in sda sdb; do	# what udevd would have noted
	printf 'I:1\nE:ID_SERIAL=%s\nE:ID_WWN=0x6001405abcdef000\n' $wwid > "/run/udev/data/b$(cat "/sys/block/$disk/dev")"
done
printf 'defaults {\n\tfind_multipaths no\n}\nmultipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tno_path_retry queue\n\t}\n}\n' $wwid > /etc/multipath.conf
start_multipathd
table() { dmsetup table mpatha | sed 's/ 2 \([0-9]*:[0-9]* 1\) 1/ 1 \1/g; s/ $//'; }
theirs=$(table)
multipathd shutdown > /dev/null
wait_until 5 eval '! pidof multipathd > /dev/null'
dmsetup remove mpatha

snapshot_begin
snapshot_map $wwid mpatha 2 'prio "alua"' 'path_grouping_policy "group_by_prio"' 'hardware_handler "1 alua"' 'no_path_retry "queue"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "the table is multipathd's, with both paths" "$theirs" "$(table)"
active() { [ "$(map_active mpatha)" = "$1" ]; }
expect "the second is failed" wait_until 5 active 1

path_alua sdb standby
ghost() { grep -q "path sdb .*: ghost" /run/mpath-boot/log; }
expect "it becomes passive" wait_until 15 ghost
expect "and is the kernel's to activate, should the other one fail" wait_until 3 active 2
path_alua sdb optimized
expect "failed again where it could be used but for its size" wait_until 15 active 1

nap 2.5
expect "it stays so when the port is available again" active 1
expect "and says why" grep -q "knows no size of it" /run/mpath-boot/state
$mpath_boot status
echo 1 > /sys/block/sdb/device/rescan
expect "until the kernel knows its size" wait_until 15 active 2
expect "I/O goes to it" dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=1 iflag=direct

# the one without a size comes first in the order of the table
guard_undo mpatha
group=$(cat /run/lio/sda)
path_alua sda unavailable
path_return sda
expect_same "now the first path has no size" 0 "$(cat "/sys/block/$disk/size")"
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "the map has the size of the other" 32768 "$(blockdev --getsz /dev/mapper/mpatha)"
expect_same "and both paths" 2 "$(map_paths mpatha)"
expect "no table was refused" eval '! grep refused /run/mpath-boot/log'
lio_path lunabcdef
paths() { [ "$(map_paths mpatha)" = "$1" ]; }
expect "a third one joins" wait_until 5 paths 3
expect_same "the size is the same" 32768 "$(blockdev --getsz /dev/mapper/mpatha)"
lio_set_state "$group" optimized
cat /run/mpath-boot/log

# nothing else is to be had: nobody need type anything, nor wait for an event that would tell of the size; and it has partitions
guard_undo mpatha
truncate -s 16M /tmp/lun2
mbr /tmp/lun2 2048 8192
lio_lun lunbbbbbb /tmp/lun2 bbbbbb
lio_path lunbbbbbb unavailable
expect_same "the only path has no size" 0 "$(cat "/sys/block/$disk/size")"
snapshot_begin
snapshot_map 36001405bbbbbb0000000000000000000 mpathb 1 'prio "alua"' 'path_grouping_policy "group_by_prio"' 'hardware_handler "1 alua"'
snapshot_end
start_guard
nap 1
path_alua "$disk" optimized
expect "wait returns when its port is available" $mpath_boot wait --timeout 5
expect_same "the kernel was made to look again" 32768 "$(blockdev --getsz /dev/mapper/mpathb)"
expect_same "and for partitions" 8192 "$(blockdev --getsz /dev/mapper/mpathb-part1)"
cat /run/mpath-boot/log

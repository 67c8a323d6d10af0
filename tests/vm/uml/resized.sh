# SPDX-License-Identifier: GPL-2.0-or-later
#
# A LUN that grows under a live map, one path after the other: the map keeps its paths and its size, and says so. A guard that starts anew, and a map that is made anew
# with a snapshot of the old size, take what is there.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0 of 8 MiB, then of 1 GiB
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'size 16384' 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"'
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
active() { [ "$(map_active mpatha)" = "$1" ]; }
expect "with both paths" active 2
table=$(dmsetup table mpatha)
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/virtual_gb
grow() { echo 1 > "/sys/block/$1/device/rescan"; expect_same "$1 has grown" 2097152 "$(cat "/sys/block/$1/size")"; }
grow sda
nap 3
expect "the map keeps both" active 2
grow sdb
nap 3
expect "still" active 2
expect_same "and its table" "$table" "$(dmsetup table mpatha)"
expect_same "it is said once for each" 2 "$(grep -c 'has grown' /run/mpath-boot/log)"
guard_kill
start_guard
expect "another guard takes it over" $mpath_boot wait --timeout 10
nap 2
expect_same "as it is" "$table" "$(dmsetup table mpatha)"
expect "with both paths" active 2
guard_undo mpatha
start_guard
expect "made anew" $mpath_boot wait --timeout 10
expect_same "of the new size" 2097152 "$(blockdev --getsz /dev/mapper/mpatha)"
expect "with both paths" active 2

# One path shrinks, the other goes and comes back under another name: the kernel takes no table with the first any more, and takes one with the second.
echo 0 > /sys/bus/pseudo/drivers/scsi_debug/virtual_gb
echo 1 > /sys/block/sda/device/rescan
expect_same "sda has shrunk" 16384 "$(cat /sys/block/sda/size)"
nap 2
expect_same "the map keeps both" 2 "$(map_paths mpatha)"
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/virtual_gb
path_return sdb
expect "who comes back is in the map" wait_until 10 in_map "$disk"
expect_same "and who shrank is not" 1 "$(map_paths mpatha)"
expect "I/O goes to what only one of them has" dd if=/dev/mapper/mpatha of=/dev/null bs=4k skip=4096 count=1 iflag=direct
expect "status says why" sh -c "$mpath_boot status | grep 'sda .*another size'"
cat /run/mpath-boot/log

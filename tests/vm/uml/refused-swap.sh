# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel takes a table and refuses it only when it is to be used, as one of its paths is smaller than the map (device_area_is_invalid in drivers/md/dm-table.c): the
# map is suspended by then. It must go on with the table that it has.
#
#   sda ── host 0 ── comes back under another name ─┐
#                                                   ├─ scsi_debug LUN 0
#   sdb ── host 1 ── shrinks, and no event says so ─┘

. /run/src/tests/vm/uml/guest/boot.sh
deafen() { /run/build/deafen "$1" "$(cat /run/mpath-boot/pid)"; }

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"'
snapshot_end
scsi_debug_paths 1 2
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/virtual_gb
echo 1 > /sys/block/sda/device/rescan
echo 1 > /sys/block/sdb/device/rescan
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "with both paths" 2 "$(map_active mpatha)"
deafen on
echo 0 > /sys/bus/pseudo/drivers/scsi_debug/virtual_gb
echo 1 > /sys/block/sdb/device/rescan
expect_same "sdb has shrunk" 16384 "$(cat /sys/block/sdb/size)"
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/virtual_gb
deafen off
path_return sda
refused() { grep -q 'the kernel refused its table' /run/mpath-boot/log; }
expect "a table is refused" wait_until 5 refused
expect "I/O goes on" within 5 read_block
expect_same "the map is not suspended" ACTIVE "$(dmsetup info mpatha | sed -n 's/^State: *//p')"
expect "who comes back is in the map in the end" wait_until 20 in_map "$disk"
cat /run/mpath-boot/log

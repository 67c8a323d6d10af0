# SPDX-License-Identifier: GPL-2.0-or-later
#
# While a path is away its LUN is given to somebody else: the disk that answers there now has another WWID, and sysfs still shows the kernel's copy
# of the old one. It is not reinstated; when the old LUN is back, it is.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0
#   sdb ── host 1 ─┘     vpd_use_hostno 1: another designator

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"' 'checker_timeout 5'
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "with both paths" 2 "$(map_active mpatha)"

one() { [ "$(map_active mpatha)" = 1 ]; }
two() { [ "$(map_active mpatha)" = 2 ]; }
path_offline sdb
dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=4 iflag=direct 2> /dev/null
expect "one is away" wait_until 10 one
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
path_running sdb
seen() { grep -q 'sdb .* another LUN answers there now' /run/mpath-boot/log; }
expect "the stranger is recognised" wait_until 12 seen
nap 2
expect_same "and is not reinstated" 1 "$(map_active mpatha)"
echo 0 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
expect "the LUN itself is" wait_until 12 two

# It changes while a check hangs, which answers well in the end.
echo 1 > /sys/block/sdb/device/rescan
path_hang sdb
failed() { grep -q 'sdb .*: faulty: no answer' /run/mpath-boot/log; }
expect "a check hangs" wait_until 30 failed
: > /run/mpath-boot/log
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
path_unhang sdb
expect "the stranger is recognised" wait_until 12 seen
expect_same "and never was reinstated" "1 0" "$(map_active mpatha) $(grep -c 'sdb reinstated' /run/mpath-boot/log)"
echo 0 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
expect "the LUN itself is" wait_until 12 two

# It was away before it ever was in the map.
guard_undo mpatha
path_offline sdb
start_guard
expect "wait returns" $mpath_boot wait --timeout 20
: > /run/mpath-boot/log
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
path_running sdb
expect "the stranger is recognised" wait_until 12 seen
nap 2
expect_same "and has not come in" 1 "$(map_active mpatha)"
echo 0 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
expect "the LUN itself is" wait_until 12 two

# The same in the sight of the kernel, which has read the pages again. Then the other path goes, and comes back under another name: it must not wait for the stranger.
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
echo 1 > /sys/block/sdb/device/rescan
echo change > /sys/block/sdb/uevent
left_out() { grep -q 'sdb .*leads to another LUN now' /run/mpath-boot/log; }
expect "a path that leads elsewhere now is left out" wait_until 5 left_out
expect_same "at once" 1 "$(map_active mpatha)"
echo 0 > /sys/bus/pseudo/drivers/scsi_debug/vpd_use_hostno
path_return sda
expect "the other one is in the map under its new name" wait_until 10 in_map "$disk"
expect "I/O goes to it" read_block
expect_same "the stranger is in it no longer" 1 "$(map_paths mpatha)"
cat /run/mpath-boot/log

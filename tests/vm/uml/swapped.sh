# SPDX-License-Identifier: GPL-2.0-or-later
#
# Swap is on the very map: what the guard writes to in /run has been swapped out by the time that all paths go, and must not be waited for.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: swap
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'path_grouping_policy "multibus"' 'no_path_retry "queue"' 'checker_timeout 5'
sed -i 's/max_polling_interval 20/max_polling_interval 5/' $snapshot	# each path is looked at while it is away
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
active() { [ "$(map_active mpatha)" = "$1" ]; }
expect "with both paths" active 2
log() { grep -q "$1" /run/mpath-boot/log; }

mkswap /dev/mapper/mpatha > /dev/null
swapon /dev/mapper/mpatha
expect "the program is built (make tests)" test -x /run/build/swapout
echo 1 > /proc/sys/vm/overcommit_memory
kb=$(($(awk '/^MemAvailable/ { print $2 }' /proc/meminfo) + 1500))
expect "all paths are away for a while" /run/build/swapout $kb /run/mpath-boot/log /run/mpath-boot/events -- sda sdb
expect "one is back, and reinstated" wait_until 8 active 1
expect "which the log tells" log 'sdb reinstated'
cat /run/mpath-boot/log

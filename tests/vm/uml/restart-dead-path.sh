# SPDX-License-Identifier: GPL-2.0-or-later
#
# A guard starts anew while one path of the map is dead: it has never had an answer from it. That must not keep the table from a path that comes back under
# another name, once for a path that is offline, once for one that hangs.
#
#   sda ── host 0 ── offline, then hangs ───────────┐
#                                                   ├─ scsi_debug LUN 0
#   sdb ── host 1 ── goes, comes back, twice ────────┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"' \
	'no_path_retry "queue"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "with both paths" 2 "$(map_active mpatha)"
active() { [ "$(map_active mpatha)" = "$1" ]; }

path_offline sda
read_block
expect "sda is failed" wait_until 5 active 1
guard_kill
start_guard
nap 3
path_return sdb
expect "offline: who comes back is in the map" wait_until 10 in_map "$disk"
expect "I/O goes to it" within 5 read_block

path_running sda
expect "all is well again" wait_until 10 active 2
path_hang sda
guard_kill
start_guard
nap 3
path_return "$disk"
expect "hanging: who comes back is in the map" wait_until 10 in_map "$disk"
expect "I/O goes to it" within 60 read_block
path_unhang sda
cat /run/mpath-boot/log

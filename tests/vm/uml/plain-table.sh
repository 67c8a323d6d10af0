# SPDX-License-Identifier: GPL-2.0-or-later
#
# The snapshot wants a selector and features that this kernel does not have: root comes without. (Device handlers: kernel/no-handler.)
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

# like_this LINE...
like_this() {
	snapshot_begin
	snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'path_grouping_policy "multibus"' "$@"
	snapshot_end
	start_guard
	expect "$*: wait returns" $mpath_boot wait --timeout 10
	expect_same "with both paths" 2 "$(map_active mpatha)"
	expect "I/O goes" read_block
	dmsetup table mpatha
	cat /run/mpath-boot/log
}
scsi_debug_paths 1 2
like_this 'path_selector "best-of-all 0"' 'no_path_retry "queue"'
expect "the selector is the usual one" sh -c 'dmsetup table mpatha | grep -q service-time'
expect "the map queues" queues
expect "what was given up is said" grep -q 'trying without path_selector "best-of-all 0";' /run/mpath-boot/log
guard_undo mpatha
like_this 'features "2 queue_if_no_path fly_to_the_moon"'
expect "the map queues" queues
guard_undo mpatha
like_this 'path_selector "round-robin 0"' 'features "1 fly_to_the_moon"'
expect "the map does not queue" sh -c '! dmsetup table mpatha | grep -q queue_if_no_path'
guard_undo mpatha

# the same by rules, which are applied again when a path comes
mkdir -p /etc/multipath
printf 'defaults {\n\tfind_multipaths yes\n\tpath_selector "best-of-all 0"\n}\n' > /etc/multipath.conf
mpath-snapshot create --generic -o $snapshot
start_guard
expect "by rules: wait returns" $mpath_boot wait --timeout 10
name=$(dmsetup ls --target multipath | cut -f1)
paths() { [ "$(map_paths "$name")" = "$1" ]; }
expect "with both paths" wait_until 5 paths 2
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/add_host
expect "a third one joins" wait_until 5 paths 3
cat /run/mpath-boot/log

# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# A static program with an extension linked in: the snapshot names it, the map is made by it, and "extend" says that this is how it goes.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sdb, then sda
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_extension=example.so
snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'prio "example_host"' 'prio_args "1"' 'path_checker "example_read"' \
	'path_grouping_policy "group_by_prio"'
snapshot_end
start_udev ours
scsi_debug_paths 1 2
start_guard 2> /run/said
expect_same "nothing is amiss" "" "$(cat /run/said)"
expect "what has become of the extension is said" grep -q 'extension example.so: linked in' /run/mpath-boot/log
expect "wait returns" $mpath_boot wait --timeout 60
both() { [ "$(map_paths mpatha)" = 2 ]; }
expect "both paths" wait_until 30 both
expect_same "the better one is that of host 1" "$(cat /sys/block/sdb/dev)" "$(dmsetup table mpatha | grep -o '[0-9]*:[0-9]*' | head -n 1)"
expect "list says where it is from" sh -c "$mpath_boot list | grep -q '^example_read *linked in example'"
echo > /tmp/other.so
status=0
$mpath_boot extend /tmp/other.so 2> /tmp/said || status=$?
cat /tmp/said
expect_same "a static guard is not extended" 1 $status
expect "and says how" grep -q 'static and loads nothing.*extensions.conf.*mpath-boot relink' /tmp/said

# SPDX-License-Identifier: GPL-2.0-or-later
#
# A path that goes and comes back under another name, while another one takes its old name.
#
#   sda ── host 0 ─┐
#   sdb ── host 1 ─┼─ scsi_debug LUN 0     host 1 goes; host 2 comes as sdb; host 1 comes back as sdc
#          host 2 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"'
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
host=$(path_host sdb)
path_remove sdb
one() { [ "$(map_paths mpatha)" = 1 ]; }
expect "a path goes" wait_until 5 one
echo 1 > /sys/bus/pseudo/drivers/scsi_debug/add_host
expect "another one comes" wait_until 5 test -e /sys/block/sdb
expect "from elsewhere" sh -c "[ $(path_host sdb) != $host ]"
path_rescan "$host"
expect "the old one comes back under a new name" wait_until 5 test -e /sys/block/sdc
three() { [ "$(map_active mpatha)" = 3 ]; }
expect "and all three are in the map" wait_until 5 three
expect "and guarded" sh -c "[ \$($mpath_boot status | grep -c ' ready ') -ge 3 ] || $mpath_boot status >&2"

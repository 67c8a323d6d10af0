# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel refuses a table with a path that somebody has offlined (ENXIO): it is left out and tried again, instead of costing the map; so it is when the table
# has to be loaded anew for another path.
#
#   sda ── host 0 ── offline at first ─┐
#   sdb ── host 1 ─────────────────────┼─ scsi_debug LUN 0
#   sdc ── host 2 ── comes late ───────┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 3 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
scsi_debug_paths 1 3
host=$(path_host sdc)
path_remove sdc
path_offline sda
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
paths() { [ "$(map_paths mpatha)" = "$1" ]; }
active() { [ "$(map_active mpatha)" = "$1" ]; }
expect "the map is made of the other path" paths 1
expect "status says why sda is not in it" sh -c "$mpath_boot status | tee /dev/stderr | grep -q 'not in the map: .* sda '"
path_running sda
expect "it joins when it runs" wait_until 5 active 2
path_offline sda
path_rescan "$host"
expect "a path comes while another is offline: it joins" wait_until 5 sh -c 'dmsetup table mpatha | grep -q 8:32'
expect "I/O goes" dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=8 iflag=direct
path_running sda
expect "then all three are in use" wait_until 8 active 3

# SPDX-License-Identifier: GPL-2.0-or-later
#
# The configured checker is one for other arrays: root's map is made all the same, and its paths are checked.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0, which has no page C9h      mpatha: sda sdb, path_checker rdac
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'path_checker "rdac"' 'prio "rdac"'
snapshot_end
start_udev ours
scsi_debug_paths 1 2
udevadm settle
modprobe -a dm_multipath dm_service_time
expect "plan shows the map" grep -q '^mpatha mpath-1Linux_scsi_debug_2000 0 16384 multipath' <<EOT
$($mpath_boot plan)
EOT
start_guard
expect "the map is made" $mpath_boot wait --timeout 10
expect_same "of both paths" 2 "$(map_paths mpatha)"
expect_same "of each is said once that tur stands in" 2 "$(grep -c 'checker rdac cannot be run on it (.*): tur stands in' /run/mpath-boot/log)"
active() { [ "$(map_active mpatha)" = "$1" ]; }
path_offline sda
expect "an offline path fails" wait_until 8 active 1
path_running sda
expect "and is reinstated" wait_until 12 active 2

# The first that is heard of both is that they are offline.
guard_undo mpatha
path_offline sda
path_offline sdb
start_guard
nap 2
path_running sda
path_running sdb
expect "the map is made all the same" $mpath_boot wait --timeout 10
cat /run/mpath-boot/log

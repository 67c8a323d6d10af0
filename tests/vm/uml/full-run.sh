# SPDX-License-Identifier: GPL-2.0-or-later
#
# /run has no room for another byte when the guard starts: the map is made all the same, and as soon as there is room those who wait are told.
#
#   sda ── host 0 ─┐
#                  ├─ LIO LUN
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
. /run/src/tests/vm/uml/guest/faults.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map "$wwid" mpatha 2 'hardware_handler "1 alua"' 'prio "alua"'
snapshot_end
prepare_faults
truncate -s 8M /tmp/disk
lio_paths /tmp/disk 2 $serial
fill
expect "/run is full" sh -c '! echo x > /run/x 2> /dev/null'
expect "the guard starts" start_guard
two() { [ "$(map_active mpatha 2> /dev/null)" = 2 ]; }
expect "and makes the map" wait_until 5 two
expect "nobody can be told" sh -c "! $mpath_boot wait --timeout 1 2> /dev/null"
room 50%
expect "with room, wait returns" $mpath_boot wait --timeout 3
expect "the guard is known" sh -c "$mpath_boot status | grep '^guard: pid'"
path_offline sda
expect "and lives" wait_until 8 sh -c "$mpath_boot status | grep -q 'sda .*failed'"

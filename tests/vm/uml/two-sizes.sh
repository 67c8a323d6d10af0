# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two LUNs that show one WWID and differ in size: the one that the snapshot knows is the map, the other is left out and named.
#
#   sda ── LIO LUN of 16 MiB ── WWID X  ✗
#   sdb ── LIO LUN of  8 MiB ── WWID X ──── mpatha: sdb

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map "$wwid" mpatha 2 'size 16384' 'hardware_handler "1 alua"' 'prio "alua"'
snapshot_end
truncate -s 16M /tmp/wrong
truncate -s 8M /tmp/right
lio_lun wrong /tmp/wrong $serial
lio_path wrong
wrong=$disk
lio_lun right /tmp/right $serial
lio_path right
start_guard
expect "wait returns, degraded" $mpath_boot wait --timeout 10
expect_same "the map is of the right size" 16384 "$(blockdev --getsz /dev/mapper/mpatha)"
expect_same "and has one path" 1 "$(map_paths mpatha)"
expect "the other is named" grep -q "$wrong has 32768 sectors, not 16384: left out" /run/mpath-boot/log
$mpath_boot status
expect "status says so" sh -c "$mpath_boot status | grep -q 'not in the map: .* $wrong .*another size'"

# SPDX-License-Identifier: GPL-2.0-or-later
#
# One of two paths hangs on every command and on open(): the map is made of the other one, no slower than without it; the stock tool
# makes no map at all (stock-hanging-path). When the path answers again, it joins.
#
#   sda ── host 0 ── hangs ─┐
#                           ├─ LIO fileio LUN      mpatha: sdb
#   sdb ── host 1 ──────────┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map "$wwid" mpatha 2 'checker_timeout 5' 'hardware_handler "1 alua"' 'prio "alua"'
snapshot_end
truncate -s 8M /tmp/disk
lio_paths /tmp/disk 2 $serial
path_hang sda
start_guard
start=$(now)
expect "wait returns" $mpath_boot wait --timeout 10
took=$((($(now) - start) / 1000))
say "ready after $took ms"
expect "after degraded_after, no later" test $took -lt 3500
expect_same "one path" 1 "$(map_paths mpatha)"
expect_same "without udevd the guard made the link" ../dm-0 "$(readlink /dev/mapper/mpatha)"
$mpath_boot status
expect "I/O goes" dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=1 iflag=direct

# the guard that ends has a worker that does not: the next one need not wait for that
old=$(cat /run/mpath-boot/pid)
expect "another guard takes its place" $mpath_boot guard --daemon --replace
expect "and is another one" test "$(cat /run/mpath-boot/pid)" -ne "$old"
path_unhang sda
two() { [ "$(map_paths mpatha)" = 2 ]; }
expect "the path joins when it answers again" wait_until 10 two
status=0
$mpath_boot assemble --wwid 36001405000000000000000000000dead 2> /tmp/said || status=$?
expect_same "assemble does not say that the guard makes what it does not know: 1" 1 $status
expect "and what to do" grep -q 'end it first, kill' /tmp/said

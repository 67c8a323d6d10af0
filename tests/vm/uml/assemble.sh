# SPDX-License-Identifier: GPL-2.0-or-later
#
# A rescue shell: no udevd, no guard, no snapshot. One command makes the map and its partition, says so, and ends; again is harmless.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN with a partition table      /dev/mapper/<WWID>, …-part1
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

truncate -s 8M /tmp/disk
mbr /tmp/disk 2048 8192
lio_paths /tmp/disk 2 $serial
modprobe -a dm_multipath dm_service_time
$mpath_boot assemble --wwid $wwid 2> /tmp/said > /tmp/out || fail "assemble: $?"
cat /tmp/said /tmp/out
expect "it names the map and its paths" grep -q "^/dev/mapper/$wwid 254:0 2 paths" /tmp/out
expect "and the partition" grep -q "^/dev/mapper/$wwid-part1 254:1" /tmp/out
expect_same "with a link, without udevd" ../dm-1 "$(readlink /dev/mapper/$wwid-part1)"
expect_same "the partition's size" 8192 "$(blockdev --getsz /dev/mapper/$wwid-part1)"
before=$(dmsetup table)
expect "again" $mpath_boot assemble --wwid $wwid
expect_same "changes nothing" "$before" "$(dmsetup table)"
status=0
$mpath_boot assemble --timeout 1 --wwid 36001405000000000000000000000dead > /tmp/out 2>&1 || status=$?
expect_same "a WWID that is not there: 1" 1 $status
expect "and why" grep -q "36001405000000000000000000000dead.*no usable path" /tmp/out
status=0
$mpath_boot wait 2> /tmp/said || status=$?
expect_same "wait without a guard: 111" 111 $status
$mpath_boot frobnicate 2> /dev/null || status=$?
expect_same "an unknown command: 100" 100 $status
expect "tur is there" sh -c "$mpath_boot list checkers | grep -q '^tur '"

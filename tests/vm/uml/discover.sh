# SPDX-License-Identifier: GPL-2.0-or-later
#
# An installer: busybox, no udevd, no snapshot, no daemon. One command makes a map of each LUN that shows itself twice, leaves the others
# alone, and says as JSON what there is.
#
#   sda ── host 0 ── optimized ─────┐
#                                   ├─ LIO LUN A, partition table     /dev/mapper/<WWID A>, …-part1
#   sdb ── host 1 ── nonoptimized ──┘
#   sdc ── host 2 ────────────────────  LIO LUN B: one path
#   sdd ── host 3 ─┐
#                  ├─ scsi_debug LUN 0 (ALUA)                        /dev/mapper/<WWID>
#   sde ── host 4 ─┘

a=36001405aaaaaaaaaaaaaaaaaaaaaaaaa
b=36001405bbbbbbbbbbbbbbbbbbbbbbbbb
mpath_boot=/usr/sbin/mpath-boot

truncate -s 8M /tmp/a /tmp/b
mbr /tmp/a 2048 8192
lio_lun a /tmp/a aaaaaaaaaaaaaaaaaaaaaaaaa
lio_path a
lio_path a nonoptimized
lio_lun b /tmp/b bbbbbbbbbbbbbbbbbbbbbbbbb
lio_path b
scsi_debug_paths 1 2
modprobe -a dm_multipath dm_service_time
$mpath_boot assemble --discover > /tmp/out 2> /tmp/said || fail "assemble: $? $(cat /tmp/said)"
cat /tmp/said /tmp/out
dmsetup table
expect "LUN A has both paths" grep -q "^/dev/mapper/$a .* 2 paths" /tmp/out
expect "and its partition" grep -q "^/dev/mapper/$a-part1 " /tmp/out
expect "scsi_debug's LUN has both paths" grep -q "^/dev/mapper/1Linux_scsi_debug_2000 .* 2 paths" /tmp/out
expect "LUN B is left alone" test ! -e "/dev/mapper/$b"
expect_same "nothing else" 3 "$(dmsetup ls | wc -l)"
expect_same "ALUA is found: two groups by priority" "0 16384 multipath 0 1 alua 2 1 service-time 0 1 2 8:0 1 1 service-time 0 1 2 8:16 1 1" "$(dmsetup table $a | sed 's/ $//')"
expect "a link without udevd" test -b /dev/mapper/$a-part1

$mpath_boot status --json > /tmp/json
cat /tmp/json
expect "status speaks without a guard" grep -q '"running": false.*"phase": "assembled"' /tmp/json
expect "of both LUNs" grep -q "\"wwid\": \"$a\".*\"wwid\": \"1Linux_scsi_debug_2000\"\|\"wwid\": \"1Linux_scsi_debug_2000\".*\"wwid\": \"$a\"" /tmp/json
expect_same "and their four paths" 4 "$(grep -o '"hctl"' /tmp/json | wc -l)"
$mpath_boot status

before=$(dmsetup table)
expect "again" $mpath_boot assemble --discover
expect_same "changes nothing" "$before" "$(dmsetup table)"
expect "a single path that is asked for" $mpath_boot assemble --discover --wwid $b
expect_same "becomes a map" 1 "$(map_paths $b)"
dmsetup remove_all
status=0
$mpath_boot assemble --discover --wwid 36001405000000000000000000000dead 2> /tmp/said || status=$?
expect_same "a WWID that is not there: 1" 1 $status
expect_same "and no other map" "No devices found" "$(dmsetup ls)"

# With a udevd, its database tells who a disk is.
printf 'KERNEL=="sda|sdb", ENV{ID_SERIAL}="3600-by-udev ", ENV{ID_WWN}="0x3"\n' > /lib/udev/rules.d/99-test.rules
start_udev
expect "with udevd" $mpath_boot assemble --discover
expect_same "the WWID is udev's" 2 "$(map_paths 3600-by-udev)"

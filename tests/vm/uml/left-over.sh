# SPDX-License-Identifier: GPL-2.0-or-later
#
# A guard that is killed while it makes a map or a partition leaves a device without a table, or with one that is not in use yet. The next one goes on from there.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN      mpatha ── mpatha-part1
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
wwid=36001405abcdef0000000000000000000

truncate -s 16M /tmp/lun
mbr /tmp/lun 2048 8192
lio_paths /tmp/lun 2 abcdef
snapshot_begin
snapshot_map $wwid mpatha 2 'hardware_handler "1 alua"' 'prio "alua"'
snapshot_end
modprobe -a dm_multipath dm_service_time

# goes_on TEXT
goes_on() {
	start_guard
	expect "$1: wait returns" $mpath_boot wait --timeout 10
	expect_same "$1: with both paths" 2 "$(map_active mpatha)"
	expect "$1: I/O goes" read_block
	expect "$1: the partition is there" read_block mpatha-part1
	expect_same "$1: the kernel refused nothing" 0 "$(grep -c 'refused\|unable' /run/mpath-boot/log)"
	guard_undo mpatha-part1 mpatha
}

dmsetup create mpatha --uuid mpath-$wwid --notable
dmsetup create mpatha-part1 --uuid part1-mpath-$wwid --notable
goes_on "without a table"

dmsetup create mpatha --uuid mpath-$wwid --notable
dmsetup load mpatha --table '0 32768 multipath 0 1 alua 1 1 service-time 0 1 1 8:0 1'
goes_on "with one that is not in use"

# another name: the one that it has counts
dmsetup create other --uuid mpath-$wwid --notable
start_guard
expect "another name: wait returns" $mpath_boot wait --timeout 10
expect_same "it stays" other "$(dmsetup info -c --noheadings -o name -u mpath-$wwid)"
expect "and the partition's goes by it" read_block other-part1

# somebody else's device has the name
guard_undo other-part1 other
dmsetup create mpatha --notable
start_guard
expect "somebody else's: wait returns" $mpath_boot wait --timeout 10
expect_same "the map is called by its WWID" $wwid "$(dmsetup info -c --noheadings -o name -u mpath-$wwid)"
expect "the other is as it was" [ "$(dmsetup info mpatha 2> /dev/null | grep -c 'LIVE')" = 0 ]
cat /run/mpath-boot/log

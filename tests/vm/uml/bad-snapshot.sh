# SPDX-License-Identifier: GPL-2.0-or-later
# kernel: rd.mpath_boot.wwid=333333330000007d0 rd.mpath_boot.degraded_after=1
#
# Snapshots that cannot be used end in a clear message, and in a map of what the kernel command line names. Names and sizes that collide cost
# as little as possible.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
wwid=333333330000007d0

# try TEXT PATTERN: the guard says PATTERN and makes the map of the command line all the same
try() {
	rm -rf /run/mpath-boot
	start_guard
	expect "$1: the map is there" $mpath_boot wait --timeout 5
	expect "$1: said" grep -q -e "$2" /run/mpath-boot/log
	kill "$(status pid)"
	nap 0.3
	dmsetup remove_all
}

scsi_debug_paths 1 2
try "missing" "unable to use snapshot $snapshot: "
snapshot_begin; snapshot_map $wwid mpatha 2; snapshot_end
cp $snapshot /tmp/good
head -c 300 /tmp/good > $snapshot
try "truncated" "unable to use snapshot $snapshot"
sed 's/failover/multibus/' /tmp/good > $snapshot
try "wrong checksum" "checksum"
sed 's/version 1/version 9/' /tmp/good > $snapshot
sed -i '$d' $snapshot
snapshot_end
try "newer version" "version"

dmsetup create mpatha --table '0 8 zero' 2>/dev/null || { modprobe dm_zero; dmsetup create mpatha --table '0 8 zero'; }
cp /tmp/good $snapshot
start_guard
expect "alias taken: the map is made" $mpath_boot wait --timeout 5
expect "under its WWID" test -e /dev/mapper/$wwid
expect "and it is said" grep -q 'the name belongs to' /run/mpath-boot/log
kill "$(status pid)"
nap 0.3
dmsetup remove_all

snapshot_begin; snapshot_map 36001405000000000000000000000dead ghost 2; snapshot_end
start_guard
status=0
$mpath_boot wait --timeout 2 2> /tmp/said || status=$?
expect_same "a WWID that never appears: time-out" 1 $status
expect "the message names it" grep -q 'map ghost (36001405000000000000000000000dead): no path has appeared' /tmp/said
cat /tmp/said

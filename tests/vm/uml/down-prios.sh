# SPDX-License-Identifier: GPL-2.0-or-later
#
# Paths that are down have a priority all the same, and count in the grouping: two that are down in different states are two groups, as multipath has them.
#
#   sda ── group 1, optimized ─────┐
#   sdb ── group 2, standby ───────┼─ LIO LUN      with directio sdb and sdc are down
#   sdc ── group 3, unavailable ───┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

truncate -s 16M /tmp/lun
start_udev
lio_paths /tmp/lun 3 $serial
udevadm settle
path_alua sdb standby
path_alua sdc unavailable
cat > /etc/multipath.conf <<-CONF
	defaults {
		find_multipaths no
	}
	overrides {
		detect_checker no
		path_checker directio
		detect_prio no
		prio alua
		path_grouping_policy group_by_prio
		no_path_retry fail
	}
CONF
modprobe -a dm_multipath dm_service_time
multipath -v1
theirs=$(dmsetup table $wwid)
say "theirs: $theirs"
groups() { echo "$1" | grep -o 'service-time 0 [0-9]* [0-9 :]*' | sed 's/service-time 0 [0-9]* [0-9]* //; s/\([0-9]*:[0-9]*\) [0-9]*/\1/g' | xargs; }
mpath-snapshot create --map $wwid -o /run/snapshot || fail "no snapshot"
multipath -F
mkdir -p /etc/mpath-boot
cp /run/snapshot $snapshot
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
three() { [ "$(map_paths $wwid)" = 3 ]; }
expect "the guard's map has all three" wait_until 5 three
ours=$(dmsetup table $wwid)
say "ours:   $ours"
expect_same "in the same groups" "$(groups "$theirs")" "$(groups "$ours")"
expect_same "the two that are down apart" 3 "$(echo "$ours" | grep -o 'service-time' | wc -l)"

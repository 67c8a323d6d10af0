# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# failback while no multipathd runs: manual stays, seconds wait, followover goes back when the failed path of the best group itself is back, and not when somebody has
# switched. (immediate: no-path-retry.sh)
#
#   manual, later, follow: LIO LUNs, each with one path in an optimized group and one in a nonoptimized

. /run/src/tests/vm/uml/guest/boot.sh

maps='manual later follow'
snapshot_begin
n=0
for map in $maps; do
	n=$((n + 1))
	case $map in manual) failback='"manual"' ;; later) failback=4 ;; follow) failback='"followover"' ;; esac
	snapshot_map 36001405${n}000000000000000000000000 $map 2 'path_grouping_policy "group_by_prio"' 'hardware_handler "1 alua"' 'prio "alua"' "failback $failback"
done
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
n=0
for map in $maps; do
	n=$((n + 1))
	truncate -s 8M /tmp/$map
	lio_lun $map /tmp/$map ${n}000000000000000000000000
	lio_path $map optimized
	eval "best_$map=$disk"
	lio_path $map nonoptimized
done
start_guard
expect "wait returns" $mpath_boot wait --timeout 10

current() { dmsetup status "$1" | grep -oE '[AED] 0 1 [0-9] [0-9]+:[0-9]+' | grep -n '^A' | cut -d: -f1; }
all() { for map in $maps; do "$@"; done; }
best() { eval "echo \$best_$1"; }
uses() { [ "$(current "$1")" = "$2" ]; }
for map in $maps; do
	read_block $map
	expect_same "$map uses its best group" 1 "$(current $map)"
	path_offline "$(best $map)"
	read_block $map
	expect_same "and the other when its path fails" 2 "$(current $map)"
done
for map in $maps; do path_running "$(best $map)"; done
start=$(now)
followed() { read_block follow; uses follow 1; }
expect "followover: back with its path" wait_until 4 followed
waited() { read_block later; uses later 1; }
expect "failback 4: back, too" wait_until 10 waited
took=$((($(now) - start) / 100000))
say "after $took tenths of a second"
expect "after 4 s" test $took -ge 38
nap 3
read_block manual
expect_same "manual: not" 2 "$(current manual)"
dmsetup message follow 0 switch_group 2
read_block follow
expect_same "somebody switches" 2 "$(current follow)"
nap 4
read_block follow
expect_same "followover leaves it so" 2 "$(current follow)"
dmsetup message later 0 switch_group 2
read_block later
expect "failback 4 does not" wait_until 8 waited
cat /run/mpath-boot/log | grep switched

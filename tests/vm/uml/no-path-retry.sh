# SPDX-License-Identifier: GPL-2.0-or-later
#
# no_path_retry 2 with checks every 2 s, and failback, while no multipathd runs: with every path away I/O waits 4 s and then fails; with the first path that
# is back the map queues again. The kernel uses the other group until the best one is back.
#
#   sda ── host 0 ── group 1, optimized ─────┐
#                                            ├─ LIO LUN
#   sdb ── host 1 ── group 2, nonoptimized ──┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map $wwid mpatha 2 'path_grouping_policy "group_by_prio"' 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry 2' 'failback "immediate"'
sed -i 's/polling_interval 5/polling_interval 2/' $snapshot
snapshot_end
truncate -s 16M /tmp/lun
lio_paths /tmp/lun 2 $serial
path_alua sdb nonoptimized
start_guard
expect "wait returns" $mpath_boot wait --timeout 10

group() { dmsetup status mpatha | sed 's/.* multipath [0-9]* [0-9]* [0-9]* [0-9]* [0-9]* [0-9]* \([0-9]*\) .*/\1/'; }
current() { # the number of the group in use: the one marked A
	dmsetup status mpatha | grep -oE '[AED] 0 1 [0-9] [0-9]+:[0-9]+' | grep -n '^A' | cut -d: -f1
}

read_block
expect_same "the optimized group is in use" 1 "$(current)"
path_offline sda
expect "a read goes through the other" within 5 read_block
expect_same "whose group is in use" 2 "$(current)"
path_running sda
back() { read_block; [ "$(current)" = 1 ]; }
expect "failback immediate: the optimized group is in use again" wait_until 10 back
expect "and it is said" grep -q 'switched to path group 1, from 2' /run/mpath-boot/log

expect "the map queues" queues
path_offline sda
path_offline sdb
start=$(now)
read_block &
reader=$!
nap 2
expect "a read waits" test -d /proc/$reader
expect "and fails" wait_until 8 gone $reader
took=$((($(now) - start) / 100000))
say "after $took tenths of a second"
expect "after 4 s and not much more" test $took -ge 38 -a $took -le 65
expect "the map does not queue now" sh -c '! dmsetup table mpatha | grep -q queue_if_no_path'
expect "the reason is said" grep -q 'no path for 4 s: I/O fails from now on (no_path_retry 2, snapshot line' /run/mpath-boot/log
path_running sdb
expect "with a path the map queues again" wait_until 10 queues
expect "and reads" within 5 read_block

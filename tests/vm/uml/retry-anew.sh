# SPDX-License-Identifier: GPL-2.0-or-later
#
# no_path_retry 5 with checks every second: the five seconds begin anew when a path was there in between, also if it was there while a multipathd had its lock
# and the guard did not count.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry 5'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
phase() { [ "$(status phase)" = "$1" ]; }
active() { [ "$(map_active mpatha)" = "$1" ]; }
all_off() { path_offline sda; path_offline sdb; read_block & reader=$!; }

all_off
expect "no path" wait_until 5 active 0
nap 1
# multipathd as far as the guard can see: it hangs before it is ready
multipathd -d > /dev/null 2>&1 &
daemon=$!
locked() { [ -s /run/multipathd.pid ]; }
wait_until 5 locked
kill -STOP $daemon
expect "the guard stands by" wait_until 5 phase standby
path_running sda
path_running sdb
expect "the read goes on" wait_until 5 gone $reader
nap 5	# longer than what was left
all_off
expect "no path again" wait_until 5 active 0
start=$(now)
kill -KILL $daemon
expect "multipathd has gone" wait_until 5 phase guard
expect "the read fails" wait_until 12 gone $reader
took=$((($(now) - start) / 100000))
say "after $took tenths of a second"
expect "after 5 s and not before" test $took -ge 45

# SPDX-License-Identifier: GPL-2.0-or-later
#
# The machine goes down while no multipathd runs: a map that queues for ever bridges a short loss of its paths as before, but I/O fails when they have been
# away for 10 s.
#
#   sda ── host 0 ─┐
#                  ├─ LIO LUN
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map $wwid mpatha 2 'no_path_retry "queue"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 2/' $snapshot
snapshot_end
truncate -s 16M /tmp/lun
lio_paths /tmp/lun 2 $serial
start_guard
expect "wait returns" $mpath_boot wait --timeout 10

active() { [ "$(map_active mpatha)" = "$1" ]; }

path_offline sda
path_offline sdb
read_block &
reader=$!
expect "no path is left" wait_until 20 active 0
nap 11
expect "a read waits for ever" test -d /proc/$reader
kill -USR1 "$(status pid)"
nap 2
expect "and 2 s after the word, too" test -d /proc/$reader
path_running sda
expect "a path that comes back in time is put to use" wait_until 5 gone $reader
expect "and all queues" queues

path_offline sda
start=$(now)
read_block &
reader=$!
expect "without a path the next read fails" wait_until 20 gone $reader
took=$((($(now) - start) / 100000))
say "after $took tenths of a second"
expect "after 10 s and not much more" test $took -ge 98 -a $took -le 140
expect "the reason is said" grep -q 'no path for 10 s: I/O fails from now on (the machine goes down)' /run/mpath-boot/log
path_running sdb
expect "with a path it is read" wait_until 10 read_block
expect "by the same guard" test -d "/proc/$(status pid)"

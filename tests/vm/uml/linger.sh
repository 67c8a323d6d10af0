# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# Root's map is somebody else's (multipathd's, or nobody's), and queues for ever. mpath-boot linger, once told that the machine goes down, ends that when no
# path has been there for 10 s; not before it is told, not while there is a path, and again when somebody switches queueing on. It tells a guard, too, and keeps
# what PID 1 is made of in memory, and what it is told to.
#
#   sda ── host 0 ─┐
#                  ├─ LIO LUN
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map $wwid mpatha 2 'no_path_retry "queue"'
snapshot_end
truncate -s 16M /tmp/lun
lio_paths /tmp/lun 2 $serial
start_guard
expect "wait returns" $mpath_boot wait --timeout 10

start_reader() {
	read_block &
	reader=$!
}
queues_not() { ! queues; }
message() { dmsetup message mpatha 0 "$@"; }
start_linger() {
	$mpath_boot linger "$@" &
	linger=$!
	expect "it is there, and nothing of it can leave memory" wait_until 5 grep -q '^VmLck:[[:space:]]*[1-9]' /proc/$linger/status
}
said() { dmesg | grep -q "mpath-boot: .*$1"; }

start_linger
locked_kb() { awk '$1 == "VmLck:" { print $2 }' /proc/$linger/status; }
without=$(locked_kb)
sed -n 's,^[^/]*\(/.*\),\1,p' /proc/1/maps | sort -u > /tmp/of-init
expect "PID 1 is made of files" test -s /tmp/of-init
while read -r file; do
	expect "$file of PID 1 is kept" grep -q " $file\$" /proc/$linger/maps
done < /tmp/of-init
kill -TERM $linger
wait $linger
dd if=/dev/zero of=/tmp/program bs=1M count=3 2> /dev/null
start_linger /tmp/program /tmp/there-is-none
expect "a program is kept, too, and one that is not there is left out" test $(($(locked_kb) - without)) -ge 3072
kill -USR1 $linger
expect "the guard is told that the machine goes down" wait_until 5 grep -q 'the machine goes down' /run/mpath-boot/log
kill -TERM $linger
expect "it ends when it is told to, and nobody hangs" wait_until 5 gone $linger
guard=$(status pid)
kill -TERM "$guard"
expect "the guard has left, and root queues" wait_until 5 gone "$guard"
expect "as before" queues

start_linger
path_offline sda
path_offline sdb
start_reader
nap 13
expect "nobody is told: a read waits for ever" test -d /proc/$reader
expect "and root queues" queues
kill -USR1 $linger
nap 5
path_running sda
message reinstate_path "$(cat /sys/block/sda/dev)"
expect "a path is back after 5 s: it is read" wait_until 5 gone $reader
nap 11
expect "with a path root queues on" queues

path_offline sda
start=$(now)
start_reader
nap 2
kill -TERM $linger
expect "everybody is told to end, which it does not while one hangs" test -d /proc/$linger
expect "the read fails" wait_until 20 gone $reader
took=$((($(now) - start) / 100000))
say "after $took tenths of a second"
expect "after 10 s and not much more" test $took -ge 98 -a $took -le 140
expect "the reason is said" said 'no path for 10 s: I/O fails from now on (the machine goes down)'
expect "it has ended then" wait_until 5 gone $linger

start_linger
message queue_if_no_path
kill -USR1 $linger
expect "another one, told at once, ends it after 10 s" wait_until 15 queues_not
message queue_if_no_path
expect "and within 2 s when somebody switches it on again" wait_until 2 queues_not
path_running sda
message reinstate_path "$(cat /sys/block/sda/dev)"
expect "a path is back: it queues again" wait_until 5 queues
kill -TERM $linger
expect "it ends" wait_until 5 gone $linger

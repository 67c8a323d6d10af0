# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# The program for the machine's end, on a root whose paths are gone. mpath-boot linger --shutdown puts a copy of mpath-boot in its place once I/O fails. That runs
# the program where it can be run, and where it cannot (another one has come that was never in memory; the file system refuses everything) ends the machine
# itself: here a PID namespace, whose init dies by SIGINT for a poweroff, and by SIGHUP for a reboot (reboot(2)).
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /sysroot, with the program
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial
program=/sysroot/systemd/systemd-shutdown

snapshot_begin
snapshot_map $wwid mpatha 2 'no_path_retry "queue"'
snapshot_end
root_disk /tmp/root.img
start_udev ours
start_guard
lio_paths /tmp/root.img 2 $serial
expect "wait returns" $mpath_boot wait --timeout 10
mount -t ext4 -o noatime /dev/mapper/mpatha-part1 /sysroot
mkdir -p /sysroot/systemd

make_program() {
	printf '#!/bin/sh\necho "%s: $*" > /tmp/ran\n' "$1" > $program.new
	chmod 755 $program.new
	mv $program.new $program
	sync
}
start_linger() {
	$mpath_boot linger --shutdown $program &
	linger=$!
	expect "linger is there" wait_until 5 grep -q '^VmLck:[[:space:]]*[1-9]' /proc/$linger/status
	expect "and keeps the copy in memory, too" grep -q ' /run/mpath-boot/systemd-shutdown$' /proc/$linger/maps
}
is_covered() { grep -q "/systemd-shutdown /.*/systemd-shutdown " /proc/self/mountinfo; }
paths() { local disk; for disk in sda sdb; do "path_$1" $disk; done; }
paths_back() {
	local disk
	paths running
	for disk in sda sdb; do dmsetup message mpatha 0 reinstate_path "$(cat /sys/block/$disk/dev)"; done
	dmsetup message mpatha 0 queue_if_no_path
}
end_linger() {
	kill -TERM $linger
	expect "linger ends" wait_until 5 gone $linger
}
# run_last VERB: as PID 1; $? is what became of it
run_last() { unshare -p -f $program "$1" --log-level 6 --timeout 90000000us; }

make_program first
start_linger
paths offline
kill -USR1 $linger
nap 5
expect "not covered before I/O fails" test "$(is_covered || echo no)" = no
expect "covered then" wait_until 20 is_covered
run_last reboot
expect_same "what can be read is run, as PID 1 wants it" "first: reboot --log-level 6 --timeout 90000000us" "$(cat /tmp/ran)"
expect "and no longer covered" test "$(is_covered || echo no)" = no
end_linger

paths_back
start_linger
make_program second
rm /tmp/ran
paths offline
echo 1 > /proc/sys/vm/drop_caches
kill -USR1 $linger
expect "covered again, though by then it is another file" wait_until 20 is_covered
code=0
run_last poweroff || code=$?
expect "it could not be run" test ! -e /tmp/ran
expect_same "the end is a poweroff" $((128 + 2)) $code
expect "which is said" eval 'dmesg | grep -q "unable to run .*/systemd-shutdown: I/O error; poweroff without it"'
end_linger

paths_back
make_program third
start_linger
paths offline
kill -USR1 $linger
expect "covered a third time" wait_until 20 is_covered
/run/build/fsdown /sysroot
code=0
run_last reboot || code=$?
expect "what is in memory could not be run" test ! -e /tmp/ran
expect_same "the end is a reboot" $((128 + 1)) $code
end_linger

# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# A guard that falls over is back by itself, behind switch_root, with no udevd, no program that could be read from root, and no path that it knew: all have gone, and come
# back under other names. Whoever falls over again and again does so with pauses.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

active() { [ "$(map_active mpatha)" = "$1" ]; }
guards() { grep -c ' guard-start ' /run/mpath-boot/events; }
parent_of() { cut -d' ' -f4 "/proc/$1/stat"; }
# fall SIGNAL: the guard does, and another one is there
another() { pid=$(status pid); [ -n "$pid" ] && [ "$pid" != "$old" ] && [ -d "/proc/$pid" ]; }
fall() { old=$(status pid); kill "-$1" "$old"; wait_until 15 another; }

case $stage in
initrd)
	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "group_by_prio"'
	sed -i 's/polling_interval 5/polling_interval 1/' $snapshot
	snapshot_end
	root_disk /tmp/root.img
	start_udev ours
	start_guard --initrd
	$mpath_boot wait --timeout 20 &
	waiting=$!
	nap 1
	expect "a guard falls over while root is waited for" fall ABRT
	expect "and again" fall ABRT
	nap 1
	lio_paths /tmp/root.img 2 $serial
	expect "who waited from the first one on has root" wait $waiting
	expect "so has who waits now" $mpath_boot wait --timeout 10
	expect "a guard that falls over is back" fall SEGV
	expect "it has the map ready" $mpath_boot wait --timeout 1
	path_host sda > /run/host.a
	path_host sdb > /run/host.b
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	mpath_boot=/run/build/mpath-boot
	expect "the guard knows of switch_root" grep -q ' switch-root' /run/mpath-boot/events
	parent=$(parent_of "$(status pid)")
	expect_same "whoever starts it again is marked as root storage, too" "@" "$(head -c 1 "/proc/$parent/cmdline")"
	expect_same "all of its memory is locked" "$(sed -n 's/^VmRSS:\s*\([0-9]*\).*/\1/p' "/proc/$parent/status")" "$(sed -n 's/^VmLck:\s*\([0-9]*\).*/\1/p' "/proc/$parent/status")"
	expect_same "and the kernel never chooses it" -1000 "$(cat "/proc/$parent/oom_score_adj")"
	say "it has $(sed -n 's/^VmRSS:\s*//p' "/proc/$parent/status"), the guard $(sed -n 's/^VmRSS:\s*//p' "/proc/$(status pid)/status")"

	kill -STOP "$(status pid)"
	path_remove sda
	path_remove sdb
	lio_path lun$serial	# takes a name
	kill -KILL "$(status pid)"
	path_remove "$disk"
	path_rescan "$(cat /run/host.b)"
	path_rescan "$(cat /run/host.a)"
	all_in_use() { [ "$(guards)" = 5 ] && active 2; }
	expect "all paths are in use under other names" wait_until 10 all_in_use
	expect "root goes on" within 5 dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct
	expect_same "five guards in one log" 5 "$(guards)"
	expect_same "by the same parent" "$parent" "$(parent_of "$(status pid)")"
	expect "the log says what ended it" grep -q 'the guard before this one was ended by signal 9' /run/mpath-boot/log
	expect "so does the timeline" sh -c "$mpath_boot timeline | grep 'starts.*the one before it was ended: Killed'"
	expect_same "that root was switched to has been told once" 1 "$(grep -c ' switch-root' /run/mpath-boot/events)"
	expect "it answers" $mpath_boot list

	old=$(status pid)
	rm /run/mpath-boot/pid
	ln -s nowhere /run/mpath-boot/pid
	kill -SEGV "$old"
	nap 2
	expect "one that cannot start ends" test ! -d "/proc/$old" -a "$(status pid)" = "$old"
	rm /run/mpath-boot/pid
	expect "and it is tried again" wait_until 15 another

	expect "once more" fall ABRT
	start=$(now)
	expect "and soon again" fall ABRT
	took=$((($(now) - start) / 1000))
	expect "with a pause: $took ms" test $took -ge 150

	kill -TERM "$parent"
	kill -HUP "$parent"
	nap 1
	expect "who means the guard has to say so" test -d "/proc/$parent" -a -d "/proc/$(status pid)"
	kill -USR1 "$parent"
	expect "but that the machine goes down the guard is told" wait_until 5 grep -q 'the machine goes down' /run/mpath-boot/log
	expect "and a later one" fall SEGV
	expect "is, too" wait_until 5 sh -c "sed -n '/signal 11/,\$p' /run/mpath-boot/log | tac | sed '/signal 11/q' | grep 'the machine goes down'"
	guard=$(status pid)
	kill -TERM "$guard"
	expect "a guard that was told to go does" wait_until 5 gone "$guard"
	expect "for good" wait_until 5 gone "$parent"
	expect "and root goes on" within 5 dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct
	;;
esac

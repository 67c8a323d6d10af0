# SPDX-License-Identifier: GPL-2.0-or-later
#
# A guard that is killed, and one that a newer program relieves behind switch_root: the next one finds the maps, loads nothing, knows what has
# happened, fails and reinstates paths, and hands over.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

active() { [ "$(map_active mpatha)" = "$1" ]; }
# The table as it is loaded, without the count of the group in use
table() { dmsetup table mpatha; }
guards() { grep -c ' guard-start ' /run/mpath-boot/events; }
# Loads of a table and resumes of any map that the kernel has told of, but for news of paths
changes() { awk 'BEGIN { RS = "" } /DEVNAME=\/dev\/dm-/ && !/DM_ACTION/ { n++ } END { print n + 0 }' /run/uevents; }
failed_once() { $mpath_boot status | grep -q "$1 .*failed 1 times"; }
known() { $mpath_boot status | grep -q 'sda .*active ready'; }

case $stage in
initrd)
	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_checker "directio"' \
		'path_grouping_policy "group_by_prio"' 'failback "immediate"'
	sed -i 's/polling_interval 5/polling_interval 1/' $snapshot
	snapshot_end
	root_disk /tmp/root.img
	start_udev ours
	start_guard --initrd
	lio_paths /tmp/root.img 2 $serial
	expect "wait returns" $mpath_boot wait --timeout 10
	expect "both paths" wait_until 5 active 2
	udevadm settle
	udevadm monitor --kernel --property > /run/uevents &
	monitor=$!
	nap 0.2
	table > /run/table

	guard_kill
	path_offline sda
	dd if=/dev/mapper/mpatha of=/dev/null bs=64k count=64 iflag=direct 2> /dev/null
	dd if=/dev/mapper/mpatha of=/dev/null bs=64k count=64 iflag=direct 2> /dev/null
	expect "with nobody there a path fails" wait_until 5 active 1
	expect "status says so" sh -c "$mpath_boot status | grep 'guard: not running (last state)'"
	expect "a new guard starts" $mpath_boot guard --daemon --initrd
	expect "and has the map ready at once" within 1 $mpath_boot wait --timeout 1
	expect "it sees what has failed" wait_until 5 failed_once sda
	path_running sda
	expect "and reinstates it" wait_until 5 active 2
	guard_kill
	expect "one more" $mpath_boot guard --daemon --initrd
	expect "the third knows what the second saw" failed_once sda
	expect "nobody doubts it" sh -c "$mpath_boot guard --daemon --initrd 2>&1 | grep 'a guard is running already'"
	expect_same "three guards in one log" 3 "$(guards)"
	udevadm settle
	stop_udev
	kill $monitor
	expect_same "no map was loaded or resumed" 0 "$(changes)"
	expect_same "the table is what it was" "$(cat /run/table)" "$(table)"
	version=$($mpath_boot --version | sed -n 's/^mpath-boot //p')
	newer=$(echo "$version" | tr 0-9 9)
	sed "s/$version/$newer/g" $mpath_boot > /run/mpath-boot.new
	chmod 755 /run/mpath-boot.new
	expect "there is a newer program" test "$(/run/mpath-boot.new --version | head -n 1)" = "mpath-boot $newer"
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	mpath_boot=/run/mpath-boot.new
	old=$(cat /run/mpath-boot/pid)
	mkdir -p /etc/multipath
	printf '/%s/\n' "$wwid" > /etc/multipath/wwids
	printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tno_path_retry queue\n\t}\n}\n' "$wwid" > /etc/multipath.conf
	expect "a newer program relieves the guard, with the snapshot that this one has kept" $mpath_boot guard --daemon --replace
	expect "the old one is gone" gone "$old"
	expect "the new one is there" sh -c "$mpath_boot status | grep '^guard: pid [0-9]*, guard'"
	expect_same "four guards in one log" 4 "$(guards)"
	expect "the last is the newer one" sh -c "grep ' guard-start ' /run/mpath-boot/events | tail -n 1 | grep -F version=$($mpath_boot --version | sed -n 's/^mpath-boot //p')"
	expect_same "and says so in the state" "$($mpath_boot --version | sed -n 's/^mpath-boot //p')" "$(status mpath_boot)"
	expect "it has the paths" wait_until 2 known
	path_offline sdb
	dd if=/dev/mapper/mpatha of=/dev/null bs=64k count=64 iflag=direct 2> /dev/null
	dd if=/dev/mapper/mpatha of=/dev/null bs=64k count=64 iflag=direct 2> /dev/null
	expect "a path fails" wait_until 5 active 1
	path_running sdb
	expect "the new guard reinstates it" wait_until 5 active 2
	expect_same "the table is what it was" "$(cat /run/table)" "$(table)"
	start_udev
	start_multipathd
	left() { [ "$(status phase)" = "handed over" ]; }
	expect "it hands over" wait_until 10 left
	expect_same "multipathd loads nothing" 0 "$(map_json mpatha map_loads)"
	expect_same "nor did any guard but the first" 0 "$(grep -A 1000 -m 1 ' found ' /run/mpath-boot/events | grep -cE ' (created|reloaded|refused|left-out) ')"
	$mpath_boot timeline
	;;
esac

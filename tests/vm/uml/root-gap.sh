# SPDX-License-Identifier: GPL-2.0-or-later
#
# A whole life: root on the map, switch_root, every path fails in the gap while root is written to, comes back, and multipathd
# takes over without a reload.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

case $stage in
initrd)
	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_checker "directio"' \
		'path_grouping_policy "group_by_prio"' 'failback "immediate"'
	snapshot_end
	root_disk /tmp/root.img
	start_udev ours
	start_guard --initrd
	lio_paths /tmp/root.img 2 $serial
	expect "wait returns" $mpath_boot wait --timeout 10
	expect_same "both paths" 2 "$(map_paths mpatha)"
	expect "the partition's map is there" test -b /dev/mapper/mpatha-part1
	expect_same "devices for scripts" "/dev/mapper/mpatha /dev/mapper/mpatha-part1" "$($mpath_boot status --devices | xargs)"
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	guard=$(status pid)
	expect_same "the guard lives, marked as root storage" "@" "$(head -c 1 "/proc/$guard/cmdline")"
	expect_same "and its old root is empty" "" "$(ls "/proc/$guard/root/usr" 2>/dev/null)"
	mkdir -p /etc/multipath
	printf '/%s/\n' "$wwid" > /etc/multipath/wwids
	printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tno_path_retry queue\n\t}\n}\n' "$wwid" > /etc/multipath.conf
	active() { [ "$(map_active mpatha)" = "$1" ]; }
	expect "both paths are active" active 2
	dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct 2> /dev/null
	sync
	path_offline sda
	path_offline sdb
	{ dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct conv=notrunc 2> /dev/null && echo written > /run/written; } &
	expect "no path is left" wait_until 5 active 0
	nap 3
	expect "the write waits" test ! -e /run/written
	path_running sda
	path_running sdb
	start=$(now)
	expect "the guard reinstates them" wait_until 5 active 2
	say "reinstated after $((($(now) - start) / 1000)) ms"
	expect "the write goes through" wait_until 5 test -e /run/written
	expect_same "no error reached the file system" "" "$(dmesg | grep -iE 'EXT4-fs error|Buffer I/O error|remount' || :)"
	start_udev
	start_multipathd
	left() { [ "$(status phase)" = "handed over" ]; }
	expect "the guard hands over" wait_until 10 left
	expect_same "no reload" 0 "$(map_json mpatha map_loads)"
	expect_same "no switch of groups" 0 "$(map_json mpatha switch_grp)"
	cat /run/mpath-boot/log > /run/out/log.guard
	;;
esac

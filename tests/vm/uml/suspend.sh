# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# The machine is suspended in the gap, again with a path away, and again while multipathd starts: processes are frozen, disks are stopped and started. The guard goes on.
# (With all paths away the kernel itself does not suspend: it would write what is dirty first.)
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

suspend() { echo mem > /sys/power/state; }
active() { [ "$(map_active mpatha)" = "$1" ]; }
suspended() { [ "$(cat /sys/power/suspend_stats/success)" -ge "$1" ]; }
no_errors() { [ -z "$(dmesg | grep -iE 'EXT4-fs error|Buffer I/O error on dev dm|remounting')" ]; }

case $stage in
initrd)
	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "group_by_prio"'
	snapshot_end
	root_disk /tmp/root.img
	start_udev ours
	start_guard --initrd
	lio_paths /tmp/root.img 2 $serial
	expect "wait returns" $mpath_boot wait --timeout 10
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	mkdir -p /etc/multipath
	printf '/%s/\n' "$wwid" > /etc/multipath/wwids
	printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tno_path_retry queue\n\t\tpath_grouping_policy group_by_prio\n\t\tprio alua\n\t}\n}\n' "$wwid" > /etc/multipath.conf
	suspend
	expect "the machine was suspended in the gap" suspended 1
	expect "both paths are in use" wait_until 5 active 2
	path_offline sda
	dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct 2> /dev/null
	expect "a path fails" wait_until 5 active 1
	suspend
	expect "and again" suspended 2
	path_running sda
	expect "it is reinstated" wait_until 5 active 2
	path_offline sda
	path_offline sdb
	{ dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct conv=notrunc 2> /dev/null && echo written > /run/written; } &
	expect "no path is left" wait_until 5 active 0
	path_running sdb
	expect "the first that is back is reinstated" wait_until 3 active 1
	expect "the write goes through" wait_until 5 test -e /run/written
	path_running sda
	expect "both are back" wait_until 5 active 2
	start_udev
	modprobe -a dm_multipath dm_service_time
	multipathd
	suspend
	expect "while multipathd starts" suspended 3
	left() { [ "$(status phase)" = "handed over" ]; }
	expect "the guard hands over" wait_until 20 left
	expect_same "no reload" 0 "$(map_json mpatha map_loads)"
	expect "no error reached the file system" no_errors
	;;
esac

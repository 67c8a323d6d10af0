# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# After switch_root, while root is written to: the guard is stopped and continued, as systemd does it with everybody around the signals that it sends; multipathd is
# killed twice as it starts, and once when it has taken over. Each time paths go and come back.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

# The writer counts; it ends at the first error.
writer() {
	n=0
	while dd if=/dev/zero of=/sysroot/load bs=64k count=4 oflag=direct conv=notrunc 2> /run/writer; do
		n=$((n + 1))
		echo $n > /run/written
		nap 0.1
	done
	touch /run/writer-failed
}
written() { cat /run/written; }
gets_on() { [ ! -e /run/writer-failed ] && [ "$(written)" -gt $((before + 2)) ]; }
writes() { before=$(written); wait_until 30 gets_on; }
active() { [ "$(map_active mpatha)" = "$1" ]; }
phase() { [ "$(status phase)" = "$1" ]; }

case $stage in
initrd)
	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "group_by_prio"' 'failback "immediate"'
	sed -i 's,polling_interval 5,polling_interval 1,; s,max_polling_interval 20,max_polling_interval 2,' "$snapshot"
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
	guard=$(status pid)
	mkdir -p /etc/multipath
	printf '/%s/\n' "$wwid" > /etc/multipath/wwids
	printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tno_path_retry queue\n\t}\n}\n' "$wwid" > /etc/multipath.conf
	echo 0 > /run/written
	writer &
	writer=$!
	expect "root is written to" writes

	kill -STOP "$guard"
	path_offline sda
	path_offline sdb
	nap 2
	path_running sda
	path_running sdb
	kill -CONT "$guard"
	expect "stopped and continued, the guard has both paths in use" wait_until 30 active 2
	expect "root is written to" writes

	start_udev
	for round in 1 2; do
		rm -f /run/multipathd.pid
		multipathd -d > /dev/null 2>&1 &
		daemon=$!
		# it has its lock long before it is ready
		until [ -s /run/multipathd.pid ]; do :; done
		kill -STOP $daemon
		expect "$round: the guard stands by" wait_until 30 phase standby
		kill -KILL $daemon
		expect "$round: multipathd is gone, and the guard on guard again" wait_until 30 phase guard
		path_offline sda
		path_offline sdb
		expect "$round: no path is left" wait_until 30 active 0
		path_running sda
		path_running sdb
		expect "$round: the guard has both paths in use" wait_until 30 active 2
		expect "$round: root is written to" writes
	done
	expect_same "it is the same guard" "$guard" "$(status pid)"

	# its unit, too, comes after the events of the paths that went and came: a map that udev is not through with is one that it reloads
	udevadm settle --timeout=60
	start_multipathd
	expect "the guard hands over" wait_until 30 phase "handed over"
	expect_same "no reload" 0 "$(map_json mpatha map_loads)"
	path_offline sda
	kill -KILL "$(cat /run/multipathd.pid)"
	expect "without guard and multipathd root is written to through the other path" writes
	path_running sda
	start_multipathd
	expect "multipathd has both paths in use" wait_until 20 active 2
	expect "root is written to" writes
	expect_same "no error reached the file system" "" "$(dmesg | grep -iE 'EXT4-fs error|Buffer I/O error|remount' || :)"
	kill $writer
	;;
esac

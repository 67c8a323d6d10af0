# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# The dynamic flavour with an extension that the snapshot names; its files go with the initramfs; another one comes in behind switch_root, by
# mpath-boot extend; then all paths fail and come back as ever.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial
groups() { dmsetup table mpatha | sed 's/.*\(service-time\|round-robin\|queue-length\) 0 \([0-9]* [0-9]* [0-9:]*\).*/\2/'; }

case $stage in
initrd)
	snapshot_extension=example.so
	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'prio "example_host"' 'prio_args "1"' 'path_checker "trouble"' \
		'path_grouping_policy "group_by_prio"' 'failback "immediate"'
	snapshot_end
	root_disk /tmp/root.img
	start_udev ours
	start_guard --initrd 2> /run/said
	cat /run/said
	expect "what is missing is said" grep -q 'no checker "trouble"' /run/said
	expect "what has become of the extension, too" grep -q 'extension example.so: loaded' /run/mpath-boot/log
	lio_paths /tmp/root.img 2 $serial
	expect "wait returns" $mpath_boot wait --timeout 60
	expect_same "both paths" 2 "$(map_paths mpatha)"
	dmsetup table mpatha
	expect "the extension's priorities make two groups" sh -c 'dmsetup table mpatha | grep -q "2 1 service-time"'
	expect_same "the better one is that of host 1" "$(cat /sys/block/sdb/dev)" "$(dmsetup table mpatha | grep -o '[0-9]*:[0-9]*' | head -n 1)"
	$mpath_boot list
	expect "list asks the guard" sh -c "$mpath_boot list prios | grep -q '^example_host *extension example.so'"
	expect "list --self does not" sh -c "! $mpath_boot list --self prios | grep -q example_host"
	expect_same "root alone may ask" 600 "$(stat -c %a /run/mpath-boot/control)"
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	mpath_boot=/run/build/mpath-boot
	guard=$(status pid)
	expect_same "and its old root is empty" "" "$(ls "/proc/$guard/root/usr" 2>/dev/null)"
	active() { [ "$(map_active mpatha)" = "$1" ]; }
	expect "both paths are active" active 2
	mkdir /tmp/ext
	cp /run/build/ext/*.so /tmp/ext/
	for bad in start-null start-hang other-abi; do
		status=0
		$mpath_boot extend /tmp/ext/$bad.so > /tmp/said 2>&1 || status=$?
		cat /tmp/said
		expect_same "$bad: refused before it reaches the guard" 100 $status
	done
	chmod 666 /tmp/ext/trouble.so
	expect "nor one that others may write" sh -c "! $mpath_boot extend /tmp/ext/trouble.so"
	chmod 644 /tmp/ext/trouble.so
	$mpath_boot extend /tmp/ext/trouble.so
	expect "the guard has it" sh -c "$mpath_boot list | grep -q '^trouble *extension trouble.so'"
	expect "what it brings is used at once, and crashes at host 1" wait_until 30 grep -q 'checker trouble crashed at path sdb.*tur takes its place' /run/mpath-boot/log
	expect "which list says" sh -c "$mpath_boot list checkers | grep -q '^trouble.*crashed'"
	path_offline sda
	path_offline sdb
	dd if=/sysroot/etc/passwd of=/dev/null iflag=direct bs=4k 2> /dev/null &
	expect "no path is left" wait_until 30 active 0
	path_running sda
	path_running sdb
	expect "the guard reinstates them" wait_until 30 active 2
	expect_same "it is the same guard" "$guard" "$(status pid)"
	expect_same "and it has said it once" 1 "$(grep -c 'trouble crashed' /run/mpath-boot/log)"
	grep -E '^Vm(RSS|Lck)' "/proc/$guard/status"
	expect_same "threads do not need libgcc_s" "" "$(grep libgcc "/proc/$guard/maps" || :)"
	cat /run/mpath-boot/log > /run/out/log.guard
	;;
esac

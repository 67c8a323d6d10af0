# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# Behind switch_root, with no udevd alive: a path that was never there comes, one goes and comes back under another name, and both are used.
#
#   sda ── host 0 ─┐
#   sdb ── host 1 ─┼─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdc ── host 2 ─┘  comes late

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

active() { [ "$(map_active mpatha)" = "$1" ]; }
paths() { [ "$(map_paths mpatha)" = "$1" ]; }

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
	gone_udevd() { [ -z "$(pidof systemd-udevd)" ]; }
	expect "udevd is gone" wait_until 30 gone_udevd
	path_host sdb > /run/host
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	expect_same "no udevd" "" "$(pidof systemd-udevd)"
	expect "both paths" active 2
	lio_path lun$serial
	expect "a third one comes: it joins" wait_until 5 active 3
	path_remove sdb
	expect "one goes" wait_until 5 paths 2
	expect "the map lives on" dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct
	# its old name is taken meanwhile
	lio_path lun$serial
	expect_same "another one takes its name" sdb "$disk"
	expect "and joins" wait_until 5 active 3
	path_rescan "$(cat /run/host)"
	expect "the one that went comes back as sdd" wait_until 5 test -e /sys/block/sdd
	expect "and joins" wait_until 5 active 4
	path_offline sda; path_offline sdb; path_offline sdc
	expect "it is used" dd if=/dev/zero of=/sysroot/big bs=64k count=16 oflag=direct conv=notrunc
	expect_same "no error reached the file system" "" "$(dmesg | grep -iE 'EXT4-fs error|Buffer I/O error on dev dm|remounting' || :)"
	/run/build/mpath-boot status
	;;
esac

# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine's own test: a root file system on the map, assembled by the stock one-shot tool in the initramfs; behind
# switch_root the real multipathd takes the map over.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

conf() {
	cat > /etc/multipath.conf <<-CONF
		defaults {
			user_friendly_names yes
			find_multipaths no
			polling_interval 1
		}
	CONF
}

case $stage in
initrd)
	conf
	modprobe -a dm_multipath dm_service_time
	root_disk /tmp/root.img
	start_udev
	lio_paths /tmp/root.img 2
	udevadm settle
	expect "multipath makes a map" multipath -v1
	udevadm settle
	expect "with the root's partition" wait_until 5 test -e /dev/mapper/mpatha-part1
	stop_udev
	sleep 1000 &
	echo $! > /run/survivor
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	expect_same "the root is the map's partition" "$(cat /sys/block/dm-1/dm/name)" mpatha-part1
	survivor=/proc/$(cat /run/survivor)
	expect_same "a process of the initramfs is still there" "sleep 1000" "$(tr '\0' ' ' < "$survivor/cmdline" | xargs)"
	expect_same "but nothing of its root" "" "$(ls "$survivor/root/bin/" "$survivor/root/sbin/multipath" 2>/dev/null)"
	conf
	start_udev
	start_multipathd
	# LIO's entry in the hardware table says no_path_retry 12; the one-shot tool switched queueing off when it left
	expect_same "multipathd has to reload it for its queueing" 1 "$(map_json mpatha map_loads)"
	expect_same "with both paths" 2 "$(map_active mpatha)"
	;;
esac

# SPDX-License-Identifier: GPL-2.0-or-later
#
# A whole life: the guard assembles the map in the initramfs, survives switch_root, reinstates paths while there is no
# multipathd, and leaves when the real one has taken over.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

case $stage in
initrd)
	modprobe -a dm_multipath dm_service_time
	root_disk /tmp/root.img
	lio_paths /tmp/root.img 2
	snapshot_map mpatha "3$(scsi_naa sda)" sda 2 | snapshot /etc/mpath-boot/snapshot
	start_udev ours
	mpath-boot guard --daemon --initrd
	expect "the guard assembles the map" mpath-boot wait --timeout 10
	expect "with the root's partition" test -e /dev/mapper/mpatha-part1
	expect_same "and both paths" 2 "$(map_active mpatha)"
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	active() { [ "$(map_active mpatha)" = "$1" ]; }
	pid=$(cat /run/mpath-boot/pid)
	expect_same "the guard is still there" "@" "$(head -c 1 "/proc/$pid/cmdline")"
	path_offline sda
	path_offline sdb
	expect "all paths fail" wait_until 5 active 0
	path_running sda
	path_running sdb
	expect "and are reinstated" wait_until 5 active 2
	expect "I/O goes on" dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=1 iflag=direct

	printf 'defaults {\n\tuser_friendly_names yes\n\tfind_multipaths no\n}\n' > /etc/multipath.conf
	mkdir -p /etc/multipath
	echo "mpatha $(cut -d- -f2 /sys/block/dm-0/dm/uuid)" > /etc/multipath/bindings
	start_udev
	start_multipathd off_map
	expect_same "multipathd has nothing to reload" 0 "$(map_json mpatha map_loads)"
	expect "the guard leaves" wait_until 10 gone "$pid"
	expect_same "and nothing changes" 2 "$(map_active mpatha)"
	;;
esac

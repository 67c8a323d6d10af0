# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# An initramfs without udevd (busybox and mpath-boot): the real root's udevd, which has seen nothing of the maps, makes their links all the same, and multipathd
# has nothing to reload.
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
	modprobe -a dm_multipath dm_service_time
	start_guard --initrd
	lio_paths /tmp/root.img 2 $serial
	expect "wait returns" $mpath_boot wait --timeout 10
	expect "there is a link without udevd" test -b /dev/mapper/mpatha-part1
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	mkdir -p /etc/multipath
	printf '/%s/\n' "$wwid" > /etc/multipath/wwids
	printf 'defaults {\n\tfind_multipaths strict\n}\nmultipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tno_path_retry queue\n\t}\n}\n' "$wwid" > /etc/multipath.conf
	start_udev
	for map in mpatha mpatha-part1; do
		udevadm info -q property -n /dev/mapper/$map > /tmp/properties
		expect_same "udev takes $map for what it is" "" "$(grep -E 'DM_UDEV_DISABLE_(DISK|OTHER_RULES)_FLAG=1|SYSTEMD_READY=0' /tmp/properties || :)"
		expect "and knows its name" grep -qx "DM_NAME=$map" /tmp/properties
	done
	expect_same "the file system's link leads to the map" "$(readlink -f /dev/mapper/mpatha-part1)" "$(readlink -f /dev/disk/by-label/mpath-root)"
	expect_same "the disk's link leads to the map" "$(readlink -f /dev/mapper/mpatha)" "$(readlink -f "/dev/disk/by-id/dm-uuid-mpath-$wwid")"
	start_multipathd
	left() { [ "$(status phase)" = "handed over" ]; }
	expect "the guard hands over" wait_until 10 left
	expect_same "no reload" 0 "$(map_json mpatha map_loads)"
	expect_same "no switch of groups" 0 "$(map_json mpatha switch_grp)"
	cat /run/mpath-boot/log
	;;
esac

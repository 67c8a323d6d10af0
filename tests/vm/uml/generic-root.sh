# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 90
#
# A generic image on a machine it never saw: root by UUID on a map that the rules made, switch_root, all paths lost and found in the gap, and
# multipathd takes over without a reload.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
wwid=360014051234567890abcdef123456789
uuid=6d706174-6862-6f6f-7400-000000000001

case $stage in
initrd)
	printf 'defaults {\n\tfind_multipaths yes\n\tuser_friendly_names yes\n}\n' > /etc/multipath.conf
	mkdir -p /etc/mpath-boot
	mpath-snapshot create --generic -o $snapshot || fail "create"
	root_disk /tmp/root.img
	start_udev ours
	start_guard --initrd
	lio_paths /tmp/root.img 2 1234567890abcdef123456789
	expect "wait returns" $mpath_boot wait --timeout 10
	udevadm settle
	by_uuid() { [ "$(readlink -f /dev/disk/by-uuid/$uuid)" = "$(readlink -f /dev/mapper/mpatha-part1)" ]; }
	expect "root's UUID is the map's partition, not a path's" wait_until 5 by_uuid
	expect_same "both paths" 2 "$(map_paths mpatha)"
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	expect "no LUN is taken in any more" wait_until 5 grep -q "switch_root" /run/mpath-boot/log
	guard=$(cat /run/mpath-boot/pid)
	kill -SEGV "$guard"
	other() { [ "$(status pid)" != "$guard" ] && [ "$(status wwid)" = $wwid ]; }
	expect "a guard that falls over is started again, and has the map" wait_until 5 other
	active() { [ "$(map_active mpatha)" = "$1" ]; }
	path_offline sda
	path_offline sdb
	{ dd if=/dev/mapper/mpatha-part1 of=/dev/null bs=4k count=1 iflag=direct 2> /dev/null && echo read > /run/read; } &
	expect "no path is left" wait_until 8 active 0
	path_running sda
	path_running sdb
	expect "the guard reinstates them" wait_until 5 active 2
	expect "and the read goes through" wait_until 5 test -e /run/read
	printf 'defaults {\n\tfind_multipaths yes\n\tuser_friendly_names yes\n}\n' > /etc/multipath.conf
	mkdir -p /etc/multipath
	start_udev
	start_multipathd
	left() { [ "$(status phase)" = "handed over" ]; }
	expect "the guard hands over" wait_until 10 left
	expect_same "no reload, no switch of groups" "mpatha 0 0" "$(multipathd show maps raw format '%n %2 %1')"
	;;
esac

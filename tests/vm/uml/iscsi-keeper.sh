# SPDX-License-Identifier: GPL-2.0-or-later
#
# Root over two iSCSI portals, open-iscsi's own programs, and mpath-keeper from the initramfs to the real root's iscsid and beyond.
#
#   tgtd 1 ── 127.0.1.1:3260 ── sda ─┐
#                                    ├─ mpatha ── mpatha-part1 = /        (all in one guest: the targets outlive switch_root, too)
#   tgtd 2 ── 127.0.2.1:3260 ── sdb ─┘
#
# with: iscsi
# timeout: 240

. /run/src/tests/vm/uml/guest/boot.sh
iqn=iqn.2026-01.test:root
wwid=360000000000000000e00000000010001

# portal_start N [stopped]: tgtd N serves; the libraries are not the real root's
portal_start() {
	mkdir -p /run/tgt
	rm -f /run/tgt/socket$1*
	TGT_IPC_SOCKET=/run/tgt/socket$1 LD_LIBRARY_PATH=/run/added/usr/lib/x86_64-linux-gnu /run/added/usr/sbin/tgtd -f -C "$1" --iscsi "portal=127.0.$1.1:3260" > "/run/out/tgtd$1" 2>&1 &
	echo $! > "/run/tgt/pid$1"
	wait_until 10 portal_admin "$1" --mode target --op new --tid 1 --targetname $iqn || fail "tgtd $1 does not start"
	portal_admin "$1" --mode logicalunit --op new --tid 1 --lun 1 --backing-store /run/root.img
	portal_admin "$1" --mode logicalunit --op update --tid 1 --lun 1 --params vendor_id=MPBOOT,product_id=LAB,product_rev=1,scsi_sn=mpathboot1
	portal_admin "$1" --mode target --op bind --tid 1 --initiator-address ALL
}
portal_admin() {
	local n=$1; shift
	TGT_IPC_SOCKET=/run/tgt/socket$n LD_LIBRARY_PATH=/run/added/usr/lib/x86_64-linux-gnu /run/added/usr/sbin/tgtadm -C "$n" --lld iscsi "$@" 2> /dev/null
}
portal_kill() { kill -KILL "$(cat "/run/tgt/pid$1")"; }

active() { [ "$(map_active mpatha)" = "$1" ]; }
# iscsids N: so many listen to the kernel
iscsids() { [ "$(awk '$2 == 8 && $4 ~ /1$/' /proc/net/netlink | wc -l)" = "$1" ]; }
standing_by() { dmesg | grep -q "real root's iscsid .* takes the sessions over"; }

case $stage in
initrd)
	ip link set lo up
	# tgtd opens its file by path, also when it is started again in the real root
	root_disk /run/root.img
	modprobe -a iscsi_tcp sd_mod crc32c_generic libcrc32c 2> /dev/null || modprobe -a iscsi_tcp sd_mod
	portal_start 1

	mkdir -p /etc/iscsi /etc/mpath-boot /run/mpath-boot
	echo "InitiatorName=iqn.2026-01.test:guest" > /etc/iscsi/initiatorname.iscsi
	. /run/src/hooks/iscsi/image.sh
	image_keeper "" > /etc/mpath-boot/keeper.files
	for n in 1 2; do
		echo "$iqn 127.0.$n.1 3260 1 lo - - -"
		mkdir -p "/etc/iscsi/nodes/$iqn/127.0.$n.1,3260,1"
		printf '%s\n' "node.name = $iqn" "node.tpgt = 1" "node.startup = manual" "iface.iscsi_ifacename = default" "iface.transport_name = tcp" \
			"node.conn[0].address = 127.0.$n.1" "node.conn[0].port = 3260" "node.session.timeo.replacement_timeout = 5" \
			"node.session.initial_login_retry_max = 0" "node.conn[0].timeo.login_timeout = 5" \
			"node.conn[0].timeo.noop_out_interval = 5" "node.conn[0].timeo.noop_out_timeout = 5" > "/etc/iscsi/nodes/$iqn/127.0.$n.1,3260,1/default"
	done > /run/portals

	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'path_checker "tur"'
	snapshot_end
	start_udev ours
	start_guard --initrd
	expect "the keeper starts" mpath-keeper --recovery-tmo 5 /run/portals
	expect "the map comes with one portal" $mpath_boot wait --timeout 20
	expect_same "of one path" 1 "$(map_paths mpatha)"
	expect "one iscsid" iscsids 1
	portal_start 2
	two() { [ "$(map_paths mpatha)" = 2 ] && active 2; }
	expect "a portal that comes later is logged in to" wait_until 15 two
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	keeper=$(head -n 1 /run/mpath-boot/keeper.pid)
	expect_same "the keeper lives, marked as root storage" "@" "$(head -c 1 "/proc/$keeper/cmdline")"
	expect_same "and so does its iscsid" "@" "$(head -c 1 "/proc/$(tail -n 1 /run/mpath-boot/keeper.pid)/cmdline")"
	expect "nothing of the old root is held" test ! -e "/proc/$keeper/root/scripts"
	start_writer() { while :; do dd if=/dev/zero of=/sysroot/big bs=4k count=4 conv=notrunc,fsync 2> /dev/null || echo failed >> /run/writes; echo done >> /run/writes; nap 0.2; done; }
	start_writer &
	for n in 1 2; do
		portal_kill $n
		expect "portal $n is away: its path fails" wait_until 12 active 1
		portal_start $n
		expect "portal $n is back: so is its path" wait_until 15 active 2
	done
	portal_kill 1
	portal_kill 2
	expect "both are away" wait_until 15 active 0
	nap 5
	before=$(wc -l < /run/writes)
	portal_start 1
	portal_start 2
	expect "both are back" wait_until 20 active 2
	more() { [ "$(wc -l < /run/writes)" -gt $((before + 2)) ]; }
	expect "and writing goes on" wait_until 5 more

	# the real root's iscsid, with its own name, files and no records
	mkdir -p /etc/iscsi /run/lock
	echo "InitiatorName=iqn.2026-01.test:guest" > /etc/iscsi/initiatorname.iscsi
	echo "node.session.timeo.replacement_timeout = 120" > /etc/iscsi/iscsid.conf
	LD_LIBRARY_PATH=/run/added/usr/lib/x86_64-linux-gnu /run/added/usr/sbin/iscsid -f > /run/out/iscsid 2>&1 &
	real=$!
	expect "the keeper leaves the sessions to the real iscsid" wait_until 5 standing_by
	nap 1
	expect "there is one iscsid" iscsids 1
	expect "and two paths" wait_until 15 active 2
	nap 1
	expect_same "recovery_tmo is root's again" "5 5" "$(cat /sys/class/iscsi_session/*/recovery_tmo | xargs)"
	portal_kill 2
	expect "a portal is away: its path fails" wait_until 12 active 1
	portal_start 2
	expect "the real iscsid logs in again" wait_until 15 active 2

	kill -KILL $real
	portal_kill 1
	expect "the real iscsid is gone, a portal, too" wait_until 12 active 1
	portal_start 1
	expect "the keeper logs in" wait_until 20 active 2
	expect "there is one iscsid" iscsids 1
	expect_same "no write has failed" "" "$(grep failed /run/writes || :)"
	expect_same "no error reached the file system" "" "$(dmesg | grep -iE 'EXT4-fs error|Buffer I/O error|remount' || :)"
	cat /run/mpath-boot/log > /run/out/log.guard
	;;
esac

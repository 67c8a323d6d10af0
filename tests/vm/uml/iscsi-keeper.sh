# SPDX-License-Identifier: GPL-2.0-or-later
#
# Root over two iSCSI portals, open-iscsi's own programs, and mpath-keeper from the initramfs to the real root's iscsid and beyond.
#
#   tgtd 1 ── 127.0.1.1:3260 ── sda ─┐
#                                    ├─ mpatha ── mpatha-part1 = /        (all in one guest: the targets outlive switch_root, too)
#   tgtd 2 ── 127.0.2.1:3260 ── sdb ─┤
#   tgtd 3 ── 127.0.3.1:3260 ── sdc ─┘  only when the real root's iscsid is in charge
#
# with: iscsi
# timeout: 900

. /run/src/tests/vm/uml/guest/boot.sh
. /run/src/tests/vm/uml/guest/iscsi.sh

case $stage in
initrd)
	iscsi_prepare 127.0.1.1 127.0.2.1 127.0.3.1
	portal_start 1 127.0.1.1
	iscsi_boot
	expect "the map comes with one portal" $mpath_boot wait --timeout 180
	expect_same "of one path" 1 "$(map_paths mpatha)"
	expect "one iscsid" iscsids 1
	portal_start 2 127.0.2.1
	expect "a portal that comes later is logged in to" wait_until 90 paths 2
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
		expect "portal $n is away: its path fails" wait_until 90 active 1
		portal_start $n 127.0.$n.1
		expect "portal $n is back: so is its path" wait_until 90 active 2
	done
	portal_kill 1
	portal_kill 2
	expect "both are away" wait_until 90 active 0
	nap 5
	before=$(wc -l < /run/writes)
	portal_start 1 127.0.1.1
	portal_start 2 127.0.2.1
	expect "both are back" wait_until 90 active 2
	more() { [ "$(wc -l < /run/writes)" -gt $((before + 2)) ]; }
	expect "and writing goes on" wait_until 90 more

	# the real root's iscsid, with its own name, files and no records
	mkdir -p /etc/iscsi /run/lock
	echo "InitiatorName=iqn.2026-01.test:guest" > /etc/iscsi/initiatorname.iscsi
	echo "node.session.timeo.replacement_timeout = 120" > /etc/iscsi/iscsid.conf
	LD_LIBRARY_PATH=$libraries /run/added/usr/sbin/iscsid -f > /run/out/iscsid 2>&1 &
	real=$!
	expect "the keeper leaves the sessions to the real iscsid" wait_until 90 said "real root's iscsid .* takes the sessions over"
	nap 1
	expect "there is one iscsid" iscsids 1
	expect "and two paths" wait_until 90 active 2
	nap 1
	recovery() { [ "$(cat /sys/class/iscsi_session/*/recovery_tmo | xargs)" = "5 5" ]; }
	expect "recovery_tmo is root's again" wait_until 30 recovery
	portal_kill 2
	expect "a portal is away: its path fails" wait_until 90 active 1
	portal_start 2 127.0.2.1
	expect "the real iscsid logs in again" wait_until 90 active 2

	portal_start 3 127.0.3.1
	expect "a portal that nobody has ever reached is logged in to through the real one" wait_until 90 active 3
	expect "there is one iscsid" iscsids 1

	kill -KILL $real
	portal_kill 1
	expect "the real iscsid is gone, a portal, too" wait_until 90 active 2
	portal_start 1 127.0.1.1
	expect "the keeper logs in" wait_until 90 active 3
	expect "there is one iscsid" iscsids 1

	# one that cannot go on, as when it waits for a page of the root that queues
	LD_LIBRARY_PATH=$libraries /run/added/usr/sbin/iscsid -f > /run/out/iscsid 2>&1 &
	real=$!
	in_charge() { [ "$(dmesg | grep -c "real root's iscsid .* takes the sessions over")" = 2 ]; }
	expect "the real iscsid is in charge again" wait_until 90 in_charge
	nap 3
	expect "with all paths" wait_until 90 active 3
	kill -STOP $real
	for n in 1 2 3; do portal_kill $n; done
	expect "all portals are away, and the real iscsid is stuck" wait_until 90 active 0
	for n in 1 2 3; do portal_start $n 127.0.$n.1; done
	expect "the keeper ends it and logs in" wait_until 90 active 3
	expect "and says why" said "real root's iscsid .* does not log in: it waits for the root"
	expect "there is one iscsid" wait_until 30 iscsids 1
	expect_same "no write has failed" "" "$(grep failed /run/writes || :)"
	no_error
	;;
esac

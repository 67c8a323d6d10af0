# SPDX-License-Identifier: GPL-2.0-or-later
#
# Four portals in the snapshot: one refuses, one accepts and never answers, one is nowhere. The boot goes on with the fourth, degraded_after (3 s) later; the others
# join when they answer, and the one that came last is used like any other.
#
# with: iscsi
# timeout: 900

. /run/src/tests/vm/uml/guest/boot.sh
. /run/src/tests/vm/uml/guest/iscsi.sh

iscsi_prepare 127.0.1.1 127.0.2.1 192.0.2.1 127.0.4.1
ip route add blackhole 192.0.2.0/24 2> /dev/null || ip route add 192.0.2.0/24 dev lo
portal_start 2 127.0.2.1
portal_start 4 127.0.4.1
portal_stop 2
iscsi_boot
start=$(now)
expect "wait returns" $mpath_boot wait --timeout 180
say "root can be mounted $((($(now) - start) / 1000)) ms after mpath-keeper's start"
expect_same "one path" 1 "$(map_paths mpatha)"
# one behind the other, each dead portal would cost the five seconds of its login
at() { dmesg | sed -n "s/^.\{0,1\}\[ *\([0-9]*\)\.\([0-9]\).*$1.*/\1\2/p" | head -n 1; }
expect "three seconds after that path" test $(($(at "ready, but degraded") - $(at "mpatha: created"))) -lt 150
expect "whose login has waited for none of the others" test "$(at "logged in to")" -lt "$(at "trying on")"
tried() { [ "$(dmesg | grep -c 'iscsi: portal .*; trying on')" -eq 3 ]; }
expect "each says why it is not in" wait_until 60 tried
mkdir -p /sysroot
mount -t ext4 /dev/mapper/mpatha-part1 /sysroot
for n in 1 2; do
	if [ $n = 1 ]; then portal_start 1 127.0.1.1; else portal_cont 2; fi
	expect "portal $n answers: its path joins" wait_until 90 paths $((n + 1))
done
ip addr add 192.0.2.1/32 dev lo
portal_start 3 192.0.2.1
expect "portal 3 is there: its path joins" wait_until 90 paths 4
expect "each has said so once" tried
for n in 1 2 4; do portal_kill $n; done
expect "the others are away: that one carries root" wait_until 90 active 1
expect "reading goes on" dd if=/dev/mapper/mpatha of=/dev/null bs=1M count=8 iflag=direct
portal_start 1 127.0.1.1
expect "back" wait_until 90 active 2
# what served one address serves the other now
portal_start 4 127.0.2.1
portal_start 2 127.0.4.1
expect "another order of addresses" wait_until 90 active 4
no_error

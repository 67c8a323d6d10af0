# SPDX-License-Identifier: GPL-2.0-or-later
#
# A path that is connected and says nothing (its link is cut, its target hangs): noops notice in ten seconds, recovery_tmo gives I/O to the other path five seconds
# later, and when it speaks again it is used again. Then one target that knows another secret.
#
# with: iscsi
# timeout: 900

. /run/src/tests/vm/uml/guest/boot.sh
. /run/src/tests/vm/uml/guest/iscsi.sh

iscsi_prepare 127.0.1.1 127.0.2.1
portal_start 1 127.0.1.1
chap=yes
portal_start 2 127.0.2.1
chap=
iscsi_boot
expect "the map comes with one portal" $mpath_boot wait --timeout 180
expect "the other wants credentials, and that is said" wait_until 90 said "portal 127.0.2.1:3260 refuses our credentials"
portal_kill 2
portal_start 2 127.0.2.1
expect "it lets us in when it wants none" wait_until 90 paths 2
portal_stop 2
start=$(now)
expect "a mute portal: its path fails" wait_until 90 active 1
took=$((($(now) - start) / 1000))
say "noticed after $took ms"
expect "in seconds" test $took -lt 40000
expect "reading goes on" dd if=/dev/mapper/mpatha of=/dev/null bs=1M count=8 iflag=direct
nap 20
portal_cont 2
expect "it speaks again: so is its path" wait_until 90 active 2
expect "there is one iscsid" iscsids 1
no_error

# SPDX-License-Identifier: GPL-2.0-or-later
#
# rd.mpath_boot=0: the first portal that lets us in, and no other; none of multipath's short timeouts, and nobody who goes on trying.
#
# with: iscsi
# timeout: 900

. /run/src/tests/vm/uml/guest/boot.sh
. /run/src/tests/vm/uml/guest/iscsi.sh

iscsi_prepare 127.0.1.1 127.0.2.1 127.0.3.1
kill "$(cat /run/mpath-boot/pid)"	# switched off, there is no guard, which would set recovery_tmo
portal_start 2 127.0.2.1
portal_start 3 127.0.3.1
iscsi_boot one_path
expect_same "one session" "127.0.2.1" "$(cat /sys/class/iscsi_connection/*/persistent_address | xargs)"
expect_same "the kernel's recovery_tmo" 120 "$(cat /sys/class/iscsi_session/*/recovery_tmo)"
expect "no mpath-keeper" test ! -e /run/mpath-boot/keeper.pid
expect "no iscsid" iscsids 0

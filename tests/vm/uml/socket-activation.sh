# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# multipathd is to be started by whoever connects to its socket (multipathd.socket): the guard is not that one. Somebody else is, and then the guard hands over.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"'
snapshot_end
mkdir -p /etc/multipath
printf '/1Linux_scsi_debug_2000/\n' > /etc/multipath/wwids
printf 'multipaths {\n\tmultipath {\n\t\twwid 1Linux_scsi_debug_2000\n\t\talias mpatha\n\t}\n}\n' > /etc/multipath.conf
start_udev ours
scsi_debug_paths 1 2
udevadm settle
expect "the program is built (make tests)" test -x /run/build/activate
/run/build/activate > /dev/null 2>&1 &
daemon=$!
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
nap 4
expect "the guard has not touched the socket" test ! -e /run/activated
path_offline sda
dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=8 iflag=direct 2> /dev/null
one() { [ "$(map_active mpatha)" = 1 ]; }
expect "nor when a path fails" wait_until 5 one
path_running sda
expect "still not" test ! -e /run/activated
multipathd show daemon > /dev/null 2>&1 || :
expect "somebody else has" wait_until 5 test -e /run/activated
left() { [ "$(status phase)" = "handed over" ]; }
expect "the guard hands over to it" wait_until 20 left
expect_same "which holds the socket that it was given" "$daemon" "$(cat /run/multipathd.pid)"
expect_same "no reload" 0 "$(map_json mpatha map_loads)"
kill -KILL $daemon

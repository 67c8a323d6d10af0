# SPDX-License-Identifier: GPL-2.0-or-later
#
# multipathd has taken its lock and hangs before it is ready (here on a path that hangs; it is also read from the very root that it shall save).
# Every other path fails meanwhile and comes back: the guard, though standing by, reinstates one. A single failed path it leaves to multipathd. Then both go and
# come back under other names: after five seconds the guard loads one of them.
# timeout: 90
#
#   sda ── host 0 ──────────┐
#   sdb ── host 1 ──────────┼─ scsi_debug LUN 0      mpatha: sda sdb
#   sdc ── host 2 ── hangs ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry "queue"'
snapshot_end
start_udev ours
scsi_debug_paths 1 3
udevadm settle
mkdir -p /etc/multipath
printf '/1Linux_scsi_debug_2000/\n' > /etc/multipath/wwids
path_hang sdc
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
multipathd -d > /dev/null 2>&1 &
daemon=$!
standby() { [ "$(status phase)" = standby ]; }
expect "the guard stands by" wait_until 5 standby

active() { [ "$(map_active mpatha)" = "$1" ]; }
path_offline sda
dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=8 iflag=direct 2> /dev/null
expect "a path fails" wait_until 8 active 1
path_running sda
nap 3
expect "standing by, the guard leaves it so" active 1
path_offline sdb
{ dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=8 iflag=direct 2> /dev/null; echo done > /run/read; } &
expect "with the last path gone it gives one back" wait_until 8 test -e /run/read
expect "and still stands by" standby
path_running sdb
hosts="$(path_host sda) $(path_host sdb)"
path_remove sda
path_remove sdb
rm /run/read
{ dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=8 iflag=direct 2> /dev/null; echo done > /run/read; } &
expect "the table's paths are gone" wait_until 8 active 0
for host in $hosts; do path_rescan "$host"; done
nap 3
expect "multipathd is given time for those that come" active 0
expect "then they are loaded" wait_until 12 test -e /run/read
expect_same "with the reason" 1 "$(dmesg | grep -c 'multipathd leaves out those that are back' || :)"
expect "standing by all the while" standby
kill -KILL $daemon

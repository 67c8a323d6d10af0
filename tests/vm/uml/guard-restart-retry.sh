# SPDX-License-Identifier: GPL-2.0-or-later
#
# All paths are away, no_path_retry is over, the map fails I/O, and the guard is killed. The next one must know that queueing again, once a path is back, is
# its business: else root would fail I/O at the next blink.
#
#   sda ── host 0 ─┐
#   sdb ── host 1 ─┴─ scsi_debug LUN 0      mpatha

. /run/src/tests/vm/uml/guest/boot.sh

queueing() { dmsetup table mpatha | grep -q queue_if_no_path; }
failing() { ! queueing; }
active() { [ "$(map_active mpatha)" = "$1" ]; }

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'no_path_retry 2'
sed -i 's/polling_interval 5/polling_interval 1/' $snapshot
snapshot_end
start_udev ours
scsi_debug_paths 1 2
udevadm settle
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect "it queues" queueing
path_offline sda
path_offline sdb
expect "no path is left" wait_until 10 active 0
expect "after no_path_retry I/O fails" wait_until 10 failing
expect "the log has it" wait_until 2 grep -q ' gave-up map=mpatha' /run/mpath-boot/events
expect "the state has it" wait_until 2 grep -q 'gave_up 1' /run/mpath-boot/state
guard_kill
path_running sda
expect "nobody is there, so I/O fails" failing
expect "another guard starts" $mpath_boot guard --daemon
expect "the path is back" wait_until 10 active 1
expect "and the map queues again" wait_until 5 queueing
expect "the log has that, too" wait_until 2 grep -q ' queueing map=mpatha' /run/mpath-boot/events
expect_same "no table was loaded for it" 0 "$(grep -A 1000 -m 1 ' found ' /run/mpath-boot/events | grep -c ' reloaded ')"

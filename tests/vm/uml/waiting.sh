# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whoever looks at the console sees what the boot waits for and how long it still will: a path that hangs, one that has failed.
#
#   sda ── host 0 ───────────┐
#   sdb ── host 1 ── offline ┼─ scsi_debug LUN 0      mpatha
#   sdc ── host 2 ── hangs ──┘
# kernel: rd.mpath_boot.degraded_after=60

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 3 'designator "naa.33333330000007d0"'
snapshot_end
start_udev ours
scsi_debug_paths 1 3
udevadm settle
path_offline sdb
path_hang sdc
start_guard
status=0
$mpath_boot wait --timeout 10 2> /run/said || status=$?
cat /run/said
expect_same "the deadline passes" 1 "$status"
expect_same "two lines meanwhile, one at the end" 3 "$(wc -l < /run/said)"
expect "after two seconds" grep -q '^mpath-boot: waiting ([23] s, [78] s left) for map mpatha: sdb (1:0:0:0) is faulty.*; sdc (2:0:0:0) has not answered for [123] s$' /run/said
expect "and five more" grep -q '^mpath-boot: waiting ([789] s, [123] s left) for map mpatha: sdb (1:0:0:0) is faulty.*; sdc (2:0:0:0) has not answered for [6789] s$' /run/said
expect_same "the kernel log has it once" 1 "$(dmesg | grep -c 'mpath-boot: waiting for map mpatha: sdb .*; sdc (2:0:0:0) has not answered')"
expect "status tells how long" sh -c "$mpath_boot status | grep 'sdc .* no answer for [0-9]* s'"

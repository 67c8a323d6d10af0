# SPDX-License-Identifier: GPL-2.0-or-later
#
# A path that answers each check and fails soon after, again and again: it is held back for longer and longer while the other one works, and given back at once when
# that one is gone.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0
#   sdb ── host 1 ─┘  flaps

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"' \
	'no_path_retry "queue"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10

one() { [ "$(map_active mpatha)" = 1 ]; }
two() { [ "$(map_active mpatha)" = 2 ]; }
# flap: sdb fails I/O, and answers the next check
flap() { dmsetup message mpatha 0 fail_path 8:16; }
flap
expect "it fails once" wait_until 2 one
expect "and is back within two checks" wait_until 3 two
flap
expect "it fails again soon" wait_until 2 one
expect "and is back within two checks: once may be anything" wait_until 3 two
flap
expect "but the third time" wait_until 2 one
held() { grep -q 'path sdb fails soon after each return' /run/mpath-boot/log; }
expect "it is held back" wait_until 3 held
nap 2.5
expect "for more than two checks" one
expect "but not for ever" wait_until 6 two
flap
nap 1
expect_same "held back again" 1 "$(map_active mpatha)"
dmsetup message mpatha 0 fail_path 8:0
path_offline sda
expect "until it is the only one" wait_until 3 one
expect "at once" sh -c 'dmsetup status mpatha | grep -q "8:16 A"'
expect_same "what is said, is said once" 1 "$(grep -c 'path sdb fails soon after each return' /run/mpath-boot/log)"

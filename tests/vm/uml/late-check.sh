# SPDX-License-Identifier: GPL-2.0-or-later
#
# A check that was under way when the kernel failed its path, and one that says nothing, with intervals of 5 to 20 s: the one is repeated at once, the other reinstates
# no path.
#
#   sda ── host 0 ── group 1 ── optimized → transitioning ─┐
#                                                          ├─ LIO fileio LUN      mpatha
#   sdb ── host 1 ── group 2 ── optimized ─────────────────┘

. /run/src/tests/vm/uml/guest/boot.sh
wwid=36001405abcdef0000000000000000000

truncate -s 16M /tmp/lun
lio_paths /tmp/lun 2 abcdef
snapshot_begin
snapshot_map $wwid mpatha 2 'prio "alua"' 'path_grouping_policy "multibus"' 'no_path_retry "queue"'
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
active() { [ "$(map_active mpatha)" = "$1" ]; }

# ---- a guard that starts over a map whose paths have all failed, and are well again
guard_kill
path_offline sda
path_offline sdb
{ read_block && echo read > /run/read; } &
expect "no path is left" wait_until 5 active 0
path_running sda
path_running sdb
start=$(now)
start_guard
expect "they are reinstated" wait_until 10 active 2
took=$((($(now) - start) / 1000))
say "after $took ms"
expect "in a moment, not in 5 s" test $took -lt 3000
expect "and the read goes through" wait_until 5 test -e /run/read

# ---- what was known of a path before the kernel failed it counts no longer
echo 6000 > "$(cat /run/lio/sda)/trans_delay_msecs"
echo 1 > "$(cat /run/lio/sda)/alua_access_state" &
nap 0.3
expect "sda is in transition" sh -c "sg_rtpg -d /dev/sdb | grep -A1 'group id : 0x1 ' | grep -q transition"
dmsetup message mpatha 0 "fail_path $(cat /sys/block/sda/dev)"
nap 3
expect_same "sda is not reinstated before it has answered" 1 "$(map_active mpatha)"
expect "then it is" wait_until 12 active 2
cat /run/mpath-boot/log

# SPDX-License-Identifier: GPL-2.0-or-later
#
# The array moves a LUN from one port group to the other: of its own accord, slowly, and because it was told to. A path in transition is neither failed nor
# lost, and the groups of the map follow.
#
#   sda ── host 0 ── group 1 ── optimized     → transitioning → non-optimized ─┐
#                                                                              ├─ LIO fileio LUN      mpatha
#   sdb ── host 1 ── group 2 ── non-optimized → optimized ─────────────────────┘

. /run/src/tests/vm/uml/guest/boot.sh
wwid=36001405abcdef0000000000000000000

truncate -s 16M /tmp/lun
lio_paths /tmp/lun 2 abcdef
path_alua sdb nonoptimized
snapshot_begin
snapshot_map $wwid mpatha 2 'prio "alua"' 'path_grouping_policy "group_by_prio"' 'failback "immediate"' 'no_path_retry "queue"'
snapshot_end
sed -i '/^checksum/d; s/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
dmesg -n 1
prio_of() { grep -A20 "name \"$1\"" /run/mpath-boot/state | sed -n 's/^\t\tprio //p' | head -n 1; }
prios_are() { [ "$(prio_of sda) $(prio_of sdb)" = "$1" ]; }
groups() { dmsetup table mpatha | grep -oE '\b[0-9]+:[0-9]+\b' | xargs; }
groups_are() { [ "$(groups)" = "$1" ]; }
expect "sda is the better one" wait_until 5 prios_are "50 10"
expect_same "and the first" "8:0 8:16" "$(groups)"

# ---- implicitly: the array takes its time over it
echo 2500 > "$(cat /run/lio/sda)/trans_delay_msecs"
echo 1 > "$(cat /run/lio/sda)/alua_access_state" &
nap 0.3
expect_same "group 1 is in transition" transitioning "$(sg_rtpg -d /dev/sdb | grep -A1 'group id : 0x1 ' | grep -o 'transition[a-z]*')"
path_alua sdb optimized
expect "sdb is as good as sda was" wait_until 5 prios_are "50 50"
expect_same "no path is failed meanwhile" 2 "$(map_active mpatha)"
expect "I/O goes, be it only when the transition is over" within 8 dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=1 iflag=direct
expect "then sda is the worse one" wait_until 8 prios_are "10 50"
expect "and the last" wait_until 8 groups_are "8:16 8:0"
expect_same "no path has been failed" "" "$(grep -E 'faulty|failed' /run/mpath-boot/log || :)"

# ---- explicitly: SET TARGET PORT GROUPS
echo 0 > "$(cat /run/lio/sda)/trans_delay_msecs"
active() { [ "$(map_active mpatha)" = "$1" ]; }
expect "the array takes the command" sg_stpg --tp=0x1,0x2 --state=0,1 /dev/sda
expect "priorities" wait_until 8 prios_are "50 10"
expect "groups" wait_until 8 groups_are "8:0 8:16"
sg_stpg --tp=0x1,0x2 --state=0,3 /dev/sda
expect "an unavailable path is failed" wait_until 8 active 1
sg_stpg --tp=0x1,0x2 --state=1,0 /dev/sda
expect "and reinstated when it is available again" wait_until 8 active 2
expect "as the better one" wait_until 8 groups_are "8:16 8:0"

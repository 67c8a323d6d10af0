# SPDX-License-Identifier: GPL-2.0-or-later
#
# Commands that are never answered, and some that are answered late: a path is down when its checker's timeout is over, and not before; nobody waits for
# it; it is back when it answers.
#
#   a ── host 0 ─┐                                       c ── host 2 ─┐
#                ├─ scsi_debug LUN: slow, then mute      │            ├─ LIO fileio LUN      sane
#   b ── host 1 ─┘  odd                                  d ── host 3 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

scsi_debug_paths 1 2
truncate -s 8M /tmp/lun
lio_paths /tmp/lun 2 abcdef
c=${disks% *}
dmesg -n 1
debug() { echo "$2" > "/sys/bus/pseudo/drivers/scsi_debug/$1"; }
snapshot_begin
snapshot_map 333333330000007d0 odd 2 'checker_timeout 3' 'prio "alua"'
snapshot_map 36001405abcdef0000000000000000000 sane 2 'prio "alua"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
active() { [ "$(map_active "$1")" = "$2" ]; }
expect_same "all paths are in" "2 2" "$(map_active odd) $(map_active sane)"

# a second for each command
slow() { debug delay 100 2> /dev/null; }	# refused while one is under way
expect "its answers are late" wait_until 3 slow
nap 2.5
expect "but not too late" active odd 2
quick() { debug delay 0 2> /dev/null; }
wait_until 5 quick || fail "scsi_debug does not get quick again"

start=$(now)
debug opts 4
debug every_nth 1
expect "none is answered: the paths are failed" wait_until 10 active odd 0
took=$((($(now) - start) / 1000))
grep 'no answer within' /run/mpath-boot/log
say "failed after $took ms"
# two checks of a path are a second apart, and so are two looks at the map
expect "when the timeout is over, no sooner and no later" test $took -ge 2900 -a $took -lt 6500
start=$(now)
path_offline "$c"
expect "meanwhile a path of another map is failed" wait_until 5 active sane 1
path_running "$c"
expect "and reinstated" wait_until 5 active sane 2
say "in $((($(now) - start) / 1000)) ms"
expect "status is there" $mpath_boot status

debug opts 0
debug every_nth 0
expect "they answer again: the paths are reinstated" wait_until 15 active odd 2
expect "I/O goes" dd if=/dev/mapper/odd of=/dev/null bs=4k count=1 iflag=direct
cat /run/mpath-boot/log

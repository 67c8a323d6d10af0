# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# How often a path is asked: polling_interval first, twice as long after each good answer, up to max_polling_interval; from the start again after a failure. One that
# is down is asked every two seconds. And eh_deadline is set on the host of each path.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      polling_interval 1, max_polling_interval 8; each check is one command
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'path_grouping_policy "multibus"' 'eh_deadline 7'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 8/' $snapshot
snapshot_end
scsi_debug_paths 1 2
sent() { echo $(($(cat /sys/block/sdb/device/iorequest_cnt))); }
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "eh_deadline is set" "7 7" "$(cat /sys/class/scsi_host/"$(path_host sda)"/eh_deadline /sys/class/scsi_host/"$(path_host sdb)"/eh_deadline | xargs)"
before=$(sent)
nap 7.5
early=$(($(sent) - before))
say "in the first 7.5 s: $early commands"
expect "checks come at 1, 3 and 7 s" test $early -ge 2 -a $early -le 4
nap 8.5
before=$(sent)
nap 24
late=$(($(sent) - before))
say "later, in 24 s: $late commands"
expect "then every 8 s" test $late -ge 2 -a $late -le 4
two() { [ "$(map_active mpatha)" = 2 ]; }
one() { [ "$(map_active mpatha)" = 1 ]; }
path_offline sdb
expect "a path fails" wait_until 10 one
path_running sdb
start=$(now)
expect "and is back" wait_until 5 two
took=$((($(now) - start) / 100000))
say "after $took tenths of a second"
expect "within two seconds, not eight" test $took -le 25
before=$(sent)
nap 7.5
again=$(($(sent) - before))
say "then in 7.5 s: $again commands"
expect "and the intervals begin again" test $again -ge 2 -a $again -le 5

# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every answer takes longer than checker_timeout: the paths are failed for it, and reinstated when it has come, since nothing better is to be had.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0, which answers after 7 s      mpatha
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'path_checker "directio"' 'checker_timeout 5' 'path_grouping_policy "multibus"' \
	'no_path_retry "queue"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
delay() { { echo "$1" > /sys/bus/pseudo/drivers/scsi_debug/delay; } 2> /dev/null; }
slow() { delay 700; }	# 7 s of 100 ticks
expect "the array becomes slow" wait_until 20 slow
none() { [ "$(map_active mpatha)" = 0 ]; }
some() { [ "$(map_active mpatha)" -gt 0 ]; }
expect "no path answers in time" wait_until 30 none
: > /run/mpath-boot/log
expect "a late answer is better than none" wait_until 25 some
expect "and is told" grep -q 'path sd[ab] reinstated' /run/mpath-boot/log
cat /run/mpath-boot/log

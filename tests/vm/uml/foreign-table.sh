# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody else loads a table without one of the paths (a multipathd that starts does so with those that udev has not finished): the guard sees that, and takes the
# path for one that waits outside.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sda sdb, then sda, then sda sdb
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'path_grouping_policy "multibus"' 'no_path_retry "queue"'
snapshot_end
scsi_debug_paths 1 2
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "with both paths" 2 "$(map_active mpatha)"

dmsetup suspend mpatha
dmsetup load mpatha --table "0 16384 multipath 1 queue_if_no_path 0 1 1 service-time 0 1 1 $(cat /sys/block/sda/dev) 1"
dmsetup resume mpatha
expect_same "sdb is out" 1 "$(map_paths mpatha)"
expect "and comes back" wait_until 10 in_map sdb
expect "with a table of the guard's" grep -q 'mpatha: reloaded' /run/mpath-boot/log
cat /run/mpath-boot/log

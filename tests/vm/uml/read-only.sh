# SPDX-License-Identifier: GPL-2.0-or-later
#
# A LUN that is read-only at first (the target of a replication, say) and writable later: the map follows. The other way round it does not: a
# root that is mounted for writing gets its errors from the array, not from us; a read-only path that comes late is left out.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "multibus"'
snapshot_end
scsi_debug_paths 1 2
blockdev --setro /dev/sda
blockdev --setro /dev/sdb
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "a read-only map" 1 "$(blockdev --getro /dev/mapper/mpatha)"
expect_same "of both paths" 2 "$(map_paths mpatha)"
blockdev --setrw /dev/sda
blockdev --setrw /dev/sdb
rw() { [ "$(blockdev --getro /dev/mapper/mpatha)" = 0 ]; }
expect "becomes writable with them" wait_until 15 rw
expect_same "with both paths" 2 "$(map_paths mpatha)"

blockdev --setro /dev/sda
nap 1.5
expect "and stays so when one path is read-only" rw
expect_same "with both paths" 2 "$(map_paths mpatha)"
host=$(path_host sda)
path_remove sda
one() { [ "$(map_paths mpatha)" = 1 ]; }
two() { [ "$(map_paths mpatha)" = 2 ]; }
expect "a path that went is dropped" wait_until 5 one
path_rescan "$host"
expect "and joins when it is back" wait_until 5 two

# ---- its partition is what the map is: what mounts it is told the truth
guard_undo mpatha
truncate -s 16M /tmp/lun
mbr /tmp/lun 2048 8192
lio_paths /tmp/lun 2 abcdef
for disk in $disks; do blockdev --setro "/dev/$disk"; done
snapshot_begin
snapshot_map 36001405abcdef0000000000000000000 mpathb 2
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
ro_part() { [ "$(blockdev --getro /dev/mapper/mpathb-part1)" = "$1" ]; }
expect "a read-only map, a read-only partition" ro_part 1
for disk in $disks; do blockdev --setrw "/dev/$disk"; done
expect "it becomes writable with its map" wait_until 15 ro_part 0
expect "it is written to" dd if=/dev/zero of=/dev/mapper/mpathb-part1 bs=4k count=1 oflag=direct
cat /run/mpath-boot/log

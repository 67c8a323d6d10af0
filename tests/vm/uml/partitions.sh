# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where a map's partitions come from: the kernel's scan of its paths, also for a guard that starts anew; the snapshot where no path could be read. A map that somebody
# has removed is made again with its partitions.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN, one partition      mpatha, mpatha-part1; the snapshot knows a second one
#   sdb ── host 1 ─┘
#   sdc ── host 2 ─── scsi_debug LUN, nothing on it

. /run/src/tests/vm/uml/guest/boot.sh
wwid=36001405abcdef0000000000000000000
partition() { printf 'partition {\n\t\tnumber %s\n\t\tstart %s\n\t\tsize %s\n\t}' "$@"; }

truncate -s 16M /tmp/lun
mbr /tmp/lun 2048 8192
lio_paths /tmp/lun 2 abcdef
snapshot_begin
snapshot_map $wwid mpatha 2 "$(partition 1 2048 4096)" "$(partition 2 12288 8192)"
snapshot_end
sed -i '/^checksum/d; s/polling_interval 5/polling_interval 1/' $snapshot
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
parts() { ls /dev/mapper | grep -v -e control | xargs; }
expect_same "the kernel's partition" "mpatha mpatha-part1" "$(parts)"
expect_same "as large as the kernel says" 8192 "$(blockdev --getsz /dev/mapper/mpatha-part1)"

guard_kill
dmsetup remove mpatha-part1
rm -f /dev/mapper/mpatha-part1
start_guard
expect "another guard" $mpath_boot wait --timeout 10
nap 2
expect_same "does the same" "mpatha mpatha-part1" "$(parts)"
expect_same "and has its size from the kernel, too" 8192 "$(blockdev --getsz /dev/mapper/mpatha-part1)"

dmsetup remove mpatha-part1 mpatha
removed() { grep -q 'somebody removed it' /run/mpath-boot/log; }
expect "the guard sees that it is gone" wait_until 5 removed
back() { [ "$(dmsetup ls | cut -f1 | sort | xargs)" = "mpatha mpatha-part1" ]; }
expect "map and partition are made again" wait_until 5 back

# ---- a checker that passes paths which cannot be read
guard_undo mpatha-part1 mpatha
scsi_debug_paths 1 1
snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpathb 1 'designator "naa.33333330000007d0"' 'path_checker "emc_clariion"' "$(partition 1 2048 8192)"
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "the snapshot's partition" 8192 "$(dmsetup table mpathb-part1 | cut -d' ' -f2)"

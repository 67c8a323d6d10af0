# SPDX-License-Identifier: GPL-2.0-or-later
#
# One path of a map hangs with a read in it, the other works, and a third one comes. The kernel would wait for that read before it takes a new table, and
# stop all I/O meanwhile: the newcomer has to wait.
#
#   hangs ── host 1 ── LIO fileio LUN on a device-mapper device, which is suspended ─┐
#   works ── host 2 ─┐                                                                ├─ the same WWID      mpatha
#   late ─── host 3 ─┴ LIO fileio LUN on a file ──────────────────────────────────────┘

. /run/src/tests/vm/uml/guest/boot.sh
modprobe dm_mod

scsi_debug_paths 1 1
dmsetup create back --table "0 16384 linear $(cat "/sys/block/$disks/dev") 0"
[ -b /dev/mapper/back ] || dmsetup mknodes
truncate -s 8M /tmp/lun
lio_lun one /dev/mapper/back abcdef
lio_lun two /tmp/lun abcdef
lio_path one
hangs=$disk
lio_path two
works=$disk
snapshot_begin
snapshot_map 36001405abcdef0000000000000000000 mpatha 2 'path_grouping_policy "multibus"' 'no_path_retry "queue"' 'checker_timeout 5' \
	'path_checker "directio"'
snapshot_end
sed -i '/^checksum/d; s/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
active() { [ "$(map_active mpatha)" = "$1" ]; }
expect "with both paths" active 2

dmsetup suspend back
echo 3 > /proc/sys/vm/drop_caches	# the target reads through it
for n in 1 2 3 4; do { read_block && echo read > /run/read; } & done
expect "the path that hangs is failed" wait_until 20 active 1
expect "with something in it" grep -q '[1-9]' "/sys/block/$hangs/inflight"
expect "the other one works" within 3 read_block
lio_path two
ready() { grep -q "path $disk .*: ready" /run/mpath-boot/log; }
expect "the third is there" wait_until 5 ready
nap 2
expect "I/O goes on" within 3 read_block
expect_same "through the map as it was" 2 "$(map_paths mpatha)"
dmsetup resume back
expect "then the third joins" wait_until 10 in_map "$disk"
expect "and all are well" wait_until 10 active 3

# It hangs since a moment ago, and its next check is far away.
guard_undo mpatha
sed -i '/^checksum/d; s/polling_interval 1/polling_interval 20/; s/max_polling_interval 1$/max_polling_interval 20/' $snapshot
snapshot_end
path_remove "$disk"
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect "with both paths" active 2
nap 3
dmsetup suspend back
echo 3 > /proc/sys/vm/drop_caches
rm /run/read
for n in 1 2 3 4; do { read_block && echo read > /run/read; } & done
nap 0.3
lio_path two
expect "another one is there" wait_until 5 ready
expect "the path that hangs is failed" wait_until 20 active 1
expect "I/O goes on" within 3 read_block
expect_same "through the map as it was" 2 "$(map_paths mpatha)"
dmsetup resume back
expect "then the other one joins" wait_until 10 in_map "$disk"
cat /run/mpath-boot/log

# SPDX-License-Identifier: GPL-2.0-or-later
# with: blkid
#
# Another map than root's has lost its paths, and queues: who asks what is on all maps asks it, too, and must not wait for ever.
#
#   sda, sdb ── LIO LUN a ── mpatha ── mpatha-part1
#   sdc, sdd ── LIO LUN b ── mpathb, all paths gone

. /run/src/tests/vm/uml/guest/boot.sh
a=36001405abcdef0000000000000000000
b=36001405bbbbbb0000000000000000000

truncate -s 32M /tmp/a /tmp/b
mbr /tmp/a 2048 32768
lio_paths /tmp/a 2 abcdef
lio_paths /tmp/b 2 bbbbbb
snapshot_begin
snapshot_map $a mpatha 2 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry "queue"'
snapshot_map $b mpathb 2 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry "queue"'
snapshot_end
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
mke2fs -L theroot /dev/mapper/mpatha-part1 > /dev/null

path_offline sdc
path_offline sdd
active() { [ "$(map_active "$1")" = "$2" ]; }
read_block mpathb &
expect "the other one has no path" wait_until 10 active mpathb 0
mkdir -p /usr/lib/mpath-boot
cp /run/src/hooks/common/functions.sh /usr/lib/mpath-boot/
. /run/src/hooks/initramfs-tools/scripts/mpath-boot-functions
expect "who asks for what is on them gets an answer" within 20 mpath_boot_fill_blkid
cat /run/mpath-boot/blkid
expect "root is known" grep -q 'LABEL="theroot"' /run/mpath-boot/blkid
cp "$mpath_boot" /usr/bin/mpath-boot 2> /dev/null || :
find_root() { mpath_boot_find_map LABEL=theroot > /tmp/found; }
expect "it is found by its label, too" within 20 find_root
expect_same "and is the map's partition" /dev/mapper/mpatha-part1 "$(cat /tmp/found)"
start=$(now)
path_running sdc
expect "the other one is back" wait_until 10 active mpathb 1
mpath_boot_fill_blkid
took=$((($(now) - start) / 1000))
say "then it takes $took ms"

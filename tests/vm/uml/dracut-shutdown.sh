# SPDX-License-Identifier: GPL-2.0-or-later
#
# dracut's shutdown, at the very end: rounds of hooks until each has returned 0, the last with "final". Ours ends queueing, and removes the map when dm-shutdown has
# removed what is on it.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map $wwid mpatha 2 'no_path_retry "queue"'
snapshot_end
root_disk /tmp/root.img
start_udev ours
start_guard
lio_paths /tmp/root.img 2 $serial
expect "wait returns" $mpath_boot wait --timeout 10
mkdir -p /usr/lib/mpath-boot
cp /run/src/hooks/common/functions.sh /usr/lib/mpath-boot/

# as dracut's _check_shutdown sources them
round() { (. /run/src/hooks/dracut/51mpath-boot/mpath-boot-shutdown.sh "$@"); }

kill "$(status pid)"
expect "the map queues" queues
path_offline sda
path_offline sdb
read_block &
reader=$!
nap 1
expect "a read waits" test -d /proc/$reader
! round || fail "with a partition on the map the hook does not ask for another round"
ok "with a partition on the map it asks for another round"
expect "the map does not queue now: the read fails" wait_until 5 gone $reader
expect "the last round goes on all the same" round final
expect "and says why" sh -c 'dmesg | grep -q "mpath-boot: shutdown: map mpatha is still in use"'

dmsetup remove --noudevsync mpatha-part1
expect "the next round is enough" round
expect_same "the map is gone" "No devices found" "$(dmsetup ls)"
expect "it says so" sh -c 'dmesg | grep -q "mpath-boot: shutdown: map mpatha removed"'
expect "without a map there is nothing to do" round

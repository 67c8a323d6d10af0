# SPDX-License-Identifier: GPL-2.0-or-later
#
# There is no room in udev's database when it is through with the map: there will never be a record of it, and whoever waits for root is not held until his time
# is over.
#
#   sda ── host 0 ── LIO LUN       mpatha

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map "$wwid" mpatha 1
snapshot_end
truncate -s 8M /tmp/disk
start_udev ours
# one block, which is taken
mkdir -p /run/udev/data
mount -t tmpfs -o size=4k tmpfs /run/udev/data
echo x > /run/udev/data/x
start_guard
lio_paths /tmp/disk 1 $serial
expect "the map is there" wait_until 10 test -e /dev/mapper/mpatha
udevadm settle --timeout=30
expect "udev has no record of it" test ! -e "/run/udev/data/b$(dmsetup info -c --noheadings -o major,minor mpatha)"
expect "it might still be about to begin" sh -c "! $mpath_boot wait --timeout 2 2> /tmp/said"
expect "which is said" grep -q 'timed out: map mpatha: udev has not finished with it' /tmp/said
expect "10 s later nobody waits any more" $mpath_boot wait --timeout 12 2> /tmp/said
cat /tmp/said
expect "which is said, too" grep -q 'udev has no record of mpatha, and nothing left to do; going on' /tmp/said

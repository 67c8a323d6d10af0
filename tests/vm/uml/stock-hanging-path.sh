# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine's own test: one of two paths hangs on every command, and the stock tool makes no map at all.
#
#   sda ── host 0 (hangs) ─┐
#                          ├─ scsi_debug LUN 0      no map
#   sdb ── host 1 ─────────┘

scsi_debug_paths 1 2
printf 'defaults {\n\tfind_multipaths no\n\tuser_friendly_names yes\n}\n' > /etc/multipath.conf
modprobe -a dm_multipath dm_service_time
start_udev

path_hang sda
expect_same "sysfs says that the path is fine" running "$(cat /sys/block/sda/device/state)"
read_disk() { dd if="/dev/$1" of=/dev/null bs=4k count=1 iflag=direct; }
within 1 read_disk sda && status=0 || status=$?
expect_same "a read from it does not return" 124 $status
within 1 sg_turs /dev/sda && status=0 || status=$?
expect_same "nor does TEST UNIT READY" 124 $status
expect "a read from the other path does" within 2 read_disk sdb

within 3 multipath && status=0 || status=$?
expect_same "multipath hangs" 124 $status
expect_same "there is no map" "No devices found" "$(dmsetup ls)"

path_unhang sda
expect "and goes on when the path does" wait_until 10 test -e /dev/mapper/mpatha

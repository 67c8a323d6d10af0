# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine's own test: a LUN of the kernel's target, two target port groups in different states, a partition.
#
#   sda ── host 0 ── group 1 (optimized) ─────┐
#                                             ├─ LIO fileio LUN      groups: sda | sdb
#   sdb ── host 1 ── group 2 (nonoptimized) ──┘

truncate -s 16M /tmp/lun
mbr /tmp/lun 2048 8192 10240 2048
start_udev
lio_paths /tmp/lun 2 abcdef
udevadm settle
expect_same "two paths" "sda sdb" "$disks"
expect_same "with the partitions of the file" "10240 2048" "$(cat /sys/block/sda/sda2/start /sys/block/sdb/sdb2/size | xargs)"
expect_same "and the WWID of the serial number" 36001405abcdef0000000000000000000 "$(/lib/udev/scsi_id -g -u /dev/sda)"

path_alua sdb nonoptimized
printf 'defaults {\n\tfind_multipaths no\n\tpath_grouping_policy group_by_prio\n}\n' > /etc/multipath.conf
modprobe -a dm_multipath dm_service_time
expect "multipath makes a map" multipath -v1
prios() { multipath -ll | sed -n "s|.*prio=\([0-9]*\).*|\1|p" | xargs; }
expect_same "of two priorities" "50 10" "$(prios)"
path_alua sdb standby
path_alua sda unavailable
expect_same "which change" "0 1" "$(prios)"

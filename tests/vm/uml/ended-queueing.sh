# SPDX-License-Identifier: GPL-2.0-or-later
#
# A multipathd that ends before the guard has handed over switches off the queueing of the maps that it has seen (queue_without_daemon no). The guard, on guard again,
# switches it on.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sda sdb, held open as a root would
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry "queue"'
snapshot_end
mkdir -p /etc/multipath
printf '/1Linux_scsi_debug_2000/\n' > /etc/multipath/wwids
printf 'multipaths {\n\tmultipath {\n\t\twwid 1Linux_scsi_debug_2000\n\t\talias mpatha\n\t\tno_path_retry queue\n\t}\n}\n' > /etc/multipath.conf
start_udev ours
scsi_debug_paths 1 2
udevadm settle
start_guard --initrd	# it does not leave before switch_root
expect "wait returns" $mpath_boot wait --timeout 10
exec 9< /dev/mapper/mpatha
phase() { [ "$(status phase)" = "$1" ]; }
active() { [ "$(map_active mpatha)" = "$1" ]; }

start_multipathd
has_it() { multipathd show maps raw format %n 2> /dev/null | grep -q mpatha; }
expect "multipathd has the map" wait_until 20 has_it
expect "the guard stands by" wait_until 10 phase standby
expect "the map queues" queues
multipathd shutdown > /dev/null || :
expect "multipathd ends" wait_until 10 phase guard
expect "and has ended the queueing" grep -q 'multipathd has ended its queueing' /run/mpath-boot/log
expect "the map queues again" wait_until 5 queues
timeline() { $mpath_boot timeline | grep -q "$1"; }
expect "the timeline tells why" timeline 'multipathd has ended it: queueing again'
expect "and that multipathd is gone" timeline 'multipathd is gone: on guard again'

outage
exec 9<&-
cat /run/mpath-boot/log

# SPDX-License-Identifier: GPL-2.0-or-later
#
# multipathd is ready but will not have root's map (its disks are blacklisted): the guard stays, says so, and goes on
# reinstating paths. Then that multipathd dies, another one comes that knows the map, and gets it.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sda sdb, held open as a root would
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry "queue"'
snapshot_end
mkdir -p /etc/multipath
start_udev ours
scsi_debug_paths 1 2
udevadm settle
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
exec 9< /dev/mapper/mpatha

printf 'blacklist {\n\tdevice {\n\t\tvendor ".*"\n\t\tproduct ".*"\n\t}\n}\n' > /etc/multipath.conf
start_multipathd
said() { grep -q 'staying on guard' /run/mpath-boot/log; }
expect "the guard stays and says why" wait_until 20 said
expect "with what to type" grep -q 'multipath -a 1Linux_scsi_debug_2000' /run/mpath-boot/log
active() { [ "$(map_active mpatha)" = "$1" ]; }
path_offline sda
dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=8 iflag=direct 2> /dev/null || :
expect "a path fails" wait_until 8 active 1
path_running sda
expect "and is reinstated" wait_until 8 active 2
outage

multipathd shutdown > /dev/null || :
on_guard() { [ "$(status phase)" = guard ] && ! multipathd_idle; }
wait_until 10 on_guard || fail "multipathd does not end"
expect "the guard says so" wait_until 5 grep -q 'multipathd is gone: on guard again' /run/mpath-boot/log
printf '/1Linux_scsi_debug_2000/\n' > /etc/multipath/wwids
printf 'multipaths {\n\tmultipath {\n\t\twwid 1Linux_scsi_debug_2000\n\t\talias mpatha\n\t}\n}\n' > /etc/multipath.conf
start_multipathd
left() { [ "$(status phase)" = "handed over" ]; }
expect "the next one gets the map" wait_until 10 left
exec 9<&-

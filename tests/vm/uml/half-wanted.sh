# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 90
#
# multipathd takes one of two maps over, and will not have the other: the guard stays for that one, and leaves the first to multipathd.
#
#   sda, sdb ── LIO LUN a ── mpatha: multipathd's
#   sdc, sdd ── scsi_debug ── mpathb: blacklisted, the guard's

. /run/src/tests/vm/uml/guest/boot.sh
a=36001405abcdef0000000000000000000
b=1Linux_scsi_debug_2000

snapshot_begin
snapshot_map $a mpatha 2 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "group_by_prio"' 'no_path_retry "queue"'
snapshot_map $b mpathb 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "group_by_prio"' 'no_path_retry "queue"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 1/' $snapshot
snapshot_end
mkdir -p /etc/multipath
printf '/%s/\n/%s/\n' $a $b > /etc/multipath/wwids
printf 'mpatha %s\nmpathb %s\n' $a $b > /etc/multipath/bindings
printf 'defaults {\n\tuser_friendly_names yes\n\tpolling_interval 10\n\tmax_polling_interval 10\n}\nblacklist {\n\tdevice {\n\t\tvendor "Linux"\n\t\tproduct ".*"\n\t}\n}\n' > /etc/multipath.conf

start_udev ours
truncate -s 16M /tmp/a
lio_paths /tmp/a 2 abcdef
scsi_debug_paths 1 2
udevadm settle
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
reloads() { grep -c 'reloaded' /run/mpath-boot/log || :; }
before=$(reloads)	# a path may have come after the others
exec 9< /dev/mapper/mpathb	# as somebody who needs it would
start_multipathd
said() { grep -q "does not have the map of WWID $b.*staying on guard" /run/mpath-boot/log; }
expect "the guard stays and says why" wait_until 20 said

active() { [ "$(map_active "$1")" = "$2" ]; }
# fail_and_return MAP DISK
fail_and_return() {
	path_offline "$2"
	read_block "$1" || :
	expect "$1: a path fails" wait_until 8 active "$1" 1
	path_running "$2"
	expect "$1: and is reinstated" wait_until 25 active "$1" 2
}
fail_and_return mpatha sda
fail_and_return mpathb sdc
nap 2
events() { grep -c " $1 map=$2 .*by=$3" /run/mpath-boot/events; }
cat /run/mpath-boot/events
expect_same "the guard has not touched what multipathd has" 0 "$(($(events reinstated mpatha guard) + $(events failed mpatha guard)))"
expect "it has reinstated the path of the other" [ "$(events reinstated mpathb guard)" -ge 1 ]
expect_same "no map was loaded anew by it" "$before" "$(reloads)"

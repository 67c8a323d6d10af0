# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guard makes a map of two paths, keeps it in step with them, and multipathd takes it over without touching it.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sda sdb
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
# sg3-utils' rules make this WWID of the T10 designator, though there is an NAA one: identity and WWID are two things
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"' 'max_sectors_kb 200'
snapshot_end
mkdir -p /etc/multipath
start_udev ours
scsi_debug_paths 1 2
udevadm settle
expect "udev has claimed sda" grep -q DM_MULTIPATH_DEVICE_PATH=1 /run/udev/data/b8:0
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "the map has both paths" 2 "$(map_paths mpatha)"
expect_same "requests are no larger than they may be" "200 200 200" "$(cat /sys/block/sd[ab]/queue/max_sectors_kb "/sys/dev/block/$(status dev)/queue/max_sectors_kb" | xargs)"
expect "udev knows that it is ready" grep -q MPATH_DEVICE_READY=1 "/run/udev/data/b$(status dev)"
expect_same "the LUN's wwn link leads to the map" "$(readlink -f /dev/mapper/mpatha)" "$(readlink -f /dev/disk/by-id/wwn-0x33333330000007d0)"
$mpath_boot status
$mpath_boot status --json
dmsetup table

active() { [ "$(map_active mpatha)" = "$1" ]; }
path_offline sda
dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null || fail "I/O with one path"
expect "an offline path fails" wait_until 8 active 1
path_running sda
expect "it is reinstated" wait_until 8 active 2

printf '/1Linux_scsi_debug_2000/\n' > /etc/multipath/wwids
printf 'multipaths {\n\tmultipath {\n\t\twwid 1Linux_scsi_debug_2000\n\t\talias mpatha\n\t}\n}\n' > /etc/multipath.conf
start_multipathd
guard_left() { [ "$(status phase)" = "handed over" ]; }
expect "the guard hands over" wait_until 10 guard_left
expect_same "no reload" 0 "$(map_json mpatha map_loads)"
expect_same "no switch of groups" 0 "$(map_json mpatha switch_grp)"
cat /run/mpath-boot/log

# SPDX-License-Identifier: GPL-2.0-or-later
#
# The snapshot wants a device handler that cannot be had: the array has no ALUA any more, or the image lacks the module. The kernel refuses each table with it;
# root comes without. (User-Mode Linux has no device handlers, and takes any.)
#
#   sda ── host 0 ── scsi_debug LUN 0, TPGS 0

. /run/src/tests/vm/uml/guest/boot.sh

modprobe -a scsi_dh_alua dm_multipath dm_service_time
scsi_debug_paths 1 1 vpd_use_hostno=1
cat /sys/block/sda/device/dh_state

# with_handler NAME
with_handler() {
	snapshot_begin
	snapshot_map 1Linux_scsi_debug_2000 mpatha 1 'designator "naa.33333330000007d0"' "hardware_handler \"1 $1\"" 'path_grouping_policy "multibus"'
	snapshot_end
	start_guard
	expect "$1: wait returns" $mpath_boot wait --timeout 10
	expect_same "$1: with its path" 1 "$(map_active mpatha)"
	expect "$1: I/O goes" read_block
	dmsetup table mpatha
	cat /run/mpath-boot/log
	guard_undo mpatha
}
with_handler alua
rm -f /lib/modules/*/kernel/drivers/scsi/device_handler/scsi_dh_rdac*
with_handler rdac

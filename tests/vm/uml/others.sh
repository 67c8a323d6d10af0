# SPDX-License-Identifier: GPL-2.0-or-later
#
# A LUN that is multipath and none of root's: its paths get their links as without us, and a flag by which LVM and MD leave them alone. A LUN that nobody knows is as ever.
#
#   sda, sdb ── LIO fileio LUN      mpatha
#   sdc, sdd ── LIO fileio LUN      known by the snapshot: swap, then a RAID member
#   sde ─────── LIO fileio LUN      not known: swap

. /run/src/tests/vm/uml/guest/boot.sh

# swap FILE LETTER: its UUID ends with that
swap() {
	printf "SWAPSPACE2" | dd of="$1" bs=1 seek=4086 conv=notrunc 2> /dev/null
	printf "\\x01\\x00\\x00\\x00\\xff\\x0f\\x00\\x00\\x00\\x00\\x00\\x00mpathboot-swap-$2" | dd of="$1" bs=1 seek=1024 conv=notrunc 2> /dev/null
}
by_uuid() { ls /dev/disk/by-uuid/6d706174-6862-6f6f-742d-737761702d6$1 > /dev/null 2>&1; }
# raid FILE: a member of MD's version 1.2
raid() {
	dd if=/dev/zero of="$1" bs=4k count=2 conv=notrunc 2> /dev/null
	printf '\xfc\x4e\x2b\xa9\x01' | dd of="$1" bs=1 seek=4096 conv=notrunc 2> /dev/null
	printf '\x08' | dd of="$1" bs=1 seek=4240 conv=notrunc 2> /dev/null
}

for n in a b c; do truncate -s 16M /tmp/lun$n; done
swap /tmp/lunb b
swap /tmp/lunc c
snapshot_begin
snapshot_map 36001405aaaaaa0000000000000000000 mpatha 2
printf 'other {\n\twwid "36001405bbbbbb0000000000000000000"\n\tdesignator "naa.6001405bbbbbb0000000000000000000"\n}\n' >> $snapshot
snapshot_end
start_udev ours
start_guard
lio_paths /tmp/luna 2 aaaaaa
lio_paths /tmp/lunb 2 bbbbbb
other=$disks
lio_paths /tmp/lunc 1 cccccc
stranger=$disks
expect "wait returns" $mpath_boot wait --timeout 10
udevadm settle
property() { udevadm info -q property -n "/dev/$1" | sed -n "s/^$2=//p"; }
for disk in $other; do
	expect_same "$disk: LVM leaves it alone" 1 "$(property "$disk" DM_MULTIPATH_DEVICE_PATH)"
	expect_same "$disk: what is on it is seen" swap "$(property "$disk" ID_FS_TYPE)"
	expect_same "$disk: systemd has it" "" "$(property "$disk" SYSTEMD_READY)"
done
expect "there is a link to one of them" by_uuid 2
expect_same "$stranger: nothing is said of it" "" "$(property "$stranger" DM_MULTIPATH_DEVICE_PATH)$(property "$stranger" MPATH_BOOT_OTHER)"
expect_same "root's path" "1 mpath_member" "$(property sda DM_MULTIPATH_DEVICE_PATH) $(property sda ID_FS_TYPE)"
status=0; $mpath_boot claim "${other% *}" || status=$?
expect_same "claim alone knows only ours" 1 $status
expect_same "claim --others" MPATH_BOOT_OTHER=1 "$($mpath_boot claim --others "${other% *}")"

# MD takes what has this type
raid /tmp/lunb
raid /tmp/lunc
udevadm trigger --settle --action=change --subsystem-match=block
expect_same "what nobody knows is a member" linux_raid_member "$(property "$stranger" ID_FS_TYPE)"
for disk in $other; do expect_same "$disk is none" mpath_member "$(property "$disk" ID_FS_TYPE)"; done
expect_same "one map" mpatha "$(dmsetup ls --target multipath | cut -f1)"

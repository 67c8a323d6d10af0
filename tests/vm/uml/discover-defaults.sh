# SPDX-License-Identifier: GPL-2.0-or-later
# suite: trixie
#
# The built-in rules of assemble --discover are multipath-tools' defaults (since 0.9.6): of a LUN that no table of arrays knows they make the
# stock tool's map.
#
#   sda, sdd ── hosts 0, 3 ── active/optimized ──┐
#   sdb ─────── host 1 ────── nonoptimized ──────┼─ scsi_debug LUN 0
#   sdc ─────── host 2 ────── standby ───────────┘

mpath_boot=/usr/sbin/mpath-boot
modprobe -a dm_multipath dm_service_time
printf 'defaults {\n\tfind_multipaths on\n}\n' > /etc/multipath.conf
start_udev
scsi_debug_paths 1 4
udevadm settle
expect "assemble" $mpath_boot assemble --discover
ours=$(dmsetup table --target multipath)
dmsetup remove_all
udevadm settle
multipath
expect_same "the stock multipath makes the same" "$ours" "$(dmsetup table --target multipath)"

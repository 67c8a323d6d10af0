# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody holds one of two paths, so the kernel refuses a table with it: it is left out, the map is made of the other one, and it joins later.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sdb, then sda sdb
#   sdb ── host 1 ─┘      sda is in use as swap at first

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'hardware_handler "1 alua"' 'prio "alua"'
snapshot_end
scsi_debug_paths 1 2
modprobe -a dm_multipath dm_service_time
mkswap /dev/sda > /dev/null
swapon /dev/sda
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "the map has the other path" 1 "$(map_paths mpatha)"
refusals() { grep -c 'the kernel refused its table' /run/mpath-boot/log; }
expect "the refusal is said" [ "$(refusals)" -ge 1 ]
before=$(refusals)
nap 11
expect_same "once, though it is tried again and again" "$before" "$(refusals)"
expect "what is in the log is short" [ "$(wc -l < /run/mpath-boot/log)" -lt 20 ]
swapoff /dev/sda
two() { [ "$(map_paths mpatha)" = 2 ]; }
expect "the path joins when it is free" wait_until 10 two
expect "that is said, too" grep -q 'mpatha: reloaded' /run/mpath-boot/log
cat /run/mpath-boot/log

# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine's own test, with the stock tools: they make a map of two paths, and a path fails and comes back.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sda sdb
#   sdb ── host 1 ─┘

start_udev
scsi_debug_paths 1 2
udevadm settle
expect_same "two paths" "sda sdb" "$disks"

cat > /etc/multipath.conf <<-CONF
	defaults {
		user_friendly_names yes
		find_multipaths no
		polling_interval 1
	}
CONF
modprobe -a dm_multipath dm_service_time
expect "multipath makes a map" multipath -v1
expect_same "it has both paths" 2 "$(map_paths mpatha)"

start_multipathd
expect_same "multipathd takes it over without a reload" 0 "$(map_json mpatha map_loads)"
active() { [ "$(map_active mpatha)" = "$1" ]; }
path_offline sda
expect "an offline path fails" wait_until 5 active 1
expect "I/O goes on" dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=1 iflag=direct
path_running sda
expect "it is reinstated" wait_until 5 active 2

# SPDX-License-Identifier: GPL-2.0-or-later
#
# What does not come in the order that a boot has: a second guard, a stale pid file of multipathd's, a udevd that goes and comes, a clock that jumps, a guard that is
# stopped for a while, and one that is started when multipathd has everything already.
#
#   sda ── host 0 ─┐
#                  ├─ LIO LUN
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map $wwid mpatha 2 'path_grouping_policy "multibus"' 'hardware_handler "1 alua"' 'prio "alua"'
sed -i 's/polling_interval 5/polling_interval 1/; s/max_polling_interval 20/max_polling_interval 2/' $snapshot
snapshot_end
truncate -s 16M /tmp/lun
# a multipathd of a container that is gone, or that crashed: its file is there, nobody holds its lock
echo 4711 > /run/multipathd.pid
start_udev ours
lio_paths /tmp/lun 2 $serial
start_guard &
start_guard &
start_guard
wait
alone() { [ "$(pidof mpath-boot | wc -w)" = 2 ]; }	# it, and who starts it again
expect "of three guards one stays" wait_until 3 alone
expect "wait returns, in spite of a stale pid file" $mpath_boot wait --timeout 10
expect_same "with both paths" 2 "$(map_active mpatha)"
expect "a fourth says that there is one" sh -c "$mpath_boot guard 2>&1 | grep -q 'a guard is running already'"
pid=$(cat /run/mpath-boot/pid)
table=$(dmsetup table mpatha)

one() { [ "$(map_active mpatha)" = 1 ]; }
two() { [ "$(map_active mpatha)" = 2 ]; }
blink() {	# blink TEXT DISK
	path_offline $2
	dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=4 iflag=direct 2> /dev/null
	expect "$1: a path fails" wait_until 5 one
	path_running $2
	expect "$1: and is back within two checks" wait_until 5 two
}
date -s '2001-01-01 00:00:00' > /dev/null
blink "the clock jumped back 20 years" sda
date -s '2037-01-01 00:00:00' > /dev/null
blink "and forward 36" sda
stop_udev
nap 0.3
start_udev ours
expect_same "udevd went and came: the same table" "$table" "$(dmsetup table mpatha)"
blink "udevd went and came" sdb
# what systemd does around switch_root, and what a suspended machine does to all of us
kill -STOP "$pid"
path_offline sdb
nap 3
path_running sdb
kill -CONT "$pid"
expect "stopped for a while: both paths are in use" wait_until 5 two

mkdir -p /etc/multipath
printf '/%s/\n' $wwid > /etc/multipath/wwids
printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tpath_grouping_policy multibus\n\t}\n}\n' $wwid > /etc/multipath.conf
start_multipathd
left() { [ ! -d "/proc/$pid" ]; }
expect "multipathd comes: the guard leaves" wait_until 10 left
before="$(dmsetup table mpatha) $(map_json mpatha map_loads)"
expect "a guard that comes after it" within 10 $mpath_boot guard
expect "leaves at once" test "$(pidof mpath-boot | wc -w)" = 0
expect_same "and has changed nothing" "$before" "$(dmsetup table mpatha) $(map_json mpatha map_loads)"

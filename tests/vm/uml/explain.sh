# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# mpath-boot explain: one reason for each disk, while a guard runs, before it, and after the hand-over; the disks are brought into the states one by one.
#
#   sda ── host 0 ── group 1 (optimized) ─────┐
#                                             ├─ LIO LUN, a partition      mpatha
#   sdb ── host 1 ── group 2 (nonoptimized) ──┘
#   sdc ── host 2 ─── LIO LUN, another WWID                                 foreign
#   sdd ── host 3 ─── LIO LUN of mpatha's WWID, twice as large

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

# explain NAME TEXT STATUS PATTERN: what it says of NAME
explain() {
	local status=0
	$mpath_boot explain "$1" > /tmp/said 2>&1 || status=$?
	cat /tmp/said
	[ "$status" = "$3" ] || fail "$2: exit code $status, not $3"
	expect "$2" grep -q -e "$4" /tmp/said
}
# soon NAME TEXT STATUS PATTERN: the same within some seconds
said() { $mpath_boot explain "$1" 2>&1 | grep -q -e "$2"; }
soon() { wait_until 30 said "$1" "$4" || :; explain "$@"; }

truncate -s 8M /tmp/disk /tmp/other
truncate -s 16M /tmp/large
mbr /tmp/disk 2048 8192
lio_paths /tmp/disk 2 $serial
path_alua sdb nonoptimized
lio_lun other /tmp/other abcdef
lio_path other

explain sda "no snapshot" 1 'sda may be a path of anything: there is no good snapshot .*; its WWID is 36001405.* mpath-boot assemble --wwid 36001405'
snapshot_begin
snapshot_map "$wwid" mpatha 2 'size 16384' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "group_by_prio" # /etc/multipath.conf:9' \
	'path_checker "tur"' 'checker_timeout 2'
sed -i 's/polling_interval .*/polling_interval 1/' $snapshot
snapshot_end

# ---- no guard yet
explain sda "no guard" 1 "sda is a path of mpatha ($wwid), and no guard runs: mpath-boot guard --daemon --initrd"
explain sdc "another LUN" 1 "sdc is another LUN (36001405abcdef[0-9a-f]*); the snapshot has mpatha ($wwid)"
explain sdq "no device" 1 'sdq: there is no such block device, and no map of this name'
explain sda1 "a partition" 1 'sda1 is a partition of sda'
modprobe loop 2> /dev/null || :
explain ram0 "no disk, or none at all" 1 'ram0'
explain /dev/sdc "by its node" 1 'is another LUN'
explain "$(cat /sys/block/sdc/dev)" "by its number" 1 'is another LUN'
explain mpatha "by the map's name" 1 "mpatha ($wwid) is a map of the snapshot, with 2 paths expected"
expect_same "its paths" "sda sdb" "$(sed 1d /tmp/said | cut -d' ' -f1 | xargs)"
explain "$wwid" "by the WWID" 1 'is a map of the snapshot'

# ---- somebody has it
modprobe -a dm_multipath dm_service_time
mkswap /dev/sda1 > /dev/null
swapon /dev/sda1
echo offline > /sys/block/sdb/device/state
start_guard
soon sdb "offline" 1 'sdb is a path of mpatha .*, not in the map: the kernel calls it offline (device/state)'
soon sda "held" 1 'sda is a path of mpatha .*, not in the map: it is in use (swap), so the kernel refuses it to the map (EBUSY)'
swapoff /dev/sda1
dmsetup create holder --table '0 8192 linear /dev/sda1 0'
soon sda "held by another map" 1 'it is in use (held by dm-[0-9]* (holder)), so'
dmsetup remove holder
soon sda "in its group" 0 "sda is a path of mpatha .*, in group 1 of 1: paths of one priority are a group, the highest first, by path_grouping_policy group_by_prio (snapshot line [0-9]*, from /etc/multipath.conf:9); prio alua gives it 50 (target port group 1, active/optimized)"
path_running sdb
soon sdb "in another group" 0 'sdb is a path of mpatha .*, in group 2 of 2: .*; prio alua gives it 10 (target port group 2'
explain dm-0 "the map by its kernel name" 0 'mpatha .* is a map of the snapshot'
expect_same "both are paths" "sda sdb" "$(sed 1d /tmp/said | cut -d' ' -f1 | xargs)"
explain /dev/mapper/mpatha-part1 "a partition of the map" 1 'is a partition of a map (mpatha-part1)'

# ---- failures
path_alua sdb standby
soon sdb "passive" 0 'sdb is a path of mpatha .*, passive (ghost): used when no active path is left'
path_alua sdb nonoptimized
path_offline sdb
soon sdb "failed: offline" 0 'sdb is a path of mpatha .*, failed there: the kernel calls it offline'
path_running sdb
path_alua sdb unavailable
soon sdb "failed: by its checker" 0 'sdb is a path of mpatha .*, failed there: checker tur says that it is down'
path_alua sdb nonoptimized
soon sdb "well again" 0 'mpatha ([0-9a-f]*), in group 2 of 2'
path_hang sdb
soon sdb "hung" 0 'sdb is a path of mpatha .*, failed there: its commands do not come back (checker tur)'
path_unhang sdb
soon sdb "well again" 0 'mpatha ([0-9a-f]*), in group 2 of 2'

lio_lun large /tmp/large $serial
lio_path large
soon sdd "another size" 1 'sdd is a path of mpatha .*, not in the map: it has 32768 sectors, not 16384'

$mpath_boot explain
$mpath_boot explain --json > /run/out/json
cat /run/out/json
expect_same "all disks, in their order" "sda sdb sdc sdd" "$($mpath_boot explain --json | sed -n 's/.*"name": "\([a-z]*\)".*/\1/p' | xargs)"
expect "JSON" grep -q '"name": "sdb", "reason": "in-group", "is_path": true, "map": "mpatha", "wwid": "36001405[0-9a-f]*", "group": 2, "groups": 2, "prio": 10' /run/out/json

# ---- afterwards
path_remove sdd
kill "$(status pid)"
gone() { [ "$($mpath_boot status | grep -c 'not running')" = 1 ]; }
wait_until 20 gone
explain sda "without a guard the kernel's table tells" 0 'in group 1 of 2.*; prio alua gave it 50'
echo -n 'rd.mpath_boot=0' > /tmp/cmdline
mount --bind /tmp/cmdline /proc/cmdline
dmsetup remove_all
explain sda "switched off" 1 'switched off on the kernel command line'

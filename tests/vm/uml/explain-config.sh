# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# mpath-snapshot explain: why the configuration makes a disk a path, or does not; each time multipath -c says the same yes or no.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN, a partition      mpatha
#   sdb ── host 1 ─┘
#   sdc ── host 2 ─── LIO fileio LUN, one path

tool=/run/build/mpath-snapshot
wwid=36001405abcdef0000000000000000000
other=36001405bbbbbb0000000000000000000

conf() { printf 'defaults {\n\tuser_friendly_names yes\n\tfind_multipaths %s\n}\n%s\n' "${2:-strict}" "$1" > /etc/multipath.conf; }
# explain NAME TEXT STATUS PATTERN: what it says; and multipath(8), asked for the disk, agrees
explain() {
	local status=0 real=0
	$tool explain "$1" > /tmp/said 2>&1 || status=$?
	[ "$status" = "$3" ] || { cat /tmp/said; fail "$2: exit code $status, not $3"; }
	grep -q -e "$4" /tmp/said || { cat /tmp/said; fail "$2: it does not say: $4"; }
	case $1 in
	sd?)
		multipath -c "/dev/$1" > /dev/null 2>&1 || real=$?
		[ "$real" = "$3" ] || fail "$2: multipath -c says $real"
		;;
	esac
	ok "$2"
}

mkdir -p /etc/multipath
truncate -s 16M /tmp/lun /tmp/lun2
mbr /tmp/lun 2048 8192
start_udev
lio_paths /tmp/lun 2 abcdef
lio_paths /tmp/lun2 1 bbbbbb
udevadm settle
modprobe -a dm_multipath dm_service_time
printf 'mpatha %s\n' $wwid > /etc/multipath/bindings
: > /etc/multipath/wwids

conf ''
explain sdq "no device" 1 'sdq: there is no such block device, and no map of this name'
explain sda1 "a partition" 1 'sda1 is a partition of sda'
explain sda "not in wwids" 1 "sda (WWID $wwid) is not in /etc/multipath/wwids, and find_multipaths is strict (/etc/multipath.conf:3); to make it a path: multipath -a $wwid"
conf '' yes
explain sdc "the only one" 1 "sdc (WWID $other) is the only disk of its LUN, is not in /etc/multipath/wwids, and find_multipaths is on (/etc/multipath.conf:3)"
conf '' smart
explain /dev/sdc "smart" 1 'sdc (WWID .*) is the only disk of its LUN so far, .* and find_multipaths is smart'
conf ''
printf '/%s/\n/%s/\n' $wwid $other > /etc/multipath/wwids
explain sda "it would be one" 0 "sda would be a path of a map mpatha, which it is not in now; WWID $wwid by ID_SERIAL (multipath [0-9.]* built-in), alias \"mpatha\" (/etc/multipath/bindings), path_grouping_policy \"group_by_prio\" (\(multipath 0.9.4 built-in, devices \"(LIO-ORG|SUSE)\" \".*\"\|detected: ALUA (detect_pgpolicy)\)), prio \"alua\" (detected: ALUA)"
explain mpatha "by the name that it would have" 0 '^sdb would be a path of a map mpatha'
mkdir -p /run/multipath/failed_wwids
: > /run/multipath/failed_wwids/$wwid
explain sda "marked" 1 "sda (WWID $wwid): multipath-tools could not make a map of it"
rm /run/multipath/failed_wwids/$wwid

black() { conf "$(printf 'blacklist {\n\t%s\n}' "$1")"; }
black 'devnode "^sd[ab]"'
explain sda "devnode" 1 'sda is blacklisted by devnode "^sd\[ab\]" (/etc/multipath.conf:6)'
explain sdc "and only that one" 0 'sdc would be a path'
black "wwid $wwid"
explain sda "wwid" 1 "sda (WWID $wwid) is blacklisted by wwid \"$wwid\" (/etc/multipath.conf:6)"
black 'protocol "scsi:.*"'
explain sda "protocol" 1 'sda (scsi:unspec) is blacklisted by protocol "scsi:.\*" (/etc/multipath.conf:6)'
black "$(printf 'device {\n\t\tvendor LIO-ORG\n\t\tproduct FILE\n\t}')"
explain sda "device" 1 'sda (vendor "LIO-ORG", product "FILEIO") is blacklisted by a device section with product "FILE" (/etc/multipath.conf:8)'
black 'property ID_SERIAL$'
explain sda "property" 1 'sda is blacklisted by property "ID_SERIAL$" (/etc/multipath.conf:6)'
conf "$(printf 'blacklist {\n\twwid .*\n}\nblacklist_exceptions {\n\twwid %s\n}' $wwid)"
explain sda "an exception" 0 "taken out of the blacklist by wwid \"$wwid\" (/etc/multipath.conf:9)"
explain sdc "none for this one" 1 'sdc (WWID .*) is blacklisted by wwid ".\*"'
conf "$(printf 'overrides {\n\tuid_attribute NO_SUCH\n}')"
explain sda "no WWID" 1 'sda has no WWID: udev knows no NO_SUCH of it; uid_attribute says to take that (/etc/multipath.conf:6)'

conf ''
start_multipathd
udevadm settle
explain sda "in the map" 0 "^sda is a path of the map mpatha; WWID $wwid by ID_SERIAL"
explain mpatha "by the map's name" 0 '^sdb is a path of the map mpatha'
explain "$wwid" "by its WWID" 0 '^sdb is a path of the map mpatha'
explain dm-0 "by its kernel name" 0 '^sd[a-c] is a path of the map mpath'
explain "$(cat /sys/block/sdb/dev)" "by number" 0 'is a path of the map mpatha'
explain mpatha-part1 "a partition of the map" 1 'is a device-mapper device (mpatha-part1), no disk'
: > /etc/multipath/wwids
$tool explain sda > /tmp/said && fail "not in wwids, though in a map"
expect "what multipathd does with a map that is not in wwids" grep -q 'it is in the map mpatha now, which multipathd gives up at its next start' /tmp/said
printf '/%s/\n/%s/\n' $wwid $other > /etc/multipath/wwids
$tool explain
$tool explain --json > /run/out/json
cat /run/out/json
expect_same "all disks" "sda sdb sdc" "$(sed -n 's/.*"name": "\([a-z]*\)", "reason": "in-map", "is_path": true.*/\1/p' /run/out/json | xargs)"
multipathd shutdown > /dev/null || :
wait_until 20 sh -c '! multipathd show daemon > /dev/null 2>&1'
rm -f /run/udev/data/b8:32
conf ''
status=0; $tool explain sdc > /tmp/said || status=$?
cat /tmp/said
expect "udev does not know it" grep -q "sdc is not in udev's database" /tmp/said

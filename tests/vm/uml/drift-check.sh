# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# mpath-snapshot check on a live map: the configuration, bindings and wwids change under it, and each time its verdict is what multipathd then does.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN, one partition      mpatha, by user_friendly_names
#   sdb ── host 1 ─┘
#   sdc ── host 2 ─── LIO fileio LUN                      foreign

tool=/run/build/mpath-snapshot
wwid=36001405abcdef0000000000000000000
foreign=36001405bbbbbb0000000000000000000
old=/tmp/old

conf() { printf 'defaults {\n\tuser_friendly_names yes\n\tfind_multipaths strict\n}\n%s\n' "$1" > /etc/multipath.conf; }
files() {
	conf ''
	printf '# Multipath bindings, Version : 1.0\nmpatha %s\n' $wwid > /etc/multipath/bindings
	printf '# Valid WWIDs:\n/%s/\n' $wwid > /etc/multipath/wwids
}
# check TEXT CODE PATTERN [FILE]...: its exit code, and what it says
check() {
	local text=$1 code=$2 pattern=$3 status=0; shift 3
	$tool check --root /dev/mapper/mpatha-part1 "${@:-$old}" > /tmp/said 2>&1 || status=$?
	[ "$status" = "$code" ] || cat /tmp/said
	expect_same "$text" "$code" "$status"
	grep -q -e "$pattern" /tmp/said || { cat /tmp/said; fail "$text: it does not say: $pattern"; }
}
# typed: what it says to type is typed
typed() { sed -n 's/^  type: //p' /tmp/said | head -n 1 > /tmp/type; say "type: $(cat /tmp/type)"; sh -e /tmp/type > /dev/null; }

mkdir -p /etc/multipath/conf.d
files
truncate -s 16M /tmp/lun /tmp/lun2
mbr /tmp/lun 2048 8192
start_udev
lio_paths /tmp/lun 2 abcdef
lio_paths /tmp/lun2 1 bbbbbb
udevadm settle
start_multipathd
udevadm settle
expect "the live map" wait_until 20 test -b /dev/mapper/mpatha-part1
files	# later versions of multipathd write the bindings in their own way
$tool create --root /dev/mapper/mpatha-part1 -o $old

check "nothing has changed" 0 '^verdict: same'
conf '# a comment'
check "a file has changed, its meaning has not" 0 '^changed since: /etc/multipath.conf'
status=0; $tool check --quick --root /dev/mapper/mpatha-part1 $old > /tmp/said || status=$?
expect_same "the quick look does not stop there" "0 1" "$status $(grep -c '^verdict: same' /tmp/said)"
files
expect "it stops at once where no file has changed" sh -c "$tool check --quick $old | grep -q 'no source .* has changed'"

section() { conf "$(printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\t%s\n\t}\n}' "${2:-$wwid}" "$1")"; }
section 'failback 30'
check "failback" 10 '^+ failback "30"  (/etc/multipath.conf:8)'
section 'no_path_retry queue'
check "retries: it queues either way" 10 '^+ no_path_retry "queue"'
section 'no_path_retry fail'
check "no more queueing" 20 '^- no_path_retry "12"  (multipath [0-9.]* built-in, devices'
section 'path_selector "round-robin 0"'
check "the selector" 20 '^+ path_selector "round-robin 0"  (/etc/multipath.conf:8)'
modprobe dm_round_robin
multipathd reconfigure > /dev/null || :
reloaded() { dmsetup table mpatha | grep -q round-robin; }
expect "multipathd does reload the map then" wait_until 20 reloaded
section 'alias san'
check "another alias" 30 '^+ alias "san"  (/etc/multipath.conf:8)'
expect "and what is gone then" grep -q 'would lose or rename root: multipathd renames the map at its start: /dev/mapper/mpatha is gone' /tmp/said
files
multipathd reconfigure > /dev/null || :
wait_until 20 multipathd_idle

conf "$(printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t}\n}' $foreign)"
check "a name of two" 10 "/etc/multipath.conf:8 gives the name mpatha to $foreign, too"
files

# ---- multipathd's own files
printf '# Valid WWIDs:\n' > /etc/multipath/wwids
check "the WWID is not in wwids" 30 "$wwid is not in /etc/multipath/wwids, and find_multipaths is strict"
typed
check "until one has done what it says" 0 '^verdict: same'
conf ''
sed -i 's/strict/yes/' /etc/multipath.conf
printf '# Valid WWIDs:\n' > /etc/multipath/wwids
check "without find_multipaths strict it need not be there" 10 '^+ find_multipaths "on"'
files
printf 'mpatha %s\n' $foreign > /etc/multipath/bindings
check "its name is another LUN's" 30 "bindings line 1 gives the name mpatha to $foreign"
stop_multipathd() { multipathd shutdown > /dev/null || :; wait_until 20 sh -c '! multipathd show daemon > /dev/null 2>&1' || fail "multipathd does not end"; }
stop_multipathd
cp /etc/multipath/bindings /tmp/bindings
start_multipathd
udevadm settle
expect "multipathd does rename the map then" test ! -e /dev/mapper/mpatha -a -e /dev/mapper/mpathb
stop_multipathd
dmsetup rename mpathb mpatha
dmsetup rename mpathb-part1 mpatha-part1 2> /dev/null || :
udevadm settle
cp /tmp/bindings /etc/multipath/bindings
check "the same again" 30 'gives the name mpatha to'
typed
check "until one has done what it says" 0 '^verdict: same'
start_multipathd
expect "multipathd leaves the name alone then" test -e /dev/mapper/mpatha
: > /etc/multipath/bindings
check "no name in bindings" 10 'bindings has no name for'
typed
check "until one has done what it says" 0 '^verdict: same'
files

# ---- blacklists
# black RULE TEXT: the verdict to be expected is what multipath(8) says of sda
black() {
	conf "$(printf 'blacklist {\n\t%s\n}' "$1")"
	multipath -v4 -d > /tmp/real 2>&1
	grep -q -e "$2" /tmp/real || fail "multipath does not say: $2"
}
black 'devnode "^sd"' 'sda: device node name blacklisted'
check "blacklisted by devnode" 30 'is blacklisted: devnode "^sd" (/etc/multipath.conf:6), and so is every path'
expect "with the place to edit" grep -q 'type: editor +6 /etc/multipath.conf && multipathd reconfigure' /tmp/said
black 'devnode "^sda"' 'sda: device node name blacklisted'
check "one path only" 20 'sda is blacklisted: devnode "^sda" (/etc/multipath.conf:6): multipathd takes this path out'
black "wwid $wwid" "sda: wwid $wwid blacklisted"
check "by WWID" 30 "blacklisted: wwid \"$wwid\""
black 'protocol "scsi:unspec"' 'sda: protocol scsi:unspec blacklisted'
check "by protocol" 30 'blacklisted: protocol "scsi:unspec"'
black "$(printf 'device {\n\t\tvendor LIO-ORG\n\t\tproduct .*\n\t}')" 'sda: (LIO-ORG:FILEIO) vendor/product blacklisted'
check "by device" 30 'blacklisted: device ".*" (/etc/multipath.conf:8)'
printf 'blacklist_exceptions {\n\tdevice {\n\t\tvendor LIO-ORG\n\t\tproduct .*\n\t}\n}\n' > /etc/multipath/conf.d/root.conf
check "unless there is an exception" 0 '^changed since: /etc/multipath/conf.d/root.conf'
rm /etc/multipath/conf.d/root.conf
black 'property "ID_SERIAL"' 'sda: udev property ID_SERIAL blacklisted'
check "by property" 30 'blacklisted: property "ID_SERIAL"'
black 'property "SCSI_IDENT_SERIAL"' 'sda: udev property [A-Z_]* whitelisted'
check "by a property that the built-in exceptions name" 0 '^verdict: same'
files

# ---- images
mkdir -p /tmp/image/etc/mpath-boot
cp $old /tmp/image/etc/mpath-boot/snapshot
(cd /tmp/image && find . | cpio -o -H newc 2> /dev/null) | gzip > /tmp/initrd
check "an image" 0 '^verdict: same' /tmp/initrd
section 'alias san'
check "an image, stale" 30 '^--- /tmp/initrd' /tmp/initrd
$tool cpio --root /dev/mapper/mpatha-part1 -o /tmp/appended 2> /dev/null
check "with a fresh snapshot behind it" 0 '^verdict: same' /tmp/initrd /tmp/appended
files
check "which counts" 30 '^- alias "san"' /tmp/initrd /tmp/appended
head -c 1000 /tmp/appended > /tmp/cut
check "unless it is damaged" 0 'is damaged.*the kernel would take no more' /tmp/initrd /tmp/cut
check "no image" 100 'neither a snapshot nor a good initramfs image' /etc/multipath/wwids
status=0; $tool check --root /dev/mapper/mpatha-part1 > /tmp/said 2>&1 || status=$?
expect_same "without a file, and not booted with mpath-boot" "100 1" "$status $(grep -c 'did not boot with mpath-boot' /tmp/said)"

# ---- a generic snapshot: its rules are applied to root's map
$tool create --generic -o /tmp/generic 2> /dev/null
check "rules" 0 '^verdict: same' /tmp/generic
section 'path_selector "round-robin 0"'
check "rules that have changed" 20 '^- path_selector "service-time 0"  (the image.s rules:[0-9]*)' /tmp/generic
files
printf 'mpathx %s\n' $wwid > /etc/multipath/bindings
check "another name in bindings" 30 '^- alias "mpatha"  (the image.s bindings)' /tmp/generic
files
: > /etc/multipath/wwids
$tool create --generic -o /tmp/generic 2> /dev/null
files
check "a WWID that the rules do not know" 30 'do not know this WWID, and their find_multipaths is strict' /tmp/generic

# ---- telling
mkdir -p /run/mpath-boot
cp $old /run/mpath-boot/snapshot
notice() { $tool check --root /dev/mapper/mpatha-part1 --notice > /dev/null 2> /tmp/journal || :; }
notice
expect "no notice" test ! -e /run/mpath-boot/drift
section 'alias san'
notice
cat /run/mpath-boot/drift /tmp/journal
expect "a notice" grep -q '^would lose or rename root: /run/mpath-boot/snapshot is not what the system says now' /run/mpath-boot/drift
expect "in the journal as critical" grep -q '^<2>map mpatha: alias was "mpatha", is "san" (/etc/multipath.conf:8)' /tmp/journal
section 'failback 30'
notice
expect "harmless: as a note" grep -q '^<6>map mpatha: failback' /tmp/journal
files
notice
expect "the notice goes with its cause" test ! -e /run/mpath-boot/drift
section 'alias san'
$tool check --json --root /dev/mapper/mpatha-part1 $old > /run/out/json || :
cat /run/out/json
expect "JSON" grep -q '"verdict": "lose".*"key": "alias", "old": "mpatha", "old_origin": "/etc/multipath/bindings", "new": "san", "new_origin": "/etc/multipath.conf:8"' /run/out/json

# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# mpath-snapshot check, where the configuration blacklists root's disks, with images, generic snapshots, and notices for the administrator.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN, one partition      mpatha, by user_friendly_names
#   sdb ── host 1 ─┘
#   sdc ── host 2 ─── LIO fileio LUN                      foreign

. /run/src/tests/vm/uml/guest/drift.sh

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
# ---- the image of the next boot
next=/boot/initrd.img-$(uname -r)
mkdir -p /boot
next() { status=0; $tool check --root /dev/mapper/mpatha-part1 --next --notice > /tmp/said 2> /dev/null || status=$?; }
next
expect_same "no image: what it has booted with" "0 same" "$status $(sed -n 's/^verdict: //p' /tmp/said)"
cp /tmp/initrd $next
section 'alias san'
next
expect_same "the image of the running kernel" "30 --- $next" "$status $(head -n 1 /tmp/said)"
expect "is what is told of" grep -q "would lose or rename root: $next is not what" /run/mpath-boot/drift
echo | cpio -o -H newc 2> /dev/null | gzip > $next
next
expect_same "an image without mpath-boot" "0 1" "$status $(grep -c 'was made without mpath-boot' /tmp/said)"
expect "is nothing to tell of" test ! -e /run/mpath-boot/drift
$tool check --json --root /dev/mapper/mpatha-part1 $old > /run/out/json || :
cat /run/out/json
expect "JSON" grep -q '"verdict": "lose".*"key": "alias", "old": "mpatha", "old_origin": "/etc/multipath/bindings", "new": "san", "new_origin": "/etc/multipath.conf:8"' /run/out/json

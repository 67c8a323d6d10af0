#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-create.sh [BUILD] - mpath-snapshot create on machines that are laid out below a folder (--sysroot)
#
#   eth0 ── portal 10.0.2.2 ── sda ─┐                    ┌─ part1 ── LVM vg-root = /
#                                   ├─ mpatha (dm-0) ────┤
#   eth1 ── portal 10.0.3.2 ── sdb ─┘  (VLAN, gateway)   └─ part2 = swap
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tool=$(cd "${1:-$here/../build}" && pwd)/mpath-snapshot
config=$here/fixtures/multipath-t-0.9.4.conf
wwid=36001405abcdef0000000000000000000
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
cd "$dir"

expect_same() { # TEXT WANTED GOT
	if [ "$2" = "$3" ]; then echo "ok: $1"; else echo "FAIL: $1: wanted \"$2\", got \"$3\"" >&2; failed=1; fi
}

put() { mkdir -p "$(dirname "$1")"; printf '%b' "$2" > "$1"; }	# FILE TEXT
link() { mkdir -p "$(dirname "$2")"; ln -sfn "$1" "$2"; }	# TARGET LINK

block() { # NAME M:N DIR: a block device whose directory is sys/devices/DIR
	mkdir -p "sys/devices/$3"
	put "sys/devices/$3/dev" "$2\n"
	link "../../devices/$3" "sys/class/block/$1"
	link "../../devices/$3" "sys/dev/block/$2"
}
dm() { # N NAME UUID SLAVE...
	n=$1
	block "dm-$n" "253:$n" "virtual/block/dm-$n"
	put "sys/devices/virtual/block/dm-$n/dm/name" "$2\n"
	put "sys/devices/virtual/block/dm-$n/dm/uuid" "$3\n"
	put "sys/devices/virtual/block/dm-$n/size" "8388608\n"
	shift 3
	for slave; do mkdir -p "sys/devices/virtual/block/dm-$n/slaves/$slave"; done
}
path() { # N NAME MINOR PORTAL LOCAL_IP
	host=platform/host$1 session=platform/host$1/session$1 device=platform/host$1/session$1/target$1:0:0/$1:0:0:1
	block "$2" "8:$3" "$device/block/$2"
	link ../../../"$1:0:0:1" "sys/devices/$device/block/$2/device"
	link "../devices/$device/block/$2" "sys/block/$2"
	put "sys/devices/$device/vendor" 'LIO-ORG \n'
	put "sys/devices/$device/model" 'root            \n'
	put "sys/devices/$device/rev" '4.0 \n'
	put "sys/devices/$device/timeout" '30\n'
	put "sys/devices/$device/inquiry" '\0000\0000\0006\0022\0037\0060\0000\0000'	# byte 5: TPGS 3
	# NAA-6 of the LUN, target port group 1
	put "sys/devices/$device/vpd_pg83" '\0000\0203\0000\0034\0001\0003\0000\0020\0140\0001\0100\0132\0274\0336\0360\0000\0000\0000\0000\0000\0000\0000\0000\0000\0001\0025\0000\0004\0000\0000\0000\0001'
	put "sys/devices/$device/block/$2/size" '8388608\n'
	put "sys/devices/$device/block/$2/${2}1/partition" '1\n'
	put "sys/devices/$device/block/$2/${2}1/start" '2048\n'
	put "sys/devices/$device/block/$2/${2}1/size" '6000000\n'
	put "sys/devices/$host/scsi_host/host$1/proc_name" 'iscsi_tcp\n'
	put "sys/devices/$host/iscsi_host/host$1/ipaddress" "$5\n"
	put "sys/devices/$host/iscsi_host/host$1/netdev" '<NULL>\n'
	put "sys/devices/$session/iscsi_session/session$1/targetname" 'iqn.2026-01.test:root\n'
	put "sys/devices/$session/iscsi_session/session$1/tpgt" '1\n'
	put "sys/devices/$session/connection$1:0/iscsi_connection/connection$1:0/persistent_address" "$4\n"
	put "sys/devices/$session/connection$1:0/iscsi_connection/connection$1:0/persistent_port" '3260\n'
	put "run/udev/data/b8:$3" "S:disk/by-id/x\nE:ID_SERIAL=$wwid\nE:ID_WWN=0x6001405abcdef000\n"
}
nic() { # NAME MAC PCI
	put "sys/devices/pci0000:00/$3/virtio1/net/$1/address" "$2\n"
	link ../../../../bus/virtio/drivers/virtio_net "sys/devices/pci0000:00/$3/virtio1/driver"
	link ../../../../module/virtio_net sys/bus/virtio/drivers/virtio_net/module
	link ../../../bus/pci/drivers/virtio-pci "sys/devices/pci0000:00/$3/driver"
	link ../../../../module/virtio_pci sys/bus/pci/drivers/virtio-pci/module
	link "../../devices/pci0000:00/$3/virtio1/net/$1" "sys/class/net/$1"
}
mounts() { put m/proc/self/mountinfo "22 1 0:20 / /proc rw - proc proc rw\n$1"; }

machine() {
	mkdir -p m && cd m
	path 2 sda 0 10.0.2.2 10.0.2.15
	path 3 sdb 16 10.0.9.2 10.0.3.15
	dm 0 mpatha "mpath-$wwid" sda sdb
	dm 1 mpatha-part1 "part1-mpath-$wwid" dm-0
	dm 2 vg-root LVM-abc dm-1
	dm 3 mpatha-part2 "part2-mpath-$wwid" dm-0
	block vda 254:0 pci0000:00/0000:00:05.0/virtio2/block/vda
	nic eth0 52:54:00:12:34:00 0000:00:03.0
	nic eth1 52:54:00:12:34:01 0000:00:04.0
	put sys/devices/virtual/net/eth1.7/address '52:54:00:12:34:01\n'
	put sys/devices/virtual/net/eth1.7/uevent 'DEVTYPE=vlan\nINTERFACE=eth1.7\n'
	mkdir -p sys/devices/virtual/net/eth1.7/lower_eth1
	link ../../devices/virtual/net/eth1.7 sys/class/net/eth1.7
	mkdir -p sys/module/iscsi_tcp
	put proc/net/route 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\neth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\neth1.7\t0003000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\neth1.7\t0009000A\t0103000A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
	put etc/multipath/wwids "/$wwid/\n"
	cd ..
}
create() {
	status=0
	"$tool" create --sysroot m --config "$config" --output snap "$@" 2> err || status=$?
}
value() { sed -n "s/^\t$1 \"\{0,1\}\([^\"#]*[^\"# ]\)\"\{0,1\}\( #.*\)\{0,1\}\$/\1/p" snap | head -n 1; }

machine
mounts '27 1 253:2 / / rw - ext4 /dev/mapper/vg-root rw\n'
create
expect_same "root on LVM on a partition of the map" 0 $status
expect_same "one thing to warn of: mpatha is no name without user_friendly_names" "1 1" "$(wc -l < err) $(grep -c 'the next boot will call it so' err)"
expect_same "WWID" $wwid "$(value wwid)"
expect_same "how it was found" "udev ID_SERIAL" "$(sed -n 's/^\twwid .* # //p' snap)"
expect_same "alias without user_friendly_names" $wwid "$(value alias)"
expect_same "needed for" / "$(value needed_for)"
expect_same "designator" "naa.${wwid#3}" "$(value designator)"
expect_same "retries" 12 "$(value no_path_retry)"
expect_same "partition" "1 2048 6000000" "$(sed -n '/^\tpartition/,/^\t}/s/^\t\t[a-z]* //p' snap | xargs)"
expect_same "modules" "8021q crc32c dm-multipath dm-service-time iscsi_tcp scsi_dh_alua sd_mod virtio_net virtio_pci" "$("$tool" modules snap | xargs)"
"$tool" iscsi snap > portals
expect_same "first portal" "iqn.2026-01.test:root 10.0.2.2 3260 1 eth0 52:54:00:12:34:00 10.0.2.15/24 -" "$(sed -n 1p portals)"
expect_same "second portal, behind a gateway" "iqn.2026-01.test:root 10.0.9.2 3260 1 eth1.7 52:54:00:12:34:01 10.0.3.15/24 10.0.3.1" "$(sed -n 2p portals)"
expect_same "no third" 2 "$(wc -l < portals)"
expect_same "mode" 644 "$(stat -c %a snap)"
expect_same "nothing left over" "err m portals snap" "$(ls | xargs)"
cp snap again
mkdir m/sys/devices/virtual/block/dm-0/slaves/sdz
create
expect_same "a disk that has gone and is still in the map: left out, and said" "0 1" "$status $(grep -c 'path sdz of dm-0 has gone: left out' err)"
expect_same "the snapshot is without it" "$(cat again)" "$(cat snap)"
rmdir m/sys/devices/virtual/block/dm-0/slaves/sdz
create
expect_same "the same again" "$(cat again)" "$(cat snap)"

"$tool" show snap > shown
expect_same "show" 1 "$(grep -c 'failback "immediate" .*(.*multipath-t-0.9.4.conf:[0-9]*)$' shown)"

{ cat "$config"; printf 'defaults {\n\tuid_attrs "sdb:ID_WWN"\n}\n'; } > torn
status=0; "$tool" create --sysroot m --config torn --map $wwid --output torn.snap 2> err || status=$?
expect_same "two WWIDs for one LUN: said" "0 1 1" "$status $(grep -c 'would take path sdb out of map' err) \
$(grep -c 'disk sdb is a path of the same LUN, though by ID_WWN its WWID is 0x6001405abcdef000' err)"
rm torn torn.snap

n=0
list=$wwid
while [ $n -lt 200 ]; do n=$((n + 1)) list="3600140500000000000000000000000$n|$list"; done
{ cat "$config"; printf 'blacklist {\n\twwid ".*"\n}\nblacklist_exceptions {\n\twwid "^(%s)$"\n}\n' "$list"; } > long
status=0; "$tool" create --sysroot m --config long --map $wwid --output long.snap 2> err || status=$?
expect_same "two hundred WWIDs in one regular expression" "0 0" "$status $(grep -c 'matches nothing' err)"
line=$(($(wc -l < "$config") + 2))
{ cat "$config"; printf 'blacklist {\n\tdevnode "!^(sd"\n\tdevice {\n\t\tvendor "^(x{600}y)"\n\t\tproduct "x"\n\t}\n}\n'; } > long
status=0; "$tool" create --generic --sysroot m --config long --output long.snap 2> err || status=$?
expect_same "what is none, or too long: said" "0 1 1 2" \
	"$status $(grep -c "devnode \"!^(sd\" (long:$line) matches nothing" err) $(grep -cF "vendor \"^(x{600}y)\" (long:$((line + 2))) matches nothing" err) $(grep -c 'matches nothing' err)"
rm long long.snap

said() { # COMMAND [ARGUMENT]...: its exit code in $status, its output in said
	cmd=$1
	shift
	status=0
	"$tool" "$cmd" --sysroot m --config "$config" "$@" > said 2>&1 || status=$?
}
said check snap
expect_same "check: the same" "0 verdict: same" "$status $(cat said)"
said check --json --quick snap
expect_same "check --json: no file has changed" \
	'0 {"verdict": "same", "snapshot": "snap", "appended_problem": null, "changed_sources": [], "differences": []}' "$status $(cat said)"
printf '%s' 07070100000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000B00000000TRAILER!!! > without
printf '\0\0\0\0' >> without
said check --json --next without
expect_same "check --json: an image without mpath-boot" \
	'0 {"verdict": null, "snapshot": "without", "appended_problem": null, "changed_sources": [], "differences": []}' "$status $(cat said)"
sed 's/failback "immediate"/failback "manual"/; /^checksum/d' snap > stale
printf 'checksum "sha256:%s"\n' "$(sha256sum < stale | cut -d' ' -f1)" >> stale
said check stale
expect_same "check: harmless" "10 1" "$status $(grep -c '^- failback "manual"' said)"
"$tool" cpio -o stale.cpio stale
said check snap stale.cpio
expect_same "check: what is appended counts" "10 harmless" "$status $(sed -n 's/^verdict: //p' said)"
mv m/etc/multipath/wwids saved
said check snap
expect_same "check: the WWID is not in wwids" "30 multipath -a $wwid" "$status $(sed -n 's/^  type: //p' said)"
said explain sda
expect_same "explain: the WWID is not in wwids" "1 1" "$status $(grep -c "^sda (WWID $wwid) is not in /etc/multipath/wwids" said)"
mv saved m/etc/multipath/wwids
said explain 8:16
expect_same "explain: a path" "0 1" "$status $(grep -c "^8:16 would be a path of a map $wwid, .*WWID $wwid by ID_SERIAL" said)"
# blacklists about kernel names
judge() { status=0; "$tool" check --sysroot m --config "$1" cut.snap > said 2>&1 || status=$?; }	# CONFIG
{ cat "$config"; printf 'blacklist {\n\tdevnode "^sdb$"\n}\n'; } > cutting
"$tool" create --sysroot m --config cutting --output cut.snap 2> err
judge cutting
expect_same "check: a path is blacklisted, and the image leaves it out" "0 verdict: same" "$status $(cat said)"
judge "$config"
expect_same "check: it is no more, and multipathd adds it" '20 1 - devnode "^sdb$"' \
	"$status $(grep -c 'sdb is blacklisted in the image: devnode "^sdb$": multipathd adds this path' said) $(grep -o '^- devnode "[^"]*"' said)"
{ cat "$config"; printf 'blacklist {\n\tdevnode "^sd[ab]$"\n}\n'; } > none
judge none
expect_same "check: every path is" "30 1" "$status $(grep -c '^  would lose or rename root: sda is blacklisted.*, and so is every path' said)"
mv cut.snap one.snap
cp snap cut.snap
judge cutting
expect_same "check: the image has it, and multipathd takes it out" "20 1" "$status $(grep -c 'sdb is blacklisted: .*: multipathd takes this path out of the map' said)"
"$tool" create --generic --sysroot m --config cutting --output cut.snap 2> err
judge cutting
expect_same "check: a generic image leaves it out, too" "0 1" "$status $(grep -c '^verdict: same' said)"
judge "$config"
expect_same "check: a generic image does, and multipathd adds it" "20 1" "$status $(grep -c 'multipathd adds this path' said)"
"$tool" create --generic --sysroot m --config none --output cut.snap 2> err
judge "$config"
expect_same "check: a generic image makes no map" "30 1" "$status $(grep -c 'sd. is blacklisted in the image: .*, and so is every path: it makes no map' said)"
mv one.snap cut.snap
mv m/sys/devices/virtual/block/dm-0/slaves/sdb slave
mv m/sys/block/sdb disk
judge cutting
expect_same "check: the path that the image leaves out is not there" "10 0" "$status $(grep -c devnode said)"
mv slave m/sys/devices/virtual/block/dm-0/slaves/sdb
mv disk m/sys/block/sdb
rm cutting none cut.snap
# multipath-tools' file of names
uf() { status=0; "$tool" "$@" --sysroot m --config friendly > said 2>&1 || status=$?; }	# COMMAND [ARGUMENT]...
typed() { sed -n "s/^  type: //p" said | sed "s, /etc/, m/etc/,g" | sh -e; }
{ cat "$config"; printf 'overrides {\n\tuser_friendly_names yes\n}\n'; } > friendly
put m/etc/multipath/bindings "mpatha $wwid\n"
"$tool" create --sysroot m --config friendly --output friendly.snap 2> err
uf check friendly.snap
expect_same "check: its name is in bindings" "0 verdict: same" "$status $(cat said)"
{ cat friendly; printf 'defaults {\n\tfind_multipaths "on"\n}\n'; } > golden
generic() { status=0; "$tool" check --sysroot m --config golden golden.snap > said 2>&1 || status=$?; }
mv m/etc/multipath etc
"$tool" create --generic --sysroot m --config golden --output golden.snap 2> err
mv etc m/etc/multipath
generic
expect_same "check, a generic image: the name that it gives" "0 1" "$status $(grep -c '^verdict: same' said)"
put m/etc/multipath/bindings "mpathc $wwid\n"
generic
expect_same "check, a generic image: another name" '30 - alias "mpatha"' "$status $(grep -o '^- alias "[^"]*"' said)"
dm 9 mpatha mpath-3other
mkdir -p m/sys/class/block && cp -r sys/devices/virtual/block/dm-9 m/sys/devices/virtual/block/ && mv sys/class/block/dm-9 m/sys/class/block/ && rm -r sys
generic
expect_same "check, a generic image: another LUN may get the name" "10 1" "$status $(grep -c 'need not be mpathc, as other LUNs may come first' said)"
put m/etc/multipath/bindings "mpatha $wwid\n"
generic
expect_same "check, a generic image: so it may when this one would" "10 1" "$status $(grep -c 'need not be mpatha, as other LUNs may come first' said)"
put m/etc/multipath/bindings "root1 $wwid\n"
generic
expect_same "check, a generic image: a name that it never gives" 30 $status
rm -r m/sys/class/block/dm-9 m/sys/devices/virtual/block/dm-9
put m/etc/multipath/bindings "mpatha $wwid\n"
mv m/sys/devices/virtual/block/dm-0/slaves/sdb .
generic
expect_same "check, a generic image: of one path it makes no map" "30 1" "$status $(grep -c 'it has one path only: it makes no map' said)"
mv sdb m/sys/devices/virtual/block/dm-0/slaves/
rm golden golden.snap
put m/etc/multipath/bindings "mpatha $wwid\nmpatha 3other\n"
uf check friendly.snap
expect_same "check: a second line with its name counts for nothing" "0 1" "$status $(grep -c '^verdict: same' said)"
put m/etc/multipath/bindings "# names\n\n\nmpatha 3other\nmpathb 3more"
uf check friendly.snap
expect_same "check: its name is another LUN's" "30 1" "$status $(grep -c 'bindings line 4 gives the name mpatha to 3other' said)"
typed
expect_same "what it says to type" "# names:::mpathb 3more:mpathc 3other:mpatha $wwid:" "$(tr '\n' : < m/etc/multipath/bindings)"
uf check friendly.snap
expect_same "check: the same again" "0 1" "$status $(grep -c '^verdict: same' said)"
put m/etc/multipath/bindings ''
put m/sys/devices/virtual/block/dm-0/dm/name 'rootlun\n'
"$tool" create --sysroot m --config friendly --output rootlun.snap 2> err
expect_same "create: the live name is none that user_friendly_names gives" 1 "$(grep -c '"rootlun" is not one that user_friendly_names gives: multipathd renames the map' err)"
uf check rootlun.snap
expect_same "check: so does check" "30 1" "$status $(grep -c 'multipathd renames root.s map at its start' said)"
typed
uf check rootlun.snap
expect_same "check: until one has typed what it says" "0 1" "$status $(grep -c '^verdict: same' said)"
put m/sys/devices/virtual/block/dm-0/dm/name 'mpatha\n'
rm -r m/etc/multipath/bindings friendly friendly.snap rootlun.snap

ln -s /proc/self/fd/1 stdout
"$tool" create --sysroot m --config "$config" --output stdout 2> err > piped
expect_same "create -o: a link stays one" "same yes" "$(cmp -s snap piped && echo same) $([ -L stdout ] && echo yes)"
mkfifo pipe
"$tool" create --sysroot m --config "$config" --output pipe 2> err &
expect_same "create -o: what is no file is written to, not replaced" "same yes" "$(timeout 20 cat pipe | cmp -s snap && echo same) $([ -p pipe ] && echo yes)"
wait
rm said stale without stale.cpio stdout piped pipe

mounts '27 1 0:30 / / rw - btrfs /dev/mapper/mpatha-part1 rw\n28 1 253:0 / /usr rw - ext4 /dev/mapper/mpatha rw\n'
put m/proc/swaps 'Filename Type Size Used Priority\n/dev/mapper/mpatha-part2 partition 1 0 -2\n'
create
expect_same "btrfs by its source, /usr, swap" "/ /usr resume" "$(value needed_for)"
mounts '27 1 254:0 / / rw - ext4 /dev/vda rw\n'
create
mv m/etc/multipath/wwids saved
said check snap
expect_same "check: a map for resume only is never root's" "10 1 multipath -a $wwid" "$status $(grep -c '^verdict: harmless' said) $(sed -n 's/^  type: //p' said)"
mv saved m/etc/multipath/wwids
rm said
mounts '27 1 0:30 / / rw - btrfs /dev/mapper/mpatha-part1 rw\n28 1 253:0 / /usr rw - ext4 /dev/mapper/mpatha rw\n'
put m/etc/initramfs-tools/conf.d/resume 'RESUME=none\n'
create
expect_same "no resume" "/ /usr" "$(value needed_for)"
put m/proc/cmdline 'quiet resume=/dev/mapper/mpatha-part2\n'
create
expect_same "resume= on the kernel command line" "/ /usr resume" "$(value needed_for)"

mounts '27 1 0:30 / / rw - btrfs /dev/vda rw\n'
mkdir -p m/sys/fs/btrfs/features m/sys/fs/btrfs/6d70/devices/vda m/sys/fs/btrfs/6d70/devices/dm-1
create
expect_same "btrfs, whose second device is on the map" "0 / resume" "$status $(value needed_for)"
rm -r m/sys/fs
create
expect_same "btrfs of one device that is not" "0 resume" "$status $(value needed_for)"

put m/etc/initramfs-tools/conf.d/resume 'RESUME=none\n'
rm -rf m/proc/cmdline
mounts '27 1 0:30 / / rw - overlay overlayroot rw,lowerdir=/media/root\\040ro,upperdir=/media/rw/overlay,workdir=/media/rw/work\n28 27 253:2 / /media/root\\040ro ro - ext4 /dev/x ro\n29 27 0:31 / /media/rw rw - tmpfs tmpfs rw\n'
create
expect_same "overlayroot: what is below the overlay" "0 /" "$status $(value needed_for)"
mounts '27 1 0:30 / / ro - overlay composefs ro,x,lowerdir=/run/ostree/.private/lower::/run/x\n28 27 0:31 / /run rw - tmpfs tmpfs rw\n29 27 253:2 / /sysroot ro - ext4 /dev/x ro\n'
create
expect_same "composefs: /sysroot" "0 /" "$status $(value needed_for)"
mounts '27 1 0:30 / / rw - overlay o rw,lowerdir=/a::/srv/c,upperdir=/u,workdir=/w\n28 27 254:0 / /srv rw - ext4 /dev/vda rw\n29 27 253:0 / /srv/c rw - ext4 /dev/x rw\n30 27 254:0 / /srv/cd rw - ext4 /dev/vda rw\n'
create
expect_same "an overlay's third directory" "0 /" "$status $(value needed_for)"
mounts '27 1 0:30 / / rw - overlay o rw,lowerdir=/srv/c,upperdir=/u,workdir=/w\n28 27 254:0 / /srv rw - ext4 /dev/vda rw\n29 27 253:0 / /srv/cd rw - ext4 /dev/x rw\n'
create
expect_same "an overlay that is not on the map" "2 1" "$status $(grep -c '(/ is on vda)' err)"
rm -rf m/proc/swaps m/proc/cmdline m/etc/multipath snap
mounts '26 1 253:2 / / rw - ext4 /dev/mapper/vg-root rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n'
create
expect_same "not on multipath (the later mount counts)" 2 $status
expect_same "it says so in a line" 1 "$(wc -l < err)"
expect_same "nothing is written" no "$([ -e snap ] && echo yes || echo no)"
create --root /dev/mapper/vg-root
expect_same "--root" 0 $status
expect_same "the WWID is not in wwids" 1 "$(grep -c "multipath -a $wwid" err)"
create --map $wwid
expect_same "--map" "0 /" "$status $(value needed_for)"
# in udev's database a backslash is one, in the kernel it is how libdevmapper writes a byte
odd='1HP_\x22MSA'
printf '%s\n' "mpath-$odd" > m/sys/devices/virtual/block/dm-0/dm/uuid
printf '%s\n' "$odd" > m/sys/devices/virtual/block/dm-0/dm/name
mv m/run/udev/data saved
for minor in 0 16; do mkdir -p m/run/udev/data && printf 'E:ID_SERIAL=%s\nE:ID_WWN=0x6001\n' "$odd" > m/run/udev/data/b8:$minor; done
create --map "$odd"
expect_same "a WWID that udev has written with x22" "0 1" "$status $(grep -cF 'wwid "1HP_\x22MSA"' snap)"
expect_same "what is to be typed is quoted" 1 "$(grep -cF "multipath -a '1HP_\x22MSA'" err)"
rm -r m/run/udev/data
mv saved m/run/udev/data
put m/sys/devices/virtual/block/dm-0/dm/uuid "mpath-$wwid\n"
put m/sys/devices/virtual/block/dm-0/dm/name 'mpatha\n'
create --map 3600
expect_same "no such map" 100 $status
create --root /dev/nowhere
expect_same "no such device" 100 $status
create --output nowhere/snap --map $wwid
expect_same "no such folder" 111 $status
echo untouched > snap
rm -r m/sys/devices/virtual/block/dm-0/slaves/sd?
create --map $wwid
expect_same "no paths: refused, and the old file stays" "100 untouched" "$status $(cat snap)"
printf 'defaults {\n\tprio const\n' > bad
mkdir -p m/sys/devices/virtual/block/dm-0/slaves/sda
status=0; "$tool" create --sysroot m --config bad --map $wwid --output snap 2> err || status=$?
expect_same "a malformed configuration is mended, one path warned of" "0 2" "$status $(grep -c -e "bad line 2: missing '}'" -e 'one path only' err)"
status=0; "$tool" create --sysroot m --config portals --map $wwid --output snap 2> err || status=$?
expect_same "what is no configuration is refused" 100 $status
rm -rf m/sys/devices/virtual/block/dm-0/slaves/* snap
mkdir -p m/sys/devices/virtual/block/dm-0/slaves/sda m/sys/devices/virtual/block/dm-0/slaves/sdb

# multipath, and not root's
mounts '27 1 253:2 / / rw - ext4 /dev/mapper/vg-root rw\n'
group=LVM-0123456789abcdef0123456789abcdef
cd m
put sys/devices/virtual/block/dm-2/dm/uuid "${group}00000000000000000000000000000000\n"
path 4 sdc 32 10.0.2.2 10.0.2.15
put sys/devices/platform/host4/session4/target4:0:0/4:0:0:1/vpd_pg83 '\0000\0203\0000\0014\0001\0003\0000\0010\0120\0000\0000\0000\0000\0000\0000\0247'
put run/udev/data/b8:32 'E:ID_SERIAL=350000000000000a7\nE:ID_WWN=0x50000000000000a7\n'
dm 4 data mpath-350000000000000a7 sdc
cd ..
create
expect_same "a LUN of which no map is made" "0 wwid 350000000000000a7 designator naa.50000000000000a7" "$status $(sed -n '/^other {/,/^}/s/^\t//p' snap | tr -d '"' | xargs)"
expect_same "it is none of root's" 1 "$(grep -c '^map {' snap)"
sed '/^other {/,/^}/d; /^checksum/d' snap > stale
printf 'checksum "sha256:%s"\n' "$(sha256sum < stale | cut -d' ' -f1)" >> stale
put m/etc/multipath/wwids "/$wwid/\n"
said check stale
expect_same "check: an image that does not know it" "10 1" "$status $(grep -c '^+ other "350000000000000a7"' said)"
cd m
dm 5 vg-data "${group}11111111111111111111111111111111" dm-4
cd ..
create
expect_same "it has another volume of root's group: a map, for which nothing waits" "0 2 0 group /" \
	"$status $(grep -c '^map {' snap) $(grep -c '^other {' snap) $(sed -n 's/^\tneeded_for "\(.*\)"$/\1/p' snap | xargs)"
put m/sys/devices/virtual/block/dm-5/dm/uuid "LVM-1123456789abcdef0123456789abcdef11111111111111111111111111111111\n"
create
expect_same "of another group: none" "0 1 1" "$status $(grep -c '^map {' snap) $(grep -c '^other {' snap)"
put m/sys/devices/virtual/block/dm-5/dm/uuid "${group}11111111111111111111111111111111\n"
mv m/sys/devices/virtual/block/dm-4/slaves/sdc slave
create
expect_same "of root's group, without a path: left out, and said" "0 1 0 1" \
	"$status $(grep -c '^map {' snap) $(grep -c '^other {' snap) $(grep -c 'dm-4 is left out: it only has other volumes' err)"
mv slave m/sys/devices/virtual/block/dm-4/slaves/sdc
rm -r m/sys/devices/virtual/block/dm-5 m/sys/class/block/dm-5
create
expect_same "nothing on it: another LUN" "0 1 1" "$status $(grep -c '^map {' snap) $(grep -c '^other {' snap)"
put m/run/udev/data/b253:4 'E:ID_FS_TYPE=LVM2_member\n'
create
expect_same "a physical volume that may be of root's group: not named" "0 1 0" "$status $(grep -c '^map {' snap) $(grep -c '^other {' snap)"
mkdir -p m/sys/devices/virtual/block/dm-4/holders/dm-9
create
expect_same "one that has volumes, and none of root's group: named" "0 1 1" "$status $(grep -c '^map {' snap) $(grep -c '^other {' snap)"
rm -r m/sys/devices/virtual/block/dm-4/holders m/run/udev/data/b253:4
put m/etc/fstab '/dev/mapper/data /srv ext4 nofail 0 0\n'
create
expect_same "what fstab mounts later: named" "0 1" "$status $(grep -c '^other {' snap)"
put m/etc/fstab '# x\n/dev/mapper/data /srv ext4 defaults,x-initrd.mount 0 0\n'
create
expect_same "what it mounts in the initramfs: a map, for which nothing waits" "0 2 0 group /" \
	"$status $(grep -c '^map {' snap) $(grep -c '^other {' snap) $(sed -n 's/^\tneeded_for "\(.*\)"$/\1/p' snap | xargs)"
mv m/sys/devices/virtual/block/dm-4/slaves/sdc slave
create
expect_same "that without a path: left out, and said" "0 1 0 1" \
	"$status $(grep -c '^map {' snap) $(grep -c '^other {' snap) $(grep -c 'dm-4 is left out: .* (x-initrd.mount)' err)"
mv slave m/sys/devices/virtual/block/dm-4/slaves/sdc
put m/etc/fstab '/dev/mapper/mpatha-part2 /srv ext4 x-initrd.mount 0 0\n'
create
expect_same "it is on root's map, too: that is waited for" "0 1 1 /" \
	"$status $(grep -c '^map {' snap) $(grep -c '^other {' snap) $(sed -n 's/^\tneeded_for "\(.*\)"$/\1/p' snap | xargs)"
mounts '27 1 254:0 / / rw - ext4 /dev/vda rw\n'
put m/etc/fstab '/dev/mapper/data /srv ext4 x-initrd.mount 0 0\n'
create
expect_same "root is not on multipath: the builder's own way sees to it" 2 $status
rm m/etc/fstab

# the machine resumes from a LUN that has no path
put m/proc/cmdline 'resume=/dev/mapper/data\n'
mv m/sys/devices/virtual/block/dm-4/slaves/sdc slave
create
expect_same "nothing else is on multipath" "2 1" "$status $(grep -c 'no map is left' err)"
mounts '27 1 253:2 / / rw - ext4 /dev/mapper/vg-root rw\n'
create
expect_same "left out, and said loudly" "0 1 / 1" "$status $(grep -c '^map {' snap) $(value needed_for) $(grep -c 'error: dm-4 is left out, and the image cannot resume from it' err)"
mv slave m/sys/devices/virtual/block/dm-4/slaves/sdc
{ cat "$config"; printf 'blacklist {\n\twwid "350000000000000a7"\n}\n'; } > cutting
status=0; "$tool" create --sysroot m --config cutting --output snap 2> err || status=$?
expect_same "so it is when it is blacklisted" "0 1 1" "$status $(grep -c '^map {' snap) $(grep -c 'dm-4 is left out, and the image cannot resume' err)"

# portals that are down or known by name; both maps have a path through the second one
connection=m/sys/devices/platform/host4/session4/connection4:0/iscsi_connection/connection4:0
put $connection/persistent_address '10.0.9.2\n'
for host in 3 4; do put m/sys/devices/platform/host$host/iscsi_host/host$host/ipaddress '\n'; done
create
expect_same "a portal that is down: said once" "0 1 1" "$status $(grep -c 'portal ' err) \
$(grep -c 'portal 10.0.9.2:3260 (sd[bc]) is not connected, and no interface has an address for it' err)"
"$tool" iscsi snap > portals
expect_same "its interface is known" "iqn.2026-01.test:root 10.0.9.2 3260 1 eth1.7 52:54:00:12:34:01 - 10.0.3.1" "$(grep " 10.0.9.2 " portals)"
put $connection/persistent_address 'san.example\n'
create
expect_same "one that is known by name: said" "0 1" "$status $(grep -c 'portal san.example:3260 (sdc) is known by name, and the image cannot resolve names' err)"
put $connection/persistent_address '10.0.9.2\n'

# NVMe/TCP before 6.1
cd m
nvme=virtual/nvme-fabrics/ctl/nvme0
block nvme0n1 259:0 $nvme/nvme0n1
link ../../nvme0 sys/devices/$nvme/nvme0n1/device
link ../devices/$nvme/nvme0n1 sys/block/nvme0n1
put sys/devices/$nvme/nvme0n1/wwid 'uuid.8f1c\n'
put sys/devices/$nvme/nvme0n1/nsid '1\n'
put sys/devices/$nvme/nvme0n1/size '8388608\n'
put sys/devices/$nvme/transport 'tcp\n'
put sys/devices/$nvme/subsysnqn 'nqn.2026-01.test:root\n'
put sys/devices/$nvme/address 'traddr=10.0.9.2,trsvcid=4420,host_traddr=10.0.3.15,host_iface=eth1.7\n'
put run/udev/data/b259:0 'E:ID_WWN=uuid.8f1c\n'
dm 6 nvme mpath-uuid.8f1c nvme0n1
cd ..
create --map uuid.8f1c
"$tool" nvme snap > portals
expect_same "the address that the controller was told to come from" "0 0 nqn.2026-01.test:root 10.0.9.2 4420 eth1.7 52:54:00:12:34:01 10.0.3.15/24 10.0.3.1 10.0.3.15 eth1.7" \
	"$status $(grep -c 'portal ' err) $(cat portals)"
put m/sys/devices/$nvme/address 'traddr=10.0.9.2,trsvcid=4420\n'
create --map uuid.8f1c
expect_same "it was told nothing: said" "0 1" "$status $(grep -c 'portal traddr=10.0.9.2,trsvcid=4420 (nvme0n1) is not connected, and no interface' err)"

# A running system's interfaces: this one's, in a name space of its own, where lo stands for eth1.7.
net="$dir/snap.live"
live() { # FAMILY "ADDRESS [label LABEL]"...: the second portal's interface has these; prints what the snapshot has
	{
		echo "set -e"
		for address in "$@"; do [ "$address" = "$1" ] || echo "ip $1 addr add $address dev lo"; done
		echo "exec chroot m /tool create --config /config --map $wwid"
	} > script
	unshare -rn sh script > "$net" 2> err || return 1
	"$tool" iscsi "$net" | sed -n 2p | cut -d' ' -f5-
}
cp "$tool" m/tool
cp "$config" m/config
ldd "$tool" | grep -o '/[^ ]*' | while read -r file; do mkdir -p "m${file%/*}" && cp "$file" "m$file"; done
link ../../devices/virtual/net/eth1.7 m/sys/class/net/lo
sed 's/^eth1\.7/lo/' m/proc/net/route > route && cat route > m/proc/net/route
if unshare -rn sh -ec 'ip addr add 10.0.3.15/24 dev lo; chroot m /tool --version' > version 2>&1; then
	way='52:54:00:12:34:01'
	expect_same "the portal is down, its interface is there" "lo $way 10.0.3.15/24 10.0.3.1" "$(live -4 '10.0.3.15/24 label lo:1')"
	expect_same "a way through a gateway is told: it may be another portal's" 1 "$(grep -c 'portal 10.0.9.2:3260 (sdb) is not connected: .* through lo with 10.0.3.15/24 by' err)"
	expect_same "of several addresses, the one in the gateway's network" "lo $way 10.0.3.15/24 10.0.3.1" "$(live -4 10.1.0.1/16 10.0.3.15/24 10.2.0.1/16)"
	expect_same "none is: the first" "lo $way 10.1.0.1/16 10.0.3.1" "$(live -4 10.1.0.1/16 10.2.0.1/16)"
	put m/sys/devices/platform/host3/iscsi_host/host3/ipaddress '10.0.3.15\n'
	expect_same "an address with a label" "lo $way 10.0.3.15/24 10.0.3.1" "$(live -4 '10.0.3.15/24 label lo:1')"
	put m/sys/devices/platform/host3/iscsi_host/host3/ipaddress '\n'
	put m/sys/devices/platform/host3/iscsi_host/host3/netdev 'lo\n'
	put m/sys/devices/platform/host3/session3/connection3:0/iscsi_connection/connection3:0/persistent_address 'fd00:9::2\n'
	if found=$(live -6 fe80::5/64); then
		expect_same "IPv6: not the link's own address" "lo $way - -" "$found"
		expect_same "but the other" "lo $way fd00:3::15/64 -" "$(live -6 fe80::5/64 fd00:3::15/64)"
	fi
else
	echo "left out: no name spaces here, or no ip"
fi
exit $failed

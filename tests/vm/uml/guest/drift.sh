# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What drift-check.sh and drift-image.sh share: a live map of multipathd's, a snapshot of it in $old, and the configuration that was there then.

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
# check TEXT CODE PATTERN [FILE]...: its exit code, and what it says; root is on $name
check() {
	local text=$1 code=$2 pattern=$3 status=0; shift 3
	$tool check --root /dev/mapper/${name:-mpatha-part1} "${@:-$old}" > /tmp/said 2>&1 || status=$?
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
section() { conf "$(printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\t%s\n\t}\n}' "${2:-$wwid}" "$1")"; }

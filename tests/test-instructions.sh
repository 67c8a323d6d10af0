#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-instructions.sh BUILD_DIR: how much mpath-boot computes for a recorded machine, and for each map more in a snapshot. Compilers differ by
# a few per cent; the limits leave a third of room.
set -eu

here=$(dirname "$0")
fixture=$here/fixtures/lio-alua-iscsi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v valgrind > /dev/null || { echo "no valgrind: tests/packages.sh test"; exit 1; }

instructions() {	# instructions BUILD_DIR COMMAND...
	build=$1; shift
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/mpath-boot" "$@" 2>&1 > "$work/plan" | sed -n 's/.*Collected : //p'
}
plan() { instructions "$1" plan --sysroot "$fixture" --snapshot "$2"; }

# the same snapshot with 100 maps more, none of which has a path
cp "$fixture/etc/mpath-boot/snapshot" "$work/one"
sed '/^checksum/d' "$work/one" > "$work/many"
n=100
while [ $n -lt 200 ]; do
	sed -n '/^map {/,/^}/p' "$work/one" | sed "/wwid \"/s/\"[^\"]*\"/\"36001405ffffffffffffffffffff$n\"/; s/^\(	alias \).*/\1\"other$n\"/; s/^\(	designator \).*/\1\"naa.6001405ffffffffffffffffffff$n\"/"
	n=$((n + 1))
done >> "$work/many"
printf 'checksum "sha256:%s"\n' "$(sha256sum < "$work/many" | cut -d' ' -f1)" >> "$work/many"
one=$(plan "$1" "$work/one")
grep -q multipath "$work/plan" || { echo "no plan"; exit 1; }
many=$(plan "$1" "$work/many")
grep -q multipath "$work/plan" || { echo "no plan with many maps"; exit 1; }
bytes=$(($(stat -c %s "$work/many") - $(stat -c %s "$work/one")))
each=$(((many - one) / 100))
echo "one map: $one instructions, at most 520000; each map more ($((bytes / 100)) bytes): $each, at most 228000"
[ "$one" -le 520000 ] && [ "$each" -le "228000" ]

# udev asks about a disk of somebody else's (or one that is not there: it costs the same), and all that a map more costs is to read it
one=$(instructions "$1" claim --snapshot "$work/one" sdzzzz)
many=$(instructions "$1" claim --snapshot "$work/many" sdzzzz)
each=$(((many - one) / 100))
echo "claim: one map: $one instructions, at most 390000; each map more: $each, at most 205000"
[ "$one" -le 390000 ] && [ "$each" -le "205000" ]

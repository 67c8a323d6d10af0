#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# relink [-o OUTPUT] FILE.o|FILE.c...: the static mpath-boot with extensions (<mpath-boot/extension.h>) linked in.
# It lies beside what it links (relink kit) and needs ld, or cc, and nothing else; FILE.c needs cc.
#
# Each file that defines mpath_boot_extension is an extension of its own, up to 16; others are linked in for what they define.
set -eu

kit=$(cd "$(dirname "$0")" && pwd)
output=mpath-boot
fail() { echo "mpath-boot relink: $*" >&2; exit 100; }

while [ $# -gt 0 ]; do
	case $1 in
	-o) [ $# -ge 2 ] || fail "-o needs a file"; output=$2; shift 2 ;;
	-h | --help) sed -n 's/^# \(relink .*\)/usage: mpath-boot \1/p' "$0"; exit 0 ;;
	--) shift; break ;;
	-*) fail "there is no option $1" ;;
	*) break ;;
	esac
done
files=
while [ $# -gt 0 ]; do	# options may follow the files
	case $1 in
	-o) [ $# -ge 2 ] || fail "-o needs a file"; output=$2; shift ;;
	*[!A-Za-z0-9_./+-]*) fail "$1: a file name is letters, digits and \"_-+./\"" ;;
	*) [ -r "$1" ] || fail "unable to read $1"; files="$files $1" ;;
	esac
	shift
done
[ -n "$files" ] || fail "nothing to link in; usage: mpath-boot relink FILE.o|FILE.c... -o OUTPUT"
cc=$(command -v "${CC:-cc}" || command -v gcc || command -v clang || :)
ld=$(command -v "${LD:-ld}" || :)
[ -n "$ld$cc" ] || fail "there is neither ld (package binutils) nor cc"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# partial IN OUT N: gives the extension in IN the name of slot N. Fails if there is none in it
partial()
{
	if [ -n "$ld" ]; then
		"$ld" -r --defsym="mpath_boot_linked_$3=mpath_boot_extension" -o "$2" "$1"
	else
		"$cc" -nostdlib -r -Wl,--defsym="mpath_boot_linked_$3=mpath_boot_extension" -o "$2" "$1"
	fi
}

objects=
n=0
i=0
for file in $files; do
	i=$((i + 1))
	case $file in
	*.c)
		[ -n "$cc" ] || fail "$file: there is no cc; compile it elsewhere and give $(basename "$file" .c).o"
		# The C library of the kit is not that of the headers: no calls into the latter's own checks.
		"$cc" -Os -ffunction-sections -fdata-sections -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE \
			-I"$kit/include" -c -o "$tmp/in$i.o" "$file" || fail "unable to compile $file"
		file=$tmp/in$i.o
		;;
	esac
	if partial "$file" "$tmp/ext$n.o" $n 2> "$tmp/messages"; then
		objects="$objects $tmp/ext$n.o"
		n=$((n + 1))
		[ $n -le 16 ] || fail "more than 16 extensions"
	elif grep -q mpath_boot_extension "$tmp/messages"; then
		objects="$objects $file"	# it brings no extension, but something that one needs
	else
		cat "$tmp/messages" >&2
		fail "unable to read $file"
	fi
done
[ $n -gt 0 ] || fail "none of these files defines mpath_boot_extension: see mpath-boot/extension.h"

# shellcheck disable=SC2086,SC2046,SC2013 # lists of names without blanks
set -- $(for file in $(cat "$kit/begin"); do echo "$kit/$file"; done) "$kit/mpath-boot.o" $objects
# shellcheck disable=SC2013
end=$(for file in $(cat "$kit/end"); do echo "$kit/$file"; done)
archives=$(for file in "$kit"/*.a; do echo "$file"; done)
# shellcheck disable=SC2086
if [ -n "$ld" ]; then
	"$ld" -static --gc-sections -s -z relro -o "$tmp/out" "$@" --start-group $archives --end-group $end || fail "the linker found no way"
else
	"$cc" -static -no-pie -nostdlib -Wl,--gc-sections -s -o "$tmp/out" "$@" -Wl,--start-group $archives -Wl,--end-group $end || fail "the linker found no way"
fi
"$tmp/out" list --self > "$tmp/list" || fail "the new program does not run"
grep -q 'linked in' "$tmp/list" ||
	fail "the new program has nothing of these files: were they built for its ABI ($("$tmp/out" --version | tail -n 1)), with names of their own?"
cp "$tmp/out" "$output.new$$" && chmod 755 "$output.new$$" && mv "$output.new$$" "$output"
echo "$output: $(wc -c < "$output") bytes"
grep 'linked in' "$tmp/list"

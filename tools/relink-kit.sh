#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# relink-kit.sh OUTPUT_DIR "LINK COMMAND" OBJECT...: what "mpath-boot relink" links. One object file of all OBJECTs, and the start-up files and archives that
# the link command takes from the compiler and its C library, as it names them itself (-t); and what other headers than that library's call (isoc23.c).
set -eu

out=$1
link=$2
shift 2
rm -rf "$out.new"
mkdir -p "$out.new"
# without debugging information: it would be most of the kit
${LD:-ld} -r -S -o "$out.new/mpath-boot.o" "$@"
# shellcheck disable=SC2086 # it is a command with options
$link -Wl,-t -o "$out.new/trial" "$@" > "$out.new/trace"
rm "$out.new/trial"
: > "$out.new/begin"
: > "$out.new/end"
where=begin
while read -r file _; do
	case $file in
	*/crt*.o | */Scrt1.o | */rcrt1.o | */gcrt1.o) cp "$file" "$out.new/"; echo "${file##*/}" >> "$out.new/$where" ;;
	*.a) [ -e "$out.new/${file##*/}" ] || cp "$file" "$out.new/"; where=end ;;
	*) where=end ;;
	esac
done < "$out.new/trace"
rm "$out.new/trace"
# shellcheck disable=SC2086
$link -Os -ffunction-sections -c -o "$out.new/isoc23.o" "$(dirname "$0")/isoc23.c"
${AR:-ar} rc "$out.new/libisoc23.a" "$out.new/isoc23.o"
rm "$out.new/isoc23.o"
cp "$(dirname "$0")/relink.sh" "$out.new/relink"
rm -rf "$out"
mv "$out.new" "$out"

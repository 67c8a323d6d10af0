#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# size.sh BINARY: its stripped size by component, and what Debian's multipath-tools-boot puts into an initramfs: the files that its
# hook copies with their library closure, from the packages (unpacked into a temporary folder, not installed).
set -eu

limit=260000
binary=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

strip -s -o "$work/stripped" "$binary"
size=$(stat -c %s "$work/stripped")
printf '%9d  %s, stripped (limit %d)\n' "$size" "$binary" "$limit"
# What the linker kept of each file, from its map: "[ .section] address size file", the section on a line of its own if its name is long.
if [ -e "$binary.map" ]; then
	sed -n '/^Linker script and memory map/,$p' "$binary.map" | awk '
		function hex(text, i, n) {
			for (i = 3; i <= length(text); i++)
				n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
			return n
		}
		$1 ~ /^\.(bss|tbss)/ { skip = 1 }
		/^ \.[a-z]/ { skip = $1 ~ /^\.(bss|tbss|debug|comment|note)/ }
		NF >= 3 && $(NF - 2) ~ /^0x/ && $(NF - 1) ~ /^0x/ && $NF ~ /\// && !skip {
			file = $NF
			if (file ~ /libaio/) part = "libaio"
			else if (file ~ /libgcc|crt/) part = "libgcc and start-up code"
			else if (file ~ /libc\.a/) part = "libc"
			else if (file ~ /\/checkers\//) part = "checkers/"
			else if (file ~ /\/prio\//) part = "prio/"
			else part = "src/"
			sum[part] += hex($(NF - 1))
			if (part == "src/") { sub(/.*\//, "", file); each[file] += hex($(NF - 1)) }
		}
		END {
			for (part in sum) printf "%9d    %s\n", sum[part], part
			for (file in each) if (each[file] >= 3000) printf "%9d      src/%s\n", each[file], file
		}' | sort -k2,2 -k1,1rn
fi
if [ "${1##*.}" != none ] && command -v apt-get > /dev/null; then
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download multipath-tools kpartx dmsetup libaio1 libdevmapper1.02.1 liburcu8 \
		libsystemd0 libudev1 libselinux1 libjson-c5 libedit2 libgcc-s1 libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1 \
		libpcre2-8-0 libbsd0 libmd0 libtinfo6 2> /dev/null) || { echo "           (no packages to compare with: offline?)"; exit 0; }
	for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
	total=0
	for file in $(find "$work/root" -type f \( -name '*.so*' -o -name multipath -o -name kpartx -o -name dmsetup -o -name kpartx_id \) \
		-not -path '*/share/*'); do
		total=$((total + $(stat -c %s "$file")))
	done
	printf '%9d  multipath, kpartx, dmsetup, kpartx_id, all plugins and libraries but libc\n' "$total"
fi
[ "$size" -le "$limit" ] || { echo "size: over the limit" >&2; exit 1; }

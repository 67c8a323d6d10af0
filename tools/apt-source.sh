#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Unpack a Debian source package: apt-source.sh PACKAGE DIR. Adds deb-src lines beside the machine's own deb lines if there are none.
set -eu

package=$1
dir=$2
list=/etc/apt/sources.list.d/mpath-boot-src
if ! apt-get indextargets --format '$(IDENTIFIER)' 2> /dev/null | grep -qx Sources; then
	if [ -s /etc/apt/sources.list ]; then
		sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > "$list.list"
	fi
	for file in /etc/apt/sources.list.d/debian*.sources; do
		[ -e "$file" ] && sed 's/^Types: .*/Types: deb-src/' "$file" && echo
	done > "$list.sources"
	[ -s "$list.sources" ] || rm -f "$list.sources"
	apt-get -o DPkg::Lock::Timeout=600 -q update > /dev/null
fi
mkdir -p "$dir"
cd "$dir"
apt-get -q source "$package" > /dev/null

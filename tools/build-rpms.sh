#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-rpms.sh DIR: RPMs of this tree, built in a copy of it, in DIR. On a system without RPMs, too (Debian's package rpm): what rpm/mpath-boot.spec wants
# must then be there under another name, and is not looked for (--nodeps).
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
version=$(rpmspec -q --srpm --qf '%{version}' "$top/rpm/mpath-boot.spec")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/SOURCES"
tar -C "$top" --exclude=./build --exclude=./.git --exclude=__pycache__ --transform "s|^\.|mpath-boot-$version|S" -czf "$work/SOURCES/mpath-boot-$version.tar.gz" .
set -- --define "_topdir $work" --define "_rpmdir $out" --define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"
if [ ! -e /etc/rpm/macros.dist ] && command -v dpkg-architecture > /dev/null; then
	set -- "$@" --nodeps --define "libaio /usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/libaio.a"
fi
rpmbuild -bb "$@" "$top/rpm/mpath-boot.spec" > "$out/log" 2>&1 || { tail -n 40 "$out/log" >&2; exit 1; }
for file in "$out"/*.rpm; do
	echo "$file"
done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-debs.sh [-t] [DIR]: the Debian packages of this tree, built in a copy of it, and the directory in which they are.
#
#	-t   for trials: no source package, no unit tests, and nothing at all when build/debs has the packages of these sources already
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
trial=
while getopts t option; do
	case $option in
	t) trial=y ;;
	*) sed -n '/^# build-debs/,/^#.*-t /s/^# \{0,1\}//p' "$0" >&2; exit 100 ;;
	esac
done
shift $((OPTIND - 1))

# what the packages are made of, without what a build leaves in debian/
sources() {
	local parts="Makefile README.md checkers debian docs hooks prio src tools"
	[ -n "$trial" ] || parts="$parts .gitignore rpm tests"
	# shellcheck disable=SC2086
	(cd "$top" && find $parts \( -path debian/.debhelper -o -path debian/tmp -o -path 'debian/mpath-boot*' -type d \) -prune \
		-o \( -name __pycache__ -prune \) -o \( -type f -o -type l \) ! -name '*.substvars' ! -name '*.debhelper*' ! -path debian/files -print | LC_ALL=C sort)
}

dir=${1:-$top/build/debs}
if [ -n "$trial" ]; then
	dir=$dir/$( (cd "$top" && sources | tr '\n' '\0' | xargs -0 sha256sum; sources | xargs stat -c %A) | sha256sum | cut -c1-16)
fi
mkdir -p "$(dirname "$dir")"
dir=$(cd "$(dirname "$dir")" && pwd)/$(basename "$dir")
exec 9> "$(dirname "$dir")/.lock"
flock 9
if [ -z "$trial" ] || [ ! -e "$dir" ]; then
	work=$(mktemp -d "$(dirname "$dir")/.build.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/mpath-boot"
	(cd "$top" && sources | cpio --quiet -pdm "$work/mpath-boot")
	(
		cd "$work/mpath-boot"
		[ -z "$trial" ] || export DEB_BUILD_OPTIONS="nocheck noddebs parallel=2"
		dpkg-buildpackage -us -uc ${trial:+-b} > "$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; exit 1; }
	)
	rm -r "$work/mpath-boot"
	[ -z "$trial" ] || find "$work" -type f ! -name '*.deb' -delete     # what differs from build to build
	chmod 755 "$work"
	rm -rf "$dir"
	mv "$work" "$dir"
fi
echo "$dir"

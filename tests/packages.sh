#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Install what building, testing and the demo need on a Debian 12 machine: packages.sh [build|test|vm|deb|rpm|mkinitfs]...
set -eu

build="gcc make musl-tools libc6-dev linux-libc-dev dpkg-dev libdevmapper-dev libudev-dev libaio-dev pkg-config"
test="libcmocka-dev shellcheck cppcheck valgrind python3 clang clang-tidy libclang-rt-14-dev cpio gzip xz-utils zstd lz4"
vm="qemu-system-x86 tgt mmdebstrap iproute2 fdisk e2fsprogs xz-utils zstd python3 cpio busybox-static"

deb="build-essential $build debhelper libcmocka-dev python3 cpio lz4 xz-utils zstd"
rpm="$build libcmocka-dev python3 cpio lz4 xz-utils zstd rpm rpmlint"
mkinitfs="libblkid-dev libcryptsetup-dev libkmod-dev pax-utils"	# what tests/vm/boot-mkinitfs builds, and what lddtree asks

want=
for set in "$@"; do
	case $set in
	build) want="$want $build" ;;
	test) want="$want $test" ;;
	vm) want="$want $vm $deb" ;;	# guests install packages
	deb) want="$want $deb lintian" ;;
	rpm) want="$want $rpm" ;;
	mkinitfs) want="$want $vm $deb $mkinitfs" ;;
	esac
done
missing=
for package in $want; do
	dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
	echo "this needs root once, for: apt-get install$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=600 -q update > /dev/null
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=600 -y -q --no-install-recommends install $missing
# The daemon of the tgt package is not wanted on this machine: tests start their own.
systemctl disable --now tgt.service 2> /dev/null || :

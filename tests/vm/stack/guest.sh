#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the guest of boot-stack once, into the cache, and says where it is: guest.sh's tree with LVM, cryptsetup, MD and btrfs, and without open-iscsi, in root/.
#
# Needs: what ../guest.sh needs; root.
set -eu

here=$(dirname "$(readlink -f "$0")")
packages="lvm2 cryptsetup cryptsetup-initramfs mdadm btrfs-progs"

# apt's answer for the guest's set of packages, on this machine's archives
fetch() {
	local root=$1 dir=$2
	mkdir -p "$dir/partial"
	# shellcheck disable=SC2086
	apt-get -q -y -d -o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::Cache::archives="$dir" -o APT::Sandbox::User=root \
		-o APT::Install-Recommends=0 -o Debug::NoLocking=1 install $packages
}

# guest.sh has left it out; its dependencies are there
add_btrfs() {
	local root=$1 dir=$2 release
	release=$(ls "$root/lib/modules")
	(cd "$dir" && apt-get -q -o APT::Sandbox::User=root download "linux-image-$release")
	dpkg-deb --fsys-tarfile "$dir/linux-image-$release"_*.deb | tar -x -C "$root" --keep-directory-symlink "./lib/modules/$release/kernel/fs/btrfs"
	rm "$dir/linux-image-$release"_*.deb
	"$here/../guest.sh" chroot "$root" depmod "$release"
}

build() {
	local out=$1 base=$2 root=$1/root
	mkdir -p "$out"
	cp -a "$base/root" "$root"
	add_btrfs "$root" "$out"
	fetch "$root" "$out/deb"
	cp "$base/dpkg.cfg" "$root/etc/dpkg/dpkg.cfg.d/lab"
	echo update_initramfs=no >"$root/etc/initramfs-tools/update-initramfs.conf"
	"$here/../guest.sh" chroot "$root" dpkg --purge open-iscsi
	mkdir "$root/deb"
	mv "$out"/deb/*.deb "$root/deb"
	"$here/../guest.sh" chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c 'dpkg --force-unsafe-io --force-confold -i /deb/*.deb'
	rm -r "$root/deb" "$out/deb"
	# checks of arrays at night, and mails about them
	"$here/../guest.sh" chroot "$root" systemctl -q mask mdmonitor.service mdcheck_start.timer mdcheck_continue.timer mdmonitor-oneshot.timer
}

if [ "${1:-}" = build ]; then
	build "$2" "$3"
	exit
fi

base=$("$here/../guest.sh")
out=$(dirname "$base")/stack-guest-$( (echo "$base"; cat "$here/guest.sh") | sha256sum | cut -c1-16)
if [ ! -e "$out" ]; then
	exec 9>"$out.lock"
	flock 9
	if [ ! -e "$out" ]; then
		rm -rf "$out.new"
		"$0" build "$out.new" "$base" >"$out.log" 2>&1 || { tail -20 "$out.log" >&2; echo "guest.sh: unable to build the guest: see $out.log" >&2; exit 1; }
		mv "$out.new" "$out"
	fi
	rm -f "$out.lock"
fi
echo "$out"

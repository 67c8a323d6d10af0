#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# suites.sh [SUITE]...: the packages of this tree on each Debian SUITE (bookworm, trixie, testing; default: all), in new chroots: built there by what README.md says,
# with the unit tests and what that suite's lintian says of them, and then tested by autopkgtest(1) where nothing else is installed: the packages and what they
# depend on install there, the programs run, an extension is built and linked in, both builders make images.
#
# Needs root, a network, and the packages autopkgtest and mmdebstrap. Minutes a suite; logs, packages and autopkgtest's output are left in build/suites/.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
logs=${BUILD:-$top/build}/suites
mkdir -p "$logs"
work=$(mktemp -d "$logs/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# sources SUITE: the main archive of this machine's mirror. A mirror may be weeks behind, and says until when testing's index is good.
sources() {
	apt-get indextargets --format "deb [check-valid-until=no signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \$(REPO_URI) $1 main" \
		'Created-By: Packages' 'Origin: Debian' | grep -v -- -security | head -n 1
}

# make_root SUITE ROOT
make_root() {
	sources "$1" > "$work/sources.list"
	mmdebstrap --mode=root --variant=apt --dpkgopt=force-unsafe-io --aptopt='Acquire::Languages "none"' --skip=cleanup/apt/lists "$1" "$2" "$work/sources.list"
	printf '#!/bin/sh\nexit 101\n' > "$2/usr/sbin/policy-rc.d"	# no daemon starts there
	chmod 755 "$2/usr/sbin/policy-rc.d"
}

# with_mounts ROOT COMMAND...: in a mount namespace where ROOT has what a chroot needs
with_mounts() {
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -eu -c '
		root=$1
		shift
		mount --rbind /dev "$root/dev"
		mount -t proc proc "$root/proc"
		mount -t sysfs -o ro sysfs "$root/sys"
		exec "$@"' sh "$@"
}

# build_in ROOT: leaves what "make deb" makes in ROOT/mpath-boot/build/packages
build_in() {
	mkdir "$1/mpath-boot"
	tar -C "$top" --exclude=./build --exclude=./.git -c . | tar -C "$1/mpath-boot" -x --no-same-owner
	with_mounts "$1" chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -euc 'cd /mpath-boot; sh tests/packages.sh deb; make deb'
}

# test_in SUITE: its exit status is autopkgtest's
test_in() {
	rm -rf "${logs:?}/$1"
	mkdir "$logs/$1"
	make_root "$1" "$work/root"
	cp -a "$work/root" "$work/build"
	build_in "$work/build"
	mv "$work/build/mpath-boot/build/packages" "$logs/$1/"
	with_mounts "$work/root" autopkgtest --output-dir "$logs/$1/autopkgtest" "$logs/$1"/packages/*.changes -- chroot "$work/root"
}

[ $# -gt 0 ] || set -- bookworm trixie testing
failed=0
for suite; do
	status=0
	(test_in "$suite") > "$logs/$suite.log" 2>&1 & wait $! || status=$?
	echo "$suite: exit $status: $logs/$suite.log"
	sed 's/^/      /' "$logs/$suite/autopkgtest/summary" || failed=1
	[ $status -eq 0 ] || failed=1
	rm -rf "${work:?}"/*
done
exit $failed

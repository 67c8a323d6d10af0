# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For tests that make images with a builder, to be read in the source's directory. They define
#	make_image FILE KERNEL
#	list_image FILE      names in it

snapshot=$PWD/tests/fixtures/lio-alua-iscsi/etc/mpath-boot/snapshot
cd "$AUTOPKGTEST_TMP" || exit
# shellcheck disable=SC2012
version=$(ls /lib/modules | tail -n 1)

# the snapshot is of a machine over iSCSI
if [ ! -e /sbin/iscsistart ]; then
	sed '/^checksum/d; /^	path {/,/^	}/d' "$snapshot" > without-paths
	printf 'checksum "sha256:%s"\n' "$(sha256sum < without-paths | cut -d' ' -f1)" >> without-paths
	snapshot=$PWD/without-paths
	mpath-snapshot show "$snapshot" > /dev/null
fi

image() {	# image NAME [VARIABLE=VALUE]...: make it in this environment, and list it in NAME.list
	name=$1
	shift
	(
		for setting; do export "${setting?}"; done
		make_image "$name" "$version"
	) && list_image "$name" | sed 's#^usr/\(s\{0,1\}bin\|lib\)/#\1/#' | sort > "$name.list"
}

has() { grep -qx "$2" "$1.list" || { echo "$1 lacks $2"; exit 1; }; }
has_not() { ! grep -x "$2" "$1.list" || { echo "$1 must not have that"; exit 1; }; }

images() {
	image ours MPATH_BOOT_SNAPSHOT="$snapshot"
	for name in sbin/mpath-boot etc/mpath-boot/snapshot 'lib/modules/.*/dm-multipath\.ko.*' \
		'lib/udev/rules.d/\(11\|56\)-mpath-boot-dm\.rules' lib/udev/rules.d/59-mpath-boot-path.rules lib/udev/rules.d/61-mpath-boot-late.rules; do
		has ours "$name"
	done
	for name in 'sbin/multipath.*' 'lib/.*/libmultipath.*' 'lib/udev/rules.d/.*-multipath.rules'; do
		has_not ours "$name"
	done

	image none MPATH_BOOT=n
	has_not none '.*mpath-boot.*'
	has none sbin/multipath

	if image wrong MPATH_BOOT=y MPATH_BOOT_SNAPSHOT=/dev/null; then
		echo "an image with a bad snapshot was made"
		exit 1
	fi
	echo "the images are right"
}

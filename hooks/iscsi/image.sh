# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an image needs for root's iSCSI paths: /usr/lib/mpath-boot/image-iscsi.sh. Sourced by the builders' hooks, which bring
#
#	image_exec PROGRAM	copy it with the libraries it needs
#	image_module MODULE...	add these kernel modules
#	fail TEXT		end the build
#
# $1 the image's root directory, $2 the one that files come from ("" or a test's).

# image_secret FROM TO: only root may read it, here and in the image
image_secret()
{
	mkdir -p "${2%/*}" && rm -f "$2" && (umask 077 && cp "$1" "$2") && chmod 600 "$2"
}

# image_nic MAC SYSROOT: the builders do not see that root needs this interface
image_nic()
{
	for _nic in "$2"/sys/class/net/*; do
		if [ -e "$_nic/device/driver/module" ] && [ "$(cat "$_nic/address")" = "$1" ]; then
			_driver=$(readlink -f "$_nic/device/driver/module")
			image_module "${_driver##*/}"
		fi
	done
}

# image_libraries PROGRAM: what it is linked with, the loader included
image_libraries()
{
	{ ldd "$1" 2> /dev/null || LD_TRACE_LOADED_OBJECTS=1 "$1"; } | while read -r _name _arrow _file _; do
		case $_name$_arrow$_file in
		*=\>/*) echo "$_file" ;;
		/*) echo "$_name" ;;
		esac
	done
}

# image_keeper FROM: the files that mpath-keeper takes along
image_keeper()
{
	for _program in iscsid iscsiadm; do
		for _dir in /sbin /usr/sbin; do
			if [ -x "$1$_dir/$_program" ]; then
				echo "$_dir/$_program"
				image_libraries "$1$_dir/$_program"
				break
			fi
		done
	done | sort -u
	echo /usr/lib/mpath-boot/iscsi-private.so
}

# image_iscsi IMAGE FROM: nothing at all when the snapshot in the image has no portals
image_iscsi()
{
	_portals=$("$2/usr/sbin/mpath-snapshot" iscsi "$1/etc/mpath-boot/snapshot") || fail "unable to list the portals of the snapshot"
	[ -n "$_portals" ] || return 0

	(umask 077 && echo "$_portals" > "$1/etc/mpath-boot/iscsi")
	mkdir -p "$1/usr/lib/mpath-boot"
	cp "$2/usr/lib/mpath-boot/iscsi.sh" "$1/usr/lib/mpath-boot/iscsi.sh"

	[ -x "$2/sbin/iscsistart" ] || fail "root has paths over iSCSI, but there is no /sbin/iscsistart (package open-iscsi)"
	image_exec /sbin/iscsistart
	[ -r "$2/etc/iscsi/initiatorname.iscsi" ] || fail "root has paths over iSCSI, but there is no /etc/iscsi/initiatorname.iscsi"
	image_secret "$2/etc/iscsi/initiatorname.iscsi" "$1/etc/initiatorname.iscsi" || fail "unable to copy initiatorname.iscsi"
	if [ -r "$2/etc/iscsi/iscsi.initramfs" ]; then
		# may hold CHAP secrets
		image_secret "$2/etc/iscsi/iscsi.initramfs" "$1/etc/iscsi.initramfs" || fail "unable to copy iscsi.initramfs"
	fi

	image_module iscsi_tcp crc32c libcrc32c
	while read -r _ _ _ _ _ _mac _; do
		image_nic "$_mac" "$2"
	done < "$1/etc/mpath-boot/iscsi"
}

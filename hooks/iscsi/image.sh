# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an image needs for root's iSCSI paths: /usr/lib/mpath-boot/image-iscsi.sh. Sourced by the builders' hooks, which bring
#
#	image_exec PROGRAM	copy it with the libraries it needs
#	image_module MODULE...	add these kernel modules
#	image_way IFACE		warn of one that is no card
#	warn, error TEXT	a line for the terminal
#	fail TEXT		end the build
#	has_module MODULE	there is one, or it is built in
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

# image_program_path NAME FROM
image_program_path()
{
	for _dir in /sbin /usr/sbin; do
		if [ -x "$2$_dir/$1" ]; then
			echo "$_dir/$1"
			return 0
		fi
	done
	return 1
}

image_program()
{
	_path=$(image_program_path "$1" "$2") && image_exec "$_path"
}

# image_keeper FROM: the files that mpath-keeper takes along
image_keeper()
{
	for _program in iscsid iscsiadm; do
		if _path=$(image_program_path "$_program" "$1"); then
			echo "$_path"
			image_libraries "$1$_path"
		fi
	done | sort -u
	echo /usr/lib/mpath-boot/iscsi-private.so
}

# image_records IMAGE FROM: open-iscsi's records of root's targets, all portals of theirs, and the interfaces that these may be bound to
image_records()
{
	for _base in /etc/iscsi /var/lib/iscsi; do
		while read -r _target _; do
			[ -d "$2$_base/nodes/$_target" ] || continue
			find "$2$_base/nodes/$_target" "$2$_base/ifaces" -type f 2> /dev/null | while read -r _file; do
				image_secret "$_file" "$1/etc/iscsi/${_file#"$2$_base/"}" || fail "unable to copy $_file"
			done
		done < "$1/etc/mpath-boot/iscsi"
	done
}

# image_offload_only: of the maps for / or /usr in the snapshot on stdin, the first one that has no paths but such
image_offload_only()
{
	_needed=
	while IFS= read -r _line; do
		case $_line in
		"map {"*)
			_name=
			_needed=y
			_offload=
			_others=
			;;
		"}"*)
			if [ "$_needed${_offload:-}" = yy ] && [ -z "$_others" ]; then
				echo "${_name:--}"
				return
			fi
			_needed=
			;;
		*[[:space:]]wwid\ \"* | *[[:space:]]alias\ \"*)
			_name=${_line#*\"}
			_name=${_name%%\"*}
			;;
		*[[:space:]]needed_for\ \"/*) ;;
		*[[:space:]]needed_for\ *) _needed= ;;
		*[[:space:]]driver\ \"bnx2i\"* | *[[:space:]]driver\ \"qedi\"*) _offload=y ;;
		*[[:space:]]driver\ *) _others=y ;;
		esac
	done
}

# image_no_offload SNAPSHOT: adapters that log in with the help of iscsiuio. Nobody starts that in an image of ours: open-iscsi's own script, which would, must not log in.
image_no_offload()
{
	grep -qE '^[[:space:]]*driver "(bnx2i|qedi)"' "$1" || return 0
	_map=$(image_offload_only < "$1")
	if [ -z "$_map" ]; then
		warn "root's iSCSI paths through bnx2i or qedi need iscsiuio, which no image of mpath-boot's has: the boot goes without them"
		return 0
	fi
	error "root has iSCSI paths through bnx2i or qedi only (map $_map), which need iscsiuio. There are two ways out:"
	error "  log in to root's portals in software (iscsiadm: an interface whose iface.transport_name is tcp)"
	error "  MPATH_BOOT=n: leave root to multipath-tools, and the login to open-iscsi or dracut"
	fail "mpath-boot cannot log in through bnx2i or qedi"
}

# image_iscsi IMAGE FROM: nothing at all when the snapshot in the image has no portals, unless $image_any_portal says that those of the kernel command line or of
# the firmware are to be logged in to
image_iscsi()
{
	_portals=$("$2/usr/sbin/mpath-snapshot" iscsi "$1/etc/mpath-boot/snapshot") || fail "unable to list the portals of the snapshot"
	image_no_offload "$1/etc/mpath-boot/snapshot"
	if [ -z "$_portals" ]; then
		[ -n "${image_any_portal:-}" ] && image_program_path iscsid "$2" > /dev/null || return 0
	fi

	(umask 077 && printf '%s' "${_portals:+$_portals
}" > "$1/etc/mpath-boot/iscsi")
	# iscsistart serves when mpath-boot is switched off on the command line
	for _program in iscsid iscsiadm iscsistart; do
		image_program "$_program" "$2" || fail "root has paths over iSCSI, but there is no $_program (package open-iscsi)"
	done
	mkdir -p "$1/usr/lib/mpath-boot"
	for _file in mpath-keeper iscsi-private.so iscsi.sh network.sh; do
		cp "$2/usr/lib/mpath-boot/$_file" "$1/usr/lib/mpath-boot/" || fail "unable to copy $_file"
	done
	image_keeper "$2" > "$1/etc/mpath-boot/keeper.files"

	# another machine has another name: rd.iscsi.initiator=, or the firmware's
	if [ -n "$_portals" ]; then
		[ -r "$2/etc/iscsi/initiatorname.iscsi" ] || fail "root has paths over iSCSI, but there is no /etc/iscsi/initiatorname.iscsi"
		image_secret "$2/etc/iscsi/initiatorname.iscsi" "$1/etc/initiatorname.iscsi" || fail "unable to copy initiatorname.iscsi"
	fi
	for _pair in iscsi.initramfs:etc/iscsi.initramfs iscsid.conf:etc/iscsi/iscsid.conf; do
		[ ! -r "$2/etc/iscsi/${_pair%:*}" ] || image_secret "$2/etc/iscsi/${_pair%:*}" "$1/${_pair#*:}" || fail "unable to copy ${_pair%:*}"
	done
	image_records "$1" "$2"

	image_module iscsi_tcp crc32c libcrc32c
	# the firmware's table of targets: x86's, mostly
	if has_module iscsi_ibft; then
		image_module iscsi_ibft
	fi
	while read -r _ _ _ _ _iface _mac _; do
		image_nic "$_mac" "$2"
		image_way "$_iface"
	done < "$1/etc/mpath-boot/iscsi"
}

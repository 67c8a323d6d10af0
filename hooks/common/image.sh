# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an image needs, whoever builds it: /usr/lib/mpath-boot/image.sh. Sourced by the builders' hooks, POSIX sh, which bring
#
#	$image, $kernel		the image's root directory; the version of its kernel
#	$from			where files come from: "", or a test's root directory
#	image_exec FILE [SOURCE]	copy FILE with the libraries it needs (from SOURCE instead of $from$FILE); fine if it is there already
#	image_module MODULE...	add kernel modules
#	image_load MODULE	add one that is loaded before udev starts
#	image_all_drivers	add the drivers of the host adapters of any machine
#	say, warn, error TEXT	a line for the terminal
#	fail TEXT		end the build
#	$image_network		what makes a VLAN or a bond at boot, for the terminal
#
# and find here
#
#	image_settings		MPATH_BOOT, MPATH_BOOT_SNAPSHOT, MPATH_BOOT_GENERIC
#	image_snapshot FILE	make it there, or return 2: root is not on multipath
#	image_take FILE		FILE is the snapshot that counts; with the program that can do what it wants
#	image_fill		into the image with all that belongs to it
#
# A configuration that the image cannot honour fails the build here, never the boot.

: "${image?}" "${kernel?}" "${from?}" "${image_network?}"

# A variable in the environment wins over the one in the file.
image_settings()
{
	_boot=${MPATH_BOOT-unset}
	_snapshot=${MPATH_BOOT_SNAPSHOT-unset}
	_generic=${MPATH_BOOT_GENERIC-unset}
	if [ -r "$from/etc/mpath-boot/initramfs.conf" ]; then
		. "$from/etc/mpath-boot/initramfs.conf"
	fi
	[ "$_boot" = unset ] || MPATH_BOOT=$_boot
	[ "$_snapshot" = unset ] || MPATH_BOOT_SNAPSHOT=$_snapshot
	[ "$_generic" = unset ] || MPATH_BOOT_GENERIC=$_generic
}

# image_ways_out COMMAND: what can be done about a build that has failed; COMMAND makes images
image_ways_out()
{
	error "this image is not built: the machine would not find its root with it. Put that right and run"
	error "$1 again, or set in /etc/mpath-boot/initramfs.conf"
	error "  MPATH_BOOT_SNAPSHOT=FILE  to use a snapshot made before (mpath-snapshot create --output FILE)"
	error "  MPATH_BOOT=n              to build images without mpath-boot"
}

is_yes()
{
	case ${1:-} in
	y | yes | 1) return 0 ;;
	*) return 1 ;;
	esac
}

image_snapshot()
{
	if [ -n "${MPATH_BOOT_SNAPSHOT:-}" ]; then
		cp "$MPATH_BOOT_SNAPSHOT" "$1" || fail "unable to copy the snapshot $MPATH_BOOT_SNAPSHOT"
		"$from/usr/sbin/mpath-snapshot" show "$1" > /dev/null || fail "$MPATH_BOOT_SNAPSHOT is not a good snapshot (see above)"
	elif is_yes "${MPATH_BOOT_GENERIC:-}"; then
		"$from/usr/sbin/mpath-snapshot" create --generic --output "$1" ||
			fail "unable to make a generic snapshot (mpath-snapshot: exit $?, see above)"
	else
		status=0
		"$from/usr/sbin/mpath-snapshot" create --output "$1" || status=$?
		case $status in
		0) ;;
		2)
			[ "${MPATH_BOOT:-}" != y ] || fail "MPATH_BOOT=y, but root is not on multipath"
			return 2
			;;
		*) fail "unable to make a snapshot of root's multipath maps (mpath-snapshot: exit $status, see above)" ;;
		esac
	fi
}

image_take()
{
	snapshot=$1
	own=$from/usr/lib/mpath-boot
	generic=
	if grep -q '^generic {' "$snapshot"; then
		generic=y
	fi
	choose_program
}

image_fill()
{
	mkdir -p "$image/etc/mpath-boot" "$image/usr/lib/mpath-boot"
	cp "$snapshot" "$image/etc/mpath-boot/snapshot" || fail "unable to copy $snapshot"
	chmod 644 "$image/etc/mpath-boot/snapshot"
	cp "$own/functions.sh" "$image/usr/lib/mpath-boot/" || fail "unable to copy $own/functions.sh"
	image_exec /usr/sbin/mpath-boot "$program"
	add_libraries
	add_modules
	. "$own/image-iscsi.sh"
	image_iscsi "$image" "$from"
	. "$own/image-nvme.sh"
	image_nvme "$image" "$from"
}

# image_way IFACE: root's portals are reached through it. At boot we bring up cards; one that has no device is a VLAN, a bond, a bridge or the like.
image_way()
{
	if [ ! -e "$from/sys/class/net/$1" ] || [ -e "$from/sys/class/net/$1/device" ]; then
		return 0
	fi
	case " ${image_ways:-} " in
	*" $1 "*) return 0 ;;
	esac
	image_ways="${image_ways:-} $1"
	warn "root's paths go through $1, which is no card (a VLAN, bond, bridge or the like). Nothing of mpath-boot makes it at boot:"
	warn "without it these paths are not there, and with no other ones the machine does not find its root."
	warn "$image_network"
}

# has_module MODULE: it is there for the kernel of this image, or built in
has_module()
{
	modprobe --set-version="$kernel" --quiet --show-depends "$1" > /dev/null 2>&1
}

# wanted KEYWORD: its values in the snapshot, once each
wanted()
{
	sed -n "s/^\t$1 \"\{0,1\}\([^ \"]*\).*/\1/p" "$snapshot" | sort -u
}

# list_of PROGRAM [KIND]: what it can do with the extensions of the snapshot
list_of()
{
	program_kind=${2:-}
	set -- "$1" list --self
	for extension in $extensions; do
		set -- "$@" --extension "$extension"
	done
	"$@" ${program_kind:+"$program_kind"}
}

# has NAME: the list in $known has it. No pipe to grep -q: dracut sets pipefail, and grep ends before it has read all of it.
has()
{
	case "
$known
" in
		*"
$1 "* | *"
$1
"*) return 0 ;;
	esac
	return 1
}

# honours PROGRAM: it has every checker and prioritizer that the snapshot wants, with its extensions. Sets $lacks
honours()
{
	lacks=
	[ -x "$1" ] || return 1
	# what it says on standard error only
	if ! said=$(list_of "$1" 2>&1 > /dev/null); then
		lacks="extension $said"
		return 1
	fi
	for pair in path_checker:checkers prio:prios; do
		known=$(list_of "$1" "${pair#*:}" 2> /dev/null)
		for name in $(wanted "${pair%:*}"); do
			if ! has "$name"; then
				lacks="${pair%:*} $name"
				return 1
			fi
		done
	done
}

# A generic snapshot names those of arrays that the machine may never see.
warn_of_rules()
{
	[ -n "$generic" ] || return 0
	for pair in path_checker:checkers prio:prios; do
		known=$(list_of "$program" "${pair#*:}" 2> /dev/null)
		# shellcheck disable=SC2013 # names have no blanks
		for name in $(sed -n "s/^\t\t\t*${pair%:*} \"\{0,1\}\([^ \"]*\).*/\1/p" "$snapshot" | sort -u); do
			has "$name" || warn "${pair%:*} $name is for some arrays, but mpath-boot does not have it: the usual one stands in"
		done
	done
}

# The static program, unless the snapshot needs code of others: then one that has it linked in, or else the dynamic one. A checker or prioritizer that the image
# cannot have must fail here, not at boot.
choose_program()
{
	extensions=$(wanted extension)
	first_lack=
	if [ -n "$extensions" ]; then
		set -- "$own/mpath-boot.relinked" "$own/mpath-boot.shared" "$from/usr/sbin/mpath-boot"
	else
		set -- "$from/usr/sbin/mpath-boot" "$own/mpath-boot.relinked" "$own/mpath-boot.shared"
	fi
	for program in "$@"; do
		if honours "$program"; then
			say "takes $program"
			warn_of_rules
			return
		fi
		: "${first_lack:=$lacks}"
	done
	error "the snapshot wants ${first_lack:-a program}, which no mpath-boot here can do. There are three ways out:"
	error "  load it: name the library that brings it by extension \"FILE.so\", in the section defaults of multipath.conf or in"
	error "    /etc/mpath-boot/extensions.conf, and install the dynamic program (/usr/lib/mpath-boot/mpath-boot.shared)"
	error "  link it in: mpath-boot relink FILE.o -o /usr/lib/mpath-boot/mpath-boot.relinked"
	error "  do without: set another path_checker or prio for root's LUN in multipath.conf"
	fail "no program for this snapshot"
}

# What the dynamic program loads: just what this snapshot makes it load, and tur, which stands in for others. Its threads never end by pthread_exit() or
# pthread_cancel(), so that it needs no libgcc_s.
add_libraries()
{
	case $("$program" --version) in
		*"
shared"*) ;;
		*) return 0 ;;
	esac
	for name in tur $(wanted path_checker); do
		if [ -e "$own/checker-$name.so" ]; then
			image_exec "/usr/lib/mpath-boot/checker-$name.so"
		fi
	done
	for name in $(wanted prio); do
		if [ -e "$own/prio-$name.so" ]; then
			image_exec "/usr/lib/mpath-boot/prio-$name.so"
		fi
	done
	# a generic snapshot has rules, and any of them may be wanted
	if [ -n "$generic" ]; then
		for file in "$own"/checker-*.so "$own"/prio-*.so; do
			image_exec "${file#"$from"}"
		done
	fi
	for extension in $extensions; do
		case $extension in
		/*) image_exec "$extension" ;;
		*) image_exec "/usr/lib/mpath-boot/$extension" ;;
		esac
	done
}

# As with the drivers of any machine, and NVMe over fabrics.
add_any_drivers()
{
	image_all_drivers
	for module in nvme nvme-fabrics nvme-tcp nvme-rdma nvme-fc; do
		if has_module "$module"; then
			image_module "$module"
		fi
	done
	# Who loads a driver of one of these loads it first.
	drivers="$drivers scsi_transport_fc scsi_transport_iscsi scsi_transport_sas scsi_transport_srp virtio_scsi hv_storvsc vmw_pvscsi"
}

# Drivers of all paths in the snapshot, also of those that are down now.
add_modules()
{
	modules=$("$from/usr/sbin/mpath-snapshot" modules "$snapshot") || fail "unable to list the modules of the snapshot"
	# shellcheck disable=SC2086 # words are wanted
	modules=$(printf '%s\n' dm-multipath dm-service-time $modules | sort -u)
	drivers=
	for module in $modules; do
		case $module in
		dm[-_]*)
			if ! has_module "$module"; then
				case $generic$module in
				dm[-_]* | ydm-multipath | ydm-service-time) fail "Linux $kernel has no module $module" ;;
				esac
				warn "Linux $kernel has no module $module, which the configuration has for some arrays"
				continue
			fi
			# not only added: the guard's first table load need not wait for modprobe then
			image_load "$module"
			;;
		scsi_dh_*) ;;
		*)
			has_module "$module" || warn "Linux $kernel has no module $module, a driver of root's paths"
			image_module "$module"
			drivers="$drivers $module"
			;;
		esac
	done

	[ -z "$generic" ] || add_any_drivers

	# A device handler takes the disks that it finds when it is loaded and those found later; only the latter show
	# dh_state and access_state from the start. udev may load the drivers before the builder's list of modules is read.
	handlers=
	for module in scsi_dh_alua scsi_dh_rdac scsi_dh_emc scsi_dh_hp_sw; do
		if has_module "$module"; then
			image_load "$module"
			handlers="$handlers $module"
		fi
	done
	if [ -n "$handlers" ]; then
		mkdir -p "$image/etc/modprobe.d"
		for module in $drivers; do
			echo "softdep $module pre:$handlers"
		done > "$image/etc/modprobe.d/mpath-boot.conf"
	fi
}

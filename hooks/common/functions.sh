# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the boot scripts of all builders share: /usr/lib/mpath-boot/functions.sh, here and in the image. Sourced, POSIX sh; in an image of
# initramfs-tools nothing but klibc's tools is certain.

# shellcheck disable=SC2034 # for those who source this
mpath_boot_run=/run/mpath-boot

# On the kernel log, and so in the journal of the real root.
mpath_boot_say()
{
	echo "mpath-boot: $*" > /dev/kmsg
}

# The same switches as in mpath-boot itself, whose claim and guard look for themselves.
mpath_boot_enabled()
{
	[ -x /usr/sbin/mpath-boot ] || return 1
	# shellcheck disable=SC2013 # words are wanted
	for _word in $(cat /proc/cmdline); do
		case $_word in
		nompath | nompath=* | multipath=off | multipath=no | multipath=0 | rd.multipath=off | rd.multipath=no | rd.multipath=0 | \
			rd.mpath[-_]boot=0 | rd.mpath[-_]boot=no | rd.mpath[-_]boot=off)
			return 1
			;;
		esac
	done
	return 0
}

# mpath_boot_iscsi start|enough|stop|one_path: see iscsi.sh, which is only in images whose root needs it
mpath_boot_iscsi()
{
	[ -r /usr/lib/mpath-boot/iscsi.sh ] || return 0
	. /usr/lib/mpath-boot/iscsi.sh
	"mpath_boot_iscsi_$1"
}

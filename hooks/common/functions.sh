# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the boot scripts of all builders share: /usr/lib/mpath-boot/functions.sh, here and in the image. Sourced, POSIX sh; in an image of
# initramfs-tools nothing but klibc's tools is certain.

# shellcheck disable=SC2034 # for those who source this
mpath_boot_run=/run/mpath-boot

# On the kernel log, and so in the journal of the real root.
mpath_boot_say()
{
	printf '%s\n' "mpath-boot: $*" > /dev/kmsg
}

# The kernel command line. A builder who has more of it says so in a function of this name.
mpath_boot_cmdline()
{
	cat /proc/cmdline
}

# The same switches as in mpath-boot itself, whose claim and guard look for themselves: on the kernel command line, and nowhere else.
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

# mpath_boot_nvme start|stop|one_path: the same for nvme.sh
mpath_boot_nvme()
{
	[ -r /usr/lib/mpath-boot/nvme.sh ] || return 0
	. /usr/lib/mpath-boot/nvme.sh
	"mpath_boot_nvme_$1"
}

# What an administrator wants to know first in the emergency shell.
mpath_boot_advise()
{
	if ! mpath_boot_enabled; then
		echo "mpath-boot is switched off on the kernel command line"
		return
	fi
	echo "Multipath maps, as mpath-boot status shows them:"
	mpath-boot status
	echo "Why each disk is a path or is not: mpath-boot explain"
	echo "What happened: mpath-boot timeline; /run/mpath-boot/log, /run/mpath-boot/iscsi.log; what was expected: /etc/mpath-boot/snapshot"
}

# sysvinit's sendsigs, in the real root, spares whom it finds here: the guard, and its parent, who starts it again.
mpath_boot_keep_guard()
{
	if [ -r /run/mpath-boot/pid ] && read -r _pid < /run/mpath-boot/pid && kill -0 "$_pid" 2> /dev/null; then
		read -r _ _ _ _parent _ < "/proc/$_pid/stat"
		mkdir -p /run/sendsigs.omit.d
		echo "$_pid $_parent" > /run/sendsigs.omit.d/mpath-boot
	fi
}

# mpath_boot_ip_keep DEVICE: a note for the real root, whose ifupdown must leave this interface as it is. open-iscsi's net-interface-handler
# (2.1.8) makes the second kind of note out of the first one, for one interface only.
mpath_boot_ip_keep()
{
	mkdir -p /run/initramfs /run/network
	[ -e /run/initramfs/open-iscsi.interface ] || echo "$1" > /run/initramfs/open-iscsi.interface
	case " $(cat /run/network/ifstate 2> /dev/null) " in
	*"$1=$1"*) ;;
	*) echo "$1=$1" >> /run/network/ifstate ;;
	esac
}

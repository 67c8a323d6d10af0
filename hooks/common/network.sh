# SPDX-License-Identifier: GPL-2.0-or-later
#
# The way to root's portals: /usr/lib/mpath-boot/network.sh, here and in the image. Sourced by iscsi.sh and nvme.sh, POSIX sh, with nothing but klibc's tools.
# The builder says of itself in these functions:
#
#	mpath_boot_ip_start		bring up what the kernel command line says (ip=); interfaces it leaves are ours then
#	mpath_boot_ip_owns DEVICE	true: ip= sees to this one
#	mpath_boot_ip_late DEVICE	it was not there when ip= was seen to: do that now
#	mpath_boot_ip_makes IFACE	true: the kernel command line has somebody else make this one, a VLAN or a bond
#	mpath_boot_ip_plain DEVICE ADDRESS/BITS GATEWAY|-	give it that address, where there is no ip command
#	mpath_boot_ip_keep DEVICE	the real root must not take this interface down

: "${mpath_boot_run:?}"	# functions.sh has set it

# Portals belong to a snapshot: to the one that the boot loader appended, if that one is good.
mpath_boot_new=
case $(mpath-boot list snapshot 2> /dev/null) in
*.new) mpath_boot_new=.new ;;
esac

# mpath_boot_nic MAC [IFACE]: name of the interface with that address, IFACE before others: a VLAN, a bond or a bridge has the address of a card below it.
# One of those that is still to be made is not there yet, and no card stands in for it.
mpath_boot_nic()
{
	if [ -n "${2:-}" ] && mpath_boot_ip_makes "$2"; then
		[ -e "/sys/class/net/$2" ] && echo "$2"
		return
	fi
	for _nic in "/sys/class/net/${2:--}" /sys/class/net/*; do
		[ -e "$_nic/device" ] || [ "${_nic##*/}" = "${2:-}" ] || continue
		if [ -r "$_nic/address" ] && read -r _address < "$_nic/address" && [ "$_address" = "$1" ]; then
			echo "${_nic##*/}"
			return 0
		fi
	done
	return 1
}

# mpath_boot_nic_late WHAT MAC IFACE ADDRESS/BITS|- GATEWAY PORTAL_IP|- COMMAND...: beside the boot, until the interface is there or the initramfs ends; then
# COMMAND, with its name in $_device
mpath_boot_nic_late()
{
	mpath_boot_say "$1: no interface with address $2 (it was $3)"
	(
		until _device=$(mpath_boot_nic "$2" "$3"); do
			sleep 1
		done
		mpath_boot_say "$1: interface $_device is there"
		mpath_boot_ip_late "$_device"
		mpath_boot_nic_up "$_device" "$4" "$5" "$6"
		shift 6
		"$@"
	) < /dev/null > /dev/null 2>&1 &
	echo $! >> "$mpath_boot_run/late-nics"
}

# The initramfs ends.
mpath_boot_nic_enough()
{
	[ -r "$mpath_boot_run/late-nics" ] || return 0
	while read -r _pid; do
		kill "$_pid" 2> /dev/null
	done < "$mpath_boot_run/late-nics"
	: > "$mpath_boot_run/late-nics"
}

# mpath_boot_bits NETMASK
mpath_boot_bits()
{
	_bits=0
	_mask=$1.
	while [ -n "$_mask" ]; do
		_byte=${_mask%%.*}
		_mask=${_mask#*.}
		while [ "${_byte:-0}" -gt 0 ]; do
			_bits=$((_bits + _byte % 2))
			_byte=$((_byte / 2))
		done
	done
	echo "$_bits"
}

# mpath_boot_ip_has ADDRESS/BITS [dev DEVICE]: it is there, with whatever bits
mpath_boot_ip_has()
{
	_has=${1%/*}
	shift
	case "$(ip addr show "$@")" in
	*" inet $_has"[/\ ]* | *" inet6 $_has"[/\ ]*) return 0 ;;
	esac
	return 1
}

# mpath_boot_ip_net ADDRESS BITS: the network that an IPv4 address is in, as a number
mpath_boot_ip_net()
{
	_octets=$1.
	_net=0
	while [ -n "$_octets" ]; do
		_net=$((_net * 256 + ${_octets%%.*}))
		_octets=${_octets#*.}
	done
	echo $((_net >> (32 - $2)))
}

# mpath_boot_ip_near ADDRESS/BITS DEVICE: it has that address, or another IPv4 address of that network, from DHCP say
mpath_boot_ip_near()
{
	case $1 in
	*:*)
		mpath_boot_ip_has "$1" dev "$2"
		return
		;;
	esac
	[ -n "$(ip addr show dev "$2" | while read -r _family _other _; do
		if [ "$_family" = inet ] && [ "$(mpath_boot_ip_net "${_other%/*}" "${1#*/}")" = "$(mpath_boot_ip_net "${1%/*}" "${1#*/}")" ]; then
			echo yes
		fi
	done)" ]
}

# mpath_boot_nic_shared iscsi|nvme IP IFACE: another line of the list on stdin has that portal behind another interface. What goes over one card and what goes
# over the other is bound to it, or has its address.
mpath_boot_nic_shared()
{
	while read -r _ _shared _ _by _group_by _; do
		[ "$1" = nvme ] || _by=$_group_by
		if [ "$_shared" = "$2" ] && [ "$_by" != "$3" ] && [ "$_by" != - ] && [ "$3" != - ]; then
			return 0
		fi
	done
	return 1
}

# mpath_boot_nic_up DEVICE ADDRESS/BITS|- GATEWAY|- PORTAL_IP|-: the way to PORTAL_IP, which stays when the initramfs has ended
mpath_boot_nic_up()
{
	if ! mpath_boot_ip_owns "$1"; then
		# Somebody has given it to another interface, a VLAN say: twice in one machine it would lead nowhere.
		if command -v ip > /dev/null && mpath_boot_ip_has "$2" && ! mpath_boot_ip_has "$2" dev "$1"; then
			return
		fi
		mpath_boot_nic_set "$@"
	fi
	mpath_boot_ip_keep "$1"
}

# mpath_boot_nic_set DEVICE ADDRESS/BITS|- GATEWAY|- PORTAL_IP|-: an address that is there stays; with none that is known the interface is up, no more.
mpath_boot_nic_set()
{
	if ! command -v ip > /dev/null; then
		[ "$2" = - ] || mpath_boot_ip_plain "$1" "$2" "$3"
		return
	fi

	ip link set "$1" up || return
	[ "$2" != - ] || return 0
	mpath_boot_ip_near "$2" "$1" || ip addr add "$2" dev "$1" || return
	[ "$4" != - ] || return 0

	# Behind a gateway, or with two interfaces in one network, the kernel would take another way. A portal behind two gateways has a route over either card.
	case "$(ip route get "$4" 2> /dev/null) " in
	*" dev $1 "*) ;;
	*)
		_via=
		[ "$3" = - ] || _via="via $3"
		# shellcheck disable=SC2086 # two words
		ip route append "$4" $_via dev "$1"
		;;
	esac
}

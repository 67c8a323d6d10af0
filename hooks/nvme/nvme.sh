# SPDX-License-Identifier: GPL-2.0-or-later
#
# NVMe/TCP controllers side by side: /usr/lib/mpath-boot/nvme.sh, here and in the image. Sourced by functions.sh, POSIX sh, with nothing but klibc's tools.
#
# /etc/mpath-boot/nvme has a line for each controller of the snapshot (mpath-snapshot nvme):
#	NQN ADDRESS PORT IFACE MAC IFACE_ADDR GATEWAY [HOST_TRADDR HOST_IFACE], with - for what is not known
#
# This brings the interfaces up. mpath-boot connect does the rest: it tries each controller until it is connected, and goes on with that when the
# initramfs has ended. The kernel itself sees to a connection that breaks later (ctrl_loss_tmo).

: "${mpath_boot_run:?}"	# functions.sh has set it
. /usr/lib/mpath-boot/network.sh

mpath_boot_controllers=/etc/mpath-boot/nvme${mpath_boot_new?}

# mpath_boot_nvme_options NQN ADDRESS PORT [HOST_TRADDR|- HOST_IFACE|-]: what the kernel is to be told
mpath_boot_nvme_options()
{
	_bound=
	[ "${4:--}" = - ] || _bound=,host_traddr=$4
	[ "${5:--}" = - ] || _bound=$_bound,host_iface=$5
	read -r _hostnqn < /etc/nvme/hostnqn
	read -r _hostid < /etc/nvme/hostid
	printf '%s\n' "transport=tcp,traddr=$2,trsvcid=$3,nqn=$1,hostnqn=$_hostnqn,hostid=$_hostid,reconnect_delay=2,ctrl_loss_tmo=-1$_bound"
}

# The options of the controller that mpath_boot_nvme_connect has in hand, whose card is $_device now. An address that is not here (ip= has another one), or an
# interface that is not, would keep it from ever being connected.
mpath_boot_nvme_bound()
{
	[ "$_host_iface" != "$_iface" ] || _host_iface=$_device
	[ -e "/sys/class/net/$_host_iface" ] || _host_iface=-
	if command -v ip > /dev/null; then
		mpath_boot_ip_has "$_host_traddr" || _host_traddr=-
	elif [ "$_host_traddr" != "${_addr%/*}" ] || mpath_boot_ip_owns "$_device"; then
		_host_traddr=-
	fi
	mpath_boot_nvme_options "$_nqn" "$_ip" "$_port" "$_host_traddr" "$_host_iface"
}

# mpath_boot_nvme_late --daemon|--one: the card has come. Where one is enough nobody may come behind it: the interface is brought up, no more.
mpath_boot_nvme_late()
{
	[ "$1" = --one ] || mpath-boot connect "$1" "$(mpath_boot_nvme_bound)"
}

# mpath_boot_nvme_connect --daemon|--one
mpath_boot_nvme_connect()
{
	[ -s "$mpath_boot_controllers" ] || return 0
	udevadm settle --timeout=10
	mkdir -p "$mpath_boot_run"
	mpath_boot_ip_start
	modprobe -q nvme-tcp
	while read -r _nqn _ip _port _iface _mac _addr _gateway _host_traddr _host_iface _; do
		[ "$_host_iface" != - ] || _host_iface=
		_device=-
		# a card that is not known is waited for by nobody
		if [ "$_mac" != - ]; then
			# what is bound to its card needs no route, but to a gateway
			_way=$_ip
			if [ "$_gateway" = - ] && { [ "$_host_iface" = "$_iface" ] || mpath_boot_nic_shared nvme "$_ip" "$_iface" < "$mpath_boot_controllers"; }; then
				_way=-
			fi
			if ! _device=$(mpath_boot_nic "$_mac" "$_iface"); then
				mpath_boot_nic_late "nvme: controller $_ip" "$_mac" "$_iface" "$_addr" "$_gateway" "$_way" mpath_boot_nvme_late "$1"
				continue
			fi
			mpath_boot_nic_up "$_device" "$_addr" "$_gateway" "$_way"
		fi
		set -- "$@" "$(mpath_boot_nvme_bound)"
	done < "$mpath_boot_controllers"
	[ $# -gt 1 ] && mpath-boot connect "$@"
}

# Returns at once. With the kernel's own multipath these are the paths of its device.
mpath_boot_nvme_start()
{
	mpath_boot_nvme_connect --daemon
}

# The initramfs ends; who connects goes on.
mpath_boot_nvme_stop()
{
	mpath_boot_nic_enough
}

# mpath-boot is switched off: one path only, unless the kernel puts them together.
mpath_boot_nvme_one_path()
{
	if [ "$(cat /sys/module/nvme_core/parameters/multipath 2> /dev/null)" = Y ]; then
		mpath_boot_nvme_connect --daemon
	else
		mpath_boot_nvme_connect --one
	fi
	udevadm settle --timeout=10
}

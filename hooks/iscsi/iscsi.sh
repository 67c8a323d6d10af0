# SPDX-License-Identifier: GPL-2.0-or-later
#
# iSCSI portals side by side: /usr/lib/mpath-boot/iscsi.sh, here and in the image. Sourced by functions.sh, POSIX sh. The
# builder says of itself in these functions:
#
#	mpath_boot_ip_start		bring up what the kernel command line says (ip=); interfaces it leaves are ours then
#	mpath_boot_ip_owns DEVICE	true: ip= sees to this one
#	mpath_boot_ip_plain DEVICE ADDRESS/BITS GATEWAY|-	give it that address, where there is no ip command
#	mpath_boot_ip_keep DEVICE	the real root must not take this interface down
#	mpath_boot_iscsi_settings	set ISCSI_INITIATOR, ISCSI_USERNAME, ISCSI_PASSWORD, ISCSI_IN_USERNAME, ISCSI_IN_PASSWORD; ISCSI_AUTO: all is
#					left to the builder's own way of logging in
#	mpath_boot_iscsi_stock		that way
#
# /etc/mpath-boot/iscsi has a line for each portal (mpath-snapshot iscsi):
#	TARGET PORTAL_IP PORT GROUP IFACE MAC IFACE_ADDR GATEWAY|-
#
# Each portal has a process of its own that brings up its interface and logs in, again and again until
# it is in or the initramfs ends. Several iscsistart may run at once: each has its own socket (open-iscsi 2.0.874 on).

: "${mpath_boot_run:?}"	# functions.sh has set it

# The portals belong to a snapshot: to the one that the boot loader appended, if that one is good.
mpath_boot_snapshot=/etc/mpath-boot/snapshot
mpath_boot_portals=/etc/mpath-boot/iscsi
case $(mpath-boot list snapshot 2> /dev/null) in
*.new)
	mpath_boot_snapshot=$mpath_boot_snapshot.new
	mpath_boot_portals=$mpath_boot_portals.new
	;;
esac

# Name of the physical interface with the address MAC.
mpath_boot_nic()
{
	for _nic in /sys/class/net/*; do
		if [ -e "$_nic/device" ] && read -r _address < "$_nic/address" && [ "$_address" = "$1" ]; then
			echo "${_nic##*/}"
			return 0
		fi
	done
	return 1
}

# mpath_boot_nic_up DEVICE ADDRESS/BITS GATEWAY PORTAL_IP: an address that is there stays.
mpath_boot_nic_up()
{
	! mpath_boot_ip_owns "$1" || return 0

	if ! command -v ip > /dev/null; then
		mpath_boot_ip_plain "$1" "$2" "$3"
		return
	fi

	ip link set "$1" up || return
	case "$2 $(ip addr show dev "$1")" in
	*:*/*\ *"inet6 $2 "*) ;;
	[0-9]*.*/*\ *" inet "*) ;;
	*) ip addr add "$2" dev "$1" || return ;;
	esac

	# Behind a gateway, or with two interfaces in one network, the kernel would take another way.
	case "$(ip route get "$4" 2> /dev/null) " in
	*" dev $1 "*) ;;
	*)
		_via=
		[ "$3" = - ] || _via="via $3"
		# shellcheck disable=SC2086 # two words
		ip route add "$4" $_via dev "$1"
		;;
	esac
}

# Initiator name and CHAP. Never log these.
mpath_boot_iscsi_config()
{
	ISCSI_INITIATOR=
	mpath_boot_iscsi_settings
	for _file in /etc/initiatorname.iscsi /etc/iscsi/initiatorname.iscsi; do
		if [ -z "$ISCSI_INITIATOR" ] && [ -r "$_file" ]; then
			. "$_file"
			# shellcheck disable=SC2154 # that file's
			ISCSI_INITIATOR=$InitiatorName
		fi
	done
}

# Seconds after which the kernel hands a broken session's I/O back to dm-multipath; nothing when the snapshot does not say.
mpath_boot_iscsi_recovery_tmo()
{
	[ -r "$mpath_boot_snapshot" ] || return 0
	while read -r _keyword _value _rest; do
		if [ "$_keyword" = fast_io_fail_tmo ]; then
			_value=${_value#\"}
			_value=${_value%\"}
			case $_value in
			*[!0-9]* | "") ;;
			*) echo "$_value" ;;
			esac
			return 0
		fi
	done < "$mpath_boot_snapshot"
}

# mpath_boot_iscsi_login TARGET PORTAL_IP PORT GROUP [RECOVERY_TMO]: one attempt of 6 s at the most. At its end there is a session
# or none; only a killed one may leave a kernel session in state FREE that nobody owns.
#
# No noops, as iscsistart has it: nobody can log in again before the real root's iscsid runs, which a session that a
# noop has ended might be needed for. TCP outlives minutes without a link.
mpath_boot_iscsi_login()
{
	_tmo=${5:-}
	set -- -i "$ISCSI_INITIATOR" -t "$1" -a "$2" -p "$3" -g "$4" \
		-P "node.conn[0].timeo.login_timeout=5" -P "node.session.initial_login_retry_max=0"
	[ -z "$_tmo" ] || set -- "$@" -P "node.session.timeo.replacement_timeout=$_tmo"
	[ -z "$ISCSI_USERNAME" ] || set -- "$@" -u "$ISCSI_USERNAME"
	[ -z "$ISCSI_PASSWORD" ] || set -- "$@" -w "$ISCSI_PASSWORD"
	[ -z "$ISCSI_IN_USERNAME" ] || set -- "$@" -U "$ISCSI_IN_USERNAME"
	[ -z "$ISCSI_IN_PASSWORD" ] || set -- "$@" -W "$ISCSI_IN_PASSWORD"
	iscsistart "$@"
}

# mpath_boot_iscsi_portal, with a line of the list as arguments: until it is in, or root can do without it.
mpath_boot_iscsi_portal()
{
	_said=
	while [ ! -e "$mpath_boot_run/iscsi-enough" ]; do
		if ! _device=$(mpath_boot_nic "$6"); then
			[ -n "$_said" ] || mpath_boot_say "iscsi: portal $2: no interface with address $6 (it was $5)"
		else
			# A second process may be at the same interface; what it has done already is not done again.
			mpath_boot_nic_up "$_device" "$7" "$8" "$2"
			if mpath_boot_iscsi_login "$1" "$2" "$3" "$4" "$(mpath_boot_iscsi_recovery_tmo)"; then
				mpath_boot_say "iscsi: logged in to $1 at $2:$3 through $_device"
				return 0
			fi
			[ -n "$_said" ] || mpath_boot_say "iscsi: portal $2:$3 does not let us in (see $mpath_boot_run/iscsi.log)"
		fi
		_said=yes
		sleep 1
	done
}

# mpath_boot_iscsi_network: modules, and the interface that ip= is about.
mpath_boot_iscsi_network()
{
	modprobe -q iscsi_tcp
	modprobe -q crc32c
	udevadm settle --timeout=10
	mkdir -p "$mpath_boot_run"
	mpath_boot_ip_start
}

# Start all logins; returns at once.
mpath_boot_iscsi_start()
{
	[ -s "$mpath_boot_portals" ] || return 0
	mpath_boot_iscsi_config
	if [ -n "$ISCSI_AUTO" ]; then
		mpath_boot_iscsi_stock
		_tmo=$(mpath_boot_iscsi_recovery_tmo)
		for _file in /sys/class/iscsi_session/*/recovery_tmo; do
			[ -z "$_tmo" ] || [ ! -w "$_file" ] || echo "$_tmo" > "$_file"
		done
		return
	fi

	mpath_boot_iscsi_network
	_n=0
	while read -r _target _ip _port _group _iface _mac _addr _gateway; do
		if _device=$(mpath_boot_nic "$_mac"); then
			mpath_boot_nic_up "$_device" "$_addr" "$_gateway" "$_ip"
			mpath_boot_ip_keep "$_device"
		fi
		mpath_boot_iscsi_portal "$_target" "$_ip" "$_port" "$_group" "$_iface" "$_mac" "$_addr" "$_gateway" \
			< /dev/null >> "$mpath_boot_run/iscsi.log" 2>&1 &
		echo $! > "$mpath_boot_run/iscsi-login.$_n"
		_n=$((_n + 1))
	done < "$mpath_boot_portals"
}

# No more attempts: root can be mounted. One that is under way may end.
mpath_boot_iscsi_enough()
{
	[ ! -s "$mpath_boot_portals" ] || : > "$mpath_boot_run/iscsi-enough"
}

# True when a session has begun a login that has no end yet.
mpath_boot_iscsi_in_login()
{
	for _file in /sys/class/iscsi_session/*/state; do
		if [ -r "$_file" ] && read -r _state < "$_file" && [ "$_state" = FREE ]; then
			return 0
		fi
	done
	return 1
}

# The initramfs ends. iscsistart needs /sys by its path to take a session back that got no answer, so it must do
# that here. It began before mpath_boot_iscsi_enough, and the wait is over before it has begun as a rule.
mpath_boot_iscsi_stop()
{
	[ -s "$mpath_boot_portals" ] || return 0
	mpath_boot_iscsi_enough
	for _second in 1 2 3 4 5 6; do
		mpath_boot_iscsi_in_login || break
		sleep 1
	done

	for _file in "$mpath_boot_run"/iscsi-login.*; do
		if [ -r "$_file" ] && read -r _pid < "$_file"; then
			kill "$_pid" 2> /dev/null
		fi
	done
	for _file in /proc/[0-9]*; do
		if read -r _comm 2> /dev/null < "$_file/comm" && [ "$_comm" = iscsistart ]; then
			kill "${_file#/proc/}" 2> /dev/null
		fi
	done
}

# mpath-boot is switched off: the builder's way if that is configured, else the first portal that lets us in. Not more:
# LVM and file systems do not like to see a disk twice. Nor a short recovery_tmo: there is no other path to give I/O to.
mpath_boot_iscsi_one_path()
{
	[ -s "$mpath_boot_portals" ] || return 0
	mpath_boot_iscsi_config
	mpath_boot_iscsi_stock
	for _file in /sys/class/iscsi_session/session*; do
		[ ! -e "$_file" ] || return 0
	done

	mpath_boot_iscsi_network
	while read -r _target _ip _port _group _iface _mac _addr _gateway; do
		_device=$(mpath_boot_nic "$_mac") || continue
		mpath_boot_nic_up "$_device" "$_addr" "$_gateway" "$_ip"
		mpath_boot_ip_keep "$_device"
		if mpath_boot_iscsi_login "$_target" "$_ip" "$_port" "$_group" < /dev/null; then
			break
		fi
	done < "$mpath_boot_portals"
	udevadm settle --timeout=10
}

# SPDX-License-Identifier: GPL-2.0-or-later
#
# iSCSI portals side by side: /usr/lib/mpath-boot/iscsi.sh, here and in the image. Sourced by functions.sh, POSIX sh, with nothing but klibc's tools. The
# builder says of itself in these functions:
#
#	mpath_boot_ip_...		see network.sh
#	mpath_boot_iscsi_settings	set what files of the builder's own say: ISCSI_INITIATOR, ISCSI_TARGET_NAME, ISCSI_TARGET_IP (a list), ISCSI_TARGET_PORT,
#					ISCSI_TARGET_GROUP, ISCSI_USERNAME, ISCSI_PASSWORD, ISCSI_IN_USERNAME, ISCSI_IN_PASSWORD, ISCSI_AUTO (firmware)
#	mpath_boot_iscsi_stock		log in as the builder does without us
#
# /etc/mpath-boot/iscsi has a line for each portal of the snapshot (mpath-snapshot iscsi):
#	TARGET PORTAL_IP PORT GROUP IFACE MAC IFACE_ADDR GATEWAY|-
#
# This brings the interfaces up, writes down all portals that anybody knows of, with a record for open-iscsi each, and leaves the rest to mpath-keeper: it logs in
# to them side by side, again and again until each is in, and goes on with that when the initramfs has ended.

: "${mpath_boot_run:?}"	# functions.sh has set it
. /usr/lib/mpath-boot/network.sh

mpath_boot_snapshot=/etc/mpath-boot/snapshot${mpath_boot_new?}
mpath_boot_portals=/etc/mpath-boot/iscsi${mpath_boot_new?}

# Seconds after which the kernel hands a broken session's I/O back to dm-multipath; nothing when the snapshot does not say.
mpath_boot_iscsi_recovery_tmo()
{
	[ -r "$mpath_boot_snapshot" ] || return 0
	while read -r _keyword _value _rest; do
		if [ "$_keyword" = fast_io_fail_tmo ]; then
			_value=${_value#\"}
			_value=${_value%\"}
			case $_value in
			# 0 would end the I/O of a session at the first blip
			*[!0-9]* | "" | 0) ;;
			*) echo "$_value" ;;
			esac
			return 0
		fi
	done < "$mpath_boot_snapshot"
}

# ---- what the command line, the firmware and the builder's files say ------------------------------------------------

# mpath_boot_iscsi_netroot [USER:PASSWORD[:IN_USER:IN_PASSWORD]@]HOST:[PROTOCOL]:[PORT]:[[IFACE]:[NETDEV]:][LUN]:TARGET, of dracut's netroot=iscsi: and of
# open-iscsi's root=iscsi:
mpath_boot_iscsi_netroot()
{
	_rest=$1
	_user=
	_password=
	_in_user=
	_in_password=
	case $_rest in
	*@*)
		_old_ifs=$IFS
		IFS=:
		set -f
		# shellcheck disable=SC2086 # fields are wanted
		set -- ${_rest%%@*}
		set +f
		IFS=$_old_ifs
		_user=${1:-} _password=${2:-} _in_user=${3:-} _in_password=${4:-}
		_rest=${_rest#*@}
		;;
	esac
	case $_rest in
	\[*\]*)
		_host=${_rest#\[}
		_host=${_host%%\]*}
		_rest=${_rest#*\]:}
		;;
	*)
		_host=${_rest%%:*}
		_rest=${_rest#*:}
		;;
	esac
	_rest=${_rest#*:}	# the protocol
	_port=${_rest%%:*}
	case :$_rest in
	*:iqn.*) _name=iqn.${_rest#*:iqn.} ;;
	*:eui.*) _name=eui.${_rest#*:eui.} ;;
	*:naa.*) _name=naa.${_rest#*:naa.} ;;
	*) _name= ;;
	esac
	if [ -n "$_host" ] && [ -n "$_name" ]; then
		mpath_boot_iscsi_add "$_name" "$_host" "${_port:-3260}" "" "$_user" "$_password" "$_in_user" "$_in_password"
	fi
}

# The kernel command line, with open-iscsi's names and with dracut's. Two rounds: netroot's portals want to know the others' values.
mpath_boot_iscsi_cmdline()
{
	_netroots=
	# shellcheck disable=SC2013 # words are wanted
	for _word in $(mpath_boot_cmdline); do
		_value=${_word#*=}
		case $_word in
		iscsi_auto | iscsi_firmware | rd.iscsi.firmware | rd.iscsi.firmware=1 | rd.iscsi.ibft | rd.iscsi.ibft=1 | ip=ibft) ISCSI_AUTO=true ;;
		iscsi_initiator=* | rd.iscsi.initiator=*) ISCSI_INITIATOR=$_value ;;
		iscsi_target_name=* | rd.iscsi.target.name=*) ISCSI_TARGET_NAME=$_value ;;
		iscsi_target_ip=* | rd.iscsi.target.ip=*) ISCSI_TARGET_IP=$_value ;;
		iscsi_target_port=* | rd.iscsi.target.port=*) ISCSI_TARGET_PORT=$_value ;;
		iscsi_target_group=* | rd.iscsi.target.group=*) ISCSI_TARGET_GROUP=$_value ;;
		iscsi_username=* | rd.iscsi.username=*) ISCSI_USERNAME=$_value ;;
		iscsi_password=* | rd.iscsi.password=*) ISCSI_PASSWORD=$_value ;;
		iscsi_in_username=* | rd.iscsi.in.username=*) ISCSI_IN_USERNAME=$_value ;;
		iscsi_in_password=* | rd.iscsi.in.password=*) ISCSI_IN_PASSWORD=$_value ;;
		rd.iscsi.param=*=*) mpath_boot_iscsi_params="$mpath_boot_iscsi_params${_value%%=*} = ${_value#*=}
" ;;
		netroot=iscsi:* | root=iscsi:*) _netroots="$_netroots ${_value#iscsi:}" ;;
		esac
	done
}

# mpath_boot_attr FILE: what it says, "" if it cannot be read. Never echo what others wrote, a secret above all: dash's echo changes backslashes.
mpath_boot_attr()
{
	_text=
	[ ! -r "$1" ] || read -r _text < "$1" || :
	printf '%s\n' "$_text"
}

# Targets of the firmware, with the interface that it names for each.
mpath_boot_iscsi_firmware()
{
	modprobe -q iscsi_ibft
	_ibft=/sys/firmware/ibft
	if [ -r "$_ibft/initiator/initiator-name" ] && [ -z "$ISCSI_INITIATOR" ]; then
		ISCSI_INITIATOR=$(mpath_boot_attr "$_ibft/initiator/initiator-name")
	fi
	for _firm in "$_ibft"/target*; do
		[ -r "$_firm/target-name" ] || continue
		_nic=$_ibft/ethernet$(mpath_boot_attr "$_firm/nic-assoc")
		mpath_boot_iscsi_add "$(mpath_boot_attr "$_firm/target-name")" "$(mpath_boot_attr "$_firm/ip-addr")" "$(mpath_boot_attr "$_firm/port")" "" \
			"$(mpath_boot_attr "$_firm/chap-name")" "$(mpath_boot_attr "$_firm/chap-secret")" \
			"$(mpath_boot_attr "$_firm/rev-chap-name")" "$(mpath_boot_attr "$_firm/rev-chap-name-secret")"
		_gateway=$(mpath_boot_attr "$_nic/gateway")
		case $_gateway in
		"" | 0.0.0.0 | ::) _gateway=- ;;
		esac
		_bits=$(mpath_boot_attr "$_nic/prefix-len")
		[ -n "$_bits" ] || _bits=$(mpath_boot_bits "$(mpath_boot_attr "$_nic/subnet-mask")")
		[ ! -r "$_nic/mac" ] ||
			printf '%s\n' "- $(mpath_boot_attr "$_firm/ip-addr") - - - $(mpath_boot_attr "$_nic/mac") $(mpath_boot_attr "$_nic/ip-addr")/$_bits $_gateway" >> "$mpath_boot_run/nics"
	done
}

# ---- portals and their records -------------------------------------------------------------------------------------

# mpath_boot_iscsi_group TARGET IP PORT: what the snapshot says, else 1
mpath_boot_iscsi_group()
{
	_group=1
	while read -r _t _i _p _g _; do
		[ "$_t $_i $_p" != "$1 $2 $3" ] || [ "$_g" = - ] || _group=$_g
	done < "$mpath_boot_portals"
	echo "$_group"
}

# Settings of a file of open-iscsi's, but for noops that are off: a dead link must be noticed in seconds.
mpath_boot_iscsi_filter()
{
	[ ! -r "$1" ] || while read -r _key _equals _value; do
		case $_key$_value in
		*noop_out_interval0 | *noop_out_timeout0 | "#"* | "") ;;
		node.* | iface.* | discovery.*) printf '%s\n' "$_key $_equals $_value" ;;
		esac
	done < "$1"
}

# mpath_boot_iscsi_record FILE USER PASSWORD IN_USER IN_PASSWORD: what is added to it; the last word on each key counts
mpath_boot_iscsi_record()
{
	{
		[ -z "$_tmo" ] || echo "node.session.timeo.replacement_timeout = $_tmo"
		# a refusal comes back at once, and silence costs five seconds: mpath-keeper tries again
		echo "node.session.initial_login_retry_max = 0"
		echo "node.conn[0].timeo.login_timeout = 5"
		if [ -n "$2" ]; then
			echo "node.session.auth.authmethod = CHAP"
			printf '%s\n' "node.session.auth.username = $2"
			[ -z "$3" ] || printf '%s\n' "node.session.auth.password = $3"
			[ -z "$4" ] || printf '%s\n' "node.session.auth.username_in = $4"
			[ -z "$5" ] || printf '%s\n' "node.session.auth.password_in = $5"
		fi
		printf '%s\n' "$mpath_boot_iscsi_params"
	} >> "$1"
}

# mpath_boot_iscsi_add TARGET IP PORT GROUP [USER PASSWORD IN_USER IN_PASSWORD]: a portal, unless it is there already. Where nothing is said of CHAP, what
# was said for all counts. open-iscsi's records lie in DIR/TARGET/IP,PORT,GROUP/INTERFACE; the image has those that the machine had.
mpath_boot_iscsi_add()
{
	[ -n "$1" ] && [ -n "$2" ] && [ -n "$3" ] || return 0
	_group=${4#-}
	_group=${_group:-$(mpath_boot_iscsi_group "$1" "$2" "$3")}
	while read -r _t _i _p _; do
		[ "$_t $_i $_p" != "$1 $2 $3" ] || return 0
	done < "$mpath_boot_run/portals"
	printf '%s\n' "$1 $2 $3 $_group" >> "$mpath_boot_run/portals"

	[ -n "${5:-}" ] || set -- "$1" "$2" "$3" "$_group" "$ISCSI_USERNAME" "$ISCSI_PASSWORD" "$ISCSI_IN_USERNAME" "$ISCSI_IN_PASSWORD"
	_dir=/etc/iscsi/nodes/$1/$2,$3,$_group
	mkdir -p "$_dir"
	if [ ! -e "$_dir/default" ]; then
		for _file in "$_dir"/*; do
			# one that is bound to an interface
			[ ! -f "$_file" ] || _dir=
		done
	fi
	_made=
	if [ -n "$_dir" ] && [ ! -e "$_dir/default" ]; then
		_made=$_dir/default
		{
			mpath_boot_iscsi_filter /etc/iscsi/iscsid.conf
			printf '%s\n' "node.name = $1"
			printf '%s\n' "node.tpgt = $_group"
			echo "node.startup = manual"
			printf '%s\n' "node.conn[0].address = $2"
			printf '%s\n' "node.conn[0].port = $3"
			echo "node.conn[0].startup = manual"
			echo "iface.iscsi_ifacename = default"
			echo "iface.transport_name = tcp"
		} > "$_made"
	fi
	for _file in "/etc/iscsi/nodes/$1/$2,$3,$_group"/*; do
		if [ "$_file" != "$_made" ]; then
			mpath_boot_iscsi_filter "$_file" > "$mpath_boot_run/record"
			cat "$mpath_boot_run/record" > "$_file"
		fi
		mpath_boot_iscsi_record "$_file" "$5" "${6:-}" "${7:-}" "${8:-}"
	done
	: > "$mpath_boot_run/record"	# it may have had secrets
}

# All portals of all sources, once each, into $mpath_boot_run/portals; interfaces in question into $mpath_boot_run/nics. Never log what this sets.
mpath_boot_iscsi_collect()
{
	for _name in INITIATOR TARGET_NAME TARGET_IP TARGET_PORT TARGET_GROUP AUTO USERNAME PASSWORD IN_USERNAME IN_PASSWORD; do
		eval "ISCSI_$_name="
	done
	mpath_boot_iscsi_params=
	_tmo=$(mpath_boot_iscsi_recovery_tmo)
	_old_umask=$(umask)
	umask 077
	: > "$mpath_boot_run/record"
	: > "$mpath_boot_run/portals"
	while read -r _line; do
		printf '%s\n' "$_line"
	done < "$mpath_boot_portals" > "$mpath_boot_run/nics"
	mpath_boot_iscsi_settings
	mpath_boot_iscsi_cmdline
	[ -z "$ISCSI_AUTO" ] || mpath_boot_iscsi_firmware
	for _netroot in $_netroots; do
		mpath_boot_iscsi_netroot "$_netroot"
	done
	for _ip in $ISCSI_TARGET_IP; do
		_ip=${_ip#\[}
		mpath_boot_iscsi_add "$ISCSI_TARGET_NAME" "${_ip%\]}" "${ISCSI_TARGET_PORT:-3260}" "$ISCSI_TARGET_GROUP"
	done
	while read -r _target _ip _port _group _; do
		mpath_boot_iscsi_add "$_target" "$_ip" "$_port" "$_group"
	done < "$mpath_boot_portals"

	for _file in /etc/initiatorname.iscsi /etc/iscsi/initiatorname.iscsi; do
		if [ -z "$ISCSI_INITIATOR" ] && [ -r "$_file" ]; then
			. "$_file"
			# shellcheck disable=SC2154 # that file's
			ISCSI_INITIATOR=$InitiatorName
		fi
	done
	mkdir -p /etc/iscsi
	printf '%s\n' "InitiatorName=$ISCSI_INITIATOR" > /etc/iscsi/initiatorname.iscsi
	umask "$_old_umask"
}

# ---- the boot -------------------------------------------------------------------------------------------------------

# mpath_boot_iscsi_network: modules, and the interface that ip= is about.
mpath_boot_iscsi_network()
{
	modprobe -q iscsi_tcp
	modprobe -q crc32c
	udevadm settle --timeout=10
	mpath_boot_ip_start
}

mpath_boot_iscsi_nics()
{
	while read -r _ _ip _ _ _iface _mac _addr _gateway; do
		case $_addr in
		*/*) ;;
		*) continue ;;
		esac
		_way=$_ip
		if [ "$_gateway" = - ] && mpath_boot_nic_shared iscsi "$_ip" "$_iface" < "$mpath_boot_run/nics"; then
			_way=-
		fi
		if _device=$(mpath_boot_nic "$_mac" "$_iface"); then
			mpath_boot_nic_up "$_device" "$_addr" "$_gateway" "$_way"
		else
			mpath_boot_nic_late "iscsi: portal $_ip" "$_mac" "$_iface" "$_addr" "$_gateway" "$_way" :
		fi
	done < "$mpath_boot_run/nics"
}

# Start all logins; returns when the interfaces are up.
mpath_boot_iscsi_start()
{
	[ -e "$mpath_boot_portals" ] || return 0
	mkdir -p "$mpath_boot_run"
	mpath_boot_iscsi_collect
	[ -s "$mpath_boot_run/portals" ] || return 0
	mpath_boot_iscsi_network
	mpath_boot_iscsi_nics
	/usr/lib/mpath-boot/mpath-keeper ${_tmo:+--recovery-tmo "$_tmo"} "$mpath_boot_run/portals" ||
		mpath_boot_say "iscsi: mpath-keeper does not start: nobody logs in"
}

# Root can be mounted. mpath-keeper goes on.
mpath_boot_iscsi_enough()
{
	:
}

# The initramfs ends.
mpath_boot_iscsi_stop()
{
	mpath_boot_nic_enough
}

# mpath-boot is switched off: the builder's way if that is configured, else the first portal that lets us in. Not more: LVM and file systems do not like to see
# a disk twice. Nor a short recovery_tmo: there is no other path to give I/O to.
mpath_boot_iscsi_one_path()
{
	[ -e "$mpath_boot_portals" ] || return 0
	mpath_boot_iscsi_stock
	for _file in /sys/class/iscsi_session/session*; do
		[ ! -e "$_file" ] || return 0
	done

	mkdir -p "$mpath_boot_run"
	mpath_boot_iscsi_collect
	[ -s "$mpath_boot_run/portals" ] || return 0
	mpath_boot_iscsi_network
	mpath_boot_iscsi_nics
	while read -r _target _ip _port _group; do
		set -- -i "$ISCSI_INITIATOR" -t "$_target" -a "$_ip" -p "$_port" -g "$_group" \
			-P "node.conn[0].timeo.login_timeout=5" -P "node.session.initial_login_retry_max=0"
		[ -z "$ISCSI_USERNAME" ] || set -- "$@" -u "$ISCSI_USERNAME"
		[ -z "$ISCSI_PASSWORD" ] || set -- "$@" -w "$ISCSI_PASSWORD"
		[ -z "$ISCSI_IN_USERNAME" ] || set -- "$@" -U "$ISCSI_IN_USERNAME"
		[ -z "$ISCSI_IN_PASSWORD" ] || set -- "$@" -W "$ISCSI_IN_PASSWORD"
		! iscsistart "$@" < /dev/null || break
	done < "$mpath_boot_run/portals"
	udevadm settle --timeout=10
}

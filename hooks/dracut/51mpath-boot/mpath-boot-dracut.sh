#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mpath-boot in dracut: what its hooks share, and how this builder does what iscsi.sh and nvme.sh need. Sourced, in a shell of its own, POSIX sh.

. /usr/lib/mpath-boot/functions.sh
command -v getarg > /dev/null || . /lib/dracut-lib.sh

: "${mpath_boot_run:?}" # functions.sh has set it

# Log in, wait for root's maps, say how that went in $mpath_boot_run/waited. Runs beside the initqueue's loop, which goes round for others meanwhile.
mpath_boot_wait() {
    mkdir -p "$mpath_boot_run"
    if mpath_boot_enabled; then
        mpath_boot_iscsi start
        mpath_boot_nvme start
        mpath-boot wait
        _status=$?
        [ "$_status" -ne 0 ] || mpath_boot_iscsi enough
    else
        mpath_boot_iscsi one_path
        mpath_boot_nvme one_path
        _status=0
    fi
    echo "$_status" > "$mpath_boot_run/waited"
    : > "${hookdir:?}/initqueue/work" # dracut-lib.sh has set it; init unsets it before switch_root
}

# ---- what iscsi.sh and nvme.sh want to know ------------------------------------------------------------------------

# /etc/cmdline and /etc/cmdline.d, too
mpath_boot_cmdline() {
    if command -v getcmdline > /dev/null; then
        getcmdline
    else
        cat /proc/cmdline
    fi
}

# mpath_boot_ip_field: the next one of $_ip_spec, into $_ip_field. IPv6 addresses stand in brackets.
mpath_boot_ip_field() {
    case $_ip_spec in
        \[*\]*)
            _ip_field=${_ip_spec#\[}
            _ip_field=${_ip_field%%\]*}
            _ip_spec=${_ip_spec#*\]}
            _ip_spec=${_ip_spec#:}
            ;;
        *:*)
            _ip_field=${_ip_spec%%:*}
            _ip_spec=${_ip_spec#*:}
            ;;
        *)
            _ip_field=$_ip_spec
            _ip_spec=
            ;;
    esac
}

# mpath_boot_ip_static SPEC: its parts, if SPEC is ip=ADDRESS:[PEER]:[GATEWAY]:NETMASK|BITS:[HOST]:INTERFACE:none; false: it is for dracut's network module
mpath_boot_ip_static() {
    _ip_spec=$1
    mpath_boot_ip_field
    _ip_address=$_ip_field
    case $_ip_address in
        *.*.*.* | *:*) ;;
        *) return 1 ;;
    esac
    mpath_boot_ip_field
    mpath_boot_ip_field
    _ip_gateway=$_ip_field
    mpath_boot_ip_field
    case $_ip_field in
        *.*) _ip_bits=$(mpath_boot_bits "$_ip_field") ;;
        *) _ip_bits=${_ip_field:-24} ;;
    esac
    mpath_boot_ip_field
    mpath_boot_ip_field
    _ip_device=$_ip_field
    [ -n "$_ip_device" ]
}

# mpath_boot_ip_name INTERFACE: what it is called now, when ifname=INTERFACE:MAC has not been heeded
mpath_boot_ip_name() {
    for _ip_pair in $(getargs ifname=); do
        if [ "${_ip_pair%%:*}" = "$1" ] && mpath_boot_nic "${_ip_pair#*:}"; then
            return
        fi
    done
    echo "$1"
}

mpath_boot_ip_owns() {
    for _ip_word in $(getargs ip=); do
        if mpath_boot_ip_static "$_ip_word"; then
            [ "$(mpath_boot_ip_name "$_ip_device")" != "$1" ] || return 0
        elif [ "${_ip_word%%:*}" = "$1" ]; then
            return 0
        fi
    done
    return 1
}

# dracut's module network is in this image.
mpath_boot_has_network() {
    [ -x /sbin/netroot ]
}

# Nobody else than that module would make it.
mpath_boot_ip_makes() {
    mpath_boot_has_network || return 1
    for _ip_word in $(getargs vlan=) $(getargs bond=) $(getargs bridge=) $(getargs team=); do
        [ "${_ip_word%%:*}" != "$1" ] || return 0
    done
    return 1
}

# mpath_boot_ip_set: what mpath_boot_ip_static has found
mpath_boot_ip_set() {
    ip link set "$_ip_device" up
    ip addr add "$_ip_address/$_ip_bits" dev "$_ip_device" 2> /dev/null
    [ -z "$_ip_gateway" ] || ip route add default via "$_ip_gateway" dev "$_ip_device" 2> /dev/null
    mpath_boot_ip_keep "$_ip_device"
}

mpath_boot_ip_late() {
    for _ip_word in $(getargs ip=); do
        if mpath_boot_ip_static "$_ip_word" && _ip_device=$(mpath_boot_ip_name "$_ip_device") && [ "$_ip_device" = "$1" ]; then
            mpath_boot_ip_set
        fi
    done
}

# Fixed addresses need nobody but us. Others are dracut's business, which its module network does, if it is in the image.
mpath_boot_ip_start() {
    for _ip_word in $(getargs ip=); do
        if mpath_boot_ip_static "$_ip_word"; then
            _ip_device=$(mpath_boot_ip_name "$_ip_device")
            mpath_boot_ip_set
        elif [ "$_ip_word" != ibft ] && ! mpath_boot_has_network; then
            mpath_boot_say "ip=$_ip_word needs dracut's module network, which is not in this image"
        fi
    done
    for _ip_key in vlan bond bridge team; do
        mpath_boot_has_network || [ -z "$(getargs $_ip_key=)" ] || mpath_boot_say "$_ip_key= needs dracut's module network, which is not in this image"
    done
}

mpath_boot_ip_plain() {
    return 1
}

mpath_boot_iscsi_settings() {
    :
}

mpath_boot_iscsi_stock() {
    :
}

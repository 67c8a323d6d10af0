#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dracut module: puts mpath-boot and the snapshot of root's multipath maps into the image; see dracut-mpath-boot(7).
#
# Root is on multipath and no snapshot can be made of it: the image is not built, since the machine would not find its root with it.

# Another root directory than / to take files from: for tests/test-dracut.sh only.
_mpath_boot_from=${MPATH_BOOT_TEST_ROOT:-}

# in_subshell COMMANDS...: with image.sh, whose functions and variables are not dracut's
_mpath_boot_image() {
    (
        image=$initdir
        from=$_mpath_boot_from
        image_network='It takes dracut'\''s module network, and on the kernel command line vlan=, bond=, bridge= or team= and an ip= for it'
        image_exec() {
            inst "${2:-$from$1}" "$1" || fail "unable to copy $1"
        }
        image_module() {
            hostonly='' instmods "$@"
        }
        image_load() {
            hostonly='' instmods "$1"
        }
        image_all_drivers() {
            hostonly='' instmods '=drivers/scsi' '=drivers/ata' '=drivers/block' '=drivers/message' '=drivers/nvme' '=drivers/s390/scsi'
        }
        say() {
            dinfo "mpath-boot: $*"
        }
        warn() {
            dwarn "mpath-boot: $*"
        }
        error() {
            dfatal "mpath-boot: $*"
        }
        fail() {
            error "$1"
            image_ways_out dracut
            exit 111
        }

        . "$from/usr/lib/mpath-boot/image.sh"
        "$@"
    )
}

# The snapshot is made once for all calls of dracut's.
_mpath_boot_snapshot=$DRACUT_TMPDIR/mpath-boot.snapshot

# forced MODULE: by --force-add or force_add_dracutmodules
_mpath_boot_forced() {
    [[ " ${force_add_dracutmodules-} " == *" $1 "* ]]
}

# dracut looks at modules in the order of their numbers, and theirs are higher than this one's. 059 fails when a module is both forced and omitted.
_mpath_boot_omit() {
    _mpath_boot_forced "$1" || omit_dracutmodules+=" $1 "
}

# 1: not into this image
_mpath_boot_decide() {
    image_settings
    [[ ${MPATH_BOOT-} != n ]] || exit 1
    # Only one of both can act in an image.
    if _mpath_boot_forced multipath; then
        [[ ${MPATH_BOOT-} != y ]] || fail "MPATH_BOOT=y, but dracut's module multipath is forced into the image"
        warn "left out of the image, into which dracut's module multipath is forced"
        exit 1
    fi
    [[ -e $_mpath_boot_snapshot ]] || image_snapshot "$_mpath_boot_snapshot" || {
        # An image for any machine gets a snapshot for any machine.
        [[ ! $hostonly ]] || exit 1
        say "root is not on multipath: the snapshot is a generic one"
        MPATH_BOOT_GENERIC=y
        image_snapshot "$_mpath_boot_snapshot"
    }
    image_take "$_mpath_boot_snapshot"
}

# Root's portals are in the snapshot, or can be in the kernel command line or the firmware of any machine.
_mpath_boot_has_iscsi() {
    [[ $("$_mpath_boot_from/usr/sbin/mpath-snapshot" iscsi "$_mpath_boot_snapshot") ]] ||
        { grep -q '^generic {' "$_mpath_boot_snapshot" && [[ -x $_mpath_boot_from/sbin/iscsid || -x $_mpath_boot_from/usr/sbin/iscsid ]]; }
}

# called by dracut
check() {
    local _ret=0

    [[ -x $_mpath_boot_from/usr/sbin/mpath-boot && -x $_mpath_boot_from/usr/sbin/mpath-snapshot ]] || return 1
    _mpath_boot_image _mpath_boot_decide || _ret=$?
    [[ $_ret != 111 ]] || exit 1
    [[ $_ret == 0 ]] || return 1
    _mpath_boot_omit multipath
    # Ours logs in to root's portals, to all at once.
    if _mpath_boot_has_iscsi; then
        _mpath_boot_omit iscsi
    fi
    return 0
}

# called by dracut
depends() {
    local _dir

    echo dm rootfs-block
    # since 108
    for _dir in "$dracutbasedir"/modules.d/[0-9][0-9]initqueue; do
        [[ ! -d $_dir ]] || echo initqueue
    done
    return 0
}

# Modules for tables are there before udev starts, as are device handlers: they should meet each disk when it comes.
_mpath_boot_cmdline() {
    image=$DRACUT_TMPDIR/mpath-boot.cmdline
    image_module() {
        :
    }
    image_load() {
        printf ' rd.driver.pre=%s' "$1"
    }
    image_all_drivers() {
        :
    }
    image_take "$_mpath_boot_snapshot"
    add_modules
}

# called by dracut
cmdline() {
    _mpath_boot_image _mpath_boot_cmdline
}

# The distributions give device-mapper's rules different numbers; ours must stand behind the first of them.
_mpath_boot_rules() {
    local _file _name

    for _file in "$_mpath_boot_from"/usr/lib/mpath-boot/udev/*.rules; do
        _name=${_file##*/}
        if [[ -e $_mpath_boot_from$udevdir/rules.d/10-dm.rules && $_name == 56-* ]]; then
            _name=11-${_name#56-}
        fi
        inst_simple "$_file" "$udevdir/rules.d/$_name"
    done
}

_mpath_boot_install() {
    image_take "$_mpath_boot_snapshot"
    image_any_portal=$generic
    image_fill
    if [[ -e $image/etc/mpath-boot/iscsi || -e $image/etc/mpath-boot/nvme ]]; then
        inst_multiple ip || fail "root has paths over IP, but there is no ip (package iproute2)"
    fi
}

# called by dracut
install() {
    local _file

    _mpath_boot_image _mpath_boot_install || exit 1
    _mpath_boot_rules
    mkdir -p "$initdir/etc/cmdline.d" "$initdir/lib/dracut"
    cmdline > "$initdir/etc/cmdline.d/50-mpath-boot.conf"

    inst_simple "$moddir/mpath-boot-dracut.sh" /usr/lib/mpath-boot/dracut.sh
    inst_hook pre-trigger 10 "$moddir/mpath-boot-start.sh"
    inst_hook initqueue 10 "$moddir/mpath-boot-wait.sh"
    inst_hook initqueue/finished 10 "$moddir/mpath-boot-finished.sh"
    inst_hook emergency 20 "$moddir/mpath-boot-emergency.sh"
    inst_hook pre-pivot 80 "$moddir/mpath-boot-pivot.sh"
    inst_hook shutdown 20 "$moddir/mpath-boot-shutdown.sh"
    # The module network ends the boot when netroot=iscsi: has no handler. We log in to those portals by ourselves.
    if [[ -e $initdir/etc/mpath-boot/iscsi ]] && ! dracut_module_included iscsi; then
        mkdir -p "$initdir/sbin"
        printf '#!/bin/sh\nexit 0\n' > "$initdir/sbin/iscsiroot"
        chmod 755 "$initdir/sbin/iscsiroot"
    fi
    if command -v dracut_need_initqueue > /dev/null; then
        dracut_need_initqueue
    fi

    if dracut_module_included "systemd"; then
        inst_simple "$_mpath_boot_from$systemdsystemunitdir/mpath-boot.service" "$systemdsystemunitdir/mpath-boot.service"
        $SYSTEMCTL -q --root "$initdir" add-wants sysinit.target mpath-boot.service
    fi

    # rdsosreport prints what it finds under this name
    for _file in state log events iscsi.log snapshot; do
        [[ $_file != iscsi.log || -e $initdir/etc/mpath-boot/iscsi ]] || continue
        ln -s "/run/mpath-boot/$_file" "$initdir/lib/dracut/dracut-mpath-boot.$_file"
    done
}

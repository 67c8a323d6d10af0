#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Leaves the guard to the real root.

(
    . /usr/lib/mpath-boot/dracut.sh
    mpath_boot_iscsi stop
    mpath_boot_nvme stop
    mpath_boot_keep_guard
    # A root that is older than this image may not have it.
    if [ -n "${DRACUT_SYSTEMD-}" ]; then
        for _file in /lib/systemd/system/mpath-boot.service /usr/lib/systemd/system/mpath-boot.service; do
            if [ -r "$_file" ]; then
                mkdir -p /run/systemd/system
                cp "$_file" /run/systemd/system/
                break
            fi
        done
    fi
    # Whoever unmounts a root that queues must be able to end that: the shutdown hook, which this asks for.
    case $(dmsetup table --target multipath) in
        *' queue_if_no_path '*) need_shutdown ;;
    esac
)

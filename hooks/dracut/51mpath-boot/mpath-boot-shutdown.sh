#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# At the very end, in the initramfs once more: nothing may wait for paths that will not come back. Called again and again until it returns 0; the last time with
# "final". dm-shutdown, behind this, removes what is on a map, and leaves the map: it goes in the next round.

(
    . /usr/lib/mpath-boot/functions.sh
    _left=0
    for _map in $(dmsetup ls --target multipath 2> /dev/null | sed -n 's/^\([^\t]*\)\t.*/\1/p'); do
        case $(dmsetup table "$_map") in
            *' queue_if_no_path '*)
                dmsetup message "$_map" 0 fail_if_no_path &&
                    mpath_boot_say "shutdown: map $_map queues no longer"
                ;;
        esac
        if dmsetup remove --noudevsync "$_map" 2> /dev/null; then
            mpath_boot_say "shutdown: map $_map removed"
        elif [ -z "${1-}" ]; then
            _left=1
        else
            mpath_boot_say "shutdown: map $_map is still in use"
        fi
    done
    exit "$_left"
)

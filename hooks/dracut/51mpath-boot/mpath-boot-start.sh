#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Before coldplug: start the guard. With systemd mpath-boot.service has done so.

[ -n "${DRACUT_SYSTEMD-}" ] || (
    . /usr/lib/mpath-boot/dracut.sh
    mpath_boot_enabled || exit 0
    mpath-boot guard --daemon --initrd ||
        mpath_boot_say "the guard does not start: no map will be made"
)

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the initqueue, once.

if [ ! -e /run/mpath-boot.waits ]; then
    : > /run/mpath-boot.waits
    (
        . /usr/lib/mpath-boot/dracut.sh
        mpath_boot_wait
    ) < /dev/null &
fi

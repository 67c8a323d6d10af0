#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an administrator wants to know first in the emergency shell.

(
    . /usr/lib/mpath-boot/dracut.sh
    mpath_boot_advise
)

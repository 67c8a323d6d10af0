#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The disk is a file of the host's, and so are the tools that make it one; all of it stays mounted below /run in the real root.

(
    mkdir -p /run/out /run/base /run/src /run/tools
    mount -t hostfs -o "$(getarg uml_out=)" none /run/out
    mount -r -t hostfs -o "$(getarg uml_cache=)" none /run/base
    mount -r -t hostfs -o "$(getarg uml_src=)" none /run/src
    /run/base/root/bin/busybox --install -s /run/tools
    PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/tools /run/base/root/bin/busybox sh -c '
        . /run/src/tests/vm/uml/guest/lib.sh
        lio_paths /run/out/disk.img 2 1234567890abcdef123456789'
)

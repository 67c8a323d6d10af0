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
    PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/tools
    if [ "$(getarg lab.disk=)" = iscsi ]; then
        mkdir -p /run/added
        mount -r -t hostfs -o "$(getarg uml_added=)" none /run/added
        # with the libraries' own loader, and under a name that systemd spares, as it spares the guard
        ln -s /run/base/root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 /run/tools/@ld
        # shellcheck disable=SC2016
        sed 's|LD_LIBRARY_PATH=$libraries |@ld --library-path $libraries |; s|/run/root.img|/run/out/disk.img|; s|^libraries=.*|&:/run/base/root/usr/lib/x86_64-linux-gnu|' \
            /run/src/tests/vm/uml/guest/iscsi.sh > /run/portals.sh
        ip link set lo up
        busybox sh -c '. /run/src/tests/vm/uml/guest/lib.sh; . /run/portals.sh; chap=$1; portal_start 1 127.0.1.1; [ -n "$2" ] || portal_start 2 127.0.2.1' \
            - "$(getarg lab.chap=)" "$(getarg lab.dead=)"
    else
        busybox sh -c '. /run/src/tests/vm/uml/guest/lib.sh; lio_paths /run/out/disk.img 2 1234567890abcdef123456789'
    fi
)

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# At the very end, in the initramfs once more: nothing may wait for paths that will not come back. Called again and again; the last time with "final".

for _map in $(dmsetup table --target multipath 2> /dev/null | sed -n 's/^\([^:]*\): .* queue_if_no_path .*/\1/p'); do
    dmsetup message "$_map" 0 fail_if_no_path
done
# dm-shutdown has taken what was on them, and leaves these.
if [ -n "${1-}" ]; then
    for _map in $(dmsetup ls --target multipath 2> /dev/null | sed -n 's/^\([^\t]*\)\t.*/\1/p'); do
        dmsetup remove --noudevsync "$_map"
    done
fi
unset _map
:

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One portal has refused all the time; now it comes.
. /run/src/tests/vm/dracut-lab/lib.sh

expect "root has one path" active 1
expect "multipathd has taken over" wait_until 120 phase "handed over"
PATH=$PATH:/run/tools busybox sh -c '. /run/src/tests/vm/uml/guest/lib.sh; . /run/portals.sh; portal_start 2 127.0.2.1'
expect "the other path comes with its portal" wait_until 120 active 2
expect "no error reached the file system" no_error
leave poweroff

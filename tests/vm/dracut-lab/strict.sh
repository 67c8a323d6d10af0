#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes an image for this machine alone, on the live map, as its administrator would.
. /run/src/tests/vm/dracut-lab/lib.sh

if [ -e /run/out/made ]; then
	exec sh /run/src/tests/vm/dracut-lab/questions.sh
fi
rm -f /etc/dracut.conf.d/*-ifcfg.conf
expect "dracut makes an image" sh -c 'dracut --force --hostonly --hostonly-mode strict --no-compress /run/made > /run/out/dracut.log 2>&1'
cp /run/made /run/out/made
dracut --print-cmdline --hostonly --hostonly-mode strict > /run/out/cmdline 2>&1
lsinitrd /run/made > /run/out/contents 2>&1
leave poweroff

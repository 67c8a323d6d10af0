#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Called by make install. UNITDIR: where /usr/lib/systemd/system is to be. The units are wanted from there, so they need no systemctl enable;
# systemctl mask switches them off.
set -e

cd "$(dirname "$0")"

install -d "$UNITDIR/multi-user.target.wants"
for unit in *.service *.path; do
	install -m 0644 "$unit" "$UNITDIR/"
	ln -sfn "../$unit" "$UNITDIR/multi-user.target.wants/$unit"
done

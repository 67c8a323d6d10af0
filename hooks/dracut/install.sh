#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Called by make install. DRACUT: where /usr/lib/dracut is to be; UNITDIR: where systemd's units are; MANDIR: where /usr/share/man is.
set -e

cd "$(dirname "$0")"

install -d "$DRACUT/modules.d/51mpath-boot" "$UNITDIR" "$MANDIR/man7"
rm -f "$DRACUT/dracut.conf.d/50-mpath-boot.conf"	# of earlier versions: it would keep multipath out of every image
install -m 0755 51mpath-boot/*.sh "$DRACUT/modules.d/51mpath-boot/"
# The guard's unit must also be where systemd looks after switch_root, or it would stop the guard.
install -m 0644 mpath-boot.service "$UNITDIR/"
install -m 0644 ../../docs/dracut-mpath-boot.7 "$MANDIR/man7/"

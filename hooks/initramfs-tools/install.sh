#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Called by make install. INITRAMFS_TOOLS: where /usr/share/initramfs-tools is to be; LIBDIR: where /usr/lib is to be.
set -e

cd "$(dirname "$0")"

install -d "$INITRAMFS_TOOLS/hooks" "$INITRAMFS_TOOLS/conf-hooks.d" "$LIBDIR/mpath-boot"
install -m 0644 conf-hook "$INITRAMFS_TOOLS/conf-hooks.d/mpath-boot"
install -m 0755 hook "$INITRAMFS_TOOLS/hooks/mpath-boot"
for script in scripts/*/*; do
	install -D -m 0755 "$script" "$INITRAMFS_TOOLS/$script"
done
install -m 0644 scripts/mpath-boot-* "$INITRAMFS_TOOLS/scripts/"
# goes to /etc/mpath-boot/ by the administrator's hand
install -m 0644 initramfs.conf "$LIBDIR/mpath-boot/initramfs.conf.example"

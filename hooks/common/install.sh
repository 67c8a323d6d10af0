#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Called by make install: what the hooks of all builders share. LIBDIR: where /usr/lib is to be.
set -e

cd "$(dirname "$0")/.."

install -d "$LIBDIR/mpath-boot"
install -m 0644 common/functions.sh common/image.sh common/network.sh iscsi/iscsi.sh nvme/nvme.sh "$LIBDIR/mpath-boot/"
install -m 0644 iscsi/image.sh "$LIBDIR/mpath-boot/image-iscsi.sh"
install -m 0644 nvme/image.sh "$LIBDIR/mpath-boot/image-nvme.sh"

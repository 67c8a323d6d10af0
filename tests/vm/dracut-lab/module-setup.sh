#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A dracut module for tests/vm/dracut: the disk, on which there is root, with two paths to it, before udev starts.

# called by dracut
check() {
    return 0
}

# called by dracut
installkernel() {
    hostonly='' instmods sd_mod crc_t10dif target_core_file tcm_loop hostfs ext4
}

# called by dracut
install() {
    inst_hook pre-udev 01 "$moddir/lab-disk.sh"
    inst_hook emergency 99 "$moddir/lab-report.sh"
}

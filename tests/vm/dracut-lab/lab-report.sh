#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The emergency shell's report, for the host. With systemd it is there by now.

(
    [ -e /run/initramfs/rdsosreport.txt ] || rdsosreport
    cat /run/initramfs/rdsosreport.txt > /run/out/report
)

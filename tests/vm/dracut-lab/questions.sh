#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the real root: what the host wants to know, into /run/out/answers.
exec > /run/out/answers 2>&1
echo "root: $(findmnt -no SOURCE /)"
echo "maps: $(multipathd show maps json | tr -d ' \n')"
echo "acts: $(journalctl -b -u multipathd | grep -o 'mpatha: set ACT_[A-Z]*' | sort -u | xargs)"
echo "phase: $(mpath-boot status | head -n 1)"
echo "unit: $(systemctl show mpath-boot.service -p FragmentPath -p IgnoreOnIsolate -p Result | sort | xargs)"
echo "shutdown: $(ls -A /run/initramfs | grep need_shutdown)"
echo "links: $(readlink -f /dev/disk/by-uuid/6d706174-682d-626f-6f74-000000000001) $(readlink -f /dev/mapper/mpatha-part1)"
echo "disks: $(lsblk -nro NAME,TYPE,MOUNTPOINT | xargs)"
journalctl -b --no-pager -o short-monotonic > /run/out/journal
mpath-boot timeline > /run/out/timeline
echo done
echo "lab: poweroff" > /dev/kmsg
systemctl --no-block poweroff

# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of docs/ about initramfs builders for which there are no hooks: what they tell to write, and what a boot with it must come to. Picture: stack.py."""

import json
import os
import re
import shutil

from qemu import TOP
from stack import KINDS

KIND = "plain"


def blocks(page):
    """The code blocks of docs/PAGE."""
    with open(f"{TOP}/docs/{page}") as f:
        return re.findall(r"^```sh\n(.*?)^```$", f.read(), re.M | re.S)


def fake_create(made, root):
    """In the tree ROOT "mpath-snapshot create" writes the snapshot that was made on the live map: there is none in a chroot."""
    shutil.copy(f"{made.folder(KIND)}/snapshot", f"{root}/snapshot")
    program = f"{root}/usr/local/sbin/mpath-snapshot"
    with open(program, "w") as f:
        f.write('#!/bin/sh\n[ "$1" != create ] || exec cp /snapshot "$3"\nexec /usr/sbin/mpath-snapshot "$@"\n')
    os.chmod(program, 0o755)


def is_handed_over(vm, after_gap=False):
    """Root is on its map; multipathd has it, found nothing to do, and the guard has gone. AFTER_GAP: which of the two groups is in use depends on which path was back first."""
    vm.wait_multi_user(1200)
    print(vm.run("findmnt -no SOURCE /; cat /run/mpath-boot/log; dmsetup table; ls -l /dev/mapper /dev/disk/by-uuid; systemctl --failed; multipath -ll"))
    assert vm.run("findmnt -no SOURCE /").strip() == "/dev/mapper/mpatha-part1"
    vm.refuse(r"I/O error.* dev dm-|Buffer I/O error|EXT4-fs error|Remounting filesystem read-only")

    m, = json.loads(vm.run("multipathd show maps json"))["maps"]
    assert (m["name"], m["paths"], m["map_loads"], m["switch_grp"]) == ("mpatha", 2, 0, 0), m
    acts = vm.run("journalctl -b -u multipathd | grep -o 'mpatha: set ACT_.*' || :").splitlines()
    wanted = "ACT_NOTHING|ACT_SWITCHPG" if after_gap else "ACT_NOTHING"
    assert acts and all(re.search(wanted, act) for act in acts), f"multipathd wanted: {acts}"
    uuid = KINDS[KIND]["root"].partition("=")[2]
    assert vm.run(f"readlink -f /dev/disk/by-uuid/{uuid}") == vm.run("readlink -f /dev/mapper/mpatha-part1"), "the link leads elsewhere"
    for name in ("mpatha", "mpatha-part1"):
        vm.run(f"systemctl is-active $(systemd-escape --path --suffix=device /dev/mapper/{name})")
    vm.run("p=$(cat /run/mpath-boot/pid); for i in $(seq 10); do [ -e /proc/$p ] || exit 0; sleep 1; done; exit 1")
    vm.timeline()
    print(vm.times())

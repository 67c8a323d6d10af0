# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests whose root lies on something that lies on multipath maps: LVM, dm-crypt, MD, btrfs, a disk without partitions.

      one file            QEMU: two adapters                 guest
    ┌──────────┐     ┌─ hba0 ── LUN 0 ── sda ─┐
    │ KIND0.img├─────┤                        ├─ mpatha ─ mpatha-part1 ─┐
    └──────────┘     └─ hba1 ── LUN 0 ── sdc ─┘                         ├─ LVM, MD, ... = /
    ┌──────────┐     ┌─ hba0 ── LUN 1 ── sdb ─┐                         │
    │ KIND1.img├─────┤                        ├─ mpathb ────────────────┘
    └──────────┘     └─ hba1 ── LUN 1 ── sdd ─┘

A first machine, whose own root is elsewhere, makes all of the stacks on live maps, and for each of them mpath-snapshot the snapshot of its root.
"""

import contextlib
import copy
import fcntl
import hashlib
import os
import shutil
import subprocess

from qemu import EMULATED, HASH, HERE, VM, Guest, Lab, debs, keep_newest, program_of

# On a busy host a guest looks stuck to its watchdogs, and what they print makes it worse.
KERNEL_OPTIONS = (f"console=ttyS0 rdinit=/lab/init rw net.ifnames=0 {EMULATED} printk.devkmsg=on panic=-1 nowatchdog "
                  "rcupdate.rcu_cpu_stall_suppress=1")
UUID = "6d706174-682d-626f-6f74-0000000000{:02x}"
SOURCE_UUID = UUID.format(0x01)      # of the file system that makers copy
# Of an initramfs that does not load virtio_console the agent's port comes with the real root's coldplug.
WAIT_FOR_PORT = "[Service]\nExecStartPre=/bin/sh -c 'until [ -c /dev/virtio-ports/lab.agent ]; do sleep 1; done'\n"
KEY = "a passphrase that everybody knows\n"

# luns: size in MB, and what sfdisk makes of it; others: so many of them, the last ones, are not root's; make: shell commands that have M0, M1 (the maps) and copy DEVICE, mount_root [OPTION]... DEVICE
KINDS = {
    "plain": dict(
        luns=[(900, ",,83")],
        make="copy /dev/mapper/$M0-part1",
        root=f"UUID={SOURCE_UUID}",
        etc={"fstab": f"UUID={SOURCE_UUID} / ext4 errors=remount-ro 0 1\n"}),
    "lvm": dict(
        luns=[(640, ",,8e"), (640, None)],
        make="""pvcreate -q /dev/mapper/$M0-part1 /dev/mapper/$M1
                vgcreate -q lab /dev/mapper/$M0-part1 /dev/mapper/$M1
                lvcreate -q -y -L 64M -n swap lab
                lvcreate -q -y -l 100%FREE -n root lab
                mkswap /dev/lab/swap
                copy /dev/lab/root""",
        stop="vgchange -q -an lab",
        root="/dev/mapper/lab-root", resume="/dev/mapper/lab-swap",
        etc={"fstab": "/dev/mapper/lab-root / ext4 errors=remount-ro 0 1\n/dev/mapper/lab-swap none swap sw 0 0\n"}),
    "crypt": dict(
        luns=[(900, ",,83")],
        make=f"""printf '%s' '{KEY}' >/tmp/key
                cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --uuid {UUID.format(0x21)} /dev/mapper/$M0-part1 /tmp/key
                cryptsetup open --key-file /tmp/key /dev/mapper/$M0-part1 root_crypt
                copy /dev/mapper/root_crypt""",
        stop="cryptsetup close root_crypt",
        root="/dev/mapper/root_crypt",
        etc={"fstab": "/dev/mapper/root_crypt / ext4 errors=remount-ro 0 1\n",
             "crypttab": f"root_crypt UUID={UUID.format(0x21)} /etc/keys/root.key luks,initramfs\n",
             "keys/root.key": KEY,
             "cryptsetup-initramfs/conf-hook": 'KEYFILE_PATTERN="/etc/keys/*.key"\n'}),
    # no partition table; /usr and swap on another map
    "whole": dict(
        luns=[(400, None), (900, ",600M,83\n,,82")],
        make=f"""mke2fs -q -t ext4 -U {UUID.format(0x31)} /dev/mapper/$M0
                mke2fs -q -t ext4 -U {UUID.format(0x32)} /dev/mapper/$M1-part1
                mkswap -U {UUID.format(0x33)} /dev/mapper/$M1-part2
                mount /dev/mapper/$M0 /mnt
                mkdir /mnt/usr
                mount /dev/mapper/$M1-part1 /mnt/usr
                cp -a /source/. /mnt/""",
        root=f"UUID={UUID.format(0x31)}", resume=f"UUID={UUID.format(0x33)}",
        etc={"fstab": f"UUID={UUID.format(0x31)} / ext4 errors=remount-ro 0 1\nUUID={UUID.format(0x32)} /usr ext4 defaults 0 2\n"
                      f"UUID={UUID.format(0x33)} none swap sw 0 0\n"}),
    "btrfs": dict(
        luns=[(900, ",,83"), (900, None)],
        make=f"""mkfs.btrfs -q -m raid1 -d raid1 -U {UUID.format(0x41)} /dev/mapper/$M0-part1 /dev/mapper/$M1
                udevadm settle
                mount -t btrfs /dev/mapper/$M0-part1 /mnt
                cp -a /source/. /mnt/""",
        root=f"UUID={UUID.format(0x41)}",
        etc={"fstab": f"UUID={UUID.format(0x41)} / btrfs defaults 0 0\n"}),
    "md": dict(
        luns=[(900, ",,fd"), (900, ",,fd")],
        make=f"""yes | mdadm --create /dev/md/root --name=root --homehost=lab --level=1 --raid-devices=2 --assume-clean \\
                        --uuid={UUID.format(0x51)} /dev/mapper/$M0-part1 /dev/mapper/$M1-part1
                copy /dev/md/root""",
        stop="mdadm --stop /dev/md/root",
        root=f"UUID={SOURCE_UUID}",
        etc={"fstab": f"UUID={SOURCE_UUID} / ext4 errors=remount-ro 0 1\n",
             "mdadm/mdadm.conf": f"HOMEHOST lab\nARRAY /dev/md/root metadata=1.2 UUID={UUID.format(0x51)}\n"}),
    # the second LUN has nothing of root's
    "data": dict(
        luns=[(900, ",,83"), (300, None)], others=1,
        make="""pvcreate -q /dev/mapper/$M1
                vgcreate -q data /dev/mapper/$M1
                lvcreate -q -y -L 64M -n one data
                copy /dev/mapper/$M0-part1""",
        stop="vgchange -q -an data",
        root=f"UUID={SOURCE_UUID}",
        etc={"fstab": f"UUID={SOURCE_UUID} / ext4 errors=remount-ro 0 1\n"}),
    # the second LUN has nothing of root's but its volume group
    "group": dict(
        luns=[(900, ",,8e"), (300, None)],
        make="""pvcreate -q /dev/mapper/$M0-part1 /dev/mapper/$M1
                vgcreate -q both /dev/mapper/$M0-part1 /dev/mapper/$M1
                lvcreate -q -y -l 100%PVS -n root both /dev/mapper/$M0-part1
                lvcreate -q -y -L 64M -n one both /dev/mapper/$M1
                copy /dev/both/root""",
        stop="vgchange -q -an both",
        root="/dev/mapper/both-root",
        etc={"fstab": "/dev/mapper/both-root / ext4 errors=remount-ro 0 1\n"}),
}

HELPERS = """
set -e
mkdir -p /source
mountpoint -q /source || mount -o ro,noload /dev/vdb /source
wait_for() { # MAP
	for try in $(seq 120); do
		[ ! -b /dev/mapper/$1 ] || break
		sleep 1
	done
	udevadm settle --timeout=300
}
copy() { # DEVICE
	dd if=/dev/vdb of="$1" bs=1M conv=sparse status=none
	mount "$1" /mnt
}
"""


def lun_names(kind):
    """[(number over all kinds, name of the file, alias)] of a kind's LUNs"""
    n = 0
    for other, spec in KINDS.items():
        if other == kind:
            return [(n + i, f"{kind}{i}.img", f"mpath{chr(ord('a') + n + i)}") for i in range(len(spec["luns"]))]
        n += len(spec["luns"])
    raise KeyError(kind)


def wwn(number):
    return 0x5000c50000000001 + number


class DiskLab(Lab):
    """LUNS: [(number, file)]; each is reached through two adapters. No network."""

    def __init__(self, name, guest, luns, writable_copies=True):
        super().__init__(name, guest, portals=[])
        self.luns = luns
        self.copies = writable_copies

    def prepare(self):
        if self.copies:
            for i, (number, file) in enumerate(self.luns):
                own = f"{self.dir}/{os.path.basename(file)}"
                subprocess.run(["cp", "--reflink=auto", "--sparse=always", file, own], check=True)
                self.luns[i] = (number, own)

    def boot(self, initrd=None, cmdline="", drives=(), adapters=(0, 1)):
        if self.vm:
            self.vm.kill()
        self.drives, self.adapters = drives, adapters
        self.vm = VM(self, initrd or self.guest.initrd, f"{KERNEL_OPTIONS} {cmdline}".strip(), None, self.ways_to_root())
        return self.vm

    def ways_to_root(self):
        ways = []
        for a in self.adapters:
            ways += ["-device", f"virtio-scsi-pci,id=hba{a}"]
            for lun, (number, file) in enumerate(self.luns):
                ways += ["-drive", f"if=none,id=d{number}.{a},format=raw,file.locking=off,cache=unsafe,file={file}",
                         "-device", f"scsi-hd,bus=hba{a}.0,lun={lun},drive=d{number}.{a},share-rw=on,vendor=MPBOOT,product=LAB,"
                                    f"serial=mpboot{number},wwn={wwn(number):#x}"]
        for option, file in self.drives:
            ways += ["-drive", f"if=virtio,format=raw,{option},file={file}"]
        return ways


def write_files(directory, files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(f"{directory}/{name}"), exist_ok=True)
        with open(f"{directory}/{name}", "w") as f:
            f.write(text)


def common_files():
    """What all stacks have in /etc"""
    luns = [lun for kind in KINDS for lun in lun_names(kind)]
    return {"systemd/system/lab-agent.service.d/port.conf": WAIT_FOR_PORT,
            "multipath/bindings": "".join(f"{alias} 3{wwn(n):x}\n" for n, _, alias in luns),
            "multipath/wwids": "".join(f"/3{wwn(n):x}/\n" for n, _, _ in luns)}


def in_chroot(root, *command, **options):
    return subprocess.run([f"{HERE}/guest.sh", "chroot", root, *command], check=True, **options)


def busybox_initrd(root, release, output, init, modules, files=()):
    """An initramfs of busybox and the MODULES of the tree ROOT, with INIT as /init; it finds FILES in /."""
    tree = f"{root}/small"
    for directory in "bin", "dev", "proc", "sys", "root":
        os.makedirs(f"{tree}/{directory}")
    os.symlink("bin", f"{tree}/sbin")        # where the kernel looks for modprobe
    shutil.copy("/bin/busybox", f"{tree}/bin/busybox")
    shutil.copy(init, f"{tree}/init")
    for name in files:
        shutil.copy(name, tree)
    in_chroot(root, "sh", "-euc", f"""
        for module in {modules}; do modprobe -S {release} -D $module; done | sed -n 's/^insmod \\([^ ]*\\).*/\\1/p' | sort -u | cpio --quiet -pdLm small
        cp --parents /lib/modules/{release}/modules.order /lib/modules/{release}/modules.builtin small
        depmod -b small {release}
        cd small && find . | cpio --quiet -o -H newc > ../small.cpio""")
    shutil.move(f"{root}/small.cpio", output)
    shutil.rmtree(tree)


class Stacks:
    """Per kind: disks with its stack, and the snapshot that was made on it. BUILDER: of the images that boot from them."""

    def __init__(self, builder="initramfs-tools"):
        self.base = Guest(builder=builder)
        self.guest = copy.copy(self.base)
        self.guest.dir = subprocess.run([f"{HERE}/stack/guest.sh"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
        self.packages = debs()
        key = hashlib.sha256(f"{self.guest.dir} {common_files()}".encode() + program_of(self.packages, "mpath-snapshot"))
        for name in "maker", "maker-init":
            with open(f"{HERE}/stack/{name}", "rb") as f:
                key.update(f.read())
        cache = os.path.dirname(self.base.dir)
        self.maker = f"{cache}/stack-{key.hexdigest()[:16]}"
        with self.lock():
            if not os.path.exists(self.maker):
                self.make_source()
            keep_newest(f"{cache}/stack-{HASH}", int(os.environ.get("MPATH_BOOT_KEEP", 3)))

    @contextlib.contextmanager
    def lock(self):
        """Two tests may want the same at once."""
        with open(f"{os.path.dirname(self.maker)}/stack.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def tree(self):
        """The guest's root with the packages of this checkout, and what all stacks have in /etc."""
        with self.guest.with_tree(self.packages) as root:
            write_files(f"{root}/etc", common_files())
            yield root

    def make_source(self):
        """What the machine that makes stacks boots from, and copies."""
        new = f"{self.maker}.new"
        shutil.rmtree(new, ignore_errors=True)
        os.mkdir(new)
        with self.tree() as root:
            for name in os.listdir(f"{root}/boot"):
                if not name.startswith("config-"):
                    os.unlink(f"{root}/boot/{name}")
            busybox_initrd(root, self.guest.release, f"{new}/initrd", f"{HERE}/stack/maker-init", "virtio_pci virtio_blk ext4")
            shutil.copy(f"{HERE}/stack/maker", f"{root}/usr/local/sbin/lab-maker")
            mb = int(subprocess.run(["du", "-sm", root], stdout=subprocess.PIPE, check=True, text=True).stdout.split()[0]) * 5 // 4 + 100
            subprocess.run(["mke2fs", "-q", "-t", "ext4", "-U", SOURCE_UUID, "-E", "nodiscard,lazy_itable_init=1", "-d", root, f"{new}/source.img", f"{mb}M"], check=True)
        os.rename(new, self.maker)

    def maker_boot(self, lab):
        """The machine that makes stacks: its own root is none of them. Returns when it can be told what to do."""
        vm = lab.boot(initrd=f"{self.maker}/initrd", cmdline="init=/usr/local/sbin/lab-maker",
                      drives=[("snapshot=on", f"{self.maker}/source.img"), ("readonly=on", f"{self.maker}/source.img")])
        vm.run(HELPERS, timeout=1800)
        return vm

    def folder(self, kind):
        """Where the kind's disks are, its files for /etc and its snapshot."""
        return f"{self.maker}/{kind}-{hashlib.sha256(f'{KINDS[kind]} {HELPERS}'.encode()).hexdigest()[:16]}"

    def make(self, kinds):
        """Make the folders that are not there, all on one machine."""
        with self.lock():
            kinds = [kind for kind in kinds if not os.path.exists(self.folder(kind))]
            luns = [lun for kind in kinds for lun in self.make_blank(kind)]
            if kinds:
                with DiskLab("stack-maker", self.base, luns, writable_copies=False) as lab:
                    vm = self.maker_boot(lab)
                    for kind in kinds:
                        self.make_stack(vm, kind)

    def make_blank(self, kind):
        """[(number, file)]"""
        new = f"{self.folder(kind)}.new"
        shutil.rmtree(new, ignore_errors=True)
        os.mkdir(new)
        luns = []
        for (number, name, _), (size, table) in zip(lun_names(kind), KINDS[kind]["luns"]):
            file = f"{new}/{name}"
            subprocess.run(["truncate", "-s", f"{size}M", file], check=True)
            if table:
                subprocess.run(["sfdisk", "-q", file], input=f"label: dos\n{table}\n", text=True, check=True)
            luns.append((number, file))
        return luns

    def make_stack(self, vm, kind):
        spec, new = KINDS[kind], f"{self.folder(kind)}.new"
        etc = dict(spec["etc"])
        if "resume" in spec:
            etc["initramfs-tools/conf.d/resume"] = f"RESUME={spec['resume']}\n"
        write_files(f"{new}/etc", etc)
        names = "".join(f"M{i}={alias}\nwait_for {alias}\n" for i, (_, _, alias) in enumerate(lun_names(kind)))
        files = "".join(f"mkdir -p /mnt/etc/{os.path.dirname(name)}; cat >/mnt/etc/{name} <<'EOT'\n{text}EOT\n" for name, text in etc.items())
        print(vm.run(f"{HELPERS}{names}{spec['make']}\n{files}for fs in dev proc sys run; do mount --rbind /$fs /mnt/$fs; done", timeout=2400), end="")
        print(vm.run("lsblk; chroot /mnt mpath-snapshot create --output /snapshot", timeout=600), end="")
        write_files(new, {"snapshot": vm.run("cat /mnt/snapshot")})
        vm.run(f"sync; umount -R /mnt; {spec.get('stop', ':')}; sync", timeout=600)
        os.rename(new, self.folder(kind))

    def lab(self, name, kind, initrd):
        guest = copy.copy(self.base)
        guest.initrd = initrd
        folder = self.folder(kind)
        return DiskLab(name, guest, [(number, f"{folder}/{file}") for number, file, _ in lun_names(kind)])

    def image(self, kind, output):
        """An initramfs with the kind's files in /etc, and the snapshot that was made on it, and with nothing of iSCSI. Returns the names in it."""
        folder = self.folder(kind)
        return self.image_of([f"{folder}/etc"], f"{folder}/snapshot", output)

    def image_of(self, etc, snapshot, output):
        """The same with the files of the directories ETC."""
        with self.tree() as root:
            for directory in etc:
                subprocess.run(["cp", "-a", f"{directory}/.", f"{root}/etc"], check=True)
            self.guest.make_image(root, snapshot, f"{root}/image")
            names = in_chroot(root, "lsinitramfs", "/image", stdout=subprocess.PIPE, text=True).stdout.splitlines()
            iscsi = [name for name in names if "iscsi" in name and "/kernel/drivers/" not in name]
            assert not iscsi, f"in the image: {iscsi}"
            shutil.move(f"{root}/image", output)
        return names

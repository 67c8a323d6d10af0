# SPDX-License-Identifier: GPL-2.0-or-later
"""The QEMU engine: a whole Debian guest whose root is a LUN behind two iSCSI portals.

      this process, in a network namespace of its own           QEMU
    ┌──────────────────────────────────────────────┐   ┌─────────────────────┐
    │ tgtd 0 ── 10.0.2.2:3260 ── tap0 ─────────────┼───┼─ eth0 10.0.2.15 ─ sda ┐
    │     └─ disk.img                              │   │                       ├ mpatha ─ mpatha-part1 = /
    │ tgtd 1 ── 10.0.3.2:3260 ── tap1 ─────────────┼───┼─ eth1 10.0.3.15 ─ sdb ┘
    └──────────────────────────────────────────────┘   └─────────────────────┘

    with Lab("name", guest=ours()) as lab:          # Guest(): without mpath-boot, guest.initrd is the distribution's
        vm = lab.boot(cmdline="...", dead_portals=[1])
        vm.wait_multi_user()
        print(vm.run("multipathd show maps"))
        lab.portal(1).start()           # also kill(), stop(), cont()
        vm.link(0, False)               # lose every packet of eth0

A guest that panics, falls into a rescue shell, leaves or says nothing in time raises GuestFailed with the console's path.
Everything dies with this process, even by SIGKILL. Needs root, qemu-system-x86, tgt, iproute2, and what guest.sh needs.
"""

import atexit
import contextlib
import copy
import ctypes
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from target import Portal, die_with_parent, libc

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(f"{HERE}/../..")
CLONE_NEWNET = 0x40000000
HASH = "?" * 16
INSTALL_RECIPE = "4"      # part of the cache's key: change it with Guest.install()

# What a healthy boot never says.
DISASTER = re.compile(r"Kernel panic - not syncing|^\(initramfs\)|ALERT!.*does not exist|You are in (emergency|rescue) mode"
                      r"|Entering emergency mode|^Dropping to debug shell|No init found|Failed to start Switch Root|Freezing execution", re.M)
# Of the kernel, when it is emulated. norandmaps: QEMU translates a library once for each address that it is mapped at, and each write to a page that has been code
# looks through all of that; with a process's own address for each, systemd stood still for a minute in clearing the pages of the initramfs that it had left.
EMULATED = "mitigations=off no_timer_check norandmaps"
CMDLINE = f"console=ttyS0 rdinit=/lab/init root=/dev/mapper/mpatha-part1 ro net.ifnames=0 {EMULATED} printk.devkmsg=on panic=-1"
NETWORK = "ip=10.0.2.15:::255.255.255.0:lab:eth0:none"


ROOT_MOUNTED = "EXT4-fs .*: mounted filesystem"
HANDED_OVER = "mpath-boot: multipathd .*: handed over"


class GuestFailed(Exception):
    pass


SUITES = "bookworm", "trixie", "testing"
INITS = "systemd", "sysvinit"
# What makes the file {image} for Linux {release}. {generic}: no machine is to be seen in a chroot
BUILDERS = {
    "initramfs-tools": "mkinitramfs -o {image} {release}",
    "dracut": "dracut --force --omit ifcfg {generic} {image} {release}",
    "dracut-nosystemd": "dracut --force --omit 'ifcfg systemd' {generic} {image} {release}",
}

# A package with a program that a builder needs, and that the guest has not got: unpacked only, as it drags others in. In testing switch_root is in this one,
# on which dracut-core 112-7 does not depend; without it dracut says so and makes an image that ends there.
NEEDED = {("testing", "dracut-nosystemd"): "util-linux-extra"}


# The packages in {dir}, without an image being made by their triggers
INSTALL = "conf=/etc/initramfs-tools/update-initramfs.conf; sed -i s/=yes/=no/ $conf; dpkg -i {dir}/*.deb; s=$?; sed -i s/=no/=yes/ $conf; exit $s"


class Guest:
    """What guest.sh has built, and initramfs images for it: of the Debian SUITE, with INIT in the root, and an initramfs made by BUILDER."""

    def __init__(self, suite="bookworm", init="systemd", builder="initramfs-tools"):
        self.suite, self.init, self.builder = suite, init, builder
        self.dir = subprocess.run([f"{HERE}/guest.sh", suite, init], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
        with open(f"{self.dir}/guest.env") as f:
            self.__dict__.update(line.strip().split("=", 1) for line in f)
        self.kernel = f"{self.dir}/vmlinux"
        self.disk = f"{self.dir}/disk.img"
        self.release = os.listdir(f"{self.dir}/root/lib/modules")[0]

        self.initrd = self.initrd_stock = f"{self.dir}/initrd.stock"
        self.initrd_plain = f"{self.dir}/initrd.plain"

    def words(self):
        """What makes this guest another one than the default."""
        return [word for word, words in ((self.suite, SUITES), (self.init, INITS), (self.builder, list(BUILDERS))) if word != words[0]]

    def install(self, tree, live=False):
        """This guest with the packages in TREE installed, and an initramfs with the snapshot that their mpath-snapshot makes on the live map. LIVE: the initramfs is made there, too, as a user's would be, which takes minutes. Cached by TREE's contents."""
        cache = f"{self.installs(live)}{hash_tree(tree, self.dir + INSTALL_RECIPE + self.needed())}"
        if not os.path.exists(cache):
            new = f"{cache}.{os.getpid()}"
            os.mkdir(new)
            image, snapshot = f"{new}/initrd", f"{new}/snapshot"
            with self.with_tree(tree) as root:
                if live:
                    self.make_live(tree, image)
                shutil.copy(self.snapshot(tree), snapshot)
                if not live:
                    self.make_image(root, snapshot, image)
                shutil.copy(image, f"{root}/boot/initrd.img-{self.release}")
                subprocess.run([f"{HERE}/guest.sh", "disk", root, f"{new}/disk.img"], check=True)
            os.rename(new, cache)
            keep_newest(f"{self.installs(live)}{HASH}", int(os.environ.get("MPATH_BOOT_KEEP", 3)))
        return self.installed(cache)

    def snapshot(self, tree, vm=None):
        """The file with the snapshot that the mpath-snapshot of the packages in TREE makes in VM, or in a boot of its own. It is of root's map, so that of the guest with systemd
        will do; made anew when what makes it has changed."""
        if self.init != "systemd":
            return Guest(self.suite).snapshot(tree)
        cache = f"{self.dir}/snapshot-{hashlib.sha256(without_build_id(program_of(tree, 'mpath-snapshot'))).hexdigest()[:16]}"
        if not os.path.exists(cache):
            with self.booted(tree) if vm is None else contextlib.nullcontext(vm) as vm:
                text = vm.run("mpath-snapshot create --output /run/snapshot >/run/said 2>&1 "
                              "|| { cat /run/said; exit 1; }; cat /run/snapshot", timeout=1200)
            with open(f"{cache}.{os.getpid()}", "w") as f:
                f.write(text)
            os.rename(f"{cache}.{os.getpid()}", cache)
        return cache

    @contextlib.contextmanager
    def booted(self, tree):
        """The distribution's own boot, and then the packages in TREE."""
        with Lab("install", guest=self) as lab:
            tar = f"{lab.dir}/tree.tar"
            subprocess.run(["tar", "-C", tree, "--owner=root", "--group=root", "-cf", tar, "."], check=True)
            vm = lab.boot(initrd=self.initrd_stock, drive=tar)
            vm.wait_multi_user()
            vm.run("mkdir /run/debs; tar -C /run/debs -xf /dev/vda")
            print(vm.run(INSTALL.format(dir="/run/debs"), timeout=900), end="")
            yield vm

    def make_live(self, tree, output):
        with self.booted(tree) as vm:
            print(vm.run(self.build_command("/run/image"), timeout=2400), end="")
            with open(output, "wb") as f:
                f.write(vm.run_bytes("cat /run/image", timeout=300)[1])
            self.snapshot(tree, vm)

    def needed(self):
        return NEEDED.get((self.suite, self.builder), "")

    def installs(self, live=False):
        """Where install() caches, without a hash."""
        return f"{os.path.dirname(self.dir)}/installed-{self.suite}-{self.init}-{self.builder}-{'live-' if live else ''}"

    def installed(self, directory):
        """The guest in DIRECTORY, where install() has put it."""
        guest = copy.copy(self)
        guest.initrd, guest.disk = f"{directory}/initrd", f"{directory}/disk.img"
        return guest

    def build_command(self, image, generic=""):
        return BUILDERS[self.builder].format(image=image, release=self.release, generic=generic)

    @contextlib.contextmanager
    def with_tree(self, tree):
        """A copy of the guest's root with the packages in TREE, or, if there are none, with its files on top."""
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.dir)) as root:
            subprocess.run(["cp", "-a", f"{self.dir}/root/.", root], check=True)
            if glob.glob(f"{tree}/*.deb"):
                shutil.copytree(tree, f"{root}/debs")
                subprocess.run([f"{HERE}/guest.sh", "chroot", root, "sh", "-c", INSTALL.format(dir="/debs")], stdout=sys.stderr, check=True)
                shutil.rmtree(f"{root}/debs")
                if self.needed():
                    with tempfile.TemporaryDirectory() as directory:
                        subprocess.run(["dpkg-deb", "-x", self.download(self.needed(), directory, "util-linux"), root], check=True)
            else:
                subprocess.run(["cp", "-a", f"{tree}/.", root], check=True)
            # multipathd says what it does with each map, also when that is nothing
            if self.init == "systemd":
                with open(f"{root}/etc/systemd/system/multipathd.service.d/verbose.conf", "w") as f:
                    f.write("[Service]\nExecStart=\nExecStart=/sbin/multipathd -d -s -v3\n")
            yield root

    def make_image(self, root, snapshot, output, more=""):
        """The initramfs of the tree ROOT with SNAPSHOT, in seconds: no map is live in a chroot, so a snapshot is needed. None: the distribution's own. MORE: words for the builder."""
        given = []
        if snapshot:
            shutil.copy(snapshot, f"{root}/snapshot")
            given = ["MPATH_BOOT_SNAPSHOT=/snapshot"]
        subprocess.run([f"{HERE}/guest.sh", "chroot", root, "env", *given, "sh", "-c",
                        self.build_command("/initrd", f"--no-hostonly --add-drivers virtio_net {more}")], check=True)
        shutil.move(f"{root}/initrd", output)
        if snapshot:
            os.unlink(f"{root}/snapshot")

    def download(self, package, directory, source="multipath-tools"):
        """The PACKAGE that belongs to the guest's SOURCE, from where the guest's packages came: a file."""
        version = subprocess.run(["dpkg-query", f"--admindir={self.dir}/root/var/lib/dpkg", "-W", "-f", "${Version}", source],
                                 stdout=subprocess.PIPE, check=True, text=True).stdout
        for part in "state/lists/partial", "cache/archives/partial", "none":
            os.makedirs(f"{directory}/apt/{part}")
        open(f"{directory}/apt/status", "w").close()
        options = {"Dir::State": f"{directory}/apt/state", "Dir::State::status": f"{directory}/apt/status", "Dir::Cache": f"{directory}/apt/cache",
                   "Dir::Etc::sourcelist": f"{self.dir}/sources.list", "Dir::Etc::sourceparts": f"{directory}/apt/none",
                   "APT::Sandbox::User": "root", "Acquire::Languages": "none"}
        apt = ["apt-get", "-q", "-q", *(word for option in options.items() for word in ("-o", "=".join(option)))]
        subprocess.run([*apt, "update"], check=True)
        subprocess.run([*apt, "download", f"{package}={version}"], cwd=directory, check=True)
        return glob.glob(f"{directory}/{package}_*.deb")[0]


def ip(*commands):
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)


class Lab:
    def __init__(self, name, guest, portals=None, **options):
        """PORTALS: [(interface, address)], else the two of the picture. OPTIONS: see Portal; mtu: of the target's side."""
        self.guest = guest
        self.places = [(0, guest.portal0), (1, guest.portal1)] if portals is None else portals
        self.nics = 1 + max((nic for nic, _ in self.places), default=-1)
        self.mtu = options.pop("mtu", 1500)
        self.options = options
        self.logs = f"{os.environ.get('BUILD', TOP + '/build')}/vm/{'-'.join([name, *guest.words()])}"
        self.vm = None
        self.portals = []

    def __enter__(self):
        # SIGTERM must unwind the with block as ^C does.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        shutil.rmtree(self.logs, ignore_errors=True)
        os.makedirs(self.logs)
        self.dir = tempfile.mkdtemp(prefix="mpath-boot-lab-")
        self.prepare()
        return self

    def prepare(self):
        """The disk, and what is to be there before the ways to it"""
        self.disk = f"{self.dir}/disk.img"
        subprocess.run(["cp", "--reflink=auto", "--sparse=always", self.guest.disk, self.disk], check=True)
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unable to make a network namespace (are you root?)")
        for nic in range(self.nics):
            ip(f"tuntap add tap{nic} mode tap", f"link set tap{nic} up mtu {self.mtu}")
        for n, (nic, address) in enumerate(self.places):
            is_v6 = ":" in address
            ip(f"addr add {address}/{64 if is_v6 else 24} dev tap{nic}{' nodad' if is_v6 else ''}")
            self.portals.append(Portal(n, address, self.guest.iqn, self.disk, self.dir, **self.options))

    def __exit__(self, *_):
        if self.vm:
            self.vm.kill()
        for portal in self.portals:
            portal.kill()
            if os.path.exists(portal.log):
                shutil.copy(portal.log, self.logs)
        for n in range(self.nics):
            subprocess.run(["ip", "link", "delete", f"tap{n}"], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.dir, ignore_errors=True)

    def portal(self, n):
        return self.portals[n]

    def boot(self, initrd=None, cmdline="", dead_portals=(), hung_portals=(), drive=None, qemu=(), network=NETWORK):
        """Start (or start again) the guest. dead: connections refused, hung: accepted and never answered. qemu: more arguments for it.
        network: what the kernel command line says of it."""
        if self.vm:
            self.vm.kill()
        for portal in self.portals:
            portal.kill()
            if portal.number not in dead_portals:
                portal.start()
            if portal.number in hung_portals:
                portal.stop()
        # systemd in an image prefers systemd in root, should it be installed there, too
        init = "init=/sbin/init" if self.guest.init == "sysvinit" else ""
        self.vm = VM(self, initrd or self.guest.initrd, " ".join(filter(None, [CMDLINE, init, network, cmdline])), drive, qemu)
        return self.vm


class VM:
    def __init__(self, lab, initrd, cmdline, drive, qemu=()):
        boots = len([f for f in os.listdir(lab.logs) if f.startswith("console")])
        self.console_log = f"{lab.logs}/console{boots or ''}.log"
        self.dir, self.guest = lab.dir, lab.guest
        witnessed = f"{lab.dir}/initrd"
        with open(witnessed, "wb") as out:
            for part in (initrd, witness_cpio(lab.dir)):
                with open(part, "rb") as f:
                    shutil.copyfileobj(f, out)
                out.write(b"\0" * (-out.tell() % 4))            # where the kernel looks for the next archive
        for name in ("qmp", "agent", "serial"):
            if os.path.exists(f"{lab.dir}/{name}"):
                os.unlink(f"{lab.dir}/{name}")
        # qemu64 on one processor needs the least CPU time under TCG; KVM may be there and hang every guest.
        command = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "qemu64", "-smp", "1", "-m", "768",
                   "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-kernel", lab.guest.kernel, "-initrd", witnessed, "-append", cmdline,
                   "-chardev", f"socket,id=serial,path={lab.dir}/serial,server=on,wait=off,logfile={self.console_log}",
                   "-serial", "chardev:serial",
                   "-qmp", f"unix:{lab.dir}/qmp,server=on,wait=off",
                   "-device", "virtio-serial-pci",
                   "-chardev", f"socket,id=agent,path={lab.dir}/agent,server=on,wait=off",
                   "-device", "virtserialport,chardev=agent,name=lab.agent"]
        for n in range(lab.nics):
            command += ["-netdev", f"tap,id=net{n},ifname=tap{n},script=no,downscript=no",
                        "-device", f"virtio-net-pci,id=nic{n},netdev=net{n},mac=52:54:00:12:34:{n:02x},romfile="]
        if drive:
            command += ["-drive", f"if=virtio,format=raw,readonly=on,file={drive}"]
        command += qemu
        open(self.console_log, "wb").close()
        with open(f"{lab.logs}/qemu.log", "ab") as log:
            log.write((" ".join(command) + "\n").encode())
            log.flush()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=die_with_parent)
        self.started = time.monotonic()
        self._qmp = self._connect("qmp")
        self._agent = self._connect("agent")
        self._qmp_file = self._qmp.makefile("rw")
        self._qmp_file.readline()
        self.qmp("qmp_capabilities")

    def _connect(self, name):
        deadline = time.monotonic() + 10
        while True:
            try:
                s = socket.socket(socket.AF_UNIX)
                s.connect(f"{self.dir}/{name}")
                return s
            except OSError:
                s.close()
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise GuestFailed("QEMU does not start: see qemu.log beside " + self.console_log)
                time.sleep(0.02)

    def fail(self, why):
        tail = "\n".join(self.console().splitlines()[-12:])
        raise GuestFailed(f"{why}\n{tail}\nthe whole console: {self.console_log}")

    # The host's side

    def qmp(self, command, **arguments):
        self._qmp.settimeout(30)
        self._qmp_file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._qmp_file.flush()
        while True:
            answer = json.loads(self._qmp_file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(f"QMP {command}: {answer['error']['desc']}")

    def link(self, n, up):
        self.qmp("set_link", name=f"nic{n}", up=up)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def power_off(self, timeout=300):
        self.send("poweroff")
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.fail(f"the guest has not switched itself off in {timeout} s")

    # The console

    def console(self):
        with open(self.console_log, errors="replace") as f:
            return f.read().replace("\r", "")

    def wait_console(self, pattern, timeout=900, disaster=DISASTER):
        """The first line that matches; fails when the guest dies before it."""
        deadline = time.monotonic() + timeout
        regex = re.compile(f"^.*(?:{pattern}).*$", re.M)
        while True:
            left = self.process.poll() is not None
            text = self.console()
            found = regex.search(text)
            if found:
                return found.group(0)
            bad = disaster and disaster.search(text)
            if bad:
                time.sleep(1)           # let it say the rest
                self.fail(f"the guest is lost: {bad.group(0)}")
            if left:
                self.fail("the guest has left")
            if time.monotonic() > deadline:
                self.fail(f"no \"{pattern}\" in {timeout} s")
            time.sleep(0.1)

    def when(self, pattern):
        """Kernel time of the first console line that matches, or None."""
        return when(self.console(), pattern)

    def handed_over(self):
        return self.when(HANDED_OVER)

    def root_mounted(self):
        return self.when(ROOT_MOUNTED)

    def events(self):
        """What the console has said of paths, maps and daemons so far: [(seconds since the kernel's start, text)]"""
        found = re.findall(r"\[ *(\d+\.\d+)\] (?:lab: |(?=mpath-boot: |EXT4-fs .*: mounted))(.*)", self.console())
        return [(float(t), "root mounted" if text.startswith("EXT4") else text) for t, text in found]

    def timeline(self, out=sys.stdout):
        """The events of a boot that is through, and when multipathd said that it is ready."""
        events = self.events()
        if self.guest.init == "systemd":
            events.append((self.unit_ready("multipathd.service"), "multipathd ready"))
        for t, text in sorted(events):
            print(f"{t:8.2f} s  {text}", file=out)

    def wait_multi_user(self, timeout=900):
        self.wait_console("lab: multi-user", timeout)

    def times(self):
        return times(self.console())

    def refuse(self, pattern):
        """Fail if the console has said this."""
        found = re.search(f"^.*(?:{pattern}).*$", self.console(), re.M)
        if found:
            self.fail(f"the console must not say: {found.group(0)}")

    def type(self, text):
        """Keys for whoever reads the console, e.g. the initramfs's shell behind break=mount."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(f"{self.dir}/serial")
            s.sendall(text.encode())
            time.sleep(0.5)

    # The agent in the guest: there from the real root's sysinit.target on

    def send(self, script):
        """Have it run, without an answer."""
        self._agent.sendall(script.encode() + b"\n--run--\n")

    def run_bytes(self, script, timeout=300):
        self.send(script)
        deadline = time.monotonic() + timeout
        data = b""
        while True:
            head, newline, body = data.partition(b"\n")
            if newline:
                _, status, length = head.split()
                if len(body) >= int(length):
                    return int(status), body
            self._agent.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                more = self._agent.recv(1 << 20)
            except socket.timeout:
                self.fail(f"no answer in {timeout} s: {script}")
            if not more:
                self.fail("the guest has left")
            data += more

    def run(self, script, timeout=300, check=True):
        status, output = self.run_bytes(script, timeout)
        text = output.decode(errors="replace")
        if check and status:
            raise GuestFailed(f"exit {status}: {script}\n{text}")
        return text

    def journal(self, *args):
        return self.run("journalctl --no-pager -b -o short-monotonic " + " ".join(args))

    def active_paths(self):
        return len(re.findall(r" \d+:\d+ A ", self.run("dmsetup status mpatha")))

    def wait_paths(self, n, timeout=300):
        """Until root's map has N active paths. Returns the seconds that took."""
        start = time.monotonic()
        while (active := self.active_paths()) != n:
            if time.monotonic() - start > timeout:
                self.fail(f"{active} active paths instead of {n} for {timeout} s:\n{self.run('dmsetup status; cat /run/mpath-boot/log')}")
            time.sleep(0.5)
        return time.monotonic() - start

    def wait_said(self, pattern, times, timeout=600):
        """Until the console has said this so many times."""
        deadline = time.monotonic() + timeout
        while len(re.findall(pattern, self.console())) < times:
            if time.monotonic() > deadline:
                self.fail(f"not {times} times \"{pattern}\" in {timeout} s")
            time.sleep(0.2)

    def unit_ready(self, unit):
        """Guest seconds at which UNIT became active."""
        usec = self.run(f"systemctl show -P ActiveEnterTimestampMonotonic {unit}")
        return int(usec or 0) / 1e6


def when(console, pattern):
    """Kernel time of its first line that matches, or None."""
    found = re.search(rf"\[ *(\d+\.\d+)\][^\[\n]*(?:{pattern})", console)
    return float(found.group(1)) if found else None


def times(console):
    """Guest seconds, as tests/vm/matrix reads them."""
    found = ("root mounted", when(console, ROOT_MOUNTED)), ("handed over", when(console, HANDED_OVER)), ("multi-user", when(console, "lab: multi-user"))
    return "times: " + ", ".join(f"{what} {seconds:.1f}" for what, seconds in found if seconds is not None)


def witness_cpio(directory):
    """A cpio with /lab/init (guest-witness.c), to stand behind an initramfs: the kernel unpacks one after the other."""
    output = f"{directory}/witness.cpio"
    if not os.path.exists(output):
        tree = f"{directory}/witness"
        os.makedirs(f"{tree}/lab")
        subprocess.run(["cc", "-static", "-O2", "-s", "-Wall", "-Wextra", "-o", f"{tree}/lab/init", f"{HERE}/guest-witness.c"],
                       check=True)
        with open(output, "wb") as out:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=tree, input=b"lab\nlab/init\n", stdout=out, check=True)
    return output


def program_of(tree, name):
    """The program NAME in the packages in TREE."""
    return subprocess.run(f"dpkg-deb --fsys-tarfile {tree}/mpath-boot_*.deb | tar -xO ./usr/sbin/{name}", shell=True, stdout=subprocess.PIPE, check=True).stdout


def without_build_id(program):
    """PROGRAM without what says which debugging symbols are its own: they are others after any change of the sources."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(program)
        file.flush()
        subprocess.run(["objcopy", *(f"--remove-section={section}" for section in (".note.gnu.build-id", ".gnu_debuglink", ".gnu_debugaltlink")), file.name], check=True)
        with open(file.name, "rb") as stripped:
            return stripped.read()


def hash_tree(tree, salt):
    h = hashlib.sha256(os.path.basename(salt).encode())
    for directory, subdirs, files in os.walk(tree):
        subdirs.sort()
        for name in sorted(files):
            path = f"{directory}/{name}"
            h.update(f"{path[len(tree):]} {os.lstat(path).st_mode:o}\0".encode())
            if os.path.islink(path):
                h.update(os.readlink(path).encode())
            else:
                with open(path, "rb") as f:
                    h.update(f.read())
    return h.hexdigest()[:16]


def keep_newest(pattern, n):
    for path in sorted(glob.glob(pattern), key=os.path.getmtime)[:-n]:
        shutil.rmtree(path, ignore_errors=True)


def with_extension(snapshot):
    """SNAPSHOT with docs/example-plugin's checker for each map, and the checksum of that."""
    text = re.sub(r"^checksum .*\n", "", snapshot, flags=re.M)
    text = re.sub(r"^snapshot \{\n", 'snapshot {\n\textension "example.so"\n', text, flags=re.M)
    text = re.sub(r"^\tpath_checker .*\n", '\tpath_checker "example_read"\n', text, flags=re.M)
    return text + f'checksum "sha256:{hashlib.sha256(text.encode()).hexdigest()}"\n'


def variant(args):
    """What ARGS say of the guest, as arguments of Guest()."""
    kinds = {"suite": SUITES, "init": INITS, "builder": BUILDERS}
    return {kind: arg for kind, words in kinds.items() for arg in args if arg in words}


def debs():
    """The directory with the Debian packages of this checkout, made when they are not there. $MPATH_BOOT_DEBS: one with others, such as tests/suites.sh makes."""
    return os.environ.get("MPATH_BOOT_DEBS") or subprocess.run([f"{TOP}/tools/build-debs.sh", "-t"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def ours(args=()):
    """The guest with the packages of this checkout. ARGS (a scenario's command line) may say

    a word of SUITES, INITS, BUILDERS
    stock   Debian's own stack instead
    live    make the initramfs in the guest, on the live map, as a user would: minutes
    quick   only make a new initramfs for the root that was installed last, with its snapshot and the files of make install: for trials
    shared, relinked
            quick, and the snapshot has the example's checker: of a library, so that the hook takes the dynamic program, or linked in
    """
    guest = Guest(**variant(args))
    if "stock" in args:
        return guest
    if not {"quick", "shared", "relinked"} & set(args):
        return guest.install(debs(), "live" in args)
    with tempfile.TemporaryDirectory() as tree:
        make = ["make", "-s", "-C", TOP, "PREFIX=/usr"]
        subprocess.run([*make, "install", f"DESTDIR={tree}"], check=True, stdout=subprocess.DEVNULL)
        plugins = f"{tree}/usr/lib/mpath-boot"
        if "shared" in args:
            subprocess.run([*make, "PLUGINS=shared", "install", "extensions", f"DESTDIR={tree}"], check=True, stdout=subprocess.DEVNULL)
            shutil.copy(f"{TOP}/build/shared/ext/example.so", plugins)
        if "relinked" in args:
            subprocess.run([f"{plugins}/relink/relink", f"{TOP}/docs/example-plugin/example.c", "-o", f"{plugins}/mpath-boot.relinked"], check=True)
        last = max(glob.glob(f"{guest.installs()}{HASH}/snapshot"), key=os.path.getmtime)
        guest.disk = f"{os.path.dirname(last)}/disk.img"
        with open(last) as old, tempfile.NamedTemporaryFile("w") as new:
            text = old.read()
            new.write(text if "quick" in args else with_extension(text))
            new.flush()
            guest.initrd = f"{os.path.dirname(last)}/initrd.quick-{os.getpid()}"
            atexit.register(lambda: os.path.exists(guest.initrd) and os.unlink(guest.initrd))
            with guest.with_tree(tree) as root:
                guest.make_image(root, new.name, guest.initrd)
        return guest

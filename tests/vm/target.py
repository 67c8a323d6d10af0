# SPDX-License-Identifier: GPL-2.0-or-later
"""One portal of the SAN: a tgtd of its own, so that it can be killed or stopped alone.

All portals of a lab serve the same file with the same IQN, target and LUN number, hence the same
LUN identity (tgt makes its NAA designator of these numbers): to the guest they are two ways to one disk.
"""

import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Portal:
    def __init__(self, number, address, iqn, disk, rundir, chap=None, digests=False):
        """CHAP: (user, password, user, password), the initiator's and the target's. DIGESTS: no session without them."""
        self.number, self.address, self.iqn, self.disk = number, address, iqn, disk
        self.chap, self.digests = chap, digests
        self.socket = f"{rundir}/tgtd{number}"
        self.log = f"{rundir}/tgtd{number}.log"
        self.process = None

    def start(self):
        """Serve. Refused connections become accepted ones."""
        self._remove_sockets()
        host = f"[{self.address}]" if ":" in self.address else self.address
        # A session of its own: if a stopped tgtd's process group is orphaned, the group gets SIGHUP.
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["tgtd", "-f", "-C", str(self.number), "--iscsi", f"portal={host}:3260"],
                env=dict(os.environ, TGT_IPC_SOCKET=self.socket), stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent)
        deadline = time.monotonic() + 20
        while self._admin("--mode", "target", "--op", "new", "--tid", "1", "--targetname", self.iqn) != 0:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"portal {self.number} does not start: see {self.log}")
            time.sleep(0.1)
        accounts, digests = [], []
        for (user, password), way in zip((self.chap[:2], self.chap[2:]) if self.chap else (), ([], ["--outgoing"])):
            accounts += [["--mode", "account", "--op", "new", "--user", user, "--password", password],
                         ["--mode", "account", "--op", "bind", "--tid", "1", "--user", user, *way]]
        for name in ("HeaderDigest", "DataDigest") if self.digests else ():
            digests.append(["--mode", "target", "--op", "update", "--tid", "1", "--name", name, "--value", "CRC32C"])
        for args in (*accounts, *digests, ["--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1",
                      "--backing-store", self.disk],
                     ["--mode", "logicalunit", "--op", "update", "--tid", "1", "--lun", "1",
                      "--params", "vendor_id=MPBOOT,product_id=LAB,product_rev=1,scsi_sn=mpathboot1"],
                     ["--mode", "target", "--op", "bind", "--tid", "1", "--initiator-address", "ALL"]):
            if self._admin(*args) != 0:
                raise RuntimeError(f"tgtadm {' '.join(args)} failed: see {self.log}")

    def kill(self):
        """Connections are reset, new ones refused."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
        self._remove_sockets()

    def stop(self):
        """Connections stay and new ones are accepted, but nothing is ever answered."""
        self.process.send_signal(signal.SIGSTOP)

    def cont(self):
        self.process.send_signal(signal.SIGCONT)

    def _admin(self, *args):
        with open(self.log, "ab") as log:
            return subprocess.run(["tgtadm", "-C", str(self.number), "--lld", "iscsi", *args], stdout=log, stderr=log,
                                  env=dict(os.environ, TGT_IPC_SOCKET=self.socket), timeout=20).returncode

    def _remove_sockets(self):
        directory, base = os.path.split(self.socket)
        for name in os.listdir(directory):
            if name.startswith(base) and not name.endswith(".log"):
                os.unlink(os.path.join(directory, name))

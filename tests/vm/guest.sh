#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds a Debian guest of the QEMU engine, once, into the cache, and says where it is:
#
#	guest.sh [SUITE [INIT]]      print the guest's directory; build it if it is not there
#	guest.sh chroot DIR CMD...   run CMD in the tree DIR, with /proc, /sys and /dev
#	guest.sh disk DIR FILE       make the disk FILE of the tree DIR
#
# SUITE: bookworm (default), trixie or testing; INIT: systemd (default) or sysvinit. In that directory:
#	root/          the tree, as installed
#	disk.img       the same tree as partition 1 of an MBR disk: what the target serves
#	vmlinux        its kernel, uncompressed: QEMU enters it through its PVH note, without BIOS and decompressor
#	initrd.stock   the initramfs of initramfs-tools + open-iscsi + multipath-tools-boot (which is then removed)
#	initrd.plain   the same without multipath-tools-boot
#	guest.env      what this script and the harness must agree on (addresses, IQN, WWID)
#
# Needs: mmdebstrap, sfdisk, mke2fs, xz, cc; root.
set -eu

here=$(dirname "$(readlink -f "$0")")
cache=${MPATH_BOOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mpath-boot}

# What the target, the harness and the guest must agree on.
cat_env() {
	cat <<-EOT
	iqn=iqn.2026-01.org.mpath-boot:root
	initiator=iqn.2026-01.org.mpath-boot:guest
	wwid=360000000000000000e00000000010001
	portal0=10.0.2.2
	portal1=10.0.3.2
	address0=10.0.2.15
	address1=10.0.3.15
	EOT
}

in_chroot() {
	local dir=$1
	shift
	unshare --mount --propagation private bash -eu -c '
		dir=$1; shift
		mount --bind /dev "$dir/dev"
		mount -t proc proc "$dir/proc"
		mount -t sysfs -o ro sysfs "$dir/sys"
		exec chroot "$dir" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"' bash "$dir" "$@"
}

# The distribution's archives as this machine has them configured; of another suite, the main one at the same mirror. A mirror may be weeks behind,
# and says until when testing's index is good.
debian_sources() {
	local codename
	if [ "$1" != "$(. /etc/os-release && echo "$VERSION_CODENAME")" ]; then
		apt-get indextargets --format "deb [check-valid-until=no signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \$(REPO_URI) $1 main" \
			'Created-By: Packages' 'Origin: Debian' | grep -v -- -security | head -n 1
		return
	fi
	for codename in "$1" "$1-updates" "$1-security"; do
		apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
			'Created-By: Packages' 'Origin: Debian' "Codename: $codename"
	done
}

packages=udev,kmod,iproute2,linux-image-amd64,initramfs-tools,busybox,zstd,e2fsprogs
packages+=,open-iscsi,multipath-tools,multipath-tools-boot,kpartx,dmsetup,dracut-core,dracut-network,kexec-tools
declare -A init_packages=(
	[systemd]=systemd-sysv
	[sysvinit]="sysvinit-core,sysv-rc,initscripts,insserv,procps"
)

# Most of a Debian kernel's 380 MB are drivers that no guest of ours has. The last pattern that matches wins.
dpkg_filter() {
	local p
	for p in /usr/share/{doc,man,locale,info,lintian,bash-completion}/\* \
		{,/usr}/lib/modules/\*/kernel/{sound,drivers,net,fs,arch}/\*; do
		echo "path-exclude=$p"
	done
	for p in drivers/{md,target,virtio,nvme,scsi/device_handler}/\* \
		drivers/scsi/{scsi_,sd_mod,sg,sr_mod,ses,iscsi,libiscsi,virtio_scsi}\* \
		drivers/block/{virtio_blk,loop,nbd}\* drivers/char/{virtio_console,hw_random/}\* \
		drivers/net/{virtio_net,net_failover,tun,dummy}\* drivers/firmware/\* drivers/cdrom/\* \
		net/{core,ipv6,netfilter,9p,unix,packet}/\* fs/{ext4,jbd2,fuse,overlayfs,9p,nls,autofs,netfs,fscache,mbcache}\* \
		fs/{efivarfs,configfs}/\* arch/x86/crypto/\*; do
		printf 'path-include=%s/lib/modules/*/kernel/%s\n' '' "$p" /usr "$p"      # /usr since Debian 13
	done
}

configure_systemd() {
	local root=$1 unit

	mkdir -p "$root/etc/systemd/journald.conf.d"
	printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
		fstrim.timer getty@tty1.service getty-static.service systemd-pstore.service; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done

	cat >"$root/etc/systemd/system/lab-agent.service" <<-EOT
	[Unit]
	DefaultDependencies=no
	After=systemd-udevd.service
	Before=sysinit.target
	[Service]
	ExecStart=/usr/local/sbin/lab-agent /dev/virtio-ports/lab.agent
	OOMScoreAdjust=-900
	[Install]
	WantedBy=sysinit.target
	EOT
	cat >"$root/etc/systemd/system/lab-multi-user.service" <<-EOT
	[Unit]
	After=multi-user.target
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/bin/sh -c 'echo "lab: multi-user" >/dev/kmsg'
	[Install]
	WantedBy=multi-user.target
	EOT
	mkdir -p "$root/etc/systemd/system/multipathd.service.d"
	printf '[Service]\nExecStartPre=/usr/local/sbin/lab-delay\n' >"$root/etc/systemd/system/multipathd.service.d/lab.conf"
	# 70-open-iscsi.rules wants iscsid for each disk, but systemd ignores the wants of one that multipath has claimed
	# (SYSTEMD_READY=0): without this nobody in the root logs in again after a reset.
	chroot "$root" systemctl -q enable iscsid.service
	chroot "$root" systemctl -q enable lab-agent.service lab-multi-user.service multipathd.service
}

# Of these suites only Debian 12's multipath-tools has a script for sysvinit; in the others it is the administrator's work, as here.
configure_sysvinit() {
	local root=$1 script

	cat >"$root/etc/init.d/lab-agent" <<-'EOT'
	#!/bin/sh
	### BEGIN INIT INFO
	# Provides: lab-agent
	# Required-Start: udev
	# Required-Stop:
	# Default-Start: S
	# Default-Stop:
	### END INIT INFO
	[ "$1" != start ] || setsid /usr/local/sbin/lab-agent /dev/virtio-ports/lab.agent >/dev/null 2>&1 &
	EOT
	cat >"$root/etc/init.d/lab-multi-user" <<-'EOT'
	#!/bin/sh
	### BEGIN INIT INFO
	# Provides: lab-multi-user
	# Required-Start: $all
	# Required-Stop:
	# Default-Start: 2
	# Default-Stop:
	### END INIT INFO
	[ "$1" != start ] || echo "lab: multi-user" >/dev/kmsg
	EOT
	echo '[ "${1:-}" != start ] || /usr/local/sbin/lab-delay' >>"$root/etc/default/multipath-tools"
	if [ ! -e "$root/etc/init.d/multipath-tools" ]; then
		cat >"$root/etc/init.d/multipath-tools" <<-'EOT'
		#!/bin/sh
		### BEGIN INIT INFO
		# Provides: multipath-tools
		# Required-Start: udev $local_fs
		# Required-Stop:
		# Default-Start: S
		# Default-Stop:
		### END INIT INFO
		. /etc/default/multipath-tools
		[ "$1" != start ] || /sbin/multipathd
		EOT
	fi
	for script in lab-agent lab-multi-user multipath-tools iscsid; do
		chmod 755 "$root/etc/init.d/$script"
		chroot "$root" update-rc.d "$script" defaults
		chroot "$root" update-rc.d "$script" enable
	done
}

configure() {
	local root=$1

	echo lab >"$root/etc/hostname"
	echo 6d706174682d626f6f742d6775657374 >"$root/etc/machine-id"     # not "first boot"
	echo '127.0.0.1 localhost lab' >"$root/etc/hosts"
	echo '/dev/mapper/mpatha-part1 / ext4 errors=remount-ro 0 1' >"$root/etc/fstab"
	sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"                # the console is for people
	echo LOAD_KEXEC=false >"$root/etc/default/kexec"                  # a reboot is a reboot

	cat >"$root/etc/multipath.conf" <<-EOT
	defaults {
		user_friendly_names yes
		find_multipaths strict
	}
	devices {
		device {
			vendor "MPBOOT"
			product "LAB"
			path_grouping_policy failover
			path_checker tur
			no_path_retry queue
			fast_io_fail_tmo 5
		}
	}
	EOT
	mkdir -p "$root/etc/multipath"
	# the whole header: without it 0.11's multipath -B takes the file for a bad one, and there is no map
	cat >"$root/etc/multipath/bindings" <<-EOT
	# Multipath bindings, Version : 1.0
	# NOTE: this file is automatically maintained by the multipath program.
	# You should not need to edit this file in normal circumstances.
	#
	# Format:
	# alias wwid
	#
	mpatha $wwid
	EOT
	printf '# Valid WWIDs:\n/%s/\n' "$wwid" >"$root/etc/multipath/wwids"
	chmod 600 "$root/etc/multipath/bindings" "$root/etc/multipath/wwids"

	echo "InitiatorName=$initiator" >"$root/etc/iscsi/initiatorname.iscsi"
	# local-top/iscsi sources this file. ip= on the kernel command line configures one interface only, so the
	# second one comes up here; several portals can be given nowhere else (open-iscsi 2.1.8, README.Debian).
	cat >"$root/etc/iscsi/iscsi.initramfs" <<-EOT
	ISCSI_INITIATOR=$initiator
	ISCSI_TARGET_NAME=$iqn
	ISCSI_TARGET_IP="$portal0 $portal1"
	ISCSI_TARGET_PORT=3260
	ISCSI_TARGET_GROUP=1
	[ ! -e /sys/class/net/eth1 ] || { ip link set eth1 up; ip addr add $address1/24 dev eth1 2>/dev/null; }
	EOT
	printf 'virtio_pci\nvirtio_net\nvirtio_blk\nvirtio_console\nsd_mod\n' >>"$root/etc/initramfs-tools/modules"

	# The harness talks to this agent over a virtio serial port; "lab: multi-user" tells the console.
	install -m 755 "$here/guest-agent" "$root/usr/local/sbin/lab-agent"
	# lab.multipathd_delay=SECONDS on the kernel command line holds the real root's multipathd back.
	cat >"$root/usr/local/sbin/lab-delay" <<-'EOT'
	#!/bin/sh
	read -r line </proc/cmdline
	case $line in
	*lab.multipathd_delay=*)
		seconds=${line#*lab.multipathd_delay=}
		exec sleep "${seconds%% *}";;
	esac
	EOT
	chmod 755 "$root/usr/local/sbin/lab-delay"
	"configure_$init" "$root"
}

# bzImage → vmlinux. Offset and length of the packed kernel stand in the header (Documentation/arch/x86/boot.rst).
unpack_kernel() {
	python3 - "$1" "$2" <<-'EOT'
	import lzma, struct, subprocess, sys
	b = open(sys.argv[1], "rb").read()
	offset, length = struct.unpack_from("<II", b, 0x248)
	start = (b[0x1f1] + 1) * 512 + offset
	packed = b[start:start + length - 4]                    # the last 4 bytes are the unpacked size
	if packed.startswith(b"\xfd7zXZ"):
	    kernel = lzma.decompress(packed)
	elif packed.startswith(b"\x28\xb5\x2f\xfd"):
	    kernel = subprocess.run(["zstd", "-dc"], input=packed, stdout=subprocess.PIPE, check=True).stdout
	else:
	    kernel = subprocess.run(["lz4", "-dc"], input=packed, stdout=subprocess.PIPE, check=True).stdout
	open(sys.argv[2], "wb").write(kernel)
	EOT
}

# An MBR disk with one partition, without loop devices.
make_disk() {
	local root=$1 disk=$2 mb
	# in steps: a snapshot that was made on one disk of a guest is of its others, too
	mb=$((($(du -sm "$root" | cut -f1) * 5 / 4 + 400 + 511) / 512 * 512))
	truncate -s "${mb}M" "$disk"
	echo 'label: dos
	label-id: 0x6d706174
	start=2048, type=83, bootable' | sfdisk -q "$disk"
	mke2fs -q -t ext4 -U 6d706174-682d-626f-6f74-000000000001 -L labroot -E offset=1048576,nodiscard,lazy_itable_init=1 \
		-d "$root" "$disk" "$(((mb - 2) * 1024))k"
}

build() {
	local out=$1 root=$1/root version
	mkdir -p "$out"
	cat_env >"$out/guest.env"
	dpkg_filter >"$out/dpkg.cfg"
	debian_sources "$suite" >"$out/sources.list"

	# initramfs-tools must not make an image at each trigger; the two that are wanted are made below.
	mmdebstrap --mode=root --variant=apt --include="$packages,${init_packages[$init]}" --dpkgopt="$out/dpkg.cfg" --dpkgopt=force-unsafe-io \
		--dpkgopt=force-confold --aptopt='Acquire::Languages "none"' --skip=cleanup/apt/lists \
		--essential-hook='mkdir -p "$1/etc/initramfs-tools"; echo update_initramfs=no >"$1/etc/initramfs-tools/update-initramfs.conf"' \
		"$suite" "$root" "$out/sources.list"
	rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb
	configure "$root"

	version=$(ls "$root/lib/modules")
	unpack_kernel "$root/boot/vmlinuz-$version" "$out/vmlinux"
	in_chroot "$root" mkinitramfs -o /initrd "$version"
	mv "$root/initrd" "$out/initrd.stock"
	in_chroot "$root" dpkg --purge multipath-tools-boot
	in_chroot "$root" mkinitramfs -o /initrd "$version"
	mv "$root/initrd" "$out/initrd.plain"
	cp "$out/initrd.plain" "$root/boot/initrd.img-$version"
	echo update_initramfs=yes >"$root/etc/initramfs-tools/update-initramfs.conf"
	make_disk "$root" "$out/disk.img"
}

case ${1:-} in
chroot)
	shift
	in_chroot "$@"
	exit
	;;
disk)
	make_disk "$2" "$3"
	exit
	;;
esac

suite=${1:-bookworm}
init=${2:-systemd}
: "${init_packages[$init]:?no such init}"
eval "$(cat_env)"
recipe=$(cat "$here/guest.sh" "$here/guest-agent" | sha256sum | cut -c1-16)
out=$cache/guest-$suite-$init-$recipe
log=$cache/guest-$suite-$init.log
if [ ! -e "$out/disk.img" ]; then
	mkdir -p "$cache"
	exec 9>"$cache/guest-$suite-$init.lock"
	flock 9                                # two tests may want it at once
	if [ ! -e "$out/disk.img" ]; then
		rm -rf "$out.new" "$out"
		build "$out.new" >"$log" 2>&1 &    # behind "if", "!" or "||" it would go on after an error
		wait $! || { tail -20 "$log" >&2; echo "guest.sh: unable to build the guest: see $log" >&2; exit 1; }
		mv "$out.new" "$out"
	fi
fi
echo "$out"

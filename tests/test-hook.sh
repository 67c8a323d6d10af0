#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The initramfs-tools hook and the boot scripts, without building an image: a fake root directory and fake tools, in a
# second or two. What the image does when it boots is tested in tests/vm/.
. "$(dirname "$0")/fake-machine.sh"

mkdir -p "$root/usr/share/initramfs-tools"
INITRAMFS_TOOLS=$root/usr/share/initramfs-tools LIBDIR=$root/usr/lib sh "$top/hooks/initramfs-tools/install.sh"
cat > "$root/usr/share/initramfs-tools/hook-functions" <<'EOT'
copy_exec() { [ ! -e "$DESTDIR$2" ] || return 1; mkdir -p "$DESTDIR${2%/*}" && cp "$1" "$DESTDIR$2"; }
manual_add_modules() { echo "$1" >> "$DESTDIR/modules-added"; }
auto_add_modules() { for class; do echo "class-$class" >> "$DESTDIR/modules-added"; done; }
force_load() { manual_add_modules "$1"; echo "$1" >> "$DESTDIR/conf/modules"; }
EOT

# ---- run it --------------------------------------------------------------------------------------------------------

# image: what is in it when our hook's turn has come, multipath-tools-boot and open-iscsi included
image()
{
	D=$tmp/image
	rm -rf "$D" "$tmp"/{create-fails,portals,controllers,missing-modules} "$root/etc/mpath-boot"
	mkdir -p "$D"/{conf,etc,sbin,lib/udev/rules.d,lib/multipath,usr/lib/x86_64-linux-gnu,scripts/{init-top,local-premount,local-bottom,init-bottom}}
	cp -r "$root/usr/share/initramfs-tools/scripts/." "$D/scripts/"
	touch "$D"/lib/udev/rules.d/{55-dm,60-persistent-storage-dm,60-multipath,60-kpartx,50-my-multipath}.rules "$D/sbin/dmsetup"
	touch "$D"/scripts/{init-top,local-top,local-premount,local-bottom,init-bottom}/multipath "$D/sbin/multipath" "$D/lib/multipath/libchecktur.so" "$D/etc/multipath.conf"
	touch "$D/usr/lib/libmultipath.so.0" "$D/usr/lib/libmpathcmd.so.0" "$D/usr/lib/libother.so.0"
	echo 'stock' > "$D/scripts/local-top/iscsi"
	chmod 755 "$D/scripts/local-top/iscsi"
	echo 'ISCSI_PASSWORD=secret' > "$D/etc/iscsi.initramfs"
}

# hook [NAME=VALUE...]: its output goes to $tmp/output
hook()
{
	env -i PATH="$root/bin:/usr/bin:/bin" DESTDIR="$D" version=6.1 verbose=y MPATH_BOOT_TEST_ROOT="$root" "$@" \
		sh "$root/usr/share/initramfs-tools/hooks/mpath-boot" > "$tmp/output" 2>&1
}

says() { grep -q -- "$1" "$tmp/output"; }
mode() { [ "$(stat -c %a "$D/$1")" = "$2" ]; }

# untouched: nothing of ours is in the image, and everything of the others
untouched()
{
	[ -z "$(find "$D" -name '*mpath-boot*')" ] && ! grep -qrs mpath_boot_ "$D/scripts" && [ -e "$D/sbin/multipath" ] && [ -e "$D/lib/udev/rules.d/60-multipath.rules" ] &&
		[ -z "$(find "$D/scripts" -type d -empty)" ] && [ -e "$D/scripts/local-top/iscsi" ] && [ -e "$D/scripts/local-top/multipath" ] && [ ! -s "$D/conf/modules" ]
}

image
check "its prerequisites are the hooks it has to follow" \
	[ "$(sh "$root/usr/share/initramfs-tools/hooks/mpath-boot" prereqs)" = "udev dmsetup iscsi multipath" ]

image
echo 2 > "$tmp/create-fails"
check "root not on multipath: exit 0" hook
check "root not on multipath: nothing is added" untouched

image
echo 2 > "$tmp/create-fails"
check "MPATH_BOOT=y, root not on multipath: the build fails" not hook MPATH_BOOT=y
check "... and says why" says "root is not on multipath"

image
echo 111 > "$tmp/create-fails"
check "no snapshot possible: the build fails" not hook
check "... with the tool's own message" says "mpath-snapshot: fatal: no"
check "... and the ways out" says "MPATH_BOOT_SNAPSHOT=FILE"

image
echo 100 > "$tmp/create-fails"
check "bad configuration: the build fails" not hook

image
printf '\tpath_checker "rdac" # x\n\tprio const\n' > "$tmp/checker"
check "a checker that the binary does not have: the build fails" not hook
check "... and names it" says "path_checker rdac"
printf '\tpath_checker "tur" # x\n\tprio const\n' > "$tmp/checker"
check "one that it has: the build goes on" hook
rm "$tmp/checker"

# ---- which program, with what
mine=$root/usr/lib/mpath-boot
wants() { printf '\textension "%s"\n' "$1"; printf '\tpath_checker "directio" # x\n\tprio mine\n'; }
image
printf '\tpath_checker "tur"\n\tprio mine # x\n' > "$tmp/checker"
check "a prioritizer that nobody has: the build fails" not hook
for way in 'wants prio mine' 'extension "FILE.so"' 'mpath-boot relink FILE.o' 'do without: set another path_checker or prio'; do
	check "... and says: $way" says "$way"
done

image
wants mine.so > "$tmp/checker"
check "an extension, and only the static program: the build fails" not hook
check "... and says why" says "extension mine.so: this mpath-boot is static"
check "... and the ways out" says 'mpath-boot relink FILE.o'

program "$mine/mpath-boot.shared" shared ""
for file in checker-tur checker-directio checker-rdac prio-mine prio-alua; do
	echo > "$mine/$file.so"
done
image
check "an extension that is not there: the build fails" not hook
check "... and says so" says "unable to load extension mine.so: No such file"

echo mine > "$mine/mine.so"
image
check "an extension, and the dynamic program: exit 0" hook
check "the dynamic program is in" cmp -s "$mine/mpath-boot.shared" "$D/usr/sbin/mpath-boot"
check "with what the snapshot makes it load, and tur" [ "$(cd "$D/usr/lib/mpath-boot" && echo *.so)" = "checker-directio.so checker-tur.so mine.so prio-mine.so" ]
check "no libgcc_s comes along" [ -z "$(find "$D" -name 'libgcc_s*')" ]

image
wants /usr/lib/mpath-boot/mine.so > "$tmp/checker"
check "the same by its path: exit 0" hook
check "... lies where it lay" [ -e "$D/usr/lib/mpath-boot/mine.so" ]

program "$mine/mpath-boot.relinked" static "mine"
image
wants mine.so > "$tmp/checker"
check "an extension, and a relinked program: exit 0" hook
check "the relinked program is in" cmp -s "$mine/mpath-boot.relinked" "$D/usr/sbin/mpath-boot"
check "without libraries" [ -z "$(find "$D/usr/lib" -path '*mpath-boot*.so')" ]

image
printf '\tpath_checker "tur"\n\tprio mine # x\n' > "$tmp/checker"
check "a prioritizer that only the relinked program has: exit 0" hook
check "... takes that" cmp -s "$mine/mpath-boot.relinked" "$D/usr/sbin/mpath-boot"

image
printf '\tpath_checker "tur"\n\tprio alua # x\n' > "$tmp/checker"
check "no extension: exit 0" hook
check "... takes the static program" cmp -s "$root/usr/sbin/mpath-boot" "$D/usr/sbin/mpath-boot"

rm "$mine/mpath-boot.relinked"
cp "$root/usr/sbin/mpath-boot" "$tmp/static-program"
program "$root/usr/sbin/mpath-boot" shared ""
image
check "only the dynamic program is installed: exit 0" hook
check "... with what it loads" [ "$(cd "$D/usr/lib/mpath-boot" && echo *.so)" = "checker-tur.so prio-alua.so" ]
image
echo 'generic {' >> "$tmp/checker"
check "... and for a generic snapshot with all" [ "$(hook; cd "$D/usr/lib/mpath-boot" && echo *.so)" = "checker-directio.so checker-rdac.so checker-tur.so prio-alua.so prio-mine.so" ]
mv "$tmp/static-program" "$root/usr/sbin/mpath-boot"
rm "$tmp/checker" "$mine"/*.so "$mine/mpath-boot.shared"

image
check "MPATH_BOOT_GENERIC=y: root need not be on multipath" hook MPATH_BOOT_GENERIC=y
check "... the snapshot is a generic one" grep -q '^generic {' "$D/etc/mpath-boot/snapshot"
check "... every host adapter's driver is there" grep -qx class-scsi "$D/modules-added"
check "... and NVMe over fabrics" grep -qx nvme-tcp "$D/modules-added"
check "... device handlers come before the transports" grep -q '^softdep scsi_transport_fc pre: scsi_dh_alua' "$D/etc/modprobe.d/mpath-boot.conf"

image
check "with MODULES=most they are added by mkinitramfs" hook MPATH_BOOT_GENERIC=yes MODULES=most
check "... not by us" not grep -q '^class-' "$D/modules-added"

image
printf '\t\tdefaults {\n\t\t\tpath_checker "odd"\n\t\t}\n' > "$tmp/checker"
echo dm_round_robin > "$tmp/missing-modules"
check "what some arrays would need is not needed in every image" hook MPATH_BOOT_GENERIC=y
check "... but told: a checker" says "W: .*path_checker odd"
check "... and a path selector" says "W: .*no module dm_round_robin"
rm "$tmp/checker"
echo dm-service-time >> "$tmp/missing-modules"
check "what all need is needed" not hook MPATH_BOOT_GENERIC=y

image
echo 111 > "$tmp/create-fails"
check "a generic snapshot that cannot be made fails the build" not hook MPATH_BOOT_GENERIC=y

image
echo 'MPATH_BOOT_GENERIC=y' > "$tmp/conf"
mkdir -p "$root/etc/mpath-boot"
mv "$tmp/conf" "$root/etc/mpath-boot/initramfs.conf"
check "MPATH_BOOT_GENERIC in initramfs.conf" hook
check "... makes a generic one" grep -q '^generic {' "$D/etc/mpath-boot/snapshot"

image
echo 111 > "$tmp/create-fails"
check "MPATH_BOOT=n: exit 0" hook MPATH_BOOT=n
check "MPATH_BOOT=n: nothing is added" untouched

image
echo 111 > "$tmp/create-fails"
mkdir -p "$root/etc/mpath-boot"
echo MPATH_BOOT=n > "$root/etc/mpath-boot/initramfs.conf"
check "MPATH_BOOT=n in initramfs.conf: exit 0" hook
check "the environment wins over initramfs.conf" not hook MPATH_BOOT=

image
echo 111 > "$tmp/create-fails"
echo snapshot > "$tmp/ready"
check "a ready snapshot is taken" hook MPATH_BOOT_SNAPSHOT="$tmp/ready"
check "... as it is" cmp -s "$tmp/ready" "$D/etc/mpath-boot/snapshot"

image
echo garbage > "$tmp/ready"
check "a bad ready snapshot: the build fails" not hook MPATH_BOOT_SNAPSHOT="$tmp/ready"
image
check "a missing ready snapshot: the build fails" not hook MPATH_BOOT_SNAPSHOT="$tmp/nowhere"

image
check "root on multipath, no iSCSI: exit 0" hook
check "the binary is in" cmp -s "$root/usr/sbin/mpath-boot" "$D/usr/sbin/mpath-boot"
check "the snapshot is in, mode 644" mode etc/mpath-boot/snapshot 644
for rules in "$top"/hooks/udev/*.rules; do
	check "${rules##*/} is in" cmp -s "$rules" "$D/lib/udev/rules.d/${rules##*/}"
done
for script in init-premount/mpath-boot local-top/mpath-boot local-block/multipath init-bottom/mpath-boot panic/mpath-boot; do
	check "script $script is in and ours" grep -q mpath_boot_ "$D/scripts/$script"
	check "script $script can be run" [ -x "$D/scripts/$script" ]
	# else mkinitramfs leaves it out of ORDER (get_source in hook-functions)
	check "script $script has the name it was installed with" [ -x "$root/usr/share/initramfs-tools/scripts/$script" ]
	check "script $script answers prereqs without its library" sh -c "cd / && exec sh '$D/scripts/$script' prereqs > /dev/null"
done
for gone in scripts/init-top/multipath sbin/multipath lib/multipath lib/udev/rules.d/60-multipath.rules lib/udev/rules.d/60-kpartx.rules \
	etc/multipath.conf usr/lib/libmultipath.so.0 usr/lib/libmpathcmd.so.0 scripts/local-top/multipath scripts/local-premount/multipath \
	scripts/local-bottom/multipath scripts/init-bottom/multipath; do
	check "$gone is out" [ ! -e "$D/$gone" ]
done
check "... which -v shows" says "taking out of the image: /sbin/multipath"
for stays in lib/udev/rules.d/50-my-multipath.rules usr/lib/libother.so.0 sbin/dmsetup scripts/local-top/iscsi; do
	check "$stays stays" [ -e "$D/$stays" ]
done
check "nothing for iSCSI without portals" [ -z "$(find "$D" -path '*mpath-boot*' -name '*iscsi*')" ]
check "nothing for NVMe without controllers" [ -z "$(find "$D" -path '*mpath-boot*' -name '*nvme*')$(find "$D" -name network.sh)" ]
check "modules of the snapshot are added" grep -qx virtio_scsi "$D/modules-added"
for module in dm-multipath dm-service-time dm_round_robin scsi_dh_alua; do
	check "$module is loaded early" grep -qx "$module" "$D/conf/modules"
done
check "handlers are loaded before the drivers" grep -q "^softdep virtio_scsi pre:.* scsi_dh_alua" "$D/etc/modprobe.d/mpath-boot.conf"

image
echo dm_round_robin > "$tmp/missing-modules"
check "no module for the table: the build fails" not hook
image
echo virtio_scsi > "$tmp/missing-modules"
check "no module for a path: exit 0" hook
check "... and a warning" says "W: .*virtio_scsi"
image
rm "$D/lib/udev/rules.d/55-dm.rules"
check "no device-mapper rules: the build fails" not hook

iscsi_image()
{
	image
	touch "$mine/mpath-keeper" "$mine/iscsi-private.so"
	echo "iqn.2026-01.test:root 10.0.2.2 3260 1 eth7 52:54:00:12:34:07 10.0.2.15/24 -" > "$tmp/portals"
}
iscsi_image
check "root on iSCSI: exit 0" hook
check "the portals are in" cmp -s "$tmp/portals" "$D/etc/mpath-boot/iscsi"
check "... root-only" mode etc/mpath-boot/iscsi 600
check "the initiator's name is in, root-only" mode etc/initiatorname.iscsi 600
check "CHAP secrets are root-only" mode etc/iscsi.initramfs 600
check "... wherever they come from" mode etc/iscsi/iscsid.conf 600
check "records of root's target are in, root-only" mode etc/iscsi/nodes/iqn.2026-01.test:root/10.0.2.2,3260,1/default 600
check "... and of no other" [ ! -e "$D/etc/iscsi/nodes/iqn.2026-01.test:other" ]
check "no secret is shown" not says secret
umask_of() { (UMASK=; MPATH_BOOT_TEST_ROOT=$1; export MPATH_BOOT_TEST_ROOT; . "$root/usr/share/initramfs-tools/conf-hooks.d/mpath-boot"; echo "$UMASK"); }
check "with secrets only root may read the image" [ "$(umask_of "$root")" = 0077 ]
check "without, it is as the administrator has it" [ "$(umask_of "$tmp/nowhere")" = "" ]
secret_in() { rm -rf "$tmp/other"; mkdir -p "$tmp/other/${1%/*}"; echo "$2" > "$tmp/other/$1"; [ "$(umask_of "$tmp/other")" = 0077 ]; }
check "... also with those that open-iscsi keeps in /var/lib" secret_in var/lib/iscsi/nodes/iqn.2026-01.test:root/10.0.2.2,3260,1/default 'node.session.auth.password = secret'
check "... and those of discovery" secret_in etc/iscsi/iscsid.conf 'discovery.sendtargets.auth.password = secret'
check "a setting without one is none" not secret_in etc/iscsi/iscsid.conf '#node.session.auth.password = password'
for file in mpath-keeper iscsi-private.so iscsi.sh network.sh; do
	check "$file is in" [ -e "$D/usr/lib/mpath-boot/$file" ]
done
for program in iscsid iscsiadm; do
	check "$program is in" [ -x "$D/sbin/$program" ]
	check "... and known to the keeper" grep -qx "/sbin/$program" "$D/etc/mpath-boot/keeper.files"
done
check "with its libraries" grep -q '/libc\.so' "$D/etc/mpath-boot/keeper.files"
check "and its loader" grep -q '/ld' "$D/etc/mpath-boot/keeper.files"
check "iscsistart is in" [ -x "$D/sbin/iscsistart" ]
check "the interface's driver is in" grep -qx fakenic "$D/modules-added"
check "... and what reads the firmware's table" grep -qx iscsi_ibft "$D/modules-added"
check "open-iscsi's script does not run" [ ! -e "$D/scripts/local-top/iscsi" ]
check "... but is kept" grep -qx stock "$D/usr/lib/mpath-boot/open-iscsi"
iscsi_image
touch "$D/sbin/iscsistart"
check "iscsistart may be there already" hook
iscsi_image
mv "$root/etc/iscsi/initiatorname.iscsi" "$tmp/"
check "no initiator name: the build fails" not hook
mv "$tmp/initiatorname.iscsi" "$root/etc/iscsi/"
iscsi_image
check "a portal behind a card: no warning" eval 'hook && ! says "W: "'
vlan
iscsi_image
for ip in 10.0.3.2 10.0.4.2; do
	echo "iqn.2026-01.test:root $ip 3260 1 eth7.5 52:54:00:12:34:07 10.0.5.15/24 10.0.5.1" >> "$tmp/portals"
done
check "a portal behind a VLAN: exit 0" hook
check "... and a warning that names it, once" [ "$(grep -c "W: .*eth7[.]5" "$tmp/output")" = 1 ]
check "... and the way out" says "W: .*init-premount"
check "... the card's driver is in" grep -qx fakenic "$D/modules-added"
rm -r "$root/sys/class/net/eth7.5"
for driver in bnx2i qedi; do
	iscsi_image
	printf 'map {\n\twwid "3600a"\n\talias "mpatha"\n\tpath {\n\t\ttransport "iscsi"\n\t\tdriver "%s"\n\t}\n}\n' "$driver" > "$tmp/checker"
	check "$driver, which needs iscsiuio: the build fails" not hook
	check "... and says why" says "E: .*$driver.*iscsiuio"
	check "... and names the map" says "E: .*map mpatha"
	check "... and the ways out" says "MPATH_BOOT=n"
done
# map NEEDED_FOR DRIVER...: appended to the snapshot
map() { printf 'map {\n\twwid "3600"\n\tneeded_for "%s"\n' "$1"; shift; printf '\tpath {\n\t\tdriver "%s"\n\t}\n' "$@"; echo '}'; }
iscsi_image
{ map / iscsi_tcp; map "/usr resume" bnx2i qedi; } > "$tmp/checker"
check "another map's paths are no way out: the build fails" not hook
iscsi_image
{ map / iscsi_tcp; map group bnx2i; map resume qedi; } > "$tmp/checker"
check "a map that root can do without: the image is built" hook
check "... with a warning" says "W: .*bnx2i"
iscsi_image
map / bnx2i iscsi_tcp > "$tmp/checker"
check "where it is not the only one the image is built" hook
check "... with a warning" says "W: .*bnx2i"
iscsi_image
map / iscsi_tcp > "$tmp/checker"
check "in software it goes on" hook
rm "$tmp/checker"
iscsi_image
rm "$root/sbin/iscsistart"
check "no iscsistart: the build fails" not hook

image
echo 'echo stock' > "$D/scripts/local-premount/btrfs"
check "btrfs-progs in the image: exit 0" hook
check "its script does not run" [ ! -e "$D/scripts/local-premount/btrfs" ]
check "... but is kept" grep -qx 'echo stock' "$D/usr/lib/mpath-boot/btrfs"
image
echo 2 > "$tmp/create-fails"
echo stock > "$D/scripts/local-premount/btrfs"
check "root not on multipath: btrfs's script stays" eval 'hook && [ -e "$D/scripts/local-premount/btrfs" ]'

nvme_image()
{
	image
	echo "nqn.2026-01.test:root 10.0.2.2 4420 eth7 52:54:00:12:34:07 10.0.2.15/24 -" > "$tmp/controllers"
}
nvme_image
check "root on NVMe/TCP, but nobody knows who we are: the build fails" not hook
check "... and says what is missing" says "/etc/nvme/hostnqn"
mkdir -p "$root/sys/class/nvme/nvme0"
echo nqn.live > "$root/sys/class/nvme/nvme0/hostnqn"
echo id-live > "$root/sys/class/nvme/nvme0/hostid"
nvme_image
check "... what the controllers were told is good enough" hook
check "... and is in" grep -qx nqn.live "$D/etc/nvme/hostnqn"
mkdir -p "$root/etc/nvme"
echo nqn.file > "$root/etc/nvme/hostnqn"
echo id-file > "$root/etc/nvme/hostid"
nvme_image
check "the file counts for more than another's controllers" hook
check "... and is in" grep -qx nqn.file "$D/etc/nvme/hostnqn"
for n in 1 2; do
	mkdir "$root/sys/class/nvme/nvme$n"
	echo nqn.2026-01.test:root > "$root/sys/class/nvme/nvme$n/subsysnqn"
done
echo nqn.half > "$root/sys/class/nvme/nvme1/hostnqn"
echo nqn.told > "$root/sys/class/nvme/nvme2/hostnqn"
echo id-told > "$root/sys/class/nvme/nvme2/hostid"
nvme_image
check "what root's controllers were told counts for more than the file" hook
check "... and is in, both of one controller" [ "$(cat "$D/etc/nvme/hostnqn" "$D/etc/nvme/hostid" | xargs)" = "nqn.told id-told" ]
rm -r "$root"/sys/class/nvme/nvme[12]
check "the controllers are in" cmp -s "$tmp/controllers" "$D/etc/mpath-boot/nvme"
for file in nvme.sh network.sh; do
	check "... and $file" [ -r "$D/usr/lib/mpath-boot/$file" ]
done
vlan
nvme_image
sed -i s/eth7/eth7.5/ "$tmp/controllers"
check "a controller behind a VLAN: a warning" eval 'hook && says "W: .*eth7[.]5"'
rm -r "$root/sys/class/net/eth7.5"
check "nothing for iSCSI" [ -z "$(find "$D" -path '*mpath-boot*' -name '*iscsi*')" ]

# ---- the boot scripts' functions -----------------------------------------------------------------------------------

# in_script COMMANDS: with the libraries sourced, mpath-boot and blkid faked, and PARAM for /conf/param.conf
in_script()
{
	for file in common/functions.sh common/network.sh iscsi/iscsi.sh nvme/nvme.sh initramfs-tools/scripts/mpath-boot-functions; do
		sed "s|/conf/param.conf|$tmp/param.conf|; s|/dev/kmsg|$tmp/kmsg|; s|/proc/cmdline|$tmp/cmdline|; s|/usr/sbin/mpath-boot|/bin/true|
			s|/usr/lib/mpath-boot/functions.sh|$tmp/functions.sh|; s|/usr/lib/mpath-boot/network.sh|$tmp/network.sh|; s|/etc/nvme/|$root/etc/nvme/|; s|/sys/class/net|$root/sys/class/net|g; s|/sys/class/block|$tmp/block|; s|/etc/mpath-boot/|$tmp/|
			s|/etc/iscsi|$tmp/iscsi-etc|g; s|/sys/firmware/ibft|$tmp/ibft|; s|/etc/iscsi.initramfs|$tmp/nothing|" \
			"$top/hooks/$file" > "$tmp/${file##*/}"
	done
	(cd "$tmp" && PATH=$tmp/fake:$PATH ${DASH:-sh} -c "${2:-:}; . $tmp/mpath-boot-functions; . $tmp/iscsi.sh; $1")
}
mkdir "$tmp/fake"
printf '#!/bin/sh\nprintf "%%s\\n" %s/mpatha %s/mpatha-part1\n' "$tmp" "$tmp" > "$tmp/fake/mpath-boot"
mkdir "$tmp/appended"
printf '#!/bin/sh\necho /etc/mpath-boot/snapshot.new\n' > "$tmp/appended/mpath-boot"
chmod 755 "$tmp/appended/mpath-boot"
# blkid -c /dev/null -s TAG -o value DEVICE
printf '#!/bin/sh\ncase $4$7 in UUID*part1) echo 1234-ABCD ;; LABEL*part1) echo "my root" ;; esac\n' > "$tmp/fake/blkid"
printf '#!/bin/sh\n' > "$tmp/fake/modprobe"
chmod 755 "$tmp"/fake/*
touch "$tmp/mpatha" "$tmp/mpatha-part1"

for word in nompath multipath=off rd.multipath=0 rd.mpath_boot=0 rd.mpath-boot=0; do
	echo "root=/dev/sda $word quiet" > "$tmp/cmdline"
	check "$word switches off" not in_script mpath_boot_enabled
done
echo "root=/dev/sda rd.mpath_boot.timeout=0 multipath=on xnompath" > "$tmp/cmdline"
check "nothing else does" in_script mpath_boot_enabled

binds() { rm -f "$tmp/param.conf"; in_script "mpath_boot_bind ROOT '$1'"; [ "$(cat "$tmp/param.conf" 2> /dev/null)" = "$2" ]; }
check "UUID= is bound" binds UUID=1234-ABCD "ROOT=$tmp/mpatha-part1"
check "LABEL= is bound" binds "LABEL=my root" "ROOT=$tmp/mpatha-part1"
check "/dev/disk/by-uuid is bound" binds /dev/disk/by-uuid/1234-ABCD "ROOT=$tmp/mpatha-part1"
for value in UUID=1234-ABCE /dev/sda1 /dev/mapper/vg-root /dev/vg/root /dev/disk/by-id/other PARTUUID=1234-ABCD 0801; do
	check "$value is left alone" binds "$value" ""
done

# What blkid said when it was asked for all of them at once is not asked for again.
mkdir -p "$tmp/run"
printf '%s: PTUUID="1234-ABCE" PTTYPE="dos"\n%s: LABEL="my root" UUID="77" UUID_SUB="66" PARTUUID="99-01"\n/dev/sda1: UUID="55"\n' "$tmp/mpatha" "$tmp/mpatha-part1" > "$tmp/run/blkid"
known_binds() { rm -f "$tmp/param.conf"; in_script "mpath_boot_run=$tmp/run; mpath_boot_bind ROOT '$1'"; [ "$(cat "$tmp/param.conf" 2> /dev/null)" = "$2" ]; }
check "UUID= is known" known_binds UUID=77 "ROOT=$tmp/mpatha-part1"
check "PARTUUID= is known" known_binds PARTUUID=99-01 "ROOT=$tmp/mpatha-part1"
check "what is not known is asked for" known_binds UUID=1234-ABCD "ROOT=$tmp/mpatha-part1"
for value in UUID=66 UUID=99-01 UUID=1234-ABCE UUID=55; do
	check "$value is another tag, or not on a map" known_binds "$value" ""
done
stack_of() { printf '/dev/dm-0: UUID="1" TYPE="%s"%s\n' "$1" "${2:-}" > "$tmp/run/blkid"; in_script "mpath_boot_run=$tmp/run; udevadm() { echo settled; }; mpath_boot_await_stack"; }
check "LVM on a map is waited for" [ "$(stack_of LVM2_member)" = settled ]
check "MD on a map is waited for" [ "$(stack_of linux_raid_member ' PARTUUID="7"')" = settled ]
check "nothing else is" [ -z "$(stack_of ext4)" ]

mkdir -p "$tmp"/block/{dm-0,dm-1,sda,sda1,vda}
cat > "$tmp/fake/udevadm" <<'EOT'
#!/bin/sh
# info -q property -p SYS, info -q name -r -p SYS
[ "$3" != name ] || { echo "/dev/${6##*/}"; exit; }
case $5 in
*/sda) echo ID_FS_TYPE=mpath_member ;;
*/sda1) echo ID_FS_TYPE=none ;;
*/dm-0) echo ID_PART_TABLE_TYPE=dos ;;
*) printf 'DEVTYPE=disk\nID_FS_TYPE=btrfs\nID_FS_USAGE=filesystem\n' ;;
esac
EOT
printf '#!/bin/sh\necho "$*" >> scanned\n' > "$tmp/fake/btrfs"
chmod 755 "$tmp"/fake/*
in_script mpath_boot_scan_btrfs
check "btrfs is told of its devices and of no path" [ "$(cat "$tmp/scanned")" = "device scan /dev/dm-1
device scan /dev/vda" ]

timeout_is() { echo "	fast_io_fail_tmo $1 # multipath 0.9.4 built-in" > "$tmp/snapshot"; [ "$(in_script mpath_boot_iscsi_recovery_tmo)" = "$2" ]; }
check "recovery_tmo comes from the snapshot" timeout_is '"7"' 7
check "recovery_tmo is not set when it is off" timeout_is '"off"' ""
check "... nor when it is 0, which would fail I/O at once" timeout_is '"0"' ""
# shellcheck disable=SC2016 # the inner shell's
check "portals are the image's" [ "$(in_script 'echo $mpath_boot_portals')" = "$tmp/iscsi" ]
# shellcheck disable=SC2016
check "or those that were appended with a good snapshot" [ "$(in_script 'echo $mpath_boot_portals $mpath_boot_snapshot' "PATH=$tmp/appended:\$PATH")" = "$tmp/iscsi.new $tmp/snapshot.new" ]
check "the interface is found by its address" [ "$(in_script 'mpath_boot_nic 52:54:00:12:34:07')" = eth7 ]
check "an unknown address finds none" not in_script 'mpath_boot_nic 52:54:00:12:34:08'
vlan # with its card's address
check "a VLAN is found by its name" [ "$(in_script 'mpath_boot_nic 52:54:00:12:34:07 eth7.5')" = eth7.5 ]
check "... and its card is another one" [ "$(in_script 'mpath_boot_nic 52:54:00:12:34:07 eth7')" = eth7 ]
check "an interface has another name now" [ "$(in_script 'mpath_boot_nic 52:54:00:12:34:07 lan0')" = eth7 ]
check "its name is another one's now" [ "$(in_script 'mpath_boot_nic 52:54:00:12:34:07 eth8')" = eth7 ]

# up ADDRESS DEVICE [ADDRESS [GATEWAY PORTAL|- [ROUTE]]]: what is done to bring eth7 up with 10.0.2.15 or the second ADDRESS, where DEVICE has the first already
up()
{
	rm -f "$tmp/ip-calls"
	in_script "ip() {
		case \$* in
		'addr show' | 'addr show dev $2') echo '    inet $1/24 brd 10.0.2.255 scope global $2' ;;
		'addr show'*) ;;
		'route get'*) echo '10.0.2.2 dev ${6:-eth7} src 10.0.2.15' ;;
		*) echo \"\$*\" >> $tmp/ip-calls ;;
		esac; }
		mpath_boot_ip_owns() { return 1; }; mpath_boot_ip_keep() { echo \"keep \$1\" >> $tmp/ip-calls; }
		mpath_boot_nic_up eth7 ${3:-10.0.2.15/24} ${4:--} ${5:-10.0.2.2}"
	[ ! -e "$tmp/ip-calls" ] || xargs < "$tmp/ip-calls"
}
check "an interface gets its address" [ "$(up 10.0.2.1 eth8)" = "link set eth7 up addr add 10.0.2.15/24 dev eth7 keep eth7" ]
check "... which may be there" [ "$(up 10.0.2.15 eth7)" = "link set eth7 up keep eth7" ]
check "... unless another one has that: a VLAN of somebody's" [ -z "$(up 10.0.2.15 eth7.5)" ]
check "... not one that begins with it" [ "$(up 10.0.2.150 eth8)" = "link set eth7 up addr add 10.0.2.15/24 dev eth7 keep eth7" ]
check "... and none where DHCP gave one of that network" [ "$(up 10.0.2.77 eth7)" = "link set eth7 up keep eth7" ]
check "... but a second one of another network" [ "$(up 10.0.3.15 eth7)" = "link set eth7 up addr add 10.0.2.15/24 dev eth7 keep eth7" ]
check "... whatever the bits" [ "$(up 10.0.2.15 eth7 10.0.2.129/25)" = "link set eth7 up addr add 10.0.2.129/25 dev eth7 keep eth7" ]
check "... IPv6 beside IPv4" [ "$(up 10.0.2.15 eth7 2001:db8::f/64)" = "link set eth7 up addr add 2001:db8::f/64 dev eth7 keep eth7" ]
check "an address that is not known is not set" [ "$(up 10.0.2.1 eth8 -)" = "link set eth7 up keep eth7" ]
check "a portal that would go over another card gets a route" [ "$(up 10.0.2.15 eth7 10.0.2.15/24 - 10.0.2.2 eth8)" = "link set eth7 up route append 10.0.2.2 dev eth7 keep eth7" ]
check "... behind the gateway" [ "$(up 10.0.2.15 eth7 10.0.2.15/24 10.0.2.1 10.9.9.2 eth8)" = "link set eth7 up route append 10.9.9.2 via 10.0.2.1 dev eth7 keep eth7" ]
check "... but not where another line of ours needs that card" [ "$(up 10.0.2.15 eth7 10.0.2.15/24 - - eth8)" = "link set eth7 up keep eth7" ]
rm "$tmp/ip-calls"
rm -r "$root/sys/class/net/eth7.5"
for pair in 0:0.0.0.0 20:255.255.240.0 24:255.255.255.0 32:255.255.255.255; do
	check "netmask /${pair%:*}" [ "$(in_script "mpath_boot_netmask ${pair%:*}")" = "${pair#*:}" ]
done
check "ip= names its interface" [ "$(IP=10.0.2.15::::lab:eth0:none in_script mpath_boot_ip_device)" = eth0 ]
check "ip=dhcp names none" [ "$(IP=dhcp in_script mpath_boot_ip_device)" = "" ]
in_nvme() { in_script ". $tmp/nvme.sh; $1" "${2:-:}"; }
check "what the kernel is told of a controller" [ "$(in_nvme 'mpath_boot_nvme_options nqn.root 10.0.2.2 4420')" = \
	"transport=tcp,traddr=10.0.2.2,trsvcid=4420,nqn=nqn.root,hostnqn=nqn.file,hostid=id-file,reconnect_delay=2,ctrl_loss_tmo=-1" ]
check "... and what binds it" [ "$(in_nvme 'mpath_boot_nvme_options nqn.root 10.0.2.2 4420 10.0.2.15 eth7' | sed 's/.*tmo=-1//')" = ",host_traddr=10.0.2.15,host_iface=eth7" ]
# connected LINE...: who is brought up for these controllers, and what of the options follows the port; eth7 has 10.0.2.15, eth8 10.0.2.16
mkdir -p "$root"/sys/class/net/eth8/device "$tmp/connect"
cat > "$tmp/connect/mpath-boot" <<'EOT'
#!/bin/sh
[ "$1" = connect ] || exit
shift 2
printf '%s\n' "$@" | sed 's/.*trsvcid=\([0-9]*\),.*tmo=-1/\1/'
EOT
chmod 755 "$tmp/connect/mpath-boot"
echo 52:54:00:12:34:08 > "$root/sys/class/net/eth8/address"
connected()
{
	printf '%s\n' "$@" > "$tmp/nvme"
	in_nvme "mpath_boot_run=$tmp/run; udevadm() { :; }; mpath_boot_ip_start() { :; }; mpath_boot_nic_up() { echo \"\$*\"; }
		ip() { printf '    inet %s/24 x\n' 10.0.2.15 10.0.2.16; }
		mpath_boot_nvme_connect --daemon" "PATH=$tmp/connect:\$PATH" | xargs
}
one="nqn.root 10.0.2.2 4420 eth7 52:54:00:12:34:07 10.0.2.15/24" two="nqn.root 10.0.2.2 4420 eth8 52:54:00:12:34:08 10.0.2.16/24"
check "a controller of an older list" [ "$(connected "$one -")" = "eth7 10.0.2.15/24 - 10.0.2.2 4420" ]
check "two cards to one portal: no route for it, and each is told its address" \
	[ "$(connected "$one - 10.0.2.15 -" "$two - 10.0.2.16 -")" = "eth7 10.0.2.15/24 - - eth8 10.0.2.16/24 - - 4420,host_traddr=10.0.2.15 4420,host_traddr=10.0.2.16" ]
check "... but to a gateway" [ "$(connected "$one 10.0.2.1 - -" "$two 10.0.2.1 - -")" = "eth7 10.0.2.15/24 10.0.2.1 10.0.2.2 eth8 10.0.2.16/24 10.0.2.1 10.0.2.2 4420 4420" ]
check "what is bound to its card needs none" [ "$(connected "$one - - eth7")" = "eth7 10.0.2.15/24 - - 4420,host_iface=eth7" ]
check "... which has another name now" [ "$(connected "nqn.root 10.0.2.2 4420 lan0 52:54:00:12:34:07 10.0.2.15/24 - - lan0")" = "eth7 10.0.2.15/24 - - 4420,host_iface=eth7" ]
check "an address and an interface that are not here would only hinder" [ "$(connected "$one - 10.0.2.1 lan9")" = "eth7 10.0.2.15/24 - 10.0.2.2 4420" ]
check "a card that nobody knows is not waited for" [ "$(connected "nqn.root 10.0.2.2 4420 - - - -")" = 4420 ]
rm -r "$root/sys/class/net/eth8"
nics() { # LINE...: the same of iSCSI's portals
	mkdir -p "$tmp/run"
	printf '%s\n' "$@" > "$tmp/run/nics"
	in_script "mpath_boot_run=$tmp/run; mpath_boot_nic() { echo \"\$2\"; }; mpath_boot_nic_up() { echo \"\$*\"; }; mpath_boot_iscsi_nics" | xargs
}
check "two cards to one iSCSI portal: no route for it" [ "$(nics "iqn.a 10.0.2.2 3260 1 ${one#* * * } -" "iqn.a 10.0.2.2 3260 1 ${two#* * * } -")" = "eth7 10.0.2.15/24 - - eth8 10.0.2.16/24 - -" ]
check "... one card, one portal: as ever" [ "$(nics "iqn.a 10.0.2.2 3260 1 ${one#* * * } -" "- 10.0.2.2 - - - 52:54:00:12:34:07 10.0.2.15/24 -")" = "eth7 10.0.2.15/24 - 10.0.2.2 - 10.0.2.15/24 - 10.0.2.2" ]
# shellcheck disable=SC2016
check "controllers are those that were appended with a good snapshot" [ "$(in_nvme 'echo $mpath_boot_controllers' "PATH=$tmp/appended:\$PATH")" = "$tmp/nvme.new" ]

# An interface that comes later: what is to be done with it is done then, and not when the initramfs has ended before.
printf '#!/bin/sh\necho "$*" >> %s/ip-calls\n' "$tmp" > "$tmp/fake/ip"
chmod 755 "$tmp/fake/ip"
late() { # MAC COMMAND
	in_script "mpath_boot_run=$tmp/run; mkdir -p $tmp/run; mpath_boot_ip_owns() { return 1; }; mpath_boot_ip_keep() { echo \"keep \$1\" >> $tmp/ip-calls; }
		mpath_boot_nic_late 'iscsi: portal 10.0.9.2' $1 eth9 10.0.9.15/24 - 10.0.9.2 $2"
}
late 52:54:00:12:34:09 "touch $tmp/came"
check "an interface that is not there is said" grep -q 'iscsi: portal 10.0.9.2: no interface with address 52:54:00:12:34:09 (it was eth9)' "$tmp/kmsg"
late 52:54:00:12:34:0a "touch $tmp/never"
check "... and nothing is done yet" [ ! -e "$tmp/came" ]
mkdir -p "$root"/sys/class/net/eth9/device
echo 52:54:00:12:34:09 > "$root/sys/class/net/eth9/address"
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$tmp/came" ] || sleep 0.5; done
check "when it comes it is used" [ -e "$tmp/came" ]
check "... brought up before that" [ "$(sed -n '/show/d; /link/p; $p' "$tmp/ip-calls" | xargs)" = "link set eth9 up keep eth9" ]
in_script "mpath_boot_run=$tmp/run; mpath_boot_nic_enough"
mkdir -p "$root"/sys/class/net/eth10/device
echo 52:54:00:12:34:0a > "$root/sys/class/net/eth10/address"
sleep 1.5
check "when the initramfs has ended nobody waits any more" [ ! -e "$tmp/never" ]
rm -r "$root/sys/class/net/eth9" "$root/sys/class/net/eth10"

# collect COMMAND_LINE [SETTINGS]: what is found there, with a snapshot of one portal
collect()
{
	rm -rf "$tmp/run" "$tmp/iscsi-etc"
	mkdir -p "$tmp/run" "$tmp/iscsi-etc"
	[ ! -e "$tmp/etc-before" ] || cp -r "$tmp/etc-before/." "$tmp/iscsi-etc/"
	echo "$1" > "$tmp/cmdline"
	echo "iqn.2026-01.test:root 10.0.2.2 3260 7 eth7 52:54:00:12:34:07 10.0.2.15/24 -" > "$tmp/iscsi"
	echo '	fast_io_fail_tmo "5"' > "$tmp/snapshot"
	in_script "mpath_boot_run=$tmp/run; mpath_boot_iscsi_settings() { ${2:-:}; }; mpath_boot_iscsi_collect"
}
portals() { xargs < "$tmp/run/portals"; }
record() { sed -n "s/^$2 = //p" "$tmp/iscsi-etc/nodes/$1/default" | tail -n 1; }
in_snapshot="iqn.2026-01.test:root 10.0.2.2 3260 7"
here="iqn.2026-01.test:root/10.0.2.2,3260,7"

collect "root=UUID=1"
check "the snapshot's portals" [ "$(portals)" = "$in_snapshot" ]
check "... have records" [ "$(record $here node.name)" = iqn.2026-01.test:root ]
check "... with root's recovery_tmo" [ "$(record $here node.session.timeo.replacement_timeout)" = 5 ]
check "... and without CHAP" [ "$(record $here node.session.auth.authmethod)" = "" ]
collect "root=UUID=1" "ISCSI_TARGET_NAME=iqn.2026-01.test:root ISCSI_TARGET_IP='10.0.2.2 10.0.3.2' ISCSI_USERNAME=me ISCSI_PASSWORD=secret"
check "a list of addresses, with the snapshot's, once each" [ "$(portals)" = "$in_snapshot iqn.2026-01.test:root 10.0.3.2 3260 1" ]
check "CHAP is for all" [ "$(record $here node.session.auth.password) $(record iqn.2026-01.test:root/10.0.3.2,3260,1 node.session.auth.username)" = "secret me" ]
check "no record can be read by others" [ -z "$(find "$tmp/iscsi-etc" -type f -perm /077)" ]
collect "iscsi_target_name=iqn.2026-01.test:a iscsi_target_ip=10.0.9.9 iscsi_target_port=3261 iscsi_target_group=2 iscsi_username=u iscsi_password=p"
check "open-iscsi's names on the command line" [ "$(portals)" = "iqn.2026-01.test:a 10.0.9.9 3261 2 $in_snapshot" ]
collect "rd.iscsi.target.name=iqn.2026-01.test:a rd.iscsi.target.ip=10.0.9.9 rd.iscsi.initiator=iqn.i rd.iscsi.param=node.conn[0].iscsi.HeaderDigest=CRC32C"
check "dracut's names" [ "$(portals)" = "iqn.2026-01.test:a 10.0.9.9 3260 1 $in_snapshot" ]
check "the initiator's name" [ "$(cat "$tmp/iscsi-etc/initiatorname.iscsi")" = InitiatorName=iqn.i ]
check "rd.iscsi.param" [ "$(record $here 'node.conn\[0\].iscsi.HeaderDigest')" = CRC32C ]
# nobody's echo may touch it
odd='s\ne\\c\tr\0101et'
collect "rd.iscsi.username=me rd.iscsi.password=$odd rd.iscsi.in.username=you rd.iscsi.in.password=$odd rd.iscsi.initiator=iqn.i\n"
check "a secret with backslashes stays as it is" [ "$(record $here node.session.auth.password)" = "$odd" ]
check "... the other way, too" [ "$(record $here node.session.auth.password_in)" = "$odd" ]
check "... and a name" [ "$(cat "$tmp/iscsi-etc/initiatorname.iscsi")" = 'InitiatorName=iqn.i\n' ]
collect "netroot=iscsi:me:secret:you:there@10.0.3.2::::iqn.2026-01.test:root netroot=iscsi:[fd00::2]:6:3262:eth0:nic:1:iqn.2026-01.test:x:y netroot=iscsi:10.0.4.2::::1:eui.01"
check "netroot=, three times" [ "$(portals)" = \
	"iqn.2026-01.test:root 10.0.3.2 3260 1 iqn.2026-01.test:x:y fd00::2 3262 1 eui.01 10.0.4.2 3260 1 $in_snapshot" ]
check "... with its CHAP" [ "$(record iqn.2026-01.test:root/10.0.3.2,3260,1 node.session.auth.password_in)" = there ]
check "... which is nobody else's" [ "$(record $here node.session.auth.password)" = "" ]
collect "root=iscsi:10.0.2.2:6:3260:1:iqn.2026-01.test:root"
check "root=iscsi: of a portal that the snapshot has" [ "$(portals)" = "$in_snapshot" ]
collect "netroot=iscsi:rubbish root=iscsi: netroot=iscsi:@:@ netroot=iscsi"
check "rubbish makes no portal" [ "$(portals)" = "$in_snapshot" ]

mkdir -p "$tmp/ibft"/{initiator,target0,target1,ethernet0}
echo iqn.2026-01.firmware:me > "$tmp/ibft/initiator/initiator-name"
for n in 0 1; do
	echo iqn.2026-01.test:root > "$tmp/ibft/target$n/target-name"
	echo 10.0.$((n + 4)).2 > "$tmp/ibft/target$n/ip-addr"
	echo 3260 > "$tmp/ibft/target$n/port"
	echo 0 > "$tmp/ibft/target$n/nic-assoc"
done
echo fw > "$tmp/ibft/target1/chap-name"
printf '%s\n' "$odd" > "$tmp/ibft/target1/chap-secret"
echo 52:54:00:12:34:07 > "$tmp/ibft/ethernet0/mac"
echo 10.0.4.15 > "$tmp/ibft/ethernet0/ip-addr"
echo 255.255.252.0 > "$tmp/ibft/ethernet0/subnet-mask"
echo 0.0.0.0 > "$tmp/ibft/ethernet0/gateway"
collect "iscsi_auto"
check "the firmware's targets" [ "$(portals)" = "iqn.2026-01.test:root 10.0.4.2 3260 1 iqn.2026-01.test:root 10.0.5.2 3260 1 $in_snapshot" ]
check "... their interface" grep -q '^- 10.0.4.2 - - - 52:54:00:12:34:07 10.0.4.15/22 -$' "$tmp/run/nics"
check "... their CHAP" [ "$(record iqn.2026-01.test:root/10.0.5.2,3260,1 node.session.auth.username)" = fw ]
check "... their secret as it is" [ "$(record iqn.2026-01.test:root/10.0.5.2,3260,1 node.session.auth.password)" = "$odd" ]
check "... and the initiator's name" [ "$(cat "$tmp/iscsi-etc/initiatorname.iscsi")" = InitiatorName=iqn.2026-01.firmware:me ]

mkdir -p "$tmp/etc-before/nodes/$here"
rmdir "$tmp/etc-before/nodes/$here"
mkdir -p "$tmp/etc-before/nodes/$here"
printf '%s\n' '# BEGIN RECORD' 'node.name = iqn.2026-01.test:root' 'node.conn[0].timeo.noop_out_interval = 0' 'node.session.auth.password = mi\ne' \
	'node.conn[0].iscsi.DataDigest = CRC32C' > "$tmp/etc-before/nodes/$here/default"
printf '%s\n' 'node.session.cmds_max = 64' 'node.conn[0].timeo.noop_out_timeout = 7' > "$tmp/etc-before/iscsid.conf"
collect "netroot=iscsi:10.0.3.2::::iqn.2026-01.test:root"
check "a record of the machine's is kept" [ "$(record $here node.session.auth.password) $(record $here 'node.conn\[0\].iscsi.DataDigest')" = 'mi\ne CRC32C' ]
check "... but for noops that are off" [ "$(record $here 'node.conn\[0\].timeo.noop_out_interval')" = "" ]
check "a portal without one has iscsid.conf's settings" [ "$(record iqn.2026-01.test:root/10.0.3.2,3260,1 node.session.cmds_max)" = 64 ]
check "... also its noops" [ "$(record iqn.2026-01.test:root/10.0.3.2,3260,1 'node.conn\[0\].timeo.noop_out_timeout')" = 7 ]
mv "$tmp/etc-before/nodes/$here/default" "$tmp/etc-before/nodes/$here/iface1"
collect ""
check "a record that is bound to an interface stays the only one" [ "$(ls "$tmp/iscsi-etc/nodes/$here")" = iface1 ]

# ---- udev's rules --------------------------------------------------------------------------------------------------

# Names of two generations of device-mapper's rules: lines() that have TEXT
lines() { grep -cF -- "$1" "$top/hooks/udev/56-mpath-boot-dm.rules"; }
check "blkid is kept away under both names" [ "$(lines 'ENV{DM_NOSCAN}="1"') $(lines 'ENV{DM_NOSCAN}="1", ENV{.DM_NOSCAN}="1"')" = "2 2" ]
check "a suspended map is known by either name" [ "$(lines 'ENV{.DM_SUSPENDED}!="?*", ENV{.DM_SUSPENDED}="$env{DM_SUSPENDED}"') $(lines 'ENV{.DM_SUSPENDED}=="1"') $(lines 'ENV{DM_SUSPENDED}==')" = "1 1 0" ]
# since systemd 254
if udevadm verify --help > /dev/null 2>&1; then
	check "udevadm verify" udevadm verify --resolve-names=never "$top"/hooks/udev/*.rules
fi

# ---- what the shells say -------------------------------------------------------------------------------------------

check_scripts "$top"/hooks/initramfs-tools/{hook,conf-hook,install.sh,scripts/mpath-boot-*,scripts/*/m*} "$top"/hooks/{common/*.sh,iscsi/*.sh,nvme/*.sh,systemd/install.sh} \
	"$top"/debian/{*.postinst,*.prerm,tests/[!c]*} "$top"/tools/build-rpms.sh

verdict

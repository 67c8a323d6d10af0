#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The dracut module, without dracut: a fake root directory and fake tools, in a second or two. What the image does when it boots is tested in tests/vm/.
. "$(dirname "$0")/fake-machine.sh"

DRACUT=$root/usr/lib/dracut UNITDIR=$root/lib/systemd/system MANDIR=$root/usr/share/man sh "$top/hooks/dracut/install.sh"
module=$root/usr/lib/dracut/modules.d/51mpath-boot
mkdir -p "$root/lib/udev/rules.d"

# dracut STEP...: as dracut calls them, one after the other in one shell; $tmp/output has what it said, $tmp/result the last status and $omit_dracutmodules
dracut()
{
	env -i PATH="$root/bin:/usr/bin:/bin" MPATH_BOOT_TEST_ROOT="$root" "${env[@]}" bash -c '
		inst() { mkdir -p "$initdir${2%/*}" && cp "$1" "$initdir$2"; }
		inst_simple() { [[ ! -e $initdir$2 ]] || return 0; inst "$1" "$2"; }
		inst_hook() { inst "$3" "/hooks/$1/$2-${3##*/}"; }
		inst_multiple() { for _i; do echo "$_i" >> "$initdir/programs"; done; }
		instmods() { for _i; do echo "$_i" >> "$initdir/modules-added"; done; }
		dinfo() { echo "I: $*"; }
		dwarn() { echo "W: $*"; }
		dfatal() { echo "E: $*"; }
		dracut_need_initqueue() { touch "$initdir/need-initqueue"; }
		dracut_module_included() { [[ " ${with_systemd:+systemd} $force_add_dracutmodules " == *" $1 "* ]]; }
		systemctl() { echo "$*" >> "$initdir/systemctl"; }
		SYSTEMCTL=systemctl initdir=$1 moddir=$2 dracutbasedir=${2%/modules.d/*} DRACUT_TMPDIR=$3 kernel=6.1
		udevdir=/lib/udev systemdsystemunitdir=/lib/systemd/system
		shift 3
		. "$moddir/module-setup.sh"
		for step; do $step; done
		echo "$? $omit_dracutmodules" > "$DRACUT_TMPDIR/result"
	' - "$D" "$module" "$tmp/dracut" "$@" > "$tmp/output" 2>&1
}

# image [NAME=VALUE...]: an empty one, to be made in this environment
image()
{
	D=$tmp/image
	rm -rf "$D" "$tmp/dracut" "$tmp"/{create-fails,portals,missing-modules,checker} "$root/etc/mpath-boot" "$root"/lib/udev/rules.d/*
	mkdir -p "$D/etc/cmdline.d" "$D/lib/dracut" "$tmp/dracut"
	env=("$@")
}

result() { [ "$(cut -d ' ' -f 1 "$tmp/dracut/result" 2> /dev/null)" = "$1" ]; }
omits() { grep -q " $1 " "$tmp/dracut/result"; }
says() { grep -q -- "$1" "$tmp/output"; }
has_hook() { [ -e "$D/hooks/$1" ]; }

image hostonly=yes
check "root on multipath: it is in" dracut check
check "... without asking" result 0
image hostonly=yes
dracut check install
check "the binary is in" cmp -s "$root/usr/sbin/mpath-boot" "$D/usr/sbin/mpath-boot"
check "the snapshot is in" grep -qx snapshot "$D/etc/mpath-boot/snapshot"
check "the shared functions are in" [ -e "$D/usr/lib/mpath-boot/functions.sh" ]
for hook in pre-trigger/10-mpath-boot-start.sh initqueue/10-mpath-boot-wait.sh initqueue/finished/10-mpath-boot-finished.sh \
	emergency/20-mpath-boot-emergency.sh pre-pivot/80-mpath-boot-pivot.sh shutdown/20-mpath-boot-shutdown.sh; do
	check "hook $hook is in" has_hook "$hook"
done
check "the initqueue runs" [ -e "$D/need-initqueue" ]
check "without systemd there is no unit" [ ! -e "$D/lib/systemd/system/mpath-boot.service" ]
check "rdsosreport finds the log" [ "$(readlink "$D/lib/dracut/dracut-mpath-boot.log")" = /run/mpath-boot/log ]
for rules in 56-mpath-boot-dm 59-mpath-boot-path 61-mpath-boot-late; do
	check "$rules.rules is in" [ -e "$D/lib/udev/rules.d/$rules.rules" ]
done
for name in dm-multipath dm-service-time dm_round_robin scsi_dh_alua; do
	check "$name is there, and loaded early" grep -q " rd.driver.pre=$name\( \|$\)" "$D/etc/cmdline.d/50-mpath-boot.conf"
	check "... as a file" grep -qx "$name" "$D/modules-added"
done
check "drivers of paths are there" grep -qx virtio_scsi "$D/modules-added"
check "... but not forced" not grep -q virtio_scsi "$D/etc/cmdline.d/50-mpath-boot.conf"
check "... and come behind the handlers" grep -q "^softdep virtio_scsi pre:.* scsi_dh_alua" "$D/etc/modprobe.d/mpath-boot.conf"
check "nothing of iSCSI without portals" [ -z "$(find "$D" -name '*iscsi*')" ]

image hostonly=yes
dracut check cmdline
check "--print-cmdline prints them, each with a blank before it" says "^ rd.driver.pre=dm-multipath rd.driver"

image hostonly=yes
touch "$root/lib/udev/rules.d/10-dm.rules"
dracut check install
check "behind upstream's 10-dm.rules ours is 11-" [ -e "$D/lib/udev/rules.d/11-mpath-boot-dm.rules" ]
check "... and not 56-" [ ! -e "$D/lib/udev/rules.d/56-mpath-boot-dm.rules" ]
check "... the others stay" [ -e "$D/lib/udev/rules.d/59-mpath-boot-path.rules" ]

image hostonly=yes with_systemd=y
dracut check install
check "with systemd the unit is in" cmp -s "$top/hooks/dracut/mpath-boot.service" "$D/lib/systemd/system/mpath-boot.service"
check "... and nobody stops it by hand" grep -qx RefuseManualStop=yes "$D/lib/systemd/system/mpath-boot.service"
check "... and wanted" grep -q 'add-wants sysinit.target mpath-boot.service' "$D/systemctl"

image hostonly=yes
echo 2 > "$tmp/create-fails"
dracut check
check "root not on multipath: left out" result 1
image hostonly=yes MPATH_BOOT=y
echo 2 > "$tmp/create-fails"
check "MPATH_BOOT=y, root not on multipath: the build fails" not dracut check
check "... and says why" says "E: .*root is not on multipath"
image
echo 2 > "$tmp/create-fails"
dracut check install
check "an image for any machine gets a snapshot for any machine" grep -q '^generic {' "$D/etc/mpath-boot/snapshot"
image hostonly=yes
echo 111 > "$tmp/create-fails"
check "no snapshot possible: the build fails" not dracut check
check "... with the tool's own message" says "mpath-snapshot: fatal: no"
check "... and the ways out" says "MPATH_BOOT_SNAPSHOT=FILE"
image hostonly=yes
printf '\tpath_checker "rdac" # x\n\tprio const\n' > "$tmp/checker"
check "a checker that the binary does not have: the build fails" not dracut check
check "... and names it" says "path_checker rdac"
image hostonly=yes
echo dm_round_robin > "$tmp/missing-modules"
check "no module for the table: the build fails" not dracut check install
image hostonly=yes MPATH_BOOT=n
dracut check
check "MPATH_BOOT=n: left out" result 1
image hostonly=yes MPATH_BOOT_GENERIC=y
dracut check install
check "MPATH_BOOT_GENERIC=y: a generic snapshot" grep -q '^generic {' "$D/etc/mpath-boot/snapshot"
check "... every host adapter's driver is there" grep -qx =drivers/scsi "$D/modules-added"
image hostonly=yes
echo snapshot > "$tmp/ready"
env+=(MPATH_BOOT_SNAPSHOT="$tmp/ready")
dracut check install
check "a ready snapshot is taken as it is" cmp -s "$tmp/ready" "$D/etc/mpath-boot/snapshot"

image hostonly=yes
echo "iqn.2026-01.test:root 10.0.2.2 3260 1 eth7 52:54:00:12:34:07 10.0.2.15/24 -" | tee "$tmp/portals.before" > "$tmp/portals"
dracut check install
check "root on iSCSI: the portals are in" cmp -s "$tmp/portals" "$D/etc/mpath-boot/iscsi"
check "... and what logs in to them" [ -e "$D/usr/lib/mpath-boot/iscsi.sh" ]
check "... and their log for rdsosreport" [ -L "$D/lib/dracut/dracut-mpath-boot.iscsi.log" ]
check "... with ip" grep -qx ip "$D/programs"
check "... and the interface's driver" grep -qx fakenic "$D/modules-added"
check "... and what reads the firmware's table" grep -qx iscsi_ibft "$D/modules-added"
check "... instead of dracut's" omits iscsi
check "... which leaves a handler to dracut's network, for netroot=iscsi:" [ "$(stat -c %a "$D/sbin/iscsiroot")" = 755 ]
check "... that does nothing" "$D/sbin/iscsiroot" eth0 iscsi:10.0.2.2::::iqn.2026-01.test:root /sysroot
check "no secret is shown" not says secret
image hostonly=yes force_add_dracutmodules=iscsi
cp "$tmp/portals.before" "$tmp/portals"
dracut check install
check "dracut's iscsi is forced in: it stays" not omits iscsi
check "... and brings its own handler" [ ! -e "$D/sbin/iscsiroot" ]
vlan
image hostonly=yes
sed s/eth7/eth7.5/ "$tmp/portals.before" > "$tmp/portals"
dracut check install
check "a portal behind a VLAN: a warning that names it" says "W: .*eth7[.]5"
check "... and the way out" says "W: .*module network.*vlan="
rm -r "$root/sys/class/net/eth7.5"
image hostonly=yes
printf 'map {\n\tpath {\n\t\tdriver "bnx2i"\n\t}\n}\n' > "$tmp/checker"
check "an adapter that needs iscsiuio: the build fails" not dracut check install
image hostonly=yes MPATH_BOOT_GENERIC=y
dracut check install
check "a generic image logs in where it is told to" [ -e "$D/usr/lib/mpath-boot/iscsi.sh" ]
check "... knows no portal" [ ! -s "$D/etc/mpath-boot/iscsi" ]
check "... and no name" [ ! -e "$D/etc/initiatorname.iscsi" ]
check "... and leaves dracut's own out" omits iscsi
image hostonly=yes MPATH_BOOT_GENERIC=y
mv "$root/sbin/iscsid" "$tmp/"
dracut check install
check "without open-iscsi a generic image is made, too" [ ! -e "$D/usr/lib/mpath-boot/iscsi.sh" ]
check "... and dracut's iscsi is its own business" not omits iscsi
mv "$tmp/iscsid" "$root/sbin/"

# ---- only one of both acts in an image ----------------------------------------------------------------------------

# conf LINE: of initramfs.conf
conf() { mkdir -p "$root/etc/mpath-boot"; echo "$1" > "$root/etc/mpath-boot/initramfs.conf"; }
image hostonly=yes
dracut check
check "dracut's multipath is left out" omits multipath
image
echo 2 > "$tmp/create-fails"
dracut check
check "... of an image for any machine, too" omits multipath
image hostonly=yes
conf MPATH_BOOT=n
dracut check
check "... but not when mpath-boot is" not omits multipath
image hostonly=yes MPATH_BOOT=y
conf MPATH_BOOT=n
dracut check
check "... where the environment wins" eval 'result 0 && omits multipath'
image hostonly=yes
echo 2 > "$tmp/create-fails"
dracut check
check "... nor when root is not on multipath" not omits multipath
image hostonly=yes force_add_dracutmodules="multipath lab"
dracut check
check "it is forced in: mpath-boot is left out" eval 'result 1 && ! omits multipath'
check "... which is said" says "W: .*multipath is forced"
image hostonly=yes MPATH_BOOT=y force_add_dracutmodules=multipath
check "... but not against MPATH_BOOT=y: the build fails" not dracut check
check "no drop-in decides that" [ ! -e "$root/usr/lib/dracut/dracut.conf.d" ]

# ---- the boot scripts' functions -----------------------------------------------------------------------------------

# in_script CMDLINE COMMANDS: with the libraries sourced, and dracut's getargs and ip faked, as after dracut's init has unset its own variables
in_script()
{
	sed "s|/usr/lib/mpath-boot/|$tmp/|; s|/lib/dracut-lib.sh|/dev/null|; s|/dev/kmsg|$tmp/said|" "$top/hooks/dracut/51mpath-boot/mpath-boot-dracut.sh" > "$tmp/dracut.sh"
	sed "s|/dev/kmsg|$tmp/said|; s|/run/|$tmp/run/|g" "$top/hooks/common/functions.sh" > "$tmp/functions.sh"
	sed "s|/sys/class/net|$root/sys/class/net|g" "$top/hooks/common/network.sh" > "$tmp/network.sh"
	sed "s|/usr/lib/mpath-boot/network.sh|$tmp/network.sh|" "$top/hooks/iscsi/iscsi.sh" > "$tmp/iscsi.sh"
	sh -c "
		getargs() { for _w in $1; do case \$_w in \"\$1\"*) echo \"\${_w#*=}\" ;; esac; done; }
		getarg() { getargs \"\$1\"; }
		ip() { echo ip \"\$*\"; }
		. $tmp/dracut.sh; . $tmp/iscsi.sh; $2"
}
# fixed IP=: what is done with it
fixed() { rm -rf "$tmp/run" "$tmp/said"; in_script "$1" mpath_boot_ip_start | grep ip | cut -d ' ' -f 2- | xargs; }
check "a fixed address is set" [ "$(fixed ip=10.0.2.15:::255.255.255.0:lab:eth0:none)" = "link set eth0 up addr add 10.0.2.15/24 dev eth0" ]
check "... with the way out" [ "$(fixed ip=10.0.2.15::10.0.2.1:20::eth0:off)" = "link set eth0 up addr add 10.0.2.15/20 dev eth0 route add default via 10.0.2.1 dev eth0" ]
check "... and two" [ "$(fixed 'ip=10.0.2.15:::255.255.255.0::a:none ip=10.0.3.15:::255.255.255.0::b:none' | grep -c 'dev a.*dev b')" = 1 ]
check "IPv6 stands in brackets" [ "$(fixed 'ip=[fd00:3::15]::[fd00:3::1]:64::eth1:none')" = "link set eth1 up addr add fd00:3::15/64 dev eth1 route add default via fd00:3::1 dev eth1" ]
check "an interface is found by ifname=" [ "$(fixed 'ip=10.0.2.15:::24::lan0:none ifname=lan0:52:54:00:12:34:07')" = "link set eth7 up addr add 10.0.2.15/24 dev eth7" ]
check "others are dracut's" [ -z "$(fixed ip=eth0:dhcp)" ]
check "... which is said" grep -q "ip=eth0:dhcp needs dracut's module network" "$tmp/said"
check "the firmware's are ours" [ -z "$(fixed ip=ibft)" ]
check "... without a word" [ ! -e "$tmp/said" ]
# dracut's getcmdline has /etc/cmdline and /etc/cmdline.d, too
words() { in_script "" "getcmdline() { echo 'rd.iscsi.initiator=iqn.conf netroot=iscsi:10.0.3.2::::iqn.a'; }; $1"; }
# shellcheck disable=SC2016 # the inner shell's
check "portals and names that /etc/cmdline.d has are heeded" [ "$(words 'ISCSI_INITIATOR=; mpath_boot_iscsi_cmdline; echo $ISCSI_INITIATOR $_netroots')" = "iqn.conf 10.0.3.2::::iqn.a" ]
check "without getcmdline it is the kernel's command line" [ "$(in_script "" mpath_boot_cmdline)" = "$(cat /proc/cmdline)" ]
# what is done with an interface that comes late, beside the boot: its output goes nowhere
came() { # COMMAND_LINE
	rm -f "$tmp/ip-calls"
	in_script "$1" "ip() { echo \"\$*\" >> $tmp/ip-calls; }; mpath_boot_run=$tmp/run; mkdir -p $tmp/run; mpath_boot_nic_late 'iscsi: portal 10.0.2.2' 52:54:00:12:34:07 eth7 10.0.2.99/24 - 10.0.2.2 :; wait"
	xargs < "$tmp/ip-calls"
}
check "a fixed address of an interface that comes late is set then" [ "$(came ip=10.0.2.15:::24::eth7:none)" = "link set eth7 up addr add 10.0.2.15/24 dev eth7" ]
check "... and no other one's" [ "$(came 'ip=10.0.3.15:::24::eth8:none ip=10.0.2.15:::24::eth7:none')" = "link set eth7 up addr add 10.0.2.15/24 dev eth7" ]
vlan=eth7.5:eth7
nic_of() { in_script "$1" "mpath_boot_has_network() { ${network:-:}; }; mpath_boot_nic 52:54:00:12:34:07 $2"; }
check "a VLAN that is to be made is waited for" not nic_of "vlan=$vlan" eth7.5
check "... and so is a bond" not nic_of "bond=bond0:eth7,eth8:mode=802.3ad" bond0
check "... but for nobody who is not in the image" [ "$(network=false nic_of "bond=bond0:eth7,eth8:mode=802.3ad" bond0)" = eth7 ]
check "... but not the card" [ "$(nic_of "vlan=$vlan" eth7)" = eth7 ]
check "who makes it is asked for" eval 'rm "$tmp/said"; fixed "vlan=$vlan" > /dev/null; grep -q "vlan= needs dracut.s module network" "$tmp/said"'
vlan
check "... and is used then" [ "$(nic_of "vlan=$vlan" eth7.5)" = eth7.5 ]
echo 52:54:00:12:34:08 > "$root/sys/class/net/eth7.5/address"
check "... with whatever address of a member" [ "$(nic_of "bridge=eth7.5:eth7" eth7.5)" = eth7.5 ]
check "what ip= names is not touched" in_script "ip=10.0.2.15:::24::eth0:none ip=eth1:dhcp" "mpath_boot_ip_owns eth0 && mpath_boot_ip_owns eth1"
check "... and the rest is ours" not in_script "ip=10.0.2.15:::24::eth0:none" "mpath_boot_ip_owns eth1"

# ---- what the shells say -------------------------------------------------------------------------------------------

check_scripts "$top"/hooks/dracut/{install.sh,51mpath-boot/mpath-boot-*.sh} "$top"/tests/vm/dracut-lab/lab-*.sh
# SC2154: dracut's variables; SC2317: called by image.sh
lint "$top/hooks/dracut/51mpath-boot/module-setup.sh" -e SC1090,SC1091,SC2034,SC2154,SC2317

verdict

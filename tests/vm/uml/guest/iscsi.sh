# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Root over iSCSI in one guest: tgtd behind each portal, open-iscsi's own programs, and the boot scripts' library with mpath-keeper. For scenarios with
# "# with: iscsi"; behind boot.sh. The targets outlive switch_root, too: what they need lies in /run.

iqn=iqn.2026-01.test:root
wwid=360000000000000000e00000000010001
libraries=/run/added/usr/lib/x86_64-linux-gnu

# portal_start N ADDRESS[:PORT]...: tgtd N serves there; $chap, $digest: what it wants
portal_start() {
	local n=$1 address portals=
	shift
	for address in "$@"; do
		case $address in *:[0-9][0-9][0-9][0-9]) ;; *) address=$address:3260 ;; esac
		portals="$portals${portals:+,}portal=$address"
	done
	mkdir -p /run/tgt
	rm -f "/run/tgt/socket$n"*
	TGT_IPC_SOCKET=/run/tgt/socket$n LD_LIBRARY_PATH=$libraries /run/added/usr/sbin/tgtd -f -C "$n" --iscsi "$portals" > "/run/out/tgtd$n" 2>&1 &
	echo $! > "/run/tgt/pid$n"
	wait_until 120 portal_admin "$n" --mode target --op new --tid 1 --targetname $iqn || fail "tgtd $n does not start"
	portal_admin "$n" --mode logicalunit --op new --tid 1 --lun 1 --backing-store /run/root.img
	portal_admin "$n" --mode logicalunit --op update --tid 1 --lun 1 --params vendor_id=MPBOOT,product_id=LAB,product_rev=1,scsi_sn=mpathboot1
	if [ -n "$chap" ]; then
		portal_admin "$n" --mode account --op new --user me --password initiators-secret
		portal_admin "$n" --mode account --op bind --tid 1 --user me
		portal_admin "$n" --mode account --op new --user you --password targets-secret
		portal_admin "$n" --mode account --op bind --tid 1 --user you --outgoing
	fi
	if [ -n "$digest" ]; then
		portal_admin "$n" --mode target --op update --tid 1 --name HeaderDigest --value "$digest"
		portal_admin "$n" --mode target --op update --tid 1 --name DataDigest --value "$digest"
	fi
	portal_admin "$n" --mode target --op bind --tid 1 --initiator-address ALL
}
portal_admin() {
	local n=$1; shift
	TGT_IPC_SOCKET=/run/tgt/socket$n LD_LIBRARY_PATH=$libraries /run/added/usr/sbin/tgtadm -C "$n" --lld iscsi "$@" 2> /dev/null
}
portal_kill() { kill -KILL "$(cat "/run/tgt/pid$1")"; }
portal_stop() { kill -STOP "$(cat "/run/tgt/pid$1")"; }
portal_cont() { kill -CONT "$(cat "/run/tgt/pid$1")"; }

# iscsi_prepare ADDRESS...: the image of a machine whose root has these portals, and its disk
iscsi_prepare() {
	local address
	ip link set lo up
	root_disk /run/root.img
	modprobe -a iscsi_tcp sd_mod
	mkdir -p /etc/iscsi /etc/mpath-boot /run/mpath-boot
	echo "InitiatorName=iqn.2026-01.test:guest" > /etc/iscsi/initiatorname.iscsi
	for address in "$@"; do
		echo "$iqn $address 3260 1 - - - -"
	done > /etc/mpath-boot/iscsi
	. /run/src/hooks/iscsi/image.sh
	image_keeper "" > /etc/mpath-boot/keeper.files
	cp /run/src/hooks/iscsi/iscsi.sh /run/src/hooks/common/functions.sh /run/src/hooks/common/network.sh /run/build/mpath-keeper /usr/lib/mpath-boot/
	snapshot_begin
	snapshot_map "$wwid" mpatha $# 'no_path_retry "queue"' 'path_checker "tur"' 'fast_io_fail_tmo "5"'
	snapshot_end
	start_udev ours
	start_guard --initrd
}

# iscsi_boot [start|one_path]: what a builder's scripts do to log in, with $settings as its own file
iscsi_boot() {
	. /usr/lib/mpath-boot/functions.sh
	for name in ip_start ip_owns ip_late ip_makes ip_plain ip_keep iscsi_stock; do
		eval "mpath_boot_$name() { :; }"
	done
	mpath_boot_iscsi_settings() { eval "$settings"; }
	set +e	# as in the boot scripts
	mpath_boot_iscsi "${1:-start}"
	set -e
}

active() { [ "$(map_active mpatha)" = "$1" ]; }
paths() { [ "$(map_paths mpatha)" = "$1" ] && active "$1"; }
# iscsids N: so many listen to the kernel
iscsids() { [ "$(awk '$2 == 8 && $4 ~ /1$/' /proc/net/netlink | wc -l)" = "$1" ]; }
said() { dmesg | grep -q "$1"; }
no_error() {
	expect_same "no error reached a map or a file system" "" "$(dmesg | grep -iE 'EXT4-fs error|Buffer I/O error|error.* dev dm-|remount' || :)"
	cat /run/mpath-boot/log > /run/out/log.guard
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What scenarios use. They run as process 1, under "set -e", in busybox sh; $stage is "initrd", or "root" behind
# switch_root_to. A scenario passes when it reaches its end and has said "ok" at least once. /run/src is the checkout,
# /run/build its build folder, /run/out the one place that outlives the guest, and in stage "root" /sysroot is the root.

target=/sys/kernel/config/target

# ---- verdicts

# uptime: seconds since the kernel's start, in hundredths
uptime() { read -r up _ < /proc/uptime; echo "$up"; }

# say TEXT: a line for the console and the host
say() { read -r up _ < /proc/uptime; echo "$up $*"; echo "$up $*" >> /run/out/log; }

# ok TEXT: something that was to be shown has been shown
ok() { say "ok: $*"; passed=yes; }

# fail TEXT: the scenario ends here
fail() { say "FAIL: $*"; failed=yes; exit 1; }

# expect TEXT CMD...: ok when CMD succeeds, else fail
expect() { local text=$1; shift; if "$@"; then ok "$text"; else fail "$text: $*"; fi; }

# expect_same TEXT WANTED GOT
expect_same() { [ "$2" = "$3" ] && ok "$1" || fail "$1: wanted \"$2\", got \"$3\""; }

# finish: how every scenario ends (exit trap of init)
finish() {
	local status=$?
	set +e
	[ -n "$failed" ] || [ $status -eq 0 ] || say "FAIL: the scenario stopped with status $status"
	if [ $status -eq 0 ] && [ -n "$passed" ]; then echo pass; else echo fail; fi > /run/out/result
	# no sync: the root may hang. (Neither may the kernel flush the caches of disks behind a hanging host.)
	for host in /sys/class/scsi_host/*/state; do echo running > "$host"; done
	poweroff -f -n
}

# ---- time

# nap SECONDS: without a process
nap() { read -r -t "$1" _ <> /run/.nap || :; }
[ -p /run/.nap ] || mkfifo /run/.nap

# now: microseconds
now() { local t=$EPOCHREALTIME; echo "${t%.*}${t#*.}"; }

# wait_until SECONDS CMD...: CMD's success within that time, tried every $pause seconds (0.02). Without a process of its own: those are what costs here.
wait_until() {
	local t=$EPOCHREALTIME end
	end=$((${t%.*}${t#*.} + $1 * 1000000)); shift
	until "$@"; do
		t=$EPOCHREALTIME
		[ "${t%.*}${t#*.}" -lt "$end" ] || return 1
		nap "${pause:-0.02}"
	done
}

# within SECONDS CMD...: CMD's status, or 124 when it is not done by then (it is left alone: it may be stuck in the kernel)
within() {
	local seconds=$1 pid; shift
	"$@" &
	pid=$!
	if wait_until "$seconds" gone $pid; then wait $pid; else return 124; fi
}
gone() {
	local state
	{ read -r _ _ state _ < "/proc/$1/stat"; } 2> /dev/null || return 0
	[ "$state" = Z ]
}

# ---- paths. Each path is a SCSI host of its own.

# scsi_debug_paths LUNS PATHS [MODULE_OPTION...]: $disks has their names, host by host
scsi_debug_paths() {
	local luns=$1 paths=$2; shift 2
	modprobe -a sd_mod crc_t10dif
	modprobe scsi_debug vpd_use_hostno=0 add_host="$paths" num_tgts=1 max_luns="$luns" dev_size_mb=8 delay=0 "$@"
	wait_until 10 have_disks '/sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*/block/sd*' $((luns * paths)) || fail "scsi_debug: no disks"
}
have_disks() {
	# shellcheck disable=SC2086
	disks=$(for disk in $1; do echo "${disk##*/}"; done)
	disks=$(echo $disks)
	# shellcheck disable=SC2086
	set -- "$2" $disks
	[ $# -eq $(($1 + 1)) ] && [ -e "/dev/$2" ]
}

# lio_lun NAME FILE SERIAL: a LUN of the kernel's own target on a file or device. Its WWID is 36001405 and the first 25 hex digits of SERIAL
lio_lun() {
	local lun=$target/core/fileio_0/$1 size
	if [ ! -d $target ]; then
		modprobe -a sd_mod target_core_file tcm_loop
		mount -t configfs configfs /sys/kernel/config 2>/dev/null || :
		mkdir -p $target/loopback /run/lio
	fi
	if [ -b "$2" ]; then size=$(blockdev --getsize64 "$2"); else size=$(stat -c %s "$2"); fi
	mkdir -p "$lun"
	echo "fd_dev_name=$2,fd_dev_size=$size" > "$lun/control"
	echo "$3" > "$lun/wwn/vpd_unit_serial"
	echo 1 > "$lun/enable"
}

# lio_path NAME [STATE]: one more path to it, in an ALUA target port group of its own; $disk is its name
lio_path() {
	local lun=$target/core/fileio_0/$1 n tpg address
	set -- "$1" "$2" $target/loopback/naa.*	# not those of /run/lio: a name that has become free is given again
	n=$(($# - 1))
	[ -e "$3" ] || n=1
	tpg=$target/loopback/naa.500140500000000$n/tpgt_1
	mkdir -p "$tpg/lun/lun_0" "$lun/alua/group$n"
	echo $n > "$lun/alua/group$n/tg_pt_gp_id"
	echo naa.5001405ffffffff$n > "$tpg/nexus"
	ln -s "$lun" "$tpg/lun/lun_0/lun"
	echo group$n > "$tpg/lun/lun_0/alua_tg_pt_gp"
	[ -z "$2" ] || lio_set_state "$lun/alua/group$n" "$2"
	read -r address < "$tpg/address"
	wait_until 5 test -d /sys/bus/scsi/devices/"$address":0/block || fail "no disk at $address"
	# the kernel looked at the VPD pages when the port was in no group yet
	echo 1 > /sys/bus/scsi/devices/"$address":0/rescan
	for disk in /sys/bus/scsi/devices/"$address":0/block/*; do disk=${disk##*/}; done
	echo "$lun/alua/group$n" > "/run/lio/$disk"
}

# lio_paths FILE PATHS [SERIAL]: a LUN and its paths, active/optimized; $disks has their names
lio_paths() {
	local n=$2
	lio_lun "lun$3" "$1" "${3:-1}"
	disks=
	while [ $n -gt 0 ]; do
		lio_path "lun$3"
		disks="$disks${disks:+ }$disk"
		n=$((n - 1))
	done
}

# path_alua DISK optimized|nonoptimized|standby|unavailable|transitioning
path_alua() { lio_set_state "$(cat "/run/lio/$1")" "$2"; }
lio_set_state() {
	local n
	case $2 in
	optimized) n=0 ;; nonoptimized) n=1 ;; standby) n=2 ;; unavailable) n=3 ;; transitioning) n=15 ;;
	esac
	echo $n > "$1/alua_access_state"
}

# path_offline, path_running DISK: the kernel fails its commands at once
path_offline() { echo offline > "/sys/block/$1/device/state"; }
path_running() { echo running > "/sys/block/$1/device/state"; }

# path_hang, path_unhang DISK: commands and open() wait for ever, though sysfs calls the path running. It is what a path does whose
# host is in error recovery, and every LUN behind that host does it.
path_hang() { echo recovery > "/sys/class/scsi_host/$(path_host "$1")/state"; }
path_unhang() {
	modprobe sg
	echo running > "/sys/class/scsi_host/$(path_host "$1")/state"
	# resets nothing, but wakes who waits (through sg, as an open() of the disk may be what holds its lock)
	sg_reset "/dev/$(ls "/sys/block/$1/device/scsi_generic")" > /dev/null
}
path_host() {
	local dev
	dev=$(readlink "/sys/block/$1/device")
	dev=${dev##*/}
	echo "host${dev%%:*}"
}

# path_remove DISK: the disk goes; path_rescan HOST: what is behind that host (path_host DISK, asked before) comes back
path_remove() { echo 1 > "/sys/block/$1/device/delete"; }
path_rescan() { echo '- - -' > "/sys/class/scsi_host/$1/scan"; }

# path_return DISK: all of it goes, and comes as $disk, mostly under another name
path_return() {
	local place host
	place=$(readlink -f "/sys/block/$1/device")
	place=/sys/bus/scsi/devices/${place##*/}/block
	host=$(path_host "$1")
	path_remove "$1"
	wait_until 5 test ! -e "/sys/block/$1" || fail "$1 does not go"
	path_rescan "$host"
	wait_until 5 test -e "$place" || fail "$1 does not come back"
	disk=$(ls "$place")
}

# ---- disks

# le32 NUMBER: as printf wants it
le32() { printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }

# mbr FILE START SIZE [START SIZE]...: a DOS partition table, in sectors
mbr() {
	local file=$1 table='' n=0; shift
	while [ $# -gt 0 ]; do
		table="$table\\x00\\x00\\x00\\x00\\x83\\x00\\x00\\x00$(le32 "$1")$(le32 "$2")"
		n=$((n + 1))
		shift 2
	done
	{ printf "$table"; dd if=/dev/zero bs=16 count=$((4 - n)); printf '\x55\xaa'; } 2>/dev/null |
		dd of="$file" bs=1 seek=446 conv=notrunc 2>/dev/null
}

# root_disk FILE: a disk whose first partition is an ext4 root with the guest's tools; writable, and gone with the guest
root_disk() { cp /run/base/root.img "$1"; }

# ---- the system

# start_udev [ours]: udevd, and a coldplug of what is there. ours: mpath-boot's rules in place of multipath-tools', as in the initramfs
start_udev() {
	local rule
	if [ "$1" = ours ]; then
		for rule in 56-dm-mpath 56-dm-parts 60-kpartx 60-multipath 68-del-part-nodes; do
			rm -f /lib/udev/rules.d/$rule.rules
		done
		find /run/src/hooks -name '*.rules' -exec cp {} /lib/udev/rules.d/ \;
	fi
	/lib/systemd/systemd-udevd --daemon
	udevadm trigger --action=add --subsystem-match=block --subsystem-match=scsi
	udevadm settle --timeout=90
}
stop_udev() { udevadm control --exit; }

# start_multipathd [CMD...]: the stock one; back when it has finished its first configuration
start_multipathd() {
	modprobe -a dm_multipath dm_service_time
	"$@" multipathd
	wait_until 20 multipathd_idle || fail "multipathd does not get ready"
}
multipathd_idle() { case $(multipathd show daemon 2>/dev/null) in *idle*|*running*) return 0 ;; *) return 1 ;; esac; }

# map_json MAP KEY: a number or string from "multipathd show maps json", e.g. map_loads
map_json() { multipathd show map "$1" json | sed -n "s/^ *\"$2\" *: *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | head -n 1; }

# map_paths MAP: how many paths its table has;   map_active MAP: how many of them the kernel uses
map_paths() { dmsetup table "$1" | grep -oE '\b[0-9]+:[0-9]+\b' | wc -l; }
map_active() { dmsetup status "$1" | grep -oE '\b[0-9]+:[0-9]+ A\b' | wc -l; }

# on_root CMD...: runs it in the root on the map (the scenario itself does not lie there, so that it can watch a root that hangs)
on_root() { chroot /sysroot "$@"; }

# switch_root_to DEV: what the initramfs does at its end: the four mounts move, the old root's files go, and the scenario
# starts again with stage=root; see guest/switch
switch_root_to() {
	mount -t ext4 "$1" /sysroot || fail "no root on $1"
	say "switch root to $1"
	umount -l /lib/modules	# a udevd on its way out may still read there
	mount --move /dev /sysroot/dev
	rmdir /dev && ln -s /sysroot/dev /dev
	mount --move /run /sysroot/run
	mount --move /sys /sysroot/sys
	mount --move /proc /sysroot/proc
	cd /sysroot
	trap - EXIT
	stage=root exec run/base/root/bin/busybox sh run/src/tests/vm/uml/guest/switch
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The disks of a set, for guest.sh and handover.sh: make_disks, then set_states and name_luns when udev knows them; put_case writes a
# configuration to /etc.

n_luns=0
lio() {
	local name=$1 serial=$2 vendor=$3 product=$4 revision=$5 tpgs=$6 parts=$7 state lun; shift 7
	truncate -s $((8 + n_luns))M "/tmp/$name"
	case $parts in
	1) mbr "/tmp/$name" 2048 4096 ;;
	2) mbr "/tmp/$name" 2048 4096 8192 2048 ;;
	esac
	lio_lun "$name" "/tmp/$name" "$serial"
	lun=$target/core/fileio_0/$name
	echo "$vendor" > "$lun/wwn/vendor_id"
	echo "$product" > "$lun/wwn/product_id"
	echo "$revision" > "$lun/wwn/revision"
	# what INQUIRY says is taken down when a path is found, in this group
	[ "$tpgs" != 0 ] || echo 0 > "$lun/alua/default_tg_pt_gp/alua_access_type"
	for state in "$@"; do
		lio_path "$name"
		case $state in offline) offline="$offline $disk" ;; esac
		states="$states $disk:$state:$tpgs"
	done
	n_luns=$((n_luns + 1))
}
debug() {
	local hosts=$1 luns=$2; shift 2
	scsi_debug_paths "$luns" "$hosts" "$@"
}

make_disks() {
	modprobe -a sd_mod dm_multipath dm_service_time dm_round_robin dm_queue_length
	. "$set/devices"
}

set_states() {
	local state disk
	for state in $states; do
		disk=${state%%:*} state=${state#*:}
		case $state in
		*:0 | offline:*) ;;
		*) path_alua "$disk" "${state%:*}" ;;
		esac
	done
	for disk in $offline; do path_offline "$disk"; done
}

# LUNs in the order of their first path's name, as the generator counts them
name_luns() {
	local dev disk n=0 db wwid part
	luns=
	for dev in $(ls -d /sys/block/sd* | sort -V); do
		disk=${dev##*/}
		n=$((n + 1))
		db=/run/udev/data/b$(cat "$dev/dev")
		wwid=$(sed -n 's/^E:ID_SERIAL=//p' "$db")
		echo "s/@DISK$n@/$disk/g" >> /run/subst
		echo "$disk $(cat "$dev/dev") $wwid" >> /run/out/disks
		case " $luns " in *" $wwid "*) continue ;; esac
		luns="$luns $wwid"
		set -- $luns
		echo "s|@WWID$#@|$wwid|g; s|@SHORT$#@|$(sed -n 's/^E:ID_SERIAL_SHORT=//p' "$db")|g" >> /run/subst
	done
	for disk in $(cut -d' ' -f1 /run/out/disks); do
		echo "== $disk $(cat /sys/block/$disk/device/vendor /sys/block/$disk/device/model /sys/block/$disk/device/rev | xargs) $(cat /sys/block/$disk/device/state)" >> /run/out/devices
		cat "/run/udev/data/b$(cat /sys/block/$disk/dev)" >> /run/out/devices
		for part in /sys/block/$disk/$disk[0-9]*; do
			[ ! -e "$part" ] || echo "$disk $(cat "$part/partition" "$part/start" "$part/size" | xargs)" >> /run/out/parts
		done
	done
}

# put_case NAME: nothing else is left of an earlier one
put_case() {
	local file
	rm -rf /etc/multipath /etc/multipath.conf /run/multipath
	mkdir -p /etc/multipath
	(cd "$set/$1" && find . -type f) | while read -r file; do
		mkdir -p "/${file%/*}"
		sed -f /run/subst "$set/$1/$file" > "/$file"
	done
}

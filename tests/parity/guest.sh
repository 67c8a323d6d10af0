# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# Inside the guest: for each configuration of a set, what multipath makes of it and what mpath-snapshot and mpath-boot would make,
# side by side in /run/out/NNN.*; compare.py on the host compares them. There is no udevd meanwhile: its database is
# complete, and waiting for it would take nine tenths of the time. What multipath tells udev is seen in the kernel's uevents.

set=/run/build/parity/$parity_set

modprobe -a sd_mod dm_multipath dm_service_time dm_round_robin dm_queue_length
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
. "$set/devices"
# a group without access states is no ALUA at all
for state in $states; do
	disk=${state%%:*}
	[ "${state##*:}" != 0 ] || { echo 0 > "$(cat "/run/lio/$disk")/alua_access_type"; echo 1 > "/sys/block/$disk/device/rescan"; }
done
start_udev
stop_udev
wait_until 5 test ! -e /run/udev/queue
rm -f /run/udev/control	# so libdevmapper does not wait for it
for state in $states; do
	disk=${state%%:*} state=${state#*:}
	case $state in
	*:0 | offline:*) ;;
	*) path_alua "$disk" "${state%:*}" ;;
	esac
done
for disk in $offline; do path_offline "$disk"; done

# LUNs in the order of their first path's name, as the generator counts them
n=0 luns=
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

udevadm monitor -k -p >> /run/monitor &
# by-hand maps for LUNs that the configuration leaves alone
by_hand() {
	local wwid=$1 dev id size table='' n=0
	while read -r _ dev id; do
		[ "$id" = "$wwid" ] || continue
		size=$(blockdev --getsz "/dev/block/$dev" 2>/dev/null) || size=$(cat "/sys/dev/block/$dev/size")
		table="$table $dev 1" n=$((n + 1))
	done < /run/out/disks
	dmsetup create --noudevsync hand -u "mpath-$wwid" --table "0 $size multipath 0 0 1 1 service-time 0 $n 1$table" 2>> "$out.hand"
}

one_case() {
	local maps='' left='' wwid n=0 uuid
	out=/run/out/$1
	rm -rf /etc/multipath /etc/multipath.conf /run/multipath /run/snapshot
	mkdir -p /etc/multipath
	(cd "$set/$1" && find . -type f) | while read -r file; do
		mkdir -p "/${file%/*}"
		sed -f /run/subst "$set/$1/$file" > "/$file"
	done
	: > /run/monitor
	timeout 30 multipath -v3 > /run/v3 2>&1 || echo "multipath: $?" >> /run/v3
	cat /run/v3 > "$out.v3"
	dmsetup info -c --noheadings --separator '|' -o unmangled_name,mangled_name,mangled_uuid,minor 2>/dev/null | grep mpath- > "$out.dm"
	cp /run/monitor "$out.cookies"
	while IFS='|' read -r _ _ uuid _; do maps="$maps --map ${uuid#mpath-}"; done < "$out.dm"
	if [ -n "$maps" ]; then
		mpath-snapshot create $maps -o /run/snapshot > "$out.create" 2>&1
		echo "exit $?" >> "$out.create"
		[ ! -e /run/snapshot ] || mpath-boot plan --snapshot /run/snapshot > "$out.plan" 2>&1
	fi
	for file in /etc/multipath.conf /etc/multipath/conf.d/* /etc/multipath/bindings /etc/multipath/wwids; do
		[ ! -e "$file" ] || { echo "### $file"; cat "$file"; } >> "$out.etc"
	done
	# one of those without a map, another one each time
	for wwid in $luns; do
		grep -q "|mpath-$wwid|" "$out.dm" || { n=$((n + 1)); left="$left $wwid"; }
	done
	if [ $n -gt 0 ]; then
		case_number=$((case_number + 1))
		wwid=$(echo $left | cut -d' ' -f$((case_number % n + 1)))
		if by_hand "$wwid"; then
			mpath-snapshot create --map "$wwid" -o /run/refused > /run/refused.log 2>&1
			{ echo "map $wwid exit $?"; cat /run/refused.log; } > "$out.refused"
		fi
	fi
	dmsetup remove_all --noudevsync --force > /dev/null 2>&1
}
set +e
for dir in "$set"/*/; do dir=${dir%/}; one_case "${dir##*/}"; done
ok "all configurations ran"

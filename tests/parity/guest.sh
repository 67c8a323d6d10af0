# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
#
# Inside the guest: for each configuration of a set, what multipath makes of it and what mpath-snapshot and mpath-boot would make,
# side by side in /run/out/NNN.*; compare.py on the host compares them. There is no udevd meanwhile: its database is
# complete, and waiting for it would take nine tenths of the time. What multipath tells udev is seen in the kernel's uevents.

set=/run/build/parity/$parity_set

. /run/src/tests/parity/devices.sh

make_disks
start_udev
stop_udev
wait_until 5 test ! -e /run/udev/queue
rm -f /run/udev/control	# so libdevmapper does not wait for it
set_states
name_luns

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
	rm -f /run/snapshot
	put_case "$1"
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

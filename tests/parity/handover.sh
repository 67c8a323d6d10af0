# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
#
# Inside the guest: for each configuration of a set, the guard makes the maps of a snapshot, and the installed multipathd takes them over. It must
# change nothing, unless mpath-snapshot has said that it would: then it must. Where it has said that a checker fits no disk of a map, and multipathd calls
# all its paths down, the guard must stay.

set=/run/build/parity/$parity_set
snapshot=/etc/mpath-boot/snapshot

. /run/src/tests/parity/devices.sh

same=0 different=0
differs() { say "DIFFERENT: $*"; what=different; }

guard_left() { [ "$(sed -n 's/^\t*phase "\(.*\)"$/\1/p' /run/mpath-boot/state | head -n 1)" = "handed over" ]; }
guard_decided() { guard_left || grep -q "staying on guard" /run/mpath-boot/log; }
# Maps that multipathd fails all paths of, and that are in use all the same; what is in use comes and goes by both.
without_paths() {
	local name

	[ $# -gt 0 ] || return 1
	for name; do
		multipathd show maps raw format '%N:%n' | grep -q "^0:$name *\$" || return 1
		wait_until 10 in_use "$name" || return 1
		say "$name: no path for multipathd, the guard stays"
	done
}
in_use() { [ "$(map_active "$1")" -gt 0 ]; }
names() { dmsetup info -c --noheadings --separator '|' -o name,uuid 2>/dev/null | grep '|mpath-' | sort; }	# no partitions: their rules are ours
tables() { dmsetup table | sed 's/ *$//' | sort; }

remove_maps() {
	udevadm settle --timeout=60
	dmsetup ls | grep -v '^No' | cut -f1 | sort -r | while read -r name; do dmsetup remove --noudevsync --retry "$name"; done 2> /dev/null
	dmsetup remove_all --force > /dev/null 2>&1
	rm -f /run/udev/data/b254:* /run/udev/data/b253:*	# a number that is used again is another map
}

one_case() {
	local maps='' uuid before after loads name node warned reloads='' unfit what=same
	put_case "$1"
	rm -rf /run/mpath-boot $snapshot
	multipath -v1 > /run/out/$1.multipath 2>&1
	udevadm settle --timeout=60
	for uuid in $(names | sed -n 's/.*|mpath-//p'); do maps="$maps --map $uuid"; done
	[ -n "$maps" ] || { say "$1: no maps"; return; }
	mpath-snapshot create $maps -o $snapshot > /run/out/$1.create 2>&1 || { differs "$1: no snapshot"; cat /run/out/$1.create; return; }
	before=$(names)
	remove_maps
	mpath-boot guard --daemon
	mpath-boot wait --timeout 60 || differs "$1: the guard makes no map"
	udevadm settle --timeout=60
	after=$(names)
	[ "$before" = "$after" ] || differs "$1: names: $before; ours: $after"
	before=$(tables)
	multipathd -d -s -v3 > /run/out/$1.multipathd 2>&1 &
	wait_until 40 multipathd_idle || differs "$1: multipathd does not get ready"
	wait_until 60 guard_decided || differs "$1: the guard neither leaves nor says why it stays"
	unfit=$(sed -n 's/.* \([^ ]*\): path_checker .* does not fit any of its disks.*/\1/p' /run/out/$1.create)
	if ! guard_left; then
		without_paths $unfit || differs "$1: the guard stays"
		reloads=yes
		kill "$(cat /run/mpath-boot/pid)"
		wait_until 10 sh -c '! pidof mpath-boot > /dev/null'
	fi
	for uuid in $(sed -n 's/^\twwid "\(.*\)" #.*/\1/p' $snapshot); do
		name=$(dmsetup info -c --noheadings -o unmangled_name -u "mpath-$uuid") node=$(dmsetup info -c --noheadings -o blkdevname -u "mpath-$uuid")
		loads=$(map_json "$node" map_loads)
		warned=
		! grep -F "$name: " /run/out/$1.create | grep -q "multipathd reloads this map at each of its starts" || warned=yes reloads=yes
		case ${loads:-none},$warned in
		0, | [1-9]*,yes) ;;
		*,yes) differs "$1: $name is said to be reloaded, but has $loads loads" ;;
		*) differs "$1: $name has ${loads:-no} loads, and no warning" ;;
		esac
		say "$1: $name: $loads loads, warning: ${warned:-no}"
	done
	case $reloads in
	'') after=$(tables); [ "$before" = "$after" ] || differs "$1: tables: $before; later: $after" ;;
	esac
	multipathd shutdown > /dev/null
	wait_until 10 sh -c '! pidof multipathd > /dev/null'
	remove_maps
	[ $what = same ] && same=$((same + 1)) || different=$((different + 1))
}

start_udev ours
make_disks
udevadm settle --timeout=120
name_luns
set_states
mkdir -p /etc/mpath-boot
set +e
number=0
for dir in "$set"/*/; do
	dir=${dir%/}
	[ $((number % parity_every)) -ne 0 ] || one_case "${dir##*/}"
	number=$((number + 1))
done
say "handover: $same same, $different different"
[ $different -eq 0 ] && [ $same -gt 0 ] && ok "each map is handed over as mpath-snapshot said"

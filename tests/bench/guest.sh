# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# One guest of the benchmark: $bench_luns LUNs with $bench_paths paths each, each path of a LUN on a host of its own; see run. What is measured goes
# to the console as lines "bench ROW VARIANT WHO KEY=VALUE...". The two sides take turns, on the same devices, within the same minutes.
#
#   host 0   host 1   …            rows: make, claim, dead, hung, alone, beside, guard, events, boot, handover ($bench_rows)
#    │ │ │    │ │ │
#    0 1 2 …  0 1 2 …   LUNs       root's is the last one, for mpath-boot and for multipath

. /run/src/tests/vm/uml/guest/boot.sh
set +e
meter=/run/build/meter
limit=${bench_limit:-60}	# seconds, of a run of the distribution's
runs=${bench_runs:-7}

note() { say "bench $*"; }

# ---- devices

set_up() {
	local disk wwid devno lun
	modprobe -a dm_multipath dm_service_time sd_mod crc_t10dif sg
	if [ -n "$bench_udev" ]; then
		cp -a /lib/udev/rules.d /run/rules.stock
		start_udev ours	# they keep the first path of a LUN from blkid; its properties are the same with both
		cp -a /lib/udev/rules.d /run/rules.ours
	fi
	modprobe scsi_debug vpd_use_hostno=0 add_host="$bench_paths" num_tgts=1 max_luns="$bench_luns" virtual_gb=1 fake_rw=1 dev_size_mb=8 delay=0 \
		max_queue=2
	pause=1 wait_until 400 all_disks || fail "no $((bench_luns * bench_paths)) disks"
	[ -z "$bench_udev" ] || udevadm settle --timeout=300
	mkdir -p /run/udev/data /etc/multipath
	wwids=
	for disk in /sys/block/sd*; do
		disk=${disk##*/}
		read -r devno < "/sys/block/$disk/dev"
		wwid_of "$disk"
		# what udevd leaves; with a udevd of a thousand disks the guest would do nothing else for twenty minutes
		[ -n "$bench_udev" ] || printf 'I:1\nE:ID_SERIAL=%s\nE:ID_WWN=0x%s\nE:ID_BUS=scsi\nE:ID_SCSI=1\nV:1\n' "$wwid" "${wwid#3}" > "/run/udev/data/b$devno"
		case $wwids in
		*" $wwid"*) ;;
		*) wwids="$wwids $wwid" ;;
		esac
	done
	# shellcheck disable=SC2086
	set -- $wwids
	[ $# -eq "$bench_luns" ] || fail "$# LUNs instead of $bench_luns"
	while [ $# -gt 1 ]; do shift; done
	root=$1
	for disk in /sys/block/sd*; do
		disk=${disk##*/}
		wwid_of "$disk"
		if [ "$wwid" = "$root" ]; then root_disks="$root_disks $disk"; else foreign=$disk; fi
	done
	snapshot=/run/all
	snapshot_begin
	for wwid in $wwids; do snapshot_lun "$wwid"; done
	snapshot_end
	snapshot=/run/root
	snapshot_begin
	snapshot_lun "$root"
	snapshot_end
	for wwid in $wwids; do echo "/$wwid/"; done > /etc/multipath/wwids
	printf 'defaults {\n\tfind_multipaths strict\n}\n' > /run/all.conf
	printf 'defaults {\n\tfind_multipaths smart\n}\n' > /run/smart.conf
	printf 'defaults {\n\tfind_multipaths strict\n}\nblacklist {\n\twwid ".*"\n}\nblacklist_exceptions {\n\twwid "%s"\n}\n' "$root" > /run/root.conf
	[ -z "$bench_udev" ] || cp /run/all /etc/mpath-boot/snapshot	# claim asks it
	note "size $(uptime) luns=$bench_luns paths=$bench_paths snapshot_bytes=$(stat -c %s /run/all)"
}
# wwid_of DISK: sets $wwid, without a process of its own where thousands are asked. With a udevd, and so sg3-utils' rules, it is made of the T10 designator
wwid_of() {
	if [ -n "$bench_udev" ]; then
		wwid=$(sed -n 's/^E:ID_SERIAL=//p' "/run/udev/data/b$(cat "/sys/block/$1/dev")")
	else
		read -r wwid < "/sys/block/$1/device/wwid"
		wwid=3${wwid#naa.}
	fi
}
snapshot_lun() {
	# what multipathd detects on its own
	set -- "$1" 'hardware_handler "1 alua"' 'prio "alua"'
	case $1 in
	1*) snapshot_map "$1" "$1" "$bench_paths" "$2" "$3" "designator \"naa.33333330$(printf %08x "${1##*_}")\"" ;;
	*) snapshot_map "$1" "$1" "$bench_paths" "$2" "$3" ;;
	esac
}
# rules ours | stock: of the initramfs, or of the real root. As at the end of an initramfs: its udevd goes, and the next one asks for all devices. (One
# that finds its rules gone while it has an event in hand leaves an empty record of the device, and multipathd then reloads that map.)
rules() {
	[ -n "$bench_udev" ] || return 0
	stop_udev
	wait_until 20 no_udev || note "error: udevd stays"
	rm -rf /lib/udev/rules.d
	cp -a "/run/rules.$1" /lib/udev/rules.d
	/lib/systemd/systemd-udevd --daemon
	udevadm trigger --action=add --subsystem-match=block
	udevadm settle --timeout=300
}
no_udev() { ! pidof systemd-udevd > /dev/null; }
all_disks() {
	# shellcheck disable=SC2046
	set -- $(ls /sys/block)
	[ $# -ge $((bench_luns * bench_paths)) ]
}

# clean: no map, no daemon, all paths well
clean() {
	local pid
	[ ! -s /run/mpath-boot/pid ] || guard_kill 2> /dev/null
	if [ -s /run/multipathd.pid ]; then
		read -r pid < /run/multipathd.pid
		kill -KILL "$pid" 2> /dev/null
		wait_until 1 gone "$pid"	# not if it hangs in the kernel
	fi
	rm -rf /run/multipathd.pid /run/mpath-boot
	[ -z "$bench_udev" ] || udevadm settle --timeout=300
	within 20 dmsetup remove_all
	[ -n "$bench_udev" ] && udevadm settle --timeout=300
	(cd /dev/mapper && ls | grep -vx control | xargs -r rm -f)
	[ -z "$(dmsetup ls 2>&1 | grep -v 'No devices')" ] || note "error: maps are left"
}

conf() { cp "/run/$1.conf" /etc/multipath.conf; }

# ---- rows

# Each: VARIANT MAPS ROW. From the start of the program, with all devices there, until all maps are live.
ours_guard() {
	local maps=$2 out
	clean
	out=$($meter -t "$limit" -m "$maps" $mpath_boot guard --snapshot "/run/$1" 2> /dev/null)
	note "$3 $1 guard $out"
}
ours_assemble() {
	clean
	note "$3 $1 assemble $($meter -t "$limit" $mpath_boot assemble --snapshot "/run/$1" --timeout "$limit" 2> /dev/null) made=$(dmsetup ls 2> /dev/null | grep -c :)"
}
stock_multipath() {
	clean
	conf "$1"
	note "$3 $1 multipath $($meter -t "$limit" multipath -v0 2> /dev/null) made=$(dmsetup ls 2> /dev/null | grep -c :)"
}
stock_multipathd() {
	local start end maps=$2
	clean
	conf "$1"
	start=$(now)
	end=$((start + limit * 1000000))
	within 20 multipathd -v0 2> /dev/null
	until [ "$(timeout 5 multipathd show maps raw format %w 2> /dev/null | grep -c ^3)" = "$maps" ]; do
		[ "$(now)" -lt $end ] || { note "$3 $1 multipathd wall_us=$(($(now) - start)) exit=timeout"; return 0; }
		nap 0.005
	done
	note "$3 $1 multipathd wall_us=$(($(now) - start)) exit=0"
}

# What took longer than $bench_patience is run $bench_slow_runs times (once), and what did not end within the limit never again.
slow=
turns() {	# turns ROW [guard-only]
	local n=$runs row=$1 variant maps
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		for variant in root all; do
			if [ $variant = root ]; then maps=1; else maps=$bench_luns; fi
			[ "$variant" = root ] || [ "$bench_luns" -gt 1 ] || continue
			[ "$variant" = root ] || [ "$row" = make ] || continue
			ours_guard $variant "$maps" "$row"
			[ "$row" != make ] || ours_assemble $variant "$maps" "$row"
			stock $variant "$maps" "$row" multipath
			stock $variant "$maps" "$row" multipathd
		done
	done
}
late=
stock() {
	local start took key="$3-$1-$4" n=0 known
	for known in $slow; do [ "$known" != "$key" ] || n=$((n + 1)); done
	[ $n -lt "${bench_slow_runs:-1}" ] || return 0
	case " $late " in *" $key "*) return ;; esac
	start=$(now)
	"stock_$4" "$1" "$2" "$3"
	took=$((($(now) - start) / 1000000))
	[ $took -lt "${bench_patience:-20}" ] || slow="$slow $key"
	[ $took -lt "$limit" ] || late="$late $key"
}

row_make() { turns make; }

# with udevd and its rules at work, until root may be mounted: udev is through with the map
row_boot() {
	local n=$runs
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		rules ours
		clean
		note "boot all guard $($meter -t "$limit" sh -c "$mpath_boot guard --daemon --snapshot /run/all && $mpath_boot wait --timeout $limit" 2> /dev/null)"
		rules stock
		clean
		conf all
		note "boot all multipath $($meter -t "$limit" multipath -v0 2> /dev/null)"
	done
}

# udev calls it for each disk, with what its rules know so far in the environment. multipath -u says "no" to all where no multipathd runs: one does, and
# has no path.
row_claim() {
	local n=$runs disk=${root_disks##* } variant
	clean
	printf 'blacklist {\n\tdevnode ".*"\n}\n' > /etc/multipath.conf
	multipathd -v0 2> /dev/null
	wait_until 60 multipathd_idle || note "error: multipathd is not ready"
	conf all
	export ID_SERIAL="$root" ID_WWN="0x${root#3}" DEVTYPE=disk
	multipath -u "/dev/$disk" 2> /dev/null | grep -q PATH=.1 || note "error: multipath -u does not want $disk"
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		for variant in root all; do
			note "claim ours claim-$variant $($meter $mpath_boot claim --snapshot /run/$variant "$disk" 2> /dev/null)"
			[ -z "$foreign" ] || note "claim foreign claim-$variant $($meter $mpath_boot claim --snapshot /run/$variant "$foreign" 2> /dev/null)"
		done
		note "claim ours multipath-u $($meter multipath -u "/dev/$disk" 2> /dev/null)"
	done
	for variant in root all; do
		note "claim ours claim-$variant $($meter -c $mpath_boot claim --snapshot /run/$variant "$disk" 2> /dev/null)"
		[ -z "$foreign" ] || note "claim foreign claim-$variant $($meter -c $mpath_boot claim --snapshot /run/$variant "$foreign" 2> /dev/null)"
	done
	note "claim ours multipath-u $($meter -c multipath -u "/dev/$disk" 2> /dev/null)"
	claim_smart "$disk"
	unset ID_SERIAL ID_WWN DEVTYPE
}
# A LUN that is in no wwids file: it looks whether another disk is the same one. Three times; where that takes long, once and uncounted.
claim_smart() {
	local n=3 start
	conf smart
	mv /etc/multipath/wwids /run/wwids
	while [ $n -gt 0 ]; do
		n=$((n - 1))
		start=$(now)
		note "claim ours multipath-u-smart $($meter -t "$limit" multipath -u "/dev/$1" 2> /dev/null)"
		[ $(($(now) - start)) -lt $((${bench_patience:-20} * 1000000)) ] || break
	done
	[ $n -gt 0 ] || note "claim ours multipath-u-smart $($meter -c multipath -u "/dev/$1" 2> /dev/null)"
	mv /run/wwids /etc/multipath/wwids
}

# the first path of each map fails its commands
row_dead() {
	local disk
	for disk in $(disks_of_host 0); do path_offline "$disk"; done
	turns dead
	for disk in $(disks_of_host 0); do path_running "$disk"; done
}
# hosts 0..N-1 hang, with all that is behind them
row_hung() {
	hang 1
	turns hung
	unhang 1
}
row_alone() {
	[ "$bench_paths" -gt 2 ] || return 0
	hang $((bench_paths - 1))
	turns alone
	unhang $((bench_paths - 1))
}
# the guard alone, in turns with all paths well, with one of each map that hangs, and with all but one
row_beside() {
	local n=$runs variant hosts
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		for variant in healthy:0 hung:1 alone:$((bench_paths - 1)); do
			hosts=${variant#*:}
			[ "$variant" != alone:1 ] || continue
			hang "$hosts"
			clean
			note "beside ${variant%:*} guard $($meter -t "$limit" -m 1 $mpath_boot guard --snapshot /run/root 2> /dev/null)"
			unhang "$hosts"
		done
	done
}
disks_of_host() { (cd /sys/class/scsi_disk && for d in *; do [ "${d%%:*}" != "$1" ] || ls "$d/device/block"; done); }
hang() { local n=0; while [ $n -lt "$1" ]; do echo recovery > /sys/class/scsi_host/host$n/state; n=$((n + 1)); done; }
unhang() {
	local n=0 disk
	while [ $n -lt "$1" ]; do
		echo running > /sys/class/scsi_host/host$n/state
		for disk in $(disks_of_host $n); do
			sg_reset "/dev/$(ls "/sys/block/$disk/device/scsi_generic")" > /dev/null 2>&1
			break	# one wakes all who wait for the host
		done
		n=$((n + 1))
	done
	nap 0.5
}

# What a daemon costs while nothing happens. Its threads may live for one check only, so: its processor time is the process's clock, which keeps
# theirs; its wake-ups are those of the threads that live and one for each that was started. Nothing else starts any.
switches_of() { cat /proc/$1/task/*/status | sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' | { n=0; while read -r k; do n=$((n + k)); done; echo $n; }; }
guest_stat() { sed -n "s/^$1 //p" /proc/stat; }
memory_of() { sed -n 's/^\(VmRSS\|VmHWM\|VmLck\|Threads\):[^0-9]*\([0-9]*\).*/\1=\2/p' "/proc/$1/status" | xargs; }
idle() {
	local pid=$1 who=$2 cpu switches start took started all own
	nap "${bench_settle:-40}"
	own=$(guest_stat processes)
	own=$(($(guest_stat processes) - own))	# what asking takes
	cpu=$($meter -C "$pid")
	switches=$(switches_of "$pid")
	all=$(guest_stat ctxt)
	started=$(guest_stat processes)
	start=$(now)
	nap "${bench_idle:-60}"
	took=$(($(now) - start))
	started=$(($(guest_stat processes) - started - own))
	all=$(($(guest_stat ctxt) - all))
	switches=$(($(switches_of "$pid") - switches))
	cpu=$(($($meter -C "$pid") - cpu))
	per_minute() { echo $(($1 * 60000 / (took / 1000))); }
	note "guard idle $who cpu_us=$(per_minute $cpu) wakeups=$(per_minute $((switches + started))) threads_started=$(per_minute $started) guest_switches=$(per_minute $all) $(memory_of "$pid")"
}
our_guard() {
	clean
	$mpath_boot guard --daemon --snapshot "/run/$1" > /dev/null 2>&1
	wait_until "$limit" have_maps "$2" || note "error: no maps"
	read -r guard < /run/mpath-boot/pid
}
stock_guard() {
	clean
	conf all
	multipathd -v0 2> /dev/null
	wait_until 300 have_maps "$1" || note "error: no maps"
	wait_until 300 multipathd_idle || note "error: multipathd is not ready"
	read -r guard < /run/multipathd.pid
}
have_maps() { [ "$(dmsetup ls 2> /dev/null | grep -c :)" = "$1" ]; }
row_guard() {
	local n=${bench_guards:-1}
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		our_guard all "$bench_luns"
		idle "$guard" ours
		stock_guard "$bench_luns"
		idle "$guard" multipathd
	done
}

# active N: that many paths of root's map work. Without forks it would be cheaper, and dmsetup is what there is.
active() { [ "$(map_active "$root")" = "$1" ]; }
events() {	# WHO: a path fails: until the map knows; it answers again: until it is used. Each time with a daemon that has just come: to one that
	# knows it for long a path that fails again and again is a flapping one, which has to wait
	local n=$runs disk=${root_disks##* } start
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		if [ "$1" = ours ]; then our_guard root 1; else stock_guard "$bench_luns"; fi
		wait_until 20 active "$bench_paths" || note "error: not all paths are active"
		nap "1.$((n * 3 % 10))"	# not always at the same moment of its rhythm
		start=$(now)
		path_offline "$disk"
		wait_until 60 active $((bench_paths - 1)) || note "error: not failed"
		note "events failed $1 wall_us=$(($(now) - start)) exit=0"
		nap "1.$((n * 7 % 10))"
		start=$(now)
		path_running "$disk"
		wait_until 60 active "$bench_paths" || note "error: not reinstated"
		note "events reinstated $1 wall_us=$(($(now) - start)) exit=0"
	done
}
row_events() {
	events ours
	events multipathd
}

# the daemon of the initramfs goes or hands over, the one of the real root comes
row_handover() {
	local n=$runs pid start gone ready left
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		rules ours
		our_guard all "$bench_luns"
		$mpath_boot wait --timeout 60 2> /dev/null
		rules stock
		conf all
		start=$(now)
		multipathd -v0 2> /dev/null
		# had the guard left before multipathd was ready, nobody would have watched in between
		gone=
		until multipathd_idle; do
			[ -n "$gone" ] || [ -d "/proc/$guard" ] || gone=$(now)
			[ "$(now)" -lt $((start + 120000000)) ] || break
		done
		ready=$(now)
		pid=$guard
		left=no
		wait_until 20 gone "$pid" && left=yes
		note "handover ours gap unwatched_us=$((ready - ${gone:-$ready})) left=$left $(changes)"

		stock_guard "$bench_luns"
		[ -z "$bench_udev" ] || udevadm settle --timeout=300
		start=$(now)
		kill -TERM "$guard"
		while [ -d "/proc/$guard" ]; do nap 0.005; done
		gone=$(now)
		multipathd -v0 2> /dev/null
		wait_until 120 multipathd_idle
		note "handover multipathd gap unwatched_us=$(($(now) - start)) left=yes $(changes)"
	done
}
changes() {
	multipathd show maps json 2> /dev/null | sed -n 's/.*"\(map_loads\|switch_grp\)" *: *\([0-9]*\).*/\1 \2/p' |
		{ l=0; s=0; while read -r k v; do if [ "$k" = map_loads ]; then l=$((l + v)); else s=$((s + v)); fi; done; echo "reloads=$l switch_groups=$s"; }
}

set_up
for row in $(echo "${bench_rows:-make,claim}" | tr , ' '); do
	note "start $row $(uptime)"
	"row_$row"
done
clean
note "end $(uptime)"
ok "measured"

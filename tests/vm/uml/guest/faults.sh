# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# A fault injector for scenarios whose paths are those of lio_path. Faults are lines of $plan/faults:
#
#   PHASE ACTION TARGET DELAY LENGTH
#
# The scenario calls "at PHASE" when it comes there; DELAY hundredths of a second later the action is done, and LENGTH hundredths after that it is undone.
# TARGET is the number of a path, or all. A process of its own does it (start_scheduler), with its own view of the file systems and nothing of root in it: no
# hang of the boot's may keep it from mending. Its loops start no processes: those are what a boot costs here.
#
#   offline            cut: the kernel fails its commands, and knows why
#   fail               its commands fail, though the kernel calls it running
#   hang               its commands do not come back
#   slow, delay        they come back late: up to 0.2 s and 1.5 s
#   flap               cut and back again, four times
#   remove             the disk goes, and comes back
#   unavailable        ALUA: its group is unavailable
#   stop-guard, kill-guard, stop-multipathd, kill-multipathd
#   memory             until the kernel kills for it
#   fill               /run has no room for another byte
#   drop               no news of the kernel's or udev's reaches the guard or multipathd; the paths go and come meanwhile

plan=/run/chaos

# draw N: $r is one of 0 … N-1, decided by $seed
draw() { seed=$(((seed * 1103515245 + 12345) & 0x7fffffff)); r=$(((seed >> 8) % $1)); }

phases='before create between reload partition mount pivot switch gap configure standby after'
# Events are short: what is to hit them comes soon.
is_short() { case $1 in create | reload | partition | switch | configure | standby) return 0 ;; *) return 1 ;; esac; }

# draw_fault PATHS: $fault, a line of the plan
draw_fault() {
	local phase action target delay
	local paths=$1
	draw 12
	# shellcheck disable=SC2086
	set -- $phases
	shift $r
	phase=$1
	draw 100
	if [ $r -lt 18 ]; then action=offline
	elif [ $r -lt 28 ]; then action=fail
	elif [ $r -lt 42 ]; then action=hang
	elif [ $r -lt 49 ]; then action=slow
	elif [ $r -lt 55 ]; then action=delay
	elif [ $r -lt 65 ]; then action=remove
	elif [ $r -lt 74 ]; then action=flap
	elif [ $r -lt 78 ]; then action=unavailable
	elif [ $r -lt 82 ]; then action=stop-guard
	elif [ $r -lt 85 ]; then action=kill-guard
	elif [ $r -lt 88 ]; then action=stop-multipathd
	elif [ $r -lt 90 ]; then action=kill-multipathd
	elif [ $r -lt 93 ]; then action=memory
	elif [ $r -lt 97 ]; then action=fill
	else action=drop; fi
	draw 3
	if [ $r = 0 ]; then target=all; else draw "$paths"; target=$((r + 1)); fi
	if is_short $phase; then draw 25; else draw 60; fi
	delay=$r
	draw 550
	fault="$phase $action $target $delay $((r + 50))"
}

# ---- one path

# host N: $host is the N-th path's SCSI host;   disk N: $disk is its disk's name now, "" if it has none
host() { read -r host < "$plan/path$1/host"; }
disk() {
	local block
	host "$1"
	disk=
	for block in /sys/class/scsi_host/"$host"/device/target*/*/block/*; do
		[ ! -e "$block" ] || disk=${block##*/}
	done
}

# know_path N DISK: what lio_path has made
know_path() {
	mkdir -p "$plan/path$1"
	path_host "$2" > "$plan/path$1/host"
	cat "/run/lio/$2" > "$plan/path$1/group"
	echo "$target/loopback/naa.500140500000000$1/tpgt_1" > "$plan/path$1/port"
}

# A host that hangs can neither lose its disk nor find one, and only one whose disk can wake it can be made to hang: a removal in a hang has no end in the kernel.
runs() { local state; read -r state < "/sys/class/scsi_host/$host/state"; [ "$state" = running ]; }
has_waker() { [ -n "$disk" ] && [ -e "/sys/block/$disk/device/scsi_generic" ]; }
wake() {	# whoever waits for a host
	disk "$1"
	! has_waker || sg_reset /dev/"$(ls "/sys/block/$disk/device/scsi_generic")" > /dev/null 2>&1
}

act() {	# act do|undo ACTION PATH
	local port group
	read -r port < "$plan/path$3/port"
	read -r group < "$plan/path$3/group"
	disk "$3"
	case $1-$2 in
	do-offline) [ -z "$disk" ] || path_offline "$disk" ;;
	undo-offline) [ -z "$disk" ] || path_running "$disk" ;;
	do-fail) echo offline > "$port/transport_status" ;;
	undo-fail) echo online > "$port/transport_status" ;;
	do-hang) ! has_waker || echo recovery > "/sys/class/scsi_host/$host/state" ;;
	undo-hang) echo running > "/sys/class/scsi_host/$host/state"; wake "$3" ;;
	do-remove) [ -z "$disk" ] || ! runs || path_remove "$disk" ;;
	undo-remove) [ -n "$disk" ] || path_rescan "$host" ;;
	do-unavailable) echo 3 > "$group/alua_access_state" ;;
	undo-unavailable) echo 0 > "$group/alua_access_state" ;;
	esac
}

# each do|undo ACTION TARGET
each() {
	local n=1
	while [ -e "$plan/path$n" ]; do
		case $3 in all | "$n") act "$1" "$2" $n ;; esac
		n=$((n + 1))
	done
}

# late SECONDS TARGET FILE: while FILE is there
late() {
	while [ -e "$3" ]; do
		each do hang "$2"; nap "$1"
		each undo hang "$2"; nap 0.15
	done
}

# ---- processes and the machine

# daemon guard|multipathd: $pid, "" if there is none
daemon() {
	local file=/run/multipathd.pid name
	[ "$1" != guard ] || file=/run/mpath-boot/pid
	pid=
	{ read -r pid < $file && read -r name < "/proc/$pid/comm"; } 2> /dev/null || return 0
	case $name in mpath-boot | multipathd) ;; *) pid= ;; esac
}
signal() {	# signal SIGNAL guard|multipathd
	daemon "$2"
	[ -n "$pid" ] || return 0
	kill "-$1" "$pid"
	: > "$plan/$1-$2"
}
deafen() {	# deafen on|off
	daemon guard
	set -- "$1" $pid
	daemon multipathd
	/run/build/deafen "$@" $pid > /dev/null || :
	: > $plan/deafened
}

# What is left is not enough for those that come then, and they are the ones to go. Pages of a tmpfs cost less to make than pages of a process.
exhaust() {
	local word free
	echo 1 > /proc/sys/vm/overcommit_memory
	while read -r word free _; do [ "$word" != MemAvailable: ] || break; done < /proc/meminfo
	dd if=/dev/zero of=$plan/memory/file bs=1M count=$((free / 1024 - 30)) 2> /dev/null || :
	while [ -e "$1" ]; do
		{ echo 1000 > /proc/self/oom_score_adj; exec dd if=/dev/zero of=/dev/null bs=100M count=1; } > /dev/null 2>&1 || :
		nap 0.3
	done
	rm $plan/memory/file
}

# room SIZE: of /run. Asked for in the namespace of process 1: switch_root removes the places where ours has its file systems, and with them the right to change those.
room() { nsenter -t 1 -m -r mount -t tmpfs -o "remount,size=$1" tmpfs /run; }
fill() {
	local n=0
	echo > /run/.fill	# a size of 0 would be none
	while [ $n -lt 20 ]; do
		# shellcheck disable=SC2046
		set -- $(stat -f -c '%b %f %S' /run)
		! room $((($1 - $2) * $3 / 1024))k 2> /dev/null || break	# somebody has just written
		n=$((n + 1))
	done
}

# inject do|undo ACTION TARGET ID
inject() {
	local n=0 going=$plan/going.$4
	[ "$1" = undo ] || : > "$going"
	case $1-$2 in
	do-slow) late 0.2 "$3" "$going" ;;
	do-delay) late 1.5 "$3" "$going" ;;
	undo-slow | undo-delay) ;;
	undo-memory) rm -f $plan/memory/file ;;	# whoever should have may have been killed
	do-flap) while [ $n -lt 4 ]; do each do offline "$3"; nap 0.4; each undo offline "$3"; nap 0.3; n=$((n + 1)); done ;;
	undo-flap) ;;
	do-stop-guard) signal STOP guard ;;
	undo-stop-guard) signal CONT guard ;;
	do-kill-guard) signal KILL guard ;;
	do-stop-multipathd) signal STOP multipathd ;;
	undo-stop-multipathd) signal CONT multipathd ;;
	do-kill-multipathd) signal KILL multipathd ;;
	undo-kill-*) ;;
	do-memory) exhaust "$going" ;;
	do-fill) fill ;;
	undo-fill) room 50% ;;
	do-drop) deafen on; each do remove "$3" ;;
	undo-drop) each undo remove "$3"; nap 0.3; deafen off ;;
	*) each "$1" "$2" "$3" ;;
	esac
	[ "$1" = do ] || rm -f "$going"
}

# ---- when

# cs: $cs is hundredths of a second since the kernel's start, never with a leading zero (that would be octal)
cs() {
	read -r cs _ < /proc/uptime
	cs=${cs%.*}${cs#*.}
	while [ "${cs#0}" != "$cs" ]; do cs=${cs#0}; done
}
# at PHASE: its faults are due from now on
at() {
	local phase action target delay length n=0
	cs
	say "phase $1"
	while read -r phase action target delay length; do
		n=$((n + 1))
		[ "$phase" = "$1" ] || continue
		echo "do $action $target $n" > "$plan/due/$((cs + delay)).$n"
		echo "undo $action $target $n" > "$plan/due/$((cs + delay + length)).$n"
	done < $plan/faults
}
# All is done and undone
quiet() { set -- $plan/due/* $plan/going.*; [ ! -e "$1" ] && [ ! -e "$2" ]; }

prepare_faults() {
	mkdir -p $plan /run/lio
	# file systems of their own: /run may be filled
	mount -t tmpfs tmpfs $plan
	mount -t tmpfs tmpfs /run/lio
	mkdir -p $plan/due $plan/memory
	mount -t tmpfs -o size=1g tmpfs $plan/memory
	: > $plan/faults
}

# start_scheduler SCENARIO SECONDS: the scenario's file is read again, with stage=scheduler, in which it calls schedule. A boot that is not over then is a hang.
start_scheduler() {
	unshare -m --propagation private sh -c '
		base=/run/base/root
		for dir in dev proc sys run; do mount --rbind /$dir $base/$dir; done
		mount -t tmpfs tmpfs $base/tmp
		stage=scheduler exec chroot $base /bin/sh -c ". /run/src/tests/vm/uml/guest/lib.sh; . $0; schedule $1"' "$1" "$2" &
}
schedule() {
	local file what end=$(($1 * 100))
	while :; do
		cs
		[ "$cs" -lt $end ] || { say "verdict: HANG not over after $1 s"; echo fail > /run/out/result; poweroff -f -n; }
		for file in $plan/due/*; do
			[ -e "$file" ] || break
			what=${file##*/}
			[ "${what%.*}" -le "$cs" ] || continue
			read -r what < "$file"
			rm "$file"
			echo "chaos: $what" > /dev/kmsg
			# shellcheck disable=SC2086
			inject $what &
		done
		nap 0.05
	done
}

# heal: whatever is still broken is not
heal() {
	local n=1 state
	while [ -e $plan/path$n ]; do
		host $n
		runs || act undo hang $n
		act undo fail $n; act undo unavailable $n
		disk $n
		if [ -z "$disk" ]; then
			act undo remove $n
		else
			read -r state < "/sys/block/$disk/device/state"
			[ "$state" = running ] || act undo offline $n
			# the kernel asked for the capacity while that failed, and does not ask again by itself
			read -r state < "/sys/block/$disk/size"
			[ "$state" != 0 ] || echo 1 > "/sys/block/$disk/device/rescan"
		fi
		n=$((n + 1))
	done
}

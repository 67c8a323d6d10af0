# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
#
# One boot with faults, all of them decided by $chaos_seed: how many paths, which options, what breaks when and for how long. $chaos_stack is "ours" or "stock":
# the same faults on a machine with Debian's multipath-tools-boot (one run of multipath in the initramfs, multipathd in the real root). Run by tests/vm/chaos.
#
#   sda … sdd ── 2 to 4 hosts of LIO, target port groups ── fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#
# Faults have a phase at which they begin (plus a random delay), an action, a target, and an end. Nothing is wrong for ever: at the end of the boot every path has to
# be back in use, every write of the root done, and no error seen by its file system.

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial
plan=/run/chaos

# draw N: $r is one of 0 … N-1
draw() { seed=$(((seed * 1103515245 + 12345) & 0x7fffffff)); r=$(((seed >> 8) % $1)); }

phases='before create between mount pivot gap configure after'
decide() {
	local n i phase action target delay length
	seed=$((chaos_seed * 7919 + 17))
	draw 1; draw 3; paths=$((r + 2))
	draw 3; case $r in 0) retry=12 ;; *) retry=queue ;; esac
	draw 2; case $r in 0) checker=tur ;; *) checker=directio ;; esac
	draw 2; alua=$r
	draw 4; gap=$((r + 1))
	draw 3; n=$((r + 1))
	i=0
	while [ $i -lt $n ]; do
		draw 8; phase=$(echo $phases | cut -d' ' -f$((r + 1)))
		draw 100
		if [ $r -lt 30 ]; then action=offline
		elif [ $r -lt 50 ]; then action=hang
		elif [ $r -lt 62 ]; then action=remove
		elif [ $r -lt 74 ]; then action=flap
		elif [ $r -lt 82 ]; then action=stop
		elif [ $r -lt 86 ]; then action=kill
		elif [ $r -lt 91 ]; then action=memory
		elif [ $r -lt 95 ]; then action=fill
		else action=unavailable; fi
		draw 3
		if [ $r = 0 ]; then target=all; else draw $paths; target=$((r + 1)); fi
		draw 60; delay=$r
		draw 550; length=$((r + 50))
		echo "$phase $action $target $delay $length" >> $plan/faults
		i=$((i + 1))
	done
}

# host N: the N-th path's SCSI host;   disk N: its disk's name now, if it has one
host() { sed -n "$1p" $plan/hosts; }
disk() {
	local block
	for block in /sys/class/scsi_host/"$(host "$1")"/device/target*/*/block/*; do
		[ ! -e "$block" ] || echo "${block##*/}"
	done
}

act() {	# act do|undo ACTION PATH
	local d
	d=$(disk "$3")
	case $1-$2 in
	do-offline) [ -z "$d" ] || path_offline "$d" ;;
	undo-offline) [ -z "$d" ] || path_running "$d" ;;
	do-hang) echo recovery > /sys/class/scsi_host/"$(host "$3")"/state ;;
	undo-hang)
		echo running > /sys/class/scsi_host/"$(host "$3")"/state
		[ -z "$d" ] || sg_reset "/dev/$(ls "/sys/block/$d/device/scsi_generic")" > /dev/null 2>&1 ;;
	do-remove) [ -z "$d" ] || path_remove "$d" ;;
	undo-remove) path_rescan "$(host "$3")" ;;
	do-unavailable) echo 3 > "$(sed -n "$3p" $plan/groups)/alua_access_state" ;;
	undo-unavailable) echo 0 > "$(sed -n "$3p" $plan/groups)/alua_access_state" ;;
	esac
}

daemons() { # the processes that look after the map now
	local pid
	for pid in $(pidof mpath-boot; pidof multipathd); do echo "$pid"; done
}

inject() {	# inject do|undo ACTION TARGET
	local n pid
	case $2 in
	stop) for pid in $(daemons); do case $1 in do) kill -STOP "$pid" ;; undo) kill -CONT "$pid" ;; esac; done ;;
	kill) [ $1 = undo ] || for pid in $(daemons); do kill -KILL "$pid"; echo killed > $plan/killed; done ;;
	memory)
		if [ $1 = do ]; then
			echo 1 > /proc/sys/vm/overcommit_memory
			for n in 1 2; do { echo 1000 > /proc/self/oom_score_adj; exec tail -c 300m /dev/zero; } > /dev/null 2>&1 & done
		else
			for pid in $(pidof tail); do kill -KILL "$pid"; done
		fi ;;
	fill) if [ $1 = do ]; then dd if=/dev/zero of=/run/fill bs=1M count=100 2> /dev/null || :; else rm -f /run/fill; fi ;;
	flap)
		n=0
		[ $1 = undo ] || while [ $n -lt 4 ]; do
			each do offline "$3"; nap 0.4; each undo offline "$3"; nap 0.3; n=$((n + 1))
		done ;;
	*) each "$1" "$2" "$3" ;;
	esac
}
each() {
	local n=1
	while [ $n -le $paths ]; do
		case $3 in all | $n) act "$1" "$2" $n ;; esac
		n=$((n + 1))
	done
}

# cs: hundredths of a second since the kernel's start, never with a leading zero (that would be octal)
cs() { uptime | sed 's/[.]//; s/^0*//'; }
# at PHASE: its faults are due from now on
at() {
	local phase action target delay length now n=0
	now=$(cs)
	say "phase $1"
	while read -r phase action target delay length; do
		n=$((n + 1))
		[ "$phase" = "$1" ] || continue
		echo "do $action $target" > $plan/due/$((now + delay)).$n
		echo "undo $action $target" > $plan/due/$((now + delay + length)).$n
	done < $plan/faults
}

# The one process that breaks and mends. It has its own view of the file systems, with nothing of root in it: no hang of the boot's may keep it from mending.
start_scheduler() {
	unshare -m --propagation private sh -c '
		base=/run/base/root
		for dir in dev proc sys run; do mount --rbind /$dir $base/$dir; done
		mount -t tmpfs tmpfs $base/tmp
		stage=scheduler exec chroot $base /bin/sh -c ". /run/src/tests/vm/uml/guest/lib.sh; . /run/src/tests/vm/chaos.sh"' &
}
scheduler() {
	local file what
	# shellcheck disable=SC1090
	. $plan/vars
	while :; do
		for file in $plan/due/*; do
			[ -e "$file" ] || continue
			what=${file##*/}
			[ "${what%.*}" -le "$(cs)" ] || continue
			read -r what < "$file"
			rm "$file"
			echo "chaos: $what" > /dev/kmsg
			# shellcheck disable=SC2086
			inject $what &
		done
		nap 0.05
	done
}
quiet() { ! ls $plan/due/* > /dev/null 2>&1; }

heal() {
	local n=1
	while [ $n -le $paths ]; do
		act undo hang $n; act undo offline $n; act undo unavailable $n
		[ -n "$(disk $n)" ] || act undo remove $n
		n=$((n + 1))
	done
}

verdict() { say "verdict: $*"; ok verdict; exit 0; }

conf() {
	mkdir -p "$1/etc/multipath"
	printf '/%s/\n' $wwid > "$1/etc/multipath/wwids"
	cat > "$1/etc/multipath.conf" <<-CONF
		defaults {
			polling_interval 2
			max_polling_interval 4
		}
		multipaths {
			multipath {
				wwid $wwid
				alias mpatha
				no_path_retry $retry
				path_grouping_policy group_by_prio
				failback immediate
			}
		}
		overrides {
			path_checker $checker
			detect_checker no
			prio alua
			fast_io_fail_tmo 5
		}
	CONF
}

start_ours() {
	start_udev ours
	at before
	start_guard --initrd
}
start_stock() {
	conf ''
	start_udev
	at before
	modprobe -a dm_multipath dm_service_time
}

ready_or_again() { $mpath_boot wait --timeout 5 2> /dev/null || { start_guard --initrd || :; false; }; }

initrd() {
	mkdir -p $plan/due
	: > $plan/faults
	decide
	say "plan: $paths paths, no_path_retry $retry, $checker, alua $alua, gap $gap s: $(tr '\n' ';' < $plan/faults)"
	modprobe -a sg sd_mod
	root_disk /tmp/root.img
	snapshot_begin
	snapshot_map $wwid mpatha $paths "no_path_retry \"$retry\"" 'hardware_handler "1 alua"' 'prio "alua"' "path_checker \"$checker\"" \
		'path_grouping_policy "group_by_prio"' 'failback "immediate"'
	sed -i 's/polling_interval 5/polling_interval 2/; s/max_polling_interval 20/max_polling_interval 4/' $snapshot
	snapshot_end
	printf 'paths=%s retry=%s checker=%s gap=%s alua=%s\n' $paths $retry $checker $gap $alua > $plan/vars
	"start_$chaos_stack"
	lio_lun lun$serial /tmp/root.img $serial
	start_scheduler
	n=1
	while [ $n -le $paths ]; do
		lio_path lun$serial $([ $alua = 0 ] || [ $((n % 2)) = 1 ] || echo nonoptimized)
		path_host "$disk" >> $plan/hosts
		cat "/run/lio/$disk" >> $plan/groups
		[ $n != 1 ] || at create
		[ $n != 2 ] || at between
		draw 30
		nap "0.$((r + 10))"
		n=$((n + 1))
	done
	if [ "$chaos_stack" = ours ]; then
		# as the image's local-block script: a guard that is gone is started again
		wait_until 40 ready_or_again || verdict "NOBOOT root's map is not ready: $($mpath_boot status 2>&1 | tr '\n' ' ' | cut -c1-200)"
	else
		udevadm settle --timeout=10 || :
		within 40 multipath -v1 || verdict "NOBOOT multipath makes no map"
		wait_until 30 test -e /dev/mapper/mpatha-part1 || verdict "NOBOOT no partition of the map"
	fi
	at mount
	( stop_udev ) || :
	say "map ready"
	mkdir -p /tmp/try
	within 60 mount -t ext4 -o ro /dev/mapper/mpatha-part1 /tmp/try || verdict "NOBOOT root cannot be mounted"
	umount /tmp/try
	at pivot
	say "root mounted"
	switch_root_to /dev/mapper/mpatha-part1
}

writer() {
	local i=0
	while :; do
		i=$((i + 1))
		echo "$i" | dd of=/sysroot/chaos.log oflag=append conv=notrunc,fsync 2> /dev/null || echo "$i" >> $plan/errors
		echo $i > $plan/acked.new && mv $plan/acked.new $plan/acked
		nap 0.05
	done
}

boot_on() {	# what the real root's init does
	for dir in dev proc sys run; do mount --rbind /$dir /sysroot/$dir; done
	conf /sysroot
	start_udev
	nap "$gap"
	echo > $plan/starting
	on_root multipathd
}

all_active() { [ "$(map_active mpatha 2> /dev/null)" = $paths ]; }
flows() { [ "$(cat $plan/acked)" -ge $((acked + 3)) ]; }

root() {
	# shellcheck disable=SC1090
	. $plan/vars
	at gap
	echo 0 > $plan/acked
	writer &
	boot_on &
	wait_until 60 test -e $plan/starting || verdict "HANG the root's init does not come to multipathd"
	at configure
	( wait_until 60 multipathd_idle ) || {
		# systemd starts a multipathd that was killed again
		[ ! -e $plan/killed ] || on_root multipathd &
		( wait_until 30 multipathd_idle ) || verdict "HANG multipathd does not get ready"
	}
	say "multipathd ready"
	at after
	wait_until 30 quiet || :
	nap 0.5
	heal
	say "healed"
	if [ -e $plan/killed ] && ! multipathd_idle; then
		on_root multipathd &
		( wait_until 30 multipathd_idle ) || verdict "HANG multipathd does not start again"
	fi
	acked=$(cat $plan/acked)
	wait_until 40 flows || verdict "HANG writes to root do not go on"
	wait_until 40 all_active || verdict "PATHS $(map_active mpatha) of $paths in use at the end"
	errors=$(dmesg | grep -cE 'EXT4-fs error|Buffer I/O error on dev dm-|Aborting journal|remounting filesystem read-only' || :)
	[ ! -e $plan/errors ] && [ "$errors" = 0 ] || verdict "ERROR $(cat $plan/errors 2> /dev/null | wc -l) failed writes, $errors messages of the file system"
	acked=$(cat $plan/acked)
	head -n "$acked" /sysroot/chaos.log > /run/chaos.log
	n=$(awk '$1 != NR { print NR; exit }' /run/chaos.log)
	[ -z "$n" ] && [ "$(wc -l < /run/chaos.log)" -ge "$acked" ] || verdict "LOST writes that were done are not there (line $n)"
	verdict "ok $acked writes"
}

$stage

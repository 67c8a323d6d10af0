# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
#
# One boot with faults, all of them decided by $chaos_seed: how many paths, which options, what breaks when and for how long. $chaos_stack is "ours" or "stock":
# the same faults on a machine with Debian's multipath-tools-boot (one run of multipath in the initramfs, multipathd in the real root). $chaos_faults, if there are any,
# take the place of the seed's: PHASE:ACTION:TARGET:DELAY:LENGTH, more after a comma. Run by tests/vm/chaos.
#
#   sda … sdd ── 2 to 4 hosts of LIO, target port groups ── fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#
# Nothing is wrong for ever: at the end of the boot every path has to be back in use, every write of the root done, and no error seen by its file system.

. /run/src/tests/vm/uml/guest/boot.sh
. /run/src/tests/vm/uml/guest/faults.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

decide() {
	local n i=0 fault
	seed=$((chaos_seed * 7919 + 17))
	draw 1; draw 3; paths=$((r + 2))
	draw 3; case $r in 0) retry=12 ;; *) retry=queue ;; esac
	draw 2; case $r in 0) checker=tur ;; *) checker=directio ;; esac
	draw 2; alua=$r
	draw 4; gap=$((r + 1))
	draw 3; n=$((r + 1))
	if [ -n "$chaos_faults" ]; then
		echo "$chaos_faults" | tr ':,' ' \n' > $plan/faults
		return
	fi
	while [ $i -lt $n ]; do
		draw_fault $paths
		echo "$fault" >> $plan/faults
		i=$((i + 1))
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

# Rules for what this machine does not have, and sg3-utils' (scsi_id then tells the WWID): each program that a rule runs costs 40 ms of the host's.
few_rules() {
	local rule
	mkdir -p /etc/udev/rules.d
	for rule in 50-firmware 55-scsi-sg3_id 58-scsi-sg3_symlink 60-autosuspend 60-cdrom_id 60-drm 60-evdev 60-fido-id 60-infiniband 60-input-id \
		60-persistent-alsa 60-persistent-input 60-persistent-storage-tape 60-persistent-v4l 60-sensor 60-serial 64-btrfs 70-camera 70-joystick \
		70-memory 70-mouse 70-power-switch 70-touchpad 73-special-net-names 75-net-description 75-probe_mtd 78-sound-card 80-debian-compat \
		80-drivers 80-net-setup-link 81-net-dhcp; do
		: > /etc/udev/rules.d/$rule.rules
	done
}

start_ours() {
	few_rules
	start_udev ours
	at before
	start_guard --initrd
}
start_stock() {
	conf ''
	few_rules
	start_udev
	at before
}

ready_or_again() { $mpath_boot wait --timeout 5 2> /dev/null || { start_guard --initrd || :; false; }; }
# when TEXT CMD...: that phase begins when CMD succeeds
when() { local phase=$1; shift; ( wait_until 100 "$@" && at "$phase" ) & }

initrd() {
	prepare_faults
	decide
	say "plan: $paths paths, no_path_retry $retry, $checker, alua $alua, gap $gap s: $(tr '\n' ';' < $plan/faults)"
	modprobe -a sg sd_mod target_core_file tcm_loop dm_multipath dm_service_time
	root_disk /tmp/root.img
	snapshot_begin
	snapshot_map $wwid mpatha $paths "no_path_retry \"$retry\"" 'hardware_handler "1 alua"' 'prio "alua"' "path_checker \"$checker\"" \
		'path_grouping_policy "group_by_prio"' 'failback "immediate"'
	sed -i 's/polling_interval 5/polling_interval 2/; s/max_polling_interval 20/max_polling_interval 4/' $snapshot
	snapshot_end
	printf 'paths=%s retry=%s checker=%s gap=%s alua=%s\n' $paths $retry $checker $gap $alua > $plan/vars
	"start_$chaos_stack"
	when partition test -e /dev/mapper/mpatha
	lio_lun lun$serial /tmp/root.img $serial
	start_scheduler /run/src/tests/vm/chaos.sh 300
	n=1
	while [ $n -le $paths ]; do
		[ $n != 2 ] || at between
		lio_path lun$serial $([ $alua = 0 ] || [ $((n % 2)) = 1 ] || echo nonoptimized)
		know_path $n "$disk"
		[ $n != 1 ] || at create
		[ $n != 2 ] || at reload
		draw 30
		nap "0.$((r + 10))"
		n=$((n + 1))
	done
	if [ "$chaos_stack" = ours ]; then
		# As the image's scripts: a guard that is gone is started again, and when the wait is over root is mounted if its device is there (whatever udev says).
		wait_until 60 ready_or_again || wait_until 30 test -e /dev/mapper/mpatha-part1 || verdict "NOBOOT root's map is not ready: $($mpath_boot status 2>&1 | tr '\n' ' ' | cut -c1-200)"
	else
		udevadm settle --timeout=10 || :
		within 60 multipath -v1 || verdict "NOBOOT multipath makes no map"
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
	nap 0.3	# what runs before the pivot
	at switch
	switch_root_to /dev/mapper/mpatha-part1
}

# Each line is on the disk before the next is begun.
writer() {
	local i=0
	mount -o remount,sync /sysroot
	while :; do
		i=$((i + 1))
		echo "$i" >> /sysroot/chaos.log || echo "$i" >> $plan/errors
		echo $i > $plan/acked
		nap 0.2
	done
}

boot_on() {	# what the real root's init does
	for dir in dev proc sys run; do mount --rbind /$dir /sysroot/$dir; done
	conf /sysroot
	few_rules
	start_udev
	nap "$gap"
	echo > $plan/starting
	when standby test -e /run/multipathd.pid
	at configure
	on_root multipathd
	echo > $plan/started
}

all_active() { [ "$(map_active mpatha 2> /dev/null)" = $paths ]; }
acked() { read -r acked < $plan/acked; acked=${acked:-0}; }
flows() { local before=$acked; acked; [ "$acked" -ge $((before + 3)) ] || { acked=$before; false; }; }
# One that was killed, or has given up (it does when /run is full), will not get ready. Not by its pid file, which may not have found room.
is_dead() { [ -e $plan/started ] && ! pidof multipathd > /dev/null; }
who_runs() { printf 'multipathd: %s, guard: %s' "$(pidof multipathd || echo none)" "$(status phase 2> /dev/null || echo none)"; }
ready_or_dead() { is_dead || multipathd_idle; }
ready() { ( pause=0.5; wait_until "$1" ready_or_dead ) && ! is_dead; }

root() {
	# shellcheck disable=SC1090
	. $plan/vars
	at gap
	echo 0 > $plan/acked
	writer &
	boot_on &
	wait_until 100 test -e $plan/starting || verdict "HANG the root's init does not come to multipathd"
	ready 60 || {
		# an administrator starts one again that is gone, when there is nothing else wrong
		wait_until 60 quiet || :
		! is_dead || on_root multipathd &
		nap 1
		ready 60 || verdict "HANG multipathd does not get ready ($(who_runs))"
	}
	say "multipathd ready"
	at after
	pause=0.2
	wait_until 60 quiet || :
	nap 0.5
	heal
	say "healed"
	if is_dead; then
		on_root multipathd &
		ready 30 || verdict "HANG multipathd does not start again"
	fi
	# news that was lost is told again, as an administrator would
	[ ! -e $plan/deafened ] || udevadm trigger --action=add --subsystem-match=block --sysname-match='sd*'
	acked
	wait_until 40 flows || verdict "HANG writes to root do not go on"
	pause=1
	wait_until 40 all_active || verdict "PATHS $(map_active mpatha) of $paths in use at the end"
	errors=$(dmesg | grep -cE 'EXT4-fs error|Buffer I/O error on dev dm-|Aborting journal|remounting filesystem read-only' || :)
	[ ! -e $plan/errors ] && [ "$errors" = 0 ] || verdict "ERROR $(cat $plan/errors 2> /dev/null | wc -l) failed writes, $errors messages of the file system"
	acked
	echo 3 > /proc/sys/vm/drop_caches
	head -n "$acked" /sysroot/chaos.log > /run/chaos.log
	n=$(awk '$1 != NR { print NR; exit }' /run/chaos.log)
	[ -z "$n" ] && [ "$(wc -l < /run/chaos.log)" -ge "$acked" ] || verdict "LOST writes that were done are not there (line $n)"
	verdict "ok $acked writes"
}

[ "$stage" = scheduler ] || $stage

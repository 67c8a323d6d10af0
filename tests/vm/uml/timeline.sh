# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a boot leaves behind about itself: a path of three is missing, one hangs for a while, one fails in the gap and comes back, multipathd takes over.
# timeline and status tell it in the initramfs, behind switch_root, and after the guard has left; plot draws it.
#
#   sda ── host 0 ──────────────────┐
#   sdb ── host 1 ── hangs at first ┼─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   (third path) ── never comes ────┘
# kernel: rd.mpath_boot.degraded_after=1
# timeout: 120

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

# seen EVENT [WORD]...: the event log has such a line
seen() {
	local lines word
	lines=$(grep "^[+-] [0-9.]* $1\( \|\$\)" /run/mpath-boot/events) || return 1
	shift
	for word in "$@"; do lines=$(echo "$lines" | grep -F " $word") || return 1; done
}
# in_order EVENT...: the first of each kind come so
in_order() {
	awk -v want="$*" 'FNR > 1 && !($3 in at) { at[$3] = NR }
		END { n = split(want, kinds, " "); for (i = 1; i <= n; i++) { if (at[kinds[i]] <= last) { print kinds[i] " is not in its place"; exit 1 }; last = at[kinds[i]] } }' \
		/run/mpath-boot/events
}
tells() { $mpath_boot timeline | grep -q "$1"; }

case $stage in
initrd)
	snapshot_begin
	snapshot_map "$wwid" mpatha 3 'no_path_retry "queue"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_checker "directio"' \
		'path_grouping_policy "group_by_prio"' 'failback "immediate"'
	awk '/target ""/ && ++n == 3 { sub(/""/, "\"iqn.example:third\"") } 1' $snapshot > /tmp/snapshot
	sed 's/polling_interval [0-9]*/polling_interval 1/' /tmp/snapshot > $snapshot
	snapshot_end
	root_disk /tmp/root.img
	start_udev ours
	expect "no guard has run: timeline says so" test "$($mpath_boot timeline 2>&1; echo $?)" = "mpath-boot: error: unable to read /run/mpath-boot/events: there is none (no guard of mpath-boot has run)
111"
	lio_paths /tmp/root.img 2 $serial
	start_guard --initrd
	expect "wait returns" $mpath_boot wait --timeout 10
	expect "that a path is missing is told" seen ready map=mpatha paths=2 expected=3 why=degraded
	expect "in words" tells 'mpatha .* ready, 2 of 3 paths; degraded'
	expect "and which" tells 'mpatha .* expected path is missing: test iqn.example:third lun 0'
	path_hang sdb
	expect "a check that does not come back is told" wait_until 12 seen slow path=sdb
	expect "and shown" sh -c "$mpath_boot status | grep 'sdb.*no answer for'"
	path_unhang sdb
	answers() { [ "$(grep -c "path=sdb state=ready" /run/mpath-boot/events)" = 2 ]; }
	expect "and its end" wait_until 5 answers
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	expect "it has seen root mounted" wait_until 5 seen root-mounted source=/dev/mapper/mpatha-part1 at=/sysroot
	expect "and become /" wait_until 5 seen switch-root
	mpath_boot=/run/build/mpath-boot
	mkdir -p /etc/multipath
	printf '/%s/\n' "$wwid" > /etc/multipath/wwids
	printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t\tno_path_retry queue\n\t}\n}\n' "$wwid" > /etc/multipath.conf
	expect "status behind switch_root" sh -c "$mpath_boot status | grep '^guard: pid [0-9]*, guard'"
	active() { [ "$(map_active mpatha)" = "$1" ]; }
	path_offline sda
	dd if=/sysroot/bin/busybox of=/dev/null bs=64k iflag=direct 2> /dev/null || :
	expect "a path fails" wait_until 12 active 1
	path_running sda
	expect "and is reinstated" wait_until 12 active 2
	expect "both are told" wait_until 2 seen reinstated path=sda by=guard
	failed() { $mpath_boot status | grep 'sda.*failed 1 times, last at [0-9.]* s: '; }
	expect "status remembers, with the reason" failed
	start_udev
	start_multipathd
	left() { [ "$(status phase)" = "handed over" ]; }
	expect "the guard hands over" wait_until 10 left
	expect "nothing loads a table" test "$(map_json mpatha map_loads)" = 0
	expect "the log is complete, in order" in_order guard-start appeared state created added partition ready slow root-mounted switch-root failed \
		reinstated standby handed-over exit
	expect "status after the guard's end" sh -c "$mpath_boot status | grep 'guard: not running (handed over to multipathd)'"
	expect "with the past" failed
	expect "timeline after the guard's end" tells 'handed over to multipathd (pid '
	$mpath_boot timeline | tee /run/out/timeline
	$mpath_boot timeline --json > /run/out/timeline.json
	$mpath_boot status --json > /run/out/status.json
	cp /run/mpath-boot/events /run/out/events
	expect "plot draws it" /run/build/mpath-snapshot plot -o /run/out/boot.svg
	expect "as XML, with its end" test "$(head -n 1 /run/out/boot.svg | cut -c 1-5) $(tail -n 1 /run/out/boot.svg)" = "<?xml </svg>"
	for word in 'root mounted [0-9.]* s' 'switch_root [0-9.]* s' 'multipathd starts [0-9.]* s' 'handed over [0-9.]* s' 'sda failed by the kernel' \
		'sda reinstated by the guard' 'sdb no answer for' 'mpatha created as' 'partition mpatha-part1'; do
		expect "with \"$word\"" grep -q "$word" /run/out/boot.svg
	done
	expect "a copy tells the same" test "$($mpath_boot timeline /run/out/events)" = "$($mpath_boot timeline)"
	chmod 666 /run/mpath-boot/events /run/mpath-boot/state
	expect "what others could have written is not believed" test "$($mpath_boot timeline > /dev/null 2>&1; echo $?; $mpath_boot status > /dev/null 2>&1; echo $?)" = "111
111"
	;;
esac

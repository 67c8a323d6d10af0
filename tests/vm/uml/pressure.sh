# SPDX-License-Identifier: GPL-2.0-or-later
#
# Root stalls and the guard does not: every path is away, the root has dirty pages that cannot be written, and everything else asks for memory until the
# kernel kills for it. The first path that comes back is reinstated within one check (a second, while none is there).
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN (root.img)      mpatha ── mpatha-part1 = /
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

case $stage in
initrd)
	snapshot_begin
	snapshot_map "$wwid" mpatha 2 'no_path_retry "queue"' 'hardware_handler "1 alua"' 'prio "alua"' 'path_grouping_policy "group_by_prio"'
	snapshot_end
	root_disk /tmp/root.img
	start_udev ours
	start_guard --initrd
	lio_paths /tmp/root.img 2 $serial
	expect "wait returns" $mpath_boot wait --timeout 10
	stop_udev
	switch_root_to /dev/mapper/mpatha-part1
	;;
root)
	guard=$(cat /run/mpath-boot/pid)
	# PF_MEMALLOC_NOIO (include/linux/sched.h)
	for thread in "/proc/$guard/task/"*; do
		[ $(($(cut -d' ' -f9 "$thread/stat") & 0x80000)) -ne 0 ] || fail "${thread##*/} may have to write to a disk for memory"
	done
	active() { [ "$(map_active mpatha)" = "$1" ]; }
	faults() { cut -d' ' -f12 "/proc/$guard/stat"; }
	calm=$(faults)
	dd if=/dev/zero of=/sysroot/big bs=64k count=64 2> /dev/null
	sync
	path_offline sda
	path_offline sdb
	{ dd if=/dev/zero of=/sysroot/big bs=64k count=64 conv=notrunc 2> /dev/null && sync /sysroot/big && echo written > /run/written; } &
	expect "no path is left" wait_until 5 active 0
	dirty() { [ "$(sed -n 's/^Dirty: *\([0-9]*\) kB/\1/p; s/^Writeback: *\([0-9]*\) kB/\1/p' /proc/meminfo | sort -n | tail -n 1)" -gt 1000 ]; }
	expect "pages of the root wait to be written" wait_until 5 dirty
	echo 1 > /proc/sys/vm/overcommit_memory
	# each of them keeps what it reads; the kernel has to kill
	for n in 1 2 3; do
		{ echo 1000 > /proc/self/oom_score_adj; exec tail -c 400m /dev/zero; } > /dev/null 2>&1 &
	done
	killed() { dmesg | grep -q 'Out of memory: Killed process'; }
	expect "memory runs out" wait_until 20 killed
	for n in 1 2 3; do
		{ echo 1000 > /proc/self/oom_score_adj; exec tail -c 400m /dev/zero; } > /dev/null 2>&1 &
	done
	start=$(now)
	path_running sdb
	expect "the path that is back is reinstated" wait_until 10 active 1
	took=$((($(now) - start) / 1000))
	say "reinstated after $took ms"
	# a second, and two for a host that is busy with other guests; who waits for memory or root here waits until the end
	expect "within one check" test $took -le 3000
	expect "the write goes through" wait_until 10 test -e /run/written
	expect_same "no page of the guard's was read from anywhere" "$calm" "$(faults)"
	expect "nobody killed the guard" test -d "/proc/$guard"
	expect_same "no error reached the file system" "" "$(dmesg | grep -iE 'EXT4-fs error|Buffer I/O error|remount' || :)"
	;;
esac

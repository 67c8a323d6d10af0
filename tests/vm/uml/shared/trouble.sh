# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# Out-of-tree code that crashes, overflows its stack or hangs at one path costs what it is worth, and the map is made all the same (loaded by the
# dynamic program, or linked into a static one, which lives under seccomp); libraries in the snapshot that crash when they are loaded, or are not there, neither.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      mpatha: sda sdb, or sda alone where host 1 hangs
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
log=/run/mpath-boot/log

guard_with() {	# guard_with "HOW HOST" EXTENSION...
	local args=$1; shift
	snapshot_extension=$*
	snapshot_begin
	snapshot_map 1Linux_scsi_debug_2000 mpatha 2 'designator "naa.33333330000007d0"' 'prio "trouble"' "prio_args \"$args\"" 'checker_timeout 2' \
		'path_grouping_policy "multibus"'
	snapshot_end
	rm -f $log
	start_guard 2> /run/said
	cat /run/said
}
gone() { ! kill -0 "$1" 2> /dev/null; }
guard_ends() {
	local pid
	pid=$(status pid)
	kill "$pid"
	expect "the guard ends when it is told to" wait_until 30 gone "$pid"
	dmsetup remove --retry mpatha
}

mkdir -p /etc/multipath
start_udev ours
scsi_debug_paths 1 2
for how in null abort overflow; do
	guard_with "$how 1" trouble.so
	expect "$how: wait returns" $mpath_boot wait --timeout 60
	both() { [ "$(map_paths mpatha)" = 2 ]; }
	expect "$how: both paths, with const" wait_until 30 both
	expect_same "$how: said once" 1 "$(grep -c 'prioritizer trouble crashed at path sdb.*const takes its place' $log)"
	grep crashed $log
	guard_ends
done

guard_with "hang 1" trouble.so
start=$(now)
expect "hang: wait returns" $mpath_boot wait --timeout 60
say "ready after $((($(now) - start) / 1000)) ms"
expect_same "hang: the other path" 1 "$(map_paths mpatha)"
expect "hang: the path counts as down" wait_until 30 grep -q 'sdb.*no answer within' $log
expect "hang: I/O goes" dd if=/dev/mapper/mpatha of=/dev/null bs=4k count=1 iflag=direct
guard_ends

if [ ! -d /run/build/plugins ]; then
	ok "it is linked in: the rest is about loading"
	return 0
fi
guard_with "null 1" not-there.so other-abi.so start-null.so trouble.so
expect "bad libraries: wait returns" $mpath_boot wait --timeout 60
expect "which was not there is said" grep -q 'not-there.so: No such file' /run/said
expect "which was built for another ABI" grep -q 'other-abi.so: .*ABI' /run/said
expect "which crashed" grep -q 'start-null.so: its start-up code crashed: Segmentation fault' /run/said
expect "and that nothing is loaded after it" grep -q 'trouble.so: the start-up code of another one' /run/said
expect "our own checker is there all the same" sh -c "! grep -q 'no checker' /run/said"
expect "const stands in" grep -q 'no prioritizer "trouble"' /run/said
guard_ends

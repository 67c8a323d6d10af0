# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long the guard takes, and what it holds: from a path in /sys to the live map, from the last expected path to "root may mount",
# its memory, and the processes it starts. The numbers go to the console (uml.sh run -v); the limits are loose, other guests may run.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN      mpatha
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

# at PATTERN: milliseconds since boot of the first line of the guard's log that matches
at() { grep -m1 -e "$1" /run/mpath-boot/log | sed 's/ .*//; s/\.//; s/^0*//'; }

snapshot_begin
snapshot_map "$wwid" mpatha 2 'hardware_handler "1 alua"' 'prio "alua"'
snapshot_end
truncate -s 8M /tmp/disk
start_guard
guard=$(status pid)
lio_lun lun /tmp/disk $serial
lio_path lun
live() { [ -n "$(status dev)" ]; }
expect "one path is enough" wait_until 5 live
lio_path lun
expect "wait returns" $mpath_boot wait --timeout 10
first=$(($(at 'created with') - $(at 'appeared')))
last=$(($(at 'ready with 2') - $(at "path $disk .*appeared")))
say "first path visible to map live: $first ms"
say "last expected path to root may mount: $last ms"
expect "both in time" test $first -lt 100 -a $last -lt 100
say "guard: $(grep -E 'VmRSS|VmLck|Threads' /proc/$guard/status | xargs)"
rss=$(sed -n 's/VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$guard/status)
expect "it holds less than 2 MB" test "$rss" -lt 2048
expect_same "all of it is locked, nothing is swapped" 0 "$(sed -n 's/VmSwap:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$guard/status)"
expect_same "it has no children" "" "$(cat /proc/$guard/task/*/children 2>/dev/null)"
expect_same "the kernel's killer of processes leaves it alone" -1000 "$(cat /proc/$guard/oom_score_adj)"

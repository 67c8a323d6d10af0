# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
#
# What mpath-boot asks of the kernel, counted: it does not depend on the machine, so a rise is ours. The limits leave a quarter of room; whoever gets
# below one by much lowers it.
#
#   host 0   host 1   host 2   host 3
#    0…7      0…7      0…7      0…7      8 LUNs with 4 paths; root's is one, or all are wanted

. /run/src/tests/vm/uml/guest/boot.sh
meter=/run/build/meter

# counted NAME: of the line that the meter printed last
counted() { echo "$line" | sed -n "s/.*\b$1=\([0-9-]*\).*/\1/p"; }
measure() { line=$($meter "$@" 2> /run/errors) || fail "meter $*"; say "$line"; }
# at_most TEXT NUMBER LIMIT
at_most() { expect "$1: $2, at most $3" test "$2" -le "$3"; }
clean() {
	[ ! -e /run/mpath-boot/pid ] || guard_kill
	dmsetup remove_all || :
	for link in /dev/mapper/*; do [ "$link" = /dev/mapper/control ] || rm -f "$link"; done
	rm -rf /run/mpath-boot
}

expect "the meter is built (make tests)" test -x $meter
modprobe -a dm_multipath dm_service_time
scsi_debug_paths 8 4
root=333333330000007d0
snapshot=/run/root
snapshot_begin
snapshot_map $root root 4
snapshot_end
snapshot=/run/all
snapshot_begin
for lun in 0 1 2 3 4 5 6 7; do snapshot_map 333333330000007d$lun map$lun 4 'checker_timeout 5'; done
snapshot_end
sed -i 's/polling_interval 5/polling_interval 1/; s/polling_interval 20/polling_interval 1/; /^checksum/d' /run/all
snapshot_end

# udev calls claim for each disk of the SAN
measure -c $mpath_boot claim --snapshot /run/root sda
expect_same "claim says yes" 0 "$(counted exit)"
at_most "claim of a path of root's: system calls" "$(counted calls)" 42
at_most "kB" "$(counted rss_kb)" 240
measure -c $mpath_boot claim --snapshot /run/root sdb
expect_same "claim says no" 1 "$(counted exit)"
at_most "claim of a foreign disk: system calls" "$(counted calls)" 40
# a snapshot of a thousand maps, one of which it is about: 800 kB that are read through a window
snapshot=/run/thousand
snapshot_begin
snapshot_map $root root 4
awk -v wwid=$root '/^map/, 0 { lines[++n] = $0 }
	END { for (m = 1; m < 1024; m++) for (i = 1; i <= n; i++) { s = lines[i]; gsub(wwid, "36001405" m, s); gsub("\"root\"", "\"other" m "\"", s)
		gsub(/naa\.[0-9]+/, "naa.6001405" m, s); print s } }' /run/thousand > /run/others
cat /run/others >> /run/thousand
snapshot_end
measure -c $mpath_boot claim --snapshot /run/thousand sda
expect_same "claim finds one of a thousand maps" 0 "$(counted exit)"
at_most "system calls" "$(counted calls)" 55
at_most "kB" "$(counted rss_kb)" 290
printf '%s' x >> /run/thousand
measure -c $mpath_boot claim --snapshot /run/thousand sda
expect_same "a byte more, and claim refuses it" 100 "$(counted exit)"

# root's map with 28 disks of others around it, and with none: what each costs
measure -c $mpath_boot assemble --snapshot /run/root
expect_same "assembled" 0 "$(counted exit)"
many=$(counted calls)
ioctls=$(counted ioctls)
at_most "root's map of 4 paths among 32 disks: system calls" "$many" 900
at_most "ioctls" "$ioctls" 30
opens=$(counted opens)
at_most "opens" "$opens" 145
at_most "brk and mmap" "$(counted maps)" 49
clean
measure -c $mpath_boot assemble --snapshot /run/all
expect_same "assembled" 0 "$(counted exit)"
at_most "8 maps of 4 paths: system calls for each path" $(($(counted calls) / 32)) 120
at_most "ioctls for each map" $(($(counted ioctls) / 8)) 20
at_most "opens for each path" $(($(counted opens) / 32)) 22
clean

# a guard of 32 paths that are well, each checked once a second: one look at the clock, one worker that goes from path to path
$mpath_boot guard --daemon --snapshot /run/all
live() { [ "$(dmsetup ls | grep -c :)" = "$1" ]; }
wait_until 20 live 8 || fail "no 8 maps"
nap 4
pid=$(cat /run/mpath-boot/pid)
wakeups() { cat /proc/$pid/task/*/status | sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' | { n=0; while read -r k; do n=$((n + k)); done; echo $n; }; }
before=$(wakeups)
nap 10
# forty or so; more where a check takes so long that others are called to help, and 700 if each check woke somebody
at_most "32 paths for 10 s: wake-ups" $(($(wakeups) - before)) 500
measure -p "$pid" -t 4
at_most "system calls for each check" $(($(counted calls) / 128)) 7
at_most "opens for each check, in hundredths" $(($(counted opens) * 100 / 128)) 25
clean
for disk in $disks; do
	case $(cat "/sys/block/$disk/device/wwid") in *7d0) ;; *) path_remove "$disk" ;; esac
done
measure -c $mpath_boot assemble --snapshot /run/root
# one attribute: it is opened, read to its end and closed; rounds of the loop come on top, a few more or less
at_most "ten foreign disks: opens" $(((opens - $(counted opens)) * 10 / 28)) 12
at_most "and system calls" $(((many - $(counted calls)) * 10 / 28)) 80
clean

# the guard as it watches, each path checked once a second; what it does not do at all is exact
$mpath_boot guard --daemon --snapshot /run/all
wait_until 10 live 1 || fail "no map"
nap 2
measure -p "$(cat /run/mpath-boot/pid)" -t 4
expect_same "a guard that watches: no memory" 0 "$(counted maps)"
expect_same "no process, no thread" 0 "$(counted forks)"
at_most "4 paths for 4 s: system calls" "$(counted calls)" 360
at_most "ioctls" "$(counted ioctls)" 24
at_most "opens" "$(counted opens)" 30

# SPDX-License-Identifier: GPL-2.0-or-later
#
# Passive paths (ALUA standby) are ghosts: usable, but the map is not made of them alone until ghost_delay is over; an active one ends that wait.
#
#   sda ── standby ──┬─ LIO LUN one            sdc ── standby ──────────────┬─ LIO LUN two
#   sdb ── standby ──┘  ghost_delay 4          sdd ── comes, optimized ─────┘  ghost_delay 30

. /run/src/tests/vm/uml/guest/boot.sh

snapshot_begin
for n in 1 2; do
	case $n in 1) name=one delay=4 ;; 2) name=two delay=30 ;; esac
	snapshot_map 36001405${n}000000000000000000000000 $name 2 'path_grouping_policy "group_by_prio"' 'hardware_handler "1 alua"' 'prio "alua"' "ghost_delay $delay"
done
snapshot_end
for n in 1 2; do
	case $n in 1) name=one ;; 2) name=two ;; esac
	truncate -s 8M /tmp/$name
	lio_lun $name /tmp/$name ${n}000000000000000000000000
	lio_path $name standby
done
lio_path one standby
start_guard
start=$(now)
ghosts() { [ "$(grep -c ': ghost' /run/mpath-boot/log)" = 3 ]; }
expect "three ghosts" wait_until 3 ghosts
nap 1.5
expect "no map is made of them yet" sh -c '! test -e /dev/mapper/one && ! test -e /dev/mapper/two'
lio_path two optimized
expect "with an active path there is one at once" wait_until 2 test -e /dev/mapper/two
both() { [ "$(map_paths two)" = 2 ]; }
expect "the ghost is in it, too" wait_until 3 both
expect "two ghosts alone are a map" wait_until 8 test -e /dev/mapper/one
took=$((($(now) - start) / 100000))
say "after $took tenths of a second"
expect "when ghost_delay is over" test $took -ge 38 -a $took -le 60
expect "I/O goes to the active one" dd if=/dev/mapper/two of=/dev/null bs=4k count=8 iflag=direct
expect "the ghost is not failed" sh -c '[ $(dmsetup status two | grep -oE "[0-9]+:[0-9]+ A" | wc -l) = 2 ]'
$mpath_boot status

# SPDX-License-Identifier: GPL-2.0-or-later
#
# By rules: one of two paths hangs before anybody has asked it what it is. The map is made of the other one, and a LUN that is all dead keeps nobody
# waiting. When the path answers again, it joins.
#
#   sda ── host 0 ── hangs ───┐
#                             ├─ LIO LUN A
#   sdb ── host 1 ────────────┘
#   sdc, sdd ── hosts 2, 3 ── offline ── LIO LUN B

. /run/src/tests/vm/uml/guest/boot.sh
a=36001405aaaaaaaaaaaaaaaaaaaaaaaaa
b=36001405bbbbbbbbbbbbbbbbbbbbbbbbb

printf 'defaults {\n\tfind_multipaths on\n\tchecker_timeout 5\n}\n' > /tmp/conf
mkdir -p /etc/mpath-boot
mpath-snapshot create --generic --config /tmp/conf -o $snapshot
truncate -s 8M /tmp/a /tmp/b
lio_lun a /tmp/a aaaaaaaaaaaaaaaaaaaaaaaaa
lio_path a; lio_path a
lio_lun b /tmp/b bbbbbbbbbbbbbbbbbbbbbbbbb
lio_path b; lio_path b
path_hang sda
path_offline sdc
path_offline sdd
start_guard
start=$(now)
expect "wait returns" $mpath_boot wait --timeout 20
took=$((($(now) - start) / 1000))
say "ready after $took ms"
expect "after degraded_after, no later" test $took -lt 6000
expect_same "one path" 1 "$(map_paths $a)"
expect_same "no map of the dead LUN" "" "$(dmsetup ls | grep $b)"
$mpath_boot status
expect "I/O goes" dd if=/dev/mapper/$a of=/dev/null bs=4k count=1 iflag=direct
path_unhang sda
two() { [ "$(map_paths $a)" = 2 ]; }
expect "the path joins when it answers again" wait_until 10 two
path_running sdc
path_running sdd
has_map() { dmsetup info $b > /dev/null 2>&1; }
expect "and the dead LUN comes to life" wait_until 10 has_map

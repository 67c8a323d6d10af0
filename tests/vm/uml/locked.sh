# SPDX-License-Identifier: GPL-2.0-or-later
# kernel: rd.mpath_boot.seccomp=kill
#
# A guard's whole life with a filter that kills it for whatever is not on its list: paths that come, fail, hang, go and return, reloads, a partition, a switch of
# groups, hand-over. Nothing of it may come from a disk: memory is locked, no page is read.
#
#   sda ── host 0 ── group 1 ─┐
#                             ├─ LIO LUN, one partition
#   sdb ── host 1 ── group 2 ─┘

. /run/src/tests/vm/uml/guest/boot.sh
serial=1234567890abcdef123456789
wwid=36001405$serial

snapshot_begin
snapshot_map $wwid mpatha 2 'path_grouping_policy "group_by_prio"' 'hardware_handler "1 alua"' 'prio "alua"' 'no_path_retry 2' 'failback "immediate"'
sed -i 's/polling_interval 5/polling_interval 1/' $snapshot
snapshot_end
truncate -s 16M /tmp/lun
mbr /tmp/lun 2048 8192
lio_lun lun$serial /tmp/lun $serial
lio_path lun$serial optimized
start_udev ours
start_guard
pid=$(cat /run/mpath-boot/pid)
alive() { [ "$(cat /run/mpath-boot/pid)" = "$pid" ] && [ -d "/proc/$pid" ]; }
expect "wait returns" $mpath_boot wait --timeout 10
# field KEY: its different values over all threads of the guard
field() { sed -n "s/^$1:[ \t]*//p" /proc/"$pid"/task/*/status | sort -u | xargs; }
expect_same "every thread is filtered" 2 "$(field Seccomp)"
expect_same "with these capabilities" 00000000002a4002 "$(field CapEff)"
faults() { cut -d' ' -f12 /proc/"$pid"/stat; }
calm=$(faults)

lio_path lun$serial nonoptimized
two() { [ "$(map_active mpatha)" = 2 ]; }
one() { [ "$(map_active mpatha)" = 1 ]; }
none() { [ "$(map_active mpatha)" = 0 ]; }
expect "a second path joins" wait_until 5 two
path_offline sda
read_block
expect "a path fails" wait_until 5 one
path_running sda
expect "and is back" wait_until 5 two
path_offline sda
path_offline sdb
read_block &
expect "all fail" wait_until 5 none
nap 2.5
path_running sda
path_running sdb
expect "and are back" wait_until 5 two
path_alua sda standby
nap 1.5
path_alua sda optimized
path_hang sdb
nap 1.5
path_unhang sdb
path_remove sdb
expect "a path goes" wait_until 5 one
expect_same "no page was read from anywhere" "$calm" "$(faults)"
expect "the guard lives" alive
mkdir -p /etc/multipath
printf '/%s/\n' $wwid > /etc/multipath/wwids
printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t}\n}\n' $wwid > /etc/multipath.conf
start_multipathd
gone() { [ ! -d "/proc/$pid" ]; }
expect "it hands over" wait_until 10 gone
expect "and says so" grep -q 'handed over' /run/mpath-boot/log

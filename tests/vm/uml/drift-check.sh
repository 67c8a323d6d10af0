# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# mpath-snapshot check on a live map: the configuration, bindings and wwids change under it, and each time its verdict is what multipathd then does.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN, one partition      mpatha, by user_friendly_names
#   sdb ── host 1 ─┘
#   sdc ── host 2 ─── LIO fileio LUN                      foreign

. /run/src/tests/vm/uml/guest/drift.sh

check "nothing has changed" 0 '^verdict: same'
conf '# a comment'
check "a file has changed, its meaning has not" 0 '^changed since: /etc/multipath.conf'
status=0; $tool check --quick --root /dev/mapper/mpatha-part1 $old > /tmp/said || status=$?
expect_same "the quick look does not stop there" "0 1" "$status $(grep -c '^verdict: same' /tmp/said)"
files
expect "it stops at once where no file has changed" sh -c "$tool check --quick $old | grep -q 'no source .* has changed'"

section 'failback 30'
check "failback" 10 '^+ failback "30"  (/etc/multipath.conf:8)'
section 'no_path_retry queue'
check "retries: it queues either way" 10 '^+ no_path_retry "queue"'
section 'no_path_retry fail'
check "no more queueing" 20 '^- no_path_retry "12"  (multipath [0-9.]* built-in, devices'
section 'path_selector "round-robin 0"'
check "the selector" 20 '^+ path_selector "round-robin 0"  (/etc/multipath.conf:8)'
modprobe dm_round_robin
multipathd reconfigure > /dev/null || :
reloaded() { dmsetup table mpatha | grep -q round-robin; }
expect "multipathd does reload the map then" wait_until 20 reloaded
section 'alias san'
check "another alias" 30 '^+ alias "san"  (/etc/multipath.conf:8)'
expect "and what is gone then" grep -q 'would lose or rename root: multipathd renames the map at its start: /dev/mapper/mpatha is gone' /tmp/said
files
multipathd reconfigure > /dev/null || :
wait_until 20 multipathd_idle

conf "$(printf 'multipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias mpatha\n\t}\n}' $foreign)"
check "a name of two" 10 "/etc/multipath.conf:8 gives the name mpatha to $foreign, too"
files

# ---- multipathd's own files
printf '# Valid WWIDs:\n' > /etc/multipath/wwids
check "the WWID is not in wwids" 30 "$wwid is not in /etc/multipath/wwids, and find_multipaths is strict"
typed
check "until one has done what it says" 0 '^verdict: same'
conf ''
sed -i 's/strict/yes/' /etc/multipath.conf
printf '# Valid WWIDs:\n' > /etc/multipath/wwids
check "without find_multipaths strict it need not be there" 10 '^+ find_multipaths "on"'
files
printf 'mpatha %s\n' $foreign > /etc/multipath/bindings
check "its name is another LUN's" 30 "bindings line 1 gives the name mpatha to $foreign"
stop_multipathd() { multipathd shutdown > /dev/null || :; wait_until 20 sh -c '! multipathd show daemon > /dev/null 2>&1' || fail "multipathd does not end"; }
stop_multipathd
cp /etc/multipath/bindings /tmp/bindings
start_multipathd
udevadm settle
expect "multipathd does rename the map then" test ! -e /dev/mapper/mpatha -a -e /dev/mapper/mpathb
stop_multipathd
dmsetup rename mpathb mpatha
dmsetup rename mpathb-part1 mpatha-part1 2> /dev/null || :
udevadm settle
cp /tmp/bindings /etc/multipath/bindings
check "the same again" 30 'gives the name mpatha to'
typed
check "until one has done what it says" 0 '^verdict: same'
start_multipathd
expect "multipathd leaves the name alone then" test -e /dev/mapper/mpatha
: > /etc/multipath/bindings
check "no name in bindings" 10 'bindings has no name for'
typed
check "until one has done what it says" 0 '^verdict: same'
for name in rootlun $wwid; do
	stop_multipathd
	: > /etc/multipath/bindings
	dmsetup rename mpatha $name
	udevadm settle
	check "no name in bindings, and $name is none of user_friendly_names" 30 "is not one that user_friendly_names gives"
	sed -n 's/^  type: //p' /tmp/said > /tmp/remedy
	start_multipathd
	udevadm settle
	expect "multipathd does rename $name then" wait_until 20 test ! -e /dev/mapper/$name -a -e /dev/mapper/mpatha
	stop_multipathd
	: > /etc/multipath/bindings
	dmsetup rename mpatha $name
	udevadm settle
	sh -e /tmp/remedy
	start_multipathd
	udevadm settle
	wait_until 20 multipathd_idle
	expect "once one has done what it says, it keeps the name" test -e /dev/mapper/$name -a ! -e /dev/mapper/mpatha
	dmsetup rename $name mpatha
	udevadm settle
done
name=
files

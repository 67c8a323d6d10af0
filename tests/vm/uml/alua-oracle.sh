# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every ALUA access state, by three checkers: states and priorities are multipathd's.
#
#   sda … sdj ── host 0 … 9 ── groups 1 … 10, each in another state ── LIO fileio LUN

. /run/src/tests/vm/uml/guest/boot.sh
wwid=36001405abcdef0000000000000000000
states="optimized nonoptimized standby unavailable lba-dependent transitioning offline secondary-offline optimized-preferred nonoptimized-preferred"

truncate -s 16M /tmp/lun
lio_paths /tmp/lun 10 abcdef
# Without udevd, which would take longer than all the rest: what it would have noted of the disks.
mkdir -p /run/udev/data
for disk in $disks; do printf 'I:1\nE:ID_SERIAL=%s\nE:ID_WWN=0x6001405abcdef000\n' $wwid > "/run/udev/data/b$(cat "/sys/block/$disk/dev")"; done
lun=$target/core/fileio_0/lunabcdef
# LBA-dependent groups need a map of who serves what: each group everything.
echo "0 0
0 32767 1:O 2:O 3:O 4:O 5:O 6:O 7:O 8:O 9:O 10:O" > $lun/lba_map
n=0
for state in $states; do
	n=$((n + 1))
	group=$lun/alua/group$n
	case $state in
	*-preferred) echo 1 > $group/preferred ;;
	lba-dependent) echo 1 > $group/alua_access_type ;;	# those with explicit transitions cannot have it
	secondary-offline) echo 1 > $target/loopback/naa.500140500000000$n/tpgt_1/lun/lun_0/alua_tg_pt_offline ;;
	esac
	case $state in
	nonoptimized*) echo 1 ;;
	standby) echo 2 ;;
	unavailable) echo 3 ;;
	lba-dependent) echo 4 ;;
	offline) echo 14 ;;
	*) echo 0 ;;
	esac > $group/alua_access_state
done
modprobe -a dm_multipath dm_service_time
dmesg -n 1

# Whoever opens a path while its group is in transition may hang in the kernel, and multipathd did: it begins when both have opened it. directio cannot be
# asked then, as its read does not come back before the transition is over.
transition() { echo "$1" > $lun/alua/group6/alua_access_state; }

theirs() { multipathd show paths raw format "%d %T %p" | grep '^sd' | sort | sed 's/ faulty.*/ faulty/'; }
ours() { mpath-boot plan --paths | sed -n 's/^# path \(sd.\) .*: \(.*\), priority \(.*\)/\1 \2 \3/p' | sort | sed 's/ faulty.*/ faulty/'; }
theirs_are() { [ "$(theirs | grep -cE "$1")" = "$2" ]; }

for checker in tur directio none; do
	printf 'defaults {\n\tfind_multipaths no\n\tpolling_interval 1\n\tmax_polling_interval 1\n\tdetect_checker no\n}\noverrides {\n\tpath_checker %s\n}\n' $checker > /etc/multipath.conf
	start_multipathd
	case $checker in
	tur)
		transition 15
		# multipath-tools before 0.9.5 call it faulty, later ones keep what was before; so do we
		wait_until 4 theirs_are '^sdf faulty' 1 || theirs_are '^sdf ready 50' 1 || fail "in transition: $(theirs | xargs)"
		theirs | sed 's|^sdf .*|sdf i/o pending 0|' > /tmp/theirs
		;;
	directio)
		wait_until 8 theirs_are ' faulty' 4 || fail "directio: $(theirs | xargs)"
		theirs > /tmp/theirs
		;;
	none)
		transition 15
		wait_until 8 theirs_are '^sdf ready 0' 1 || fail "multipathd has not seen the transition: $(theirs | xargs)"
		# An offline port refuses REPORT TARGET PORT GROUPS: multipathd, which has seen it in no other state, takes it for one without ALUA and gives it const's 1
		theirs | sed 's/^\(sd[gh]\) ready 1$/\1 ready -1/' > /tmp/theirs
		;;
	esac
	snapshot_begin
	snapshot_map $wwid mpatha 10 'prio "alua"' "path_checker \"$checker\""
	snapshot_end
	ours > /tmp/ours
	cat /tmp/theirs
	expect_same "checker $checker: states and priorities" "$(cat /tmp/theirs)" "$(cat /tmp/ours)"
	transition 0
	multipathd shutdown > /dev/null
	wait_until 5 eval '! pidof multipathd > /dev/null'
done
grep -qx 'sdc ready 1' /tmp/ours && grep -qx 'sdj ready 90' /tmp/ours || fail "those are not the states that were set"

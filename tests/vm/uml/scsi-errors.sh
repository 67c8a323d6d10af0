# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a disk can answer besides "ready": three checkers say of it what multipath's say.
#
#   a ── host 0 ─┐                                        c ── host 2 ─┐
#                ├─ scsi_debug LUN 1, told to fail                     ├─ LIO fileio LUN, reserved
#   b ── host 1 ─┘                                        d ── host 3 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

scsi_debug_paths 2 2
for disk in $disks; do
	case $(readlink "/sys/block/$disk/device") in
	*:0) echo 1 > "/sys/block/$disk/device/delete" ;;
	*) [ -n "$a" ] && b=$disk || a=$disk ;;
	esac
done
truncate -s 8M /tmp/lun
lio_paths /tmp/lun 2 abcdef
c=${disks% *}
d=${disks#* }
wwid_of() { sed 's/naa\./3/' "/sys/block/$1/device/wwid"; }
mkdir -p /run/udev/data
for disk in $a $b $c $d; do	# what udevd would have noted
	printf 'I:1\nE:ID_SERIAL=%s\nE:ID_WWN=0x1\n' "$(wwid_of "$disk")" > "/run/udev/data/b$(cat "/sys/block/$disk/dev")"
done
modprobe -a dm_multipath dm_service_time sg
dmesg -n 1

debug() { echo "$2" > "/sys/bus/pseudo/drivers/scsi_debug/$1"; }
use_checker() {
	checker=$1
	printf 'defaults {\n\tfind_multipaths no\n\tdetect_checker no\n\tdetect_prio no\n}\noverrides {\n\tpath_checker %s\n}\n' "$checker" > /etc/multipath.conf
	snapshot_begin
	snapshot_map "$(wwid_of "$a")" debug 2 "path_checker \"$checker\"" 'checker_timeout 5'
	snapshot_map "$(wwid_of "$c")" lio 2 "path_checker \"$checker\"" 'checker_timeout 5'
	snapshot_end
}
# theirs, ours DISK: its state
theirs() { multipath -ll 2> /dev/null | sed -n "s/.* $1 *[0-9]*:[0-9]* *[a-z]* *\([a-z]*\) .*/\1/p"; }
ours() { mpath-boot plan --paths | sed -n "s/^# path $1 .*: \(.*\), priority .*/\1/p"; }
# both WHAT DISK STATE CHECKER...: that is the state, say they and we
both() {
	local what=$1 disk=$2 state=$3; shift 3
	for name in "$@"; do
		use_checker "$name"
		theirs=$(theirs "$disk")
		expect_same "$what: $name" "$state $state" "$theirs $(ours "$disk")"
	done
}

use_checker tur
expect "multipath makes the maps" multipath -v0
both "nothing is wrong" "$a" ready tur

sg_start --stop "/dev/$a"
both "not ready, must be started (2/04/02)" "$a" faulty tur readsector0
both "and that is of one path" "$b" ready tur
sg_start --start "/dev/$a"

echo 0 > /sys/module/scsi_debug/parameters/medium_error_start
echo 8 > /sys/module/scsi_debug/parameters/medium_error_count
debug opts 2
both "medium error in block 0" "$a" ready tur
both "medium error in block 0" "$a" faulty directio readsector0

debug every_nth 1
debug opts 8
both "recovered error" "$a" ready directio	# the kernel passes it over
both "recovered error" "$a" faulty readsector0
debug every_nth 0
debug opts 0

# two unit attentions in a row: TEST UNIT READY is sent until they are through. The other path shows that they are there.
attentions() { for try in 1 2 3 4; do sg_turs -v "/dev/$1" 2>&1 | sed -n 's/^ *Additional sense: //p'; done; }
debug virtual_gb 16
debug max_luns 3
queued=$(attentions "$b" | xargs)
expect_same "queued unit attentions" "Capacity data has changed Reported luns data has changed" "$queued"
use_checker tur
expect_same "unit attentions: tur" ready "$(ours "$a")"
expect_same "which are gone then" "" "$(attentions "$a")"

debug max_luns 1
both "no connection (host status 1)" "$a" faulty tur readsector0
debug max_luns 3

# RESERVE(6) of the other initiator
sg_raw "/dev/$d" 16 00 00 00 00 00 2> /dev/null || fail "no reservation"
both "reserved: the path works" "$c" ready tur
both "reserved: it cannot be read" "$c" faulty readsector0
sg_raw "/dev/$d" 17 00 00 00 00 00 2> /dev/null
expect_same "released: readsector0" ready "$(ours "$c")"

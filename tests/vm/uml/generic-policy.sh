# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 90
# kernel: rd.mpath_boot.degraded_after=0
#
# Which LUNs of a machine nobody knew get a map: find_multipaths as the snapshot has it, the known WWIDs, those that the command line names.
# And when: a second path may come late, but once the root is mounted no LUN is taken in, though paths of maps still are.
#
#   sda, sdb ── LIO LUN A
#   sdc ─────── LIO LUN B
#   sdd ─────── LIO LUN C: known to the wwids file
#   sde, later sdf, sdh ── LIO LUN E;  sdg, sdi ── LIO LUN F

. /run/src/tests/vm/uml/guest/boot.sh
a=36001405aaaaaaaaaaaaaaaaaaaaaaaaa
b=36001405bbbbbbbbbbbbbbbbbbbbbbbbb
c=36001405ccccccccccccccccccccccccc
e=36001405eeeeeeeeeeeeeeeeeeeeeeeee
f=36001405fffffffffffffffffffffffff

lun() { truncate -s 8M "/tmp/$1"; lio_lun "$1" "/tmp/$1" "$(printf '%025d' 0 | tr 0 "$1")"; lio_path "$1"; }
# policy WORD [LINE]...: the snapshot
policy() {
	local word=$1; shift
	{ printf 'defaults {\n find_multipaths %s\n' "$word"; printf '%s\n' "$@" '}'; } > /tmp/conf
	mpath-snapshot create --generic --config /tmp/conf -o $snapshot 2> /tmp/said || fail "create: $(cat /tmp/said)"
}
# maps [OPTION]...: the letters of the LUNs that assemble makes maps of
maps() {
	$mpath_boot assemble "$@" > /tmp/out 2> /tmp/said || :
	dmsetup ls --target multipath | grep -o '36001405.' | cut -c9 | sort | xargs
	[ -z "$(dmsetup ls --target multipath | grep 36001405)" ] || dmsetup remove_all
}
claims() {
	local disk out=
	rm -rf /run/mpath-boot/seen /run/mpath-boot/claims
	for disk in sda sdb sdc sdd sda; do
		if $mpath_boot claim $disk > /dev/null; then out="$out $disk"; fi
	done
	echo $out
}

modprobe -a dm_multipath dm_service_time
mkdir -p /etc/mpath-boot /etc/multipath
lun a; lio_path a; lun b; lun c
printf '/%s/\n' $c > /etc/multipath/wwids
cmdline=$(cat /proc/cmdline)

policy on
expect "the policy is the snapshot's" grep -q '^	find_multipaths "on"' $snapshot
expect_same "on: two paths, or known" "a c" "$(maps)"
expect_same "on: the first path is claimed when the second has come" "sdb sdd sda" "$(claims)"
policy strict
expect "strict is worth a warning" grep -q "find_multipaths is strict: of all LUNs only the 1 in" /tmp/said
expect_same "strict: known" "c" "$(maps)"
expect_same "strict" "sdd" "$(claims)"
policy greedy
expect_same "greedy: every LUN" "a b c" "$(maps)"
expect_same "greedy" "sda sdb sdc sdd sda" "$(claims)"
mkdir -p /run/mpath-boot/claims
rm -f /run/mpath-boot/claims/*
printf %s $b > /run/mpath-boot/claims/sdd	# as Linux before 5.15 leaves it: it may be of the disk that had this name before
$mpath_boot assemble > /dev/null 2>&1 || :
expect "the LUN has a map" eval 'dmsetup table $b | grep -q " 8:32 "'
expect "a note about another disk brings no disk into it" eval '! dmsetup table $b | grep -q " 8:48 "'
dmsetup remove_all
rm -r /run/mpath-boot/claims
policy smart
expect_same "smart: as on" "a c" "$(maps)"
expect_same "asked for by name: only that one, whatever the policy" "b" "$(maps --wwid $b)"
echo "$cmdline rd.mpath_boot.wwid=$b" > /tmp/cmdline
mount --bind /tmp/cmdline /proc/cmdline
expect_same "on the kernel command line" "b" "$(maps)"
expect_same "claimed alone" "sdc" "$(claims)"
umount /proc/cmdline

# what is looked at by vendor and by property
policy greedy '}' 'blacklist {' 'protocol scsi:unspec' '}' 'blacklist_exceptions {' 'property ID_GOOD'
status=0
env ID_SERIAL=$a $mpath_boot claim sda || status=$?
expect_same "blacklisted by protocol, or for want of a property" 1 $status
policy greedy '}' 'blacklist_exceptions {' 'property ID_GOOD'
status=0
env ID_SERIAL=$a $mpath_boot claim sda || status=$?
expect_same "for want of a property" 1 $status
expect_same "which the guard is told" "-" "$(head -n 1 /run/mpath-boot/claims/sda)"
expect "with it, it is claimed" env ID_SERIAL=0123-other ID_GOOD=1 $mpath_boot claim sda
expect_same "by udev's WWID" 0123-other "$(head -n 1 /run/mpath-boot/claims/sda)"
rm -r /run/mpath-boot/claims /run/mpath-boot/seen

policy on
lun e
start_guard --initrd
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "no map of one path" "" "$(dmsetup ls --target multipath | grep $e)"
lio_path e
has_map() { dmsetup info "$1" > /dev/null 2>&1; }
expect "a second path comes late: a map" wait_until 5 has_map $e
mkdir -p /sysroot
mount -t tmpfs tmpfs /sysroot
expect "the root is mounted" wait_until 5 grep -q "root is mounted" /run/mpath-boot/log
lun f; lio_path f
lio_path e
three() { [ "$(map_paths $e)" = 3 ]; }
expect "a third path of the map still joins it" wait_until 5 three
expect_same "but no LUN becomes a map any more" "" "$(dmsetup ls | grep $f)"
$mpath_boot status

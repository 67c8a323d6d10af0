# SPDX-License-Identifier: GPL-2.0-or-later
# initrd: appended-snapshot
# kernel: rd.mpath_boot.degraded_after=0
#
# An image whose snapshot is stale, with a fresh one appended by the boot loader: the kernel unpacks both, the fresh one counts. A damaged one costs nothing: the image's
# own counts then, and it is said.
#
#   sda ── host 0 ─┐
#                  ├─ scsi_debug LUN 0      "stale" in the image, "fresh" behind it
#   sdb ── host 1 ─┘

. /run/src/tests/vm/uml/guest/boot.sh

cp -a /run/out/etc /etc/mpath-boot
expect_same "what the kernel has unpacked" "iscsi.new snapshot snapshot.new" "$(ls /etc/mpath-boot | xargs)"
expect "it noticed what is no archive, and went on" sh -c 'dmesg | grep -q "Initramfs unpacking failed"'
scsi_debug_paths 1 2

# boot ALIAS: the guard makes the map, and the map has this name
boot() {
	rm -rf /run/mpath-boot
	start_guard
	expect "$1: the map is there" $mpath_boot wait --timeout 20
	expect "$1: that is its name" test -b "/dev/mapper/$1"
	kill "$(status pid)"
	nap 0.3
	dmsetup remove_all
}
whole=/tmp/snapshot.new
cp -a $snapshot.new $whole

expect_same "the file that counts" $snapshot.new "$($mpath_boot list snapshot)"
boot fresh
expect "the log says so" grep -q "the appended one, $snapshot.new" /run/mpath-boot/log
expect "its copy is in /run" cmp $whole /run/mpath-boot/snapshot
expect_same "claim takes it, too" MPATH_BOOT_MAP=fresh "$($mpath_boot claim sda | grep MAP)"

# bad TEXT PATTERN
bad() {
	expect_same "$1: the image's own counts" $snapshot "$($mpath_boot list snapshot)"
	boot stale
	expect "$1: the log says so" grep -q "unable to use the appended snapshot $snapshot.new.*$2.*the image's own counts" /run/mpath-boot/log
	expect "$1: status says so" sh -c "$mpath_boot status | grep -q 'appended snapshot: not used: .*$2'"
	expect "$1: the copy in /run is the image's" cmp $snapshot /run/mpath-boot/snapshot
	expect_same "$1: claim" MPATH_BOOT_MAP=stale "$($mpath_boot claim sda | grep MAP)"
}
sed 's/fresh/frish/' $whole > $snapshot.new
bad "a changed byte" "wrong checksum"
head -c 200 $whole > $snapshot.new
bad "cut" "truncated"
: > $snapshot.new
bad "empty" "truncated"
rm $snapshot.new
boot stale
expect "none: nothing is said" sh -c '! grep -q appended /run/mpath-boot/log'

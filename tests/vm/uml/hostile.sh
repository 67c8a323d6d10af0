# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# Strings of others, made to be read as something else: udev properties, a SCSI disk's vendor, product and serial number, names and partition numbers of other people's
# maps. Nothing of them becomes a rule, a file, a property or a word of a table.
#
#   sda, sdb ── scsi_debug LUN 0, whose strings are hostile

. /run/src/tests/vm/uml/guest/boot.sh

mkdir -p /etc/mpath-boot
printf 'defaults {\n find_multipaths no\n}\n' > /tmp/conf
expect "a generic snapshot" mpath-snapshot create --generic --config /tmp/conf -o $snapshot
scsi_debug_paths 1 2 'inq_vendor=%n$x`;|*' 'inq_product=$(reboot)\n|\x41' 'inq_rev=;*%s'
modprobe -a dm_multipath dm_service_time

files() { find /run/mpath-boot /etc /dev/mapper /run/owned 2> /dev/null | sort; }
# asked ID_SERIAL TEXT: only the lines that claim always has, with that value as one line
asked() {
	local value=$1 lines status=0
	rm -rf /run/mpath-boot
	files > /tmp/before
	lines=$(ID_SERIAL=$value $mpath_boot claim sda 2> /tmp/said) || status=$?
	expect "$2: takes no harm ($status)" test $status -le 1
	expect_same "$2: no line of its own" "" "$(echo "$lines" | grep -vE '^(DM_MULTIPATH_DEVICE_PATH=1|MPATH_BOOT_MAP=.*)?$' || :)"
	expect "$2: at most two lines" test "$(echo "$lines" | wc -l)" -le 2
	expect_same "$2: files below /run/mpath-boot only" "" "$(files | grep -vxFf /tmp/before | grep -v '^/run/mpath-boot' || :)"
	expect "$2: nothing is called by it" test ! -e /run/owned
}
asked '360014050000000000000000000000001' "an honest one"
asked "$(printf '3600\nDM_NAME=owned\nRUN=/bin/touch /run/owned')" "an end of line"
asked "$(printf '3600\033[2Jx\rx')" "control bytes"
asked '../../../run/owned' "a path"
asked '..' "a folder"
asked '3600" RUN+="/bin/touch /run/owned' "a rule"
asked '$(touch /run/owned)`touch /run/owned`;touch /run/owned' "a command"
asked '%s%s%n%n%99999999d' "a format"
asked '3600 1 queue_if_no_path 0' "words of a table"
asked "$(printf '%0500d' 7)" "a long one"

# ---- what the disk says of itself
rm -rf /run/mpath-boot
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
name=$($mpath_boot status --devices | head -n 1)
expect "a map is made" test -b "$name"
dev=$(basename "$(readlink -f "$name")")
expect_same "its name is mangled as libdevmapper does it" "" "$(basename "$name" | tr -d '#+.:=@_A-Za-z0-9\\-')"
table=$(dmsetup --manglename none table "$(cat "/sys/block/$dev/dm/name")" | sed 's/8:[0-9]*/DISK/g')
expect_same "its table has none of it" "0 16384 multipath 0 1 alua" "$(echo "$table" | cut -d' ' -f1-6)"
expect_same "at all" "" "$(echo "$table" | tr -d 'A-Za-z0-9 -')"
for word in status 'status --json' 'explain sda' explain timeline; do
	# shellcheck disable=SC2086
	$mpath_boot $word > /tmp/said 2>&1 || :
	expect_same "$word: no control bytes" 0 "$(tr -d '\n\t\40-\176\200-\377' < /tmp/said | wc -c)"
done
$mpath_boot status
$mpath_boot explain sda || :

# ---- maps of others, and numbers of their partitions
dm_of() { for file in /sys/block/dm-*; do [ "$(cat "$file/dm/name")" != "$1" ] || echo "${file##*/}"; done; }
wwid=$(sed 's/^mpath-//' "/sys/block/$dev/dm/uuid")
n=0
for uuid in "part-1-mpath-$wwid" "part99999999999999999999-mpath-$wwid" "part 1-mpath-$wwid" "part+1-mpath-$wwid" "part0x1-mpath-$wwid" "part-mpath-$wwid" "part1\"-mpath-$wwid"; do
	n=$((n + 1))
	dmsetup --manglename none create --uuid "$uuid" --table "0 8 error" "odd$n" 2> /dev/null || { say "the kernel's tool refuses $uuid"; continue; }
	expect_same "claim knows no $uuid" "" "$($mpath_boot claim "$(dm_of odd$n)" || :)"
done
dmsetup --manglename none create --uuid "part3-mpath-$wwid" --table "0 8 error" odd
expect "but part3" sh -c "$mpath_boot claim $(dm_of odd) | grep -x DM_PART=3"
dmsetup --manglename none create --uuid "$(printf 'mpath-3600\\x0aRUN=x')" --table "0 8 error" line
expect_same "nor a WWID of two lines" "" "$($mpath_boot claim "$(dm_of line)" || :)"
expect "nothing was called" test ! -e /run/owned

# SPDX-License-Identifier: GPL-2.0-or-later
#
# mpath-snapshot create on real maps: what it resolves is what multipathd made of the same configuration.
#
#   sda ── host 0 ── group 1 (optimized) ─────┐
#                                             ├─ LIO fileio LUN, two partitions      sanroot
#   sdb ── host 1 ── group 2 (nonoptimized) ──┘
#   sdc ── host 2 ─┐
#                  ├─ scsi_debug LUN 0                                               its WWID
#   sdd ── host 3 ─┘

wwid=36001405abcdef0000000000000000000
snap=/tmp/snapshot
create=/run/build/mpath-snapshot

cat > /etc/multipath.conf <<-CONF
	defaults {
		find_multipaths strict
		polling_interval 1
	}
	multipaths {
		multipath {
			wwid $wwid
			alias sanroot
			no_path_retry queue
		}
	}
CONF
mkdir -p /etc/multipath/conf.d
printf 'devices {\n\tdevice {\n\t\tvendor "LIO-ORG"\n\t\tproduct ".*"\n\t\tfailback 15\n\t}\n}\n' > /etc/multipath/conf.d/lio.conf

truncate -s 16M /tmp/lun
mbr /tmp/lun 2048 8192 10240 2048
start_udev
lio_paths /tmp/lun 2 abcdef
path_alua "${disks#* }" nonoptimized
scsi_debug_paths 1 2
udevadm settle
modprobe -a dm_multipath dm_service_time
for disk in sda sdc; do multipath -a "/dev/$disk"; done > /tmp/added
cat /tmp/added
other=$(sed 1d /etc/multipath/wwids | sed -n 's|^/\(.*\)/$|\1|p' | grep -v $wwid)
start_multipathd
udevadm settle
multipath -ll
expect_same "multipathd makes both maps" "multipath multipath" "$(dmsetup table --target multipath | sed 's/.* \(multipath\) .*/\1/' | xargs)"

status=0
$create create -o $snap 2> /tmp/err || status=$?
expect_same "root is not on multipath" "2" "$status"
expect "nothing is written" test ! -e $snap

value() { sed -n "/^map/,/^}/s/^\t$1 \"\{0,1\}\([^\"]*\)\"\{0,1\} # .*/\1/p" $snap | head -n 1; }
origin() { sed -n "s/^\t$1 .* # \(.*\)/\1/p" $snap | head -n 1; }
expect "a snapshot of sanroot" $create create --root /dev/mapper/sanroot-part1 -o $snap
cat $snap
table=$(dmsetup table sanroot)
expect_same "WWID" "$wwid" "$(value wwid)"
expect_same "alias" sanroot "$(value alias)"
expect_same "where the alias comes from" /etc/multipath.conf:8 "$(origin alias)"
expect_same "where failback comes from" /etc/multipath/conf.d/lio.conf:5 "$(origin failback)"
expect_same "where the policy comes from" 'multipath 0.9.4 built-in, devices "(LIO-ORG|SUSE)" ".*"' "$(origin path_grouping_policy)"
expect_same "policy" group_by_prio "$(value path_grouping_policy)"
expect_same "handler" "$(echo "$table" | sed 's/.* multipath [0-9]* [a-z_]* \([0-9]* [a-z]*\) .*/\1/')" "$(value hardware_handler)"
expect_same "queueing" "1 queue_if_no_path queue" "$(echo "$table" | sed 's/.* multipath \([0-9]* [a-z_]*\) .*/\1/') $(value no_path_retry)"
expect_same "prioritizer and checker" "alua tur" "$(value prio) $(value path_checker)"
expect_same "paths" 2 "$(grep -c '^	path {' $snap)"
expect_same "partitions" "2048 8192 10240 2048" "$(sed -n 's/^\t\t\(start\|size\) //p' $snap | xargs)"
expect_same "designator" "naa.${wwid#3}" "$(sed -n 's/^\tdesignator "\(.*\)"/\1/p' $snap | head -n 1)"
cp $snap /tmp/again
$create create --root /dev/mapper/sanroot -o $snap
expect "the same again is the same to the byte" cmp $snap /tmp/again


# The kernel prints two numbers behind each path where the table's maker gave one.
expect_same "mpath-boot would make multipathd's table" "$(echo "$table" | sed 's/ 2 \([0-9]*:[0-9]* 1\) 1/ 1 \1/g; s/ $//')" \
	"$(/run/build/mpath-boot plan --snapshot $snap | sed -n 's/^sanroot mpath-[^ ]* //p')"

expect "a snapshot of the other map by its WWID" $create create --map "$other" -o $snap
cat $snap
expect "show" $create show $snap
expect_same "modules" "dm-multipath dm-service-time" "$($create modules $snap | grep ^dm- | xargs)"

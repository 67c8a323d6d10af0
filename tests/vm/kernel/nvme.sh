# SPDX-License-Identifier: GPL-2.0-or-later
#
# NVMe over TCP with the kernel's own multipath off: the snapshot, the guard's map and its priorities are multipathd's, a controller that loses
# its connection is failed and reinstated, and multipathd takes the map over as it is.
#
#   nvme0 ── 127.0.0.1 ── ANA group 1, optimized ─────────┐
#                                                         ├─ namespace 7: nvme0n1 nvme1n1      sanroot
#   nvme1 ── 127.0.0.2 ── ANA group 1, non-optimized ─────┘  (namespace 3: nvme0n2 nvme1n2, somebody else's)

. /run/src/tests/vm/kernel/guest/nvme.sh
. /run/src/tests/vm/uml/guest/boot.sh
uuid=6d706174-682d-626f-6f74-000000000003
wwid=uuid.$uuid

mkdir -p /etc/multipath
printf 'defaults {\n\tfind_multipaths strict\n\tpolling_interval 1\n}\nmultipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias sanroot\n\t}\n}\n' $wwid > /etc/multipath.conf
echo /$wwid/ > /etc/multipath/wwids
truncate -s 32M /tmp/lun /tmp/foreign
mbr /tmp/lun 2048 4096
start_udev
nvmet_start N
nvmet_namespace 7 /tmp/lun 1 device_uuid=$uuid
nvmet_namespace 3 /tmp/foreign 1
nvmet_port 1
nvmet_port 2
nvmet_ana 2 1 non-optimized
nvme_connect 1
nvme_connect 2
wait_until 5 test -e /dev/nvme1n2
udevadm settle
# which namespace is whose
disks=$(grep -l $wwid /sys/block/nvme*/wwid | cut -d/ -f4 | xargs)
sda=${disks% *}
sdb=${disks#* }

# ---- what multipathd makes of it, and what we would
start_multipathd
udevadm settle
paths() { multipathd show paths raw format "%d %T %p" | grep -E "^($sda|$sdb) " | sort; }
hctl() { multipathd show paths raw format "%d %i" | grep -E "^($sda|$sdb) " | sort | xargs; }
table() { dmsetup table sanroot | sed 's/ 2 \([0-9]*:[0-9]* 1\) 1/ 1 \1/g; s/3 retain_attached_hw_handler queue_mode bio/2 queue_mode bio/; s/ $//'; }
expect_same "multipathd's priorities" "$sda ready 50 $sdb ready 10" "$(paths | xargs)"
hctl=$(hctl)
mpath-snapshot create --root /dev/mapper/sanroot-part1 -o /tmp/snapshot 2> /tmp/err
cat /tmp/snapshot
expect_same "create has nothing to warn of" "" "$(cat /tmp/err)"
value() { sed -n "s/^\t$1 \"\{0,1\}\([^\"]*\)\"\{0,1\} # .*/\1/p" /tmp/snapshot | head -n 1; }
expect_same "prioritizer and checker" "ana none" "$(value prio) $(value path_checker)"
expect_same "the WWID is of" "udev ID_WWN" "$(sed -n 's/^\twwid .* # //p' /tmp/snapshot)"
expect_same "portals, without our own end" "traddr=127.0.0.1,trsvcid=4420 traddr=127.0.0.2,trsvcid=4420" "$(sed -n 's/^\t\tportal "\(.*\)"/\1/p' /tmp/snapshot | xargs)"
plan() { mpath-boot plan --snapshot /tmp/snapshot | sed -n 's/^sanroot mpath-[^ ]* //p'; }
expect_same "mpath-boot would make multipathd's table" "$(table)" "$(plan)"

# ---- ANA states: our priorities beside multipathd's. A namespace that cannot be reached leaves no controller, so the path stays.
for state in optimized inaccessible persistent-loss change non-optimized; do
	nvmet_ana 2 1 $state
	theirs() { theirs=$(paths | sed -n "s/^$sdb .* //p"); [ "$theirs" = "$1" ]; }
	case $state in optimized) want=50 ;; non-optimized) want=10 ;; persistent-loss) want=0 ;; *) want=1 ;; esac
	wait_until 4 theirs $want || fail "multipathd's priority of $state: $theirs"
	ours=$(mpath-boot plan --snapshot /tmp/snapshot --json | grep -o "\"name\":\"$sdb\".*" | grep -o '"prio":[-0-9]*' | head -n 1 | cut -d: -f2)
	expect_same "ANA state $state: our priority is multipathd's" "$theirs" "$ours"
done
multipathd shutdown > /dev/null
gone_multipathd() { ! pidof multipathd > /dev/null; }
wait_until 5 gone_multipathd
dmsetup remove sanroot-part1
dmsetup remove sanroot

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
not_running() { ! pidof mpath-boot > /dev/null; }
nvmet_namespace 7 /tmp/lun 1 device_uuid=$uuid
nvmet_namespace 3 /tmp/foreign 1
nvmet_port 1
nvmet_port 2
nvmet_ana 2 1 non-optimized
mpath_boot=/usr/sbin/mpath-boot

# ---- connect: a port that is not there costs nothing but its path, and is found when it comes
nvmet_port_down 2
$mpath_boot connect --daemon "$(nvme_options 2)" "$(nvme_options 1)" || fail "connect: $?"
said() { dmesg | grep -q "mpath-boot: .*nvme: $1"; }
expect "the port that is there is connected to" wait_until 5 said "connected to 127.0.0.1"
expect "the other one is missed" wait_until 5 said "unable to connect to 127.0.0.2: "
expect_same "who tries is spared by systemd" "@" "$(head -c 1 "/proc/$(pidof mpath-boot | cut -d' ' -f1)/cmdline")"
nvmet_port_up 2
expect "and found when it comes" wait_until 8 said "connected to 127.0.0.2"
expect "nobody stays" wait_until 5 not_running
$mpath_boot connect "$(nvme_options 1)" || fail "connect: $?"
expect_same "what is connected already stays" 2 "$(ls -d /sys/class/nvme/nvme[0-9]* | wc -l)"
status=0
$mpath_boot connect --one "$(nvme_options 9)" "$(nvme_options 2)" 2> /tmp/said || status=$?
expect_same "--one is content with one" "0 1" "$status $(grep -c 'unable to connect to 127.0.0.9' /tmp/said)"
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
mpath-snapshot nvme /tmp/snapshot
expect_same "where to connect to" "$nqn 127.0.0.1 4420 lo 00:00:00:00:00:00 127.0.0.1/8 - $nqn 127.0.0.2 4420 lo 00:00:00:00:00:00 127.0.0.1/8 -" \
	"$(mpath-snapshot nvme /tmp/snapshot | xargs)"

# ---- ANA states: our priorities beside multipathd's. A namespace that cannot be reached leaves no controller, so the path stays.
for state in optimized inaccessible persistent-loss change non-optimized; do
	nvmet_ana 2 1 $state
	theirs() { theirs=$(paths | sed -n "s/^$sdb .* //p"); [ "$theirs" = "$1" ]; }
	case $state in optimized) want=50 ;; non-optimized) want=10 ;; persistent-loss) want=0 ;; *) want=1 ;; esac
	wait_until 10 theirs $want || fail "multipathd's priority of $state: $theirs"
	ours=$(mpath-boot plan --snapshot /tmp/snapshot --paths | sed -n "s/^# path $sdb .* priority //p")
	expect_same "ANA state $state: our priority is multipathd's" "$theirs" "$ours"
done

# ---- the guard: multipathd's map goes, ours comes
multipathd shutdown > /dev/null
gone_multipathd() { ! pidof multipathd > /dev/null; }
wait_until 5 gone_multipathd
udevadm settle	# its rules make the partition's map once more after each reload
stop_udev
gone_udevd() { ! pidof systemd-udevd > /dev/null; }
wait_until 5 gone_udevd
dmsetup remove --noudevsync --retry sanroot-part1
dmsetup remove --noudevsync --retry sanroot
mkdir -p /etc/mpath-boot
cp /tmp/snapshot $snapshot
start_udev ours
nvmet_port_down 2
lost() { [ "$(cat "/sys/block/$sdb/device/state")" = connecting ]; }
expect "the second controller has lost its connection" wait_until 5 lost
start_guard
expect "wait returns" $mpath_boot wait --timeout 10
expect_same "the map has one path" 1 "$(map_paths sanroot)"
expect "I/O goes" dd if=/dev/mapper/sanroot of=/dev/null bs=4k count=1 iflag=direct
expect "udev has claimed both paths" sh -c "udevadm info -q property -n $sda | grep -q DM_MULTIPATH_DEVICE_PATH=1 && udevadm info -q property -n $sdb | grep -q DM_MULTIPATH_DEVICE_PATH=1"
expect_same "the namespace's link leads to the map" "$(readlink -f /dev/mapper/sanroot)" "$(readlink -f /dev/disk/by-id/nvme-$wwid)"
nvmet_port_up 2
two() { [ "$(map_active sanroot)" = 2 ]; }
expect "the second joins when it is connected again" wait_until 8 two
expect_same "in multipathd's table" "$(plan)" "$(table)"
hctls() { sed -n 's/^\t\thctl "\(.*\)"/\1/p' /run/mpath-boot/state | sort; }
expect_same "the addresses are multipathd's" "$hctl" "$(paste_names() { for name in $sda $sdb; do grep -A3 "^.*name \"$name\"" /run/mpath-boot/state | sed -n "s/.*hctl \"\(.*\)\"/$name \1/p"; done; }; paste_names | xargs)"
expect_same "nothing is missing" "" "$(grep missing /run/mpath-boot/state || :)"
$mpath_boot status

active() { [ "$(map_active sanroot)" = "$1" ]; }
nvmet_port_down 1
expect "a lost controller's path fails" wait_until 8 active 1
expect "I/O goes on the other" dd if=/dev/mapper/sanroot of=/dev/null bs=4k count=1 iflag=direct
nvmet_port_up 1
expect "it is reinstated when the controller is back" wait_until 8 active 2

# ---- the namespace grows: the map keeps its size and its paths
resize() { truncate -s "$1" /tmp/lun && echo 1 > $nvmet/subsystems/$nqn/namespaces/7/revalidate_size; }
sizes() { [ "$(cat "/sys/block/$sda/size" "/sys/block/$sdb/size" | xargs)" = "$1 $1" ]; }
resize 48M
expect "the namespace has grown" wait_until 5 sizes 98304
noticed() { [ "$(grep -c 'has grown to 98304 sectors' /run/mpath-boot/log)" = 2 ]; }
expect "the guard has seen it" wait_until 12 noticed
expect_same "and has kept both paths" "2 65536" "$(map_active sanroot) $(blockdev --getsz /dev/mapper/sanroot)"
expect "I/O goes" dd if=/dev/mapper/sanroot of=/dev/null bs=4k count=1 iflag=direct
resize 32M
expect "it has its size again" wait_until 5 sizes 65536

start_multipathd
guard_left() { [ "$(status phase)" = "handed over" ]; }
expect "the guard hands over" wait_until 10 guard_left
expect_same "no reload" 0 "$(map_json sanroot map_loads)"
expect_same "no switch of groups" 0 "$(map_json sanroot switch_grp)"
cat /run/mpath-boot/log

# SPDX-License-Identifier: GPL-2.0-or-later
#
# NVMe with the kernel's own multipath, its default: a snapshot of the same namespace notwithstanding, we keep out of the way and say so.
#
#   nvme0 ── 127.0.0.1 ─┐
#                       ├─ namespace 1: nvme0n1, the kernel's own (nvme0c0n1 nvme0c1n1)
#   nvme1 ── 127.0.0.2 ─┘

. /run/src/tests/vm/kernel/guest/nvme.sh
. /run/src/tests/vm/uml/guest/boot.sh
uuid=6d706174-682d-626f-6f74-000000000003

snapshot_begin
snapshot_map uuid.$uuid sanroot 2 'prio "ana"' 'path_checker "none"' 'uid_attribute "ID_WWN"'
snapshot_end
truncate -s 32M /tmp/lun
mbr /tmp/lun 2048 4096
start_udev ours
nvmet_start Y
nvmet_namespace 1 /tmp/lun 1 device_uuid=$uuid
nvmet_port 1
nvmet_port 2
nvme_connect 1
nvme_connect 2
wait_until 5 test -e /dev/nvme0n1p1
wait_until 5 test -e /sys/block/nvme0c1n1
udevadm settle
expect_same "the namespace has the snapshot's WWID" uuid.$uuid "$(cat /sys/block/nvme0n1/wwid)"
$mpath_boot claim nvme0n1 && status=0 || status=$?
expect_same "it is not claimed" 1 $status
expect "udev has not claimed it either" sh -c '! grep DM_MULTIPATH_DEVICE_PATH=1 /run/udev/data/b259:*'
$mpath_boot explain nvme0n1 > /tmp/explain || :
$mpath_boot explain nvme0c0n1 >> /tmp/explain || :
cat /tmp/explain
expect_same "explain says why" 2 "$(grep -c 'nvme_core.multipath=Y' /tmp/explain)"
mpath-snapshot create --root /dev/nvme0n1p1 -o /tmp/snapshot 2> /tmp/err && status=0 || status=$?
cat /tmp/err
expect_same "create makes no snapshot" 2 $status
expect "and says why" grep -q "the kernel itself makes nvme0n1 multipath" /tmp/err
start_guard
said() { grep -q 'nvme0n1: the kernel itself makes this NVMe namespace multipath' /run/mpath-boot/log; }
expect "so does the guard" wait_until 5 said
expect "and leaves" wait_until 5 gone "$(status pid)"
mpath-boot wait --timeout 5 && status=0 || status=$?
expect_same "nobody waits for a map" 0 $status
expect "status says so" sh -c 'mpath-boot status | grep "not running (the kernel.s own"'
nap 1
expect_same "which makes no map" "No devices found" "$(dmsetup ls)"
expect_same "and says it once" 1 "$(grep -c 'kernel itself' /run/mpath-boot/log)"

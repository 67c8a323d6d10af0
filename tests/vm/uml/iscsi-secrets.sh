# SPDX-License-Identifier: GPL-2.0-or-later
#
# CHAP in both directions, digests, IPv6. What one must not read is read by nobody: not in files, not in arguments, not in a log.
#
# with: iscsi
# timeout: 900

. /run/src/tests/vm/uml/guest/boot.sh
. /run/src/tests/vm/uml/guest/iscsi.sh

chap=yes digest=CRC32C
iscsi_prepare 127.0.1.1 fd00::1
modprobe ipv6 || :
ip addr add fd00::1/128 dev lo
modprobe -a crc32c_generic 2> /dev/null || :
printf '%s\n' 'node.conn[0].iscsi.HeaderDigest = CRC32C' 'node.conn[0].iscsi.DataDigest = CRC32C' > /etc/iscsi/iscsid.conf
portal_start 1 127.0.1.1
portal_start 2 '[fd00::1]'
settings="ISCSI_USERNAME=me ISCSI_PASSWORD=initiators-secret ISCSI_IN_USERNAME=you ISCSI_IN_PASSWORD=targets-secret"
iscsi_boot
expect "wait returns" $mpath_boot wait --timeout 180
expect "both paths, one of them by IPv6" wait_until 90 paths 2
expect_same "with digests" "1 1 1 1" "$(cat /sys/class/iscsi_connection/*/header_digest /sys/class/iscsi_connection/*/data_digest | xargs)"
expect_same "with CHAP" "me me" "$(cat /sys/class/iscsi_session/*/username | xargs)"
secrets() {
	dmesg | grep 's-secre[t]'
	cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\0' '\n' | grep 's-secre[t]'
	find /run/mpath-boot /etc /tmp -type f -perm /077 -exec grep -l 's-secre[t]' {} + 2> /dev/null
	cat /run/mpath-boot/iscsi.log /run/mpath-boot/log | grep 's-secre[t]'
}
expect_same "no secret is where others can read it" "" "$(secrets)"
portal_kill 1
expect "a portal is away" wait_until 90 active 1
portal_start 1 127.0.1.1
expect "back, with CHAP" wait_until 90 active 2
portal_kill 2
expect "the other is away" wait_until 90 active 1
portal_start 2 '[fd00::1]'
expect "back, by IPv6" wait_until 90 active 2
no_error

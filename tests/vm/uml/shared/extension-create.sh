# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
#
# mpath-snapshot with extensions in the configuration: which of them root's map needs is recorded; one that crashes or hangs when it is tried, or is not there,
# and there is no snapshot. What multipath-tools make of the same configuration.
#
#   sda ── host 0 ─┐
#                  ├─ LIO fileio LUN      sanroot
#   sdb ── host 1 ─┘

mpath_boot=/usr/sbin/mpath-boot
wwid=36001405abcdef0000000000000000000
snap=/tmp/snapshot
create=/run/build/mpath-snapshot

conf() {	# conf EXTENSION...
	{
		echo 'defaults {'
		printf '\textension "%s"\n' "$@"
		printf '\tfind_multipaths strict\n\tdetect_prio no\n}\nmultipaths {\n\tmultipath {\n\t\twwid %s\n\t\talias sanroot\n\t}\n}\n' $wwid
		printf 'overrides {\n\tprio "example_host"\n\tprio_args "1"\n}\n'
	} > /etc/multipath.conf
}
conf example.so

truncate -s 16M /tmp/lun
start_udev
lio_paths /tmp/lun 2 abcdef
modprobe -a dm_multipath dm_service_time
multipath -a /dev/sda > /tmp/added
start_multipathd
udevadm settle
expect "multipath-tools only warn of the keyword" sh -c "multipath -t 2>&1 > /dev/null | grep 'invalid keyword.*extension'"
multipath -ll
multipath -v3 -ll 2>&1 | grep -i example_host | head -n 5 || :

expect "a snapshot" $create create --root /dev/mapper/sanroot -o $snap
cat $snap
expect "names the extension and who wants it" grep -q '^	extension "example.so" # /etc/multipath.conf:2$' $snap
expect "and its prioritizer" grep -q '^	prio "example_host"' $snap
$mpath_boot plan --snapshot $snap 2> /tmp/err || :
cat /tmp/err
expect_same "the plan needs no more" "" "$(cat /tmp/err)"

expect "and its hash" grep -q "$(sha256sum /usr/lib/mpath-boot/example.so | cut -d' ' -f1)" $snap
echo >> /usr/lib/mpath-boot/example.so
status=0
$create check --root /dev/mapper/sanroot $snap > /tmp/check || status=$?
cat /tmp/check
expect_same "check sees that the library has changed since" "10 1" "$status $(grep -c 'another version of this library' /tmp/check)"

conf example.so trouble.so
expect "a snapshot with two" $create create --root /dev/mapper/sanroot -o $snap
expect_same "the one that is not needed is left out" 1 "$(grep -c '^	extension' $snap)"

for bad in start-null:crashed start-hang:"did not end" other-abi:ABI not-there:"No such file" "../x:a name is"; do
	conf "${bad%%:*}.so"
	rm -f $snap
	status=0
	$create create --root /dev/mapper/sanroot -o $snap 2> /tmp/err || status=$?
	grep -v "invalid keyword" /tmp/err || :
	expect_same "${bad%%:*}: no snapshot" "100 no" "$status $([ -e $snap ] && echo yes || echo no)"
	expect "${bad%%:*}: why" grep -q "${bad%%:*}.so.*${bad#*:}" /tmp/err
done

conf x.so
sed -i /extension/d /etc/multipath.conf
mkdir -p /etc/mpath-boot
echo 'extension "example.so" # ours alone' > /etc/mpath-boot/extensions.conf
expect "a snapshot, with our own file" $create create --root /dev/mapper/sanroot -o $snap
expect "names it" grep -q '^	extension "example.so" # /etc/mpath-boot/extensions.conf:1$' $snap
rm /etc/mpath-boot/extensions.conf
expect "a snapshot, with --extension" $create create --root /dev/mapper/sanroot -o $snap --extension /usr/lib/mpath-boot/example.so
expect "names that" grep -q '^	extension "/usr/lib/mpath-boot/example.so"' $snap

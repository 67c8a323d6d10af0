# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
#
# The cases of tests/probe.cases, played to the checkers and prioritizers of multipath-tools: what they say is what ours have to say in
# test-checkers.c and test-prios.c. Nothing of mpath-boot runs here. multipath is watched from outside: tests/vm/uml/fake-ioctl.c, preloaded, answers
# for the disks, one case for each. Other versions than 0.9.4 (UML_SUITE=trixie) print no state that is wild or pending.
#
#   sda, sdb, ... ── scsi_debug LUN 0, 1, ...      case 0, 1, ... of one plugin, then the next 12

cases=/run/src/tests/probe.cases
luns=12
[ -e /run/build/fake-ioctl.so ] || fail "no build/fake-ioctl.so: make tests"

modprobe -a dm_multipath dm_service_time
start_udev
scsi_debug_paths $luns 1
udevadm settle
# in the order of their numbers, as fake-ioctl.c counts them
disks=$(for disk in $disks; do echo "$(cat "/sys/block/$disk/dev") $disk"; done | sort -t : -k 1,1n -k 2,2n | cut -d' ' -f2)
mkdir -p /dev/disk/by-path
number=0
for disk in $disks; do
	# for prioritizer iet, which goes by the names of links
	ln -s ../../$disk /dev/disk/by-path/ip-10.0.0.1:3260-iscsi-iqn.2026-01.test:lab-lun-$number
	number=$((number + 1))
	echo "$disk $(sed -n 's/^E:ID_SERIAL=//p' "/run/udev/data/b$(cat "/sys/block/$disk/dev")")"
done > /tmp/disks

# "kind name line wanted arguments" of each case; ana asks no SCSI disk anything
awk 'function out() { if (n && !skip) print plugin, line, want, "\"" args "\"" }
	/^(checker|prio) / { out(); split($2, name, ":"); plugin = $1 " " name[1]; line = NR; want = ""; n++; skip = name[1] == "ana"
		args = $0; if (!sub(/^[^"]*"/, "", args) || !sub(/": .*/, "", args)) args = "" }
	/^\t= / && want == "" { want = $2 } /^\t~ / { want = $2 } /^\t!/ { skip = 1 } END { out() }' $cases > /tmp/list

# configure KIND NAME: the arguments belong to each LUN's WWID; the cases are in /tmp/these
configure() {
	local checker=directio prio=const
	if [ "$1" = prio ]; then prio=$2; else checker=$2; fi
	printf 'defaults {\n\tfind_multipaths no\n}\noverrides {\n\tdetect_prio no\n\tdetect_checker no\n\tpath_checker %s\n\tprio %s\n}\n' $checker $prio
	awk -v prio=$prio 'NR == FNR { wwid[FNR] = $2; next } { sub(/^[^ ]* [^ ]* [^ ]* [^ ]* /, "")
		printf "multipaths {\n\tmultipath {\n\t\twwid %s\n\t\tprio %s\n\t\tprio_args %s\n\t}\n}\n", wwid[FNR], prio, $0 }' /tmp/disks /tmp/these
}

# judge KIND NAME: the first that multipath says of each disk, and what it left undone
judge() {
	awk -v plugin="$1 $2" -v words="$2 $([ "$1" = prio ] && echo prio || echo state) = " '
		FILENAME == "/tmp/disks" { disk[FNR] = $1; next }
		FILENAME == "/tmp/said" { if ((at = index($0, ": " words))) { name = $3; sub(/:$/, "", name)
			if (!(name in said)) said[name] = substr($0, at + 2 + length(words)) } next }
		FILENAME == "/run/trace" { if ($1 == "left:") { line = $3; sub(/:$/, "", line); left[line] = left[line] $0 } next }
		{ name = disk[FNR]; if (!(name in said)) said[name] = "undef"
			if (said[name] != $4 || left[$3] != "") printf "probe.cases line %s, %s: wanted %s, multipath says %s. %s\n", $3, plugin, $4, said[name], left[$3] }
		' /tmp/disks /tmp/said /run/trace /tmp/these
}

: > /tmp/wrong
cut -d' ' -f1,2 /tmp/list | sort -u > /tmp/plugins
while read -r kind name; do
	skip=0
	grep "^$kind $name " /tmp/list > /tmp/all
	while tail -n +$((skip + 1)) /tmp/all | head -n $luns > /tmp/these && [ -s /tmp/these ]; do
		configure "$kind" "$name" > /etc/multipath.conf
		PROBE_PLUGIN="$kind $name" PROBE_SKIP=$skip PROBE_CASES=$cases PROBE_TRACE=/run/trace LD_PRELOAD=/run/build/fake-ioctl.so \
			multipath -v3 -d > /tmp/said 2>&1 || :
		judge "$kind" "$name" >> /tmp/wrong
		skip=$((skip + luns))
	done
done < /tmp/plugins
cat /tmp/wrong
expect "there are more than 200 cases" [ "$(wc -l < /tmp/list)" -gt 200 ]
expect_same "in none of them multipath-tools says something else" 0 "$(wc -l < /tmp/wrong)"

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What scenarios of our own binaries use besides lib.sh: a snapshot without the full system that would make it, and the guard.

mpath_boot=/usr/sbin/mpath-boot
snapshot=/etc/mpath-boot/snapshot

# [snapshot_extension="FILE..."] snapshot_begin; snapshot_map WWID ALIAS PATHS [LINE]...; snapshot_end: write $snapshot. Each LINE is a "keyword value" that
# replaces a default.
snapshot_begin() {
	mkdir -p /etc/mpath-boot
	printf '# mpath-boot snapshot; see mpath-boot.snapshot(5)\nsnapshot {\n\tversion 1\n\tgenerator "test"\n\tmultipath_tools "0.9.4"\n' > $snapshot
	printf '\tfind_multipaths "strict"\n\tpolling_interval 5\n\tmax_polling_interval 20\n' >> $snapshot
	for more in $snapshot_extension; do printf '\textension "%s"\n' "$more" >> $snapshot; done
	printf '}\n' >> $snapshot
}
snapshot_map() {
	local wwid=$1 alias=$2 paths=$3 line key; shift 3
	{
		printf 'map {\n\twwid "%s"\n\talias "%s"\n\tneeded_for "/"\n' "$wwid" "$alias"
		[ "${wwid#3}" = "$wwid" ] || printf '\tdesignator "naa.%s"\n' "${wwid#3}"
		for line in 'path_grouping_policy "failover"' 'path_selector "service-time 0"' 'features "0"' 'hardware_handler "0"' 'prio "const"' \
			'prio_args ""' 'path_checker "tur"' 'checker_timeout 30' 'minio 1' 'rr_weight "uniform"' 'failback "manual"' 'skip_kpartx "no"' \
			'partition_delimiter "-part"' 'uid_attribute "ID_SERIAL"'; do
			key=${line%% *}
			for more in "$@"; do [ "${more%% *}" != "$key" ] || line=; done
			[ -z "$line" ] || printf '\t%s\n' "$line"
		done
		for line in "$@"; do printf '\t%s\n' "$line"; done
		while [ "$paths" -gt 0 ]; do
			printf '\tpath {\n\t\ttransport "test"\n\t\tdriver ""\n\t\ttarget ""\n\t\tlun 0\n\t}\n'
			paths=$((paths - 1))
		done
		printf '}\n'
	} >> $snapshot
}
snapshot_end() { printf 'checksum "sha256:%s"\n' "$(sha256sum < $snapshot | cut -d' ' -f1)" >> $snapshot; }

# start_guard [OPTION]...: --initrd where a switch_root follows
start_guard() {
	modprobe -a dm_multipath dm_service_time
	"$mpath_boot" guard --daemon "$@"
}

# guard_kill: and its parent, who would start it again
guard_kill() {
	local pid
	read -r pid < /run/mpath-boot/pid
	# shellcheck disable=SC2046
	kill -KILL $(cut -d' ' -f4 "/proc/$pid/stat") "$pid"
	wait_until 1 gone "$pid"	# not if it hangs in the kernel
}

# guard_undo MAP...: as if there had been no guard; MAPs are what it has made
guard_undo() {
	guard_kill
	dmsetup remove "$@"
	rm -r /run/mpath-boot
}

# in_map DISK [MAP]: the map has it
in_map() { dmsetup table "${2:-mpatha}" | grep -q " $(cat "/sys/block/$1/dev") "; }

# read_block [MAP]: past every cache;   queues [MAP]: it does when it has no path
read_block() { dd if="/dev/mapper/${1:-mpatha}" of=/dev/null bs=4k count=1 iflag=direct 2> /dev/null; }
queues() { dmsetup table "${1:-mpatha}" | grep -q queue_if_no_path; }

# outage: both paths of mpatha, sda and sdb, go and come back, and a read waits for them; active N is the scenario's
outage() {
	path_offline sda
	path_offline sdb
	{ read_block && echo read > /run/read; } &
	expect "no path is left" wait_until 8 active 0
	path_running sda
	path_running sdb
	expect "both are back" wait_until 8 active 2
	expect "and the read has waited for them" wait_until 5 test -e /run/read
}

# status KEY: the first value of that key in the guard's state
status() { sed -n "s/^\t*$1 \"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" /run/mpath-boot/state | head -n 1; }

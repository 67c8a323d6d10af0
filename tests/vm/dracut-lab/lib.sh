# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the real root's scripts share. /run/out/verdict is what the host reads.

say() { echo "lab: $*" > /dev/kmsg; echo "$*" >> /run/out/said; }
fail() {
	say "FAIL: $*"
	{ mpath-boot status; cat /run/mpath-boot/log; } > /run/out/status 2>&1
	echo "FAIL: $*" > /run/out/verdict
	journalctl -b --no-pager -o short-monotonic > /run/out/journal
	systemctl --no-block --force poweroff
	exit 1
}

# wait_until SECONDS CMD...
wait_until() {
	_end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt $_end ] || return 1
		sleep 0.2
	done
}
# expect TEXT CMD...
expect() {
	_text=$1
	shift
	"$@" || fail "$_text: $*"
	say "ok: $_text"
}

# set_disks offline|running [DISK]...: all, if none is named
set_disks() {
	_state=$1
	shift
	[ $# -gt 0 ] || set -- sda sdb
	for _disk; do echo "$_state" > "/sys/block/$_disk/device/state"; done
}
active() { [ "$(dmsetup status mpatha | grep -o ' [0-9]*:[0-9]* A ' | wc -l)" = "$1" ]; }
phase() { mpath-boot status | head -n 1 | grep -q "$1"; }

# The writer counts in /run, and ends at the first error.
start_writer() {
	echo 0 > /run/written
	sh -c 'n=0
	while dd if=/dev/zero of=/root/load bs=64k count=4 conv=fsync 2> /run/writer; do n=$((n + 1)); echo $n > /run/written; sleep 0.1; done
	touch /run/writer-failed' > /dev/null 2>&1 &
}
gets_on() { [ ! -e /run/writer-failed ] && [ "$(cat /run/written)" -gt $((_before + 2)) ]; }
writes() {
	_before=$(cat /run/written)
	wait_until 120 gets_on
}

no_error() { ! dmesg | grep -iE 'EXT4-fs error|Buffer I/O error|I/O error.* dev dm-|Remounting filesystem read-only' > /run/out/errors; }

# leave VERB: the machine goes down; the host takes the time from here
leave() {
	echo pass > /run/out/verdict
	journalctl -b --no-pager -o short-monotonic > /run/out/journal
	mpath-boot timeline > /run/out/timeline
	echo "lab: $1" > /dev/kmsg
	systemctl --no-block "$1"
}

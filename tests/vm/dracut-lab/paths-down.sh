#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every path is down for good, root queues, and the machine is told to go. From then on nothing is read from root here: this shell has its commands built in, or
# from the host's files.
. /run/src/tests/vm/dracut-lab/lib.sh

for word in $(cat /proc/cmdline); do
	case $word in
	lab.verb=*) verb=${word#*=} ;;
	esac
done
# what PID 1 wants, as systemctl says it: SIGRTMIN+4, SIGRTMIN+5
case $verb in
poweroff) signal=38 ;;
reboot) signal=39 ;;
esac
start_writer
expect "root is written to" writes
echo pass > /run/out/verdict
journalctl -b --no-pager -o short-monotonic > /run/out/journal
echo offline > /sys/block/sda/device/state
echo offline > /sys/block/sdb/device/state
# whoever flushes, hangs now
/run/tools/busybox sleep 8
echo "lab: $verb" > /dev/kmsg
kill -$signal 1

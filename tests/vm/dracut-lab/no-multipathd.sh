#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# multipathd is masked for ever: the guard from the initramfs is all that root has, for the machine's life. It has to put each path back to use, and outlive
# what systemd does to processes.
. /run/src/tests/vm/dracut-lab/lib.sh

guard=$(cat /run/mpath-boot/pid)
alive() { read -r _ _ _state _ < "/proc/$guard/stat" && [ "$_state" != T ] && ! pidof multipathd; }
outage() {
	set_disks offline "$@"
	expect "$when: the path is gone" wait_until 120 active $((2 - $#))
	[ $# = 2 ] || expect "$when: root is written to meanwhile" writes
	[ $# = 1 ] || sleep 5
	set_disks running "$@"
	expect "$when: the guard has both paths in use" wait_until 120 active 2
	expect "$when: root is written to" writes
	expect "$when: the same guard is there, and no multipathd" alive
}

expect "the guard is there, and no multipathd" alive
start_writer
when="one path away"
outage sda

# as systemd does it around the signals that it sends to everybody
when="everybody stopped and continued"
kill -STOP -1
set_disks offline sdb
sleep 3
set_disks running sdb
kill -CONT -1
expect "$when: both paths are in use" wait_until 120 active 2
expect "$when: root is written to" writes
expect "$when: the same guard is there" alive

when="in rescue.target"
expect "isolate rescue.target" systemctl isolate rescue.target
expect "$when: the same guard is there" alive
pidof dd > /dev/null || start_writer
outage sdb
when="in multi-user.target again"
expect "isolate multi-user.target" systemctl isolate multi-user.target
outage sda

when="all paths away"
outage sda sdb
expect "no error reached the file system" no_error
leave poweroff

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.sh - boot a scenario script in Debian's own kernel, for what User-Mode Linux's lacks: NVMe, SCSI device handlers
#
#   kernel.sh run [-v] SCENARIO    boot it in QEMU; exit 0 when it passed, 1 when not. -v: print its console
#
# A scenario is kernel/*.sh, written as those of uml.sh are and with the same helpers (uml/guest/lib.sh): the guest has the same
# tools, here in an initramfs, and the kernel and modules of the guest that guest.sh builds. It needs no KVM, and nothing but
# its own memory: its disks are on targets of its own.
#
# BUILD             where mpath-boot and mpath-snapshot are (default: build/ of this checkout)
# KERNEL_TIMEOUT    seconds until the guest is killed and has failed (default: "# timeout: N" in the scenario, or 120)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILD:-$top/build}

die() { echo "kernel: fatal: $*" >&2; exit 2; }

# What a scenario may load, without what none of them does: all of it would take seconds to unpack.
modules() {
	find lib/modules/*/ -type f \( -name 'modules.*' -o -path '*/kernel/lib/*' -o -path '*/kernel/crypto/*' -o -path '*/kernel/block/*' \
		-o -path '*/kernel/fs/configfs/*' -o -path '*/kernel/drivers/block/loop*' -o -path '*/kernel/drivers/md/dm-*' -o -path '*/kernel/drivers/nvme/*' \
		-o -path '*/kernel/drivers/target/*' -o -path '*/kernel/drivers/scsi/s[cdge]*' -o -path '*/kernel/drivers/scsi/device_handler/*' \)
}

# initrd: the tools, and behind them what is ours
initrd() {
	local tree=$out/tree
	mkdir -p "$tree"/run/{src/tests/vm/{uml,kernel},build,out} "$tree/usr/sbin"
	(cd "$guest/root" && modules | cpio --quiet -pdm "$tree/usr")
	cp -r "$here/uml/guest" "$tree/run/src/tests/vm/uml"
	cp -r "$here/kernel/guest" "$tree/run/src/tests/vm/kernel"
	cp -r "$top/hooks" "$tree/run/src"
	cp "$file" "$tree/run/src/scenario"
	cp "$here/kernel/guest/init" "$tree/init"
	cp "$build/mpath-boot" "$build/mpath-snapshot" "$tree/run/build"
	cp "$build/mpath-boot" "$build/mpath-snapshot" "$tree/usr/sbin"
	for tree in "$tools/root" "$tree"; do
		(cd "$tree" && find . | cpio --quiet -o -H newc)
	done
}

run() {
	local start=$EPOCHREALTIME took limit name why
	name=$(basename "$file" .sh)
	limit=${KERNEL_TIMEOUT:-$(sed -n 's/^# timeout: //p' "$file")}
	initrd > "$out/initrd"
	# one processor without what it would emulate in vain; the kernel is entered through its PVH note
	# (on a slow host its check of the timer fails, and it takes the wrong measure of the TSC); norandmaps: see qemu.py
	timeout -k 1 "${limit:-120}" qemu-system-x86_64 -accel tcg -smp 1 -cpu qemu64 -m 512 -nodefaults -display none -no-reboot -nic none \
		-kernel "$guest/vmlinux" -initrd "$out/initrd" -append "console=ttyS0 mitigations=off no_timer_check norandmaps tsc=unstable panic=-1 quiet $(sed -n 's/^# kernel: //p' "$file")" \
		-serial file:"$out/console" -serial file:"$out/result" < /dev/null || :
	[ -z "$verbose" ] || cat "$out/console"
	took=$(((${EPOCHREALTIME/./} - ${start/./}) / 10000))
	took=$(printf '%d.%02d' $((took / 100)) $((took % 100)))
	if [ "$(tr -d '\r' < "$out/result")" = pass ]; then
		printf 'pass  %-32s %6s s\n' "$name" "$took"
		rm -rf "$out"
		return 0
	fi
	why=$(grep -m1 -o 'FAIL: .*' "$out/console") || why=$(grep -m1 -o 'Kernel panic.*' "$out/console") || why="no verdict within ${limit:-120} s"
	printf 'FAIL  %-32s %6s s   %s\n      console: %s\n' "$name" "$took" "${why#FAIL: }" "$out/console"
	return 1
}

verbose=
[ "${1:-}" = run ] || { sed -n '/^# kernel.sh/,/^set/{s/^# \{0,1\}//p}' "$0"; exit 2; }
shift
if [ "${1:-}" = -v ]; then verbose=yes; shift; fi
file=${1:-/dev/null}
[ -f "$file" ] || die "no such scenario: $file"
tools=$("$here/uml.sh" setup)
guest=$("$here/guest.sh")
out=$(mktemp -d "${TMPDIR:-/tmp}/mpath-boot-kernel.XXXXXX")
run

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# uml.sh - boot a scenario script in User-Mode Linux
#
#   uml.sh run [-v] SCENARIO    boot it; exit 0 when it passed, 1 when not. -v: print its console
#   uml.sh shell [SCENARIO]     the same guest with a shell on this terminal
#   uml.sh setup                only fill the cache (run does it when needed); prints its folder
#
# A scenario is uml/*.sh; it runs inside the guest (uml/guest/lib.sh has its helpers). The guest's
# kernel and tools come from Debian packages, unpacked into the cache and never installed. Guests
# share that folder read-only and write into an overlay, so any number of them run side by side.
#
# BUILD              where mpath-boot and mpath-snapshot are (default: build/ of this checkout)
# UML_TIMEOUT        seconds until the guest is killed and has failed (default: "# timeout: N" in the scenario, or 60)
# UML_CPU            processor to pin the guest to; it runs on one at a time anyway, and unpinned it is half as fast (default 0)
# UML_SUITE          Debian suite whose tools the guest has: bookworm, trixie or testing (default: "# suite: NAME" in the scenario, or bookworm)
# UML_PRELOAD        one more library for the kernel's process (see uml/vtime.c)
# UML_NICE           its nice value, for measurements on a busy machine
# UML_KERNEL         more for the kernel command line, e.g. rd.mpath_boot.debug; so does "# kernel: ..." in the scenario
# UML_OUT            folder for the guest's files (/run/out in it), which are then kept however it ends
# MPATH_BOOT_CACHE   the cache
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${MPATH_BOOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mpath-boot}
build=${BUILD:-$top/build}

# What the guest consists of; the libraries are the closure of the programs.
packages=(
	user-mode-linux busybox-static
	udev dmsetup multipath-tools kpartx sg3-utils sg3-utils-udev
	libc6 libgcc-s1 libacl1 libaio1 libblkid1 libcap2 libdevmapper1.02.1 libedit2 libbsd0 libmd0 libtinfo6
	libgcrypt20 libgpg-error0 libjson-c5 libkmod2 liblz4-1 liblzma5 libpcre2-8-0 libselinux1 libsgutils2-1.46-2
	libssl3 libsystemd0 libudev1 liburcu8 libzstd1
)

# The same from another suite: apt finds the libraries. The kernel stays bookworm's.
other_packages=(udev dmsetup multipath-tools kpartx sg3-utils sg3-utils-udev)
other_without='coreutils|cpio|3cpio|debconf|dracut-install|initramfs-tools.*|klibc-utils|libklibc|linux-base|logsave|mount|openssl-.*|systemd'

# What "# with: SET" in a scenario adds: bookworm's packages, in a folder of their own.
with_iscsi=(open-iscsi libisns0 libopeniscsiusr libmount1 tgt libibverbs1 librdmacm1 libnl-3-200 libnl-route-3-200)
with_blkid=(util-linux)

die() { echo "uml: fatal: $*" >&2; exit 2; }

# download_other SUITE DIR: into DIR/deb, by an apt of its own in DIR/apt that knows nothing of this machine but its mirror and its keys
download_other() {
	local suite=$1 deb=$2/deb apt=$2/apt mirror
	local -a options=(-q -q -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o Dir::Etc::sourcelist="$apt/sources.list"
		-o Dir::Etc::sourceparts="$apt/none" -o Dir::Etc::preferencesparts="$apt/none" -o APT::Sandbox::User=root -o Acquire::Languages=none)
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
	mkdir -p "$apt"/{none,state/lists/partial,cache/archives/partial}
	: > "$apt/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:?no Debian sources: run apt-get update} $suite main" > "$apt/sources.list"
	apt-get "${options[@]}" update
	apt-get "${options[@]}" -o APT::Install-Recommends=0 -y --print-uris install "${other_packages[@]}" busybox-static |
		sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p" | grep -vxE "$other_without" > "$apt/list"
	(cd "$deb" && xargs apt-get "${options[@]}" download < "$apt/list")
	rm -r "$apt"
}

# recipe SUITE DIR: what setup does; its text is part of the cache's key
recipe() {
	local suite=$1 dir=$2 pkg
	mkdir -p "$dir"/{deb,root/{usr/{bin,sbin,lib,lib64},dev,etc,mnt,proc,run,sys,tmp,var,sysroot}}
	for pkg in bin sbin lib lib64; do ln -s "usr/$pkg" "$dir/root/$pkg"; done
	if [ "$suite" = bookworm ]; then
		(cd "$dir/deb" && apt-get -q -q -o APT::Sandbox::User=root download "${packages[@]}")
	else
		download_other "$suite" "$dir"
		(cd "$dir/deb" && apt-get -q -q -o APT::Sandbox::User=root download user-mode-linux)
	fi
	for pkg in "$dir"/deb/*.deb; do dpkg-deb -x "$pkg" "$dir/unpacked"; done
	mv "$dir/unpacked/usr/bin/linux.uml" "$dir/linux"
	mv "$dir/unpacked/usr/lib/uml/modules" "$dir/modules"
	# what neither side of a boot reads
	find "$dir"/unpacked/usr/lib/systemd -mindepth 1 ! -name systemd-udevd -delete 2> /dev/null || :
	rm -rf "$dir"/unpacked/usr/share "$dir"/unpacked/usr/lib/{uml,debug,*/gconv,*/perl*} "$dir"/unpacked/{lib/systemd/{system,network},{,usr/}lib/udev/hwdb.d,etc/init.d,var}
	(cd "$dir/unpacked" && tar -cf - .) | tar -xf - -C "$dir/root" --keep-directory-symlink
	rm -rf "$dir"/{deb,unpacked}
	mkdir "$dir/root/lib/modules"
	ln -s ../run "$dir/root/var/run"
	"$dir/root/bin/busybox" --list-full | while read -r pkg; do
		[ -e "$dir/root/$pkg" ] || ln -s /bin/busybox "$dir/root/$pkg"
	done
	gcc -shared -fPIC -O2 -Wall -o "$dir/xstate.so" "$here/uml/xstate.c"
	echo 'root:x:0:0:root:/:/bin/sh' > "$dir/root/etc/passwd"
	printf '%s:x:0:\n' root disk tty dialout kmem cdrom floppy tape audio video input render lp kvm sgx > "$dir/root/etc/group"
	# a disk with the same tools as the root on its first partition
	pkg=$(($(du -s -m --apparent-size "$dir/root" | cut -f1) * 5 / 4 + 32))
	truncate -s $((pkg + 1))M "$dir/root.img"
	echo '2048,,83' | sfdisk -q "$dir/root.img"
	mke2fs -q -t ext4 -E offset=1048576,root_owner=0:0 -L mpath-root -U 6d706174-6862-6f6f-7400-000000000001 -d "$dir/root" "$dir/root.img" ${pkg}M
}

# add_set NAME: sets $added, its folder in the cache; fills it when it is not there
add_set() {
	local key pkg
	local -n packages=with_$1
	key=$( (echo "${packages[*]}"; declare -f add_set) | sha256sum | cut -c1-16)
	added=$cache/uml-with-$1-$key
	[ ! -e "$added" ] || return 0
	mkdir -p "$cache" "$added.$$"/{deb,unpacked,root/usr/{bin,sbin,lib,lib64}}
	for pkg in bin sbin lib lib64; do ln -s "usr/$pkg" "$added.$$/root/$pkg"; done
	(cd "$added.$$/deb" && apt-get -q -q -o APT::Sandbox::User=root download "${packages[@]}")
	for pkg in "$added.$$"/deb/*.deb; do dpkg-deb -x "$pkg" "$added.$$/unpacked"; done
	rm -rf "$added.$$"/unpacked/usr/share
	(cd "$added.$$/unpacked" && tar -cf - .) | tar -xf - -C "$added.$$/root" --keep-directory-symlink
	rm -rf "$added.$$"/{deb,unpacked}
	mv -T "$added.$$" "$added" 2> /dev/null || rm -rf "$added.$$"	# another was faster
}

# setup: sets $dir, the folder in the cache; fills it when it is not there
setup() {
	local key
	key=$( (echo "$suite ${packages[*]} ${other_packages[*]} $other_without"; declare -f recipe download_other; cat "$here/uml/xstate.c") | sha256sum | cut -c1-16)
	dir=$cache/uml-$suite-$key
	[ -e "$dir" ] && return
	mkdir -p "$cache"
	exec 9> "$cache/uml.lock"
	flock 9
	if [ ! -e "$dir" ]; then
		echo "uml: making $dir" >&2
		rm -rf "$dir.tmp"
		recipe "$suite" "$dir.tmp" >&2
		mv "$dir.tmp" "$dir"
	fi
	exec 9>&-
}

# boot CONSOLE: becomes the guest, with its files in $out
boot() {
	# raid6_select_algo is a benchmark of 0.9 s for a module that nobody here loads.
	# The quotes reach the guest's kernel, which takes what they hold as one word.
	LD_PRELOAD=$dir/xstate.so${UML_PRELOAD:+:$UML_PRELOAD} exec taskset -c "${UML_CPU:-0}" "$dir/linux" \
		rootfstype=hostfs rootflags="$dir/root" ro mem=384M umid=uml uml_dir="$out" con=null con0="$1" ssl=null \
		printk.time=1 printk.devkmsg=on panic=-1 pty.legacy_count=0 initcall_blacklist=raid6_select_algo ${kernel:-} ${UML_KERNEL:-} \
		uml_cache="$dir" uml_src="$top" uml_build="$build" uml_out="$out" uml_scenario="$scenario" uml_shell="${shell:-}" \
		${added:+uml_added="$added/root"} \
		init=/bin/sh -- -c "\"mount -r -t hostfs -o $here/uml/guest none /mnt && exec sh /mnt/init\""
}

# run: boots $scenario, says how it went
run() {
	local start=$EPOCHREALTIME took why limit name guest maker
	name=$(basename "$scenario" .sh)
	limit=${UML_TIMEOUT:-$(sed -n 's/^# timeout: //p' "$file")}
	kernel=$(sed -n 's/^# kernel: //p' "$file")
	maker=$(sed -n 's/^# initrd: //p' "$file")
	if [ -n "$maker" ]; then
		"$here/uml/host/$maker" "$out" "$dir" "$build"
		kernel="$kernel initrd=$out/initrd rdinit=/init"
	fi
	# The guest holds the pipe (its descriptor 9) as long as it lives. It makes itself a session, so a process group, of its own.
	exec 8< <(boot null,fd:1 9>&1 < /dev/null > "$out/console" 2>&1)
	guest=$!
	trap 'kill -KILL -- -$guest; exit 2' INT TERM HUP
	# Where the kernel schedules by sessions, a session has a nice value of its own; the guest makes itself one as it starts.
	if [ -n "${UML_NICE:-}" ]; then
		sleep 0.3
		renice -n "$UML_NICE" -g $guest > /dev/null 2>&1 || true
		{ echo "$UML_NICE" > /proc/$guest/autogroup; } 2> /dev/null || true
	fi
	read -r -t "${limit:-60}" -u 8 _ || true
	kill -KILL -- -$guest 2> /dev/null || true
	trap - INT TERM HUP
	exec 8<&-
	[ -z "$verbose" ] || cat "$out/console"
	took=$(((${EPOCHREALTIME/./} - ${start/./}) / 10000))
	took=$(printf '%d.%02d' $((took / 100)) $((took % 100)))
	if [ "$(cat "$out/result" 2>/dev/null)" = pass ]; then
		printf 'pass  %-32s %6s s\n' "$name" "$took"
		[ -n "${UML_OUT:-}" ] || rm -rf "$out"
		return 0
	fi
	why=$(grep -m1 -o -h 'FAIL: .*' "$out/log" 2>/dev/null) || why=$(grep -m1 -o 'Kernel panic.*' "$out/console") || why="no verdict within ${limit:-60} s"
	printf 'FAIL  %-32s %6s s   %s\n      console: %s\n' "$name" "$took" "${why#FAIL: }" "$out/console"
	return 1
}

command=${1:-}
[ $# -eq 0 ] || shift
verbose=
if [ "${1:-}" = -v ]; then verbose=yes; shift; fi
file=${1:-/dev/null}
case $command in
run) [ -f "$file" ] || die "no such scenario: $file" ;;
shell | setup) ;;
*) sed -n '/^# uml.sh/,/^set/{s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
suite=${UML_SUITE:-$(sed -n 's/^# suite: //p' "$file")}
suite=${suite:-bookworm}
setup
set_name=$(sed -n 's/^# with: //p' "$file")
added=
[ -z "$set_name" ] || add_set "$set_name"
[ "$command" != setup ] || { echo "$dir"; exit; }

out=${UML_OUT:-$(mktemp -d "${TMPDIR:-/tmp}/mpath-boot-uml.XXXXXX")}
scenario=/run/out/$(basename "$file")
cp "$file" "$out"
if [ "$command" = run ]; then
	run
else
	shell=yes
	(boot fd:0,fd:1) || true
	rm -rf "$out"
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make check: install what is needed, build, and run every test that fits into three quarters of an hour on two processors.
# Stages in order of their cost; the last line counts them.
#
# CHECK="unit static plugins san clang glibc fuzz uml parity vm"   only these stages
# FUZZ_SECONDS=60                            per target
set -u
cd "$(dirname "$0")/.." || exit 2
stages=${CHECK:-unit static plugins san clang glibc fuzz uml parity vm}
passed=0
failed=0

stage() {	# stage NAME CMD...: shows the end of its output when it fails
	local name=$1 start=$SECONDS; shift
	case " $stages " in *" $name "*) ;; *) return ;; esac
	echo "== $name"
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "== $name FAILED"
	fi
	echo "== $name: $((SECONDS - start)) s"
}

unit() { make -s WERROR=1 all tests fuzzers && sh tests/run-unit.sh build && make -s size; }
static() { sh tests/check-static.sh build; }
# The same boots with the dynamic flavour and with a relinked program, and what only these can do.
plugins() {
	make -s WERROR=1 PLUGINS=shared all extensions && tests/test-plugins.sh &&
		BUILD=$PWD/build/shared tests/vm/uml/run-all ./two-paths.sh ./root-gap.sh ./shared/extension.sh ./shared/trouble.sh ./shared/extension-create.sh &&
		BUILD=$PWD/build/relinked tests/vm/uml/run-all ./two-paths.sh ./root-gap.sh ./relinked/extension.sh ./shared/trouble.sh
}
san() { make -s SAN=1 WERROR=1 all tests fuzzers && sh tests/run-unit.sh build/san; }
clang() { make -s WERROR=1 B=build/clang HOST_CC=clang STATIC_CC=clang LIBC=glibc build/clang/mpath-boot build/clang/mpath-snapshot; }
glibc() { make -s WERROR=1 LIBC=glibc build/glibc/mpath-boot && build/glibc/mpath-boot --version; }
fuzz() { make -s -j 2 build/libfuzzer/libfuzzed.a && make -s fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-60}"; }

sh tests/packages.sh build test vm || exit 1
stage unit unit
stage static static
stage plugins plugins
stage san san
stage clang clang
stage glibc glibc
stage fuzz fuzz
stage uml tests/vm/uml/run-all
# testing moves, and a change there is not ours: make check-parity has it
stage parity tests/parity/run -s bookworm -s trixie named
stage vm tests/vm/run-qemu
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

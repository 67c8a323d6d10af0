#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Build libaio.a with $CC from the distribution's source package: build-libaio.sh SOURCE_DIR OUTPUT_DIR
set -eu

src=$1
out=$2
mkdir -p "$src" "$out"
if ! ls -d "$src"/libaio-*/ > /dev/null 2>&1; then
	"$(dirname "$0")/apt-source.sh" libaio "$src"
fi
dir=$(echo "$src"/libaio-*/)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$dir/src/." "$work"
abs=$(pwd)
# Relative -isystem of the Makefile: run make from here with -C only for its own files.
make -s -C "$work" CC="$(echo "$CC" | sed "s|-isystem \([^/]\)|-isystem $abs/\1|")" \
	CFLAGS="-Os -ffunction-sections -fdata-sections -fomit-frame-pointer -Wall -I. " libaio.a > /dev/null
cp "$work/libaio.a" "$work/libaio.h" "$out/"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-plugins.sh: the choice at build time, both flavours as installed, and the example of docs/ against them as somebody else would build it: with pkg-config
# for the dynamic one, with the relink kit for the static one. Leaves build/relinked for boots. Half a minute.
set -u
cd "$(dirname "$0")/.." || exit 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# check WHAT COMMAND...
check()
{
	local what=$1
	shift
	if "$@" > "$tmp/output" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
		tail -n 5 "$tmp/output" | sed 's/^/     /'
	fi
}
not() { ! "$@"; }
says() { local text=$1; shift; "$@" > "$tmp/said" 2>&1; grep -q -- "$text" "$tmp/said" || { cat "$tmp/said"; false; }; }
names() { "$@" | sed 's/ .*//' | sort | xargs; }

# libc and its dynamic linker, or not even these
needs_libc() { ! readelf -dW "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -v -e '^libc\.so' -e '^ld-linux'; }

# ---- the choice at build time
few() { make -s -j2 B="$tmp/few" CFLAGS=-O0 "$@" "$tmp/few/mpath-boot"; }
check "a build of few" few CHECKERS="tur directio" PRIOS=sysfs
check "... has these checkers" [ "$(names "$tmp/few/mpath-boot" list --self checkers)" = "directio none tur" ]
check "... and these prioritizers" [ "$(names "$tmp/few/mpath-boot" list --self prios)" = "const sysfs" ]
check "of fewer" few CHECKERS= PRIOS=
check "... has what stands in" [ "$(names "$tmp/few/mpath-boot" list --self)" = "checkers: const none prioritizers:" ]
check "with extensions" few CHECKERS= PRIOS= EXTRA="docs/example-plugin/example.c tests/extensions/trouble.c"
check "... has them" [ "$(names "$tmp/few/mpath-boot" list --self)" = "checkers: const example_host example_read none prioritizers: trouble trouble" ]
check "an unknown checker" not few CHECKERS="tur turr"
check "... is named" says 'CHECKERS: there is no checker "turr"' few CHECKERS="tur turr"
check "an unknown prioritizer" says 'PRIOS: there is no prioritizer "x"' few PRIOS=x

# ---- as installed
check "install" make -s install DESTDIR="$tmp/dest"
check "install the dynamic flavour beside it" make -s PLUGINS=shared install DESTDIR="$tmp/dest"
here=$tmp/dest/usr/lib/mpath-boot
shared=$here/mpath-boot.shared
check "the static one needs no interpreter" not grep -q INTERP <(readelf -lW "$tmp/dest/usr/sbin/mpath-boot")
check "the dynamic one needs libc only" needs_libc "$shared"
for file in "$here"/*.so; do
	check "${file##*/} needs libc only" needs_libc "$file"
done

# ---- the example, by pkg-config
export PKG_CONFIG_PATH=$tmp/dest/usr/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$tmp/dest PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
cp -r docs/example-plugin "$tmp/example"
check "the example builds" make -s -C "$tmp/example"
check "the dynamic one loads it" says '^example_read *extension example.so' "$shared" list --extension "$tmp/example/example.so"
check "the static one says what to do" says 'static and loads nothing; link it in (mpath-boot relink)' \
	"$tmp/dest/usr/sbin/mpath-boot" list --extension "$tmp/example/example.so"
check "... and 100" [ "$("$tmp/dest/usr/sbin/mpath-boot" list --extension "$tmp/example/example.so" > /dev/null 2>&1; echo $?)" = 100 ]
chmod g+w "$tmp/example/example.so"
check "a file that others may write is refused" says 'others may write it' "$shared" list --extension "$tmp/example/example.so"
chmod g-w "$tmp/example/example.so"
for name in "a b.so" "../x.so" x "$tmp/example/../example/example.so"; do
	check "the name \"$name\" is refused" says "a name is letters" "$shared" list --extension "$name"
done
ln -s example.so "$tmp/example/new.so"
check "a library by another name is the same" says '^example_read *extension ' "$shared" list --extension "$tmp/example/new.so"
echo > "$tmp/example/empty.so"
check "what is no library is refused" says 'unable to load extension .*empty.so: file too short' "$shared" list --extension "$tmp/example/empty.so"
check "nor one without the symbol" says 'no symbol mpath_boot_extension' "$shared" list --extension "$here/checker-tur.so"

# ---- all plugins of ours load
trial() { make -s PLUGINS=shared B=build/shared "$PWD/build/shared/trial"; }
check "a program that looks for them here" trial
same() { diff <(names "$1" list --self) <(names "$2" list --self); }
check "both flavours have the same" same build/shared/trial build/mpath-boot
check "nothing is amiss" [ -z "$(build/shared/trial list --self 2>&1 > /dev/null)" ]

# ---- the relink kit
relink() { sh "$here/relink/relink" "$@"; }
sed 's/example/second/g' docs/example-plugin/example.c > "$tmp/second.c"
echo 'int helper(void); int helper(void) { return 1; }' > "$tmp/helper.c"
gcc -c -o "$tmp/helper.o" "$tmp/helper.c"
check "relink an object and a source" relink "$tmp/example/example.o" "$tmp/second.c" "$tmp/helper.o" -o "$tmp/relinked"
check "... has both" [ "$("$tmp/relinked" list --self | grep -c 'linked in')" = 4 ]
check "... needs no interpreter" not grep -q INTERP <(readelf -lW "$tmp/relinked")
check "... honours extension example.so" says 'linked in example' "$tmp/relinked" list --extension example.so
check "... but no other" not "$tmp/relinked" list --extension third.so
check "ld alone will do" env CC=no-such-program sh "$here/relink/relink" -o "$tmp/relinked" "$tmp/example/example.o"
check "cc alone will do" env LD=no-such-program sh "$here/relink/relink" -o "$tmp/relinked" "$tmp/second.c" "$tmp/example/example.o"
check "an object without an extension" says 'none of these files defines' relink "$tmp/helper.o" -o "$tmp/other"
printf '\177ELF and nothing else' > "$tmp/garbage.o"
check "garbage" says 'unable to read' relink "$tmp/garbage.o" -o "$tmp/other"
check "no file" says 'unable to read' relink "$tmp/nowhere.o" -o "$tmp/other"
check "nothing is left behind" not test -e "$tmp/other"
mkdir -p build/relinked
check "one to boot with" relink "$tmp/example/example.o" tests/extensions/trouble.c -o build/relinked/mpath-boot
cp build/mpath-snapshot build/relinked/
start=$EPOCHREALTIME
relink "$tmp/example/example.o" -o "$tmp/relinked" > /dev/null
echo "a relink takes $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"

# ---- README's way back leaves nothing of "make install"
sed -n '/^  *rm -rf \/usr/,/[^\\]$/p' README.md | sed "s| /| $tmp/dest/|g" > "$tmp/remove"
check "README's command removes" sh -e "$tmp/remove"
check "... all" [ -z "$(find "$tmp/dest" ! -type d)" ]

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

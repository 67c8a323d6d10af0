#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-static.sh BUILD_DIR: what tools find without a compiler of ours: cppcheck over the sources, and the unit tests under valgrind. The last line counts.
# cppcheck does not know the cleanup attribute, so leaks are for valgrind and the sanitizers. Left out there: tests that crash or forbid themselves system calls on purpose.
b=$1
passed=0
failed=0

count() {	# count NAME STATUS LOG
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		grep -v '^\[' "$3" | head -n 30 | sed 's/^/     /'
	fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cppcheck -q -j2 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 --std=c11 -D_GNU_SOURCE -D__x86_64__ \
	--suppress=missingIncludeSystem --suppress=memleak -I"$b/gen" src src/keeper src/snapshot-tool checkers prio > "$log" 2>&1
count cppcheck $? "$log"
for t in "$b"/tests/test-*; do
	case $t in
	*/test-fence | */test-sandbox | */test-extension* | */test-plugin*) continue ;;
	esac
	# what threads that still live have of their own is only "possibly lost"
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite "$t" > "$log" 2>&1
	count "$(basename "$t") under valgrind" $? "$log"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

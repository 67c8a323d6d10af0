#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run-unit.sh BUILD_DIR: the cmocka programs, the plans of recorded machines, the fuzz targets on their corpus, the hook's test, and pictures.
# The last line counts.
b=$1
here=$(dirname "$0")
passed=0
failed=0

count() {	# count NAME STATUS LOG
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		tail -n 20 "$3" | sed 's/^/     /'
	fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for t in "$b"/tests/test-*; do
	"$t" > "$log" 2>&1
	count "$(basename "$t")" $? "$log"
done
for t in "$b"/fuzz/fuzz-*; do
	"$t" "$here"/fuzz/corpus/"$(basename "$t")"/* > "$log" 2>&1
	count "$(basename "$t") on its corpus" $? "$log"
done
for dir in "$here"/fixtures/*/; do
	name=$(basename "$dir")
	[ -e "$here/expected/$name" ] || continue
	"$b"/mpath-boot plan --sysroot "$dir" > "$log.plan" 2> "$log"
	diff -u "$here/expected/$name" "$log.plan" >> "$log" 2>&1
	count "plan of $name" $? "$log"
	rm -f "$log.plan"
done
"$here"/test-hook.sh > "$log" 2>&1
count test-hook.sh $? "$log"
"$here"/test-dracut.sh > "$log" 2>&1
count test-dracut.sh $? "$log"
"$here"/test-create.sh "$b" > "$log" 2>&1
count test-create.sh $? "$log"
"$here"/test-plot.py "$b" > "$log" 2>&1
count test-plot.py $? "$log"
# the program as it is shipped: sanitizers would be counted, too
if [ -e "$b/static/src/sha256.o" ] && [ "$b" = build ]; then
	"$here"/test-instructions.sh "$b" > "$log" 2>&1
	count test-instructions.sh $? "$log"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

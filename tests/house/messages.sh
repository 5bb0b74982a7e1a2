#!/bin/sh
# All messages of the program, as a list: build/messages.txt has one a line, with its file, to be read as a whole. No message has a word that
# docs/english.md forbids, or that a message has no use for.
# Usage: messages.sh SOURCE_ROOT FILE    FILE: where the list goes
cd "$1" || exit 1
list=$2
. tests/shell.sh

python3 tests/house/messages.py . >"$list" || exit 1
check "the list has messages of every room that speaks" sh -c 'for room in cause cli draw facade import judge network out scenario story view; do
	grep -q "^src/$room/" "$1" || { echo "none of $room"; exit 1; }
done && test "$(wc -l <"$1")" -gt 1000' _ "$list"

# without PATTERN: messages with a word of this pattern, in any case.
without() {
	grep -niEw -- "$1" "$list" | cut -c 1-160
}
for words in 'nobody|no one|somebody|anybody|everybody' 'whoever|whosoever' 'mend|mended' 'is told|are told' 'anew|afresh|once more' 'sent again' \
	'it waits|waits in vain' 'decided about' 'becomes of' 'hands on' 'who sees whom' 'vanish|vanishes'; do
	silent "no message has \"$words\"" without "$words"
done

# What the test itself must find.
cat >"$scratch/made.c" <<'END'
/* Nobody reads this comment. */
static void f(void) { say("the packet of %s waits " "for " PRIu64 " others", "short"); }
END
mkdir -p "$scratch/root/src/cli"
cp "$scratch/made.c" "$scratch/root/src/cli/"
python3 tests/house/messages.py "$scratch/root" >"$scratch/made.txt"
check "texts in parts are one message, comments are none" sh -c 'test "$(cat "$1")" = "src/cli/made.c	the packet of %s waits for N others"' _ "$scratch/made.txt"
finish

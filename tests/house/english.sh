#!/bin/sh
# Words that docs/english.md forbids: each has a highest count over the sources, pages and manuals. A count may only fall: who finds fewer lowers the
# bound in english.txt, who writes a new one is wrong.
# Usage: english.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh

# english.txt has a line a pattern: the highest count, then an extended regular expression, matched as whole words in any case.
bounds=tests/house/english.txt

# texts: the files that readers of pktpath see. english.md itself names the words.
texts() {
	find src include share docs man README.md CHANGELOG.md dev -type f \( -name '*.[ch]' -o -name '*.md' -o -name '*.[15]' -o -name '*.yaml' -o -name '*.lua' -o -name README.md -o -name dev \) |
		grep -vx 'docs/english\.md' | sort
}

# found PATTERN: each place with a word of this pattern. A line break between two words of a pattern hides them from the test.
found() {
	texts | xargs grep -noEiw -- "$1"
}

while read -r bound pattern; do
	case $bound in
	'' | '#'*) continue ;;
	esac
	found "$pattern" >"$scratch/found"
	n=$(wc -l <"$scratch/found")
	if [ "$n" -le "$bound" ]; then
		ok "\"$pattern\": $n, at most $bound"
	else
		not_ok "\"$pattern\": $n, at most $bound. docs/english.md says what to write instead"
		tail -n 20 "$scratch/found" | sed 's/^/    /'
	fi
	[ "$n" -ge "$bound" ] || echo "# lower the bound of \"$pattern\" in $bounds to $n"
done <"$bounds"

# What the test itself must find.
mkdir "$scratch/made" "$scratch/made/src"
echo '/* The checksum is Mended here. */' >"$scratch/made/src/a.c"
finds() {
	(cd "$scratch/made" && grep -rnoEiw -- 'mend(s|ed|ing)?' src) | grep -q '^src/a.c:1:Mended$'
}
check "a planted word is found" finds
every_page_word_has_a_bound() {
	[ "$(grep -cvE '^#|^$' "$bounds")" -ge 20 ]
}
check "the list has its patterns" every_page_word_has_a_bound
finish

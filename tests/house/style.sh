#!/bin/sh
# Habits of the code that a formatter and a script can judge: the layout is clang-format's, `sizeof *x` and `!x` are written so, and the subject of a
# commit is short.
# Usage: style.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh

# ---- layout ----

# Other versions of clang-format lay out differently.
formatter=
for name in clang-format-14 clang-format; do
	if [ -z "$formatter" ] && "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
		formatter=$name
	fi
done
if [ -n "$formatter" ]; then
	badly_laid_out() {
		find "${1:-.}" -name '*.[ch]' -not -path './build*' -not -path './.git/*' -print0 |
			xargs -0 "$formatter" --style=file:.clang-format --dry-run 2>&1 | grep 'warning:'
	}
	for room in src tests include; do
		silent "$room is laid out by clang-format 14 (else: clang-format-14 -i FILE)" badly_laid_out "$room"
	done
	printf 'int  f(void)   { return 1; }\n' >"$scratch/a.c"
	check "a line that is laid out otherwise is found" badly_laid_out "$scratch"
else
	skip "clang-format 14 is not here: the layout of the code is not checked"
fi

# ---- one dialect ----

# at_most BOUND WHAT COMMAND...: COMMAND prints at most so many places. A bound may only fall.
at_most() {
	bound=$1
	what=$2
	shift 2
	"$@" >"$scratch/places"
	n=$(wc -l <"$scratch/places")
	if [ "$n" -le "$bound" ]; then
		ok "$what: $n, at most $bound"
	else
		not_ok "$what: $n, at most $bound"
		tail -n 20 "$scratch/places" | sed 's/^/    /'
	fi
	[ "$n" -ge "$bound" ] || echo "# tests/house/style.sh: lower the bound of this to $n: $what"
}
null_compared() {
	grep -rnE '[!=]= *NULL\b|\bNULL *[!=]=' --include='*.[ch]' "$@"
}
at_most 7 "src compares no pointer with NULL: it writes x or !x" null_compared src include
at_most 16 "tests compare no pointer with NULL" null_compared tests
# Where memory is allocated, cleared or counted there is a variable: sizeof *x, sizeof x.
type_measured() {
	grep -rnE '(alloc|arena_[a-z]+|memset|memcmp|qsort)\(.*sizeof *\((const |struct |union |enum |char|bool|size_t|u?int)' --include='*.[ch]' "$@"
	grep -rnE 'sizeof *\([a-z_]+(\[[^]]*\])?\)' --include='*.[ch]' "$@" |
		grep -vE '#define|\\$|sizeof *\((bool|char|int|unsigned|long|size_t|u?int[0-9]+_t|be16|be32)\)'
}
at_most 0 "sizeof takes a variable, without parentheses" type_measured src include tests

# ---- commits ----

# The first commit of this habit; a copy without its history has nothing to say.
habit_since=a246674cc39c08f08b0a000ab722c7eebeb107d8
if git merge-base --is-ancestor "$habit_since" HEAD 2>/dev/null; then
	long_subjects() {
		git log --no-merges --format=%s "$habit_since..HEAD" | awk 'length($0) > 72'
	}
	silent "subjects of commits have at most 72 characters" long_subjects
else
	skip "the history of commits is not here"
fi
ignored_revisions() {
	grep -vE '^#|^$' .git-blame-ignore-revs | while read -r revision; do
		git log -1 --format=%s "$revision" 2>/dev/null | grep -q . || echo "$revision"
	done
}
if git merge-base --is-ancestor "$habit_since" HEAD 2>/dev/null; then
	silent "git blame ignores commits that exist" ignored_revisions
	check "git blame ignores the commit that laid out all files" \
		grep -qx "$(git log --format=%H --grep='^Format all C with clang-format 14, 120 columns' | head -n 1)" .git-blame-ignore-revs
fi
finish

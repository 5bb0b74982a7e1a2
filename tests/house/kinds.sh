#!/bin/sh
# What a new kind of element costs: the shared files under src/ that name one of them. The importer reads Azure's own names and is left out.
# Usage: kinds.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh

# shared KIND: the files that name it and are not its own.
shared() {
	grep -rliE "$1" src | grep -vE "^src/import/|/$1\.[ch]$" | sort
}
# own KIND: its files.
own() {
	ls "src/model/$1.h" "src/model/$1.c" "src/scenario/$1.c" "src/network/$1.c"
}
kinds=$(sed -n "s/^kinds = \[\(.*\)\]$/\1/p" src/meson.build | tr -d "',")
check "there are kinds" test -n "$kinds"
for kind in $kinds; do
	check "$kind has files of its own" own "$kind"
	shared "$kind" >"$scratch/shared"
	check "at most eight shared files name $kind ($(wc -l <"$scratch/shared"))" test "$(wc -l <"$scratch/shared")" -le 8
	check "some do" test -s "$scratch/shared"
	check "the register has a line of it" grep -qi "X($kind, $kind" src/model/kinds.h
done
finish

#!/bin/sh
# What a new kind of element costs: the shared files under src/ that name one of them. The importer reads Azure's own names and is left out.
# Usage: kinds.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh

# shared KIND: the files that name it and are not its own. A kind of one word is named by identifiers alone: it is a word of texts, too.
shared() {
	upper=$(echo "$1" | tr '[:lower:]' '[:upper:]')
	case $1 in
	*_*) word=$1 ;;
	*) word="\\b$1(_[a-z]+|s\\b)|'$1'" ;;
	esac
	grep -rlE "$word|_$upper\\b|\\b${upper}_[A-Z]|_${upper}_" src --include='*.[ch]' --include=meson.build |
		grep -vE "^src/import/|/$1(_[a-z]+)?\.[ch]$" | sort
}
# most KIND: how many may. A firewall has reasons, events and passages of its own; a web app calls, is called by name, and has instances.
most() {
	case $1 in
	firewall) echo 16 ;;
	web_app) echo 22 ;;
	*) echo 8 ;;
	esac
}
# own KIND: its files.
own() {
	ls "src/model/$1.h" "src/model/$1.c" "src/scenario/$1.c" "src/network/$1.c"
}
kinds=$(sed -n "/^kinds = {/,/^}/s/^  '\([a-z_]*\)': .*/\1/p" src/meson.build)
check "there are kinds" test -n "$kinds"
for kind in $kinds; do
	check "$kind has files of its own" own "$kind"
	shared "$kind" >"$scratch/shared"
	check "at most $(most "$kind") shared files name $kind ($(wc -l <"$scratch/shared"))" test "$(wc -l <"$scratch/shared")" -le "$(most "$kind")"
	check "some do" test -s "$scratch/shared"
	check "the register has a line of it" grep -qi "X($kind, $kind" src/model/kinds.h
done
finish

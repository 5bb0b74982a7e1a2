#!/bin/sh
# Each case: inputs, the arguments of the import (`args`), the scenario that is wanted without its comments (`wanted.yaml`), and what is to stand under
# NOT MODELLED (`notes`). What comes out is compared by meaning: comments and blanks do not count. It must pass `check`, and run.
# Usage: cases.sh SOURCE_ROOT PKTPATH [--update]
cd "$1" || exit 1
. tests/shell.sh
pktpath=$2
update=${3:-}
needs jq

without_comments() {
	sed -E '/^[[:space:]]*#/d; s/[[:space:]]+# .*$//; /^[[:space:]]*$/d' "$1"
}

imported() { # CASE
	# shellcheck disable=SC2046 # the arguments are words
	(cd "tests/import/cases/$1" && "$pktpath" import $(cat args) "$2" "$3")
}

same_as() { # WANTED GOT
	[ -z "$update" ] || cp "$2" "$1"
	diff -u "$1" "$2"
}

scenario_is_wanted() {
	imported "$1" -o "$scratch/out.yaml" && without_comments "$scratch/out.yaml" >"$scratch/got.yaml" &&
		same_as "tests/import/cases/$1/wanted.yaml" "$scratch/got.yaml"
}

notes_are_wanted() {
	imported "$1" --list --json >"$scratch/list.json" &&
		jq -r '.not_modelled[] | .severity + " " + .what' "$scratch/list.json" | sort >"$scratch/got.notes" &&
		same_as "tests/import/cases/$1/notes" "$scratch/got.notes"
}

# Of each property something became.
nothing_is_lost() {
	jq -e '(.properties | length > 0) and all(.properties[]; .fate == "mapped" or .fate == "not-modelled" or
		(.fate == "no-influence" and .reason != null))' "$scratch/list.json"
}

for case in tests/import/cases/*/; do
	case=$(basename "$case")
	check "$case: the scenario is as wanted" scenario_is_wanted "$case"
	check "$case: what is not modelled is as wanted" notes_are_wanted "$case"
	check "$case: nothing is lost" nothing_is_lost
	check "$case: the scenario is sound" "$pktpath" check "$scratch/out.yaml"
	check "$case: the scenario runs" "$pktpath" run --no-traces -q -o "$scratch/run-$case" "$scratch/out.yaml"
	silent "$case: the same bytes again" sh -c "$(printf 'cd tests/import/cases/%s && %s import %s -o - | diff - %s' "$case" "$pktpath" \
		"$(cat "tests/import/cases/$case/args")" "$scratch/out.yaml")"
done
finish

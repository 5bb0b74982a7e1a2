#!/bin/sh
# Each case: inputs, the arguments of the import (`args`), the scenario that is wanted without its comments (`wanted.yaml`), what is to stand under
# NOT MODELLED (`notes`), what happens to its probes (`fates`), and who is seen from which address (`addresses`); effective routes and rules of the cloud
# where a case has them (`effective-*.json`). What comes out is compared by meaning: comments and blanks do not count. It must pass `check`, and run.
# Usage: cases.sh SOURCE_ROOT PKTPATH [--update]
cd "$1" || exit 1
. tests/shell.sh
pktpath=$2
update=${3:-}
needs jq
needs python3

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

fates_are_wanted() {
	"$pktpath" run --no-traces -o "$scratch/run-$1" "$scratch/out.yaml" 2>/dev/null | grep '^  flow' | tr -s ' ' >"$scratch/got.fates"
	same_as "tests/import/cases/$1/fates" "$scratch/got.fates"
}

addresses_are_wanted() {
	(cd "$scratch" && "$pktpath" addresses out.yaml 2>/dev/null) | tr -s ' ' | sed -E 's/ out\.yaml:[0-9]+//' >"$scratch/got.addresses"
	same_as "tests/import/cases/$1/addresses" "$scratch/got.addresses"
}

as_in_force() { # CASE ANSWER
	# shellcheck disable=SC2046 # the arguments are words
	(cd "tests/import/cases/$1" && "$pktpath" import $(cat args) --against "$2")
}

# A program that reads the documents by itself finds each property of each network resource in the list.
walk_finds_all() {
	# shellcheck disable=SC2046 # the arguments are words
	(cd "tests/import/cases/$1" && python3 ../../walk.py "$scratch/list.json" $(tr ' ' '\n' <args | sed '/^--/,+1d' | grep -v parameters))
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
	check "$case: each property of the inputs is in the list" walk_finds_all "$case"
	check "$case: the scenario is sound" "$pktpath" check "$scratch/out.yaml"
	check "$case: the scenario runs" "$pktpath" run --no-traces -q -o "$scratch/run-$case" "$scratch/out.yaml"
	check "$case: what happens to its probes" fates_are_wanted "$case"
	check "$case: who is seen from which address" addresses_are_wanted "$case"
	for answer in tests/import/cases/"$case"/effective-*.json; do
		[ ! -e "$answer" ] || check "$case: $(basename "$answer" .json) as in the cloud" as_in_force "$case" "$(basename "$answer")"
	done
	silent "$case: the same bytes again" sh -c "$(printf 'cd tests/import/cases/%s && %s import %s -o - | diff - %s' "$case" "$pktpath" \
		"$(cat "tests/import/cases/$case/args")" "$scratch/out.yaml")"
done
finish

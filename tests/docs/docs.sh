#!/bin/sh
# What docs and man pages say of keys is what the table of keys says; every table that is marked is there.
# Usage: docs.sh SOURCE_ROOT REFERENCE [write]    `write` brings them up to date (./dev docs)
cd "$1" || exit 1
reference=$2
write=${3:-}
. tests/shell.sh

# refreshed FILE: the file with each block `<!-- keys SECTION... -->` (or `<!-- walk -->`) to `<!-- end -->` made again.
refreshed() {
	inside=
	while IFS= read -r line; do
		case $line in
		"<!-- keys "*)
			printf '%s\n' "$line"
			names=${line#<!-- keys }
			# shellcheck disable=SC2086 # several names
			"$reference" markdown ${names% -->} || return 1
			inside=yes
			;;
		"<!-- profiles -->" | "<!-- sources -->")
			printf '%s\n' "$line"
			names=${line#<!-- }
			"$reference" "${names% -->}" || return 1
			inside=yes
			;;
		"<!-- kinds "*)
			printf '%s\n' "$line"
			names=${line#<!-- kinds }
			# shellcheck disable=SC2086 # what, and a file
			"${reference%/*}/kinds" ${names% -->} || return 1
			inside=yes
			;;
		"<!-- walk -->")
			printf '%s\n' "$line"
			"${reference%/*}/walk" || return 1
			inside=yes
			;;
		"<!-- ways -->")
			printf '%s\n' "$line"
			"${reference%/*}/ways" || return 1
			inside=yes
			;;
		"<!-- end -->")
			printf '%s\n' "$line"
			inside=
			;;
		*)
			[ -n "$inside" ] || printf '%s\n' "$line"
			;;
		esac
	done <"$1"
}

# up_to_date FILE COMMAND...: FILE is what COMMAND prints.
up_to_date() {
	file=$1
	shift
	"$@" >"$scratch/made" || exit 1
	if [ -n "$write" ]; then
		cp "$scratch/made" "$file"
	fi
	check "$file is up to date (else: ./dev docs)" diff "$file" "$scratch/made"
}

# unlisted DIRECTORY PAGE: scenarios that the page about them does not name.
unlisted() {
	for scenario in "$1"/*.yaml; do
		grep -qF "../$scenario" "$2" || echo "$scenario is not in $2"
	done
}

# twinless: laws without a scenario that breaks them.
twinless() {
	for law in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15; do
		ls scenarios/laws/law-"$law"-*-broken.yaml >/dev/null 2>&1 || echo "law $law has no broken twin"
	done
}
# unmanned: options of the help that pktpath(1) does not have, in its own spelling of a hyphen.
unmanned() {
	sed 's/\\-/-/g' man/pktpath.1 >"$scratch/manual"
	grep -oE '^[[:space:]]*"  +(-[a-z], )?--[a-z-]+[^"]*' src/cli/commands.c | sed 's/   *[a-z].*//' | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
		grep -qE -- "$option\\b" "$scratch/manual" || echo "$option is not in man/pktpath.1"
	done
	sed -n 's/^\t{"\([a-z]*\)", .*/\1/p' src/cli/commands.c | while read -r command; do
		grep -qx ".B $command" "$scratch/manual" || echo "$command is not in man/pktpath.1"
	done
}
silent "pktpath(1) has each command and each option of the help" unmanned
# Tests of the NATs by the RFCs: those that are, those that run, those that the page about them names.
nat_tests() {
	grep -ho 'START_TEST(rfc[a-z0-9_]*)' tests/network/check_nat_rfc*.c | sed 's/START_TEST(//; s/)//' | sort
}
nat_tests_that_run() {
	grep -ho 'tcase_add[a-z_]*test(tc, rfc[a-z0-9_]*' tests/network/check_nat_rfc*.c | sed 's/.* //' | sort
}
nat_tests_of_page() {
	grep -o '`rfc[0-9][a-z0-9_]*`' docs/nat.md | tr -d '`' | sort
}
differing() {
	"$1" >"$scratch/one" && "$2" >"$scratch/other"
	diff "$scratch/one" "$scratch/other" | grep '^[<>]'
}
check "there are tests of the NATs by the RFCs" test "$(nat_tests | wc -l)" -gt 100
silent "docs/nat.md names each of them once, and no other" differing nat_tests nat_tests_of_page
silent "each of them runs" differing nat_tests nat_tests_that_run
# Rows about plain Linux name cases beside the kernel, and scenarios.
no_such_case() {
	sed -n '/^### Plain Linux/,/^### RFC/p' docs/nat.md | grep -o '"[^"]*"' | while read -r name; do
		grep -qF -- "$name" tests/conformance/cases.c || echo "no case is called $name"
	done
	sed -n '/^### Plain Linux/,/^### RFC/p' docs/nat.md | grep '^| ' | cut -d'|' -f4 | grep -o '`[^`]*`' | tr -d '`' | sort -u | while read -r name; do
		test -e "tests/kernel/$name.yaml" || echo "no scenario is called $name"
	done
}
check "docs/nat.md names cases beside the kernel" test "$(sed -n '/^### Plain Linux/,/^### RFC/p' docs/nat.md | grep -c '"')" -gt 10
silent "each of them is there" no_such_case
silent "docs/laws.md names each scenario of a law" unlisted scenarios/laws docs/laws.md
silent "each law has a broken twin" twinless
silent "docs/nat-scenarios.md names each scenario of a NAT" unlisted scenarios/nat docs/nat-scenarios.md
check "language.md has its tables" test "$(grep -c '^<!-- keys ' docs/language.md)" -ge 15
up_to_date docs/language.md refreshed docs/language.md
up_to_date docs/architecture.md refreshed docs/architecture.md
up_to_date docs/model.md refreshed docs/model.md
up_to_date docs/nat.md refreshed docs/nat.md
check "docs/nat.md has each table" test "$(grep -A1 -E '^<!-- (sources|kinds .*) -->$' docs/nat.md | grep -c '^|')" -eq 5
up_to_date man/pktpath-scenario.5 "$reference" man "$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)"
finish

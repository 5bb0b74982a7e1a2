#!/bin/sh
# Measures the importer over the templates of templates.tsv, which stand in mirrors of their repositories: no test, as it needs those.
# Usage: measure.sh SOURCE_ROOT PKTPATH MIRRORS
# MIRRORS holds a git directory OWNER+NAME/repo (or OWNER+NAME/repo/.git) for each repository of the list.
set -u
root=$1
pktpath=$2
mirrors=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
while IFS='	' read -r repository path commit; do
	case $repository in '#'*) continue ;; esac
	git_dir=$mirrors/$(echo "$repository" | tr / +)/repo
	[ -d "$git_dir/.git" ] && git_dir=$git_dir/.git
	file=$scratch/$(basename "$path")
	if ! git --git-dir="$git_dir" show "$commit:$path" >"$file" 2>/dev/null; then
		printf 'absent\t%s\t%s\n' "$repository" "$path"
		continue
	fi
	timeout 20 "$pktpath" import "$file" --list --json -o "$scratch/out.yaml" >"$scratch/list.json" 2>"$scratch/err"
	status=$?
	if [ $status != 0 ]; then
		printf 'refused\t%s\t%s\t%s\n' "$repository" "$path" "$(head -n 1 "$scratch/err" | sed 's/^[^ ]* //')"
	else
		unknown=$(jq -r '[.properties[] | select(.fate != "no-influence" and .unknown != null) | .unknown | select(startswith("parameter ") | not)] | unique | join("; ")' "$scratch/list.json")
		network=$(jq -r 'any(.properties[]; .type | test("virtualNetworks|networkSecurityGroups|routeTables"; "i"))' "$scratch/list.json")
		checked=yes
		"$pktpath" check "$scratch/out.yaml" >/dev/null 2>&1 || checked=no
		printf '%s\t%s\t%s\tnetwork=%s\tcheck=%s\t%s\n' "$([ -z "$unknown" ] && echo whole || echo unknown)" "$repository" "$path" "$network" \
			"$checked" "$unknown"
	fi
	rm -f "$file"
done <"$root/tests/import/templates.tsv"

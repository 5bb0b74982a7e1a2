#!/bin/sh
# Every command that answers a question takes every scenario that the project has: none ends with a system's failure or a signal.
# Usage: shipped.sh SOURCE_ROOT PKTPATH [STRIDE]    every STRIDE-th scenario
cd "$1" || exit 1
pktpath=$2
stride=${3:-1}
. tests/shell.sh
needs jq

# fine FILE COMMAND...: the command has an answer, be it that something does not hold.
fine() {
	file=$1
	shift
	"$pktpath" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	if [ "$status" -gt 2 ] || { [ "$status" -eq 0 ] && [ ! -s "$scratch/out" ]; }; then
		echo "$file: $*: status $status: $(head -n 1 "$scratch/err")"
	fi
}
asked() {
	for file in "$@"; do
		fine "$file" draw "$file"
		fine "$file" draw "$file" --mermaid
		fine "$file" addresses "$file"
		fine "$file" nat "$file"
		fine "$file" fmt --canonical "$file"
		fine "$file" cover --json "$file"
		"$pktpath" run "$file" -o "$scratch/run" -q >"$scratch/out" 2>&1
		jq -r '.flows[].connections[] | select([.outcome] - ["delivered", "forwarded", null] != [] and .cause == null) | "\(.name) \(.outcome) without a cause"' \
			"$scratch/run/report.json" 2>/dev/null | sed "s|^|$file: |"
		fine "$file" report "$scratch/run"
		jq -r '.flows | keys[]' "$scratch/run/report.json" 2>/dev/null | head -n "$n_flows" >"$scratch/flows"
		while read -r flow; do
			fine "$file" explain "$file" "$flow"
			fine "$file" explain "$file" "$flow" --json
			fine "$file" draw "$file" "$flow"
			fine "$file" draw "$file" "$flow" --ladder
		done <"$scratch/flows"
		rm -rf "$scratch/run"
	done
}
n_flows=2
[ -z "${PKTPATH_LONG:-}" ] || n_flows=1000
for directory in scenarios scenarios/azure scenarios/clouds scenarios/laws scenarios/nat tests/azure tests/kernel; do
	find $directory -maxdepth 1 -name '*.yaml' -exec grep -L '^# refused: ' {} + | sort | awk -v stride="$stride" 'NR % stride == 1 % stride' >"$scratch/list"
	check "$directory has scenarios" test -s "$scratch/list"
	# shellcheck disable=SC2046 # names without blanks
	silent "each command takes those of $directory" asked $(cat "$scratch/list")
done
finish

#!/bin/sh
# The commands of docs/import.md and docs/captures.md, in their order, with the files that they name made ready.
# Usage: docs.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
. tests/shell.sh
root=$PWD
pktpath=$2
needs python3

# Commands of fenced blocks that begin with pktpath; those of other programs are the reader's.
commands() { # PAGE
	awk '/^```/ { inside = !inside; next } inside && /^pktpath / { print }' "$1"
}
run_page() { # PAGE
	commands "$root/docs/$1" >list
	check "$1 has commands" test -s list
	while IFS= read -r line <&3; do
		# Status 1 stands for a difference that the page shows.
		sh -c "\"\$0\" ${line#pktpath }" "$pktpath" >command.out 2>command.err
		status=$?
		if [ $status -le 1 ]; then
			ok "$1: $line"
		else
			not_ok "$1: $line: status $status"
			head -n 3 command.err | sed 's/^/    /'
		fi
	done 3<list
}

mkdir "$scratch/page" && cd "$scratch/page" || exit 1
cp -r "$root/scenarios" .
cp "$root/tests/import/cases/terraform-plan/plan.json" plan.json
python3 "$root/tests/import/captures.py" . || exit 1
mv plain.pcapng yesterday.pcapng
printf '{"value": [{"addressPrefix": ["0.0.0.0/0"], "nextHopType": "Internet", "nextHopIpAddress": [], "state": "Active"}]}\n' >routes.json
run_page import.md
run_page captures.md
# The walk of docs/import.md ends at a drop whose explanation names the plan's line.
the_drop() {
	commands "$root/docs/import.md" | grep 'explain' >walk
	sh -c "\"\$0\" $(sed 's/^pktpath //' walk)" "$pktpath" 2>/dev/null | tr -s ' \n' ' ' |
		grep -q 'nsg-deny by nsg/back rule db network.yaml:34 (from plan.json:78)'
}
check "the walk ends at a drop that names the plan's line" the_drop
finish

#!/bin/sh
# The order of keys in a scenario's maps has no effect: each shipped scenario, its sections, flows and hosts turned round, gives the same captures.
# Usage: order.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs jq tcpdump

# Prints a scenario with its sections last to first, and within flows and hosts the entries last to first, each
# with the lines that belong to it. Lists (timeline, expect) keep their order: it means something.
turned_round() {
	awk '
	function flush_entries() { for (; n_entries > 0; n_entries--) section[n] = section[n] entries[n_entries] "\n" }
	/^[[:space:]]*(#|$)/ { next }
	/^[a-z]/ { flush_entries(); section[++n] = $0 "\n"; inside = /^flows:/; indent = 2; next }
	/^  hosts:/ { section[n] = section[n] $0 "\n"; inside = 1; indent = 4; next }
	inside && match($0, /^ */) && RLENGTH == indent { entries[++n_entries] = $0; next }
	inside && match($0, /^ */) && RLENGTH > indent { entries[n_entries] = entries[n_entries] "\n" $0; next }
	{ flush_entries(); inside = 0; section[n] = section[n] $0 "\n" }
	END { flush_entries(); for (; n > 0; n--) printf "%s", section[n] }' "$1"
}

# Lines of the file differ, of course, and reports, causes and notes name them. So reports are compared without them, and merged captures by
# what tcpdump reads, which knows no notes.
same_packets() {
	for capture in "$1"/*.pcapng; do
		tcpdump -n -tttt -xx -r "$capture" >"$scratch/a" 2>/dev/null
		tcpdump -n -tttt -xx -r "$2/$(basename "$capture")" >"$scratch/b" 2>/dev/null
		cmp "$scratch/a" "$scratch/b" || return 1
	done
}
without_places() {
	jq 'walk(if type == "object" then del(.place, .line, .column, .rule_place, .scenario) elif type == "string" then gsub("[^ (]*\\.yaml:[0-9]+"; "") else . end)' "$1"
}

for scenario in scenarios/*.yaml scenarios/*/*.yaml; do
	name=$(basename "$scenario" .yaml)
	mkdir -p "$scratch/in" "$scratch/out"
	turned_round "$scenario" >"$scratch/in/$name.yaml"
	check "$name turned round is another file" sh -c "! grep -v '^ *#' '$scenario' | cmp -s - '$scratch/in/$name.yaml'"
	check "$name turned round runs" "$pktpath" run "$scratch/in/$name.yaml" -o "$scratch/out/$name" -q
	check "$name turned round gives the same captures" diff -r -x report.json -x '*.pcapng' "captures/$name" "$scratch/out/$name"
	check "$name turned round gives the same merged captures" same_packets "captures/$name" "$scratch/out/$name"
	without_places "captures/$name/report.json" >"$scratch/a"
	without_places "$scratch/out/$name/report.json" >"$scratch/b"
	check "$name turned round gives the same report" diff "$scratch/a" "$scratch/b"
done
finish

# shellcheck shell=sh
# Wireshark's dissectors over many captures in one process: starting tshark takes longer than reading a small file, and sharkd reads one file after the
# other. Sourced.

# frames_of LIST PREFERENCE... -- FIELD...: prints a line a frame, with tabs between: the number of its file in LIST, the number of the frame, and each
# FIELD, all its occurrences with "," between. A PREFERENCE is NAME=VALUE. A line "N<TAB>0<TAB>MESSAGE" says that file N could not be read. Status 0 where
# sharkd answered for each file. (sharkd's own filters are no help: it remembers which frames passed one, from file to file.)
frames_of() {
	list=$1
	shift
	: >"$scratch/sharkd.in"
	while [ "$1" != -- ]; do
		printf '{"jsonrpc":"2.0","id":2,"method":"setconf","params":{"name":"%s","value":"%s"}}\n' "${1%%=*}" "${1#*=}" >>"$scratch/sharkd.in"
		shift
	done
	shift
	columns=
	i=0
	for field in "$@"; do
		columns="$columns${columns:+,}\"column$i\":\"$field:0\""
		i=$((i + 1))
	done
	awk -v columns="$columns" '{
		printf "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"load\",\"params\":{\"file\":\"%s\"}}\n", 2 * NR, $0
		printf "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"frames\",\"params\":{%s}}\n", 2 * NR + 1, columns
	}' "$list" >>"$scratch/sharkd.in"
	WIRESHARK_CONFIG_DIR=$scratch/sharkd.config sharkd - <"$scratch/sharkd.in" 2>"$scratch/sharkd.err" | grep '^{' >"$scratch/sharkd.out"
	jq -r 'select(.id >= 2) | (.id / 2 | floor) as $file
		| if .error then "\($file)\t0\t\(.error.message)"
		  elif .id % 2 == 1 then .result[] | [$file, .num] + .c | @tsv
		  else empty end' "$scratch/sharkd.out"
	[ "$(grep -c '^{"jsonrpc":"2.0","id":[0-9]*[13579],' "$scratch/sharkd.out")" -eq "$(wc -l <"$list")" ]
}

#!/bin/sh
# The whole program as users start it: 200,000 layered calls, 3,000,000 packets, no captures, output in memory. Prints nanoseconds a packet, user and
# system time together, the median of five.
# Usage: run.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
memory=$scratch
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
	memory=$(mktemp -d /dev/shm/pktpath-bench.XXXXXX)
	trap 'rm -rf "$memory" "$scratch"' EXIT
fi
sed 's/count: 10000,/count: 200000,/' tests/bench/calls.yaml >"$scratch/calls.yaml"
cat >"$scratch/timed.py" <<'E'
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(round((used.ru_utime + used.ru_stime) * 1000))
sys.exit(status)
E

# processor_ms DIRECTORY: user and system time of a run into it, in milliseconds.
processor_ms() {
	command_ms run "$scratch/calls.yaml" -q -o "$1"
}
command_ms() {
	python3 "$scratch/timed.py" "$pktpath" "$@"
}

: >"$scratch/first"
: >"$scratch/second"
for _ in 1 2 3 4 5; do
	rm -rf "$memory/run"
	processor_ms "$memory/run" >>"$scratch/first" || exit 1
	processor_ms "$memory/run" >>"$scratch/second" || exit 1
done
packets=$(jq .counts.sent "$memory/run/report.json")
median() {
	sort -n "$scratch/$1" | sed -n 3p
}
echo "the whole program, $packets packets: $(($(median first) * 1000000 / packets)) ns a packet, user and system, median of 5"
echo "a second run into the same directory: $(($(median second) * 100 / $(median first))) % of the first"

# What asks about a run, beside the run itself: each the least of three.
least() {
	for _ in 1 2 3; do
		command_ms "$@" || exit 1
	done | sort -n | head -n 1
}
rm -rf "$memory/run"
run=$(least run "$scratch/calls.yaml" -q -o "$memory/run")
beside() {
	echo "$1: $(($2 * 100 / run)) % of the run"
}
beside "explain of the last call" "$(least explain "$scratch/calls.yaml" 'call[199999]')"
beside "nat at the end of the calls" "$(least nat "$scratch/calls.yaml" --at 4s -q)"
beside "addresses" "$(least addresses "$scratch/calls.yaml" -q)"
beside "report" "$(least report "$memory/run" -q -o "$memory/report.html")"
# The same calls, from one pool of ports for all workers.
sed 's/ports_per_worker: 512/ports_per_worker: shared/' "$scratch/calls.yaml" >"$scratch/shared.yaml"
beside "a run with shared ports" "$(least run "$scratch/shared.yaml" -q -o "$memory/shared")"

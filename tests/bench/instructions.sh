#!/bin/sh
# How many instructions a small run takes, against a committed figure: callgrind repeats to a hundredth of a per cent, whatever else the machine does.
# Usage: instructions.sh SOURCE_ROOT PKTPATH COMPILER [write]    `write` puts today's figure into tests/bench/instructions.txt
cd "$1" || exit 1
pktpath=$2
compiler=$3
write=${4:-}
. tests/shell.sh
needs valgrind

# instructions.txt has a line for each compiler that figures were taken with: its name, version, machine and optimisation, then the count.
figures=tests/bench/instructions.txt
tolerance_percent=3

# What the runner fills fresh memory with would count, too.
env -u MALLOC_PERTURB_ valgrind --tool=callgrind --callgrind-out-file=/dev/null "$pktpath" run tests/bench/calls.yaml -q -o "$scratch/run" >"$scratch/run.out" 2>"$scratch/valgrind.err"
count=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$scratch/valgrind.err")
if [ -z "$count" ]; then
	not_ok "callgrind counts instructions"
	tail -n 5 "$scratch/valgrind.err" "$scratch/run.out" | sed 's/^/    /'
	finish
fi
if [ "$write" = write ]; then
	{
		grep -v "^$compiler	" "$figures"
		printf '%s\t%s\n' "$compiler" "$count"
	} >"$scratch/figures"
	cp "$scratch/figures" "$figures"
fi
committed=$(sed -n "s/^$compiler	//p" "$figures")
if [ -z "$committed" ]; then
	skip "no figure for $compiler: $count instructions here ('tests/bench/instructions.sh . PKTPATH $compiler write' makes it the figure)"
	finish
fi
limit=$((committed + committed * tolerance_percent / 100))
check "a run of 10000 layered calls takes at most $limit instructions" test "$count" -le "$limit"
echo "# $count instructions, the committed figure is $committed"
if [ "$count" -gt "$limit" ]; then
	echo "    what costs more: valgrind --tool=callgrind $pktpath run tests/bench/calls.yaml -q -o DIRECTORY"
	echo "    where the cost is meant, the commit says why and renews the figure: tests/bench/instructions.sh . $pktpath $compiler write"
elif [ "$count" -lt $((committed - committed * tolerance_percent / 100)) ]; then
	echo "# it got faster; renew the figure: tests/bench/instructions.sh . $pktpath $compiler write"
fi
finish

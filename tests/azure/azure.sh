#!/bin/sh
# azure.sh SOURCE PKTPATH FILE: one scenario about a fact of Azure. Its expectations must hold, and `check` must print what the comments of its first
# lines name:
#   # source: the article that says so (docs/model.md)
#   # warns: text of a warning      # warns no: text of none      # warns nothing
#   # unused nothing               (no rule, route or host that the run did not use)
#   # refused: text of the error (exit status 2)
. "$1/tests/shell.sh"
pktpath=$2
file=$3
grep -q '^# source: ' "$file" || not_ok "$file names its source"

if text=$(sed -n 's/^# refused: //p' "$file") && [ -n "$text" ]; then
	"$pktpath" check "$file" >"$scratch/out" 2>&1
	check "it is refused with status 2" [ $? = 2 ]
	check "the message says: $text" grep -qF -- "$text" "$scratch/out"
	[ "$n_failed" = 0 ]
	exit
fi
"$pktpath" check "$file" >"$scratch/out" 2>&1
check "it is a sound scenario" [ $? = 0 ]
sed -n 's/^# warns: //p' "$file" >"$scratch/warnings"
while read -r text; do
	check "a warning says: $text" grep -qF -- "$text" "$scratch/out"
done <"$scratch/warnings"
sed -n 's/^# warns no: //p' "$file" >"$scratch/no-warnings"
while read -r text; do
	silent "no warning says: $text" grep -F -- "$text" "$scratch/out"
done <"$scratch/no-warnings"
if grep -q '^# warns nothing' "$file"; then
	silent "nothing is warned about" grep -F 'warning:' "$scratch/out"
fi
check "its expectations hold" "$pktpath" run --no-traces --quiet -o "$scratch/run" "$file"
if grep -q '^# unused nothing' "$file"; then
	"$pktpath" run --no-traces -o "$scratch/run" "$file" >"$scratch/out" 2>&1
	silent "no lint calls anything unused" grep -E 'matched no packet|took no packet|no packet came' "$scratch/out"
fi
[ "$n_failed" = 0 ]

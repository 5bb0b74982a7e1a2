#!/bin/sh
# A run killed at any of its system calls: the directory is as it was, or new, or has no report.json and is whole after the next run. The page is made of a
# finished run: a kill may leave none, but never one of another run.
# Usage: kill.sh SOURCE_ROOT PKTPATH SYSCALLS_TOOL
case $3 in /*) tool=$3 ;; *) tool=$PWD/$3 ;; esac
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
cd "$scratch" || exit 1
scenario one "$good"
"$tool" count "$pktpath" --version >counted 2>err
status=$?
if [ "$status" -eq 77 ]; then
	echo "skipped - no ptrace here"
	exit 77
fi
check "the tool counts the calls of a program" test "$status" -eq 0
[ "$n_failed" -eq 0 ] || finish

# The old run has files that the new one has not; a file of another's stands between them.
"$pktpath" run one.yaml -o old --trail -q
"$pktpath" report old -q
echo mine >old/mine
cp -r old new
"$pktpath" run one.yaml -o new -q --set flows.call.reply=3kB
cp -r old next
"$pktpath" run one.yaml -o next -q --no-traces

# page_fits DIRECTORY WORK: WORK has no page, or that of DIRECTORY.
page_fits() {
	[ ! -e "$2/report.html" ] || cmp -s "$1/report.html" "$2/report.html"
}
# as DIRECTORY WORK: but for staging directories of an earlier run.
as() {
	diff -r -x '.pktpath-*' -x report.html "$1" "$2" >/dev/null && page_fits "$1" "$2"
}
state=
examine() {
	if as old work; then
		state=old
	elif as new work; then
		state=new
	elif [ ! -e work/report.json ]; then
		state=none
	else
		state=mixed
	fi
	echo $state >>states
}
# killed_at N WORD...: the next run is to make all of it whole, whatever it writes.
killed_at() {
	n=$1
	shift
	rm -rf work
	cp -r old work
	"$tool" "kill" "$n" "$pktpath" "$@" >out 2>err
	status=$?
	[ $status -ne 99 ] || return 1
	examine
	"$pktpath" run one.yaml -o work -q --no-traces >out 2>err || state=unhealed
	diff -r -x report.html next work >differs && page_fits next work || state=unhealed
	case $state in
	mixed | unhealed)
		not_ok "killed at call $n: $state"
		ls -A work
		cat err differs
		;;
	esac
	return 0
}

stride=${PKTPATH_STRIDE:-1}
n=$stride
: >states
while killed_at "$n" run one.yaml -o work -q --set flows.call.reply=3kB; do
	n=$((n + stride))
done
check "the kill came at $((n / stride - 1)) calls" test "$n" -gt 100
for state in old new none; do
	check "and found the directory $state at least once" grep -qx $state states
done

# ---- what killed commands leave
n=$stride
worst=0
while :; do
	"$tool" kill "$n" "$pktpath" report old -q >out 2>err
	[ $? -ne 99 ] || break
	left=$(find old -name '.pktpath-*' | wc -l)
	[ "$left" -le 1 ] || worst=$left
	n=$((n + 10 * stride))
done
"$pktpath" report old -q
check "a killed report leaves at most one file" test "$worst" = 0
check "which the next takes away" sh -c '! ls -A old | grep "^\.pktpath-"'
mkdir tmp
TMPDIR=$scratch/tmp
export TMPDIR
cp -r new captures.one
mkdir captures
mv captures.one captures/one
n=$stride
while :; do
	"$tool" kill "$n" "$pktpath" test one.yaml -q -j 1 >out 2>err
	[ $? -ne 99 ] || break
	n=$((n + 25 * stride))
done
"$pktpath" test one.yaml -q -j 1 >out 2>err
check "what killed tests leave goes with the next" sh -c 'test -z "$(ls -A tmp)"'

# ---- two runs at once
"$pktpath" run one.yaml -o both -q
(
	flock 9
	exec "$pktpath" run one.yaml -o both -q >refused.out 2>refused.err
) 9<"$scratch/both"
check "a second run into a directory is refused" test $? -ne 0
check "in so many words" grep -q 'both: another run of pktpath is writing there; nothing was written' refused.err
finish

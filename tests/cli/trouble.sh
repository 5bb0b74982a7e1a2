#!/bin/sh
# When the system fails: exit status 3, a message that says what was and was not written, and earlier output as it was.
# Usage: trouble.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
cd "$scratch" || exit 1
scenario one "$good"
scenario two "$good"
# Runs for a minute or more.
scenario long "$good"
long='--set flows.call.repeat.count=5000 --set flows.call.repeat.every=1ms --set flows.call.rounds=10000 --set network.ases.ase-one.snat.ports_per_worker=60000'

"$pktpath" run one.yaml -o kept -q
cp -r kept before
unchanged() {
	diff -r before kept
}

# ---- directories
: >file
call run one.yaml -o file/inside
said "a directory that cannot be made" 3 err '^pktpath: one: file.*: Not a directory; '
mkdir readonly
chmod 555 readonly
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
chmod 755 .
if as_user test -x "$pktpath" && as_user test -r one.yaml; then
	as_user "$pktpath" run one.yaml -o readonly/out >out 2>err
	status=$?
	said "a directory that may not be written" 3 err '^pktpath: one: readonly/out: .*; nothing was written'
	cp one.yaml secret.yaml
	chmod 000 secret.yaml
	as_user "$pktpath" check secret.yaml >out 2>err
	status=$?
	said "a scenario that may not be read" 3 err '^pktpath: secret\.yaml: Permission denied'
else
	skip "nobody may not reach the program here"
fi

# ---- full disks
(
	ulimit -f 4
	exec "$pktpath" run one.yaml -o kept --set flows.call.reply=200kB
) >out 2>err
status=$?
said "a file grows too large" 3 err '^pktpath: one: kept/.*: File too large; no file of this run was put into place'
check "what an earlier run wrote is as it was" unchanged
mkdir small
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=256k tmpfs small 2>/dev/null; then
	"$pktpath" run one.yaml -o small/kept -q
	cp -r small/kept small.before
	call run one.yaml -o small/kept --set flows.call.reply=2MB
	said "a disk is full" 3 err '^pktpath: one: small/.*: No space left on device; no file of this run was put into place'
	check "and the earlier output is as it was" diff -r small.before small/kept
	call run one.yaml -o small/kept -q
	said "and a smaller run fits again" 0 err ''
	umount small
	# The report of a suite that failed: the disk is full at its ledger, the captures, the page. With room --resume makes it whole.
	scenario wrong 'expect: [{flow: call, outcome: refused}]'
	"$pktpath" test wrong.yaml -j 1 --report roomy >out 2>err
	n_full=0
	for size in 8 16 24 32 48 64 96 128; do
		mount -t tmpfs -o size=${size}k tmpfs small
		"$pktpath" test wrong.yaml -j 1 --report small/report >out 2>err
		status=$?
		if [ $status -eq 3 ]; then
			n_full=$((n_full + 1))
			check "a report on a full disk of $size kB: the reason is said" grep -qh 'No space left on device' out err
		else
			said "or it has room in $size kB" 1 err ''
		fi
		mount -o remount,size=4M small
		"$pktpath" test wrong.yaml -j 1 --report small/report --resume >out 2>err
		status=$?
		said "resumed with room" 1 err ''
		check "it is as if there had been room" diff -r -x durations.csv -x junit.xml roomy small/report
		umount small
	done
	check "the disk was full at several places" test $n_full -ge 4
else
	skip "no small disk to fill: not root, or no mount"
fi

# ---- standard output
"$pktpath" run one.yaml -o kept >/dev/full 2>err
status=$?
: >out
said "standard output on a full disk" 3 err '^pktpath: .*standard output: No space left'
"$pktpath" run one.yaml two.yaml -o closed >&- 2>err
status=$?
said "standard output closed" 3 err '^pktpath: .*standard output'
"$pktpath" run one.yaml two.yaml -o open -q
check "and what would have been printed is in no file" diff -r open closed
{
	"$pktpath" run one.yaml two.yaml -o pipe 2>err
	echo $? >pipe.status
} | :
sleep 0.2
check "a pipe that nobody reads ends in silence" sh -c 'test ! -s err && test "$(cat pipe.status)" -ne 0'
check "and all files are whole" diff -r open pipe

# ---- signals
# interrupt SIGNAL WHEN OPTION...: sends it to a long run.
interrupt() {
	signal=$1
	shift
	# Jobs in the background of a script ignore SIGINT; env gives it back.
	# shellcheck disable=SC2086
	env --default-signal=INT "$pktpath" run long.yaml "$@" $long >out 2>err &
	pid=$!
	sleep 0.7
	kill -s "$signal" $pid
	wait $pid
	status=$?
}
for signal in INT TERM; do
	interrupt $signal -o kept
	said "SIG$signal in the middle" 3 err "^pktpath: long: interrupted.*$signal.*no file of this run was put into place"
	said "nothing on stdout" 3 out ''
	check "what an earlier run wrote is as it was" unchanged
done
scenario zzz "$good"
interrupt INT zzz.yaml -o partly
said "interrupted with another scenario to come" 3 err '^pktpath: no longer run: zzz$'
check "which left nothing" test ! -e partly/zzz
# shellcheck disable=SC2086
sh -c 'trap "" HUP; exec "$0" "$@"' "$pktpath" run one.yaml -o hup -q --set flows.call.repeat.count=10000 --set flows.call.repeat.every=2ms \
	--set network.ases.ase-one.snat.ports_per_worker=60000 --no-traces >out 2>err &
pid=$!
sleep 0.1
kill -s HUP $pid
wait $pid
status=$?
said "SIGHUP under nohup is ignored" 0 err ''

# ---- progress
if has_terminal; then
	# shellcheck disable=SC2086
	script -qec "timeout -s INT 3 '$pktpath' run long.yaml -o shown --no-traces $long" /dev/null </dev/null >tty.out 2>&1
	check "a long run shows progress on a terminal" grep -qE 'long  [0-9]+\.[0-9]+ s  [0-9]+ packets' tty.out
else
	skip "no terminal can be made here"
fi
finish

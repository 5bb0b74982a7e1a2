#!/bin/sh
# pktpath sweep and merge: what is measured, that parts join to the bytes of one machine, that work goes on where it was stopped, and what is
# refused.
# Usage: sweep.sh SOURCE_ROOT PKTPATH [few]    few: look for one smallest value, not for four, each of which takes 30,000 calls a value
cd "$1" || exit 1
pktpath=$2
few=${3:-}
. tests/shell.sh
. tests/cli/cases.sh
needs jq xmllint
cd "$scratch" || exit 1

cat >line.yaml <<'END'
scenario: 1
name: line
network:
  vnets: {contoso: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.0.0/24}}}}
  ases: {one: {subnet: contoso/ase, vip: 192.0.2.1, workers: 2, apps: {web: {}}, snat: {ports_per_worker: 16, port_range: "1024-2047", tcp_reset: 1ms}}}
  hosts: {api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}}
flows:
  calls: {from: one/web, to: "api:443/tcp", repeat: {count: 200, every: 100ms, arrivals: poisson, hold: exponential(2s)}, then: reset}
expect:
  - {id: all, nat: one, metric: exhausted, value: 0}
END
workers=network.ases.one.workers
every=flows.calls.repeat.every

# ---- what is measured ----
call sweep line.yaml --vary "$workers=1,2,4" --vary "$every=50ms..150ms:50ms" --seeds 3 -o all
said "a sweep ends well" 0 out '^27 runs      all/$'
check "a line for each run" test "$(wc -l <all/sweep.csv)" -eq 28
check "and one for each combination and measure" test "$(wc -l <all/summary.csv)" -eq $((9 * 9 + 1))
check "the settings are columns" grep -q "^run,$workers,$every,seed,trouble,calls,failed_share,exhausted,ports.peak" all/sweep.csv
check "seeds from the scenario's on" test "$(cut -d, -f4 all/sweep.csv | sort -u | tr '\n' ' ')" = "1 2 3 seed "
check "a page, as XML knows it" sh -c 'sed -n "/<svg/,/<\/svg>/p" all/sweep.html | grep -c "<svg" | grep -qx 9'
check "a picture for each measure" xmllint --noout all/failed_share.svg all/ports.p99.svg all/latency.p99.svg
# Little's law: ten calls a second, each open for 2 s and the time of an exchange, are some twenty at a time. With ports to spare.
call sweep line.yaml --set flows.calls.repeat.count=2000 --set network.ases.one.snat.ports_per_worker=256 --seeds 4 --measure ports.p50,exhausted -o little
said "a sweep of seeds alone" 0 out '^4 runs'
little() {
	awk -F, 'NR > 1 { sum += $4; n++; refused += $5 } END { exit !(n == 4 && refused == 0 && sum / n > 18 && sum / n < 24) }' little/sweep.csv
}
check "ports in use are those of Little's law" little
call sweep line.yaml --vary flows.calls.repeat.arrivals=constant,poisson,burst --measure ports.peak --set flows.calls.repeat.hold=1s -o arrivals
peaks() {
	awk -F, 'NR > 1 { peak[$2] = $5 } END { exit !(peak["constant"] <= 12 && peak["poisson"] > peak["constant"] && peak["burst"] >= 20) }' arrivals/sweep.csv
}
check "constant, Poisson and bursts need ever more ports" peaks
call sweep line.yaml --set network.ases.one.snat.address=192.0.2.1 --vary network.ases.one.snat.address=1..3 --measure expect.all,flow.calls.failed,nat.one/vip.ports.peak -o addresses
said "a number of addresses" 0 out '^3 runs'
check "and measures of a flow, a NAT, an expectation" grep -q '^run,network.ases.one.snat.address,seed,trouble,expect.all,flow.calls.failed,nat.one/vip.ports.peak$' addresses/sweep.csv
call sweep line.yaml --measure expect.al -o nothing
said "an expectation that is none" 2 err 'unknown measure `expect.al`; did you mean `expect.all`'
call sweep line.yaml --vary "$workers=1,2" --json -o json
said "as JSON" 0 out '"runs": 2'
check "that can be read" jq -e '.combinations == 2 and .seeds == 1' out

# ---- the smallest value ----
if [ -z "$few" ]; then
	call sweep line.yaml --set flows.calls.repeat.count=1000 --vary "$workers=1..4" --find "$workers such that exhausted == 0" -o find
	said "an answer" 0 out "^$workers=[234] is the smallest value with exhausted == 0$"
	said "its evidence" 0 out '^  fails  1  *exhausted: [0-9]+ to [0-9]+ over 30 seeds'
	check "of 30,000 calls at each value" test "$(jq '[.answers[0].values[].runs] | min' find/find.json)" -ge 30
	call sweep line.yaml --set flows.calls.repeat.count=1000 --vary "$workers=1..4" --find "$workers such that failed_share < 0.001" -o share
	said "of a share with its interval" 0 out 'failed_share: [0-9]+ of 30000 calls, [0-9.]+ %; in 95 of 100 cases between'
	call sweep line.yaml --vary "$workers=1,2" --vary network.ases.one.snat.allocation=sequential,random --find "$workers such that failed_share < 2%" -o two
	said "for each of the other values" 0 out '^network.ases.one.snat.allocation=random  '
fi
call sweep line.yaml --set flows.calls.repeat.count=1000 --vary "network.ases.one.workers=4,1,5" --find "$workers such that failed_share < 0.1%" -o bent
said "where it is not monotonic it says so" 0 out 'not monotonic: it fails again at 1'
check "the mark is in the plot" grep -q 'class="budget"' bent/failed_share.svg

# ---- parts ----
parts() {
	for n in 2 3 7; do
		made=
		i=$n
		while [ "$i" -ge 1 ]; do
			"$pktpath" sweep line.yaml --vary "$workers=1,2,4" --vary "$every=50ms..150ms:50ms" --seeds 3 -o "part.$i.$n" --shard "$i/$n" -q || return 1
			made="$made part.$i.$n"
			i=$((i - 1))
		done
		# shellcheck disable=SC2086 # several names
		"$pktpath" merge $made -o "merged.$n" -q && diff -r all "merged.$n" -x durations.csv || return 1
		test "$(wc -l <"merged.$n/durations.csv")" -eq 28 || return 1
	done
}
check "parts join to the bytes of one machine, in any order" parts
call merge part.1.3 part.3.3 -o nothing
said "a part is missing" 2 err 'part 2 of 3 is missing'
call merge part.1.3 part.2.3 part.3.3 part.2.3 -o nothing
said "a part is there twice" 2 err 'part 2 of 3 is there twice: part.2.3 and part.2.3'
call merge part.1.3 part.2.7 -o nothing
said "parts of two works" 2 err 'part.1.3 and part.2.7 are parts of different work'
call merge part.1.3 . -o nothing
said "no part at all" 2 err '^pktpath merge: \. holds no part of a command with --shard'
check "nothing was written then" test ! -e nothing

# ---- stopped, and on ----
head -n 20 all/ledger >begun
mkdir again && cp begun again/ledger && printf 'seconds,case\n' >again/durations.csv
printf 'half a li' >>again/ledger
call merge again -o nothing
said "work that is not finished is no part" 2 err 'part 1 of 1, is not finished'
call sweep line.yaml --vary "$workers=1,2,4" --vary "$every=50ms..150ms:50ms" --seeds 3 -o again
said "and is not begun again by accident" 2 err 'go on with --resume'
call sweep line.yaml --vary "$workers=1,2,4" --vary "$every=50ms..150ms:50ms" --seeds 2 -o again --resume
said "nor mixed with other work" 2 err 'holds other work'
call sweep line.yaml --vary "$workers=1,2,4" --vary "$every=50ms..150ms:50ms" --seeds 3 -o again --resume
said "it is resumed" 0 out '^27 runs'
check "to the same bytes" diff -r all again -x durations.csv
check "without what was done" test "$(wc -l <again/durations.csv)" -lt 28
lines_of() {
	if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi
}
interrupted() {
	"$pktpath" sweep line.yaml --set flows.calls.repeat.count=20000 --vary "$every=50ms..450ms:10ms" --seeds 2 -o stopped -j 1 >/dev/null 2>err &
	pid=$!
	tries=0
	while [ "$(lines_of stopped/ledger)" -lt 20 ] && [ "$tries" -lt 300 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	kill -TERM "$pid"
	wait "$pid"
	[ $? -eq 3 ] && grep -q 'what was done is kept in stopped; go on with --resume' err && ! tail -n 1 stopped/ledger | grep -q '^end'
}
check "a signal: what was done is kept" interrupted
full() {
	(
		ulimit -f 2
		"$pktpath" sweep line.yaml --vary "$every=50ms..450ms:5ms" -o full
	) >out 2>err
	[ $? -eq 3 ] && grep -q 'File too large; [0-9]* of 81 cases are kept' err && "$pktpath" sweep line.yaml --vary "$every=50ms..450ms:5ms" -o full --resume -q
}
check "a full disk: what was done is kept, and gone on with" full

# ---- bad input ----
refused() { # WHAT PATTERN ARGUMENT...
	what=$1
	pattern=$2
	shift 2
	call sweep line.yaml -o refused "$@"
	said "$what" 2 err "$pattern"
}
refused "a path that is no setting" 'unknown key `worker`' --vary network.ases.one.worker=1,2
refused "a value that no scenario can have" "with $workers=0 the scenario is wrong" --vary "$workers=0,1"
refused "a thousand million combinations" '1000000000 runs are more than 1000000; give fewer' --vary "$workers=1..1000" --vary flows.calls.repeat.count=1..1000 --vary "$every=1ms..1s:1ms"
refused "a range as large" 'has 1000000000 values' --vary "$workers=1..1000000000"
refused "part 0 of 0" 'parts 1 to N of N' --vary "$workers=1,2" --shard 0/0
refused "part 5 of 4" 'parts 1 to N of N' --vary "$workers=1,2" --shard 5/4
refused "no part" 'takes I/N' --vary "$workers=1,2" --shard half
refused "a seed that is no number" 'whole number, not `x`' --seed x
refused "no seeds" 'from 1 to' --seeds 0
refused "a range that ends below" 'ends below its beginning' --vary "$workers=4..2"
refused "durations without a step" 'needs a step' --vary "$every=1s..4s"
refused "a factor of one" 'no number above 1' --vary "$workers=1..4x1"
refused "a setting twice" 'is varied twice' --vary "$workers=1" --vary "$workers=2"
refused "a value twice" 'has the value 2 twice' --vary "$workers=2,1..3"
refused "a measure that is none" 'did you mean `failed_share`' --measure failed_shar
refused "a question without values" 'no --vary says which values' --find "$workers such that exhausted == 0"
refused "no question" '--find takes' --vary "$workers=1,2" --find "the smallest number of workers"
refused "a share that is none" 'compare it with 0.0001' --vary "$workers=1,2" --find "$workers such that failed_share < few"
call sweep nowhere.yaml
said "a scenario that is not there" 2 err 'No such file'
check "nothing was written then, either" test ! -e refused
finish

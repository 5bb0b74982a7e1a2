#!/bin/sh
# pktpath test: expectations, committed captures, TAP, JUnit, updating, several at a time.
# Usage: suite.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cd "$scratch" || exit 1

mkdir -p scenarios/deep
scenario first "$good"
scenario second "$good"
scenario third
mv first.yaml scenarios/
mv second.yaml scenarios/deep/second.yml
mv third.yaml scenarios/deep/
echo 'not a scenario' >scenarios/README.md

call test --allow-empty
said "directories are walked, and nothing is committed yet" 0 out '^pass  first  *1 expectation  *captures: none are committed; --update writes them$'
call test --allow-empty
said "the last line" 0 out '^3 passed, 0 failed$'
check "nothing was written" test ! -e captures
call test --update
said "captures are written" 0 out '^pass  second  *1 expectation  *captures: written again$'
check "where run writes them" test -s captures/second/call.pcapng
"$pktpath" run scenarios/first.yaml -q -o by-run
check "as run writes them" diff -r by-run captures/first
call test
said "then they are compared" 0 out '^pass  first  *1 expectation  *captures: as committed$'
call test -q
said "quiet says nothing where all is well" 0 out ''

sed -i 's/workers: 1/workers: 1, snat: {port_range: 3000-65535}/' scenarios/first.yaml
call test scenarios/first.yaml
said "a difference fails" 1 out '^        call: packet 1 \(SYN\) at ase-one/vip: source port 3000, was 1024'
call test scenarios/first.yaml
said "with the rule" 1 out '^            because: ase-one/vip source .* by snat first.yaml:5$'
call test scenarios/first.yaml
said "and a way on" 1 out 'pktpath test --update'
call test scenarios/first.yaml --ignore ports
said "unless it is tolerated" 0 out 'as committed'
call test scenarios/first.yaml --ignore ids,time
said "others are not" 1 out 'source port 3000'
call test scenarios/first.yaml --update
said "updating shows the difference" 0 out 'source port 3000, was 1024'
call test scenarios/first.yaml
said "and blesses it" 0 out 'as committed'

sed "s/^expect.*/$bad/" scenarios/first.yaml >failing.yaml
cp -r captures before
call test failing.yaml
said "an expectation that fails" 1 out '^FAIL  first  1 of 1 expectations failed'
call test failing.yaml
said "says what, with its place" 1 out '^        expected: delivered, and seen at api|^        expected: '
sed -i 's/3000/4000/' failing.yaml
call test failing.yaml --update
said "nothing is blessed while one fails" 1 out 'not updated while one of its expectations fails'
check "the captures are as they were" diff -r before captures

call test failing.yaml --update --baseline nothing-yet
said "nor written for the first time" 1 out 'captures: none are committed, and none written while an expectation fails$'

call test --tap
said "TAP" 0 out '^TAP version 13$'
call test --tap
said "TAP has a line a case" 0 out '^ok [0-9]+ - first: captures$'
call test --tap failing.yaml
said "TAP shows what failed" 1 out '^not ok 1 - first: call$'
check "with a block" grep -q '^    *expected: ' out
check "and its plan" sh -c 'tail -n 1 out | grep -qx "1\.\.2"'
sed -i 's/^name: first$/name: failing/' failing.yaml
call test failing.yaml scenarios
text_status=$status
call test --json failing.yaml scenarios
check "JSON has scenarios in order, and counts" jq -e '.passed >= 1 and .failed == 1 and .scenarios[0].path == "failing.yaml" and (.scenarios[0].pass | not)' out
check "JSON has what failed, with its place" jq -e '.scenarios[0].cases[0] | .verdict == "fail" and .name == "call" and .file == "failing.yaml" and .line > 0 and
	(.detail | contains("expected: "))' out
check "JSON keeps the exit status" test "$status" -eq "$text_status"
sed -i 's/^name: failing$/name: first/' failing.yaml
call test --json --tap
said "two forms at once" 2 err 'both use the standard output'
mkdir elsewhere
call test --tap --baseline elsewhere scenarios/first.yaml
said "TAP skips what is not there" 0 out '^ok 2 - first: captures # SKIP none are committed'

printf 'scenario: 1\nname: "x"\nnetwork: {vnet: {}}\n' >wrong.yaml
call test --junit results.xml failing.yaml scenarios/deep wrong.yaml
said "a scenario that is wrong does not keep others from running" 2 err 'wrong.yaml:3:'
check "what is wrong with it" grep -q '^        wrong.yaml:3:11: unknown key `vnet` in `network`$' out
check "in JUnit, too" grep -q '<error message="is wrong">wrong.yaml:3:11: unknown key `vnet` in `network`&#10;</error>' results.xml
check "results of the others" grep -q '^pass  second' out
if command -v xmllint >/dev/null; then
	check "JUnit is XML" xmllint --noout results.xml
fi
check "JUnit counts" grep -q '<testsuites name="pktpath" tests="6" failures="2" errors="1" skipped="0">' results.xml
check "JUnit has places" grep -q 'classname="first" name="call" file="failing.yaml" line=' results.xml
check "JUnit has failures" grep -q '<failure message="api saw' results.xml
check "JUnit is whole or not there" sh -c '[ -z "$(ls results.xml.* 2>/dev/null)" ]'
call test --junit nowhere/results.xml scenarios/first.yaml
said "JUnit into no directory" 3 err 'nowhere/results\.xml: No such file'

i=0
mkdir many
while [ "$i" -lt 24 ]; do
	scenario "s$i" "$good"
	mv "s$i.yaml" many/
	i=$((i + 1))
done
"$pktpath" test many -j 1 >one.out 2>&1
"$pktpath" test many -j 8 >eight.out 2>&1
check "results do not depend on how many run at a time" cmp one.out eight.out
check "all were run" grep -qx '24 passed, 0 failed' one.out
check "no directory is left behind" sh -c 'mkdir tmp && TMPDIR=$PWD/tmp "$0" test many >/dev/null && rmdir tmp' "$pktpath"

call test scenarios/first.yaml scenarios/first.yaml
said "one scenario twice" 2 err 'are both called `first`'
call test nowhere
said "no such path" 2 err 'nowhere: No such file'
mkdir bare
call test bare
said "a directory without scenarios" 2 err 'holds no scenario'
call test scenarios --baseline nowhere
said "no such baseline" 2 err 'there is no directory `nowhere`'
call test scenarios --baseline nowhere --update
said "unless it is to be written" 0 out 'written again'
check "there" test -s nowhere/first/call.pcapng
call test scenarios -j 0
said "no jobs" 2 err '-j takes a number'
call test scenarios --ignore all
said "what cannot be ignored" 2 err 'ports, ids and time'
mkdir -p captures/third
echo 'not a capture' >captures/third/readme.txt
rm captures/third/*.pcap* captures/third/report.json captures/third/nat.csv
call test scenarios/deep/third.yaml
said "captures that are none" 3 out 'captures/third: holds no output of a run'
mkdir files
echo 'not a directory' >files/first
call test scenarios/first.yaml --baseline files
said "a file in place of a directory" 3 out '^  ERROR  captures  files/first: Not a directory$'
truncate -s 100 captures/second/call.pcapng
call test scenarios/deep/second.yml
said "a committed capture that is damaged" 1 out 'captures/second/call.pcapng cannot be read at byte'

# ---- what should have been lost
mkdir nowhere
call_in() { (cd "$1" && shift && "$pktpath" "$@") >"$scratch/out" 2>"$scratch/err"; status=$?; }
call_in nowhere test
said "no path and no directory scenarios" 2 err 'no PATH is given, and there is no directory `scenarios` here'
cat >guard.yaml <<'END'
scenario: 1
name: guard
network:
  vnets: {prod: {space: [10.20.0.0/16], subnets: {web: {cidr: 10.20.1.0/24}, data: {cidr: 10.20.2.0/24, nsg: data}}}}
  nsgs:
    data:
      inbound:
        - {name: sql, priority: 100, action: allow, proto: tcp, src: 10.20.1.0/24, dst_ports: 1433}
        - {name: rest, priority: 4000, action: deny}
  hosts: {web: {subnet: prod/web}, db: {subnet: prod/data, listen: [1433/tcp]}, other: {subnet: prod/data}}
flows:
  web: {from: web, to: "db:1433/tcp"}
  other: {from: other, to: "db:1433/tcp", at: 2s}
expect:
  - {flow: web, outcome: delivered}
  - {flow: other, outcome: timed_out, by: nsg/data, rule: rest}
END
call test guard.yaml
said "a call that the last rule denies" 0 out '^pass  guard '
call test guard.yaml --set network.nsgs.data.inbound.1.action=allow
said "the rule that let through what should be lost" 1 out '^        because:  t=2\.00045s db allowed packet 1 by nsg/data, rule rest$'
said "its line" 1 out '^        rule:     guard\.yaml:9:18$'
said "the way on is the packet, no update" 1 out '^next: .*pktpath explain guard\.yaml other --packet 1 --set'
call test guard.yaml --set network.vnets.prod.subnets='{web: {cidr: 10.20.1.0/24}, data: {cidr: 10.20.2.0/24}}'
said "no rule was asked" 1 out '^        because:  t=2\.00045s packet 1 arrived at db: no security group and no firewall was asked$'

# ---- a scenario that checks nothing
scenario empty
call test empty.yaml
said "neither expectations nor captures" 1 out '^  FAIL  scenario  it has no expectations and no committed captures$'
said "the way out" 1 out 'write `expect`, commit captures with --update, or say --allow-empty'
call test empty.yaml --allow-empty
said "unless that is meant" 0 out '^1 passed, 0 failed$'
call test empty.yaml --tap
said "in TAP" 1 out '^not ok 1 - empty: scenario'
call test empty.yaml --update
said "with --update it has captures" 0 out 'written again'
call test empty.yaml
said "which are enough" 0 out '^pass  empty  *0 expectations  *captures: as committed$'
finish

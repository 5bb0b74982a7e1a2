#!/bin/sh
# pktpath test in parts and with a report: parts join to the bytes of one machine, failures have captures and pages, CI servers can read it.
# Usage: parts.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
root=$PWD
. tests/shell.sh
. tests/cli/cases.sh
needs xmllint
cd "$scratch" || exit 1
mkdir suite
scenario one "name: one" "$good"
scenario two "$bad"
scenario three "$good"
scenario four 'expect: [{flow: call, outcome: delivered}]'
sed -i '/^name: one$/d' one.yaml
for name in one two three four; do mv "$name.yaml" suite/; done
printf 'scenario: 1\ncolour: red\n' >suite/wrong.yaml

call test suite --report whole --junit times.xml
said "a suite with a report" 2 out '^3 passed, 2 failed'
check "an index page" grep -q '<p class="verdict fail">3 passed, 2 failed</p>' whole/index.html
check "with a link to what failed" grep -q '<a href="two/report.html">two</a>' whole/index.html
check "its page and its captures" test -s whole/two/report.html -a -s whole/two/call.pcapng
check "and none of what passed" test ! -e whole/one
check "JUnit" xmllint --noout whole/junit.xml times.xml
check "with durations, where it is asked for" grep -qE '<testsuite name="one" .* time="[0-9]+\.[0-9]{6}"' times.xml
check "and none in the report" sh -c '! grep -q time= whole/junit.xml'
check "times stand apart" test "$(wc -l <whole/durations.csv)" -eq 6
parts() {
	for n in 1 2 4; do
		made=
		i=$n
		while [ "$i" -ge 1 ]; do
			"$pktpath" test suite --report "part.$i.$n" --shard "$i/$n" -q
			[ $? -le 2 ] || return 1
			made="$made part.$i.$n"
			i=$((i - 1))
		done
		# shellcheck disable=SC2086 # several names
		"$pktpath" merge $made -o "merged.$n" -q && diff -r whole "merged.$n" -x durations.csv || return 1
	done
}
check "parts join to the bytes of one machine" parts
call merge part.1.2 part.1.4 -o nothing
said "parts of different numbers" 2 err 'are parts of different work'
call merge part.1.4 part.2.4 part.4.4 -o nothing
said "a part is missing" 2 err 'part 3 of 4 is missing'
call test suite --shard 5/4
said "no such part" 2 err 'parts 1 to N of N'
call test suite --resume
said "nothing to go on with" 2 err '--resume needs --report'
head -n 13 whole/ledger >begun
mkdir again && cp begun again/ledger && printf 'seconds,case\n' >again/durations.csv
call test suite --report again
said "a report that is not finished" 2 err 'go on with --resume'
call test suite --report again --resume
said "is resumed" 2 out '^3 passed, 2 failed'
check "to the same results" diff again/junit.xml whole/junit.xml
flock again "$pktpath" test suite --report again >out 2>err
status=$?
said "a second suite into a directory is refused" 3 err '^pktpath: again: another pktpath is writing there; nothing was written'
flock again "$pktpath" merge whole -o again >out 2>err
status=$?
said "so is a merge" 3 err '^pktpath: again: another pktpath is writing there; nothing was written'
call merge part.1.2 part.2.2 -o part.1.2
said "a merge into one of its parts" 2 err 'part.1.2 is one of the parts'
mkdir mine && echo mine >mine/ledger
call merge part.1.2 part.2.2 -o mine
said "a merge into another's directory" 2 err 'that pktpath did not write'
echo mine >victim
for name in durations.csv index.html; do
	rm -rf mine && mkdir mine && ln -s ../victim mine/$name
	call test suite --report mine
	said "a report beside another's $name" 2 err "mine holds a file .$name. that pktpath did not write"
done
rm -rf mine && mkdir mine && ln -s ../victim mine/ledger && : >victim
call test suite --report mine
said "a ledger that is a link" 3 err '^pktpath: cannot write mine/ledger: '
check "what it points at is as it was" test ! -s victim
mkdir killed && : >killed/ledger
call test suite --report killed
said "what was killed before it wrote anything can be begun again" 2 out '^3 passed, 2 failed'
call test suite --annotate -q
said "GitHub shows a failure at its line" 2 out '^::error file=suite/two.yaml,line=12,title=two%3A call::'
said "and a scenario that is wrong" 2 out '^::error file=suite/wrong.yaml,line=1,title=suite/wrong.yaml%3A scenario::'

# ---- what it depends on ----
mkdir shared && cat >shared/net.yaml <<'END'
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nsg: g}}}}
  nsgs: {g: {inbound: [{name: one, priority: 100, action: allow}]}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.4}, b: {subnet: v/a, ip: 10.0.1.5, listen: 443/tcp}}
END
cat >shared/one.yaml <<'END'
scenario: 1
include: net.yaml
flows: {call: {from: a, to: "b:443/tcp"}}
expect: [{flow: call, outcome: delivered}]
END
"$pktpath" test shared/one.yaml --report shared/test -q >out 2>err
"$pktpath" cover shared/one.yaml -o shared/cover -q >out 2>err
"$pktpath" sweep shared/one.yaml -o shared/sweep -q >out 2>err
"$pktpath" mutate shared/one.yaml -o shared/mutate -q >out 2>err
sed -i 's/priority: 100/priority: 200/' shared/net.yaml
call test shared/one.yaml --report shared/test --resume
said "test: an include that was changed makes it other work" 2 err '^pktpath: shared/test holds other work'
for command in cover sweep mutate; do
	call "$command" shared/one.yaml -o "shared/$command" --resume
	said "$command: so does it there" 2 err "^pktpath: shared/$command holds other work"
done
mkdir tab && cp suite/one.yaml "tab/$(printf 'a\tb.yaml')"
"$pktpath" test tab --report tab/part -q >out 2>err
call merge tab/part -o tab/whole
said "a path may have a tab" 0 out '^1 part, 1 cases'

# ---- what CI servers run ----
ci() {
	GITHUB_ACTIONS=true GITHUB_OUTPUT=$scratch/output PKTPATH=$pktpath PKTPATH_PATHS=suite PKTPATH_REPORT=ci PKTPATH_SHARD=1/1 bash "$root/share/ci/test.sh" >out 2>err
	[ $? -eq 2 ] && grep -q '^::error file=suite/two.yaml' out && grep -qx report=ci output && grep -qx part=1-of-1 output && test -s ci/index.html -a -s ci/junit-times.xml
}
check "the step of the action" ci
program() {
	PKTPATH=$pktpath GITHUB_OUTPUT=$scratch/output bash "$root/share/ci/program.sh" >out 2>err && grep -qx "program=$pktpath" output
}
check "finds the program" program
finish

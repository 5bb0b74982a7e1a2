#!/bin/sh
# Mistakes in scenarios: each with file, line, column, the line and a caret; all in one run; exit status 2; nothing runs.
# Usage: mistakes.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
cd "$scratch" || exit 1

scenario typo 'flow: {}'
call check typo.yaml
said "an unknown key has its place" 2 err '^typo\.yaml:12:1: error: '
said "its line is shown" 2 err '^flow: \{\}'
said "and a caret under it" 2 err '^\^$'
said "and what was meant" 2 err '^hint: .*flows'
said "nothing on stdout" 2 out ''
call run typo.yaml
said "run says the same" 2 err '^typo\.yaml:12:1: error: '

scenario two-typos 'expect:' '  - {flow: cal, outcome: delivered}' '  - {flow: call, outcome: deliverd}'
call check two-typos.yaml
said "the first of two mistakes" 2 err '^two-typos\.yaml:13:'
said "the second of two mistakes" 2 err '^two-typos\.yaml:14:'

scenario filter 'expect:' '  - {tap: internet, packets: 0, filter: "tcp and and"}'
call check filter.yaml
said "a filter that does not compile, at its place" 2 err '^filter\.yaml:13:42: error: the filter does not compile: .*syntax error'
said "its line is shown" 2 err '^  - \{tap: internet'
scenario tap-filter 'taps: {t: {at: realms, filter: "host ("}}'
call check tap-filter.yaml
said "a tap's filter that does not compile" 2 err '^tap-filter\.yaml:12:[0-9]+: error: .*filter'

printf 'scenario: 1\nflows: [}\n' >broken.yaml
call check broken.yaml
said "what is no YAML" 2 err '^broken\.yaml:2:[0-9]+: error: '
: >empty.yaml
call check empty.yaml
said "an empty file" 2 err '^empty\.yaml:.*error: '
head -c 4096 /dev/urandom >noise.yaml
call check noise.yaml
said "noise" 2 err 'noise\.yaml:.*error: '
call check nowhere.yaml
said "a file that does not exist" 3 err '^pktpath: nowhere\.yaml: No such file'
call check .
said "a directory" 3 err '^pktpath: \.: '

scenario one "$good"
call run --set network.ases.ase-one.wrokers=3 one.yaml
said "--set of an unknown key" 2 err 'error: .*wrokers'
call run --set flows.call.at=5 one.yaml
said "--set of a value without its unit" 2 err '(5s|unit)'

scenario fine "$good"
call run fine.yaml typo.yaml -o together
said "several, one of them wrong" 2 err '^typo\.yaml:12:1: error'
said "nothing is said of the one that is fine" 2 out ''
check "and nothing ran" test ! -e together
call run fine.yaml nowhere.yaml typo.yaml -o together
said "several, and one cannot be read: the others are checked all the same" 3 err '^typo\.yaml:12:1: error'
check "and nothing ran" test ! -e together
mkdir other
sed 's/^seed: .*//' fine.yaml >other/fine.yaml
call run fine.yaml other/fine.yaml -o together
said "two of one name would write the same files" 2 err 'both called .fine.'
check "and nothing ran" test ! -e together
cat >"$scratch/value.yaml" <<END
scenario: 1
network: {hosts: {a: {internet: true, ip: 203.0.113.9}}, sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1}}}}
expect: [{nat: home, exhausted: 0}]
END
call check "$scratch/value.yaml"
said "a value in the place of its key" 2 err '^hint: write `metric: exhausted`, of which it is a value$'
check "and it is the only error" sh -c 'test "$(grep -c "error: " err)" = 1 && grep -q "1 error$" err'
scenario other-form 'expect:' '  - {tap: internet, packet: 0}'
call check other-form.yaml
said "a key of another form, near one of this" 2 err '^hint: did you mean `packets`\?$'
check "and nothing is lacking besides" sh -c 'test "$(grep -c "error: " err)" = 1'
scenario cidr 'expect: []'
sed 's|sql: {subnet: contoso/data|sql: {subnet: 10.0.2.0/24|' cidr.yaml >by-cidr.yaml
call check by-cidr.yaml
said "a prefix in the place of a subnet" 2 err '^by-cidr\.yaml:[0-9]+:[0-9]+: error: `10\.0\.2\.0/24` is a prefix, and a subnet goes by its name here$'
said "the subnet that has it" 2 err '^hint: write VNET/SUBNET: `contoso/data` has this prefix$'
sed 's|sql: {subnet: contoso/data|sql: {subnet: 10.0.2.0/25|' cidr.yaml >by-cidr.yaml
call check by-cidr.yaml
said "a prefix of no subnet" 2 err '^hint: write VNET/SUBNET, such as `contoso/[a-z-]+`$'
finish

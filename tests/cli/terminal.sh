#!/bin/sh
# What run, explain, addresses and nat print on terminals of 80 and of 160 columns, and in a pipe.
# Usage: terminal.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs script stty
if ! has_terminal; then
	echo "skipped - no terminal can be made here"
	exit 77
fi
source=$PWD

taken_back=$(printf '\033')'\[K' # behind progress
# wide COLUMNS ARGUMENT...: what pktpath prints on a terminal, without colours, into out.
wide() {
	columns=$1
	shift
	NO_COLOR=1 script -qec "stty cols $columns rows 50; '$pktpath' $*" /dev/null </dev/null 2>&1 | tr -d '\r' | sed "s/.*$taken_back//" >"$scratch/out"
}
# fits WHAT COLUMNS: no line of out is longer, but those that are to be copied, and warnings, which editors read.
fits() {
	silent "$1" awk -v most="$2" 'length($0) > most && !/^next: |tshark -r|: warning: / { print length($0) ": " $0 }
		/ $/ { print "blanks at the end: " $0 }' "$scratch/out"
}

long=$scratch/long.yaml
cat >"$long" <<'END'
scenario: 1
network:
  vnets: {contoso-production: {space: [10.0.0.0/16], subnets: {ase-environment-one-net: {cidr: 10.0.1.0/26, nsg: guard}}}}
  nsgs: {guard: {outbound: [{name: no-8080-to-anybody-at-all, priority: 100, action: deny, proto: tcp, src: any, dst: any, dst_ports: 8080}]}}
  ases: {ase-environment-one: {subnet: contoso-production/ase-environment-one-net, vip: 192.123.101.102, apps: {front-door-website: {}}}}
  hosts: {external-api-service: {internet: true, ip: 203.100.113.210, listen: [443/tcp, 8080/tcp]}}
flows:
  front-door-calls-external-api: {from: ase-environment-one/front-door-website, to: "external-api-service:443/tcp", repeat: {count: 5, every: 1s}}
  front-door-denied: {from: ase-environment-one/front-door-website, to: "external-api-service:8080/tcp"}
expect:
  - {flow: front-door-calls-external-api, outcome: delivered, seen_at: external-api-service, src: 192.123.101.102}
  - {flow: front-door-denied, outcome: timed_out, reason: nsg-deny, by: nsg/guard, rule: no-8080-to-anybody-at-all}
END

for file in scenarios/*.yaml scenarios/nat/*.yaml scenarios/laws/law-0[1-9]*.yaml "$long"; do
	name=$(basename "$file" .yaml)
	for columns in 80 160; do
		wide "$columns" run "$file" -o "$scratch/run"
		fits "run $name in $columns columns" "$columns"
		wide "$columns" nat "$file"
		fits "nat $name in $columns columns" "$columns"
		wide "$columns" addresses "$file"
		fits "addresses $name in $columns columns" "$columns"
		wide "$columns" explain "$file"
		fits "explain $name in $columns columns" "$columns"
		wide "$columns" check "$file"
		fits "check $name in $columns columns" "$columns"
	done
done

# What fails in a suite, what two runs differ in, and what nothing notices.
sed 's/src: 192.123.101.102/src: 10.0.1.6/; s/rule: no-8080-to-anybody-at-all}/rule: no-8080}/' "$long" >"$scratch/fails.yaml"
sed '/^expect:/,$d' "$long" >"$scratch/lax.yaml"
echo 'expect: [{flow: front-door-denied, outcome: timed_out}]' >>"$scratch/lax.yaml"
status=0
"$pktpath" run "$long" -o "$scratch/before" >"$scratch/log"
"$pktpath" run "$long" -o "$scratch/after" --set network.ases.ase-environment-one.snat.port_range=20000-30000 >"$scratch/log"
"$pktpath" run "$long" -o "$scratch/suite/long" >"$scratch/log"
for columns in 80 160; do
	wide "$columns" test "$scratch/fails.yaml" --no-keep
	fits "a suite that fails in $columns columns" "$columns"
	wide "$columns" test "$long" --no-keep --baseline "$scratch/suite" --set network.ases.ase-environment-one.snat.port_range=20000-30000
	fits "captures that differ in $columns columns" "$columns"
	wide "$columns" diff "$scratch/before" "$scratch/after"
	fits "diff in $columns columns" "$columns"
	wide "$columns" mutate "$scratch/lax.yaml" --all -j 1
	fits "mutate in $columns columns" "$columns"
	said "mutate reported something" 0 out 'SURVIVED'
done
wide 80 test "$scratch/fails.yaml" --no-keep
said "narrow: labels keep their column where a line is broken" 0 out '^        (because|cause):  +[^ ]'
said "narrow: a failure is broken below its label" 0 out '^                  10\.0\.1\.6:|^                  [a-z0-9]'

example=scenarios/outbound-network-addresses.yaml
wide 160 run $example -o "$scratch/run"
said "wide: who called stands beside" 0 out '^  pass  call-internet  .*api saw 192\.23\.1\.2:1024  +web on ase-one/worker-0'
wide 80 run $example -o "$scratch/run"
said "narrow: and below" 0 out '^ +web on ase-one/worker-0, 10\.0\.1\.6:49152$'
wide 160 explain $example call-internet
said "wide: addresses have a column" 0 out '^  0\.000000  ase-one/vip       192\.23\.1\.2:1024 > 203\.0\.113\.10:443  source rewritten by rule snat of ase-one/vip scenarios'
wide 80 explain $example call-internet
said "narrow: they stand below" 0 out '^ +after  192\.23\.1\.2:1024 > 203\.0\.113\.10:443$'
wide 160 nat $example --at 10s
said "wide: a mapping is a line" 0 out '^  tcp .* 192\.23\.1\.2:1024 .* closing  +0\.000000  +0\.[0-9]+  +240\.[0-9]+  +230 s  ase-one/web, call-internet$'
wide 80 nat "$long" --at 1s
said "narrow: its times stand below" 0 out '^        created 0\.000000, last used 0\.[0-9]+, ends 240\.[0-9]+, 239 s left$'
said "narrow: who made it below these" 0 out '^        made by ase-environment-one/front-door-website,$'
said "narrow: and its flow below, where both are too wide" 0 out '^                front-door-calls-external-api\[0\]$'
wide 80 addresses "$long"
said "narrow: a flow has a line of its own" 0 out '^front-door-denied$'
wide 160 addresses $example
said "wide: a flow stands beside its places" 0 out '^call-internet +ase-one/vip +192\.23\.1\.2:1024 '

# In a pipe a row of a table is one line, whatever the terminal is.
call run $example -o "$scratch/run"
said "pipe: an expectation is a line" 0 out '^  pass  call-internet .*api saw .*  web on '
call nat "$long" --at 1s
said "pipe: a mapping is a line" 0 out '^  tcp .* 192\.123\.101\.102:1024 .* 239 s  ase-environment-one/front-door-website, front-door-calls-external-api\[0\]$'
call addresses "$long"
said "pipe: a sighting is a line" 0 out '^front-door-denied +ended at ase-environment-one/worker-0: nsg-deny by nsg/guard rule no-8080-to-anybody-at-all .*long\.yaml:4$'
COLUMNS=160 "$pktpath" explain $example call-internet >"$scratch/out"
said "COLUMNS is obeyed where there is no terminal" 0 out '^  0\.000000  ase-one/vip       192\.23\.1\.2:1024 > '
COLUMNS=rubbish "$pktpath" explain $example call-internet >"$scratch/out"
said "and rubbish in it is nothing" 0 out '^ +after  192\.23\.1\.2:1024 > '

# Colours.
script -qec "'$pktpath' explain $source/$example call-internet" /dev/null </dev/null >"$scratch/out" 2>&1
check "colours on a terminal" grep -q "$(printf '\033')\\[1m" "$scratch/out"
TERM=dumb script -qec "'$pktpath' explain $source/$example call-internet" /dev/null </dev/null >"$scratch/out" 2>&1
check "none on a dumb one" sh -c '! grep -q "$(printf "\\033")" "$1"' _ "$scratch/out"
for words in "test $source/$example" "mutate $scratch/lax.yaml -j 1"; do
	TERM=dumb script -qec "'$pktpath' $words" /dev/null </dev/null >"$scratch/out" 2>&1
	check "nor is a line taken back there: ${words%% *}" sh -c '! grep -q "$(printf "\\033")" "$1"' _ "$scratch/out"
done

# Results and warnings in one pipe keep their order.
"$pktpath" run "$long" -o "$scratch/run" --set network.hosts.nothing='{internet: true, ip: 203.0.113.9}' >"$scratch/out" 2>&1
status=$?
said "a warning is there" 0 out 'warning: no packet came from host `nothing`'
check "and comes after what was said before" sh -c 'awk "/^  (FAIL|pass) / { last = NR } /warning: no packet/ { first = NR } END { exit !(first > last) }" "$1"' _ "$scratch/out"

# Letters that are not ASCII have their width.
sed 's/{flow: front-door-calls/{id: "größe", flow: front-door-calls/; s/{flow: front-door-denied/{id: "漢字x", flow: front-door-denied/' "$long" >"$scratch/ids.yaml"
call run "$scratch/ids.yaml" -o "$scratch/run"
said "an umlaut is one column wide" 0 out '^  pass  größe  external'
said "an ideogram is two" 0 out '^  pass  漢字x  timed_out'

# Where no packet shows why, the call does.
sed 's/outcome: delivered, seen_at/outcome: refused, seen_at/' "$long" >"$scratch/refused.yaml"
call run "$scratch/refused.yaml" -o "$scratch/run"
said "next is what failed" 1 out '^next: .*pktpath explain .*refused\.yaml front-door-calls-external-api --packet 1$'
finish

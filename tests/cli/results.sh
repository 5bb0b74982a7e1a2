#!/bin/sh
# What a run prints and writes: exit status, text, JSON, files, and the same bytes each time.
# Usage: results.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cd "$scratch" || exit 1
scenario one "$good"
scenario two "$good"
scenario wrong "$bad"

# ---- what holds
call run one.yaml
said "all expectations hold" 0 out '^  pass  call  api saw 192\.23\.1\.2:1024  web on ase-one/worker-0, 10\.0\.1\.5:49152$'
said "a heading with virtual time alone" 0 out '^one   [0-9]+ .* simulated   [0-9]+ packets   1 NAT mapping$'
said "a last line with the directory" 0 out '^1 passed, 0 failed      captures/one/$'
said "and what to do next" 0 out '^next: .*pktpath explain one\.yaml call$'
said "nothing on stderr" 0 err ''
check "the capture of the flow exists" test -s captures/one/call.pcapng
for file in call@api.pcap call@ase-one.vip.pcap call@ase-one.worker-0.pcap nat.csv report.json; do
	check "it wrote $file" test -s captures/one/$file
done
check "it wrote no trail unasked" test ! -e captures/one/trail.txt
check "files names all that is there" sh -c 'jq -r ".files[]" captures/one/report.json | diff - "$1"' _ - <<-END
	$(LC_ALL=C ls captures/one)
END
check "nat.csv has a heading" grep -qx 'nat,inside,outside,destination,protocol,created,last_used,ended,why,packets,bytes,flow,app,timer' captures/one/nat.csv
check "nat.csv has a line" grep -qE '^ase-one/vip,10\.0\.1\.5:49152,192\.23\.1\.2:1024,203\.0\.113\.10:443,tcp,0\.000000000,[0-9.]+,[0-9.]+,[a-z-]+,[0-9]+,[0-9]+,[a-z0-9-]+,ase-one/[a-z]+,[a-z_]+$' \
	captures/one/nat.csv

cp -r captures/one first
cp out first.out
call run one.yaml
check "a second run writes the same bytes" diff -r first captures/one
check "and prints the same" cmp first.out out

# ---- the report
report=captures/one/report.json
check "report: result" jq -e '.result == {passed: 1, failed: 0} and .scenario.name == "one"' $report
check "report: addresses seen" jq -e '.flows.call.connections[0] | .outcome == "delivered" and
	.hops == ["ase-one/worker-0", "ase-one/vip", "region/region", "internet", "api"] and
	(.seen[] | select(.at == "api") | .source) == {address: "192.23.1.2", port: 1024}' $report
check "report: nothing unlisted" jq -e '.flows.call.unlisted == null and .flows.call.outcomes.delivered == 1' $report
check "report: settings with their defaults" jq -e '.scenario.settings | .["network.links.internet.latency"] == "15ms" and
	.["flows.call.send"] == "200B" and .["network.ases.ase-one.snat.ports_per_worker"] == "auto" and .seed == "1"' $report
check "report: packets add up" jq -e '.counts | .sent == .delivered + .dropped + .in_flight' $report
settings() {
	jq -r '.scenario.settings | to_entries[] | "--set", "\(.key)=\(.value)"' "$report" | tr '\n' '\0' | xargs -0 "$pktpath" run one.yaml -o again -q
}
check "report: --set takes each setting back" settings
check "and that changes no packet" diff -r -x report.json captures/one again

# ---- what does not hold
call run wrong.yaml
said "an expectation fails" 1 out '^  FAIL  call  wrong\.yaml:12:11$'
said "what was expected" 1 out 'expected: +seen at api with source 10\.0\.1\.5$'
said "what came" 1 out 'actual: +api saw 192\.23\.1\.2:1024$'
said "the step that made it so" 1 out 'because: +t=0s ase-one/vip rewrote packet 1: '
said "the rule behind it" 1 out 'rule: +wrong\.yaml:5:[0-9]+$'
said "the packet to open" 1 out "tshark -r captures/wrong/call\\.pcapng -Y 'frame\\.packet_id == 1'"
said "the count" 1 out '^0 passed, 1 failed '
if command -v tshark >/dev/null; then
	packets=$(tshark -r captures/wrong/call.pcapng -Y 'frame.packet_id == 1' 2>/dev/null | wc -l)
	check "tshark finds that packet, before and after the NAT" test "$packets" -eq 2
fi

# ---- several
call run one.yaml two.yaml -o all
said "several scenarios" 0 out '^two   '
check "each in a folder of its own" test -s all/one/report.json -a -s all/two/report.json
call run one.yaml wrong.yaml two.yaml -o all
said "one of several fails" 1 out '^  FAIL'
said "the others run all the same" 1 out '^two   '

# ---- a scenario that expects nothing
scenario silent
call run silent.yaml
said "what became of each flow" 0 out '^  flow  call    delivered  web on ase-one/worker-0, 10\.0\.1\.5:49152$'
said "all of them" 0 out '^  flow  inside  delivered '
said "and that nothing was expected" 0 out '^no expectations      captures/silent/$'
call run silent.yaml --set network.hosts.api.listen='[]'
said "the first loss" 0 out '^  flow  call    refused, first loss no-listener by api '
call run silent.yaml --set stop=1ms
said "how to go on where a call is unfinished" 0 out '^  flow  call    unfinished: the run stopped at 1ms; raise `stop`'
said "and where one never started" 0 out '^  flow  inside  never started: the run stopped at 1ms; raise `stop`'
call run silent.yaml --set stop=15ms --set flows.call.repeat='{count: 3, every: 10ms}'
said "in counts, too" 0 out '^  flow  call    3 unfinished: the run stopped at 15ms; raise `stop`'
call run silent.yaml -q
said "-q prints nothing of it" 0 out ''

# ---- options
call run one.yaml -o here -q
said "-q and all holds: nothing" 0 out ''
call run wrong.yaml one.yaml -o here -q
said "-q and one fails" 1 out '^  FAIL  call'
check "-q says nothing of what holds" sh -c '! grep -q pass\ \  out && ! grep -q "^one" out'
call run one.yaml -o here --json
said "--json" 0 err ''
check "--json prints the report" cmp out here/report.json
call run one.yaml wrong.yaml -o here --json
check "--json of several is an array" jq -e 'length == 2 and (map(.scenario.name) == ["one", "wrong"]) and (map(.result.failed) == [0, 1])' out
check "--json keeps the exit status" test "$status" -eq 1
call run one.yaml -o here --no-traces
said "--no-traces" 0 out '^1 passed'
check "no captures, not even those of an earlier run" sh -c 'rm -rf fresh && mkdir fresh && "$1" run one.yaml -o fresh -q && "$1" run one.yaml -o fresh -q --no-traces &&
	! ls fresh | grep -q pcap && test -s fresh/nat.csv' _ "$pktpath"
check "a stranger's file stays" sh -c 'echo mine >fresh/notes.txt && "$1" run one.yaml -o fresh -q && test "$(cat fresh/notes.txt)" = mine' _ "$pktpath"
check "no staging directory stays" sh -c '! ls -A fresh | grep "^\\."'
call run one.yaml -o here --trail
said "--trail" 0 out '^1 passed'
check "the trail has each step" grep -qE '^0\.000000000 call 1 ase-one/vip translate tcp 10\.0\.1\.5:49152 > 203\.0\.113\.10:443 => tcp 192\.23\.1\.2:1024 > ' here/trail.txt
call run one.yaml -o here --set network.ases.ase-one.vip=192.23.1.9
said "--set changes the scenario" 1 out 'api saw 192\.23\.1\.9:1024'
call run one.yaml -o here --set flows.call.repeat.count=1200 --set flows.call.repeat.every=10ms --set network.ases.ase-one.snat.ports_per_worker=2048
said "--set, three times" 0 out '^1 passed'
check "a report of many connections lists a thousand and counts the others" jq -e '.flows.call | (.connections | length == 1000) and
	.unlisted == {connections: 200, outcomes: (.unlisted.outcomes)} and ([.unlisted.outcomes[]] | add) == 200 and .outcomes.delivered == 1200' here/report.json
for seed in 1 2; do
	"$pktpath" run one.yaml -o seed$seed -q --seed $seed --set network.ases.ase-one.snat.allocation=random
done
check "--seed makes other choices" sh -c '! cmp -s seed1/nat.csv seed2/nat.csv'
check "and is in the report" jq -e '.scenario.seed == 2' seed2/report.json
call run one.yaml -o slash///
said "a directory with slashes at its end" 0 out 'slash/$'

# ---- a way that leads back to where it came from
cat >round.yaml <<'END'
scenario: 1
network:
  vnets: {contoso: {space: [10.0.0.0/16], subnets: {front: {cidr: 10.0.1.0/26, routes: table}, data: {cidr: 10.0.2.0/24}}}}
  route_tables: {table: {routes: {by-firewall: {prefix: 10.0.2.0/24, next_hop: firewall}}}}
  hosts:
    vm: {subnet: contoso/front, ip: 10.0.1.10}
    firewall: {subnet: contoso/front, ip: 10.0.1.20, forwards: true, nat: {}}
    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}
flows: {call: {from: vm, to: "sql:1433/tcp"}}
expect: [{flow: call, outcome: timed_out, reason: ttl-expired, by: firewall}]
END
call run round.yaml
said "a NAT whose own packets come back to it ends them by their TTL" 0 out '^  pass  call'

# ---- colours
if has_terminal; then
	on_terminal() {
		script -qec "$*" /dev/null </dev/null
	}
	on_terminal "'$pktpath' run one.yaml" >tty.out
	check "colours on a terminal" grep -q "$(printf '\033')\\[32mpass" tty.out
	check "the real time on a terminal alone" grep -q ' in [0-9]* ms' tty.out
	on_terminal "NO_COLOR=1 '$pktpath' run one.yaml" >tty.out
	check "NO_COLOR is obeyed" sh -c '! grep -q "$(printf "\\033")\\[32m" tty.out'
	on_terminal "NO_COLOR= '$pktpath' run one.yaml" >tty.out
	check "an empty NO_COLOR means colours" grep -q "$(printf '\033')\\[32mpass" tty.out
else
	skip "no terminal can be made here"
fi
call run one.yaml
check "no colours in a pipe" sh -c '! grep -q "$(printf "\\033")" out'
finish

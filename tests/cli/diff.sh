#!/bin/sh
# pktpath diff: what changed between the output of two runs.
# Usage: diff.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cd "$scratch" || exit 1

cat >base.yaml <<'END'
scenario: 1
network:
  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26, nsg: guard}}}}
  nsgs:
    guard:
      inbound:
        - {name: office, priority: 100, action: allow, src: 198.51.100.0/24}
        - {name: rest, priority: 200, action: deny, src: internet}
  ases: {one: {subnet: contoso/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts:
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp, 8080/tcp, 514/udp]}
    office: {internet: true, ip: 198.51.100.7}
flows:
  call: {from: one/web, to: "api:8080/tcp"}
  log: {from: one/web, to: "api:514/udp", at: 1s}
  visit: {from: office, to: "one/web:443/tcp", at: 2s, repeat: {count: 3, every: 1s}}
END

# run DIRECTORY [OPTION...]
run() {
	directory=$1
	shift
	"$pktpath" run base.yaml -q -o "$directory" "$@" || not_ok "run into $directory"
}
run a
run same
run port --set network.ases.one.snat.port_range=2000-65535
run deny --set network.nsgs.guard.inbound.0.action=deny
run seed --set seed=99
run later --set flows.call.at=10ms

call diff a same
said "the same" 0 out ''
call diff a/ same/
said "slashes" 0 out ''

call diff a port
said "a field by its name, of the packet that shows it first" 1 out '^call: packet 1 \(SYN\) at one/vip: source port 2000, was 1024; and [0-9]+ more$'
call diff a port
said "the rule behind it" 1 out '^    because: one/vip source 10.0.1.[0-9]+:49152 -> 192.23.1.2:2000 by snat base.yaml:9$'
call diff a port
said "of a datagram" 1 out '^log: packet 1 \(UDP with [0-9]+ bytes\) at one/vip: source port 2000, was 1024'
call diff a port
said "of a mapping" 1 out '^one/vip: mapping tcp 10.0.1.[0-9]+:49152 to 203.0.113.10:8080: outside 192.23.1.2:2000, was 192.23.1.2:1024'
check "who was not touched is not named" sh -c '! grep -q visit out'
call diff a port --ignore ports
said "ports may be ignored" 0 out ''

call diff a deny
said "outcomes come first" 1 out '^visit: 3 timed_out, was 3 delivered$'
check "they are the first line" sh -c 'head -n 1 out | grep -q "^visit: 3 timed_out"'
call diff a deny
said "what was lost is gone behind the place, by the rule" 1 out '^    because: DROP nsg-deny by nsg/guard rule office base.yaml:7$'
call diff a deny
said "what came instead is new" 1 out '^visit\[0\]: packet [0-9]+ \(SYN\) at office is new'
call diff deny a
said "the other way round" 1 out '^visit: 3 delivered, was 3 timed_out$'

call diff a seed
said "another seed shows" 1 out '^call: packet 1 \(SYN\) at one/worker-0: sequence number'
call diff a seed --ignore ids
said "and may be ignored, TLS included" 0 out ''
call diff a later
said "time" 1 out '^call: packet 1 \(SYN\) at one/worker-0: time 0\.010000000 s later'
call diff later a
said "time the other way" 1 out 'time 0\.010000000 s earlier'
call diff a later --ignore time,ids,ports
said "several may be ignored" 0 out ''

call diff a deny --json
check "JSON" jq -e '.before == "a" and .after == "deny" and .differences[0].kind == "outcome" and
	([.differences[] | select(.kind == "gone") | .because] | any(test("nsg-deny")))' out
call diff a port -q
said "quiet, the status alone" 1 out ''

mkdir only
cp a/call.pcapng only/
call diff a only
said "a flow without captures" 1 out '^log.pcapng is no longer written'
call diff only a
said "a flow that is new" 1 out '^log.pcapng is new'
cp -r a notes
cp -r a notes2
"$pktpath" run base.yaml -q -o notes2 --set notes=false 2>/dev/null || true
call diff notes notes2
said "notes are not compared" 0 out ''
cp -r a touched
truncate -s -9 "touched/call@api.pcap"
call diff a touched
said "a classic capture that is damaged" 1 out 'touched/call@api.pcap cannot be read'
cp -r a cut
truncate -s 500 cut/call.pcapng
call diff a cut
said "a capture that is cut off" 1 out '^cut/call.pcapng cannot be read at byte [0-9]+: it ends within a block'
cp -r a odd
echo '{' >odd/report.json
call diff a odd
said "a report that is none" 1 out 'report.json cannot be read'

call diff a
said "one directory" 2 err 'takes two directories'
call diff a nowhere
said "no such directory" 2 err '^pktpath: nowhere: No such file'
mkdir empty
call diff empty a
said "a directory without output" 2 err 'empty holds no output of a run'
call diff a same --ignore colours
said "what cannot be ignored" 2 err 'takes a list of ports, ids and time'
finish

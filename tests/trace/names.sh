#!/bin/sh
# Datagrams to port 53 are DNS, as long as the flow says, in one piece or in fragments, asked once or often.
# Usage: names.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs tshark

cat >"$scratch/names.yaml" <<'EOF'
scenario: 1
network:
  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.1.0/26}, t: {cidr: 10.0.2.0/26}}}}
  sites: {home: {prefixes: [192.168.1.0/24], nat: {address: 203.0.113.99}}}
  hosts:
    vm: {subnet: v/s, ip: 10.0.1.10}
    inside: {subnet: v/t, ip: 10.0.2.10, listen: [53/udp]}
    resolver: {internet: true, ip: 203.0.113.10, listen: [53/udp]}
    laptop: {site: home, ip: 192.168.1.10}
flows:
  usual: {from: vm, to: "inside:53/udp"}
  short: {from: vm, to: "resolver:53/udp", send: 1B, reply: 1B, at: 1s}
  rounds: {from: vm, to: "inside:53/udp", rounds: 5, at: 2s}
  bare: {from: vm, to: "inside:53/udp", reply: 0B, rounds: 3, at: 3s}
  pauses: {from: laptop, to: "resolver:53/udp", rounds: 3, pause: 1s, at: 4s}
  many: {from: laptop, to: "resolver:53/udp", repeat: {count: 20, every: 10ms}, at: 10s}
  long: {from: laptop, to: "resolver:53/udp", send: 4kB, reply: 60kB, at: 12s}
EOF
"$pktpath" run "$scratch/names.yaml" -q -o "$scratch/out" >"$scratch/run.out" 2>&1 || cat "$scratch/run.out"

# seen FLOW FILTER
seen() {
	tshark -n -r "$scratch/out/$1.pcapng" -Y "$2" -o udp.check_checksum:TRUE 2>/dev/null
}
for flow in usual short rounds bare pauses many long; do
	check "$flow: questions" test "$(seen $flow 'dns.flags.response == 0' | wc -l)" -gt 0
	check "$flow: as many answers" test "$(seen $flow 'dns.flags.response == 1 && dns.a == 192.0.2.1' | wc -l)" -eq "$(seen $flow 'dns.flags.response == 0' | wc -l)"
	silent "$flow: they name the flow" seen $flow "dns && !(dns.qry.name == \"$flow.example\")"
	silent "$flow: nothing malformed, nothing above a chat" seen $flow '_ws.malformed || _ws.expert.severity > 0x200000 || udp.checksum.status == 0'
done
check "a message is as long as it shall be" test "$(tshark -n -r "$scratch/out/usual.pcapng" -T fields -e udp.length 2>/dev/null | tr '\n' ' ')" = "208 1008 "
finish

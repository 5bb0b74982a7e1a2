#!/bin/sh
# The path's MTU in Wireshark: what follows the learning fits, and Wireshark has nothing above a chat to say about it but that connections close; of
# the connection that learns it names what the stack sent again, no more, and for each there is the record of a drop.
# Usage: path_mtu.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs tshark jq

# above FILE: what Wireshark says above a chat, a line each; the ends of connections apart.
above() {
	tshark -n -r "$1" -Y '_ws.expert.severity > 0x200000' -T fields -e frame.number -e _ws.expert.message 2>/dev/null |
		sed 's/This frame \(initiates\|undergoes\) the connection closing//' | grep -E 'This frame|[Mm]alformed|ICMP|overlap|Previous|Duplicate|reset|Bad'
}
again() {
	above "$1" | grep -cE '\(suspected\) (out-of-order segment|retransmission|fast retransmission|spurious retransmission)'
}
count() {
	above "$1" | grep -c .
}

"$pktpath" run tests/azure/path-mtu-memory.yaml -o "$scratch/azure" -q >/dev/null
cat >"$scratch/both.yaml" <<-'END'
	scenario: 1
	network:
	  vnets: {corp: {space: [10.0.0.0/16], subnets: {lan: {cidr: 10.0.1.0/24, routes: out}, edge: {cidr: 10.0.2.0/24}}}}
	  route_tables: {out: {routes: {site: {prefix: 192.168.0.0/16, next_hop: nva}}}}
	  sites: {hq: {prefixes: [192.168.0.0/16], gateway: {vnet: corp, kind: vpn}}}
	  hosts:
	    pc: {subnet: corp/lan, ip: 10.0.1.10, listen: [9000/udp, 80/tcp, 443/tcp]}
	    nva: {subnet: corp/edge, ip: 10.0.2.4, forwards: true, nat: {}}
	    server: {site: hq, ip: 192.168.1.5, listen: [9000/udp, 80/tcp, 443/tcp, 21/tcp]}
	flows:
	  learns: {from: pc, to: "server:80/tcp", send: 20kB}
	  down: {from: pc, to: "server:80/tcp", at: 10s, reply: 60kB}
	  up-again: {from: pc, to: "server:443/tcp", at: 20s, send: 60kB, rounds: 3}
	  down-again: {from: pc, to: "server:443/tcp", at: 30s, send: 200B, reply: 60kB, rounds: 2}
	  files: {from: pc, to: "server:21/tcp", at: 40s, send: 20kB, reply: 20kB}
	  large: {from: pc, to: "server:9000/udp", at: 50s, send: 4000B, reply: 4000B, rounds: 2}
	  small: {from: pc, to: "server:9000/udp", at: 60s, send: 1450B, reply: 1450B}
END
"$pktpath" run "$scratch/both.yaml" -o "$scratch/both" -q >/dev/null
check "all calls of both get through" jq -e '[.flows[] | .outcomes.delivered] | length == 7 and all(. == 1)' "$scratch/both/report.json"

for flow in azure/again azure/small azure/large azure/datagram-again both/up-again both/down-again both/files both/large both/small; do
	for file in "$scratch/$flow.pcapng" "$scratch/$flow@"*.pcap; do
		silent "${file#"$scratch"/}: nothing above a chat" above "$file"
	done
done
# At the point of the sender; where a NAT lies between, the merged file has each segment in two realms.
for place in azure/learns@pc both/learns@pc both/down@server; do
	flow=${place%@*}
	expected=$(jq --arg flow "${flow#*/}" '.flows[$flow].retransmissions' "$scratch/${flow%/*}/report.json")
	check "$flow sent something again" test "$expected" -gt 0
	check "$flow: Wireshark names these $expected segments" test "$(again "$scratch/$place.pcap")" -eq "$expected"
	check "$flow: and has no more to say" test "$(count "$scratch/$place.pcap")" -eq "$expected"
	check "$flow: drops are on record" test "$(tshark -n -r "$scratch/$flow.pcapng" -Y 'frame.interface_name matches "^drops:"' 2>/dev/null | wc -l)" -gt 0
done
finish

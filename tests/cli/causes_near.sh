#!/bin/sh
# Where a packet is denied though a rule nearly allows it, the cause names that rule and what differs: rules of groups, and the three kinds of a firewall.
# Usage: causes_near.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
. tests/cli/why.sh
needs jq tshark
cd "$scratch" || exit 1

# near WHAT FLOW CAUSE HELPS: of the file near.yaml, explained in near.json, the flow's cause ends with CAUSE and what helps with HELPS.
near() {
	# shellcheck disable=SC2016
	if jq -e --arg flow "$2" --arg cause "$3" --arg helps "$4" '.calls[] | select(.name == $flow).loss |
		(.cause | endswith($cause)) and (.helps | endswith($helps))' near.json >/dev/null; then
		ok "$1"
	else
		not_ok "$1"
		jq --arg flow "$2" '.calls[] | select(.name == $flow).loss | {cause, helps}' near.json | sed 's/^/    /'
	fi
}

# ---- security groups: one subnet, machine and flow for each ----

{
	cat <<'END'
scenario: 1
network:
  nsgs:
    port: {inbound: [{name: web, priority: 100, action: allow, proto: tcp, src: internet, dst_ports: [80, "8000-8010", 90, 91]}, {name: deny-all, priority: 4000, action: deny}]}
    proto: {inbound: [{name: dns, priority: 100, action: allow, proto: udp, src: internet, dst_ports: 443}]}
    source: {inbound: [{name: office, priority: 100, action: allow, proto: tcp, src: 198.51.100.0/24, dst_ports: 443}, {name: lb, priority: 200, action: allow, src: azure-load-balancer}]}
    dest: {inbound: [{name: vm, priority: 100, action: allow, proto: tcp, src: internet, dst: 10.20.2.99, dst_ports: 443}]}
    sport: {inbound: [{name: low, priority: 100, action: allow, proto: tcp, src: internet, src_ports: 1024-2047, dst_ports: 443}]}
    late: {inbound: [{name: deny-net, priority: 200, action: deny, src: internet}, {name: web, priority: 300, action: allow, proto: tcp, src: internet, dst_ports: 443}]}
    first: {inbound: [{name: deny-net, priority: 100, action: deny, src: internet}, {name: web, priority: 300, action: allow, proto: tcp, src: internet, dst_ports: 443}]}
    turned: {outbound: [{name: web, priority: 100, action: allow, proto: tcp, src: internet, dst_ports: 443}, {name: all, priority: 200, action: allow}]}
    far: {inbound: [{name: web, priority: 100, action: allow, proto: udp, src: internet, dst_ports: 80}, {name: deny-all, priority: 4000, action: deny}]}
  vnets:
    prod:
      space: 10.20.0.0/16
      subnets:
END
	i=0
	for group in port proto source dest sport late first turned far; do
		i=$((i + 1))
		echo "        s$i: {cidr: 10.20.$i.0/24, nsg: $group}"
	done
	echo '  hosts:'
	echo '    visitor: {internet: true, ip: 192.0.2.9}'
	i=0
	for group in port proto source dest sport late first turned far; do
		i=$((i + 1))
		echo "    v$i: {subnet: prod/s$i, ip: 10.20.$i.4, public_ip: 20.1.1.$i, listen: 443/tcp}"
	done
	echo 'flows:'
	i=0
	for group in port proto source dest sport late first turned far; do
		i=$((i + 1))
		echo "  $group: {from: visitor, to: \"v$i:443/tcp\"}"
	done
} >near.yaml
"$pktpath" explain near.yaml -q --json >near.json
near "another port" port 'Rule web (near.yaml:4) nearly allows it: it allows port 80, 8000-8010, 90 and 1 more, and this packet goes to port 443.' 'below 4000. Or add port 443 to `dst_ports` of rule web.'
near "another protocol" proto 'Rule dns (near.yaml:5) nearly allows it: it allows udp, and this packet is tcp.' 'Or let rule dns allow tcp, too (`proto`).'
near "another source; a rule for probes is not near" source 'times out. Rule office (near.yaml:6) nearly allows it: it allows the source 198.51.100.0/24, and this packet comes from 192.0.2.9.' 'Or add 192.0.2.9 to `src` of rule office.'
near "another destination" dest 'Rule vm (near.yaml:7) nearly allows it: it allows the destination 10.20.2.99, and this packet goes to 10.20.4.4.' 'Or add 10.20.4.4 to `dst` of rule vm.'
near "another source port" sport 'Rule low (near.yaml:8) nearly allows it: it allows source port 1024-2047, and this packet comes from port 49159.' 'Or let rule low take any source port (`src_ports`).'
near "behind the rule that denies" late 'Rule web (near.yaml:9) would allow it, and comes too late: its priority is 300, and that of rule deny-net is 200.' 'Or give rule web a priority below 200.'
near "behind the rule with the lowest number" first 'its priority is 300, and that of rule deny-net is 100.' 'Or give rule deny-net a priority above 300.'
near "in the other direction" turned 'times out. Rule web (near.yaml:11) would allow it, and is a rule for outbound packets; this one is inbound.' 'Or move rule web to `inbound`.'
near "two things differ: not near" far 'and the sender retransmits until it times out.' 'below 4000.'

# ---- firewalls ----

cat >near.yaml <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {AzureFirewallSubnet: {cidr: 10.0.9.0/26}, front: {cidr: 10.0.1.0/24, routes: out}, back: {cidr: 10.0.2.0/24, routes: back}}}}
  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}, back: {prefix: 10.0.2.0/24, next_hop: fw}}}, back: {routes: {front: {prefix: 10.0.1.0/24, next_hop: fw}}}}
  firewalls: {fw: {subnet: hub/AzureFirewallSubnet, address: 10.0.9.4, public: 203.0.113.30, rules: {
    dnat: [{name: d, priority: 100, rules: [{name: web, proto: tcp, src: 198.51.100.20, dst: 203.0.113.30, dst_ports: 8080, to: "web:80"}, {name: sql, proto: tcp, dst: 203.0.113.30, dst_ports: 1433, to: "db:1433"}]}],
    network: [
      {name: allows, priority: 140, action: allow, rules: [{name: sql, proto: tcp, dst: 10.0.2.4, dst_ports: 1434}]},
      {name: no, priority: 150, action: deny, rules: [{name: ssh, dst_ports: 22, proto: tcp}, {name: sql, dst_ports: 1433, proto: tcp, src: 198.51.100.0/24}, {name: evil, dst: 198.51.100.21, proto: tcp}]},
      {name: inner, priority: 200, action: allow, rules: [
        {name: ssh, proto: tcp, src: 10.0.0.0/16, dst: 10.0.2.0/24, dst_ports: 22},
        {name: pg, proto: udp, src: 10.0.1.0/24, dst: 10.0.2.0/24, dst_ports: 5432},
        {name: dns, proto: udp, src: 10.0.1.0/24, dst: 198.51.100.99, dst_ports: 53}]}],
    application: [{name: web, priority: 300, action: allow, rules: [
        {name: good, fqdns: ["*.example.net"], proto: [https]},
        {name: evil, fqdns: [evil.example.com], proto: [https]},
        {name: other, src: 10.0.7.0/24, fqdns: ["www.example.org"], proto: [https]}]}]}}}
  hosts:
    web: {subnet: hub/front, ip: 10.0.1.4, listen: 80/tcp}
    db: {subnet: hub/back, ip: 10.0.2.4, listen: [1433/tcp, 22/tcp, 5432/tcp]}
    evil: {internet: true, ip: 198.51.100.21, dns: evil.example.com, listen: [443/tcp]}
    good: {internet: true, ip: 198.51.100.22, dns: www.example.net, listen: [443/tcp, 80/tcp, 8443/tcp]}
    mail: {internet: true, ip: 198.51.100.23, dns: mail.example.com, listen: [443/tcp]}
    bad: {internet: true, ip: 198.51.100.20, dns: www.example.org, listen: [443/tcp, 53/udp]}
flows:
  ssh: {from: web, to: "db:22/tcp"}
  pg: {from: web, to: "db:5432/tcp"}
  dns: {from: web, to: "bad:53/udp"}
  source: {from: web, to: "bad:443/tcp"}
  name: {from: web, to: "mail:443/tcp"}
  evil: {from: web, to: "evil:443/tcp"}
  http: {from: web, to: "good:80/tcp"}
  high: {from: web, to: "good:8443/tcp"}
  in: {from: bad, to: "203.0.113.30:8081/tcp"}
  from: {from: good, to: "203.0.113.30:8080/tcp"}
  sql: {from: bad, to: "203.0.113.30:1433/tcp"}
END
"$pktpath" explain near.yaml -q --json >near.json
near "a network rule behind one that denies" ssh 'Rule inner/ssh (near.yaml:11) would allow it, and comes too late: the priority of its collection is 200, and that of no is 150.' 'Or give collection inner a priority below 150.'
near "two rules that are as near" pg 'Rule inner/ssh (near.yaml:11) nearly allows it: it allows port 22, and this packet goes to port 5432. Rule inner/pg (near.yaml:12) nearly allows it: it allows udp, and this packet is tcp.' 'Or add port 5432 to `dst_ports` of rule inner/ssh. Or let rule inner/pg allow tcp, too (`proto`).'
near "another destination of a network rule" dns 'it allows the destination 198.51.100.99, and this packet goes to 198.51.100.20.' 'Or add 198.51.100.20 to `dst` of rule inner/dns.'
near "another source of an application rule" source 'Rule web/other (near.yaml:17) nearly allows it: it allows the source 10.0.7.0/24, and this packet comes from 10.0.1.4.' 'Or add 10.0.1.4 to `src` of rule web/other.'
near "another name" name 'Rule web/evil (near.yaml:16) nearly allows it: it allows the name evil.example.com, and this call is for mail.example.com.' '`network.firewalls.fw.rules.application`.'
near "an application rule behind a network rule" evil 'Rule web/evil (near.yaml:16) would allow it, and comes too late: application rules are asked behind all network rules.' 'below 150.'
near "another application" http 'Rule web/good (near.yaml:15) nearly allows it: it allows https, and this packet is http (port 80).' 'Or let rule web/good allow http, too (`proto`).'
near "a port of no application" high 'this packet is tcp to port 8443: application rules are about ports 80, 443 and 1433 alone.' '`network.firewalls.fw.rules.network`.'
near "another port of a DNAT rule" in 'Rule d/web (near.yaml:6) nearly translates it: it is for port 8080, and this packet goes to port 8081.' 'Or add port 8081 to `dst_ports` of rule d/web.'
near "another source of a DNAT rule" from 'it is for the source 198.51.100.20, and this packet comes from 198.51.100.22.' 'Or add 198.51.100.22 to `src` of rule d/web.'
near "a network rule before one that denies what DNAT translated" sql 'Rule allows/sql (near.yaml:8) nearly allows it: it allows port 1434, and this packet goes to port 1433.' 'Or add port 1433 to `dst_ports` of rule allows/sql.'

# ---- the same words everywhere ----

why "a rule that nearly allows" call 'Rule web .*nearly allows it: it allows port 80, and this packet goes to port 443' 'dst_ports. of rule web' network.nsgs.g.inbound <<'END'
scenario: 1
network:
  nsgs: {g: {inbound: [{name: web, priority: 100, action: allow, proto: tcp, dst_ports: 80}, {name: no, priority: 200, action: deny}]}}
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nsg: g}}}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.10}, b: {subnet: v/a, ip: 10.0.1.11, listen: 443/tcp}}
flows: {call: {from: a, to: "b:443/tcp"}}
END
same_words
finish

#!/bin/sh
# pktpath addresses: source and destination addresses at each hop, and what each address is.
# Usage: addresses.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cp tests/cli/rich.yaml scenarios/snat-exhaustion.yaml scenarios/outbound-network-addresses.yaml "$scratch/"
cd "$scratch" || exit 1
scenario one "$good"

# ---- a table of flows and places
call addresses one.yaml
said "a table" 0 err ''
cat >expected <<'END'
flow    place             source           destination
call    ase-one/worker-0  10.0.1.5:49152   203.0.113.10:443
call    ase-one/vip       192.23.1.2:1024  203.0.113.10:443
call    region/region     192.23.1.2:1024  203.0.113.10:443
call    internet          192.23.1.2:1024  203.0.113.10:443
call    api               192.23.1.2:1024  203.0.113.10:443
inside  ase-one/worker-0  10.0.1.5:49153   10.0.2.10:1433
inside  sql               10.0.1.5:49153   10.0.2.10:1433

who                  inside     outside               what
ase-one/vip          -          192.23.1.2            VIP, before contoso/ase-one
ase-one/web          10.0.1.5   192.23.1.2            app on worker-0
ase-one/front-end-0  10.0.1.4   192.23.1.2            front end
ase-one/worker-0     10.0.1.5   192.23.1.2:1024-2047  worker
api                  -          203.0.113.10          host on the Internet
sql                  10.0.2.10  203.0.113.99          machine in contoso/data
END
check "word by word" diff expected out
call addresses one.yaml -q
said "-q: flows and places alone" 0 err ''
sed -n '2,8p' expected >quiet
check "without headings" diff quiet out

call addresses rich.yaml
said "all kinds of places" 0 err ''
COLUMNS=80 "$pktpath" addresses rich.yaml >narrow
check "within 80 columns, where that is asked for" sh -c '! grep -E "^.{81}" narrow'
check "otherwise each row is a line" sh -c 'sed "/^$/,\$d" out | grep -q "^[a-z]" && ! sed "/^$/,\$d" out | grep "^ "'
check "no line ends in a space" sh -c '! grep -nE " $" out'
check "no colours in a pipe" sh -c '! grep -q "$(printf "\\033")" out'
check "nothing is written" test ! -e captures
said "a machine of a site, by its NAT" 0 out '^laptop +192\.168\.77\.10 +203\.0\.113\.240 +machine at home by home/nat$'
said "the outside of that NAT" 0 out '^home +home/nat +203\.0\.113\.240:49153 +192\.23\.1\.2:443$'
said "a worker sees the front end" 0 out '^home +ase-one/worker-0 +10\.0\.1\.4:49152 +10\.0\.1\.5:443$'
said "a site that is joined by a gateway sees the machine's own address" 0 out '^onprem +box +10\.0\.1\.5:49157 +192\.168\.5\.10:22$'
said "an appliance with a NAT" 0 out '^by-fw +fw +10\.0\.3\.10:49152 +203\.0\.113\.10:443$'
said "an address that Azure lends" 0 out '^late-link +far +198\.18\.1\.0:1024 +203\.0\.113\.200:443$'
check "a loss that was made good is not reported" sh -c '! grep -q "^late-link  *ended" out'
deny=$(grep -n 'name: deny-all' rich.yaml | cut -d: -f1)
said "where a call ended, and why" 0 out "^refused +ended at sql: nsg-deny by nsg/data rule deny-all rich\\.yaml:$deny$"
said "where it was judged" 0 out '^refused +sql +10\.0\.1\.5:49159 +10\.0\.2\.10:1434$'
flows=$(sed -n '/^flows:/,/^timeline:/s/^  \([a-z-]*\):.*/\1/p' rich.yaml)
check "flows in the order of the file" test "$(sed '/^$/,$d;1d;/^ /d' out | cut -d' ' -f1 | uniq)" = "$flows"

# ---- connections that look alike
call addresses snat-exhaustion.yaml
said "a hundred of them in a line" 0 out '^burst\[0\.\.127\] +api +192\.23\.1\.2:1024-1151 +203\.0\.113\.10:8080$'
said "others on their own" 0 out '^burst\[128\.\.149\] +ended at ase-one/vip: snat-ports-exhausted by ase-one/vip rule snat snat-exhaustion\.yaml:21$'
call addresses one.yaml --set network.ases.ase-one.workers=2 --set 'flows.call.repeat={count: 5, every: 1s}'
said "workers take turns: each is seen from its own ports" 0 out '^call\[0\] and 2 more +api +192\.23\.1\.2:1024-1026 '
said "the others" 0 out '^call\[1\] and 1 more +api +192\.23\.1\.2:2048-2049 '
said "an app on all workers has no address of its own" 0 out '^ase-one/web +- +192\.23\.1\.2 +app on all 2 workers$'
call addresses one.yaml --set 'flows.call.repeat={count: 1003, every: 1s}'
said "a thousand of a flow are listed" 0 out '^call\[0\.\.999\] +api '
said "and how many are not" 0 out '^call +3 more connections, which are not in this table$'
check "those of other flows are" grep -q '^inside ' out
call addresses outbound-network-addresses.yaml
said "before and after a move" 0 out '^sql-after-move +sql +10\.0\.1\.8:49153 '
said "who stands where is the state at the start" 0 out '^ase-one/web +10\.0\.1\.6 .* app on worker-0$'
call addresses one.yaml --set flows.call.from=ase-one/worker-0 --set 'timeline=[{at: 1ns, stop: ase-one/worker-0}]' --set flows.call.at=1s --set 'expect=[]'
said "the machine that calls was not running" 0 out '^call +never made: the machine that calls was not running$'
call addresses one.yaml --set 'flows={}' --set 'expect=[]'
said "no flows: each address" 0 out '^sql +10\.0\.2\.10 '

# ---- JSON
call addresses rich.yaml --json
said "--json" 0 err ''
check "sightings" jq -e '.scenario == "rich" and ([.sightings[] | select(.flow == "sql") | [.at, .source, .source_port_first, .destination, .destination_port]] ==
	[["ase-one/worker-0", "10.0.1.5", 49153, "10.0.2.10", 1433], ["sql", "10.0.1.5", 49153, "10.0.2.10", 1433]])' out
check "the end of a call" jq -e --argjson deny "$deny" '[.sightings[] | select(.flow == "refused" and .reason != null)] |
	length == 1 and (.[0] | .reason == "nsg-deny" and .by == "nsg/data" and .rule == "deny-all" and .place == {file: "rich.yaml", line: $deny})' out
check "blocks of ports" jq -e '[.addresses[] | select(.port_first != null) | [.name, .outside, .port_first, .port_last]] ==
	[["ase-one/worker-0", "192.23.1.2", 1024, 2047], ["ase-one/worker-1", "192.23.1.2", 2048, 3071]]' out
call addresses rich.yaml --set network.ases.ase-one.workers=3
said "ports that are never given are left out" 0 out '^ase-one/worker-2 .*192\.23\.1\.2:3072-4095 \(1020 ports\)'
call addresses rich.yaml --set network.ases.ase-one.workers=3 --json
check "in JSON, too" jq -e '[.addresses[] | select(.name == "ase-one/worker-1" or .name == "ase-one/worker-2") | .ports] == [1024, 1020]' out
call addresses rich.yaml --json
check "who makes it so" jq -e '[.addresses[] | select(.name == "laptop" or .name == "sql" or .name == "fw") | .by] == [null, "home/nat", "contoso/outbound"]' out
check "an echo has no ports" jq -e '[.sightings[] | select(.flow == "ping") | .source_port_first, .destination_port] | unique == [null]' out
check "what report.json says" sh -c '"$1" run rich.yaml -q -o run >/dev/null 2>&1; jq -c "[.sightings[] | select(.flow == \"home\") | [.at, .source]]" out >a &&
	jq -c "[.flows.home.connections[0].seen[] | [.at, .source.address]]" run/report.json >b && cmp a b' _ "$pktpath"

# ---- where routes lead out
scenario exits
sed -i 's/data: {cidr: 10.0.2.0\/24}/data: {cidr: 10.0.2.0\/24}, edge: {cidr: 10.0.3.0\/24}, out: {cidr: 10.0.4.0\/24, routes: out}, shut: {cidr: 10.0.5.0\/24, routes: shut}/
	s/^  hosts:/  route_tables: {out: {routes: {all: {prefix: 0.0.0.0\/0, next_hop: fw}}}, shut: {routes: {all: {prefix: 0.0.0.0\/0, next_hop: none}}}}\n&\n    fw: {subnet: contoso\/edge, public_ip: 203.0.113.98, forwards: true, nat: {}}\n    behind: {subnet: contoso\/out}\n    shut: {subnet: contoso\/shut}/
	s/^  inside:.*/  inside: {from: behind, to: "api:443\/tcp"}/' exits.yaml
call addresses exits.yaml
said "through an appliance" 0 out '^behind +10\.0\.4\.4 +203\.0\.113\.98 +machine in contoso/out by fw$'
check "and so its calls are seen" grep -qE '^inside +api +203\.0\.113\.98:49152 ' out
said "nowhere" 0 out '^shut +10\.0\.5\.4 +- +machine in contoso/shut$'
call addresses exits.yaml --set 'network.sites={hq: {prefixes: [192.168.0.0/24], gateway: {vnet: contoso, kind: vpn, advertises: [0.0.0.0/0]}, nat: {address: 203.0.113.50}}}' --set network.hosts.plain='{subnet: contoso/edge}'
said "through a site, forced" 0 out '^plain +10\.0\.3\.5 +203\.0\.113\.50 +machine in contoso/edge by hq/nat$'

# ---- options and mistakes
call addresses one.yaml --set network.ases.ase-one.vip=192.23.1.9
said "--set" 0 out '^call +api +192\.23\.1\.9:1024 '
call addresses one.yaml --set network.ases.ase-one.snat.ports_per_worker=shared
said "one pool for all: no block of one's own" 0 out '^ase-one/worker-0 +10\.0\.1\.5 +192\.23\.1\.2 +worker$'
for seed in 1 2; do
	"$pktpath" addresses one.yaml --seed $seed --set network.ases.ase-one.snat.allocation=random >seed$seed
done
check "--seed" sh -c '! cmp -s seed1 seed2'
call addresses "$OLDPWD/scenarios/azure/hub.yaml"
said "a private endpoint" 0 out '^sql-pe +10\.0\.1\.10 +- +private endpoint of sql in hub/shared$'
said "a firewall" 0 out '^fw +10\.0\.0\.4 +203\.0\.113\.30 +firewall in hub/AzureFirewallSubnet$'
said "both sides of the endpoint" 0 out '^query +sql-pe +10\.1\.1\.4:[0-9]+ +192\.0\.2\.10:1433$'
cat >behind.yaml <<'END'
scenario: 1
network:
  vnets:
    hub: {space: [10.0.0.0/16], subnets: {AzureFirewallSubnet: {cidr: 10.0.0.0/26}}}
    spoke: {space: [10.1.0.0/16], peers: hub, subnets: {app: {cidr: 10.1.0.0/24, routes: by-fw}, free: {cidr: 10.1.1.0/24}}}
  route_tables: {by-fw: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  firewalls: {fw: {subnet: hub/AzureFirewallSubnet, address: 10.0.0.4, public: 20.50.60.70, rules: {application: [{name: web, priority: 200, rules: [{name: partner, proto: https, src: 10.1.0.4, fqdns: partner.example.net}]}]}}}
  hosts:
    a: {subnet: spoke/app, ip: 10.1.0.4}
    b: {subnet: spoke/app, ip: 10.1.0.5}
    free: {subnet: spoke/free}
    partner: {internet: true, ip: 198.51.100.9, listen: [443/tcp], dns: partner.example.net}
flows: {partner: {from: a, to: "partner:443/tcp"}}
END
call addresses behind.yaml
said "what a firewall lets out to one host alone" 0 out '^a +10\.1\.0\.4 +20\.50\.60\.70 +machine in spoke/app by fw$'
said "what it lets out nowhere" 0 out '^b +10\.1\.0\.5 +- +machine in spoke/app$'
said "an address that Azure lends is a stand-in" 0 out '^free +10\.1\.1\.4 +198\.18\.1\.[0-9] +machine in spoke/free; Azure lends an address, here a stand-in, by spoke/outbound$'
call explain behind.yaml partner
said "the rule of the firewall that let it out" 0 out '^ +0\.[0-9]+ +fw +allowed by rule web/partner of fw behind\.yaml:7$'
call addresses
said "no scenario" 2 err 'which scenario\?'
call addresses one.yaml rich.yaml
said "two scenarios" 2 err 'it takes one scenario'
call addresses absent.yaml
said "no such file" 3 err 'absent\.yaml'
call addresses one.yaml --set network.ases.ase-one.vpi=1.2.3.4
said "a scenario that is wrong" 2 err 'did you mean .vip.'
call addresses one.yaml --jsn
said "an unknown option" 2 err 'did you mean .--json.\?$'
call addresses one.yaml --seed x
said "a seed that is none" 2 err 'whole number'
call addresses --help
said "--help" 0 out '^usage: pktpath addresses'
finish

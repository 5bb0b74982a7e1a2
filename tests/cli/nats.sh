#!/bin/sh
# Which NATs there are, asked in every way that the program has: an environment's VIP, the address that Azure lends to a VNet's machines, a site's
# NAT, an appliance's. All of them know the same ones, by the same names.
# Usage: nats.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cd "$scratch" || exit 1

cat >four.yaml <<'END'
scenario: 1
network:
  vnets:
    contoso: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24, routes: out}, dmz: {cidr: 10.0.3.0/24}}}
    plain: {space: [10.1.0.0/16], subnets: {data: {cidr: 10.1.2.0/24}}}
    public: {space: [10.2.0.0/16], subnets: {data: {cidr: 10.2.2.0/24}}}
  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: firewall}}}}
  ases: {one: {subnet: contoso/ase, vip: 192.23.1.2, workers: 1, apps: {web: {}}}}
  sites: {home: {prefixes: [192.168.1.0/24], nat: {address: 203.0.113.1}}}
  hosts:
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}
    sql: {subnet: contoso/data, ip: 10.0.2.10}
    firewall: {subnet: contoso/dmz, ip: 10.0.3.10, public_ip: 203.0.113.20, forwards: true, nat: {}}
    vm: {subnet: plain/data, ip: 10.1.2.10}
    named: {subnet: public/data, ip: 10.2.2.10, public_ip: 203.0.113.21}
    pc: {site: home, ip: 192.168.1.10}
flows:
  app: {from: one/web, to: "api:443/tcp"}
  inside: {from: sql, to: "api:443/tcp"}
  lent: {from: vm, to: "api:443/tcp"}
  house: {from: pc, to: "api:443/tcp"}
expect:
  - {nat: one, metric: mappings, value: 1}
  - {nat: plain, metric: mappings, value: 1}
  - {nat: home, metric: mappings, value: 1}
  - {nat: firewall, metric: mappings, value: 1}
  - {nat: plain/outbound, metric: ports_in_use, value: 1}
  - {flow: lent, seen_at: api, src: 198.18.1.1}
END

call run four.yaml -o made
said "expectations know them, by either name" 0 out '6 passed, 0 failed'
cat >nats <<'END'
firewall
home/nat
one/vip
plain/outbound
END
check "report.json has them" sh -c 'jq -r ".nats | keys[]" made/report.json | grep -v "^contoso/outbound$" | diff - nats'
check "and the lent address that no call needed" jq -e '.nats."contoso/outbound".mappings_total == 0' made/report.json
check "nat.csv has those that were used" sh -c 'tail -n +2 made/nat.csv | cut -d, -f1 | LC_ALL=C sort -u | diff - nats'
call nat four.yaml --at 20ms --json
check "so has pktpath nat" sh -c 'jq -r ".mappings[].nat" out | LC_ALL=C sort -u | diff - nats'
for nat in one plain home firewall one/vip plain/outbound home/nat; do
	call classify four.yaml $nat
	said "classify knows $nat" 0 out "^$nat: "
done
call classify four.yaml plain --json
check "the lent address has the profile of Azure" jq -se '.[0] | .udp_mapping_under_contention == "address-dependent" and .timers_s.tcp == 240' out
call classify four.yaml public
said "where every machine has an address of its own, none is lent" 2 err 'public'
call complete classify four.yaml ''
printf 'one\nplain\nhome\nfirewall\ncontoso\n' | LC_ALL=C sort >short
check "completion offers them" sh -c 'cut -f1 out | LC_ALL=C sort | diff - short'
call report made -o page.html
said "the page draws the ports of each" 0 err ''
check "and the ports of the lent address" grep -q 'plain/outbound' page.html

# variant NAME SCRIPT: the scenario, changed by sed.
variant() {
	sed "$2" four.yaml >"$1.yaml"
	call check "$1.yaml"
}
variant public 's|nat: plain, metric|nat: public, metric|'
said "an address that is lent to no machine" 2 err 'no machine of VNet `public` needs an address that Azure lends'
variant none 's|nat: home, metric|nat: sql, metric|'
said "a machine without NAT" 2 err '`sql` has no NAT'
variant wrong 's|nat: plain, metric|nat: plane, metric|'
said "no such NAT" 2 err 'did you mean `plain`'
variant worker 's|nat: plain, metric: mappings,|nat: plain, metric: mappings, worker: worker-0,|'
said "a lent address has no workers" 2 err 'is no environment'
# A VNet and an environment of one name: the environment is meant, and the address goes by its own.
variant same 's|plain|one|g; /nat: one, metric/d'
said "of one name" 0 err ''
call run same.yaml -o same
check "the lent address is one/outbound then" jq -e '.nats | has("one/vip") and has("one/outbound")' same/report.json
call classify same.yaml one --json
check "and the name is the environment's" jq -se '.[0] | .ports == "sequential"' out
finish

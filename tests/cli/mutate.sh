#!/bin/sh
# pktpath mutate: what expectations notice, and that those of the shipped scenarios notice all that they should.
# Usage: mutate.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
root=$PWD

for file in scenarios/*.yaml scenarios/*/*.yaml; do
	check "$file kills its mutants, or says why not" "$pktpath" mutate "$file" -q
done

cd "$scratch" || exit 1
cat >base.yaml <<'END'
scenario: 1
network:
  vnets:
    contoso: {space: [10.0.0.0/16], peers: spoke, subnets: {ase: {cidr: 10.0.1.0/26, nsg: guard, routes: table}, data: {cidr: 10.0.2.0/24}}}
    spoke: {space: [10.1.0.0/16], subnets: {far: {cidr: 10.1.0.0/24}}}
  nsgs:
    guard:
      inbound:
        - {name: office, priority: 100, action: allow, proto: tcp, src: 198.51.100.0/24, dst_ports: [80, 443]}
        - {name: rest, priority: 200, action: deny, src: internet}
  route_tables: {table: {routes: {blocked: {prefix: 203.0.113.128/25, next_hop: none}}}}
  ases: {one: {subnet: contoso/ase, vip: 192.23.1.2, apps: {web: {on: [worker-0]}}}}
  hosts:
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}
    bad: {internet: true, ip: 203.0.113.200, listen: [443/tcp]}
    office: {internet: true, ip: 198.51.100.7}
    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}
    peer: {subnet: spoke/far, ip: 10.1.0.10, listen: [1433/tcp]}
flows:
  call: {from: one/web, to: "api:443/tcp"}
  blocked: {from: one/web, to: "bad:443/tcp"}
  visit: {from: office, to: "one/web:443/tcp"}
  query: {from: one/web, to: "sql:1433/tcp"}
  peered: {from: one/web, to: "peer:1433/tcp"}
  again: {from: one/web, to: "sql:1433/tcp", at: 60s}
timeline:
  - {at: 30s, move: one/web, to: [worker-1]}
expect:
  - {flow: call, outcome: delivered, seen_at: api, src: 192.23.1.2, src_port: 1024}
  - {flow: blocked, outcome: timed_out, reason: route-none, rule: blocked}
  - {flow: visit, outcome: delivered}
  - {flow: query, seen_at: sql, src: 10.0.1.6}
  - {flow: peered, outcome: delivered}
END
"$pktpath" mutate base.yaml --json >out.json
check "every change is accounted for" jq -e '(.mutants | length) == .killed + .idle + .refused + .listed + .unknown + .survived and .unknown == 0' out.json

# fate WHAT PATH VALUE FATE
fate() {
	check "$1" jq -e --arg path "$2" --arg to "$3" --arg fate "$4" \
		'[.mutants[] | select(.path == $path and (.to // "") == $to) | .fate] == [$fate]' out.json
}
fate "a rule taken away" network.nsgs.guard.inbound.0 '' killed
fate "a rule the other way round" network.nsgs.guard.inbound.0.action deny killed
fate "two rules in the other order" network.nsgs.guard.inbound.0.priority 200 killed
fate "a rule for all ports" network.nsgs.guard.inbound.0.dst_ports any idle
fate "a group nothing asks" network.vnets.contoso.subnets.ase.nsg '' idle
fate "a route taken away" network.route_tables.table.routes.blocked '' killed
fate "another next hop" network.route_tables.table.routes.blocked.next_hop internet killed
fate "no table" network.vnets.contoso.subnets.ase.routes '' killed
fate "no peering" network.vnets.contoso.peers '[]' killed
fate "another range of ports, which stands in no file" network.ases.one.snat.port_range 33280-65535 killed
fate "another allocation" network.ases.one.snat.allocation random killed
fate "a timer that nothing waits for" network.ases.one.snat.tcp_idle 2m idle
fate "another profile" network.ases.one.snat.profile home killed
fate "another worker" network.ases.one.apps.web.on '[worker-1]' killed
fate "an event that no expectation notices" timeline.0 '' survived
fate "a machine elsewhere" network.hosts.peer.subnet contoso/data survived

call mutate base.yaml
said "survivors fail" 1 out '^  SURVIVED  base.yaml:27  timeline.0: move one/web taken away$'
call mutate base.yaml
said "with the first step that is different" 1 out 'first different: t=60.000000s one/worker-0: again'
call mutate base.yaml
said "and a way on" 1 out 'list the change with its reason in base.survivors$'
cat >base.survivors <<'END'
# why
timeline.0            What moves is not looked at.
network.hosts.*.subnet=*    Any subnet would do.
END
call mutate base.yaml --all
said "a reason" 0 out '^            What moves is not looked at\.$'
call mutate base.yaml -q
said "quiet where all is well" 0 out ''
sed -i 's/seen_at: sql, src: 10.0.1.6}/&\n  - {flow: again, seen_at: sql, src: 10.0.1.7}/' base.yaml
call mutate base.yaml
said "what is listed and does not survive" 1 err 'base.survivors:2: no surviving change has the name `timeline.0`'
echo 'timeline.0' >other
call mutate base.yaml --survivors other
said "a line without a reason" 2 err 'other:1: say why'
call mutate base.yaml --survivors nowhere
said "no such list" 2 err 'nowhere: No such file'
"$pktpath" mutate base.yaml --json -j 1 >one.json 2>/dev/null
"$pktpath" mutate base.yaml --json -j 7 >seven.json 2>/dev/null
check "the same however many at a time" cmp one.json seven.json
check "nothing is written" sh -c '[ ! -e captures ]'

call mutate base.yaml --set expect.0.src=1.2.3.4
said "expectations that fail as it is" 1 err 'an expectation fails before any change'
sed '/^expect/,$d' base.yaml >silent.yaml
call mutate silent.yaml
said "no expectations" 1 err 'has no expectations'
call mutate
said "no scenario" 2 err 'which scenario'
call mutate "$root/scenarios/lossy-link.yaml" base.yaml
said "two of them" 2 err 'takes one scenario'

# ---- parts ----
parts() {
	"$pktpath" mutate base.yaml -o whole -q >out
	for i in 3 1 2; do
		"$pktpath" mutate base.yaml -o "part.$i" --shard "$i/3" -q >>out
		[ $? -le 1 ] || return 1
	done
	"$pktpath" merge part.1 part.2 part.3 -o joined -q && diff -r whole joined -x durations.csv
}
check "parts join to the bytes of one machine" parts
check "a line for each change" sh -c 'head -n 1 whole/mutants.csv | grep -qx fate,path,from,to,file,line,why && test "$(wc -l <whole/mutants.csv)" -gt 50'
call mutate base.yaml --shard 0/3
said "no such part" 2 err 'parts 1 to N of N'
finish

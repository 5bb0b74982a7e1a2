#!/bin/sh
# What the judge says of expectations that hold and of those that do not: each pair differs in one value, so that a judge that always agrees, or
# never does, is caught.
# Usage: judge.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs jq

network() {
	cat <<-END
		scenario: 1
		name: judge
		network:
		  regions: {east: {}, north: {}}
		  vnets: {contoso: {region: east, space: [10.0.0.0/16], subnets: {ase-one: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24}}}}
		  ases: {ase-one: {subnet: contoso/ase-one, vip: 192.23.1.2, front_ends: 1, workers: 2, snat: {ports_per_worker: 4}, apps: {web: {on: [worker-0]}}}}
		  hosts:
		    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}
		    other: {internet: true, ip: 203.0.113.11, listen: [8080/tcp]}
		    idle: {internet: true, ip: 203.0.113.12}
		    customer: {internet: true, ip: 198.51.100.7}
		    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}
		    store: {region: north, service: storage, ip: 203.0.113.31, listen: [443/tcp]}
		flows:
		  call: {from: ase-one/web, to: "api:443/tcp"}
		  named: {from: ase-one/web, to: "api:443/tcp", dns: true, at: 1s}
		  inside: {from: ase-one/web, to: "sql:1433/tcp", at: 2s}
		  visit: {from: customer, to: "ase-one/web:80/tcp", at: 3s}
		  refused: {from: ase-one/web, to: "api:81/tcp", at: 4s}
		  many: {from: ase-one/web, to: "other:8080/tcp", at: 10s, repeat: {count: 6, every: 10ms}, then: hold}
	END
}

# run EXPECT [LINES...]: runs the network with this list of expectations, and more lines of the file; the report is then in $scratch/report.
run() {
	{
		network
		expect=$1
		shift
		printf 'expect:\n  - %s\n' "$expect"
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$scratch/judge.yaml"
	"$pktpath" run "$scratch/judge.yaml" -o "$scratch/out" --no-traces --json >"$scratch/report" 2>"$scratch/err"
	status=$?
}

show() {
	cat "$scratch/err"
	jq '.expectations' "$scratch/report" 2>/dev/null
	false
}

# holds EXPECT [LINES...]
holds() {
	run "$@"
	if [ $status -eq 0 ] && jq -e '[.expectations[].pass] | length > 0 and all' "$scratch/report" >/dev/null; then
		ok "holds: $1"
	else
		not_ok "holds: $1 (status $status)"
		show
	fi
}

# fails ACTUAL EXPECT [LINES...]: it fails, and the text of what came instead has ACTUAL, a regular expression.
fails() {
	actual=$1
	shift
	run "$@"
	if [ $status -eq 1 ] && jq -e --arg actual "$actual" '[.expectations[] | select(.pass | not)] | length == 1 and (.[0].actual | test($actual))' \
		"$scratch/report" >/dev/null; then
		ok "fails: $1"
	else
		not_ok "fails: $1 (status $status), actually \"$actual\""
		show
	fi
}

# because MEMBER PATTERN: of the expectation that failed last.
because() {
	check "its $1 is $2" jq -e --arg pattern "$2" "[.expectations[] | select(.pass | not)][0].$1 | tostring | test(\$pattern)" "$scratch/report"
}

# ---- flows: outcome
holds '{flow: call, outcome: delivered}'
fails '^delivered' '{flow: call, outcome: refused}'
holds '{flow: refused, outcome: refused, reason: no-listener, by: api}'
fails '^refused, first loss no-listener by api' '{flow: refused, outcome: delivered}'
because because 't=4\..*api dropped packet [0-9]+: no-listener'
because packet.flow refused
because place.line '^22$'
fails 'no-listener by api' '{flow: refused, reason: filtered}'
fails 'no-listener by api' '{flow: refused, reason: no-listener, by: ase-one/vip}'
fails 'no-listener by api' '{flow: refused, rule: some-rule}'
fails 'no packet was lost or refused' '{flow: call, reason: no-listener}'

# ---- flows: addresses of the opening packet
holds '{flow: call, seen_at: api, src: 192.23.1.2, dst: 203.0.113.10}'
holds '{flow: call, seen_at: api, src: 192.23.1.2, src_port: 1024, src_in: 192.23.1.0/24, src_not_in: 10.0.0.0/8, dst_in: 203.0.113.0/24}'
fails '^api saw 192.23.1.2:1024$' '{flow: call, seen_at: api, src: 10.0.1.5}'
because because 'ase-one/vip rewrote packet 1: tcp 10.0.1.5:.* became tcp 192.23.1.2:1024'
because where 'web on ase-one/worker-0, 10.0.1.5:'
fails '^api saw 192.23.1.2:1024$' '{flow: call, seen_at: api, src_port: 1025}'
fails '^api saw' '{flow: call, seen_at: api, src_in: 10.0.1.0/26}'
fails '^api saw' '{flow: call, seen_at: api, src_not_in: 192.23.1.2/32}'
fails 'to 203.0.113.10:443$' '{flow: call, seen_at: api, dst: 203.0.113.11}'
fails 'to 203.0.113.10:443$' '{flow: call, seen_at: api, dst_in: 10.0.0.0/8}'
holds '{flow: inside, seen_at: sql, src: 10.0.1.5}'
fails 'sql saw 10.0.1.5:' '{flow: inside, seen_at: sql, src: 192.23.1.2}'
because because 'no NAT on the way rewrote it'
fails 'idle never saw call' '{flow: call, seen_at: idle}'
# A query for the name is not the call: the worker's call has another port than its query.
holds '{flow: named, seen_at: ase-one/worker-0, dst: 203.0.113.10}'
# An inbound call has two legs: the worker sees the front end's.
holds '{flow: visit, seen_at: ase-one/vip, src: 198.51.100.7}'
holds '{flow: visit, seen_at: ase-one/worker-0, src: 10.0.1.4}'
fails 'ase-one/worker-0 saw 10.0.1.4:' '{flow: visit, seen_at: ase-one/worker-0, src: 198.51.100.7}'

# ---- flows: the way
holds '{flow: call, hops: [ase-one/worker-0, ase-one/vip, internet, api]}'
holds '{flow: call, hops: [ase-one/worker-0, api]}'
fails '^passed api, then never ase-one/vip' '{flow: call, hops: [api, ase-one/vip]}'
fails '^passed none of them' '{flow: call, hops: [sql]}'
holds '{flow: visit, hops: [customer, internet, ase-one/vip, ase-one/front-end-0, ase-one/worker-0]}'
fails 'then never ase-one/front-end-0' '{flow: visit, hops: [ase-one/worker-0, ase-one/front-end-0]}'
holds '{flow: call, crosses: [internet, ase-one/vip]}'
fails 'no packet of inside passed internet' '{flow: inside, crosses: internet}'
holds '{flow: inside, never_crosses: [internet, ase-one/vip]}'
fails 'packet 1 of call passed internet' '{flow: call, never_crosses: internet}'

# ---- flows: several connections
holds '{flow: many, connections: {delivered: 4, timed_out: 2}}'
holds '{flow: many, connections: {timed_out: 2}}'
fails '^4 delivered, 2 timed_out$' '{flow: many, connections: {delivered: 6}}'
because because 'snat-ports-exhausted'
holds '{flow: "many[0..3]", outcome: delivered, seen_at: other, src: 192.23.1.2}'
holds '{flow: "many[5]", outcome: timed_out, reason: snat-ports-exhausted, by: ase-one/vip}'
fails '^timed_out.*many\[4\]; 2 of 6 connections failed' '{flow: many, outcome: delivered}'
fails '^timed_out.*many\[4\]; 1 of 5 connections failed' '{flow: ["many[0..2]", "many[3]", "many[2..4]"], outcome: delivered}'
holds '{flow: ["many[0..1]", "many[1..2]"], connections: {delivered: 3}}' # many[1] counts once
holds '{flow: [call, inside], outcome: delivered}'
fails 'inside; 1 of 2' '{flow: [call, inside], crosses: internet}'

# ---- no false green
fails 'refused never started: the run stopped at 3s; raise `stop`' '{flow: refused, outcome: refused}' 'stop: 3s'
fails 'refused never started' '{flow: refused, never_crosses: sql}' 'stop: 3s'
fails 'never started' '{flow: many, connections: {timed_out: 0}}' 'stop: 3s'
fails '^unfinished: the run stopped at 11s; raise `stop`' '{flow: "many[5]", outcome: timed_out}' 'stop: 11s'
holds '{flow: many, connections: {delivered: 4, timed_out: 0}}' 'stop: 11s'
fails 'no packet ever passed idle' '{tap: idle, packets: {max: 5}}'
holds '{tap: idle, packets: 0}'

# ---- taps
holds '{tap: sql, filter: "tcp[tcpflags] & tcp-syn != 0 and dst port 1433", packets: 1}'
fails '^1 of [0-9]+ packets at sql, the first is packet 1 of inside' '{tap: sql, filter: "tcp[tcpflags] & tcp-syn != 0 and dst port 1433", packets: 0}'
because packet.id 1
fails '^0 of [0-9]+ packets at sql' '{tap: sql, filter: "udp", packets: {min: 1}}'
holds '{tap: sql, filter: "udp", packets: {max: 3}}'
holds '{tap: internet, filter: "net 10.0.0.0/8", packets: 0}'

# ---- NATs
holds '{nat: ase-one, metric: ports_in_use, at: 10500ms, worker: 0, value: 4}'
fails '^4 ports in use$' '{nat: ase-one, metric: ports_in_use, at: 10500ms, worker: 0, value: 5}'
holds '{nat: ase-one, metric: ports_in_use, worker: 1, value: 0}'
holds '{nat: ase-one, metric: ports_in_use, at: 0s, value: 1}' # all that happens at an instant is done before it is looked at
holds '{nat: ase-one, metric: exhausted, value: 2}'
fails '^2 connections' '{nat: ase-one, metric: exhausted, value: {max: 1}}'
holds '{nat: ase-one, metric: expired, at: 10s, value: 0}'
holds '{nat: ase-one, metric: mappings, value: {min: 7}}'
fails 'the run stopped at 3s' '{nat: ase-one, metric: mappings, at: 4s, value: 0}' 'stop: 3s'
holds '{nat: ase-one, metric: ports_in_use, at: 100000s, value: 0}' # long after the last event

# ---- names and health
holds '{resolve: web.ase-one.p.azurewebsites.cn, to: 192.23.1.2}'
holds '{resolve: api.example.net, to: 203.0.113.10}'
fails '^203.0.113.10$' '{resolve: api.example.net, to: 203.0.113.11}'
holds '{ase: ase-one, health: ok}'
fails 'ase-one ok' '{ase: ase-one, health: degraded}'
holds '{ase: ase-one, health: degraded, because: [storage]}' 'timeline: [{at: 20s, stop: store}]'
fails 'degraded because of storage' '{ase: ase-one, health: ok}' 'timeline: [{at: 20s, stop: store}]'
because because 'host-down by store'
fails 'degraded because of storage' '{ase: ase-one, health: degraded, because: [sql]}' 'timeline: [{at: 20s, stop: store}]'

# ---- the timeline
fails 'it changed nothing' '{flow: call, outcome: delivered}' 'timeline: [{at: 20s, scale: ase-one, workers: 2}]'
because expected 't=20s scale ase-one'
holds '{flow: call, outcome: delivered}' 'timeline: [{at: 20s, scale: ase-one, workers: 1}]'
finish

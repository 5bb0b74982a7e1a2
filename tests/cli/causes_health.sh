#!/bin/sh
# An environment that is not as well as expected: the cause and what helps, for each need and for each thing that cuts it off, with the same words in all outputs.
# Usage: causes_health.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cd "$scratch" || exit 1

# ill WHAT CAUSE HELPS SETTING: of the scenario on standard input, the first expectation that fails has this cause and these helps, and the setting is named; no
# flow is behind a call of health, so no key of `flows` is named.
ill() {
	cat >ill.yaml
	"$pktpath" run ill.yaml -o ill -q >ill.out 2>ill.err
	# shellcheck disable=SC2016
	if jq -e --arg cause "$2" --arg helps "$3" --arg setting "$4" '[.expectations[] | select(.pass | not)][0] |
		(.cause | test($cause)) and (.helps | test($helps)) and (.settings | index($setting) != null) and
		([.cause, .helps, .settings[]] | all(contains("flows") | not))' ill/report.json >jq.out 2>&1; then
		ok "$1"
	else
		not_ok "$1"
		jq '[.expectations[] | select(.pass | not)][0] | {actual, because, cause, helps, settings}' ill/report.json | sed 's/^/    /'
		sed 's/^/    /' ill.err
	fi
	without_expectation "$1"
	rm -rf ill bare
}

# without_expectation WHAT: the lines `health ... degraded`, report.json and the page have the same words where nothing is expected.
without_expectation() {
	jq -r '[.expectations[] | select(.pass | not)][0] | .cause, .helps' ill/report.json >words
	sed '/^expect:/d' ill.yaml >bare.yaml
	sed 's/ill\.yaml/bare.yaml/g' words >bare.words
	"$pktpath" run bare.yaml -o bare >bare.out 2>bare.err
	"$pktpath" report bare -q >bare.report 2>&1
	jq -r '.environments[].history[] | .cause, .helps' bare/report.json >bare.told
	# Ports that are taken are no change of the timeline's: only an expectation looks then.
	grep -q "are taken: " words && return
	sed "s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/\"/\\&quot;/g; s/'/\\&#39;/g" bare.words >page.words
	: >missing
	while read -r words; do
		grep -qF -- "$words" bare.out || echo "run has not: $words" >>missing
		grep -qxF -- "$words" bare.told || echo "report.json has not: $words" >>missing
	done <bare.words
	while read -r words; do
		grep -qF -- "$words" bare/report.html || echo "the page has not: $words" >>missing
	done <page.words
	silent "$1: the same words without an expectation" cat missing
}

# net GROUP-RULES: the network of most cases, with the rules of the environment's group, of which `$in` admits management
in='inbound: [{name: management, priority: 100, action: allow, dst_ports: "454-455"}]'
net() {
	cat <<END
scenario: 1
network:
  regions: {region: {}, far: {}}
  vnets: {corp: {region: region, space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26, nsg: guard}}}}
  nsgs: {guard: $1}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts:
    db: {service: sql, region: region, ip: 192.23.9.10}
    store: {service: storage, region: region, ip: 192.23.9.20}
    store-far: {service: storage, region: far, ip: 192.23.8.20}
    mgmt: {service: management, region: region, ip: 42.159.4.236, listen: 443/tcp}
END
}

# ---- groups ----

ill "a rule denies SQL" '^For sql, one/worker-0 calls db \(192\.23\.9\.10:1433\)\. Rule no-sql of nsg/guard denies it outbound at one/worker-0;' \
	'^Allow tcp from 10\.0\.1\.6 to 192\.23\.9\.10, port 1433, in `network\.nsgs\.guard\.outbound`' network.nsgs.guard.outbound <<END
$(net "{$in, outbound: [{name: no-sql, priority: 200, action: deny, dst_ports: 1433}]}")
expect: [{ase: one, health: ok}]
END
ill "a rule denies management's calls" '^For management, mgmt calls one/vip \(192\.23\.1\.2:454\)\. Rule shut of nsg/guard denies it inbound at one/front-end-0;' \
	'port 454, in `network\.nsgs\.guard\.inbound`' network.nsgs.guard.inbound <<END
$(net '{inbound: [{name: shut, priority: 200, action: deny, dst_ports: "454-455"}]}')
expect: [{ase: one, health: ok}]
END
ill "three needs, one rule: what it is stands once" '^For storage, [^.]*calls store \(192\.23\.9\.20:443\)\. For sql, [^.]*calls db \(192\.23\.9\.10:1433\)\. For management, [^.]*calls mgmt \(42\.159\.4\.236:443\)\. Rule all of nsg/guard denies it outbound at one/worker-0; [^.]*\.$' \
	'^For storage: Allow tcp from 10\.0\.1\.6 to 192\.23\.9\.20, port 443.*192\.23\.9\.10, port 1433.*42\.159\.4\.236, port 443' network.nsgs.guard.outbound <<END
$(net '{outbound: [{name: all, priority: 200, action: deny, dst: internet}]}')
expect: [{ase: one, health: ok}]
END
ill "the probe of an environment of v3" '^For probe, Azure.s load balancer \(168\.63\.129\.16\) calls v3/front-end-0 \(10\.0\.1\.4:80\)\. Rule rest of nsg/guard denies it inbound at v3/front-end-0' \
	'Allow tcp from 168\.63\.129\.16 to 10\.0\.1\.4, port 80, in `network\.nsgs\.guard\.inbound` with a priority below 4096\.' network.nsgs.guard.inbound <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26, nsg: guard, nat_gateway: gw}}}}
  nat_gateways: {gw: {address: 203.0.113.5}}
  nsgs: {guard: {inbound: [{name: rest, priority: 4096, action: deny}]}}
  ases: {v3: {generation: v3, subnet: corp/ase, vip: 192.23.1.2, front_ends: 1, workers: 1, apps: {web: {}}}}
expect: [{ase: v3, health: ok}]
END

# ---- links and machines, and when ----

ill "a link to another region, since an event" '^For storage, one/worker-0 calls store-far \(192\.23\.8\.20:443\)\. The link backbone is down since 1 s, by the event `link backbone down` \(ill\.yaml:[0-9]+\): it carries nothing\.$' \
	'Set it up again before' timeline <<END
$(net "{$in}")
timeline: [{at: 1s, link: backbone, state: down}]
expect: [{ase: one, health: ok}]
END
ill "a service that was stopped" '^For sql, one/worker-0 calls db \(192\.23\.9\.10:1433\)\. db is stopped since 1 s, by the event `stop db`' 'an event `start: db` in `timeline`' timeline <<END
$(net "{$in}")
timeline: [{at: 1s, stop: db}]
expect: [{ase: one, health: ok}]
END
ill "no worker runs" '^For storage, a worker of one is needed\. .*No worker of one runs since 2 s, by the event `stop one/worker-1` \(ill\.yaml:[0-9]+\)\.$' \
	'^Keep a worker of one running: .* \(an event `start: one/worker-1`\)\.$' timeline <<END
$(net "{$in}")
timeline: [{at: 1s, stop: one/worker-0}, {at: 2s, stop: one/worker-1}]
expect: [{ase: one, health: ok}]
END
ill "a service that does not listen" '^For sql, .* Nothing listens on port 1433/tcp of db; the sender gets a reset\.$' '^Add 1433/tcp to `network\.hosts\.db\.listen`\.$' network.hosts.db.listen <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts: {db: {service: sql, ip: 192.23.9.10, listen: 443/tcp}}
expect: [{ase: one, health: ok}]
END

# ---- routes, names, ports ----

ill "the answer to management leaves by another way" \
	'^For management, mgmt calls one/vip \(192\.23\.1\.2:454\), and the answer is lost\. The answer takes another way than the call\. The call came to one/front-end-0 by one/vip; its answer leaves by fw, and fw has no state of the call\. Route default of route/lock \(ill\.yaml:4\) at one/front-end-0 makes the difference\.$' \
	'a route for 42\.159\.4\.236/32 .*remove route `default` from route/lock' network.route_tables.lock.routes.default <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26, routes: lock}, edge: {cidr: 10.0.3.0/28}}}}
  route_tables: {lock: {routes: {default: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts:
    fw: {subnet: corp/edge, ip: 10.0.3.4, forwards: true, nat: {profile: linux}, public_ip: 192.23.1.9}
    mgmt: {service: management, ip: 42.159.4.236, listen: 443/tcp}
expect: [{ase: one, health: ok}]
END
ill "management of Azure, of which the scenario has no host" '^For management, Azure \([0-9.]+\) calls one/vip \(192\.23\.1\.2:454\), and the answer is lost\. .* Route default of route/lock' 'remove route `default`' network.route_tables.lock.routes.default <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26, routes: lock}}}}
  route_tables: {lock: {routes: {default: {prefix: 0.0.0.0/0, next_hop: none}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, needs: management, apps: {web: {}}}}
expect: [{ase: one, health: ok}]
END
ill "a route drops what goes to SQL" '^For sql, .* Route lost of route/r wins for 192\.23\.9\.10, and its next hop `none` drops' 'another next hop' network.route_tables.r.routes.lost <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26, routes: r}}}}
  route_tables: {r: {routes: {lost: {prefix: 192.23.9.0/24, next_hop: none}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts: {db: {service: sql, ip: 192.23.9.10}}
expect: [{ase: one, health: ok}]
END
ill "a firewall on the way" '^For sql, .* No rule of firewall fw allows tcp from 10\.0\.1\.6 to 192\.23\.9\.10, port 1433' 'network\.firewalls\.fw\.rules\.network' network.firewalls.fw.rules.network <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26, routes: r}, AzureFirewallSubnet: {cidr: 10.0.9.0/26}}}}
  route_tables: {r: {routes: {all: {prefix: 192.23.9.0/24, next_hop: fw}}}}
  firewalls: {fw: {subnet: corp/AzureFirewallSubnet, address: 10.0.9.4, public: 203.0.113.30}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts: {db: {service: sql, ip: 192.23.9.10}}
expect: [{ase: one, health: ok}]
END
ill "two routes in a circle" '^For sql, .*Its TTL reached 0 at .*: the routes form a loop: a by route there of route/to-b .*, then b by route back of route/to-a' 'lead on to the destination' network.route_tables.to-b.routes.there <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26, routes: to-a}, one: {cidr: 10.0.2.0/28, routes: to-b}, two: {cidr: 10.0.3.0/28, routes: to-a}}}}
  route_tables: {to-a: {routes: {back: {prefix: 192.23.9.0/24, next_hop: a}}}, to-b: {routes: {there: {prefix: 192.23.9.0/24, next_hop: b}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts: {a: {subnet: corp/one, ip: 10.0.2.4, forwards: true}, b: {subnet: corp/two, ip: 10.0.3.4, forwards: true}, db: {service: sql, ip: 192.23.9.10}}
expect: [{ase: one, health: ok}]
END
ill "a private endpoint that the network has no name of" '^For sql, ase/worker-0 calls db \(192\.0\.2\.10:1433\)\. Rule no-internet' 'Or call private endpoint db-pe: add two to the networks' network.private_endpoints.db-pe.dns <<'END'
scenario: 1
network:
  vnets:
    one: {space: 10.0.0.0/16, peers: two, subnets: {data: {cidr: 10.0.2.0/24}}}
    two: {space: 10.1.0.0/16, subnets: {ase: {cidr: 10.1.1.0/24, nsg: inner}}}
  nsgs: {inner: {outbound: [{name: no-internet, priority: 100, action: deny, dst: internet}]}}
  ases: {ase: {subnet: two/ase, vip: 192.23.1.3, needs: sql}}
  private_endpoints: {db-pe: {subnet: one/data, address: 10.0.2.4, to: db, dns: one}}
  hosts: {db: {service: sql, ip: 192.0.2.10}}
expect: [{ase: ase, health: ok}]
END
ill "ports that an app holds when the run stops" '^For sql, .* All ports that one/worker-0 may use at one/vip \(4, 1024-1027\) towards 192\.23\.9\.10:1433 are taken: 4 by app one/web \(flow hold\)' \
	'ports_per_worker' network.ases.one.snat.ports_per_worker <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, workers: 1, snat: {ports_per_worker: 4}, apps: {web: {}}}}
  hosts: {db: {service: sql, ip: 192.23.9.10}}
flows: {hold: {from: one/web, to: "db:1433/tcp", repeat: {count: 4, every: 10ms}, then: hold}}
stop: 1s
expect: [{ase: one, health: ok}]
END

# ---- what is expected otherwise ----

ill "degraded because of another need" '^For sql, .*Rule no-sql' 'port 1433' network.nsgs.guard.outbound <<END
$(net "{$in, outbound: [{name: no-sql, priority: 200, action: deny, dst_ports: 1433}]}")
expect: [{ase: one, health: degraded, because: storage}]
END
net "{$in}" >well.yaml
echo 'expect: [{ase: one, health: degraded}]' >>well.yaml
call run well.yaml -o well
said "nothing is the cause where all is well" 1 out '^ +actual: +one ok$'
check "and none is given" jq -e '.expectations[0] | .cause == null and .helps == null' well/report.json

net "{$in, outbound: [{name: no-sql, priority: 200, action: deny, dst_ports: 1433}]}" >some.yaml
echo 'expect: [{ase: one, health: degraded, because: all}]' >>some.yaml
call run some.yaml -o some
said "because of all needs, and one fails" 1 out '^ +expected: one degraded because of storage, sql, management$'
net '{outbound: [{name: all, priority: 200, action: deny, dst: internet}]}' >every.yaml
echo 'expect: [{ase: one, health: degraded, because: all}]' >>every.yaml
call run every.yaml -o every
said "because of all needs, and all fail" 0 out '^ +pass +health of one'

# ---- the same words everywhere ----

{
	net "{$in, outbound: [{name: no-sql, priority: 200, action: deny, dst_ports: 1433}]}"
	echo 'timeline: [{at: 1s, stop: store}]'
	echo 'flows: {visit: {from: mgmt, to: "one/web:443/tcp"}}'
	echo 'expect: [{ase: one, health: ok}]'
} >all.yaml
sql='For sql, one/worker-0 calls db \(192\.23\.9\.10:1433\)\. Rule no-sql of nsg/guard denies it outbound at one/worker-0'
store='For storage, one/worker-0 calls store \(192\.23\.9\.20:443\)\. store is stopped since 1 s'
call run all.yaml -o all -q
said "run: the cause of both needs" 1 out "^ +cause: +$store.* $sql"
said "run: what helps" 1 out '^ +helps: +For storage: Start it before .* For sql: Allow tcp from 10\.0\.1\.6 to 192\.23\.9\.10, port 1433'
said "run: by what each fails" 1 out '^ +because: +host-down by store \(it is stopped\); nsg-deny by nsg/guard, rule no-sql$'
check "report.json" jq -e --arg store "$store" --arg sql "$sql" '.expectations[0] | (.cause | test($store) and test($sql)) and (.settings == ["timeline", "network.nsgs.guard.outbound"])' all/report.json
call run all.yaml -o all --json -q
check "run --json" jq -e --arg sql "$sql" '.expectations[0].cause | test($sql)' out
call test all.yaml
said "test" 1 out "^ +cause: +$store.* $sql"
said "test: what helps" 1 out '^ +helps: +For storage: Start it before'
call test all.yaml --json
check "test --json" jq -e --arg sql "$sql" '.scenarios[0].cases[0].detail | test("cause: +.*" + $sql) and test("helps: ")' out
call report all
check "the page" grep -qE "$sql" all/report.html
check "the page: what helps" grep -q 'Allow tcp from 10.0.1.6 to 192.23.9.10, port 1433' all/report.html
finish

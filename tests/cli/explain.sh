#!/bin/sh
# pktpath explain: whose decision, by which rule at which line, with which addresses; and what is said to those who ask wrongly.
# Usage: explain.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cp tests/cli/rich.yaml "$scratch/rich.yaml"
cd "$scratch" || exit 1
scenario one "$good"
scenario wrong "$bad"

# line TEXT: the number of the line of rich.yaml that has it.
line() {
	grep -nF -- "$1" rich.yaml | head -n 1 | cut -d: -f1
}

# ---- a call that arrives
call explain one.yaml call
said "a call is explained" 0 err ''
cat >expected <<END
call: ase-one/web calls api:443/tcp one.yaml:10
  at 0.000000 s from ase-one/worker-0, 10.0.1.5:49152
  delivered after 90 ms

packet 1: SYN, opens the call
  0.000000  ase-one/worker-0  sends SYN
                              10.0.1.5:49152 > 203.0.113.10:443
  0.000000  ase-one/worker-0  routed to the Internet
                              by route internet (0.0.0.0/0) of route/system
  0.000000  ase-one/vip       source rewritten by rule snat of ase-one/vip
                              one.yaml:5
                              before 10.0.1.5:49152 > 203.0.113.10:443
                              after  192.23.1.2:1024 > 203.0.113.10:443
  0.000000  region/region     passes on, unchanged
  0.000000  internet          passes on, TTL lowered from 128 to 118
  0.015000  api               delivered

packet 2: SYN, ACK, answers packet 1
  0.015000  api               sends SYN, ACK
                              203.0.113.10:443 > 192.23.1.2:1024
  0.015000  internet          passes on, TTL lowered from 64 to 54
  0.015000  region/region     passes on, unchanged
  0.030000  ase-one/vip       arrives
  0.030000  ase-one/vip       destination rewritten by rule snat of ase-one/vip
                              one.yaml:5
                              before 203.0.113.10:443 > 192.23.1.2:1024
                              after  203.0.113.10:443 > 10.0.1.5:49152
  0.030000  ase-one/worker-0  delivered
END
check "word by word" diff expected out

# ---- whose decision
deny=$(line 'name: deny-all')
call explain rich.yaml refused
cat >expected <<END
refused: ase-one/web calls sql:1434/tcp rich.yaml:$(line 'refused: {from')
  at 1.000000 s from ase-one/worker-0, 10.0.1.5:49159
  timed_out after 127 s, 6 packets retransmitted
  packet 1 ended at sql: nsg-deny by nsg/data rule deny-all rich.yaml:$deny
  cause:  Rule deny-all of nsg/data denies it inbound at sql; the group drops it
          silently, and the sender retransmits until it times out. Rule
          allow-sql (rich.yaml:27) nearly allows it: it allows port 1433, and
          this packet goes to port 1434.
  helps:  Allow tcp from 10.0.1.5 to 10.0.2.10, port 1434, in
          \`network.nsgs.data.inbound\` with a priority below 4000. Or add port
          1434 to \`dst_ports\` of rule allow-sql.

packet 1: SYN, opens the call
  1.000000  ase-one/worker-0  sends SYN
                              10.0.1.5:49159 > 10.0.2.10:1434
  1.000000  ase-one/worker-0  allowed outbound
                              by the platform's rule AllowVnetOutBound of
                              nsg/front rich.yaml:$(line '    front:')
  1.000000  ase-one/worker-0  routed to the virtual network
                              by route vnet of route/system
  1.000450  sql               DROPPED: nsg-deny, inbound
                              by rule deny-all of nsg/data rich.yaml:$deny
                              10.0.1.5:49159 > 10.0.2.10:1434
END
check "a rule that denies, with its line" diff expected out
call explain rich.yaml telnet
said "outbound, too" 0 out 'DROPPED: nsg-deny, outbound$'
said "with its rule" 0 out "by rule no-telnet of nsg/front rich\\.yaml:$(line 'name: no-telnet')$"
call explain rich.yaml sql --json
said "--json" 0 err ''
allow=$(line 'name: allow-sql')
steps() {
	jq -e --argjson allow "$allow" --argjson front "$(line '    front:')" ".calls[0].packets | $1" out
}
check "a rule that allows, with its line" steps '.[0].steps[] | select(.at == "sql" and .kind == "filter") |
	.by == "nsg/data" and .rule == "allow-sql" and .place == {file: "rich.yaml", line: $allow}'
check "the platform's rule is of its group" steps '.[0].steps[] | select(.at == "ase-one/worker-0" and .kind == "filter") |
	.by == "nsg/front" and .rule == "AllowVnetOutBound" and .place.line == $front and .whose == "by the platform'"'"'s rule AllowVnetOutBound of nsg/front"'
check "an answer passes by the flow record, and the rule that opened the flow is cited" steps '.[1].steps[] | select(.at == "sql" and .kind == "filter") |
	.what == "allowed outbound by its flow record" and .whose == "opened by rule allow-sql of nsg/data" and .place.line == $allow'
check "which packet answers which" steps '[.[] | [.packet, .role, .answers, .end]] == [[1, "opening", null, "delivered"], [2, "answer", 1, "delivered"]]'

# ---- routes
call explain rich.yaml by-fw
said "a user's route, its table, its line, its next hop" 0 out "of$"
said "to the appliance" 0 out '^  0\.000000  ase-one/worker-0  routed to appliance fw$'
said "the table and the line" 0 out "^ +route/to-firewall rich\\.yaml:$(line '        by-firewall:')$"
said "an appliance translates" 0 out "fw  +source rewritten by rule nat of fw rich\\.yaml:$(line '    fw: {')$"
call explain rich.yaml by-fw --json
check "addresses before and after each rewrite" jq -e '[.calls[0].packets[0].steps[] | select(.kind == "translate") |
	[.at, .rule, .before.source.address, .after.source.address]] == [["fw", "nat", "10.0.1.5", "10.0.3.10"], ["fw", "public-ip", "10.0.3.10", "203.0.113.99"]]' out
check "before and after are equal in every other step" jq -e '[.calls[].packets[].steps[] | select((.kind == "translate") == (.before == .after))] == []' out
call explain rich.yaml nowhere
said "a route to nowhere" 0 out "^  by route/to-firewall route nowhere rich\\.yaml:$(line '        nowhere:')$"
said "and its prefix" 0 out 'by route nowhere \(198\.51\.100\.0/24\) of$'
call explain rich.yaml onprem
said "a route to the gateway" 0 out 'routed to the gateway$'
said "which it passes" 0 out 'gateway/hq +passes on, TTL lowered from 128 to 127$'
call explain rich.yaml peer
said "a peered network" 0 out 'routed to the peered network$'

# Forced tunnelling: what a site advertises beats the system's route, and a user's route beats both.
cat >forced.yaml <<'END'
scenario: 1
network:
  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase-one: {cidr: 10.0.1.0/26}}}}
  ases: {ase-one: {subnet: contoso/ase-one, vip: 192.23.1.2, front_ends: 1, workers: 1, apps: {web: {}}}}
  route_tables: {ase: {routes: {default: {prefix: 0.0.0.0/0, next_hop: internet}}}}
  hosts:
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}
  sites:
    hq:
      prefixes: [192.168.4.0/22]
      gateway: {vnet: contoso, kind: express-route, advertises: [0.0.0.0/0, 192.168.4.0/22]}
flows:
  call: {from: ase-one/web, to: "api:443/tcp"}
END
call explain forced.yaml call
said "a gateway's route, with the line that advertises it" 0 out '^ +by route 0\.0\.0\.0/0 of route/gateway forced\.yaml:11$'
said "and what it is ahead of" 0 out '^ +ahead of route internet of route/system$'
said "where that ends" 0 out '^  0\.000000  gateway/hq +DROPPED: no-route by gateway/hq forced\.yaml:9$'
call explain forced.yaml call --set network.vnets.contoso.subnets.ase-one.routes=ase
said "a user's route is ahead of it" 0 out '^ +ahead of route 0\.0\.0\.0/0 of route/gateway,$'
said "and the call arrives" 0 out '^  delivered after '

# ---- the ends of packets
call explain rich.yaml closed
said "refused by the machine" 0 out '^  refused after 900 us$'
said "nothing listens" 0 out "peer  +DROPPED: no-listener by peer rich\\.yaml:$(line '    peer: {')$"
said "the reset answers the opening" 0 out '^packet 2: RST, ACK, answers packet 1$'
call explain rich.yaml late-link
said "a link that the timeline took down: the event's line" 0 out "DROPPED: link-down by internet rich\\.yaml:$(line 'state: down')$"
call explain one.yaml call --set 'network.links={internet: {loss: 100%}}'
said "what the link to the Internet loses" 0 out '^  0\.000000  region/region +DROPPED: link-loss by internet --set network\.links$'
check "never came to the next place" sh -c '! grep -q "passes on" out || ! grep -qE "^  [0-9.]+  internet " out'
call explain rich.yaml gone
said "a machine that the timeline stopped: the event's line" 0 out "DROPPED: host-down by peer rich\\.yaml:$(line 'stop: peer')$"
said "and why" 0 out '^ +it is stopped$'
call explain rich.yaml push
said "late data: on whose connection" 0 out '^push: far pushes data on pushed '
said "to a mapping that ended" 0 out '^ +the mapping that this port had towards the sender has$'
call explain rich.yaml home
said "a name is looked up" 0 out '^packet 1: DNS query, asks for the address$'
said "the answer" 0 out '^packet 2: DNS answer, answers packet 1$'
said "the call" 0 out '^packet 3: SYN, opens the call$'
said "a home router's NAT" 0 out "by rule nat of home/nat$|rule nat of home/nat$"
said "the front end's own connection" 0 out '^packet 10: SYN, opens another leg of the call$'
call explain rich.yaml ping
said "an echo" 0 out '10\.0\.2\.10 > 10\.0\.3\.10 id 49152$'

# A front end that may not reach its worker answers 502; nothing answers what was denied.
call explain one.yaml --from api --to ase-one/web:443/tcp --set network.vnets.contoso.subnets.ase-one.nsg=g \
	--set 'network.nsgs={g: {inbound: [{name: web, priority: 100, action: allow, proto: tcp, src: any, dst: any, dst_ports: any}],
		outbound: [{name: no-inner, priority: 100, action: deny, proto: tcp, src: any, dst: 10.0.1.0/26, dst_ports: any}]}}'
said "a bad gateway" 0 out '^  bad_gateway after '
said "whose second leg is denied" 0 out 'DROPPED: nsg-deny, outbound$'
said "by a rule of that group" 0 out 'by rule no-inner of nsg/g '
check "what was denied has no answer" test "$(grep -c ', answers packet' out)" -eq 1

# ---- all of it
call explain rich.yaml
said "without a flow: every flow" 0 err ''
flows=$(sed -n '/^flows:/,/^timeline:/s/^  \([a-z-]*\):.*/\1/p' rich.yaml | tr '\n' ' ')
check "in the order of the file" test "$(sed -n 's/^\([a-z-]*\): .*rich.yaml:[0-9]*$/\1/p' out | tr '\n' ' ')" = "$flows"
check "within 80 columns" sh -c '! grep -E "^.{81}" out'
check "no line ends in a space" sh -c '! grep -nE " $" out'
cp out first
call explain rich.yaml
check "the same each time" cmp first out
check "no colours in a pipe" sh -c '! grep -q "$(printf "\\033")" out'
check "nothing is written" test ! -e captures
call explain rich.yaml -q
said "-q: only outcomes" 0 out '^sql: ase-one/web calls sql:1433/tcp'
check "-q: no packets" sh -c '! grep -q ^packet out'
call explain rich.yaml --json
check "--json has every flow, and each packet ends in one way" jq -e '(.calls | length) == 17 and ([.calls[].packets[] | .end] | unique) == ["delivered", "dropped"] and
	([.calls[].packets[] | (.steps[0].kind == "originate") and ((.end == "dropped") == (.steps[-1].kind == "drop"))] | all)' out
check "a loss is that of the report" sh -c '"$1" run rich.yaml -q -o run >/dev/null 2>&1; jq -c "[.calls[] | .loss | select(. != null) | [.node, .reason, .by, .rule]]" out >a &&
	jq -c "[.calls[].name] as \$names | input | [\$names[] as \$name | .flows[\$name].connections[0].loss | select(. != null) | [.node, .reason, .by, .rule]]" out run/report.json >b &&
	cmp a b' _ "$pktpath"

# ---- several connections
many="--set flows.call.repeat={count: 3, every: 1s}"
call explain one.yaml call "${many%% *}" "${many#* }"
said "the first of several, and what became of all" 0 out '^  first of 3 connections: 3 delivered$'
call explain one.yaml 'call[2]' "${many%% *}" "${many#* }"
said "one of several" 0 out '^call\[2\]: ase-one/web calls api:443/tcp'
said "with its own packets" 0 out '10\.0\.1\.5:49155 > 203'
call explain one.yaml call --set 'flows.call.repeat={count: 20, every: 10ms}' --set network.ases.ase-one.snat.ports_per_worker=16
said "the first with another outcome is named" 0 out '^  \(call\[16\] is the first of another outcome\)$'

# ---- one packet
call explain one.yaml call --packet 3
said "--packet" 0 out '^packet 3: ACK$'
check "that one alone" test "$(grep -c ^packet out)" -eq 1
call explain one.yaml call --packet 1 "${many%% *}" "${many#* }"
said "--packet of a repeated flow" 0 out '^call\[0\]: '
"$pktpath" run one.yaml -q
last=$(jq .flows.call.sent captures/one/report.json)
call explain one.yaml call --packet "$last"
said "the last packet" 0 out "^packet $last: "
call explain one.yaml call --packet $((last + 1))
said "one after the last" 2 err "^pktpath: .call. has no packet $((last + 1))$"
said "how many there are" 2 err "^hint: it has packets 1 to $last$"
call explain one.yaml 'call[1]' --packet 1 "${many%% *}" "${many#* }"
said "a packet of another connection" 2 err '^pktpath: .call\[1\]. has no packet 1$'
call explain one.yaml --packet 3
said "a packet of no flow" 2 err 'of which flow\?$'
for number in 0 -1 x 1x ''; do
	call explain one.yaml call --packet "$number"
	said "--packet '$number'" 2 err 'takes a number from 1 on'
done

# ---- a call that the scenario does not make
call explain one.yaml --from ase-one/web --to sql:1433/tcp
said "--from and --to" 0 out '^probe: ase-one/web calls sql:1433/tcp$'
said "inside the network the address stays" 0 out 'sends SYN$'
check "nothing is rewritten" sh -c '! grep -q rewritten out'
call explain one.yaml --from sql --to 203.0.113.10:443/tcp
said "a machine to an address, by its own public address" 0 out 'by rule public-ip of sql$|rule public-ip of sql one'
call explain one.yaml --from api --to ase-one/web:80/tcp
said "from outside" 0 out 'by rule load-balancer of ase-one/vip one\.yaml:5$'
call explain one.yaml --from api --to ase-one/web
said "without a port: the first that it listens on" 0 out '^probe: api calls ase-one/web:80/tcp$'
call explain one.yaml --from 10.0.1.5 --to api:443
said "an address calls; without a protocol: the one that listens" 0 out '^probe: ase-one/worker-0 calls api:443/tcp$'
call explain one.yaml --from sql --to ase-one/worker-0:80/tcp --json
check "cut off from the environment's subnet, or not: the same engine" jq -e '.calls[0].packets | length > 0' out
call explain rich.yaml --from alien --to sql:1433/tcp
said "not peered" 0 out 'DROPPED: not-peered$|DROPPED: not-peered '
call explain rich.yaml --from peer --to sql:1433/tcp
said "before the event" 0 out "by rule deny-all of nsg/data"
call explain rich.yaml --from peer --to sql:1433/tcp --at 25s
said "the timeline counts: a machine that is stopped does not call" 0 out '^  not_started: the machine that calls was not running$'
call explain rich.yaml --from fw --to sql:1433/tcp --at 31s
said "after the event" 0 out 'sql +allowed inbound by rule allow-sql of nsg/data'
said "which is cited, too" 0 out "^ +as changed at rich\\.yaml:$(line 'rule: allow-sql')$"
call explain one.yaml inside --set stop=500ms --set 'expect=[]'
said "after the end of the run" 0 out '^  not_started: the run ended before its time$'
call explain one.yaml --from ase-one/web --to api:443/tcp --set flows='{}' --set expect='[]'
said "in a scenario without flows" 0 out 'after  192\.23\.1\.2:1024 > 203\.0\.113\.10:443$'
call explain one.yaml --from ase-one/web --to api:443/tcp --set 'flows={probe: {from: ase-one/web, to: "api:443/tcp"}}' --set expect='[]'
said "a name that is free" 0 out '^probe-2: '
call explain one.yaml --from ase-one/web --to api:443/tcp --packet 2
said "a packet of it" 0 out '^packet 2: SYN, ACK$'

# ---- asked wrongly
call explain one.yaml cal
said "an unknown flow" 2 err '^pktpath: no flow is called .cal.$'
said "did you mean" 2 err '^hint: did you mean .call.\?$'
call explain one.yaml 'call[1]'
said "an unknown connection" 2 err '^hint: .call. has 1 connection, \[0\] to \[0\]$'
for name in 'call[' 'call[]' 'call[x]' 'call[0..1]' 'call[0]x' 'call[-1]'; do
	call explain one.yaml "$name"
	said "no connection: $name" 2 err 'names no connection$'
done
call explain one.yaml --set flows='{}' --set expect='[]'
said "no flows at all" 2 err '^hint: .*--from A --to B$'
call explain
said "no scenario" 2 err 'which scenario\?'
call explain one.yaml call inside
said "two flows" 2 err 'at most one flow'
call explain absent.yaml
said "no such file" 3 err 'absent\.yaml'
call explain one.yaml --from ase-one/web
said "--from alone" 2 err '.--from. and .--to. go together|--from and --to go together'
call explain one.yaml --to api:443/tcp
said "--to alone" 2 err '--from and --to go together'
call explain one.yaml call --from ase-one/web --to api:443/tcp
said "both a flow and a call" 2 err 'not both'
call explain one.yaml call --at 3s
said "--at of a flow" 2 err '--at goes with'
for time in 3 x 3x ''; do
	call explain one.yaml --from ase-one/web --to api:443/tcp --at "$time"
	said "--at '$time'" 2 err 'takes a time with its unit'
done
call explain one.yaml --from ase-one/wbe --to apj:443/tcp
said "both ends unknown: the first" 2 err '^hint: did you mean .ase-one/web.\?$'
said "and the second" 2 err '^hint: did you mean .api.\?$'
call explain one.yaml --from ase-one --to api:443/tcp
said "an environment does not call" 2 err 'its apps do$'
call explain one.yaml --from ase-one/web --to 203.0.113.10
said "an address without a port" 2 err 'does not say to which port'
call explain one.yaml --from ase-one/web --to api:70000/tcp
said "no port" 2 err 'is not a port$'
call explain one.yaml --from ase-one/web --to api:443/tcp --at 10m --set stop=5m
said "a call after the end" 2 err 'stops before'
call explain one.yaml --frm x
said "an unknown option" 2 err 'did you mean .--from.\?$'
call explain one.yaml --help
said "--help" 0 out '--from A --to B'

# ---- what a run says of it
call run one.yaml
said "after a run: explain the first flow" 0 out '^next: .*pktpath explain one\.yaml call$'
call run wrong.yaml
said "after a failure: the packet behind it" 1 out '^next: .*pktpath explain wrong\.yaml call --packet 1$'
next=$(sed -n 's/^next: .*pktpath //p' out)
eval "call $next"
said "what is said can be done" 0 out '^packet 1: SYN$'
call run wrong.yaml --set 'network.ases.ase-one.snat={icmp: translate}'
said "with what the run was given" 1 out "^next: .*pktpath explain wrong\\.yaml call --packet 1 --set 'network\\.ases\\.ase-one\\.snat=\\{icmp: translate\\}'$"

# ---- late data on what was reset, after other late data the other way
scenario late
sed -i 's/ases: {ase-one: {/ases: {ase-one: {snat: {tcp_idle: 1m, reset_on_idle: true}, /; s/^  call:.*/  call: {from: ase-one\/web, to: "api:443\/tcp", then: hold}\n  push: {late: {on: call, by: api, at: 30s}}\n  again: {late: {on: call, by: api, at: 5m}}\n  there: {late: {on: call, by: ase-one\/web, at: 6m}}/' late.yaml
call explain late.yaml again
said "who pushes has the address that it had" 0 out '^  at 300\.000000 s from api, 203\.0\.113\.10:443$'
said "why nothing was sent" 0 out '^  call had been reset before; nothing was sent\.$'
call explain late.yaml there
said "and from the other end" 0 out '^  at 360\.000000 s from ase-one/worker-0, 10\.0\.1\.5:49152$'

# ---- words that are true of what was lost
call explain rich.yaml --from ase-one/worker-1 --to alien/icmp
said "an echo is not retransmitted" 0 out 'the group drops it silently: the$'
call explain rich.yaml --from ase-one/web --to 192.0.2.7:443/tcp
check "what ends at the Internet is not passed on there" sh -c '! grep -q "internet .*passes on" out'
sed 's/^  by-fw: .*/  by-fw: {from: far, to: "192.23.7.7:22\/tcp"}/; s/^    sql: {subnet: contoso\/data, ip: 10.0.2.10,/    own: {subnet: contoso\/asym, public_ip: 192.23.7.7, listen: [22\/tcp]}\n&/
	s/^        edge: .*/&\n        asym: {cidr: 10.0.4.0\/24, routes: by-fw}/; s/^  route_tables:/&\n    by-fw: {routes: {all: {prefix: 0.0.0.0\/0, next_hop: fw}}}/' rich.yaml >asymmetric.yaml
call explain asymmetric.yaml by-fw --set network.hosts.fw.nat.invalid=drop --set network.hosts.fw.nat.loose=false
said "an answer from inside that the appliance does not know" 0 out '^  cause:  The answer takes another way than the call\. The call came to own by no$'

# ---- colours
if has_terminal; then
	on_terminal() {
		script -qec "$*" /dev/null </dev/null
	}
	on_terminal "'$pktpath' explain rich.yaml refused" >tty.out
	check "colours on a terminal" grep -q "$(printf '\033')\\[31mDROPPED" tty.out
	on_terminal "NO_COLOR=1 '$pktpath' explain rich.yaml refused" >tty.out
	check "NO_COLOR is obeyed" sh -c '! grep -q "$(printf "\\033")" tty.out'
else
	skip "no terminal can be made here"
fi

# ---- one decision has one line: what rewrites and what drops by the same rule cite the same place
cat >ports.yaml <<-'END'
	scenario: 1
	network:
	  vnets: {corp: {space: [10.0.0.0/16], subnets: {pods: {cidr: 10.0.1.0/24, routes: out}, edge: {cidr: 10.0.3.0/28}}}}
	  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}
	  sites:
	    home:
	      prefixes: [192.168.1.0/24]
	      nat: {address: 198.51.100.1, port_range: "2000-2000", reuse: never}
	  hosts:
	    a: {site: home, ip: 192.168.1.10}
	    b: {site: home, ip: 192.168.1.11}
	    fw:
	      subnet: corp/edge
	      ip: 10.0.3.4
	      forwards: true
	      nat: {port_range: "2000-2000", reuse: per-destination}
	    c: {subnet: corp/pods, ip: 10.0.1.10}
	    d: {subnet: corp/pods, ip: 10.0.1.11}
	    x: {internet: true, ip: 203.0.113.10, listen: [80/tcp]}
	flows:
	  first: {from: a, to: "x:80/tcp", then: hold}
	  second: {from: b, to: "x:80/tcp", at: 1s}
	  third: {from: c, to: "x:80/tcp", then: hold}
	  fourth: {from: d, to: "x:80/tcp", at: 1s}
END
call explain ports.yaml first
said "a site's NAT rewrites by its line" 0 out 'rule nat of home/nat|^ *ports\.yaml:8$'
check "which is that of its keys" grep -q 'ports\.yaml:8' out
call explain ports.yaml second
check "and drops by the same" sh -c 'grep -A1 "DROPPED: snat-ports-exhausted by rule nat of home/nat" out | grep -q "ports\.yaml:8"'
check "reuse: never has no word of a destination" sh -c '! grep -q destination out && tr -s "\n " "  " <out | grep -q "a port serves one mapping at a time"'
call explain ports.yaml third
check "an appliance rewrites by its line" grep -q 'ports\.yaml:16' out
call explain ports.yaml fourth
check "and drops by the same" grep -q 'by fw rule nat ports\.yaml:16' out
check "a port that serves several destinations is taken towards this one" grep -qE 'towards$|towards [0-9.]+:[0-9]+' out
call explain ports.yaml first --set stop=10ms
said "an unfinished call says how to go on" 0 out 'The run stopped at 10ms, before the end of the call; raise `stop`\.'

# ---- what a NAT lets out with the source that it had
cat >kept.yaml <<-'END'
	scenario: 1
	network:
	  sites: {home: {prefixes: [192.168.0.0/16], nat: {profile: linux, address: 198.51.100.1, except: [203.0.113.20/32]}}}
	  vnets: {corp: {space: [10.0.0.0/16], subnets: {pods: {cidr: 10.0.1.0/24, routes: out}, edge: {cidr: 10.0.3.0/28}}}}
	  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}
	  hosts:
	    pc: {site: home, ip: 192.168.1.5}
	    c: {subnet: corp/pods, ip: 10.0.1.10}
	    fw: {subnet: corp/edge, ip: 10.0.3.4, forwards: true, nat: {except: [203.0.113.20/32]}, public_ip: 198.51.100.7}
	    x: {internet: true, ip: 203.0.113.10, listen: [80/tcp]}
	    y: {internet: true, ip: 203.0.113.20, listen: [80/tcp]}
	flows:
	  lost: {from: pc, to: "x:80/tcp", packets: [{fields: {flags: R}}, {at: 1ms, fields: {flags: S, bad_checksum: true}}]}
	  excepted: {from: pc, to: "y:80/tcp", packets: [{fields: {flags: S}}]}
	  by-appliance: {from: c, to: "x:80/tcp", packets: [{fields: {flags: SA}}]}
	  excepted-there: {from: c, to: "y:80/tcp"}
END
call explain kept.yaml lost
said "a reset of nothing is not translated" 0 out 'passes on, not translated, TTL lowered from 64 to 63'
check "with the NAT's line and the reason" sh -c 'grep -A2 "not translated" out | tr -s "\n " "  " | grep -q "kept.yaml:3 it belongs to no connection and opens none"'
call explain kept.yaml lost --packet 2
said "what is damaged neither" 0 out 'a checksum or a length in it is wrong'
call explain kept.yaml excepted
said "nor towards an exception" 0 out '`except` and `only` keep the source towards it'
call explain kept.yaml by-appliance
said "what an appliance lets out ends at Azure's edge" 0 out 'DROPPED: no-mapping by fw kept\.yaml:9'
check "for the reason that holds" sh -c 'tr -s "\n " "  " <out | grep -q "belongs to no connection of its NAT and opens none; and Azure translates a machine.s own address alone"'
check "and nothing says that it needs a NAT" sh -c '! grep -q "needs .nat. for others" out'
call explain kept.yaml excepted-there
check "an exception of an appliance is named" sh -c 'tr -s "\n " "  " <out | grep -q "keeps towards this destination (.except.)"'
check "and what helps" grep -q 'network.hosts.fw.nat.except' out

# ---- private endpoints: which route won and why, which group is not asked, and what a name is
azure=$OLDPWD/scenarios/azure
# tells WHAT PATTERN: what explain prints, on one line, matches.
tells() {
	check "$1" sh -c 'tr -s "\n " "  " <out | grep -qE -- "$1"' _ "$2"
}
call explain "$azure/private-endpoint-appliance.yaml" near
tells "a user route in place of an endpoint's" 'routed to appliance fw .*in place of the /32 of db-pe: hub/data has policies for routes, and 10\.0\.0\.0/16 is not longer'
tells "and the endpoint's own route behind it" 'routed to the private endpoint by route private-endpoint of route/system .*db-pe: no user route of the subnet has a prefix that leads there and is as long as that of 10\.0\.0\.0/16, or longer'
call explain "$azure/private-endpoint-appliance-broken.yaml" pinned
tells "without policies no user route counts" 'ahead of route endpoint of route/to-endpoint, .*db-pe: user routes do not count, hub/data has no policies for routes'
tells "nor does a group" 'destination rewritten by rule private-endpoint of db-pe .*group guard is not asked: hub/data has no policies for groups'
call explain "$azure/private-endpoint-broken.yaml" query
tells "a name that no endpoint has there" 'in spoke the name is the public address: `dns` of db-pe does not have it'
tells "and what helps" 'Or call private endpoint db-pe: add spoke to the networks in which the name of db is its address \(`network\.private_endpoints\.db-pe\.dns`\)'
call explain "$azure/private-or-service-endpoint.yaml" --from pc --to files:443/tcp
tells "at a site its address helps" 'Or call private endpoint files-pe by its address, 10\.0\.2\.4'

# ---- a port that is not free yet
cat >again.yaml <<-'END'
	scenario: 1
	network: {hosts: {a: {internet: true, ip: 203.0.113.5}, x: {internet: true, ip: 203.0.113.9, listen: [80/tcp]}}}
	flows:
	  first: {from: a, to: "x:80/tcp", from_port: 4000}
	  second: {from: a, to: "x:80/tcp", from_port: 4000, at: 10s}
END
call explain again.yaml second
said "a call whose port is not free says so" 0 out 'Port 4000 of a still belonged to an earlier call to the same port there \(TIME WAIT lasts for minutes\); nothing was sent'
finish

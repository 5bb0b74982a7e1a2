#!/bin/sh
# pktpath draw: the network, the way of a flow, and its ladder, as SVG and as Mermaid text.
# Usage: draw.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
cp tests/cli/rich.yaml scenarios/snat-exhaustion.yaml scenarios/calls-between-environments.yaml scenarios/azure/hub.yaml "$scratch/"

# ---- pictures of the documentation are what the program draws
while read -r picture arguments; do
	# shellcheck disable=SC2086 # words of a command line
	call draw $arguments
	check "docs/pictures/$picture is up to date (else: ./dev docs)" cmp docs/pictures/"$picture" "$scratch/out"
	check "a page shows $picture" grep -qrF --include='*.md' "pictures/$picture)" docs
done <docs/pictures/list
"$pktpath" sweep docs/clouds.yaml --measure failed_share --vary network.sites.home.nat.profile=azure-nat-gateway,aws-nat-gateway,gcp-cloud-nat,linux,pf \
	--vary flows.burst.repeat.every=2s,5s,10s,15s,20s,40s,90s -o "$scratch/clouds" -q >/dev/null 2>&1
check "docs/pictures/clouds.svg is up to date (else: ./dev docs)" cmp docs/pictures/clouds.svg "$scratch/clouds/failed_share.svg"
check "a page shows clouds.svg" grep -qF "pictures/clouds.svg)" docs/nat.md
strangers() {
	for picture in docs/pictures/*.svg; do
		name=$(basename "$picture")
		grep -q "^$name " docs/pictures/list || grep -qF "pictures/$name" docs/capacity.md || [ "$name" = clouds.svg ] || echo "$picture"
	done
}
silent "no picture that nothing draws" strangers
cd "$scratch" || exit 1
scenario one "$good"

# ---- the network
call draw one.yaml
said "a network" 0 err ''
said "an environment" 0 out '>ase-one</text>'
said "an app and its workers" 0 out '>app web on all workers, 80/tcp 443/tcp</text>'
said "its VIP" 0 out '>192\.23\.1\.2</text>'
said "an instance with its address" 0 out '>10\.0\.1\.5</text>'
said "a machine's own public address" 0 out '>203\.0\.113\.99</text>'
said "the name of a host where the pointer rests" 0 out 'known as api\.example\.net'
check "nothing is written" test ! -e captures
cp out first
call draw one.yaml -o one.svg
said "-o: nothing on standard output" 0 out ''
check "-o: the same bytes in a file" cmp first one.svg
check "-o: nothing is left beside it" test "$(find . -name 'one.svg*' | wc -l)" -eq 1
call draw rich.yaml
said "a group and its rules" 0 out 'in 100 allow tcp 10\.0\.1\.0/26 to any:1433 \(allow-sql\)'
said "a route table" 0 out '203\.0\.113\.0/25 to fw \(by-firewall\)'
said "peers" 0 out '>peered with spoke<'
said "a gateway" 0 out '>gateway/hq</text>'
said "a site's NAT" 0 out '>home/nat</text>'
said "the backbone of two regions" 0 out '>backbone</text>'
call draw rich.yaml --set network.ases.ase-one.workers=40
said "many instances are listed, not drawn" 0 out '>3[0-9] more</text>'
call draw rich.yaml --set network.ases.ase-one.workers=20 --set 'flows.sql.from=ase-one/worker-19' sql
said "but one that the flow passes is drawn" 0 out '>worker-19</text>'

awk 'BEGIN {
	print "scenario: 1\nname: wide\nnetwork:\n  vnets:"
	for (v = 0; v < 40; v++) {
		printf "    v%d: {space: [10.%d.0.0/16], subnets: {", v, v
		for (s = 0; s < 20; s++)
			printf "%ss%d: {cidr: 10.%d.%d.0/24}", s ? ", " : "", s, v, s
		print "}}"
	}
	print "  hosts:\n    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}"
	for (v = 0; v < 40; v++)
		for (s = 0; s < 20; s++)
			for (h = 0; h < 3; h++)
				printf "    h-%d-%d-%d: {subnet: v%d/s%d%s}\n", v, s, h, v, s, v == 39 && s == 19 && h == 2 ? ", public_ip: 203.0.113.99" : ""
	print "flows: {call: {from: h-39-19-2, to: \"api:443/tcp\"}}"
}' >wide.yaml
call draw wide.yaml
said "a large network has one box for each network" 0 out '>v39</text>'
check "and can be looked at" test "$(wc -c <out)" -lt 200000
call draw wide.yaml call
said "what the flow passes is there, all the way in" 0 out '>h-39-19-2</text>'
said "and its public address" 0 out ">h-39-19-2&#39;s own</text>"

# ---- the way of a flow
call draw rich.yaml refused
said "a flow that was denied" 0 err ''
deny=$(grep -n 'name: deny-all' rich.yaml | cut -d: -f1)
said "where, why, by which rule, at which line" 0 out "packet [0-9]* was lost at sql: nsg-deny, by rule deny-all of nsg/data, rich\\.yaml:$deny"
said "a cross" 0 out 'class="lost-cross"'
call draw rich.yaml by-fw
said "a flow that passes an appliance" 0 out '>203\.0\.113\.99:49152 → 203\.0\.113\.10:443<'
check "no cross where nothing was lost" sh -c '! grep -q "class=\"lost-cross\"" out'
call draw snat-exhaustion.yaml 'burst[128]'
said "a connection by its number" 0 out 'burst\[128\]: ase-one/worker-0 to api:8080/tcp, timed_out'

cp "$root"/scenarios/laws/law-11-no-lasting-address.yaml moves.yaml
call draw moves.yaml
said "an app that the timeline moves" 0 out '>from 20s on web runs on worker-4</text>'
cp "$root"/scenarios/laws/law-15-admit-one-vip-broken.yaml changes.yaml
call draw changes.yaml
said "a VIP that it changes" 0 out '>from 10s on 192\.23\.1\.77</text>'
call draw "$root/tests/traffic/timeline-address.yaml"
said "addresses of a NAT gateway, a frontend and a site's NAT" 0 out '>from 10s on 203\.0\.113\.6</text>'
check "each in its box" sh -c 'grep -q ">from 10s on 203\.0\.113\.21</text>" out && grep -q ">from 10s on 198\.51\.100\.2</text>" out'
call draw "$root/tests/traffic/timeline-peer.yaml"
said "switches of a peering" 0 out '>from 10s on to spoke: access off</text>'
call draw "$root/tests/traffic/timeline-nat-gateway.yaml"
said "a subnet's NAT gateway" 0 out '>from 20s on NAT gateway new</text>'
check "or none" grep -q '>from 20s on no NAT gateway</text>' out

# ---- ladders
call draw calls-between-environments.yaml layered --ladder
said "a ladder" 0 err ''
said "addresses before the rewrite" 0 out '>10\.0\.1\.5:49153 → 192\.23\.1\.3:443</text>'
said "and after it" 0 out '>192\.23\.1\.2:1024 → 192\.23\.1\.3:443</text>'
said "every step where the pointer rests" 0 out '<tspan[^>]*>1\.[0-9]* s  ase-one/vip: source rewritten'
check "a lane for each place" test "$(grep -c 'class="lane"' out)" -eq 7
call draw rich.yaml refused --ladder
said "a drop in its place" 0 out "nsg-deny: rule deny-all of nsg/data, rich\\.yaml:$deny</text>"
call draw one.yaml call --ladder --set flows.call.rounds=5000
said "a long connection says what it leaves out" 0 out '>[0-9]* more packets, all delivered</text>'
check "and stays small" test "$(wc -c <out)" -lt 200000

# ---- Mermaid
call draw one.yaml call --mermaid
said "a flowchart" 0 out '^flowchart LR$'
said "with numbered ways" 0 out '-->\|"1: 10\.0\.1\.5#58;49152'
call draw rich.yaml refused --mermaid
said "a cross at the end" 0 out '--x\|'
call draw one.yaml call --ladder --mermaid
said "a sequence diagram" 0 out '^sequenceDiagram$'
said "its places" 0 out '^  participant l0 as ase-one/worker-0$'

# ---- laid out by dot
"$pktpath" draw rich.yaml by-fw >plain.svg
mkdir no-dot failing-dot strange-dot recording-dot
printf '#!/bin/sh\nexit 1\n' >failing-dot/dot
printf '#!/bin/sh\necho "{}"\n' >strange-dot/dot
printf '#!/bin/sh\ncat >%s/graph; exit 1\n' "$scratch" >recording-dot/dot
chmod +x ./*-dot/dot
by_dot() {
	directory=$1
	shift
	PATH=$directory:$PATH call draw "$@" --layout dot
}
PATH=$scratch/no-dot call draw rich.yaml by-fw --layout dot
said "no dot here" 0 err 'there is no `dot` here .*graphviz.*plain layout'
check "a picture all the same: the plain one" cmp plain.svg out
for kind in failing strange; do
	by_dot "$scratch/$kind-dot" rich.yaml by-fw
	said "a $kind dot" 0 err '`dot` did not lay out the network: drawn in the plain layout'
	check "the plain one instead ($kind)" cmp plain.svg out
done
by_dot "$scratch/recording-dot" rich.yaml by-fw
check "a graph of boxes and links" grep -qE '^b[0-9]+ -> b[0-9]+ \[id=l[0-9]+' graph
silent "without names" grep -nE 'ase-one|contoso|203\.0' graph
call draw rich.yaml by-fw --layout plain
check "--layout plain is what one gets anyway" cmp plain.svg out
if command -v dot >/dev/null; then
	for arguments in rich.yaml 'rich.yaml by-fw' 'rich.yaml refused' 'rich.yaml home' wide.yaml 'wide.yaml call' one.yaml 'calls-between-environments.yaml layered'; do
		# shellcheck disable=SC2086 # words of a command line
		call draw $arguments --layout dot
		said "dot lays out $arguments" 0 err ''
		check "wires are curves ($arguments)" grep -qE 'class="wire" d="M[-0-9 ]*C' out
		cp out once
		# shellcheck disable=SC2086 # words of a command line
		call draw $arguments --layout dot
		check "the same bytes with the same dot ($arguments)" cmp once out
		sed -n 's/^<text[^>]*>\(.*\)<\/text>$/\1/p' once | sort >words
		# shellcheck disable=SC2086 # words of a command line
		"$pktpath" draw $arguments | sed -n 's/^<text[^>]*>\(.*\)<\/text>$/\1/p' | sort >plain-words
		check "it shows what the plain layout shows ($arguments)" cmp words plain-words
		if command -v xmllint >/dev/null; then
			check "well-formed ($arguments)" xmllint --noout once
		fi
	done
	call draw rich.yaml refused --layout dot
	said "a cross" 0 out 'class="lost-cross"'
else
	skip "no dot here: its layouts were not looked at"
fi

# ---- late data, fragments, pools of addresses
scenario more
sed -i 's/ases: {ase-one: {/ases: {ase-one: {snat: {fragments: translate, address: [192.23.1.2, 192.23.1.3, 192.23.1.4]}, /; s/listen: \[443\/tcp\]/listen: [443\/tcp, 53\/udp]/
	s/^  call:.*/  call: {from: ase-one\/web, to: "api:443\/tcp", then: hold}\n  push: {late: {on: call, by: api, at: 30s}}\n  big: {from: ase-one\/web, to: "api:53\/udp", send: 4kB}/' more.yaml
call draw more.yaml push
said "late data is reported as such" 0 out '>push: api pushes data on call, delivered<'
call draw more.yaml big --ladder
said "a later fragment has addresses" 0 out '>10\.0\.1\.5 → 203\.0\.113\.10<'
check "and no ports" sh -c '! grep -q ":0 →\|:0<" out'
call draw more.yaml
said "each address of a NAT" 0 out '>and 192\.23\.1\.4<'

# ---- well-formed, whatever a scenario says
if command -v xmllint >/dev/null; then
	for arguments in one.yaml 'one.yaml call' 'rich.yaml' 'rich.yaml refused' 'rich.yaml alien --ladder' 'rich.yaml late-link --ladder'; do
		# shellcheck disable=SC2086 # words of a command line
		call draw $arguments -o made.svg
		check "well-formed: $arguments" xmllint --noout made.svg
	done
	mkdir -p 'a<b>&"x'"'"
	cp rich.yaml 'a<b>&"x'"'"'/r<i>&.yaml'
	call draw 'a<b>&"x'"'"'/r<i>&.yaml' refused --ladder -o made.svg
	check "well-formed: a file with a name of marks" xmllint --noout made.svg
else
	skip "no xmllint here"
fi
check "no scripts, nothing to fetch" sh -c '! grep -nE "<script|href=|url\(|@import|<image" first'

# ---- ports
cat >ports.yaml <<'END'
scenario: 1
network:
  vnets: {v: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: v/ase, vip: 192.23.1.2, workers: 2, snat: {ports_per_worker: 4}, apps: {web: {on: [worker-0]}, jobs: {on: [worker-0]}, far: {on: [worker-1]}}}}
  hosts: {api: {internet: true, ip: 203.0.113.10, listen: [443/tcp, 80/tcp]}}
flows:
  hold: {from: one/web, to: "api:443/tcp", repeat: {count: 3, every: 10ms}, then: hold}
  poll: {from: one/jobs, to: "api:443/tcp", at: 500ms, then: hold}
  late: {from: one/web, to: "api:443/tcp", at: 2s}
  other: {from: one/web, to: "api:80/tcp", at: 3s, then: hold}
  away: {from: one/far, to: "api:80/tcp", at: 4s, then: hold}
END
call draw ports.yaml --ports
said "ports by app: a plot of each worker" 0 out '>one/worker-0</text>'
check "its apps as lines, a port counted once" sh -c 'grep -q ">(a) one/web: 3</text>" out && grep -q ">(b) one/jobs: 1</text>" out && grep -q ">(a) one/far: 1</text>" out'
check "the budget, and the call that found no port" sh -c 'grep -q "class=.budget" out && grep -q "1 call found no free port" out && grep -q "most at once, of 4 ports" out'
call draw ports.yaml --ports --by destination
check "by destination" sh -c 'grep -q ">(a) 203.0.113.10:443/tcp: 4</text>" out && grep -q ">(b) 203.0.113.10:80/tcp: 1</text>" out'
call draw ports.yaml --ports --by worker -o by-worker.svg
check "by worker: a plot of the NAT" sh -c 'grep -q ">one/vip</text>" by-worker.svg && grep -q ">(a) one/worker-0: 4</text>" by-worker.svg && grep -q ">(b) one/worker-1: 1</text>" by-worker.svg'
cat >budgets.yaml <<'END'
scenario: 1
network:
  vnets: {v: {space: [10.0.0.0/16], subnets: {a: {cidr: 10.0.1.0/26}}}}
  load_balancers: {lb: {frontends: {p: {address: 203.0.113.20}}, pools: {x: [vm]}, rules: [{name: r, frontend: p, port: 1030/tcp, pool: x, outbound_snat: false}], outbound: [{name: o, frontends: [p], pool: x, ports_per_machine: 16}]}}
  sites:
    home: {prefixes: [192.168.1.0/24], nat: {address: 203.0.113.1, port_range: 1024-1039, forward: {1025/tcp: pc, 1030-1034/tcp: pc}}}
    blocks: {prefixes: [192.168.2.0/24], nat: {address: 203.0.113.2, port_range: 1024-1039, ports_per_worker: 8, forward: {1025/tcp: pc2}}}
    doubles: {prefixes: [192.168.3.0/24], nat: {address: 203.0.113.3, port_range: 1024-1039, ports_per_worker: {min: 2, max: 4}}}
  hosts:
    vm: {subnet: v/a}
    pc: {site: home, ip: 192.168.1.2}
    pc2: {site: blocks, ip: 192.168.2.2}
    pc3: {site: doubles, ip: 192.168.3.2}
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}
flows:
  a: {from: vm, to: "api:443/tcp", then: hold, repeat: {count: 20, every: 10ms}}
  b: {from: pc, to: "api:443/tcp", then: hold, repeat: {count: 20, every: 10ms}}
  c: {from: pc2, to: "api:443/tcp", then: hold, repeat: {count: 20, every: 10ms}}
  d: {from: pc3, to: "api:443/tcp", then: hold, repeat: {count: 20, every: 10ms}}
END
for by in app worker; do
	call draw budgets.yaml --ports --by $by
	check "budgets by $by: without the ports of forwards, all that a machine is due, and what doubling comes to" sh -c \
		'[ "$(grep -o "most at once, of [0-9]* ports" out | tr -dc "0-9\n" | sort -n | tr "\n" " ")" = "4 7 10 16 " ]'
done
call draw one.yaml --ports --by colour
said "by what?" 2 err 'takes worker, app or destination, not `colour`'
call draw one.yaml call --ports
said "ports are of all flows" 2 err 'no flow, no --ladder'
call draw one.yaml --by app
said "by without ports" 2 err 'goes with --ports'

# ---- mistakes
call draw
said "no scenario" 2 err 'which scenario'
call draw one.yaml cal
said "no such flow" 2 err 'no flow is called `cal`'
said "the nearest" 2 err 'did you mean `call`'
call draw one.yaml --ladder
said "a ladder of what?" 2 err 'a ladder is of one flow'
call draw one.yaml 'call[7]'
said "no such connection" 2 err 'names no connection'
call draw one.yaml -o missing/one.svg
said "a file that cannot be written" 3 err 'missing/one\.svg: No such file or directory'
call draw one.yaml call extra
said "too many words" 2 err 'at most one flow'
call draw one.yaml --layout round
said "no such layout" 2 err 'takes plain or dot, not `round`'
call draw one.yaml call --ladder --layout dot
said "a ladder has one layout" 2 err 'not with --ladder'
cd "$root" || exit 1
# An appliance with a NAT and a public address: each rewriting stands at the box where it happens, and the way passes each once.
cat >"$scratch/appliance.yaml" <<'END'
scenario: 1
network:
  vnets: {v: {space: [10.0.0.0/16], subnets: {a: {cidr: 10.0.1.0/26, routes: out}, d: {cidr: 10.0.2.0/24}}}}
  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  hosts:
    vm: {subnet: v/a, ip: 10.0.1.10}
    fw: {subnet: v/d, ip: 10.0.2.10, public_ip: 203.0.113.20, forwards: true, nat: {}}
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}
flows:
  call: {from: vm, to: "api:443/tcp"}
END
call draw "$scratch/appliance.yaml" call --mermaid
said "the NAT of an appliance stands at the appliance" 0 out '^  b5 -->.*2: 10\.0\.2\.10#58;49152 .* b6$'
said "its public address behind it" 0 out '^  b6 -->.*3: 203\.0\.113\.20#58;49152 .* b0$'
check "and the way does not return" test "$(grep -c '^  b6 -->' "$scratch/out")" = 1

# A hub with fifty spokes.
cd "$scratch" || exit 1
awk 'BEGIN {
	print "scenario: 1\nname: spokes\nnetwork:\n  vnets:"
	printf "    hub: {space: [10.0.0.0/16], peers: ["
	for (i = 1; i <= 50; i++) printf "%sspoke-%d", (i > 1 ? ", " : ""), i
	print "], subnets: {edge: {cidr: 10.0.0.0/26}}}"
	for (i = 1; i <= 50; i++) printf "    spoke-%d: {space: [10.%d.0.0/16], subnets: {apps: {cidr: 10.%d.0.0/24, routes: by-fw, nsg: guard}, more: {cidr: 10.%d.1.0/24, nsg: guard}}}\n", i, i, i, i
	print "  nsgs: {guard: {inbound: [{name: web, priority: 100, action: allow, proto: tcp, dst_ports: 443}]}}"
	print "  route_tables: {by-fw: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}"
	print "  hosts:\n    fw: {subnet: hub/edge, ip: 10.0.0.4, forwards: true, nat: {}, public_ip: 203.0.113.20}"
	print "    vm: {subnet: spoke-7/apps}\n    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}"
	print "flows: {call: {from: vm, to: \"api:443/tcp\"}}"
}' >spokes.yaml
# fits: the picture in `out` fits a screen.
fits() {
	awk -F'"' '/^<svg/ { for (i = 1; i < NF; i++) { if ($i ~ / width=$/) w = $(i + 1); if ($i ~ / height=$/) h = $(i + 1) } } END { exit !(w > 0 && w <= 1400 && h > 0 && h <= 900) }' out
}
call draw hub.yaml
said "a firewall stands in its subnet" 0 out '>and 203\.0\.113\.30</text>'
said "and a private endpoint in its own" 0 out '>private endpoint of sql</text>'
check "all of it within 1400 x 900" fits
call draw hub.yaml query
check "a call stops at the endpoint" test "$(grep -c '>sql-pe</text>' out)" -eq 2
call draw hub.yaml update
check "and another at the firewall" test "$(grep -c '>fw</text>' out)" -ge 2
call draw hub.yaml --set network.vnets.hub.subnets.shared.private_endpoint_policies=routes
said "the policies of a subnet" 0 out '>policies of endpoints: routes</text>'
call draw spokes.yaml
said "fifty spokes are drawn" 0 out '>spoke-50</text>'
check "within 1400 x 900" fits
check "in the order of their numbers" test "$(grep -o '>spoke-[0-9]*</text>' out | head -n 3 | tr -d '\n')" = '>spoke-1</text>>spoke-2</text>>spoke-3</text>'
check "their peerings are drawn" test "$(grep -c 'class="peering"' out)" -ge 51
said "and where their routes lead" 0 out '>next hop of 50 more subnets</text>'
call draw spokes.yaml call
check "a call in it, too" fits
cat >long.yaml <<END
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}, b: {cidr: 10.0.2.0/24, routes: r}}}}
  route_tables: {r: {routes: {x: {prefix: 10.0.0.0/16, next_hop: z-nva}}}}
  hosts:
    the-machine-with-the-long-name-0: {subnet: v/b, listen: 22/tcp}
    z-nva: {subnet: v/a, forwards: true}
$(seq 13 | sed 's/.*/    m-&: {subnet: v\/a}/')
flows: {call: {from: the-machine-with-the-long-name-0, to: "m-1:22/tcp"}}
END
call draw long.yaml call
check "a long name in the list of stops moves the addresses" grep -q '<text class="mono" x="305" y="[0-9]*">10\.0\.2\.4:49152' out
call draw long.yaml
said "an appliance is drawn where others are left out" 0 out '>z-nva</text>'
said "one that is left out is one" 0 out '>1 more</text>'
said "in words, too" 0 out '>host</text>'
call draw spokes.yaml --focus vm
said "the focus: a network, and its peers" 0 out '>spoke-7</text>'
check "and no others" sh -c '! grep -q ">spoke-8</text>" out'
said "which are counted" 0 out '>49 more</text>'
said "a next hop is a line" 0 out 'class="next-hop"'
check "rules stand once" test "$(grep -c '^<text.*in 100 allow tcp' out)" -eq 1
call draw spokes.yaml --focus vm --depth 0
said "its network alone" 0 out '>50 more</text>'
call draw spokes.yaml --focus spoke-77
said "a focus that is not there" 2 err '^hint: name a virtual network'
call draw spokes.yaml --depth 2
said "a depth of nothing" 2 err '--depth goes with --focus'
call draw rich.yaml
check "a private network's way to the Internet" grep -q 'class="wire" d=' out
call draw rich.yaml -o picture.png
said "a PNG is refused" 2 err '^hint: -o picture\.svg'
check "and not written" test ! -e picture.png
if has_terminal; then
	script -qec "'$pktpath' draw rich.yaml" /dev/null </dev/null >out 2>&1
	check "a terminal gets no picture" grep -q 'hint: .*pktpath draw rich.yaml -o picture.svg' out
	check "but what to type" sh -c '! grep -q "<svg" out'
else
	skip "no terminal can be made here"
fi
finish

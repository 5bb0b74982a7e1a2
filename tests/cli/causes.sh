#!/bin/sh
# Explanations end with the cause and what helps: a small scenario for each kind of loss, and one whose cause is looked for in all outputs.
# Usage: causes.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
. tests/cli/why.sh
needs jq tshark
cd "$scratch" || exit 1

# ---- mappings that ended ----

cat >all.yaml <<'END'
scenario: 1
network:
  vnets: {prod: {space: 10.20.0.0/16, subnets: {ase: {cidr: 10.20.1.0/24}}}}
  ases: {ase: {subnet: prod/ase, vip: 20.50.60.70, apps: {shop: {}}}}
  hosts: {db: {internet: true, ip: 203.0.113.50, listen: 5432/tcp}}
flows: {session: {from: ase/shop, to: "db:5432/tcp", rounds: 2, pause: 5m}}
expect: [{flow: session, outcome: delivered}, {flow: session, seen_at: ase/vip, outcome: delivered}]
END
why "an idle mapping of a VIP" session \
	'mapping 20\.50\.60\.70:1024 of ase/vip, for 10\.20\.1\.6:49152 towards 203\.0\.113\.50:5432, ended at 240\.1 s: 4 min without a packet \(`tcp_idle`, profile azure\)\. This packet came at 300\.06 s, 5 min after' \
	'at least every 4 min.*flows\.session.*network\.ases\.ase\.snat\.tcp_idle' network.ases.ase.snat.tcp_idle <all.yaml
why "an idle mapping of an appliance is no asymmetric way" pooled \
	'^The mapping 10\.0\.3\.4:49152 of node.* ended at 240\.04405 s: 4 min without a packet \(`tcp_idle`, profile home\)' \
	'network\.hosts\.node\.nat\.tcp_idle' network.hosts.node.nat.tcp_idle <<'END'
scenario: 1
network:
  vnets: {corp: {space: [10.0.0.0/16], subnets: {pods: {cidr: 10.0.1.0/24, routes: by-node}, nodes: {cidr: 10.0.3.0/28}, data: {cidr: 10.0.4.0/24}}}}
  route_tables: {by-node: {routes: {data: {prefix: 10.0.4.0/24, next_hop: node}}}}
  hosts:
    node: {subnet: corp/nodes, ip: 10.0.3.4, forwards: true, nat: {profile: home, tcp_idle: 4m}}
    pod: {subnet: corp/pods, ip: 10.0.1.10}
    db: {subnet: corp/data, ip: 10.0.4.10, listen: [5432/tcp]}
flows: {pooled: {from: pod, to: "db:5432/tcp", rounds: 2, pause: 5m}}
END
why "a connection that the balancer of a VIP forgot" inbound 'load balancer of one/vip forgot this inbound connection at 240.* 4 min without a packet \(`idle` of one\)' \
	'network\.ases\.one\.idle' network.ases.one.idle <<'END'
scenario: 1
network:
  vnets: {corp: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts: {client: {internet: true, ip: 203.0.113.10}}
flows: {inbound: {from: client, to: "one/web:443/tcp", rounds: 2, pause: 5m}}
END
why "a mapping of another public address" call 'ended at 10 s: the NAT got another public address' 'Open a new connection after the event of `timeline`' timeline <<'END'
scenario: 1
network:
  vnets: {corp: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts: {api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
timeline: [{at: 10s, vip: one, to: 192.23.1.9}]
flows: {call: {from: one/web, to: "api:443/tcp", rounds: 2, pause: 20s}}
END
why "an answer by UDP that came too late" ask 'The mapping 198\.51\.100\.1:[0-9]+ of home/nat, for 192\.168\.1\.10:49152 .* ended at 30 s: 30 s without a packet \(`udp_idle`, profile home\)' \
	'network\.sites\.home\.nat\.udp_idle' network.sites.home.nat.udp_idle <<'END'
scenario: 1
network:
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, udp_idle: 30s}}}
  hosts: {pc: {site: home, ip: 192.168.1.10}, far: {internet: true, ip: 203.0.113.10, listen: 53/udp}}
  links: {internet: {latency: 20s}}
flows: {ask: {from: pc, to: "far:53/udp"}}
END

# ---- two ways ----

hub='scenario: 1
network:
  vnets: {prod: {space: 10.20.0.0/16, subnets: {ase: {cidr: 10.20.1.0/24}}}}
  ases: {ase: {subnet: prod/ase, vip: 20.50.60.70, apps: {shop: {}}}}
  sites: {hq: {prefixes: 192.168.0.0/16, gateway: {vnet: prod, kind: express-route, advertises: [192.168.0.0/16, 0.0.0.0/0]}, nat: {address: 198.51.100.1}}}
  hosts: {visitor: {internet: true, ip: 192.0.2.9}, desk: {site: hq, ip: 192.168.5.5}}'
why "a default route of a gateway takes the answer another way" visit \
	'answer takes another way than the call.* came to ase/front-end-[01] by ase/vip; its answer leaves by gateway/hq and hq/nat, and hq/nat has no state of the call\. Route 0\.0\.0\.0/0 of route/gateway \(why\.yaml:5\)' \
	'a route for 192\.0\.2\.9/32.*do not advertise 0\.0\.0\.0/0' network.sites.hq.gateway.advertises <<END
$hub
flows: {visit: {from: visitor, to: "ase/shop:443/tcp"}}
END
why "both ways pass the same NAT, in other directions" desk 'by hq/nat and ase/vip; its answer leaves by gateway/hq and hq/nat' 'route for 198\.51\.100\.1/32' network.route_tables <<END
$hub
flows: {desk: {from: desk, to: "ase/shop:443/tcp"}}
END
why "a user's route takes the answer to an appliance" visit 'came to vm by no NAT or appliance; its answer leaves by fw, and fw has no state of the call\. Route out of route/r \(why\.yaml:4\) at vm makes the difference' \
	'remove route `out` from route/r' network.route_tables.r.routes.out <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, routes: r}, n: {cidr: 10.0.2.0/24}}}}
  route_tables: {r: {routes: {out: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  hosts:
    fw: {subnet: v/n, ip: 10.0.2.4, forwards: true, public_ip: 20.1.1.1, nat: {profile: home}}
    vm: {subnet: v/a, ip: 10.0.1.10, public_ip: 20.1.1.2, listen: 443/tcp}
    visitor: {internet: true, ip: 203.0.113.9}
flows: {visit: {from: visitor, to: "vm:443/tcp"}}
END

# ---- ports ----

why "two apps hold the ports of a worker" late \
	'^All ports that one/worker-0 may use at one/vip \(4, 1024-1027\) towards 203\.0\.113\.10:443 are taken: 3 by app one/web \(flow hold\) on one/worker-0 towards 203\.0\.113\.10:443 since 0 s and 1 by app one/jobs \(flow poll\) .* since 0\.5 s\.$' \
	'raise `network\.ases\.one\.snat\.ports_per_worker`, or add workers in `network\.ases\.one\.workers`\.' network.ases.one.workers <<'END'
scenario: 1
network:
  vnets: {corp: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, workers: 1, snat: {ports_per_worker: 4}, apps: {web: {}, jobs: {}}}}
  hosts: {api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows:
  hold: {from: one/web, to: "api:443/tcp", repeat: {count: 3, every: 10ms}, then: hold}
  poll: {from: one/jobs, to: "api:443/tcp", at: 500ms, then: hold}
  late: {from: one/web, to: "api:443/tcp", at: 2s}
END
why "a NAT that gives a port to one mapping at a time" second 'All ports that 192\.168\.1\.11 may use at home/nat \(1, 2000-2000\) are taken, and a port serves one mapping at a time: 1 by flow first from 192\.168\.1\.10 towards 203\.0\.113\.10:443 since 0 s' \
	'network\.sites\.home\.nat\.port_range' network.sites.home.nat.port_range <<'END'
scenario: 1
network:
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, port_range: 2000-2000}}}
  hosts: {a: {site: home, ip: 192.168.1.10}, b: {site: home, ip: 192.168.1.11}, far: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {first: {from: a, to: "far:443/tcp", then: hold}, second: {from: b, to: "far:443/tcp", at: 1s}}
END
why "ports that rest" 'late[1]' 'are taken\. 1 of them rests after a connection that is over \(`port_hold\.fin`\), until 30\.12 s\.$' 'A shorter `network\.sites\.g\.nat\.port_hold` gives ports back' network.sites.g.nat.port_hold <<'END'
scenario: 1
network:
  sites: {g: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, profile: gcp-cloud-nat, ports_per_worker: 1}}}
  hosts: {pc: {site: g, ip: 192.168.1.10}, far: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {late: {from: pc, to: "far:443/tcp", repeat: {count: 2, every: 5s}}}
END
for limit in 'max_per_host:the machine has `max_per_host` mappings already' 'max_mappings:the NAT has `max_mappings` mappings already' 'max_per_destination:`max_per_destination` mappings of its address go to this destination already'; do
	why "a limit of a NAT: ${limit%%:*}" 'burst[2]' "home/nat makes no mapping for it, though it has free ports: ${limit#*:}: 2 by flow burst from 192\\.168\\.1\\.10" \
		"or raise .network\\.sites\\.home\\.nat\\.${limit%%:*}." "network.sites.home.nat.${limit%%:*}" <<END
scenario: 1
network:
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, ${limit%%:*}: 2}}}
  hosts: {a: {site: home, ip: 192.168.1.10}, far: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {burst: {from: a, to: "far:443/tcp", repeat: {count: 3, every: 10ms}, then: hold}}
END
done
# ---- groups ----

fe='scenario: 1
network:
  nsgs: {tight: {inbound: [{name: web, priority: 100, action: allow, proto: tcp, src: internet, dst_ports: [80, 443]}, {name: deny-all, priority: 4000, action: deny}]}}
  vnets: {prod: {space: 10.20.0.0/16, subnets: {ase: {cidr: 10.20.1.0/24, nsg: tight}, vm: {cidr: 10.20.2.0/24, nsg: tight}}}}
  ases: {ase: {subnet: prod/ase, vip: 20.50.60.70, front_ends: 1, workers: 1, apps: {shop: {}}}}
  hosts: {visitor: {internet: true, ip: 192.0.2.9}, vm: {subnet: prod/vm, ip: 10.20.2.5, public_ip: 20.1.1.9, listen: [22/tcp, 53/udp]}}'
why "a group cuts the front end from its worker" visit 'Rule deny-all of nsg/tight denies it inbound at ase/worker-0.*front end.s own connection to the worker, the second leg' \
	'Allow tcp from 10\.20\.1\.4 to 10\.20\.1\.5, port 443, in `network\.nsgs\.tight\.inbound` with a priority below 4000' network.nsgs.tight.inbound <<END
$fe
flows: {visit: {from: visitor, to: "ase/shop:443/tcp"}}
END
why "a rule that denies" ssh 'Rule deny-all of nsg/tight denies it inbound at vm; the group drops it silently, and the sender retransmits' 'Allow tcp from 192\.0\.2\.9 to 10\.20\.2\.5, port 22' network.nsgs.tight.inbound <<END
$fe
flows: {ssh: {from: visitor, to: "vm:22/tcp"}}
END
why "a datagram that is denied" ask 'silently: the sender gets no answer and no error\.$' 'Allow udp' network.nsgs.tight.inbound <<END
$fe
flows: {ask: {from: visitor, to: "vm:53/udp"}}
END
why "the platform's rule" ssh 'No rule of nsg/none allows it inbound at vm, so the platform.s DenyAllInBound denies it' 'in `network\.nsgs\.none\.inbound`\.$' network.nsgs.none.inbound <<'END'
scenario: 1
network:
  nsgs: {none: {inbound: []}}
  vnets: {prod: {space: 10.20.0.0/16, subnets: {vm: {cidr: 10.20.2.0/24, nsg: none}}}}
  hosts: {visitor: {internet: true, ip: 192.0.2.9}, vm: {subnet: prod/vm, ip: 10.20.2.5, public_ip: 20.1.1.9, listen: 22/tcp}}
flows: {ssh: {from: visitor, to: "vm:22/tcp"}}
END

why "a rule with the lowest number" call 'Rule first of nsg/g denies it' 'in `network\.nsgs\.g\.inbound`, and give rule first a higher priority number: 100 is the lowest that a rule may have\.$' network.nsgs.g.inbound <<'END'
scenario: 1
network:
  nsgs: {g: {inbound: [{name: first, priority: 100, action: deny}]}}
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nsg: g}}}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.10}, b: {subnet: v/a, ip: 10.0.1.11, listen: 443/tcp}}
flows: {call: {from: a, to: "b:443/tcp"}}
END

# ---- the path's MTU ----

why "an appliance loses fragmentation needed" big \
	'A path MTU black hole: gateway/hq drops what is too large .* the sender retransmits packets of the same size.* goes to 10\.0\.2\.4, which fw has put in the place of the sender.s address, and that NAT does not translate ICMP' \
	'clamp_mss.*flows\.big\.send' network.hosts.fw.nat.icmp <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, routes: r}, n: {cidr: 10.0.2.0/24}}}}
  route_tables: {r: {routes: {hq: {prefix: 192.168.0.0/16, next_hop: fw}}}}
  sites: {hq: {prefixes: 192.168.0.0/16, gateway: {vnet: v, kind: vpn}}}
  hosts:
    fw: {subnet: v/n, ip: 10.0.2.4, forwards: true, nat: {profile: home, icmp: drop}}
    vm: {subnet: v/a, ip: 10.0.1.10}
    desk: {site: hq, ip: 192.168.5.5, listen: 22/tcp}
flows: {big: {from: vm, to: "desk:22/tcp", send: 20kB}}
END

# ---- routes and addresses ----

spokes='scenario: 1
network:
  vnets:
    hub: {space: 10.0.0.0/16, peers: [s1, s2], subnets: {fw: {cidr: 10.0.1.0/24}}}
    s1: {space: 10.1.0.0/16, subnets: {a: {cidr: 10.1.1.0/24}, r: {cidr: 10.1.2.0/24, routes: r}}}
    s2: {space: 10.2.0.0/16, subnets: {a: {cidr: 10.2.1.0/24}}}
  route_tables: {r: {routes: {away: {prefix: 203.0.113.0/24, next_hop: none}, two: {prefix: 10.2.0.0/16, next_hop: fw}}}}
  hosts:
    fw: {subnet: hub/fw, ip: 10.0.1.4}
    a: {subnet: s1/a, ip: 10.1.1.10}
    r: {subnet: s1/r, ip: 10.1.2.10}
    b: {subnet: s2/a, ip: 10.2.1.10, listen: 443/tcp}
    api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}'
why "two spokes" call '10\.2\.1\.10 is in virtual network s2, which is not peered with s1, where a stands; peering is not transitive' 'network\.vnets\.s1\.peers: \[s2\]' network.vnets.s1.peers <<END
$spokes
flows: {call: {from: a, to: "b:443/tcp"}}
END
why "a route to nowhere" call 'Route away of route/r wins for 203\.0\.113\.10, and its next hop `none` drops' 'network\.route_tables\.r\.routes\.away' network.route_tables.r.routes.away <<END
$spokes
flows: {call: {from: r, to: "api:443/tcp"}}
END
why "a machine that does not forward" call 'A route sent the packet for 10\.2\.1\.10 to fw, which does not forward' 'network\.hosts\.fw\.forwards: true' network.hosts.fw.forwards <<END
$spokes
flows: {call: {from: r, to: "b:443/tcp"}}
END
why "nothing listens" call 'Nothing listens on port 80/tcp of b; the sender gets a reset' 'Add 80/tcp to `network\.hosts\.b\.listen`' network.hosts.b.listen <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}}}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.10}, b: {subnet: v/a, ip: 10.0.1.11, listen: 443/tcp}}
flows: {call: {from: a, to: "b:80/tcp"}}
END
why "an address that no element has" call '203\.0\.113\.77 cannot be reached from internet: no element has this address' '^Correct the address that is called \(`flows\.call\.to`\)' flows.call.to <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}}}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.10, public_ip: 20.1.1.1}}
flows: {call: {from: a, to: "203.0.113.77:80/tcp"}}
END
why "two appliances that point at each other" call 'TTL reached 0 at (one|two): the routes form a loop: one by route d of route/r1 \(why\.yaml:4\), then two by route d of route/ra' 'lead on to the destination' network.route_tables.r1.routes.d <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, routes: ra}, one: {cidr: 10.0.2.0/24, routes: r1}, two: {cidr: 10.0.3.0/24, routes: ra}, d: {cidr: 10.0.4.0/24}}}}
  route_tables: {ra: {routes: {d: {prefix: 10.0.4.0/24, next_hop: one}}}, r1: {routes: {d: {prefix: 10.0.4.0/24, next_hop: two}}}}
  hosts:
    a: {subnet: v/a, ip: 10.0.1.10}
    one: {subnet: v/one, ip: 10.0.2.4, forwards: true}
    two: {subnet: v/two, ip: 10.0.3.4, forwards: true}
    d: {subnet: v/d, ip: 10.0.4.4, listen: 443/tcp}
flows: {call: {from: a, to: "d:443/tcp"}}
END

# ---- NATs and VIPs ----

ase='scenario: 1
network:
  vnets: {corp: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: corp/ase, vip: 192.23.1.2, front_ends: 1, workers: 1, apps: {web: {}}}}
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, hairpin: false, fragments: drop}}}
  hosts:
    client: {internet: true, ip: 203.0.113.10, listen: [443/tcp, 53/udp]}
    pc: {site: home, ip: 192.168.1.10, listen: 443/tcp}
    pc2: {site: home, ip: 192.168.1.11}'
why "a port of a VIP that is closed" call 'one/vip has no load balancing rule for port 8443/tcp, and gives no answer itself' 'network\.ases\.one\.apps\.APP\.listen' network.ases.one.ports <<END
$ase
flows: {call: {from: client, to: "192.23.1.2:8443/tcp"}}
END
why "management is for Azure alone" call 'Port 454/tcp of one/vip is open to Azure.s management addresses alone .*, and 203\.0\.113\.10 is none of them' 'service: management' flows.call.from <<END
$ase
flows: {call: {from: client, to: "192.23.1.2:454/tcp"}}
END
why "no hairpin" call 'sent to home/nat.s own public address from behind it, and hairpinning is off' 'network\.sites\.home\.nat\.hairpin: true' network.sites.home.nat.hairpin <<END
$ase
flows: {call: {from: pc2, to: "198.51.100.1:443/tcp"}}
END
why "nothing was opened from inside" call 'home/nat has no mapping for it' 'Open the connection from inside, .*or forward port 443/tcp' network.sites.home.nat.forward <<END
$ase
flows: {call: {from: client, to: "198.51.100.1:443/tcp"}}
END
why "an echo through a VIP" ping 'one/vip does not translate ICMP \(`network\.ases\.one\.snat\.icmp`\)' 'icmp: translate' network.ases.one.snat.icmp <<END
$ase
flows: {ping: {from: one/web, to: "client/icmp"}}
END
why "a fragment through a home router" big 'home/nat does not translate fragments of packets' 'fragments: translate' network.sites.home.nat.fragments <<END
$ase
flows: {big: {from: pc, to: "client:53/udp", send: 4kB}}
END
why "an appliance without a NAT" call 'fw forwarded it towards the Internet with the source 10\.0\.1\.10:49152, and Azure translates only a machine.s own address' 'network\.hosts\.fw\.nat: \{\}' network.hosts.fw.nat <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, routes: r}, n: {cidr: 10.0.2.0/24}}}}
  route_tables: {r: {routes: {out: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  hosts:
    fw: {subnet: v/n, ip: 10.0.2.4, forwards: true, public_ip: 20.1.1.1}
    vm: {subnet: v/a, ip: 10.0.1.10}
    api: {internet: true, ip: 203.0.113.9, listen: 443/tcp}
flows: {call: {from: vm, to: "api:443/tcp"}}
END

# ---- links and machines ----

line='scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}, b: {cidr: 10.0.2.0/24}}}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.10}, b: {subnet: v/b, ip: 10.0.2.10, listen: 443/tcp}}'
why "a link that is down" call 'The link vnet is down from the beginning \(`network\.links\.vnet\.state`\)' 'state: up' network.links.vnet.state <<END
$line
  links: {vnet: {state: down}}
flows: {call: {from: a, to: "b:443/tcp"}}
END
why "a machine that was stopped" call 'b is stopped since 1 s, by the event `stop b` \(why\.yaml:[0-9]+\)' 'an event `start: b`' timeline <<END
$line
timeline: [{at: 1s, stop: b}]
flows: {call: {from: a, to: "b:443/tcp", at: 2s}}
END
why "chance does not hide a decision" call 'No rule of nsg/none allows it' 'network\.nsgs\.none\.inbound' network.nsgs.none.inbound <<'END'
scenario: 1
seed: 3
network:
  nsgs: {none: {inbound: [{name: no, priority: 100, action: deny, src: 10.9.9.9}, {name: no-vnet, priority: 200, action: allow, src: 10.8.8.8}]}}
  links: {internet: {loss: 50%}}
  vnets: {v: {space: 10.0.0.0/16, subnets: {b: {cidr: 10.0.2.0/24, nsg: none}}}}
  hosts: {a: {internet: true, ip: 203.0.113.9}, b: {subnet: v/b, ip: 10.0.2.10, public_ip: 20.1.1.1, listen: 443/tcp}}
flows: {call: {from: a, to: "b:443/tcp"}}
END

# ---- one cause in all outputs ----

cause='The mapping 20\.50\.60\.70:1024 of ase/vip, .*ended at 240\.1 s: 4 min without a packet \(`tcp_idle`, profile azure\)'
call run all.yaml -o all
said "a failure of run" 1 out "^ +cause: +$cause"
said "what helps" 1 out '^ +helps: .*network\.ases\.ase\.snat\.tcp_idle'
check "one cause is printed once" sh -c 'test "$(grep -c "helps:" "$1")" = 1' _ "$scratch/out"
said "the second refers to it" 1 out '^ +cause: +as of session above$'
call test all.yaml
said "a failure of test" 1 out "^ +cause: +$cause"
check "test prints it once" sh -c 'test "$(grep -c "helps:" "$1")" = 1' _ "$scratch/out"
call explain all.yaml session --packet 7
said "a packet by its number" 0 out 'cause: +The mapping 20\.50\.60\.70:1024'
check "report.json has it with the expectation and the connection" jq -e --arg cause "$cause" '
	(.expectations[0] | (.cause | test($cause)) and (.settings | index("network.ases.ase.snat.tcp_idle") != null)) and
	(.flows.session.connections[0] | (.cause | test($cause)) and (.helps | test("4 min")))' all/report.json
check "the note of the packet in the flow's capture" sh -c 'tshark -r all/session.pcapng -T fields -e frame.comment 2>/dev/null | grep -E "DROP no-mapping by ase/vip rule snat .*$1.*Send something at least every 4 min" | wc -l | grep -qx 1' _ "$cause"
check "later packets refer to the first" sh -c 'tshark -r all/drops.pcapng -T fields -e frame.comment 2>/dev/null | grep -cE "DROP no-mapping .*cause: as of packet 7,lost at [0-9.]+ s of the run$" | grep -qE "^[1-9]"'
check "each loss names its second of the run" sh -c 'tshark -r all/drops.pcapng -T fields -E occurrence=l -e frame.comment 2>/dev/null | head -n 1 | grep -qx "lost at 300.060000000 s of the run"'
check "and the file the instant of second 0" sh -c 'capinfos all/drops.pcapng | grep -q "second 0 of the run is 2015-12-17T00:00:00Z"'
call report all
check "the page has it" grep -qE "$cause" all/report.html
cat >ports.yaml <<'END'
scenario: 1
network:
  vnets: {corp: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: corp/ase, vip: 20.50.60.70, workers: 1, snat: {ports_per_worker: 4}, apps: {web: {}}}}
  hosts: {api: {internet: true, ip: 203.0.113.9, listen: 443/tcp}}
flows: {burst: {from: one/web, to: "api:443/tcp", repeat: {count: 6, every: 10ms}}}
expect: [{nat: one, metric: exhausted, value: 0}]
END
call run ports.yaml -o ports
said "an expectation about ports names who held them" 1 out '^ +cause: +All ports that one/worker-0 may use at one/vip \(4, 1024-1027\).* are taken: 4 by app one/web'
sed '/^expect/d' all.yaml >bare.yaml
call run bare.yaml -o bare
said "run without expectations" 0 out "^ +cause: +$cause"
why "a mapping towards another destination than the sender" a-b '192\.168\.2\.10:5000 has sent to 203\.0\.113\.1:5000, but home-b/nat mapped that to 203\.0\.113\.2:5002; the packet came to 203\.0\.113\.2:5000, the port of a mapping towards another destination' \
	'Send to 203\.0\.113\.2:5002, or .*`network\.sites\.home-b\.nat\.mapping: endpoint-independent`' network.sites.home-b.nat.mapping <<'END'
scenario: 1
network:
  sites:
    home-a: {prefixes: [192.168.1.0/24], nat: {address: 203.0.113.1}}
    home-b: {prefixes: [192.168.2.0/24], nat: {address: 203.0.113.2, mapping: address-and-port-dependent}}
  hosts:
    alice: {site: home-a, ip: 192.168.1.10, listen: [5000/udp]}
    bob: {site: home-b, ip: 192.168.2.10, listen: [5000/udp]}
    stun: {internet: true, ip: 198.51.100.9, listen: [3478/udp]}
flows:
  a-stun: {from: alice, to: "stun:3478/udp", from_port: 5000, then: hold}
  b-stun: {from: bob, to: "stun:3478/udp", from_port: 5000, then: hold, at: 1s}
  a-b: {from: alice, to: "203.0.113.2:5000/udp", from_port: 5000, at: 2s, then: hold}
  b-a: {from: bob, to: "203.0.113.1:5000/udp", from_port: 5000, at: 2s, then: hold}
END
same_words
finish

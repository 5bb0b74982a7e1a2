#!/bin/sh
# Causes at load balancers, firewalls, peerings, private subnets, links and packets made by hand: which rule, which probe, since when, which key to change.
# Usage: causes_azure.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
. tests/cli/why.sh
needs jq
cd "$scratch" || exit 1

# ---- load balancers ----

lb='scenario: 1
network:
  nsgs: {app: {inbound: [{name: web, priority: 100, proto: tcp, src: 10.0.2.0/24, dst_ports: 443, action: allow}, {name: deny-all, priority: 4096, action: deny}]}}
  vnets: {hub: {space: [10.0.0.0/16], subnets: {app: {cidr: 10.0.1.0/24}, client: {cidr: 10.0.2.0/24}, tight: {cidr: 10.0.3.0/24, nsg: app}}}}
  load_balancers: {front: {frontends: {in: {subnet: hub/app, address: 10.0.1.100}}, pools: {apps: [vm-1, vm-2], inner: [vm-3], none: []}, probes: {http: {port: 80/tcp}, own: {port: 8080/tcp}}, rules: [
    {name: web, frontend: in, port: 443/tcp, pool: apps, probe: http}, {name: own, frontend: in, port: 8080/tcp, pool: apps, probe: own}, {name: tight, frontend: in, port: 444/tcp, pool: inner, probe: http}, {name: empty, frontend: in, port: 445/tcp, pool: none}]}}
  hosts:
    vm-1: {subnet: hub/app, ip: 10.0.1.10, listen: [80/tcp, 443/tcp]}
    vm-2: {subnet: hub/app, ip: 10.0.1.11, listen: [80/tcp, 443/tcp]}
    vm-3: {subnet: hub/tight, ip: 10.0.3.12, listen: [80/tcp, 444/tcp]}
    client: {subnet: hub/client, ip: 10.0.2.10}
    api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}'
why "machines that were stopped answer no probe" call 'No machine of pool apps answers probe http \(80/tcp, every 5 s\).*: vm-1 since 5 s \(host-down by vm-1.*\), vm-2 since 20 s \(host-down by vm-2' \
	'Start vm-1 \(an event `start: vm-1`' timeline <<END
$lb
timeline: [{at: 3s, stop: vm-1}, {at: 20s, stop: vm-2}]
flows: {call: {from: client, to: "front/in:443/tcp", at: 60s}}
END
why "a group denies the probe" call 'vm-3 since 0 s \(nsg-deny by nsg/app, rule deny-all \(why\.yaml:3\)\)' 'from the tag azure-load-balancer \(168\.63\.129\.16\) to port 80 in `network\.nsgs\.app\.inbound`' network.nsgs.app.inbound <<END
$lb
flows: {call: {from: client, to: "front/in:444/tcp", at: 60s}}
END
why "nothing listens on the port of the probe" call 'answers probe own \(8080/tcp.*vm-1 since 0 s \(no-listener by vm-1' 'Add 8080/tcp to `network\.hosts\.vm-1\.listen`.*probes\.own\.port' network.hosts.vm-1.listen <<END
$lb
flows: {call: {from: client, to: "front/in:8080/tcp", at: 60s}}
END
why "machines that came back, before the probe counts" call 'vm-1 since 5 s \(it answers again, but not yet often enough\)' 'Call later.*probes\.http' network.load_balancers.front.probes.http <<END
$lb
timeline: [{at: 3s, stop: vm-1}, {at: 3s, stop: vm-2}, {at: 56s, start: vm-1}, {at: 56s, start: vm-2}]
flows: {call: {from: client, to: "front/in:443/tcp", at: 57s}}
END
why "an empty pool" call 'Rule empty of front leads to pool none, which has no machine' 'pools\.none' network.load_balancers.front.pools.none <<END
$lb
flows: {call: {from: client, to: "front/in:445/tcp", at: 60s}}
END
why "a port without a rule" call 'front/in has no rule for port 9/tcp, and gives no answer itself\. It has: 443/tcp \(web\), 8080/tcp \(own\)' 'network\.load_balancers\.front\.rules' network.load_balancers.front.rules <<END
$lb
flows: {call: {from: client, to: "front/in:9/tcp", at: 60s}}
END
why "a machine that is chosen itself" call 'Rule tight of front chose vm-3 out of pool inner, which is the caller' 'take vm-3 out of `network\.load_balancers\.front\.pools\.inner`' flows.call.to <<END
$(echo "$lb" | sed 's/, nsg: app}/}/')
flows: {call: {from: vm-3, to: "front/in:444/tcp", at: 60s}}
END
why "a pool takes the lent address away" call 'vm-1 has no way to the Internet: it is in pool apps of the standard load balancer front' \
	'subnets\.app\.nat_gateway.*hosts\.vm-1\.public_ip.*load_balancers\.front\.outbound' network.load_balancers.front.outbound <<END
$lb
flows: {call: {from: vm-1, to: "api:443/tcp"}}
END
why "a connection that a balancing rule forgot" call 'load balancer of front/in forgot this inbound connection at 300\.[0-9]+ s: 4 min without a packet \(`idle` of rule web\)' 'flows\.call\.keepalive.*`idle` of rule web' network.load_balancers.front.rules <<END
$lb
flows: {call: {from: client, to: "front/in:443/tcp", at: 60s, rounds: 2, pause: 5m}}
END
why "a standard public address without a group" call 'by a public address of SKU standard, which is closed .*neither vm nor its subnet has a group' 'hosts\.vm\.nsg.*allows tcp to port 22' network.hosts.vm.nsg <<'END'
scenario: 1
network:
  vnets: {hub: {space: [10.0.0.0/16], subnets: {app: {cidr: 10.0.1.0/24}}}}
  hosts: {vm: {subnet: hub/app, ip: 10.0.1.10, public_ip: {address: 203.0.113.99, sku: standard}, listen: 22/tcp}, far: {internet: true, ip: 203.0.113.10}}
flows: {call: {from: far, to: "vm:22/tcp"}}
END

why "ports of a machine behind an outbound rule" 'burst[8]' 'All ports that vm-2 may use at front/pub towards 203\.0\.113\.10:443 are taken: 8 by flow burst from vm-2 towards' 'ports_per_machine' network.load_balancers.front.outbound <<'END'
scenario: 1
network:
  vnets: {hub: {space: [10.0.0.0/16], subnets: {app: {cidr: 10.0.1.0/24}}}}
  load_balancers: {front: {frontends: {pub: {address: 203.0.113.50}}, pools: {apps: [vm-1, vm-2]}, outbound: [{name: out, frontends: [pub], pool: apps, ports_per_machine: 8}]}}
  hosts: {vm-1: {subnet: hub/app, ip: 10.0.1.10}, vm-2: {subnet: hub/app, ip: 10.0.1.11}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {burst: {from: vm-2, to: "api:443/tcp", repeat: {count: 9, every: 10ms}, then: hold}}
END
why "an echo to a frontend" ping '^front/in does not translate ICMP, and no setting changes that\.$' 'Probe by TCP or UDP' '' <<END
$lb
flows: {ping: {from: client, to: "front/in/icmp", at: 60s}}
END

# ---- web apps ----

web_app='scenario: 1
network:
  regions: {eu: {}}
  vnets: {hub: {region: eu, space: 10.0.0.0/16, subnets: {AzureFirewallSubnet: {cidr: 10.0.9.0/26}, ase: {cidr: 10.0.3.0/24}, a: {cidr: 10.0.1.0/24, nat_gateway: gw}, walled: {cidr: 10.0.2.0/24, routes: out}}}}
  nat_gateways: {gw: {address: 203.0.113.5}}
  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  firewalls: {fw: {subnet: hub/AzureFirewallSubnet, address: 10.0.9.4, public: 203.0.113.30, rules: {application: [{name: web, priority: 300, action: allow, rules: [{name: good, fqdns: [shop.example.org], proto: [https]}]}]}}}
  web_apps: {shop: {region: eu, dns: shop.example.org}, other: {region: eu, dns: other.example.com}}
  ases: {one: {subnet: hub/ase, vip: 192.23.1.2, apps: {web: {dns: web.example.com}}}}
  hosts: {a: {subnet: hub/a, ip: 10.0.1.10, listen: 443/tcp}, inner: {subnet: hub/walled, ip: 10.0.2.10}}'
why "a port on which a web app does not listen" call 'Nothing listens on port 8443/tcp of shop' 'Add 8443/tcp to `network\.web_apps\.shop\.listen`' network.web_apps.shop.listen <<END
$web_app
flows: {call: {from: a, to: "shop:8443/tcp"}}
END
why "a web app that is in no network" call 'the app is not integrated into a network' 'Integrate the app .*`network\.web_apps\.shop\.integrated`' network.web_apps.shop.integrated <<END
$web_app
flows: {call: {from: shop, to: "a:443/tcp"}}
END
why "the name of a web app, which no rule allows" call 'no application rule allows the name other\.example\.com' '`fqdns: \[other\.example\.com\]`' network.firewalls.fw.rules.application <<END
$web_app
flows: {call: {from: inner, to: "other:443/tcp"}}
END
why "the name of an environment's app, which no rule allows" call 'no application rule allows the name web\.example\.com' '`fqdns: \[web\.example\.com\]`' network.firewalls.fw.rules.application <<END
$web_app
flows: {call: {from: inner, to: "one/web:443/tcp"}}
END

# ---- firewalls and what keeps state ----

fw='scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {AzureFirewallSubnet: {cidr: 10.0.9.0/26}, front: {cidr: 10.0.1.0/24, routes: out}, back: {cidr: 10.0.2.0/24, routes: back}}}}
  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}, back: {prefix: 10.0.2.0/24, next_hop: fw}}}, back: {routes: {front: {prefix: 10.0.1.0/24, next_hop: fw}}}}
  firewalls: {fw: {subnet: hub/AzureFirewallSubnet, address: 10.0.9.4, public: 203.0.113.30, rules: {
    network: [{name: inner, priority: 200, action: allow, rules: [{name: all, src: 10.0.0.0/16, dst: 10.0.0.0/16}]}, {name: no, priority: 150, action: deny, rules: [{name: ssh, dst_ports: 22, proto: tcp}]}],
    application: [{name: web, priority: 300, action: allow, rules: [{name: good, fqdns: ["*.example.net"], proto: [https]}]}]}}}
  hosts:
    web: {subnet: hub/front, ip: 10.0.1.4, listen: 80/tcp}
    db: {subnet: hub/back, ip: 10.0.2.4, listen: [1433/tcp, 22/tcp]}
    bad: {internet: true, ip: 198.51.100.20, dns: www.example.org, listen: [443/tcp, 53/udp]}'
why "a rule of the firewall denies" call 'Rule no/ssh of firewall fw \(why\.yaml:6\) denies tcp from 10\.0\.1\.4 to 10\.0\.2\.4, port 22; it is one of its network rules, of priority 150' 'network\.firewalls\.fw\.rules\.network` with a priority below 150' network.firewalls.fw.rules.network <<END
$fw
flows: {call: {from: web, to: "db:22/tcp"}}
END
why "no rule of the firewall allows" call 'No rule of firewall fw allows udp from 10\.0\.1\.4 to 198\.51\.100\.20, port 53; what no rule allows is denied' 'Allow udp from 10\.0\.1\.4 to 198\.51\.100\.20, port 53' network.firewalls.fw.rules.network <<END
$fw
flows: {call: {from: web, to: "bad:53/udp"}}
END
why "a name that no application rule allows" call 'no application rule allows the name www\.example\.org' '`fqdns: \[www\.example\.org\]`' network.firewalls.fw.rules.application <<END
$fw
flows: {call: {from: web, to: "bad:443/tcp"}}
END
why "no rule translates" call 'No DNAT rule of firewall fw translates tcp from 198\.51\.100\.20 to 203\.0\.113\.30, port 8443' 'network\.firewalls\.fw\.rules\.dnat' network.firewalls.fw.rules.dnat <<END
$fw
flows: {call: {from: bad, to: "203.0.113.30:8443/tcp"}}
END
why "a deny that an event brings" call 'Rule no/late of firewall fw \(why\.yaml:12\) denies' 'rules\.network' network.firewalls.fw.rules.network <<END
$fw
timeline: [{at: 1s, firewall: fw, add: {collection: no, name: late, proto: tcp, dst_ports: 1433}}]
flows: {call: {from: web, to: "db:1433/tcp", at: 2s}}
END
why "the firewall's idle time" call 'fw forgot this connection at 300\.[0-9]+ s: 5 min without a packet \(its idle time\)\. This packet came at 360' 'at least every 5 min \(`flows\.call\.keepalive`\)' flows.call.keepalive <<END
$fw
flows: {call: {from: web, to: "db:1433/tcp", rounds: 2, pause: 6m}}
END
why "past the firewall, and back through it" call 'answer takes another way than the call\. The call came to db by no NAT or appliance; its answer leaves by fw, and fw has no state of the call\. Route front of route/back' 'remove route `front` from route/back, or send the call through fw, too' network.route_tables.back.routes.front <<END
$(echo "$fw" | sed 's/, back: {prefix: 10.0.2.0.24, next_hop: fw}//')
flows: {call: {from: web, to: "db:1433/tcp"}}
END
why "an appliance that keeps state" call 'its answer leaves by nva, and nva has no state of the call' 'send the call through nva, too' network.route_tables.back.routes.front <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {n: {cidr: 10.0.9.0/26}, front: {cidr: 10.0.1.0/24}, back: {cidr: 10.0.2.0/24, routes: back}}}}
  route_tables: {back: {routes: {front: {prefix: 10.0.1.0/24, next_hop: nva}}}}
  hosts:
    nva: {subnet: hub/n, ip: 10.0.9.4, forwards: true, stateful: true}
    web: {subnet: hub/front, ip: 10.0.1.4}
    db: {subnet: hub/back, ip: 10.0.2.4, listen: [1433/tcp]}
flows: {call: {from: web, to: "db:1433/tcp"}}
END

# ---- peerings, gateways, subnets ----

hub='scenario: 1
network:
  vnets:
    hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}}, peers: {spoke: HUBSIDE}}
    spoke: {space: 10.1.0.0/16, subnets: {a: {cidr: 10.1.1.0/24}, p: {cidr: 10.1.2.0/24, private: true}}SPOKESIDE}
  sites: {office: {prefixes: 192.168.0.0/24, gateway: {vnet: hub, kind: vpn}}}
  hosts:
    vm: {subnet: hub/a, ip: 10.0.1.4, listen: 22/tcp}
    app: {subnet: spoke/a, ip: 10.1.1.4, listen: 443/tcp}
    shut: {subnet: spoke/p, ip: 10.1.2.4}
    desk: {site: office, ip: 192.168.0.10, listen: 22/tcp}
    api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}'
both=$(echo "$hub" | sed 's/HUBSIDE/{}/; s/SPOKESIDE/, peers: {hub: {}}/')
why "a peering without access" call 'The side of hub in its peering with spoke \(why\.yaml:4\) has `access: false`' 'network\.vnets\.hub\.peers\.spoke\.access: true' network.vnets.hub.peers.spoke.access <<END
$(echo "$hub" | sed 's/HUBSIDE/{access: false}/; s/SPOKESIDE/, peers: {hub: {}}/')
flows: {call: {from: vm, to: "app:443/tcp"}}
END
why "a peering with one side" call 'hub names spoke as its peer, and spoke does not name hub' 'Add the other side: `network\.vnets\.spoke\.peers\.hub`' network.vnets.spoke.peers <<END
$(echo "$hub" | sed 's/HUBSIDE/{}/; s/SPOKESIDE/, peers: {}/')
flows: {call: {from: vm, to: "app:443/tcp"}}
END
why "a spoke whose answer does not know the firewall" call 'The call came to sql by fw, and its answer has no way back: 10\.1\.1\.4 is in a network that is not peered with b, and no route of subnet b/s leads to fw' \
	'Give subnet b/s a route for 10\.1\.1\.4 with the next hop fw' network.vnets.b.subnets.s.routes <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, peers: [a, b], subnets: {AzureFirewallSubnet: {cidr: 10.0.0.0/26}}}, a: {space: 10.1.0.0/16, subnets: {s: {cidr: 10.1.1.0/24, routes: out}}}, b: {space: 10.2.0.0/16, subnets: {s: {cidr: 10.2.1.0/24}}}}
  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  firewalls: {fw: {subnet: hub/AzureFirewallSubnet, address: 10.0.0.4, public: 203.0.113.30, rules: {network: [{name: all, priority: 100, action: allow, rules: [{name: all}]}]}}}
  hosts: {app: {subnet: a/s, ip: 10.1.1.4}, sql: {subnet: b/s, ip: 10.2.1.4, listen: 1433/tcp}}
flows: {call: {from: app, to: "sql:1433/tcp"}}
END
why "a spoke without the hub's gateway" call 'the platform.s route 192\.168\.0\.0/16 of route/system drops.*The gateway of site office stands in hub, and spoke does not use it' 'use_remote_gateway: true` in `network\.vnets\.spoke\.peers\.hub` and `gateway_transit: true`' network.vnets.spoke.peers <<END
$both
flows: {call: {from: app, to: "desk:22/tcp"}}
END
why "a private subnet" call 'shut has no way to the Internet: subnet spoke/p is private' 'subnets\.p\.nat_gateway.*subnets\.p\.private: false' network.vnets.spoke.subnets.p.private <<END
$both
flows: {call: {from: shut, to: "api:443/tcp"}}
END
why "a NAT gateway of SKU standard and an echo" ping 'gw does not translate ICMP \(`network\.nat_gateways\.gw\.sku`\)' 'Set `network\.nat_gateways\.gw\.sku: v2`' network.nat_gateways.gw.sku <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nat_gateway: gw}}}}
  nat_gateways: {gw: {address: 203.0.113.5}}
  hosts: {vm: {subnet: hub/a, ip: 10.0.1.4}, api: {internet: true, ip: 203.0.113.10}}
flows: {ping: {from: vm, to: "api/icmp"}}
END
why "the idle time of a NAT gateway" call 'ended at 240.* 4 min without a packet \(`tcp_idle`, profile azure-nat-gateway\)' 'or raise `network\.nat_gateways\.gw\.tcp_idle`\.$' network.nat_gateways.gw.tcp_idle <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nat_gateway: gw}}}}
  nat_gateways: {gw: {address: 203.0.113.5}}
  hosts: {vm: {subnet: hub/a, ip: 10.0.1.4}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: vm, to: "api:443/tcp", rounds: 2, pause: 5m}}
END
why "an internal environment called from outside" call 'the apps of ilb are reached at its internal address 10\.0\.1\.40 \(ilb/internal\) alone' 'flows\.call\.to' network.ases.ilb.internal <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/24}}}}
  ases: {ilb: {subnet: hub/ase, vip: 192.23.1.2, internal: 10.0.1.40, apps: {web: {}}}}
  hosts: {api: {internet: true, ip: 203.0.113.10}}
flows: {call: {from: api, to: "192.23.1.2:443/tcp"}}
END
why "a port of an internal address that is closed" call 'ilb/internal has no load balancing rule for port 8443/tcp' 'network\.ases\.ilb\.apps\.APP\.listen' network.ases.ilb.apps <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/24}, b: {cidr: 10.0.2.0/24}}}}
  ases: {ilb: {subnet: hub/ase, vip: 192.23.1.2, internal: 10.0.1.40, apps: {web: {}}}}
  hosts: {b: {subnet: hub/b, ip: 10.0.2.4}}
flows: {call: {from: b, to: "10.0.1.40:8443/tcp"}}
END
why "a next hop in a network that is not peered" call 'the appliance is in another network, which is not peered\. Route x of route/t \(why\.yaml:4\) leads it there\.$' '^Give `network\.route_tables\.t\.routes\.x` a next hop that leads on' network.route_tables.t.routes.x <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, routes: t}}}, apart: {space: 10.1.0.0/16, subnets: {a: {cidr: 10.1.1.0/24}}}}
  route_tables: {t: {routes: {x: {prefix: 0.0.0.0/0, next_hop: nva}}}}
  hosts: {a: {subnet: hub/a, ip: 10.0.1.10}, nva: {subnet: apart/a, ip: 10.1.1.10, forwards: true}, api: {internet: true, ip: 203.0.113.9, listen: 443/tcp}}
flows: {call: {from: a, to: "api:443/tcp"}}
END
why "a Linux router, for which a call is itself" call 'Nothing listens on port 443/tcp of home/nat; the sender gets a reset' '^Forward port 443/tcp to a machine behind it' network.sites.home.nat.forward <<'END'
scenario: 1
network:
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, profile: linux}}}
  hosts: {pc: {site: home, ip: 192.168.1.10, listen: 443/tcp}, far: {internet: true, ip: 203.0.113.10}}
flows: {call: {from: far, to: "198.51.100.1:443/tcp"}}
END
why "the subnet of an environment" call 'one/worker-0 and 10\.0\.1\.40 are in subnet hub/ase, which is an environment.s own' 'Put vm into another subnet \(`network\.hosts\.vm\.subnet`\)' network.hosts.vm.subnet <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/24}}}}
  ases: {one: {subnet: hub/ase, vip: 192.23.1.2, apps: {web: {}}}}
  hosts: {vm: {subnet: hub/ase, ip: 10.0.1.40, listen: 443/tcp}}
flows: {call: {from: one/web, to: "vm:443/tcp"}}
END

# ---- links and machines ----

line='scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}, b: {cidr: 10.0.2.0/24}}}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.10}, b: {subnet: v/b, ip: 10.0.2.10, listen: [443/tcp, 53/udp]}}'
why "a link that an event cut" call 'The link a--b is down since 1 s, by the event `.*` \(why\.yaml:5\)' 'state: up' timeline <<END
$line
timeline: [{at: 1s, link: a--b, state: down}]
flows: {call: {from: a, to: "b:443/tcp", at: 2s}}
END
why "a link that loses" call 'The link vnet loses 100% of its packets by chance\.' 'Lower `network\.links\.vnet\.loss`' network.links.vnet.loss <<END
$line
  links: {vnet: {loss: 100%}}
flows: {call: {from: a, to: "b:443/tcp"}}
END
why "a queue that is full" call 'The queue of the link vnet is full: it holds 2kB, and the link sends 100kbit/s' 'network\.links\.vnet\.rate' network.links.vnet.queue <<END
$line
  links: {vnet: {rate: 100kbit/s, queue: 2kB}}
flows: {call: {from: a, to: "b:443/tcp", send: 20kB}}
END
why "a worker that was scaled away" push 'one/worker-1 is gone since 1 s, by the event `scale one' 'Keep more than 1 workers of one' timeline <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/24}, a: {cidr: 10.0.2.0/24}}}}
  ases: {one: {subnet: hub/ase, vip: 192.23.1.2, workers: 2, apps: {web: {on: [worker-1]}}}}
  hosts: {vm: {subnet: hub/a, ip: 10.0.2.40, listen: 443/tcp}}
timeline: [{at: 1s, scale: one, workers: 1}]
flows: {call: {from: one/web, to: "vm:443/tcp", then: hold}, push: {late: {on: call, by: vm, at: 2s, send: 10B}}}
END
why "a TTL that the flow chose" call 'TTL reached 0 at .*: it was sent with a TTL of 2' 'Raise `flows\.call\.ttl`' flows.call.ttl <<'END'
scenario: 1
network:
  hosts: {a: {internet: true, ip: 203.0.113.9}, b: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: a, to: "b:443/tcp", ttl: 2}}
END
why "a packet that is too large" call 'The packet has [0-9]+ bytes and must not be fragmented \(DF is set\), and at gateway/office' 'flows\.call\.df: false' flows.call.df <<END
$both
flows: {call: {from: vm, to: "192.168.0.10:53/udp", df: true, send: 1440B}}
END
why "a NAT that keeps the source towards a destination" call '192\.168\.0\.2 is a private address.*office/nat leaves the source of calls to 203\.0\.113\.10 as it is \(`except`\)' 'Let office/nat translate' network.sites.office.nat.except <<'END'
scenario: 1
network:
  sites: {office: {prefixes: 192.168.0.0/24, nat: {address: 203.0.113.1, except: 203.0.113.10/32}}}
  hosts: {pc: {site: office, ip: 192.168.0.2}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: pc, to: "api:443/tcp"}}
END
why "an outbound rule's second frontend" 'call[8]' 'All ports that vm-2 may use at lb/b towards 203\.0\.113\.10:443 are taken: 8 by flow call' 'ports_per_machine' network.load_balancers.lb.outbound <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {app: {cidr: 10.0.1.0/24}}}}
  load_balancers: {lb: {frontends: {a: {address: 203.0.113.1}, b: {address: 203.0.113.2}}, pools: {vms: [vm-1, vm-2]}, outbound: [{name: out, frontends: [a, b], pool: vms, ports_per_machine: 8}]}}
  hosts: {vm-1: {subnet: hub/app}, vm-2: {subnet: hub/app}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: vm-2, to: "api:443/tcp", repeat: {count: 9, every: 10ms}, then: hold}}
END
why "an address that an event took away" call '203\.0\.113\.20 was the address of lb/web; it has 203\.0\.113\.21 since 50 s, by the event `address of lb/web' 'Call 203\.0\.113\.21' timeline <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {app: {cidr: 10.0.1.0/24, nsg: open}}}}
  nsgs: {open: {inbound: [{name: all, priority: 100, action: allow}]}}
  load_balancers: {lb: {frontends: {web: {address: 203.0.113.20}}, pools: {vms: [vm]}, rules: [{name: http, frontend: web, port: 80/tcp, pool: vms}]}}
  hosts: {vm: {subnet: hub/app, listen: 80/tcp}, api: {internet: true, ip: 198.51.100.10}}
timeline: [{at: 50s, address: lb/web, to: 203.0.113.21}]
flows: {call: {from: api, to: "203.0.113.20:80/tcp", at: 60s}}
END
same_words
finish

#!/bin/sh
# Calls that fail and lose no packet have a cause, too: resets by what keeps state, answers from another address, machines that were stopped. And losses whose cause was told in general words.
# Usage: causes_ends.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
. tests/cli/why.sh
needs jq tshark
cd "$scratch" || exit 1

# ---- resets by what keeps state ----

why "a NAT that resets an idle connection" call \
	'^home/nat ended this connection at 240\.13 s and sent a reset to both ends: 4 min without a packet \(`tcp_idle`, profile home\)\.$' \
	'at least every 4 min, as TCP keepalives do \(`flows\.call\.keepalive`\), or raise `network\.sites\.home\.nat\.tcp_idle`\.$' network.sites.home.nat.tcp_idle <<'END'
scenario: 1
network:
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, tcp_idle: 4m, reset_on_idle: true}}}
  hosts: {pc: {site: home, ip: 192.168.1.10}, far: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: pc, to: "far:443/tcp", rounds: 2, pause: 6m}}
END
lb='scenario: 1
network:
  nsgs: {open: {inbound: [{name: all, priority: 100, action: allow}]}}
  vnets: {hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nsg: open}}}}
  hosts: {vm: {subnet: hub/a, ip: 10.0.1.4, listen: 443/tcp}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: api, to: "lb/web:443/tcp", rounds: 2, pause: 5m}}'
why "a balancing rule that resets" call 'lb/web ended this connection at 240\.145 s .*4 min without a packet \(`idle` of rule r, which has `reset: true`\)\.$' \
	'or raise `idle` of rule r in `network\.load_balancers\.lb\.rules`\.$' network.load_balancers.lb.rules <<END
$(echo "$lb" | sed 's/^network:/&\n  load_balancers: {lb: {frontends: {web: {address: 203.0.113.20}}, pools: {p: [vm]}, rules: [{name: r, frontend: web, port: 443\/tcp, pool: p, reset: true}]}}/')
END
why "an inbound NAT rule that forgets" call 'The load balancer of lb/web forgot this inbound connection at 240\.145 s: 4 min without a packet \(`idle` of rule r\)' \
	'or raise `idle` of rule r in `network\.load_balancers\.lb\.inbound_nat`\.$' network.load_balancers.lb.inbound_nat <<END
$(echo "$lb" | sed 's/^network:/&\n  load_balancers: {lb: {frontends: {web: {address: 203.0.113.20}}, pools: {p: [vm]}, inbound_nat: [{name: r, frontend: web, port: 443\/tcp, to: "vm:443"}]}}/')
END
why "a firewall that resets a connection with the Internet" call '^fw ended this connection at 240\.13315 s and sent a reset to both ends: 4 min without a packet' \
	'as TCP keepalives do \(`flows\.call\.keepalive`\)\.$' flows.call.keepalive <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {AzureFirewallSubnet: {cidr: 10.0.9.0/26}, front: {cidr: 10.0.1.0/24, routes: out}}}}
  route_tables: {out: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}
  firewalls: {fw: {subnet: hub/AzureFirewallSubnet, address: 10.0.9.4, public: 203.0.113.30, rules: {network: [{name: all, priority: 100, action: allow, rules: [{name: all}]}]}}}
  hosts: {app: {subnet: hub/front, ip: 10.0.1.4}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: app, to: "api:443/tcp", rounds: 2, pause: 6m}}
END

# ---- connections that were over ----

two='scenario: 1
network:
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1, port_range: 2000-2000, tcp_idle: 4mMORE}}}
  hosts: {pc: {site: home, ip: 192.168.1.10}, far: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}'
why "data on a connection that a NAT has reset" push '^home/nat ended this connection at 240\.13 s' 'flows\.call\.keepalive' flows.call.keepalive <<END
$(echo "$two" | sed 's/MORE/, reset_on_idle: true/')
flows: {call: {from: pc, to: "far:443/tcp", then: hold}, push: {late: {on: call, by: far, at: 6m}}}
END
why "data on a connection whose port went to another" push 'The mapping 198\.51\.100\.1:2000 of home/nat, .*ended at 240\.13 s: 4 min without a packet \(`tcp_idle`, profile home\)\. Its port went to a connection of flow next at 300 s, and this connection was reset' \
	'flows\.call\.keepalive' network.sites.home.nat.tcp_idle <<END
$(echo "$two" | sed 's/MORE//')
flows: {call: {from: pc, to: "far:443/tcp", then: hold}, next: {from: pc, to: "far:443/tcp", at: 5m}, push: {late: {on: call, by: far, at: 6m}}}
END
why "late data at a NAT gateway" push '^The mapping 203\.0\.113\.5:[0-9]+ of gw, for 10\.0\.1\.4:49152 towards 203\.0\.113\.10:443, ended at 240\.13 s: 4 min without a packet \(`tcp_idle`, profile azure-nat-gateway\)' \
	'flows\.call\.keepalive.*network\.nat_gateways\.gw\.tcp_idle' network.nat_gateways.gw.tcp_idle <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nat_gateway: gw}}}}
  nat_gateways: {gw: {address: 203.0.113.5}}
  hosts: {vm: {subnet: hub/a, ip: 10.0.1.4}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: vm, to: "api:443/tcp", then: hold}, push: {late: {on: call, by: api, at: 6m}}}
END
why "a mapping that an event made a NAT forget" call 'ended at 10 s: an event of `timeline` made the NAT forget it' 'after the event of `timeline`, or remove the event' timeline <<'END'
scenario: 1
network:
  sites: {home: {prefixes: 192.168.1.0/24, nat: {address: 198.51.100.1}}}
  hosts: {pc: {site: home, ip: 192.168.1.10}, far: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
timeline: [{at: 10s, nat: home, forget: all}]
flows: {call: {from: pc, to: "far:443/tcp", rounds: 2, pause: 1m}}
END

# ---- machines ----

why "a caller that was scaled away" call 'The worker one/worker-1 is gone since 31 s, by the event `scale one to 1 workers` \(why\.yaml:6\)' 'Keep more than 1 workers of one' timeline <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/24}}}}
  ases: {one: {subnet: v/ase, vip: 192.23.1.2, workers: 2, apps: {web: {}}}}
  hosts: {api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
timeline: [{at: 31s, scale: one, workers: 1}]
flows: {call: {from: one/worker-1, to: "api:443/tcp", rounds: 2, pause: 1m}}
END
why "a server that was started again" call 'At 10 s the event `stop b` \(why\.yaml:5\) ended the connections of b; a machine that runs again answers .* with a reset' 'Open a new connection after the event' timeline <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}}}}
  hosts: {a: {subnet: v/a, ip: 10.0.1.10}, b: {subnet: v/a, ip: 10.0.1.11, listen: 443/tcp}}
timeline: [{at: 10s, stop: b}, {at: 20s, start: b}]
flows: {call: {from: a, to: "b:443/tcp", rounds: 2, pause: 1m}}
END

# ---- answers from another address ----

why "a published port without a hairpin" call 'The answer of web comes straight to job, with the source 172\.17\.0\.2:80, and the call was sent to 203\.0\.113\.7:8080: job takes it for no answer' \
	'Call 172\.17\.0\.2:80 \(`flows\.call\.to`\), or let dock/nat translate the source .*`network\.sites\.dock\.nat\.hairpin: true`' network.sites.dock.nat.hairpin <<'END'
scenario: 1
network:
  sites: {dock: {prefixes: 172.17.0.0/16, nat: {address: 203.0.113.7, profile: docker, hairpin: false, forward: {8080/tcp: "web:80"}}}}
  hosts: {web: {site: dock, ip: 172.17.0.2, listen: 80/tcp}, job: {site: dock, ip: 172.17.0.3}}
flows: {call: {from: job, to: "203.0.113.7:8080/tcp"}}
END
why "a NAT that takes the answer for a call" call 'The answer takes another way than the call, and fw translates it: it gave the answer of 10\.0\.2\.4:443 the source 10\.0\.3\.4:[0-9]+ at' \
	'through fw, or neither .*`network\.hosts\.fw\.nat\.loose: false`' network.hosts.fw.nat.loose <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}, b: {cidr: 10.0.2.0/24, routes: back}, n: {cidr: 10.0.3.0/24}}}}
  route_tables: {back: {routes: {a: {prefix: 10.0.1.0/24, next_hop: fw}}}}
  hosts:
    a: {subnet: v/a, ip: 10.0.1.4}
    b: {subnet: v/b, ip: 10.0.2.4, listen: 443/tcp}
    fw: {subnet: v/n, ip: 10.0.3.4, forwards: true, nat: {profile: linux}}
flows: {call: {from: a, to: "b:443/tcp"}}
END

# ---- losses whose help was general ----

why "forced tunnelling to a site without a way out" call 'Site hq advertises 0\.0\.0\.0/0 \(why\.yaml:4\), so what subnets send to the Internet goes there \(forced tunnelling\)\.$' \
	'^Join the site to the Internet \(`network\.sites\.hq\.nat`\), do not advertise 0\.0\.0\.0/0 \(`network\.sites\.hq\.gateway\.advertises`\), or give .*`next_hop: internet`' network.sites.hq.gateway.advertises <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}}}}
  sites: {hq: {prefixes: 192.168.0.0/16, gateway: {vnet: v, kind: express-route, advertises: [192.168.0.0/16, 0.0.0.0/0]}}}
  hosts: {vm: {subnet: v/a, ip: 10.0.1.4}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: vm, to: "api:443/tcp"}}
END
why "an internal environment called by its private address from outside" call '10\.0\.1\.40 is a private address' '^one/internal has no public address: call from a network or site that is joined' flows.call.from <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {ase: {cidr: 10.0.1.0/24}}}}
  ases: {one: {generation: v3, subnet: v/ase, internal: 10.0.1.40, outbound: 192.23.1.3, apps: {web: {}}}}
  hosts: {c: {internet: true, ip: 203.0.113.10}}
flows: {call: {from: c, to: "10.0.1.40:443/tcp"}}
END
why "a call to a NAT gateway from outside" call 'no machine inside has sent to that end point' '^It takes no calls from outside\. Give the machine that is called a public address' network.load_balancers <<'END'
scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, nat_gateway: gw}}}}
  nat_gateways: {gw: {address: 203.0.113.5}}
  hosts: {vm: {subnet: hub/a, ip: 10.0.1.4, listen: 443/tcp}, api: {internet: true, ip: 203.0.113.10}}
flows: {call: {from: api, to: "203.0.113.5:443/tcp"}}
END
why "a segment that a VPN has no room for" call 'has 1500 bytes .*at gateway/hq a VPN' 'network\.sites\.hq\.gateway\.clamp_mss: true.*flows\.call\.send' network.sites.hq.gateway.clamp_mss <<'END'
scenario: 1
network:
  vnets: {v: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24}}}}
  sites: {hq: {prefixes: 192.168.0.0/16, gateway: {vnet: v, kind: vpn}}}
  hosts: {vm: {subnet: v/a, ip: 10.0.1.4}, desk: {site: hq, ip: 192.168.5.5, listen: 22/tcp}}
flows: {call: {from: vm, to: "desk:22/tcp", send: 20kB}}
END
same_words
finish

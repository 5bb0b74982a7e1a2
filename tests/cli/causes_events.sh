#!/bin/sh
# Causes that an event of the timeline brought: the event is named, and what is advised changes what holds when the packet is lost, not what the file begins with.
# Usage: causes_events.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
. tests/cli/why.sh
needs jq
cd "$scratch" || exit 1

pair='scenario: 1
network:
  nsgs: {g: {inbound: [{name: web, priority: 300, action: allow}]}}
  route_tables: {t: {routes: {}}}
  vnets:
    hub: {space: 10.0.0.0/16, subnets: {a: {cidr: 10.0.1.0/24, routes: t}, b: {cidr: 10.0.2.0/24, nsg: g}}, peers: {spoke: {}}}
    spoke: {space: 10.1.0.0/16, subnets: {a: {cidr: 10.1.1.0/24}}, peers: {hub: {}}}
  hosts: {a: {subnet: hub/a, ip: 10.0.1.10}, b: {subnet: hub/b, ip: 10.0.2.10, listen: 443/tcp}, c: {subnet: spoke/a, ip: 10.1.1.10, listen: 443/tcp}}'
why "a rule that an event adds, by its priority" call 'Rule shut of nsg/g denies it inbound at b.* Until 1 s rule web allowed it; the event `nsg g: add shut` \(why\.yaml:9\) changed that\.$' 'in `network\.nsgs\.g\.inbound` with a priority below 200\. Or give rule web a priority below 200\. Or remove that event' timeline <<END
$pair
timeline: [{at: 1s, nsg: g, direction: inbound, add: {name: shut, priority: 200, action: deny}}]
flows: {call: {from: a, to: "b:443/tcp", at: 2s}}
END
why "a rule that an event changes, by its priority then" call 'Rule web of nsg/g denies it inbound at b' 'with a priority below 210\. Or remove that event' network.nsgs.g.inbound <<END
$pair
timeline: [{at: 1s, nsg: g, rule: web, set: {action: deny, priority: 210}}, {at: 100s, nsg: g, rule: web, set: {priority: 220}}]
flows: {call: {from: a, to: "b:443/tcp", at: 2s}}
END
why "a switch of a peering that an event turns" call \
	'^The side of hub in its peering with spoke has `access: false` since 1 s, by the event `.*` \(why\.yaml:9\): its machines may not send to spoke\.$' \
	'^Set `access: true` again .*`timeline`' timeline <<END
$pair
timeline: [{at: 1s, peer: hub, with: spoke, set: {access: false}}]
flows: {call: {from: a, to: "c:443/tcp", at: 2s}}
END
call explain why.yaml call
check "and the drop cites the line of the event" sh -c 'grep -A 1 "DROPPED: not-peered by rule access of peering/hub/spoke" "$1" | grep -q " why.yaml:9$"' _ out
why "a route that an event adds" call 'its next hop `none` drops the packet; the table has it since 1 s, by the event `.*` \(why\.yaml:9\)\.$' \
	'^Give that route of `timeline` another next hop, .*`network\.route_tables\.t\.routes`' timeline <<END
$pair
timeline: [{at: 1s, route: t, add: {name: away, prefix: 10.0.2.0/24, next_hop: none}}]
flows: {call: {from: a, to: "b:443/tcp", at: 2s}}
END
why "a route that was there, and came back" call 'the table has it since 2 s, by the event' 'timeline' timeline <<END
$(echo "$pair" | sed 's/t: {routes: {}}/t: {routes: {away: {prefix: 10.0.2.0\/24, next_hop: none}}}/')
timeline: [{at: 1s, route: t, remove: away}, {at: 2s, route: t, add: {name: away, prefix: 10.0.2.0/24, next_hop: none}}]
flows: {call: {from: a, to: "b:443/tcp", at: 3s}}
END

# ---- lines of several files ----

cat >more.yaml <<'END'
network:
  sites:
    near: {prefixes: 172.16.0.0/16, gateway: {vnet: prod, kind: express-route, advertises: [172.16.0.0/16]}}
    far: {prefixes: 172.17.0.0/16, gateway: {vnet: prod, kind: express-route, advertises: [172.17.0.0/16]}}
END
why "a gateway's route, and another file that has a gateway in the same line" visit 'Route 0\.0\.0\.0/0 of route/gateway \(why\.yaml:4\)' \
	'do not advertise 0\.0\.0\.0/0 \(`network\.sites\.hq\.gateway\.advertises`\), or set' network.sites.hq.gateway.advertises <<'END'
scenario: 1
include: more.yaml
network:
  sites: {hq: {prefixes: 192.168.0.0/16, gateway: {vnet: prod, kind: express-route, advertises: [192.168.0.0/16, 0.0.0.0/0]}, nat: {address: 198.51.100.1}}}
  vnets: {prod: {space: 10.20.0.0/16, subnets: {ase: {cidr: 10.20.1.0/24}}}}
  ases: {ase: {subnet: prod/ase, vip: 20.50.60.70, apps: {shop: {}}}}
  hosts: {visitor: {internet: true, ip: 192.0.2.9}, desk: {site: hq, ip: 192.168.5.5}}
flows: {visit: {from: visitor, to: "ase/shop:443/tcp"}}
END
same_words
fw='scenario: 1
network:
  vnets: {hub: {space: 10.0.0.0/16, subnets: {AzureFirewallSubnet: {cidr: 10.0.9.0/26}, front: {cidr: 10.0.1.0/24, routes: out}}}}
  route_tables: {out: {routes: {ROUTES}}}
  firewalls: {fw: {subnet: hub/AzureFirewallSubnet, address: 10.0.9.4, public: 203.0.113.30, rules: {network: [{name: all, priority: 100, action: allow, rules: [{name: web, proto: tcp, dst_ports: 443}, {name: http, proto: tcp, dst_ports: 80}]}]}}}
  hosts: {app: {subnet: hub/front, ip: 10.0.1.4}, api: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}
flows: {call: {from: app, to: "api:443/tcp", rounds: 2, pause: 1m}}'
why "a rule of a firewall that an event removes" call 'Rule all/http .* nearly allows it.* Until 10 s rule all/web allowed it; the event `firewall fw: remove all/web` \(why\.yaml:8\) changed that\.$' \
	'Or remove that event from `timeline`\.$' timeline <<END
$(echo "$fw" | sed 's/ROUTES/all: {prefix: 0.0.0.0\/0, next_hop: fw}/')
timeline: [{at: 10s, firewall: fw, rule: all/web, remove: true}]
END
why "a route of an event that leads a connection to a firewall" call 'did not pass there\. A route leads to fw since 10 s, by the event `route out: add all` \(why\.yaml:8\)\.$' \
	'^Open a new connection after the event of `timeline`' timeline <<END
$(echo "$fw" | sed 's/{ROUTES}/{}/')
timeline: [{at: 10s, route: out, add: {name: all, prefix: 0.0.0.0/0, next_hop: fw}}]
END
finish

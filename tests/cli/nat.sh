#!/bin/sh
# pktpath nat: the tables of NATs at an instant.
# Usage: nat.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
root=$PWD
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cd "$scratch" || exit 1

cat >nats.yaml <<'END'
scenario: 1
network:
  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}}}}
  ases: {one: {subnet: contoso/ase, vip: 192.23.1.2, snat: {address: [192.23.1.3, 192.23.1.4]}, apps: {web: {}}}}
  sites: {home: {prefixes: [192.168.1.0/24], nat: {address: 203.0.113.1}}}
  hosts:
    laptop: {site: home, ip: 192.168.1.10}
    out: {internet: true, ip: 203.0.113.10, listen: [514/udp, 443/tcp]}
flows:
  call: {from: one/web, to: "out:443/tcp", repeat: {count: 2, every: 1s}, then: hold}
  log: {from: laptop, to: "out:514/udp", reply: 0B}
  ping: {from: laptop, to: out/icmp, at: 1s}
  later: {from: laptop, to: "out:514/udp", at: 400s}
END

call nat nats.yaml --at 10s
said "at an instant" 0 out '^at 10 s: 4 mappings$'
call nat nats.yaml --at 10s
said "the rule and the keys of the NAT" 0 out '^one/vip  rule snat  .*nats.yaml:4$'
call nat nats.yaml --at 10s
said "what the columns are" 0 out 'destination .* created  last used .* ends .* left  made by$'
call nat nats.yaml --at 10s
said "an instance's address of the pool" 0 out '^  tcp   10.0.1.7:49152 .* 192.23.1.4:1024 .* open +1\.000000 '
call nat nats.yaml --at 10s
said "what was not answered" 0 out '^  udp   192.168.1.10:49152 .* one-way +0\.000000 +0\.000000 +300\.000000 +290 s  log$'
call nat nats.yaml --at 10s
said "an identifier" 0 out '^  icmp  192.168.1.10 id .* query +1\.000000 +1\.030000 +61\.030000 +51 s  ping$'
call nat nats.yaml --at 0s --set flows.call.at=1s
said "before anything" 0 out '^at 0 s: 1 mapping$'
call nat nats.yaml --set flows.log.reply=1B
said "the last packet is the instant where none is named" 0 out '^at 400.03 s: 1 mapping$'
call nat nats.yaml --at 390s
said "mappings that ended are not there" 0 out '^at 390 s: 0 mappings$'
call nat nats.yaml --at 10s --json
check "JSON has who, from when and until when" jq -e '.at_ns == 10000000000 and (.mappings | length) == 4 and
	([.mappings[] | select(.nat == "one/vip") | .owner] == ["one/worker-0", "one/worker-1"]) and
	([.mappings[] | .rule] == ["nat", "nat", "snat", "snat"]) and
	([.mappings[] | select(.protocol == "icmp") | .ends_ns - .last_used_ns] == [60000000000])' out
check "JSON has the flow and the app that made it, and its timer" jq -e '
	([.mappings[] | select(.nat == "one/vip") | [.app, .flow, .timer]] == [["one/web", "call[0]", "tcp_idle"], ["one/web", "call[1]", "tcp_idle"]]) and
	([.mappings[] | select(.nat == "home/nat") | [.app, .flow, .timer]] == [[null, "log", "udp_idle"], [null, "ping", "icmp_idle"]])' out
check "nat.csv has them behind its older columns" sh -c '"$1" run nats.yaml -o csv -q &&
	grep -q "^one/vip,10\.0\.1\.6:49152,.*,call\[0\],one/web,tcp_idle$" csv/nat.csv && grep -q "^home/nat,.*,log,,udp_idle$" csv/nat.csv' _ "$pktpath"
call nat nats.yaml --at 1500500us
said "an instant between two seconds" 0 out '^at 1.5005 s: '
call nat nats.yaml --at 100d --set stop=10s
said "behind the end of a run that is stopped" 0 out '^at 10 s, where the run stops: 4 mappings$'
call nat nats.yaml --at 100d --set stop=10s
said "nothing ends before it" 0 out '^  udp   192.168.1.10:49152 .* one-way .* 290 s  log$'
call nat nats.yaml --at 100d --set stop=10s --json
check "in JSON, too" jq -e '.at_ns == 10000000000' out
call nat nats.yaml --at 100d
said "behind the end of a run that ends by itself" 0 out '^at 100 d: 0 mappings$'
cat >rest.yaml <<'END'
scenario: 1
network:
  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.1.0/24, nat_gateway: gw}}}}
  nat_gateways: {gw: {address: 203.0.113.5}}
  hosts:
    vm: {subnet: v/s}
    x: {internet: true, ip: 198.51.100.10, listen: [443/tcp, 53/udp]}
flows:
  closed: {from: vm, to: "x:443/tcp"}
  reset: {from: vm, to: "x:443/tcp", at: 1s, then: reset}
  open: {from: vm, to: "x:443/tcp", at: 2s, then: hold}
  dns: {from: vm, to: "x:53/udp", at: 3s}
END
call nat rest.yaml --at 10s
said "ports that rest are no mappings" 0 out '^at 10 s: 2 mappings, 2 ports that rest$'
call nat rest.yaml --at 10s
said "and stand among them, with the time until which they do" 0 out '^  tcp   10.0.1.4:49152 .* resting .* 0.000000 +0.120000 +65.120000 +55 s  closed$'
call nat rest.yaml --at 60s
said "after a reset for less" 0 out '^at 60 s: 2 mappings, 1 port that rests$'
call nat rest.yaml --at 244s --json
check "of a UDP mapping once it has ended; JSON has the key" jq -e '.mappings == [.mappings[] | select(.state == "resting" and .timer == "port_hold.udp"
	and .created_ns == null and .last_used_ns == 243000000000 and .ends_ns == 308000000000 and .flow == "dns")] and (.mappings | length) == 1' out
call nat rest.yaml --at 310s
said "then they are free" 0 out '^at 310 s: 0 mappings$'
# ---- what a NAT that reads FTP lets in ----
ftp=$root/tests/azure/ftp-alg.yaml
call nat "$ftp" --at 1180ms
said "a data connection that is expected is no mapping" 0 out '^at 1.18 s: 2 mappings, 1 data connection expected$'
said "the end that awaits it, the port outside, and the other end" 0 out '^  tcp   192.168.2.2:40000  203.0.113.2:40000  198.51.100.10  expected  1.165000 +1.165000 +- +-  with$'
call nat "$ftp" --at 1200ms
said "it comes once" 0 out '^at 1.2 s: 3 mappings$'
call nat "$ftp" --at 1180ms --json
check "as JSON" jq -e '[.mappings[] | select(.state == "expected" and .rule == "alg/ftp" and .ends_ns == null and .destination_port == 0)] | length == 1' out
call explain "$ftp" with
said "explain shows the line that names it" 0 out '^packet 12: PSH, ACK with 49 bytes, names where data connections go$'
said "and what the NAT made of it" 0 out '227 names 203.0.113.2:40000 in place of 192.168.2.2:40000'
call explain "$ftp" with --json
check "as JSON, too" jq -e '[.. | objects | select(.role? == "renamed")] | length == 4' out
call nat nats.yaml --at 10
said "a time without a unit" 2 err 'takes a time with its unit'
call nat
said "no scenario" 2 err 'which scenario'
call nat nats.yaml --when 3s
said "an option that is none" 2 err 'unknown option|unrecognized|no option'
finish

#!/bin/sh
# pktpath dut with the kernel's NAT as the device: in one namespace the device, in another the program between its two sides.
# Needs root and network namespaces; says so where it has none.
# Usage: dut.sh SOURCE_ROOT PKTPATH
pktpath=$(realpath "$2")
cd "$1" || exit 1
source=$PWD
. tests/shell.sh
. tests/cli/cases.sh
PATH=$PATH:/usr/sbin:/sbin
needs ip nft jq
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped - a device under test needs root"
	exit 77
fi
device=pktpath-$$-device
wires=pktpath-$$-wires
down() {
	ip netns del "$device" 2>/dev/null
	ip netns del "$wires" 2>/dev/null
	rm -rf "$scratch"
}
trap down EXIT
trap 'exit 1' INT TERM HUP
if ! ip netns add "$device" 2>/dev/null || ! ip netns add "$wires"; then
	echo "skipped - network namespaces cannot be made here"
	exit 77
fi
if ! ip netns exec "$device" true 2>/dev/null; then
	echo "skipped - network namespaces cannot be entered here (a chroot, for example)"
	exit 77
fi
in_device() {
	ip netns exec "$device" "$@"
}
for ns in "$device" "$wires"; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
ip link add in0 netns "$wires" type veth peer name in1 netns "$device"
ip link add out0 netns "$wires" type veth peer name out1 netns "$device"
for link in in0 out0; do ip -n "$wires" link set "$link" up; done
for link in lo in1 out1; do ip -n "$device" link set "$link" up; done
ip -n "$device" addr add 192.168.1.1/24 dev in1
ip -n "$device" addr add 198.51.100.1/24 dev out1
ip -n "$device" route add default via 198.51.100.254
in_device sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.in1.rp_filter=0 net.ipv4.conf.out1.rp_filter=0

# rules SNAT: the device's NAT.
rules() {
	in_device nft -f - <<-END
		table ip nat
		delete table ip nat
		table ip nat {
			chain post { type nat hook postrouting priority srcnat; oifname "out1" $1; }
		}
		table ip filter
		delete table ip filter
		table ip filter {
			chain forward { type filter hook forward priority filter; ct state invalid drop; iifname "out1" ct state new drop; $2 }
			chain input { type filter hook input priority filter; ip protocol != icmp drop; }
		}
	END
	in_device sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
}

cd "$scratch" || exit 1
cat >site.yaml <<'END'
scenario: 1
network:
  sites: {home: {prefixes: [192.168.1.0/24], nat: {profile: linux, unknown: drop, address: 198.51.100.1}}}
  hosts:
    laptop: {site: home, ip: 192.168.1.10}
    phone: {site: home, ip: 192.168.1.11}
    web: {internet: true, ip: 203.0.113.10, listen: [443/tcp, 80/tcp]}
    log: {internet: true, ip: 203.0.113.11, listen: [514/udp]}
flows:
  page: {from: laptop, to: "web:443/tcp"}
  plain: {from: phone, to: "web:80/tcp", at: 1s, rounds: 3}
  message: {from: laptop, to: "log:514/udp", at: 2s}
  ping: {from: phone, to: web/icmp, at: 3s}
  closed: {from: laptop, to: "log:9/udp", at: 4s}
  refused: {from: laptop, to: "web:22/tcp", at: 5s}
  stranger: {from: web, to: "198.51.100.1:22/tcp", at: 6s}
expect:
  - {flow: [page, plain], outcome: delivered, seen_at: web, src: 198.51.100.1}
  - {flow: message, outcome: delivered, seen_at: log, src: 198.51.100.1}
  - {flow: ping, outcome: delivered}
  - {flow: [closed, refused], outcome: refused}
  - {flow: stranger, outcome: timed_out}
END
dut() {
	ip netns exec "$wires" "$pktpath" dut "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
}
# The kernel remembers what an inside end was given before: each set of rules is asked by other hosts.
n_hosts=10
others() {
	n_hosts=$((n_hosts + 2))
	dut site.yaml --inside in0 --outside out0 --set "network.hosts.laptop.ip=192.168.1.$n_hosts" --set "network.hosts.phone.ip=192.168.1.$((n_hosts + 1))" "$@"
}

rules masquerade ''
dut site.yaml --inside in0 --outside out0 -o real
said "the kernel does what the model predicts" 0 out '^5 passed, 0 failed, 0 differences      real/$'
said "expectations are judged as in a run" 0 out '^  pass  ping'
check "captures are those of a run" test -s real/page.pcapng
"$pktpath" run site.yaml -q -o model
check "and hold the same packets" "$pktpath" diff model real
dut site.yaml --inside in0 --outside out0 -q
said "quiet" 0 out ''

rules 'snat to 198.51.100.9' ''
ip -n "$device" addr add 198.51.100.9/24 dev out1
others --outside-address 198.51.100.1
said "another address is found" 1 out '^  DIFFERS  page\[0\] packet 1 \(SYN\), outbound: source 198.51.100.9:49152, predicted 198.51.100.1:49152; and [0-9]+ more$'
said "with the keys of the model" 1 out '^           model: home, site.yaml:3$'
said "and expectations fail" 1 out '^  FAIL  page, plain'
rules 'ip protocol tcp snat to 198.51.100.1:30000-40000; oifname "out1" masquerade' ''
others
said "other ports are found" 1 out 'source port 3[0-9]+, predicted 49152'
others --json
check "as JSON, with the report" jq -e '.report.scenario.name == "site" and ([.differences[] | select(.field == "source port" and .predicted == "49152" and
	.nat == "home" and .line == 3)] | length) > 0' "$scratch/out"
others --ignore ports
said "and tolerated where they may be" 0 out '0 differences'
rules masquerade 'udp dport 514 drop;'
others --wait 50
said "a packet that the device drops" 1 out '^  DIFFERS  message\[0\] packet 1 .*, outbound: passage nothing came out, predicted passed'
rules 'ip saddr 10.0.0.0/8 masquerade' ''
others --wait 50
said "a device that does not translate" 1 out 'source 192\.168\.1\.[0-9]+:49152, predicted 198.51.100.1:49152'

rules masquerade ''
cat >idle.yaml <<'END'
scenario: 1
network:
  sites: {home: {prefixes: [192.168.1.0/24], nat: {profile: linux, unknown: drop, address: 198.51.100.1, udp_idle: 1s}}}
  hosts: {laptop: {site: home, ip: 192.168.1.10}, log: {internet: true, ip: 203.0.113.11, listen: [514/udp]}}
flows:
  early: {from: laptop, to: "log:514/udp"}
  late: {from: laptop, to: "log:514/udp", rounds: 2, pause: 2s, at: 100ms}
expect: [{flow: [early, late], outcome: delivered}]
END
in_device sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1 net.netfilter.nf_conntrack_udp_timeout_stream=1
dut idle.yaml --inside in0 --outside out0 --pace
said "paced, its timers have their time" 0 out '0 differences'

# docs/nat.md, plain Linux: the scenarios of its rows, with the kernel as the device and its own settings.
# What earlier ones have left in the kernel's table is in another zone of it.
zone=0
plain() {
	zone=$((zone + 1))
	in_device nft -f - <<-END
		table ip nat
		delete table ip nat
		table ip nat {
			chain post { type nat hook postrouting priority srcnat; oifname "out1" snat to 198.51.100.1; }
		}
		table ip filter
		delete table ip filter
		table ip filter {
			chain zones { type filter hook prerouting priority raw; ct zone set $zone; }
			chain forward { type filter hook forward priority filter; $1 }
			chain input { type filter hook input priority filter; $1 }
		}
	END
	in_device sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1 net.netfilter.nf_conntrack_udp_timeout=30 net.netfilter.nf_conntrack_udp_timeout_stream=120 \
		net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0
}
beside_kernel() {
	dut "$source/$1" --inside in0 --outside out0
	said "plain Linux, $1" 0 out ', 0 failed, 0 differences'
}
for scenario in tests/kernel/invalid-untranslated.yaml tests/kernel/icmp.yaml scenarios/nat/crafted-packets.yaml; do
	plain ''
	beside_kernel "$scenario"
done
plain 'ct state invalid drop;'
dut "$source/tests/kernel/invalid-dropped.yaml" --inside in0 --outside out0 --wait 50
said "plain Linux that drops what is invalid" 0 out ', 0 failed, 0 differences'

dut site.yaml --inside nothing0 --outside out0
said "no such interface" 2 err 'nothing0: .*'
dut site.yaml --inside in0 --outside out0 --inside-address 192.168.1.77
said "nobody answers" 3 err 'on in0 no machine answers for 192.168.1.77'
ip -n "$wires" link set in0 down
dut site.yaml --inside in0 --outside out0
said "an interface that is down" 3 err 'in0'
ip -n "$wires" link set in0 up
dut site.yaml --inside in0
said "one side alone" 2 err 'takes --inside and --outside'
dut site.yaml --inside in0 --outside out0 --nat office
said "no such NAT" 2 err 'takes one of: home'
dut site.yaml --inside in0 --outside out0 --inside-address 1.2.3
said "no address" 2 err 'is no address'
if command -v runuser >/dev/null; then
	chmod 755 "$scratch"
	ip netns exec "$wires" runuser -u nobody -- "$pktpath" dut "$scratch/site.yaml" --inside in0 --outside out0 >"$scratch/out" 2>"$scratch/err"
	status=$?
	if runuser -u nobody -- test -x "$pktpath"; then
		said "no privilege" 3 err 'CAP_NET_RAW'
	else
		skip "no privilege: nobody cannot reach $pktpath"
	fi
fi
finish

#!/bin/sh
# The three namespaces of the conformance test: inside, nat, outside, joined by two pairs of veth. The NAT between them is the kernel's.
# Usage: netns.sh run NAME COMMAND... | rules NAME FILE | set NAME KEY=VALUE...
# `run` makes them, runs the command, and takes them away whatever happens to it. Status 77 where they cannot be made here.
set -u
PATH=$PATH:/usr/sbin:/sbin
command=$1
name=$2
shift 2

in_nat() {
	ip netns exec "$name-nat" "$@"
}

up() (
	set -e
	for which in in nat out; do
		ip netns add "$name-$which"
		ip netns exec "$name-$which" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
	ip link add in0 netns "$name-in" address 02:00:00:00:01:00 type veth peer name in1 netns "$name-nat" address 02:00:00:00:01:01
	ip link add out0 netns "$name-out" address 02:00:00:00:02:00 type veth peer name out1 netns "$name-nat" address 02:00:00:00:02:01
	ip -n "$name-in" link set in0 up
	ip -n "$name-out" link set out0 up
	ip -n "$name-nat" link set lo up
	ip -n "$name-nat" link set in1 up
	ip -n "$name-nat" link set out1 up
	ip -n "$name-nat" addr add 192.168.1.1/24 dev in1
	ip -n "$name-nat" addr add 198.51.100.1/24 dev out1
	for host in 250 254; do
		ip -n "$name-nat" neigh replace "192.168.1.$host" lladdr 02:00:00:00:01:00 nud permanent dev in1
	done
	ip -n "$name-nat" addr add 172.16.0.1/32 dev in1
	ip -n "$name-nat" route add 172.16.0.0/12 via 192.168.1.254 src 172.16.0.1
	ip -n "$name-nat" addr add 10.0.1.1/26 dev in1
	for host in 4 5; do
		ip -n "$name-nat" neigh replace "10.0.1.$host" lladdr 02:00:00:00:01:00 nud permanent dev in1
	done
	ip -n "$name-nat" neigh replace 198.51.100.254 lladdr 02:00:00:00:02:00 nud permanent dev out1
	ip -n "$name-nat" route add default via 198.51.100.254
	# A router of today's defaults, but: no limit to errors. What is filtered is the bed's (kernel.c).
	in_nat sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.in1.rp_filter=0 net.ipv4.conf.out1.rp_filter=0 \
		net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.in1.send_redirects=0 net.ipv4.conf.default.send_redirects=0 \
		net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0
	in_nat nft add table ip filter # conntrack's settings are there once it is used
	in_nat nft -f - <<-END
		add chain ip filter forward { type filter hook forward priority filter; policy accept; }
		add chain ip filter input { type filter hook input priority filter; policy accept; }
		add chain ip filter raw { type filter hook prerouting priority raw; policy accept; }
		add chain ip filter rawout { type filter hook output priority raw; policy accept; }
		add rule ip filter raw ip protocol 253 notrack
	END
	in_nat sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=0
)

why_not() {
	if [ "$(id -u)" -ne 0 ]; then
		echo "it needs root"
	elif ! command -v ip >/dev/null || ! command -v nft >/dev/null; then
		echo "there is no ip(8) or nft(8) here"
	elif ! ip netns add "$name-in" 2>/dev/null; then
		echo "network namespaces cannot be made here"
	else
		# In a chroot they can be made and not be entered: ip mounts /sys again in each, and "/" is no mount point there.
		ip netns exec "$name-in" true 2>/dev/null || echo "network namespaces cannot be entered here (a chroot, for example)"
		ip netns del "$name-in"
	fi
}

down() {
	for which in in nat out; do
		ip netns del "$name-$which" 2>/dev/null || true
	done
}

case $command in
run)
	why=$(why_not)
	if [ -n "$why" ]; then
		echo "skipped - no comparison with the kernel: $why"
		exit 77
	fi
	trap down EXIT
	trap 'exit 1' INT TERM HUP
	up || exit 1
	"$@"
	;;
rules)
	in_nat nft -f "$1"
	;;
set)
	in_nat sysctl -qw "$@"
	;;
esac

#!/bin/sh
# pktpath classify: the three profiles come out as docs/language.md documents them.
# Usage: classify.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cd "$scratch" || exit 1

cat >nats.yaml <<'END'
scenario: 1
network:
  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}, dmz: {cidr: 10.0.2.0/28}}}}
  ases: {one: {subnet: contoso/ase, vip: 192.23.1.2}}
  sites: {house: {prefixes: [192.168.1.0/24], nat: {address: 203.0.113.1}}}
  hosts: {firewall: {subnet: contoso/dmz, forwards: true, nat: {}}}
END

# is NAT FILTER: what the probes say of it, as JSON.
is() {
	call classify nats.yaml "$1" --json
	check "$1: $2" jq -e "$2" out
}
is one '.kind_under_contention == "symmetric NAT" and .udp_mapping_under_contention == "address-dependent" and .tcp_mapping_under_contention == "address-and-port-dependent"'
is one '.udp_filtering == "address-and-port-dependent" and .ports == "sequential" and .overloading and .hairpinning and (.icmp | not)'
is one '.timers_s == {udp: 240, udp_both_ways: 240, tcp_opening: 240, tcp: 240, tcp_transitory: 240, tcp_reset: 15, icmp: 0}'
is firewall '.kind == "port restricted cone NAT" and .udp_mapping == "endpoint-independent"'
is firewall '.kind_under_contention == "symmetric NAT" and .udp_mapping_under_contention == "address-and-port-dependent" and .ports == "preserved" and .overloading and .icmp'
# Linux: packets both ways within two seconds make no stream yet; after FIN from both sides the last acknowledgment is due.
is firewall '.timers_s | .udp == 30 and .udp_both_ways == 30 and .tcp == 432000 and .tcp_transitory == 30 and .tcp_reset == 10 and .icmp == 30'
is house '.kind == "port restricted cone NAT" and .udp_mapping == "endpoint-independent" and .ports == "preserved" and (.overloading | not)'
is house '.timers_s | .udp == 300 and .udp_both_ways == 300 and .tcp == 7440 and .tcp_transitory == 240 and .tcp_reset == 240 and .icmp == 60'

call classify nats.yaml house --set network.sites.house.nat.filtering=endpoint-independent
said "another filter is another kind" 0 out '^house: full cone NAT$'
call classify nats.yaml house --set network.sites.house.nat.udp_idle=47s
said "a timer is measured" 0 out '^  UDP          47 s '
call classify nats.yaml house --set network.sites.house.nat.udp_idle=1500ms
said "to parts of a second" 0 out '^  UDP          1.5 s '
call classify nats.yaml house --set network.sites.house.nat.udp_idle=1ms --json
check "in JSON, too" jq -e '.timers_s.udp == 0.001 and .timers_s.tcp == 7440' out
call classify nats.yaml house/nat
said "by the name that tables and trails have" 0 out '^house/nat: port restricted cone NAT$'
call classify nats.yaml one/vip
said "an environment's, too" 0 out '^one/vip: port restricted cone NAT; symmetric NAT under contention$'
call classify nats.yaml hause
said "no such NAT" 2 err 'there is .house.'
call classify nats.yaml
said "which NAT?" 2 err 'takes a scenario and the name'
finish

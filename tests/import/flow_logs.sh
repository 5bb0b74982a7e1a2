#!/bin/sh
# `run --flow-logs` writes flow logs of groups (version 2) and of networks (version 4); read back they have the flows of the run.
# Usage: flow_logs.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
. tests/shell.sh
pktpath=$2
needs jq
cd "$scratch" || exit 1

cat >talk.yaml <<'SCENARIO'
scenario: 1
network:
  vnets:
    v:
      space: [10.0.0.0/16]
      subnets: {a: {cidr: 10.0.0.0/24, nsg: g}, b: {cidr: 10.0.1.0/24, nsg: g2}, c: {cidr: 10.0.2.0/24}}
  nsgs:
    g: {outbound: [{name: no-smtp, priority: 100, action: deny, dst: internet, dst_ports: 25}]}
    card: {inbound: [{name: both, priority: 100, action: allow}]}
    g2:
      inbound:
        - {name: web, priority: 100, action: allow, proto: tcp, dst_ports: 80}
        - {name: rest, priority: 200, action: deny}
  hosts:
    h: {subnet: v/a}
    j: {subnet: v/b, nsg: card, listen: [80/tcp, 81/tcp]}
    k: {subnet: v/c, listen: [53/udp]}
    i: {internet: true, ip: 203.0.113.1, listen: [25/tcp, 80/tcp]}
flows:
  out: {from: h, to: "i:80/tcp", send: 1000B, reply: 8000B}
  mail: {from: h, to: "i:25/tcp", at: 1s}
  web: {from: h, to: "j:80/tcp", at: 2s, send: 100B, reply: 30kB}
  other: {from: h, to: "j:81/tcp", at: 3s}
  name: {from: h, to: "k:53/udp", at: 4s, send: 40B, reply: 100B}
  long: {from: h, to: "i:80/tcp", at: 5s, rounds: 4, send: 10B, reply: 20B, pause: 3m}
  open: {from: h, to: "i:80/tcp", at: 6s, send: 10B, reply: 20B, then: hold}
SCENARIO
"$pktpath" run -q -o out --flow-logs talk.yaml >run.out 2>run.err
check "the run writes both logs" test -s out/flow-log-nsg.json -a -s out/flow-log-vnet.json
check "the report lists them" jq -e '[.files[] | select(startswith("flow-log-"))] == ["flow-log-nsg.json", "flow-log-vnet.json"]' out/report.json

# In the shape of Azure's.
check "groups: version 2" jq -e 'all(.records[]; .category == "NetworkSecurityGroupFlowEvent" and .properties.Version == 2 and
	(.resourceId | test("/NETWORKSECURITYGROUPS/(g|g2|card)$")))' out/flow-log-nsg.json
check "groups: thirteen fields, T or U, I or O, A or D, B, C or E" jq -e '[.records[].properties.flows[].flows[].flowTuples[]] | length > 10 and
	all(.[]; split(",") | length == 13 and (.[0] | test("^[0-9]{10}$")) and (.[5] | test("^[TU]$")) and (.[6] | test("^[IO]$")) and
	(.[7] | test("^[AD]$")) and (.[8] | test("^[BCE]$")))' out/flow-log-nsg.json
check "networks: version 4" jq -e 'all(.records[]; .category == "FlowLogFlowEvent" and .flowLogVersion == 4 and
	(.targetResourceID | endswith("/virtualNetworks/v")))' out/flow-log-vnet.json
check "networks: thirteen fields, in milliseconds" jq -e '[.records[].flowRecords.flows[].flowGroups[].flowTuples[]] | length > 10 and
	all(.[]; split(",") | length == 13 and (.[0] | test("^[0-9]{13}$")) and (.[7] | test("^[BCED]$")) and .[8] == "NX")' out/flow-log-vnet.json
check "the rule that denies" jq -e '[.records[].properties.flows[] | select(.rule == "UserRule_no-smtp") | .flows[].flowTuples[]] |
	length == 1 and (.[0] | endswith(",25,T,O,D,B,,,,"))' out/flow-log-nsg.json
check "a default rule" jq -e 'any(.records[].properties.flows[]; .rule == "DefaultRule_AllowInternetOutBound")' out/flow-log-nsg.json
check "a card with two groups is in the logs of both" jq -e '[.records[] | select(any(.properties.flows[]; .rule == "UserRule_both" or .rule == "UserRule_web")) |
	.resourceId | split("/") | last] | unique == ["card", "g2"]' out/flow-log-nsg.json
check "what no group is asked for is in the network's log" jq -e 'any(.records[].flowRecords.flows[]; .aclID == "unspecified")' out/flow-log-vnet.json
check "a long flow goes on before it ends" jq -e '[.records[].flowRecords.flows[].flowGroups[].flowTuples[] | select(contains("203.0.113.1,49157,80")) |
	split(",")[7]] | .[0] == "B" and .[1] == "C" and last == "E"' out/flow-log-vnet.json
check "times are of a record's minute" jq -e 'all(.records[]; (.time | fromdate) as $until | all(.flowRecords.flows[].flowGroups[].flowTuples[];
	(split(",")[0] | tonumber / 1000) as $at | $at >= $until - 60 and $at < $until))' out/flow-log-vnet.json

# The same flows: ends, times and bytes as the captures have them. Rounds and pauses a log does not have.
flows_of() { # FILE
	"$pktpath" import capture "$1" | grep '^  flow-[0-9]*:' | sed -E 's/^ *flow-[0-9]+: //; s/from_port: [0-9]+, //'
}
cp out/flow-log-nsg.json out/flow-log-vnet.json .
for flow in out mail web other name open; do
	flows_of "out/$flow.pcapng" | sed -E 's/, at: [^,}]*//; s/(25|81)(\/tcp.*), then: hold/\1\2/'
done >captured
for log in nsg vnet; do
	flows_of "flow-log-$log.json" >"$log.flows"
	check "$log: as many flows as the run has" [ "$(wc -l <"$log.flows")" = 7 ]
	check "$log: the same flows as in the captures" sh -c "sed -E 's/, at: [^,}]*//' $log.flows | sed 6d | diff captured -"
	check "$log: the same times" sh -c "sed -nE 's/.*, at: ([0-9a-z]+)[,}].*/\\1/p' $log.flows | tr '\\n' ' ' | grep -qx '1s 2s 3s 4s 5s 6s '"
	check "$log: a long flow is one" sh -c "sed -n 6p $log.flows | grep -q 'to: \"host-203-0-113-1:80/tcp\", at: 5s, send: [0-9]*B, reply: [0-9]*B}'"
	check "$log: they run again" sh -c "'$pktpath' import capture -o again.yaml flow-log-$log.json 2>/dev/null && '$pktpath' run -q --no-traces -o again again.yaml"
done
check "both logs together are the same flows once" sh -c "'$pktpath' import capture flow-log-nsg.json flow-log-vnet.json | grep -c '^  flow-[0-9]*:' | grep -qx 7"
check "the same bytes again" sh -c "'$pktpath' run -q -o second --flow-logs talk.yaml && cmp second/flow-log-nsg.json flow-log-nsg.json && cmp second/flow-log-vnet.json flow-log-vnet.json"
check "no flow logs without the option" sh -c "'$pktpath' run -q -o third talk.yaml && test ! -e third/flow-log-nsg.json"
finish

#!/bin/sh
# Captures of one conversation in many shapes give the same scenario; flow logs give theirs; what is wrong is said.
# Usage: capture.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
. tests/shell.sh
root=$PWD
pktpath=$2
needs python3 jq
cd "$scratch" || exit 1
python3 "$root/tests/import/captures.py" . || exit 1

cat >wanted <<'WANTED'
  flow-1: {from: host-10-1-0-4, to: "host-203-0-113-9:443/tcp", rounds: 2, send: 200B, reply: 2000B, pause: 2s}
  flow-2: {from: host-10-1-0-4, to: "host-203-0-113-9:25/tcp", at: 3s, send: 1B, reply: 0B}
  flow-3: {from: host-10-1-0-4, to: "host-203-0-113-9:443/tcp", at: 4s, send: 50B, reply: 0B, then: reset}
  flow-4: {from: host-10-1-0-4, to: "host-10-1-0-5:53/udp", at: 5s, send: 40B, reply: 120B}
  flow-5: {from: host-10-1-0-4, to: host-10-1-0-5/icmp, at: 6s, send: 56B}
WANTED
# Where flows have source ports they are there, too.
flows_of() {
	sed -n '/^flows:/,/^$/p' "$1" | grep flow- | sed -E 's/from_port: [0-9]+, //'
}
same_flows() {
	"$pktpath" import capture -o got.yaml "$1" && flows_of got.yaml | diff wanted - && "$pktpath" check got.yaml
}
for file in ethernet vlan qinq raw sll sll2 big-endian nanoseconds cut snapped; do
	check "$file.pcap" same_flows "$file.pcap"
done
for file in plain swapped fine two-links noise both-see; do
	check "$file.pcapng" same_flows "$file.pcapng"
done
binary_times() { # units of 2^-20 s: times differ by less than a microsecond
	"$pktpath" import capture binary.pcapng | grep -q 'flow-1: .*rounds: 2, send: 200B, reply: 2000B'
}
check "times in units of 2^-20 s" binary_times
check "standard input, in pieces" sh -c "cat plain.pcapng | '$pktpath' import capture - | grep -q 'flow-5'"
"$pktpath" import capture ethernet.pcap -o hosts.yaml
check "a host listens where it answered" grep -q 'host-203-0-113-9: {internet: true, ip: 203.0.113.9, listen: \[443/tcp\]}' hosts.yaml
check "the scenario runs" "$pktpath" run --no-traces -q -o out hosts.yaml
check "what a second interface saw is counted" sh -c "'$pktpath' import capture both-see.pcapng | grep -q '4 packets: datagrams or echoes at another interface'"
check "the cut packet is counted" sh -c "'$pktpath' import capture cut.pcap | grep -q 'last packet, which is cut off'"
check "--inside" sh -c "'$pktpath' import capture --inside 10.1.0.0/28 ethernet.pcap | grep -q 'space: \[10.1.0.0/28\]'"

refused() { # WHAT PATTERN ARGUMENT...
	what=$1
	pattern=$2
	shift 2
	"$pktpath" import capture "$@" >refused.out 2>refused.err
	status=$?
	if [ "$status" = 2 ] && [ ! -s refused.out ] && grep -qE "$pattern" refused.err; then
		ok "$what"
	else
		not_ok "$what: status $status"
		head -n 3 refused.err | sed 's/^/    /'
	fi
}
check "packets out of order are counted" sh -c "'$pktpath' import capture unordered.pcap | grep -q 'packets: earlier than those before them: .reordercap'"
refused "a link layer that is not known" 'of a link layer that is not known' unknown-link.pcap
refused "a capture without IP" 'no call by TCP, UDP or ICMP' no-ip.pcap
refused "a damaged capture" 'at byte [0-9]+: ' damaged.pcapng
: >empty.pcap
refused "an empty capture" 'neither pcap nor pcapng' empty.pcap
refused "something else" 'neither pcap nor pcapng' "$root/LICENSE"
refused "no such file" 'No such file' nowhere.pcap
refused "a prefix that is none" 'takes a prefix' --inside 10.0.0.0 ethernet.pcap

# Flow logs.
cat >nsg.json <<'LOG'
{"records": [{"time": "2023-11-14T22:13:20Z", "category": "NetworkSecurityGroupFlowEvent", "operationName": "NetworkSecurityGroupFlowEvents",
 "properties": {"Version": 2, "flows": [{"rule": "UserRule_web", "flows": [{"mac": "000D3AF87856", "flowTuples": [
  "1700000000,203.0.113.7,10.1.0.4,50000,443,T,I,A,B,,,,", "1700000060,203.0.113.7,10.1.0.4,50000,443,T,I,A,C,10,1400,8,8320",
  "1700000090,203.0.113.7,10.1.0.4,50000,443,T,I,A,E,2,80,2,80", "1700000100,192.0.2.1,10.1.0.4,4444,22,T,I,D,B,,,,"]}]}]}}]}
LOG
cat >vnet.json <<'LOG'
{"time": "2023-11-14T22:13:20Z", "flowLogVersion": 4, "category": "FlowLogFlowEvent", "flowRecords": {"flows": [{"aclID": "1", "flowGroups": [{"rule": "web", "flowTuples": ["1700000000000,203.0.113.7,10.1.0.4,50000,443,6,I,B,NX,0,0,0,0"]}]}]}}
{"time": "2023-11-14T22:14:20Z", "flowLogVersion": 4, "category": "FlowLogFlowEvent", "flowRecords": {"flows": [{"aclID": "1", "flowGroups": [{"rule": "web", "flowTuples": ["1700000060000,203.0.113.7,10.1.0.4,50000,443,6,I,E,NX,12,1480,10,8400", "1700000100000,192.0.2.1,10.1.0.4,4444,22,6,I,D,NX,0,0,0,0"]}]}]}}
LOG
cat >wanted <<'WANTED'
  flow-1: {from: host-203-0-113-7, to: "host-10-1-0-4:443/tcp", send: 1000B, reply: 8000B}
  flow-2: {from: host-192-0-2-1, to: "host-10-1-0-4:22/tcp", at: 1m40s, send: 1B, reply: 0B}
WANTED
check "a flow log of a group, version 2" same_flows nsg.json
check "a flow log of a network, version 4, in lines" same_flows vnet.json
jq '.records[].properties.flows[].flows[].flowTuples |= reverse' nsg.json >unordered.json
check "a flow log out of order" same_flows unordered.json
sed -n 1p vnet.json >first.json
sed -n 2p vnet.json >second.json
in_hours() {
	"$pktpath" import capture -o got.yaml second.json first.json && flows_of got.yaml | diff wanted -
}
check "flow logs of two hours, the later one first" in_hours
check "flow logs without the word capture" sh -c "'$pktpath' import nsg.json | grep -q 'flow-2'"
head -c 400 nsg.json >cut.json
refused "a flow log cut in the middle" 'cut.json:[0-9]+:[0-9]+: error: a text does not end' cut.json
sed 's/,4444,/,port,/' nsg.json >bad.json
refused "a tuple that is none" 'no flow of a log of version 2' bad.json
sed 's/"Version": 2/"Version": 9/' nsg.json >new.json
refused "a version that is not known" 'version that is not known' new.json

# Memory that does not grow with the file; a sanitizer has memory of its own. The rate is measured by `./dev bench`.
if grep -q __asan_init "$pktpath"; then
	skip "a sanitizer"
else
	check "memory does not grow with the file" python3 "$root/tests/bench/captures.py" "$pktpath" 16 --memory
fi
finish

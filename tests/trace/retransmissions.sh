#!/bin/sh
# In a run that lost packets, what Wireshark calls a retransmission at the sender's own point is what the stack retransmitted: as many, and no more.
# Usage: retransmissions.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs tshark jq

# sent_again CAPTURE: retransmissions that left the end point where it was taken; what it sends goes to the gateway's address.
sent_again() {
	tshark -n -r "$1" -Y "eth.dst == 12:34:56:78:9a:bc && (tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission || tcp.analysis.out_of_order)" \
		2>/dev/null | wc -l
}

for seed in 7 1 2 3; do
	out=$scratch/seed-$seed
	# Other seeds lose other packets, so the expectations of the file may fail; what counts here is the count.
	"$pktpath" run scenarios/lossy-link.yaml --seed $seed -o "$out" -q >/dev/null 2>&1
	check "seed $seed lost something" jq -e '[.flows[].retransmissions] | add > 0' "$out/report.json"
	for flow in $(jq -r '.flows | keys[]' "$out/report.json"); do
		total=0
		for file in "$out/$flow@"*.pcap; do
			case $file in
			*vip.pcap) continue ;;
			esac
			total=$((total + $(sent_again "$file")))
		done
		expected=$(jq --arg flow "$flow" '.flows[$flow].retransmissions' "$out/report.json")
		check "seed $seed, $flow: tshark counts $total retransmissions, the report $expected" test "$total" -eq "$expected"
	done
done
finish

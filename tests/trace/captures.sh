#!/bin/sh
# Other people's readers over every committed capture: tcpdump, capinfos and editcap open it, tshark finds each checksum right,
# and in a connection that lost nothing it finds nothing worth more than a chat.
# Usage: captures.sh SOURCE_ROOT [CAPTURE...]    without captures: all, as many processes at once as there are processors
cd "$1" || exit 1
. tests/shell.sh
needs tshark tcpdump capinfos editcap jq
root=$1
shift

# One line a packet: number, status of the IP, TCP, UDP and ICMP checksum (1 is good), stream, severities of expert entries.
analyse() {
	tshark -n -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields -E separator='|' \
		-e frame.number -e ip.checksum.status -e tcp.checksum.status -e udp.checksum.status -e icmp.checksum.status \
		-e tcp.stream -e _ws.expert.severity -e _ws.expert.message -e frame.cap_len -e frame.interface_name 2>"$scratch/tshark.err"
}

# A packet inside an ICMP error has a status of its own: 2, not verified, since it is cut short. So is what a flow's capture has of a lost packet.
bad_checksums() {
	awk -F'|' '
		$9 == 42 && $10 ~ /^drops:/ && $2 == 1 { next }
		{ all = $2 "," $3 "," $4 "," $5 }
		all ~ /(^|,)0(,|$)/ || $2 !~ /^1/ || ($3 $4 $5) !~ /1/ { print "packet " $1 ": ip " $2 " tcp " $3 " udp " $4 " icmp " $5 }' "$scratch/packets"
}

# Wireshark numbers severities; a note is 0x400000, a chat 0x200000. Two of its notes say no more than that a connection closes in order, by FIN
# from either side, and every such connection has both: they do not count. Nor does that a reset is one.
above_chat() {
	awk -F'|' '
		{
			n = split($7, severity, ",")
			for (i = 1; i <= n; i++)
				above += severity[i] + 0 > 2097152
			closing = gsub(/This frame (initiates|undergoes) the connection closing|Connection reset \(RST\)/, "&", $8)
			if (above > closing)
				print "packet " $1 ": " $8
			above = 0
		}' "$scratch/packets"
}

unreadable() {
	[ -s "$scratch/packets" ] || echo "tshark found no packet: $(cat "$scratch/tshark.err")"
	tcpdump -n -r "$1" >"$scratch/tcpdump.out" 2>"$scratch/tcpdump.err" || cat "$scratch/tcpdump.err"
	[ "$(grep -c '^[0-9]' "$scratch/tcpdump.out")" -eq "$(wc -l <"$scratch/packets")" ] || echo "tcpdump and tshark count differently"
	capinfos "$1" >"$scratch/capinfos.out" 2>&1 || cat "$scratch/capinfos.out"
	editcap "$1" "$scratch/edited" 2>&1
}

# did_lose REPORT FLOW: packets of this flow were lost or sent again.
did_lose() {
	jq -e --arg flow "$2" '.flows[$flow] | .dropped > 0 or .retransmissions > 0' "$1" >/dev/null
}

if [ $# -eq 0 ]; then
	# Written to files, one for each process, so that lines of two do not mix.
	find captures -name '*.pcap' -o -name '*.pcapng' | sort |
		OUT=$scratch xargs -P "$(nproc)" -n 16 sh -c 'tests/trace/captures.sh "$0" "$@" >"$OUT/$$.said" 2>&1' "$root"
	cat "$scratch"/*.said
	n_failed=$(cat "$scratch"/*.said | grep -c '^not ok')
	check "there are captures to look at" test "$(cat "$scratch"/*.said | grep -c 'opens in tshark')" -gt 50
	check "most of them lost nothing" test "$(cat "$scratch"/*.said | grep -c 'lost nothing')" -gt \
		$(($(cat "$scratch"/*.said | grep -c 'opens in tshark') / 2))
	finish
fi

for file in "$@"; do
	analyse "$file" >"$scratch/packets"
	silent "$file opens in tshark, tcpdump, capinfos and editcap" unreadable "$file"
	silent "$file has no bad checksum" bad_checksums
	flow=$(basename "$file")
	flow=${flow%%[.@]*}
	if [ "$flow" != drops ] && ! did_lose "$(dirname "$file")/report.json" "$flow"; then
		silent "$file lost nothing, and no expert entry is above a chat" above_chat
	fi
done
finish

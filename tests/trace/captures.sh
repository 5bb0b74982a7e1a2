#!/bin/sh
# Other people's readers over the committed captures: tcpdump, capinfos and editcap open it, Wireshark finds each checksum right, and in a connection
# that lost nothing it finds nothing worth more than a chat.
# Usage: captures.sh SOURCE_ROOT [CAPTURE...]    without captures: all pcapng and every fourth pcap; all of both with PKTPATH_LONG
cd "$1" || exit 1
. tests/shell.sh
. tests/trace/sharkd.sh
needs sharkd tcpdump capinfos editcap jq
shift

if [ $# -gt 0 ]; then
	printf '%s\n' "$@" >"$scratch/list"
else
	# A flow's pcapng has all its packets; of the files of one point, which have the same packets again, every fourth is enough.
	find captures -name '*.pcap' -o -name '*.pcapng' | sort |
		awk -v stride="$([ -n "${PKTPATH_LONG:-}" ] && echo 1 || echo 4)" '/pcapng$/ || ++n % stride == 0' >"$scratch/list"
	check "there are captures to look at" test "$(wc -l <"$scratch/list")" -gt 50
fi
n_files=$(wc -l <"$scratch/list")

# The flows that lost packets or retransmitted, as DIRECTORY/FLOW.
xargs -n 1 dirname <"$scratch/list" | sort -u >"$scratch/directories"
while read -r directory; do
	jq -r --arg directory "$directory" '.flows | to_entries[] | select(.value | .dropped > 0 or .retransmissions > 0) | "\($directory)/\(.key)"' \
		"$directory/report.json"
done <"$scratch/directories" >"$scratch/lossy"

# packets.awk: judges what sharkd said of each frame, and prints what is wrong as FILE<TAB>KIND<TAB>PROBLEM, and FILE<TAB>packets<TAB>N.
#
# A packet inside an ICMP error has a status of its own: it is not verified, since it is cut short. So is what a flow's capture has of a lost packet.
# Two of Wireshark's notes say no more than that a connection closes in order, by FIN from either side, and every such connection has both: they do
# not count. Nor does that a reset is one, nor that a point which only the request passes has no answer to it.
# A part of a datagram is judged in the frame that has the whole; Wireshark names that frame. Where a part was lost no frame has the whole.
#
# What scenarios make on purpose:
# - crafted-packets*: packet 6 of `connection`, of 10 bytes at 1001, has `bad_checksum: true`; so it must be bad. It comes behind a reset far ahead of it.
# - bad-checksum: the packet of `header` has a wrong IP checksum, that of `data` a wrong UDP checksum.
# - firewall-application-refused, its broken twin, firewall-hub-and-spoke, hub: the firewall calls the server with the caller's own sequence number, in a SYN that offers MSS alone (24 bytes). Where both
#   handshakes are seen, that is a second SYN of one number.
# - one-burst: Linux' NAT has 4 ports for 8 calls, and gives one again at once; the PC's own ports are others.
cat >"$scratch/packets.awk" <<'EOF'
BEGIN { FS = "\t" }
FILENAME == list { file[FNR] = $0; next }
FILENAME == lossy { is_lossy[$0] = 1; next }
# How many of a frame's entries are made on purpose.
function deliberate(name, messages, flags, header_bytes) {
	if (name ~ /^captures\/(firewall-application-refused(-broken)?\/good(-plain)?|firewall-hub-and-spoke\/update|hub\/update)(@fw\.pcap|\.pcapng)$/ && flags == "0x002" && header_bytes == 24)
		return gsub(/This frame is a \(suspected\) (retransmission|out-of-order segment)/, "&", messages)
	if (name ~ /^captures\/one-burst\/linux(@api\.pcap|@linux\.nat\.pcap|\.pcapng)$/ && flags == "0x002")
		return gsub(/A new tcp session is started with the same ports as an earlier session in this trace/, "&", messages)
	return 0
}
{
	name = file[$1]
	if ($2 == 0) {
		print name "\tunreadable\t" $3
		next
	}
	n[name]++
	all = "," $3 "," $4 "," $5 "," $6 ","
	flow = name
	sub(/.*\//, "", flow)
	is_of_flow = flow !~ /^drops\./
	sub(/[.@].*/, "", flow)
	directory = name
	sub(/\/[^\/]*$/, "", directory)
	in_part = (!is_of_flow || (directory "/" flow) in is_lossy) && $3 ~ /^Good/ && $11 == "" && ($16 ~ /^(1|True|Set)$/ || $17 > 0)
	short = $9 == 42 && $10 ~ /^drops:/ && $3 == "Good"
	spoilt = name ~ /^captures\/crafted-packets(-dropped)?\/(connection|drops)[@.]/ && $12 == 1001 && $13 == 10
	header_spoilt = name ~ /^captures\/bad-checksum\/(header|drops)[@.]/
	data_spoilt = name ~ /^captures\/bad-checksum\/data[@.]/
	if (header_spoilt || data_spoilt) {
		if ($3 != (header_spoilt ? "Bad" : "Good") || (data_spoilt && $5 != "Bad"))
			print name "\tchecksum\tpacket " $2 ": made to be bad, and is not: ip " $3 " udp " $5
	} else if (spoilt) {
		# Its copy as a drop is cut short.
		if ($3 != "Good" || ($4 != "Bad" && !short))
			print name "\tchecksum\tpacket " $2 ": made to be bad, and is not: ip " $3 " tcp " $4
	} else if (!short && !in_part && (all ~ /,Bad,/ || $3 !~ /^Good/ || (($11 == "" || $11 == $2) && ($4 $5 $6) !~ /Good/)))
		print name "\tchecksum\tpacket " $2 ": ip " $3 " tcp " $4 " udp " $5 " icmp " $6
	if (is_of_flow && !((directory "/" flow) in is_lossy)) {
		lost_nothing[name] = 1
		above = gsub(/Note|Warn|Error/, "&", $7)
		closing = gsub(/This frame (initiates|undergoes) the connection closing|Connection reset \(RST\)|No response seen to ICMP request/, "&", $8)
		# Of Wireshark 4.4: syslog that is no log line, a SYN that offers MSS alone (a firewall's).
		closing += gsub(/Message conforms to neither RFC 5424 nor RFC 3164|The SYN packet does not contain a SACK PERM option/, "&", $8)
		if (data_spoilt)
			closing += gsub(/Bad checksum/, "&", $8)
		if (spoilt)
			closing += gsub(/Bad checksum|This frame is a \(suspected\) retransmission/, "&", $8)
		if (above > closing + deliberate(name, $8, $14, $15))
			print name "\texpert\tpacket " $2 ": " $8
	}
}
END {
	for (i in file)
		print file[i] "\tpackets\t" n[file[i]] + 0
	for (name in lost_nothing)
		print name "\tlossless\t"
}
EOF
# looked_at LIST: what is wrong with each of its files.
looked_at() {
	frames_of "$1" ip.check_checksum=TRUE tcp.check_checksum=TRUE udp.check_checksum=TRUE -- ip.checksum.status tcp.checksum.status \
		udp.checksum.status icmp.checksum.status _ws.expert.severity _ws.expert.message frame.cap_len frame.interface_name \
		ip.reassembled_in tcp.seq_raw tcp.len tcp.flags tcp.hdr_len ip.flags.mf ip.frag_offset >"$scratch/frames" ||
		echo "-	unreadable	sharkd did not answer for each file: $(tail -n 1 "$scratch/sharkd.err")"
	awk -v list="$1" -v lossy="$scratch/lossy" -f "$scratch/packets.awk" "$1" "$scratch/lossy" "$scratch/frames"
}
looked_at "$scratch/list" >"$scratch/found"

# The other readers; tcpdump counts the packets, too. editcap reads as capinfos does, so every eighth file is enough for it.
n=0
while IFS= read -r file; do
	tcpdump -n -r "$file" >"$scratch/tcpdump.out" 2>"$scratch/tcpdump.err" || sed "s|^|$file	unreadable	tcpdump: |" "$scratch/tcpdump.err"
	printf '%s\ttcpdump\t%s\n' "$file" "$(grep -c '^[0-9]' "$scratch/tcpdump.out")"
	n=$((n + 1))
	[ $((n % 8)) -eq 0 ] || [ -n "${PKTPATH_LONG:-}" ] || continue
	editcap "$file" "$scratch/edited" >"$scratch/editcap.out" 2>&1 || echo "$file	unreadable	editcap fails"
	sed "s|^|$file	unreadable	editcap: |" "$scratch/editcap.out"
done <"$scratch/list" >>"$scratch/found"
xargs capinfos -c <"$scratch/list" >"$scratch/capinfos.out" 2>"$scratch/capinfos.err" || sed 's|^|-	unreadable	capinfos: |' "$scratch/capinfos.err" >>"$scratch/found"

# judged: a line a case.
judged() {
	awk -F'\t' '
		$2 == "packets" { packets[$1] = $3; next }
		$2 == "tcpdump" { tcpdump[$1] = $3; next }
		$2 == "lossless" { lossless[$1] = 1; next }
		{ problem[$1, $2] = problem[$1, $2] "    " $3 "\n" }
		function say(good, what, why) { print (good ? "ok - " : "not ok - ") what; if (!good) printf "%s", why }
		END {
			for (name in packets) {
				if (packets[name] == 0 || packets[name] != tcpdump[name])
					problem[name, "unreadable"] = problem[name, "unreadable"] "    Wireshark finds " packets[name] " packets, tcpdump " tcpdump[name] "\n"
				say(!((name, "unreadable") in problem), name " opens in Wireshark and the other readers", problem[name, "unreadable"])
				say(!((name, "checksum") in problem), name " has no bad checksum", problem[name, "checksum"])
				if (name in lossless)
					say(!((name, "expert") in problem), name " lost nothing, and no expert entry is above a chat", problem[name, "expert"])
			}
			say(!(("-", "unreadable") in problem), "sharkd and capinfos read all", problem["-", "unreadable"])
		}' "$1"
}
judged "$scratch/found" | sort -k 2 >"$scratch/said"
grep '^ok' "$scratch/said"
judged "$scratch/found" | grep -v '^ok'
n_failed=$((n_failed + $(grep -c '^not ok' "$scratch/said")))
check "capinfos has read each" test "$(grep -c '^File name:' "$scratch/capinfos.out")" -eq "$n_files"
if [ $# -eq 0 ]; then
	check "most of them lost nothing" test "$(grep -c 'lost nothing' "$scratch/said")" -gt $((n_files / 2))
fi

# What the test itself must find: a byte of the payload, of an IP header, a file cut short, and a connection without one of its segments.
victim=captures/outbound-network-addresses/call-internet@api.pcap
if [ $# -eq 0 ] && [ -e "$victim" ]; then
	mkdir -p "$scratch/made"
	spoil() { # NAME OFFSET
		cp "$victim" "$scratch/made/$1.pcap"
		printf '\377' | dd of="$scratch/made/$1.pcap" bs=1 seek="$2" conv=notrunc 2>/dev/null
	}
	size=$(wc -c <"$victim")
	spoil payload $((size - 3))
	spoil header $((24 + 16 + 14 + 8))
	head -c 30 "$victim" >"$scratch/made/cut.pcap"
	editcap "$victim" "$scratch/made/hole.pcap" 5
	find "$scratch/made" -name '*.pcap' | sort >"$scratch/made.list"
	looked_at "$scratch/made.list" >"$scratch/made.found"
	for wrong in 'cut.pcap	packets	0' 'header.pcap	checksum' 'hole.pcap	expert' 'payload.pcap	checksum'; do
		check "found: $wrong" grep -q "made/$wrong" "$scratch/made.found"
	done
fi
finish

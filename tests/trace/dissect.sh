#!/bin/sh
# What the packets carry is what their ports promise: HTTP, TLS with the server's name, DNS.
# Usage: dissect.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh
. tests/trace/sharkd.sh
needs tshark sharkd jq

# fields CAPTURE FILTER FIELD...
fields() {
	file=$1
	filter=$2
	shift 2
	for field in "$@"; do
		set -- "$@" -e "$field"
		shift
	done
	tshark -n -o tcp.reassemble_out_of_order:TRUE -r "captures/$file" -Y "$filter" -T fields -E separator=/s "$@" 2>/dev/null
}

# has WHAT EXPECTED CAPTURE FILTER FIELD...: some packet gives exactly these fields.
has() {
	what=$1
	expected=$2
	shift 2
	if fields "$@" | grep -qxF "$expected"; then
		ok "$what"
	else
		not_ok "$what"
		echo "    expected: $expected"
		fields "$@" | head -n 5 | sed 's/^/    got:      /'
	fi
}

none() {
	what=$1
	shift
	silent "$what" fields "$@"
}

general="general-network-flow"
has "HTTP request with the app's name" 'GET web.ase-one.p.azurewebsites.cn' \
	$general/inbound-http.pcapng http.request http.request.method http.host
has "HTTP response, reassembled" '200' $general/inbound-http.pcapng http.response http.response.code
has "HTTP at the customer's own point" '200' $general/inbound-http@customer.pcap http.response http.response.code
has "TLS ClientHello with the server's name" 'web.ase-one.p.azurewebsites.cn' \
	$general/inbound-https@customer.pcap 'tls.handshake.type == 1' tls.handshake.extensions_server_name
has "TLS ServerHello" '2' $general/inbound-https@customer.pcap 'tls.handshake.type == 2' tls.handshake.type
has "TLS application data" '23' $general/inbound-https@customer.pcap 'tls.record.opaque_type == 23' tls.record.opaque_type
has "TLS to a partner by its name" 'api.partner.example' \
	$general/call-internet@partner.pcap 'tls.handshake.type == 1' tls.handshake.extensions_server_name
has "DNS query for the app" 'web.ase-one.p.azurewebsites.cn' \
	$general/inbound-https.pcapng 'dns.flags.response == 0' dns.qry.name
has "DNS answer is the VIP" '192.23.1.2' $general/inbound-https.pcapng 'dns.flags.response == 1' dns.a
has "DNS answer for the partner" '203.0.113.10' $general/call-internet.pcapng 'dns.flags.response == 1' dns.a
# Wireshark reassembles late segments where it is set to (its default is not to, and it then reports an overlap in flows that lost packets).
find captures -name '*.pcapng' | sort >"$scratch/list"
check "there are captures to look at" test "$(wc -l <"$scratch/list")" -gt 50
malformed() {
	frames_of "$1" tcp.reassemble_out_of_order=TRUE -- _ws.expert.group _ws.expert.message >"$scratch/frames" || echo "sharkd did not answer for each file"
	awk -F'\t' 'NR == FNR { file[FNR] = $0; next } $2 == 0 || $3 ~ /Malformed/ { print file[$1] ": packet " $2 " " $4 }' "$1" "$scratch/frames"
}
silent "nothing is malformed in any flow's capture" malformed "$scratch/list"
# What the test itself must find: an IP packet that ends inside its TCP header.
cp captures/general-network-flow/inbound-https@customer.pcap "$scratch/short.pcap"
printf '\000\036' | dd of="$scratch/short.pcap" bs=1 seek=$((24 + 16 + 14 + 2)) conv=notrunc 2>/dev/null
printf '%s\n' "$scratch/short.pcap" >"$scratch/made"
check "found: a packet that ends inside its TCP header" test -n "$(malformed "$scratch/made")"

# The merged file: one packet, two address realms, one id; points named, hosts named.
merged=outbound-network-addresses/call-internet.pcapng
has "inside the environment the worker's address" '10.0.1.6 203.0.113.10' $merged 'tcp.flags.syn == 1 && tcp.flags.ack == 0' ip.src ip.dst
has "after the VIP its address" '192.23.1.2 203.0.113.10' $merged 'tcp.flags.syn == 1 && tcp.flags.ack == 0' ip.src ip.dst
has "the VIP is an interface with a name" 'ase-one/vip' $merged 'ip.src == 192.23.1.2' frame.interface_name
check "the same packet id on both sides of the VIP" test \
	"$(fields $merged 'tcp.flags.syn == 1 && tcp.flags.ack == 0' frame.packet_id | sort -u | wc -l)" -eq 1
resolved() {
	tshark -N n -r "captures/$merged" -Y 'tcp.flags.syn == 1' -T fields -e ip.src_host -e ip.dst_host 2>/dev/null | tr '\t' '\n' | grep -vE '[a-z]'
}
silent "every address of the file has a name in it" resolved
finish

#!/bin/sh
# FTP as Wireshark reads it: the control dialogue, the address and port that PASV names, the data by their own dissector and as one stream.
# Usage: ftp.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh
needs tshark

# fields CAPTURE FILTER FIELD...: of the captures of $scenario.
scenario=vip-ports
fields() {
	file=captures/$scenario/$1
	filter=$2
	shift 2
	for field in "$@"; do
		set -- "$@" -e "$field"
		shift
	done
	tshark -n -r "$file" -Y "$filter" -T fields -E separator=/s "$@" 2>/dev/null
}

# same WHAT EXPECTED CAPTURE FILTER FIELD...: these lines, and no others.
same() {
	what=$1
	printf '%s\n' "$2" >"$scratch/expected"
	shift 2
	fields "$@" | sed 's/ *$//' >"$scratch/got"
	check "$what" diff "$scratch/expected" "$scratch/got"
}

seen="deploy@developer.pcap"
same "the caller's commands" 'USER pktpath
PASS pktpath
TYPE I
PASV
STOR deploy.txt
PASV
RETR deploy.txt
QUIT' $seen ftp.request.command ftp.request.command ftp.request.arg
same "the server's answers" '220
331
230
200
227
150
226
227
150
226
221' $seen ftp.response.code ftp.response.code
same "PASV names the VIP, and ports of 10001 to 10020" '192.23.1.2 10001
192.23.1.2 10002' $seen 'ftp.response.code == 227' ftp.passive.ip ftp.passive.port
same "the data connections go where PASV says" '192.23.1.2 10001
192.23.1.2 10002' $seen 'tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.dstport != 21' ip.dst tcp.dstport
# Behind the VIP the dialogue still names it, as a server does that knows its public address.
same "the front end names the VIP, too" '10.0.1.4 192.23.1.2 10001
10.0.1.4 192.23.1.2 10002' deploy@ase-one.front-end-0.pcap 'ftp.response.code == 227' ip.src ftp.passive.ip ftp.passive.port
same "the data come to the same front end" '10.0.1.4 21
10.0.1.4 10001
10.0.1.4 10002' deploy@ase-one.front-end-0.pcap 'tcp.flags.syn == 1 && tcp.flags.ack == 0' ip.dst tcp.dstport

for command in STOR RETR; do
	check "data are dissected as those of $command" test \
		"$(fields $seen "ftp-data && ftp-data.command contains \"$command\"" frame.number | wc -l)" -gt 0
done
check "all data are" test "$(fields $seen 'tcp.len > 0 && !(tcp.port == 21) && !ftp-data' frame.number | wc -l)" -eq 0

# stream N BYTES DIRECTION: a data connection carries so many bytes, and Follow TCP Stream shows lines that name the flow.
stream() {
	[ "$(fields "$seen" "tcp.stream == $1" tcp.len | awk '{ sum += $1 } END { print sum }')" -eq "$2" ] &&
		[ "$(tshark -n -q -r "captures/$scenario/$seen" -z "follow,tcp,ascii,$1" 2>/dev/null | grep -c "^pktpath flow=deploy dir=$3\$")" -gt 10 ]
}
check "the first data connection is the upload, whole" stream 1 20000 upload
check "the second is the download, whole" stream 2 3000 download

silent "nothing is malformed or retransmitted" fields deploy.pcapng '_ws.malformed || tcp.analysis.retransmission || tcp.analysis.out_of_order' frame.number
# At a closed port: the SYN, again and again, and nothing that comes back.
check "a closed port is silence" test "$(fields two-deploy@developer.pcap 'tcp.flags.syn == 1 && tcp.dstport == 21' frame.number | wc -l)" -eq 7
silent "nothing comes back from it" fields two-deploy@developer.pcap 'ip.src == 192.23.1.3' frame.number
check "it is reported among the drops" test "$(fields drops.pcapng 'frame.comment contains "vip-port-closed by ase-two/vip" && tcp.dstport == 21' frame.number | wc -l)" -eq 7
check "and why management did not answer" test "$(fields drops.pcapng 'frame.comment contains "rule management"' frame.number | wc -l)" -eq 7

# ---- active mode, through a NAT that reads PORT ----
scenario=ftp-active
same "PORT names the caller's own address" '192.168.1.2 49153 24
192.168.1.2 49154 24
192.168.1.2 49155 24
192.168.1.2 49156 24' backup@pc.pcap ftp.active.port ftp.active.cip ftp.active.port tcp.len
same "behind the NAT its outside address, in a line that is longer" '203.0.113.100 49153 26
203.0.113.100 49154 26
203.0.113.100 49155 26
203.0.113.100 49156 26' backup@files.pcap ftp.active.port ftp.active.cip ftp.active.port tcp.len
same "the server calls from port 20" '20 203.0.113.100 49153
20 203.0.113.100 49154
20 203.0.113.100 49155
20 203.0.113.100 49156' backup@files.pcap 'tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.dstport != 21' tcp.srcport ip.dst tcp.dstport
for point in pc home.nat files; do
	silent "at $point all data are dissected as FTP's" tshark -n -r captures/ftp-active/backup@$point.pcap -Y 'tcp.len > 0 && !ftp && !ftp-data' 2>/dev/null
	silent "at $point no expert item is above chat, but for connections that close" tshark -n -r captures/ftp-active/backup@$point.pcap \
		-Y '(_ws.expert.severity > 0x200000 && !(tcp.flags.fin == 1)) || tcp.analysis.flags || _ws.malformed' 2>/dev/null
	silent "at $point every checksum is right" tshark -n -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -r captures/ftp-active/backup@$point.pcap \
		-Y 'tcp.checksum.status != 1 || ip.checksum.status != 1' 2>/dev/null
done
finish

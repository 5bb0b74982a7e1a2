#!/bin/sh
# The profile and the Lua post-dissector, as `meson install` puts them, in tshark.
# Usage: wireshark.sh SOURCE_ROOT PKTPATH BUILD_ROOT
cd "$1" || exit 1
pktpath=$2
build=$3
. tests/shell.sh
needs tshark mergecap meson
if [ "$(id -u)" -eq 0 ] && ! tshark -X lua_script:share/wireshark/pktpath.lua -r captures/fragments/in-order.pcapng -T fields -e pktpath.flow >/dev/null 2>&1; then
	echo "skipped - this Wireshark loads no Lua for root"
	exit 77
fi

check "meson installs it" env DESTDIR="$scratch/installed" meson install -C "$build" --no-rebuild
lua=$(find "$scratch/installed" -name pktpath.lua -path '*/wireshark/plugins/*')
profile=$(find "$scratch/installed" -type d -path '*/wireshark/profiles/pktpath')
check "one post-dissector and one profile" test -f "$lua" -a -d "$profile"

# A place of its own: what the user has set up is not looked at.
WIRESHARK_CONFIG_DIR=$scratch/config
export WIRESHARK_CONFIG_DIR
mkdir -p "$WIRESHARK_CONFIG_DIR/profiles"
cp -r "$profile" "$WIRESHARK_CONFIG_DIR/profiles/"

cat >"$scratch/some net.yaml" <<'EOF'
scenario: 1
name: spaces
network:
  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.1.0/26}, t: {cidr: 10.0.2.0/26}}}}
  ases: {ase: {subnet: v/s, vip: 192.0.2.1, apps: {web: {on: [worker-0]}}}}
  hosts:
    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}
    visitor: {internet: true, ip: 198.51.100.7}
    shop:
      subnet: v/t
      public_ip: 192.0.2.50
      listen: [80/tcp]
flows:
  visit: {from: visitor, to: "shop:80/tcp"}
  call: {from: ase/web, to: "api:443/tcp", repeat: {count: 2, every: 1s}}
  knock: {from: visitor, to: "192.0.2.1:8080/tcp"}
EOF
"$pktpath" run "$scratch/some net.yaml" -q -o "$scratch/out" >"$scratch/run.out" 2>&1 || head "$scratch/run.out"
out=$(find "$scratch/out" -name call.pcapng -exec dirname {} \;)

# fields CAPTURE FILTER FIELD...: a line a packet, the fields with "|" between them.
fields() {
	capture=$1
	filter=$2
	shift 2
	for field in "$@"; do
		set -- "$@" -e "$field"
		shift
	done
	tshark -C pktpath -X "lua_script:$lua" -r "$capture" -Y "$filter" -T fields -E separator='|' "$@" 2>"$scratch/tshark.err"
	grep -v "^Running as user" "$scratch/tshark.err"
}

said() {
	what=$1
	expected=$2
	shift 2
	got=$("$@" | head -n 1)
	check "$what" test "$got" = "$expected"
	[ "$got" = "$expected" ] || printf '    expected: %s\n    got:      %s\n' "$expected" "$got"
}

rewritten='pktpath.nat contains "source" && tcp.flags.syn == 1'
said "a rewriting" "call[0]|ase/vip|source 10.0.1.6:49152 -> 192.0.2.1:1024|snat|some net.yaml:5|" \
	fields "$out/call.pcapng" "$rewritten" pktpath.flow pktpath.point pktpath.nat pktpath.rule pktpath.place pktpath.reason
said "a machine's own public address" "shop|destination 192.0.2.50:80 -> 10.0.2.4:80|public-ip|some net.yaml:9" \
	fields "$out/visit.pcapng" 'pktpath.nat contains "destination" && tcp.flags.syn == 1' pktpath.point pktpath.nat pktpath.rule pktpath.place
said "a packet that was only sent" "call[1]|ase/worker-0||" \
	fields "$out/call.pcapng" 'pktpath.flow == "call[1]" && tcp.flags.syn == 1 && ip.src == 10.0.1.6' pktpath.flow pktpath.point pktpath.nat pktpath.reason
said "a loss in the flow's capture" "knock|1|ase/vip||vip-port-closed|some net.yaml:5" \
	fields "$out/knock.pcapng" pktpath.reason pktpath.flow pktpath.packet pktpath.point pktpath.nat pktpath.reason pktpath.place
said "the same among all losses" "knock|1|ase/vip||vip-port-closed|some net.yaml:5" \
	fields "$out/drops.pcapng" 'pktpath.reason == "vip-port-closed"' pktpath.flow pktpath.packet pktpath.point pktpath.nat pktpath.reason pktpath.place
silent "captures without notes have no such fields" fields "$out/call@api.pcap" pktpath pktpath.flow
mergecap -w "$scratch/all.pcapng" captures/*/*.pcapng
check "there are many notes" test "$(fields "$scratch/all.pcapng" pktpath.nat frame.number | wc -l)" -gt 1000
silent "every note of every committed capture is read" fields "$scratch/all.pcapng" \
	'!pktpath.flow || (frame.comment contains "DROP " && !pktpath.reason) || (frame.comment contains " -> " && !pktpath.nat)' frame.comment

# Columns and colours need no Lua.
listed=$(tshark -C pktpath -r "$out/knock.pcapng" 2>/dev/null | sed -n 2p)
check "the profile's columns: point, names, note" sh -c 'case $1 in *"drops:ase/vip"*visitor*"ase/vip"*"DROP vip-port-closed by ase/vip"*) ;; *) echo "$1"; exit 1 ;; esac' - "$listed"
colours() {
	tshark --color -C pktpath -r "$1" -T fields -e frame.coloring_rule.name 2>/dev/null | sort | uniq -c | tr -s ' ' | tr '\n' ';'
}
check "colours of a loss" test "$(colours "$out/knock.pcapng" | grep -c '7 pktpath: dropped;.*1 pktpath: opens or closes;.*6 pktpath: retransmitted;')" -eq 1
check "colours of a rewriting" test "$(colours "$out/call.pcapng" | grep -c 'pktpath: rewritten')" -eq 1
sed -n 's/^"TRUE","[^"]*","\(.*\)","[^"]*"$/\1/p' "$WIRESHARK_CONFIG_DIR/profiles/pktpath/dfilter_buttons" | sed 's/\\"/"/g' >"$scratch/filters"
check "there are buttons" test "$(wc -l <"$scratch/filters")" -ge 4
while read -r filter; do
	check "button: $filter" tshark -r "$out/knock.pcapng" -Y "$filter"
done <"$scratch/filters"
finish

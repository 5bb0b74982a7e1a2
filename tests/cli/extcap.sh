#!/bin/sh
# pktpath-extcap: what Wireshark asks, what it is told, and a capture into a FIFO and into tshark as an ordinary user.
# Usage: extcap.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
extcap=$2-extcap
pktpath=$extcap # for call
. tests/shell.sh
. tests/cli/cases.sh
needs tshark mkfifo
cd "$scratch" || exit 1
scenario one
scenario long
sed -i 's|  inside: .*|  inside: {from: ase-one/web, to: "sql:1433/tcp", repeat: {count: 50, every: 10s}}|' long.yaml

# ---- what Wireshark asks
call --extcap-interfaces --extcap-version=4.0
said "interfaces" 0 out '^interface \{value=pktpath\}\{display=.*\}$'
said "the version" 0 out '^extcap \{version=[0-9.]+\}'
call --extcap-dlts --extcap-interface pktpath
said "link types" 0 out '^dlt \{number=1\}\{name=EN10MB\}'
call --extcap-interface=pktpath --extcap-config
said "a file must be there" 0 out '^arg \{number=0\}\{call=--scenario\}.*\{type=fileselect\}\{mustexist=true\}\{required=true\}'
said "flows can be read again" 0 out '^arg \{number=1\}\{call=--flow\}.*\{reload=true\}'
said "every field has a default" 0 out '^value \{arg=3\}\{value=asap\}.*\{default=true\}$'
call --extcap-config --extcap-interface pktpath --extcap-reload-option flow --scenario one.yaml
said "flows of a scenario" 0 out '^value \{arg=1\}\{value=call\}\{display=call: api:443/tcp\}$'
check "and nothing else" sh -c '! grep -v "^value {arg=1}" out'
call --extcap-config --extcap-interface pktpath --extcap-reload-option --at --scenario one.yaml
said "points of a scenario" 0 out '^value \{arg=2\}\{value=ase-one/vip\}\{display=ase-one/vip: .*192\.23\.1\.2'
call --extcap-interface pktpath --extcap-capture-filter 'tcp port 443'
said "a good filter: no word" 0 out ''
call --extcap-interface pktpath --extcap-capture-filter 'tcp and and'
said "a wrong filter: why" 0 out 'syntax error'

# ---- mistakes
capture() {
	call --capture --extcap-interface pktpath --fifo "$scratch/file.pcapng" "$@"
}
call
said "no request" 2 err 'started by Wireshark'
call --extcap-dlts --extcap-interface eth0
said "no such interface" 2 err 'there is no such interface'
call --extcap-interfases
said "no such option" 2 err 'did you mean `--extcap-interfaces`'
call --capture --extcap-interface pktpath --scenario one.yaml
said "no FIFO" 2 err '--fifo PATH'
capture
said "no scenario" 2 err 'which scenario'
capture --scenario none.yaml
said "a scenario that is not there" 3 err 'none\.yaml: No such file'
scenario broken 'nonsense: {}'
capture --scenario broken.yaml
said "a broken scenario, with its place" 2 err 'broken\.yaml:12:1: error'
capture --scenario one.yaml --flow cal
said "no such flow" 2 err 'did you mean `call`'
capture --scenario one.yaml --at ase-one/vipp
said "no such point" 2 err 'did you mean `ase-one/vip`'
capture --scenario one.yaml --extcap-capture-filter 'tcp and and'
said "a filter that does not compile" 2 err 'the filter does not compile: .*syntax error'
for speed in fast 0 -1 1.2345 99999999 1e3; do
	capture --scenario one.yaml --speed=$speed
	said "a speed of $speed" 2 err '--speed takes'
done
check "nothing was captured in any of these" test ! -e file.pcapng
capture --scenario one.yaml --fifo "$scratch/missing/file"
said "a FIFO that cannot be made" 3 err 'missing/file: No such file'

# ---- what comes
fields() {
	tshark -r file.pcapng -T fields "$@" 2>/dev/null
}
capture --scenario one.yaml --seed '' --flow '' --speed ''
said "empty fields of the dialogue are as good as none" 0 err ''
check "the SYN at the worker and behind the NAT" sh -c "tshark -r file.pcapng -Y 'tcp.flags == 2 && ip.dst == 203.0.113.10' -T fields -e frame.interface_name -e ip.src 2>/dev/null |
	tr '\t\n' ' ;' | grep -q '^ase-one/worker-0 10.0.1.5;ase-one/vip 192.23.1.2;'"
cp file.pcapng every.pcapng
capture --scenario one.yaml
check "twice the same bytes" cmp every.pcapng file.pcapng
check "statistics for each interface" test "$(capinfos -I file.pcapng | grep -c "Number of stat entries = 1")" -ge 3
capture --scenario one.yaml --flow call
n_call=$(fields -e frame.number | wc -l)
check "one flow is fewer" test "$n_call" -gt 5 -a "$n_call" -lt "$(tshark -r every.pcapng 2>/dev/null | wc -l)"
capture --scenario long.yaml --flow 'inside[3]'
# A comment names its packet: `sent, inside[3] packet 25`.
fields -e frame.comment | sed -E 's/(^|.*[ ,])([^ ,]+) packet [0-9]+.*/\2/' | sort -u >connections
check "one connection of a flow" grep -qxF 'inside[3]' connections
check "and no other" test "$(wc -l <connections)" -eq 1
capture --scenario one.yaml --at ase-one/vip
check "one point" test "$(fields -e frame.interface_name | sort -u)" = ase-one/vip
capture --scenario one.yaml --at drops
check "no drops: a capture without packets, which can be read" test "$(fields -e frame.number | wc -l)" -eq 0
check "it has an interface" sh -c 'capinfos -I file.pcapng | grep -q "Number of interfaces in file: 1"'
capture --scenario one.yaml --extcap-capture-filter 'tcp port 1433'
check "a filter" test "$(fields -e tcp.port | tr ',' '\n' | grep -c 443)" -eq 0
check "takes what it says" test "$(fields -e frame.number | wc -l)" -gt 5
capture --scenario one.yaml --set flows.call.to=sql:1433/tcp --flow call
check "a value is replaced" test "$(fields -e ip.dst -Y 'tcp.flags == 2' | head -n 1)" = 10.0.2.10

# What it captures is what a run writes, where a VPN cuts datagrams and where links have no latency, too.
cat >both.yaml <<'EOF'
scenario: 1
network:
  links: {gateway: {latency: 0us}}
  vnets: {v: {space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.1.0/26, nsg: guard}}}}
  nsgs: {guard: {inbound: [{name: all, priority: 100, action: allow}]}}
  sites: {hq: {prefixes: [192.168.0.0/16], gateway: {vnet: v, kind: vpn}}}
  hosts:
    vm: {subnet: v/s, ip: 10.0.1.10, listen: [80/tcp]}
    log: {site: hq, ip: 192.168.1.10, listen: [514/udp]}
flows:
  datagrams: {from: vm, to: "log:514/udp", send: 4kB, reply: 4kB}
  download: {from: log, to: "vm:80/tcp", at: 1s, reply: 9kB}
taps: {realms-of-run: {at: realms}, all-of-run: {at: all}, drops-of-run: {at: drops}}
EOF
packets() {
	tshark -r "$1" -T fields -e frame.time_epoch -e frame.interface_name -e frame.packet_id -e frame.comment -e ip.src -e ip.len -e ip.frag_offset 2>/dev/null
}
"${extcap%-extcap}" run both.yaml -q -o both >/dev/null
for at in realms all drops; do
	capture --scenario both.yaml --at $at
	packets file.pcapng >captured
	packets both/$at-of-run.pcapng >written
	check "at $at it captures what a run writes" cmp captured written
	check "there is something to compare" test -s captured
done

# ---- a FIFO: packets come while the run goes on; a signal and a closed reader end it
mkfifo fifo
slow() {
	"$extcap" --capture --extcap-interface pktpath --fifo fifo --scenario long.yaml "$@" 2>err &
	pid=$!
}
ended() {
	status=0
	wait "$pid" || status=$?
}
slow --speed 10
timeout 30 dd if=fifo of=first bs=64 count=8 2>/dev/null # and then it closes
ended
said "a reader who has seen enough" 0 err ''
check "the first packets came before the run was over" test -s first
slow --speed 1
timeout 60 cat fifo >live.pcapng &
reader=$!
packets_so_far=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
	sleep 1
	packets_so_far=$(tshark -r live.pcapng 2>/dev/null | wc -l)
	[ "$packets_so_far" -le 3 ] || break
done
check "it waits for its time" kill -0 "$pid"
kill -TERM "$pid"
ended
wait "$reader"
said "SIGTERM" 0 err ''
check "packets were there already" test "$packets_so_far" -gt 3
check "not all" test "$packets_so_far" -lt 100
check "what was captured is whole" sh -c 'capinfos live.pcapng >capinfos.out 2>&1 && ! grep -qi "cut short\|error" capinfos.out'
slow
sleep 1
kill -TERM "$pid"
ended
said "SIGTERM before anybody reads" 0 err ''
slow --speed 1000000
timeout 60 cat fifo >whole.pcapng
ended
said "to the end" 0 err ''
"$extcap" --capture --extcap-interface pktpath --fifo "$scratch/asap.pcapng" --scenario long.yaml
check "the pace changes no byte" cmp asap.pcapng whole.pcapng

# ---- tshark as an ordinary user
mkdir -p home/extcap
chmod 755 "$scratch" home
cp "$extcap" home/extcap/
if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null || { skip "no setpriv here" && cd "$root" && finish; }
	chown -R 65534:65534 home
	ordinary() {
		setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$scratch/home" TMPDIR="$scratch/home" WIRESHARK_EXTCAP_DIR="$scratch/home/extcap" "$@"
	}
else
	ordinary() {
		env HOME="$scratch/home" TMPDIR="$scratch/home" WIRESHARK_EXTCAP_DIR="$scratch/home/extcap" "$@"
	}
fi
chmod 644 ./*.yaml
if ! ordinary dumpcap --version >/dev/null 2>&1; then
	skip "dumpcap is not for ordinary users here"
	cd "$root" && finish
fi
ordinary tshark -D >out 2>err
status=$?
said "tshark lists the interface" 0 out 'pktpath \(Simulated network\)'
option=-oextcap.pktpath
ordinary timeout 60 tshark -i pktpath "$option.scenario:$scratch/one.yaml" "$option.flow:call" -c 4 -T fields -e frame.interface_name -e ip.src -e ip.dst >out 2>err
status=$?
said "tshark captures" 0 out '^ase-one/worker-0	10\.0\.1\.5	203\.0\.113\.10$'
check "as many packets as it wants" test "$(wc -l <out)" -eq 4
ordinary timeout 60 tshark -i pktpath "$option.scenario:$scratch/one.yaml" -f 'tcp port 1433' -T fields -e tcp.dstport >out 2>err
status=$?
said "to the end of the run, with a capture filter" 0 out '^1433$'
check "that is obeyed" sh -c '! grep -qw 443 out'
ordinary timeout 60 tshark -i pktpath "$option.scenario:$scratch/long.yaml" "$option.speed:1" -c 5 >out 2>err # the run takes eight minutes
status=$?
said "live: the first packets are shown while the run goes on" 0 out 'SYN'
# tshark may stay, having said what is wrong.
ordinary timeout 15 tshark -i pktpath "$option.scenario:$scratch/broken.yaml" >out 2>err
check "tshark shows what is wrong with a scenario" grep -q 'broken\.yaml:12:1: error' err
sleep 0.3
check "nothing is left running" sh -c '! pgrep -f "$1/home/extcap/pktpath-extcap" >/dev/null' _ "$scratch"
cd "$root" || exit 1
finish

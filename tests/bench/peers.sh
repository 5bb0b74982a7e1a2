#!/bin/sh
# That peers.py measures what it says: packets are counted on each side, a side that does something else fails, and what is absent is named.
# Usage: peers.sh SOURCE_ROOT PKTPATH PEERS_UDP
cd "$1" || exit 1
pktpath=$2
udp=$3
. tests/shell.sh
needs python3

# peers STATUS PKTPATH OPTION...: its output in $scratch/out.
peers() {
	wanted=$1
	shift
	python3 tests/bench/peers.py --below "$scratch" --rounds 5 --runs 1 "$@" >"$scratch/out" 2>&1
	[ $? -eq "$wanted" ] || {
		cat "$scratch/out"
		return 1
	}
}

# says LINE...: patterns of whole lines that stand in the output.
says() {
	for line in "$@"; do
		grep -qxE "$line" "$scratch/out" || {
			echo "no line '$line' in:"
			cat "$scratch/out"
			return 1
		}
	done
}

check "one run measures what can be had" peers 0 "$pktpath" "$udp"
check "pktpath is measured, each packet counted" says 'peers: 1000 packets .*' 'pktpath, translating: [0-9]+ ns a packet; [0-9]+ events, [0-9]+ ns an event' \
	'pktpath, translating, captured: [0-9]+ ns a packet; 5000 captured, .*'
if grep -q '^ns-3: skipped: ' "$scratch/out"; then
	skip "$(grep '^ns-3: skipped: ' "$scratch/out")"
else
	check "ns-3 is measured beside it" says 'ns-3, forwarding: .*' 'ns-3, forwarding, captured on both sides: .* 2000 captured, .*' \
		'ratio: ns-3, forwarding: [0-9.]+ times pktpath by packet'
fi
kernel=
if grep -q '^kernel: .*skipped: ' "$scratch/out"; then
	skip "$(grep '^kernel: .*skipped: ' "$scratch/out")"
else
	kernel=1
	check "the kernel is measured beside it" says 'kernel, forwarding: .*' 'kernel, translating: .*' \
		'kernel, translating, captured on both sides: .* 2000 captured, .*' 'ratio: kernel, translating: [0-9.]+ times pktpath by packet'
fi

# What is measured is what was asked for.
check "a program that does nothing is not measured" peers 1 --cxx no-such-compiler true "$udp"
check "and the bench says so" says 'not ok - pktpath wrote no report'
cat >"$scratch/fewer" <<END
#!/bin/sh
exec "$pktpath" "\$@" --set flows.call.rounds=4
END
chmod +x "$scratch/fewer"
check "a run with fewer packets is not measured" peers 1 --cxx no-such-compiler "$scratch/fewer" "$udp"
check "and the bench says which" says 'not ok - pktpath: sent, delivered, translated, mappings: \[800, 800, 800, 100\], and not \[1000, 1000, 1000, 100\]'
if [ -n "$kernel" ]; then
	check "ends that carry nothing are not measured" peers 1 --cxx no-such-compiler "$pktpath" true
fi

# What is absent is named.
check "without a C++ compiler it measures the others" peers 0 --cxx no-such-compiler "$pktpath" "$udp"
check "and says that ns-3 is skipped" says 'ns-3: skipped: there is no .* here \(.*\)'
if [ "$(id -u)" -ne 0 ]; then
	check "without root the kernel is skipped" says 'kernel: skipped: it needs root'
elif unshare -U true 2>/dev/null; then
	not_root() {
		unshare -U python3 tests/bench/peers.py --below "$scratch" --rounds 5 --runs 1 --cxx no-such-compiler "$pktpath" "$udp" >"$scratch/out" 2>&1
	}
	check "without root it measures the others" not_root
	check "and says that the kernel is skipped" says 'kernel: skipped: it needs root'
fi

# Namespaces go with the process that made them, and those of one that was killed with the next.
if [ -n "$kernel" ]; then
	PATH=$PATH:/usr/sbin:/sbin
	spaces_of() {
		ip netns list | grep "^pktpath-peers-$1-"
	}
	# killed_by SIGNAL: starts a long run, and sends it the signal once its namespaces are there.
	killed_by() {
		python3 tests/bench/peers.py --below "$scratch" --rounds 1000 --runs 1000 --cxx no-such-compiler "$pktpath" "$udp" >"$scratch/out" 2>&1 &
		pid=$!
		tries=0
		until spaces_of "$pid" | grep -q server || [ "$tries" -ge 300 ]; do
			sleep 0.1
			tries=$((tries + 1))
		done
		kill -s "$1" "$pid"
		wait "$pid"
		[ "$tries" -lt 300 ]
	}
	check "a run is ended by a signal" killed_by TERM
	silent "and its namespaces are gone" spaces_of "$pid"
	check "a run is killed" killed_by KILL
	killed=$pid
	check "the next one measures" peers 0 --cxx no-such-compiler "$pktpath" "$udp"
	silent "and has removed what that left" spaces_of "$killed"
fi
finish

#!/bin/sh
# What README.md and all of docs/ show users to type works, and prints what they say. Their console blocks hold commands after "$ " and then
# their output: line for line, where "..." stands for lines left out; no output at all is not looked at. Numbers of milliseconds differ from
# machine to machine. The commands of a page run one after the other in a directory of their own, a copy of what is committed.
# Usage: readme.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs tshark

checkout=$scratch/checkout
fresh_checkout() {
	rm -rf "$checkout"
	mkdir -p "$checkout/build/src/cli"
	cp -r scenarios captures share README.md docs "$checkout/"
	printf '#!/bin/bash\nexec -a "$0" %s "$@"\n' "$pktpath" >"$checkout/build/src/cli/pktpath"
	chmod +x "$checkout/build/src/cli/pktpath"
	ln -s "$pktpath-extcap" "$checkout/build/src/cli/"
}

# cut PAGE: its console blocks as numbered files N.command and N.output.
cut_blocks() {
	rm -f "$scratch"/*.command "$scratch"/*.output
	awk -v to="$scratch/" '
		/^```console/ { inside = 1; next }
		/^```/ { inside = 0 }
		inside && /^\$ / { n++; printf "%s\n", substr($0, 3) > (to n ".command"); printf "" > (to n ".output"); next }
		inside && n { print > (to n ".output") }' "$1"
}

timeless() {
	sed -E 's/in [0-9.]+ (us|ms|s)\b/in TIME/'
}

# missing SHOWN PRINTED: what is shown and not printed. Lines that stand together are looked for together, behind those before; where no "..."
# stands before the first, it is the first that is printed, and likewise the last.
missing() {
	awk '
		NR == FNR { printed[++n] = $0; next }
		$0 == "..." { open_end = 1; next }
		{
			if (n_pieces == 0 || open_end)
				first[++n_pieces] = n_shown + 1
			if (n_pieces == 1 && open_end && n_shown == 0)
				open_start = 1
			open_end = 0
			shown[++n_shown] = $0
			last[n_pieces] = n_shown
		}
		# How many lines of the piece are printed from there on.
		function common(piece, from,   i) {
			for (i = 0; first[piece] + i <= last[piece] && printed[from + i] == shown[first[piece] + i]; i++)
				;
			return i
		}
		END {
			at = 1
			for (piece = 1; piece <= n_pieces; piece++) {
				n_lines = last[piece] - first[piece] + 1
				from = piece == n_pieces && !open_end && (piece > 1 || open_start) ? n - n_lines + 1 : at
				to = piece == 1 && !open_start ? at : n - n_lines + 1
				best = 0
				for (i = from; i <= to && best < n_lines && i >= at; i++)
					if (common(piece, i) > best || i == from) {
						best = common(piece, i)
						at = i
					}
				if (best < n_lines) {
					print "it should print, here: " shown[first[piece] + best]
					exit
				}
				at += n_lines
			}
			if (n_pieces > 0 && !open_end && at <= n)
				print "it prints more: " printed[at]
		}' "$2" "$1"
}

# Wireshark 4.4 loads no Lua for root.
lua_works=yes
tshark -X lua_script:share/wireshark/pktpath.lua -r captures/fragments/in-order.pcapng -c 1 -T fields -e pktpath.flow >/dev/null 2>&1 || lua_works=no
[ "$(id -u)" -eq 0 ] || lua_works=yes

# try PAGE COMMAND SHOWN
try_command() {
	case $2 in
	git* | wireshark* | sudo* | "./dev test"* | "./dev bench"*) return ;; # needs a screen, a network, or is this suite
	"./dev run"*) typed="build/src/cli/pktpath run scenarios/*.yaml scenarios/*/*.yaml" ;; # what it does once all is built
	*lua_script:*)
		if [ $lua_works = no ]; then
			skip "$1: $2: this Wireshark loads no Lua for root"
			return
		fi
		typed=$2
		;;
	*) typed=$2 ;;
	esac
	n_run=$((n_run + 1))
	if ! (cd "$checkout" && sh -c "$typed") >"$scratch/stdout" 2>"$scratch/stderr" </dev/null ||
		grep '^tshark: ' "$scratch/stderr" | grep -qv 'Broken pipe'; then # before a pipe its status is lost
		not_ok "$1: $2: failed"
		head -n 20 "$scratch/stderr" | sed 's/^/    /'
		return
	fi
	timeless <"$scratch/stdout" >"$scratch/printed"
	timeless <"$3" >"$scratch/shown"
	missing "$scratch/shown" "$scratch/printed" >"$scratch/missing"
	if [ -s "$scratch/missing" ]; then
		not_ok "$1: $2: does not print what it says"
		sed 's/^/    /' "$scratch/missing"
	else
		ok "$1: $2"
	fi
}

n_run=0
n_pages=0
find README.md docs -name '*.md' | sort >"$scratch/pages"
while IFS= read -r page; do
	grep -q '^```console' "$page" || continue
	n_pages=$((n_pages + 1))
	fresh_checkout
	cut_blocks "$page"
	n=1
	while [ -e "$scratch/$n.command" ]; do
		try_command "$page" "$(cat "$scratch/$n.command")" "$scratch/$n.output"
		n=$((n + 1))
	done
done <"$scratch/pages"
check "pages have commands to try" test "$n_run" -ge 100
check "each law's page is among them" test "$n_pages" -ge 20

# The comparison itself: what it must show, and what not.
printf 'a\nb\nc\nd\n' >"$scratch/printed"
shows() {
	printf '%b' "$1" >"$scratch/shown"
	[ "$(missing "$scratch/shown" "$scratch/printed")" = "$2" ]
}
check "the whole output" shows 'a\nb\nc\nd\n' ''
check "nothing shown" shows '' ''
check "its beginning" shows 'a\n...\n' ''
check "its middle" shows '...\nb\nc\n...\n' ''
check "lines that stand together" shows '...\na\nx\n...\n' 'it should print, here: x'
printf 'a\nb\na\nc\n' >"$scratch/printed"
check "that begin twice" shows '...\na\nc\n' ''
check "and in order" shows '...\na\nc\n...\nb\n...\n' 'it should print, here: b'
printf 'a\nb\nc\nd\n' >"$scratch/printed"
check "two pieces and the end" shows 'a\n...\nc\nd\n' ''
check "a line that is not printed" shows 'a\n...\nx\n...\n' 'it should print, here: x'
check "a line too early" shows '...\nc\n...\nb\n...\n' 'it should print, here: b'
check "a gap that is not marked" shows 'a\nc\n...\n' 'it should print, here: c'
check "more than shown" shows 'a\nb\n' 'it prints more: c'
check "not its beginning" shows 'b\nc\nd\n' 'it should print, here: b'
finish

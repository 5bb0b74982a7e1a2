#!/bin/sh
# What README.md and docs/ tell users to type works, and prints what they say. Their console blocks hold commands after "$ " and then
# their output; "..." stands for lines left out. Numbers of milliseconds differ from machine to machine.
# Usage: readme.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs tshark

# The commands run in a copy, with the program where README.md has it.
mkdir -p "$scratch/checkout/build/src/cli"
cp -r scenarios captures share README.md docs "$scratch/checkout/"
printf '#!/bin/sh\nexec %s "$@"\n' "$pktpath" >"$scratch/checkout/build/src/cli/pktpath"
chmod +x "$scratch/checkout/build/src/cli/pktpath"
ln -s "$pktpath-extcap" "$scratch/checkout/build/src/cli/"

# Cuts the console blocks into numbered files N.command and N.output.
awk -v to="$scratch/" '
	/^```console/ { inside = 1; next }
	/^```/ { inside = 0 }
	inside && /^\$ / { n++; printf "%s\n", substr($0, 3) > (to n ".command"); printf "" > (to n ".output"); next }
	inside && n { print > (to n ".output") }' README.md docs/*.md

timeless() {
	sed -E 's/in [0-9.]+ (us|ms|s)\b/in TIME/'
}

n=1
n_run=0
while [ -e "$scratch/$n.command" ]; do
	command=$(cat "$scratch/$n.command")
	case $command in
	git* | wireshark* | "./dev test"* | "./dev bench"* | sudo*) ;; # needs a screen, a network, or is this suite
	*)
		n_run=$((n_run + 1))
		case $command in
		"./dev run"*) typed="build/src/cli/pktpath run scenarios/*.yaml scenarios/*/*.yaml" ;; # what it does once all is built
		*) typed=$command ;;
		esac
		if ! (cd "$scratch/checkout" && sh -c "$typed") >"$scratch/stdout" 2>"$scratch/stderr"; then
			not_ok "docs: $command: failed"
			head -n 20 "$scratch/stderr"
		else
			timeless <"$scratch/stdout" >"$scratch/got"
			missing=$(timeless <"$scratch/$n.output" | grep -vx '\.\.\.' | grep -vxF -f "$scratch/got")
			if [ -n "$missing" ]; then
				not_ok "docs: $command: does not print"
				printf '%s\n' "$missing" | sed 's/^/    /'
			else
				ok "docs: $command"
			fi
		fi
		;;
	esac
	n=$((n + 1))
done
check "README has commands to try" test "$n_run" -ge 4
finish

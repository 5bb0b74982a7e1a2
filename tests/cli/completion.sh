#!/bin/sh
# Completion: what `pktpath complete` offers, and that bash, zsh and fish put it into the line.
# Usage: completion.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
scenario one "$good"
root=$PWD
completion=$PWD/share/completion
zsh_asks=$PWD/tests/cli/completion_zsh.py
cd "$scratch" || exit 1

# offers WHAT PATTERN WORD...: a line matches.
offers() {
	what=$1
	pattern=$2
	shift 2
	call complete "$@"
	said "$what" 0 out "$pattern"
}
# offers_no WHAT PATTERN WORD...: none does.
offers_no() {
	what=$1
	pattern=$2
	shift 2
	call complete "$@"
	check "$what" sh -c '! grep -qE -- "$1" out' _ "$pattern"
}

tab=$(printf '\t')
offers "commands, with what they do" "^run${tab}replays" ''
offers "those that begin so" "^explain${tab}" ex
offers_no "and no others" '^run' ex
offers_no "nor itself" '^complete' co
offers "--help" '^--help' --
offers "options of a command" "^--packet${tab}that packet" explain one.yaml --
offers "with a short letter too" '^--output' run --o
offers "two of one line of the help" '^--to$|^--to'"$tab" explain one.yaml --t
offers_no "not those of other commands" '^--junit' run --
offers "scenarios where one is due" '^:scenarios$' run ''
offers "and again where several may be" '^:scenarios$' check one.yaml ''
offers "flows of the scenario" '^call$' explain one.yaml ''
offers "behind options with their values" '^call$' explain --seed 3 -q one.yaml ca
offers_no "a flow is not asked twice" . explain one.yaml call ''
offers "NATs" '^ase-one$' classify one.yaml a
offers "names" '^web\.ase-one\.p\.azurewebsites\.cn$' resolve one.yaml web
offers "callers" '^ase-one/worker-0$' explain one.yaml --from ase
offers "resolvers" '^contoso$' resolve one.yaml api --from con
offers "what can be called" '^api:443/tcp$' explain one.yaml --to api
offers "web apps, too" '^shop:443/tcp$' explain "$root/scenarios/azure/private-endpoint-web-app.yaml" --to ''
offers "private endpoints by the ports of what is behind them" '^shop-pe:443/tcp$' explain "$root/scenarios/azure/private-endpoint-web-app.yaml" --to shop-
offers "the value of an option in one word" '^--to=api:443/tcp$' explain one.yaml --to=api
offers "directories" '^:directories$' run one.yaml -o ''
offers "directories in one word" '^:directories$' run --output=x
offers "files" '^:files$' draw one.yaml --output ''
offers "lists" '^ports,time$' diff --ignore ports,t
offers "settings, a part at a time" '^network\.ases\.$' run one.yaml --set network.a
offers_no "and not all that is below" 'vip' run one.yaml --set network.a
offers "and what they are given" '^network\.ases\.ase-one\.vip=$' run one.yaml --set network.ases.ase-one.v
offers "a default, too" '^network\.ases\.ase-one\.snat\.tcp_idle=$' run one.yaml --set network.ases.ase-one.snat.tcp_i
printf 'scenario: 1\nvars: {WORKERS: 2, SEED: }\nseed: ${SEED}\n' >variables.yaml
offers "variables, those that must be given too" '^SEED=$' check variables.yaml --var S
offers "no space behind them" '^:nospace$' run one.yaml --set network.a
offers_no "values of settings are not completed" '=' run one.yaml --set seed=1
offers_no "no options behind --" '^--' run -- --
call complete explain nothing.yaml ''
said "a scenario that is none: nothing, and in silence" 0 err ''
call complete frobnicate ''
said "a command that is none" 0 out ''
call complete
said "no words at all" 0 out '^run'

# Each option that the help names is one that the command takes: it complains of everything else.
"$pktpath" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' >commands
check "the help lists the commands" grep -qx explain commands
while read -r command; do
	"$pktpath" complete "$command" -- | cut -f1 >options
	while read -r option; do
		"$pktpath" "$command" "$option" >/dev/null 2>err </dev/null
		if grep -q "unknown option" err; then
			not_ok "$command takes $option, which its help names"
		fi
	done <options
	ok "options of $command"
done <commands

# ---- shells
PATH=$(dirname "$pktpath"):$PATH
export PATH
if command -v bash >/dev/null; then
	cat >ask.bash <<'END'
. "$1/pktpath.bash"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
_pktpath
printf '%s\n' "${COMPREPLY[@]}"
END
	in_bash() {
		test "$(bash ask.bash "$completion" "$1" | tr '\n' ' ')" = "$2 "
	}
	check "bash: a command" in_bash "pktpath expl" explain
	check "bash: a flow" in_bash "pktpath explain one.yaml c" call
	check "bash: behind a colon, at which bash splits words" in_bash "pktpath explain one.yaml --to api:4" 443/tcp
	check "bash: behind an equals sign" in_bash "pktpath explain one.yaml --from=ase-one/w" "ase-one/web ase-one/worker-0"
	check "bash: a scenario" in_bash "pktpath run o" one.yaml
	check "bash: the program by its path" in_bash "$pktpath run o" one.yaml
	mkdir -p only/here
	check "bash: a directory" in_bash "pktpath run one.yaml -o on" only
else
	skip "no bash here"
fi
if command -v fish >/dev/null; then
	in_fish() {
		fish --no-config -c "source $completion/pktpath.fish; complete -C '$1'" 2>/dev/null | grep -qx -- "$2"
	}
	HOME=$scratch
	export HOME
	check "fish: a command" in_fish "pktpath expl" "explain${tab}.*"
	check "fish: a flow" in_fish "pktpath explain one.yaml c" call
	check "fish: behind a colon" in_fish "pktpath explain one.yaml --to api:4" api:443/tcp
	check "fish: a scenario" in_fish "pktpath run on" one.yaml
else
	skip "no fish here"
fi
if has_terminal && command -v zsh >/dev/null && command -v python3 >/dev/null; then
	in_zsh() {
		python3 "$zsh_asks" "$completion" "$1" "$2"
	}
	check "zsh: a command" in_zsh "pktpath expl" "pktpath explain"
	check "zsh: a flow" in_zsh "pktpath explain one.yaml c" "pktpath explain one.yaml call"
	check "zsh: behind a colon" in_zsh "pktpath explain one.yaml --to api:4" "pktpath explain one.yaml --to api:443/tcp"
	check "zsh: a setting, with no space behind it" in_zsh "pktpath run one.yaml --set network.a" "pktpath run one.yaml --set network.ases."
	check "zsh: a scenario" in_zsh "pktpath run one." "pktpath run one.yaml"
else
	skip "no zsh, or no terminal, here"
fi
finish

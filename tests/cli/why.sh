# shellcheck shell=sh
# Sourced by the tests of causes.
# shellcheck disable=SC2154

# why WHAT FLOW CAUSE HELPS SETTING: of the scenario on standard input, the cause of that flow's loss and what helps match, and the setting is named; where it is empty, none is.
why() {
	cat >why.yaml
	if ! "$pktpath" explain why.yaml "$2" --json -q >why.json 2>why.err; then
		not_ok "$1 (explain failed)"
		sed 's/^/    /' why.err | head -n 20
		return
	fi
	# shellcheck disable=SC2016
	if jq -e --arg cause "$3" --arg helps "$4" --arg setting "$5" '.calls[0].loss |
		(.cause | test($cause)) and (.helps | test($helps)) and (.settings | if $setting == "" then length == 0 else index($setting) != null end)' why.json >why.out 2>&1; then
		ok "$1"
	else
		not_ok "$1"
		jq '.calls[0] | {outcome, loss: (.loss | {reason, by, cause, helps, settings})}' why.json | sed 's/^/    /'
	fi
}

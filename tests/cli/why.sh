# shellcheck shell=sh
# Sourced by the tests of causes. Each scenario that is asked is kept: same_words looks for its cause in all outputs.
# shellcheck disable=SC2154
n_asked=0

# why WHAT FLOW CAUSE HELPS SETTING: of the scenario on standard input, the cause of that flow's loss and what helps match, and the setting is named; where it is empty, none is.
why() {
	n_asked=$((n_asked + 1))
	asked=asked/$n_asked
	mkdir -p "$asked"
	cat >why.yaml
	cp why.yaml "$asked/why.yaml"
	printf '%s\n' "$1" >"$asked/what"
	printf '%s\n' "$2" >"$asked/flow"
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
	jq -r .calls[0].loss.cause why.json >"$asked/cause"
	jq -r .calls[0].loss.helps why.json >"$asked/helps"
	jq -r .calls[0].outcome why.json >"$asked/outcome"
	jq -r .calls[0].loss.packet why.json >"$asked/packet"
}

# holds WHAT FILE TEXTS: the file has each line of the file TEXTS. Blanks and ends of lines count as one blank.
holds() {
	tr -s ' \n' '  ' <"$2" >held
	while read -r held_text; do
		if ! grep -aqF -- "$held_text" held; then
			echo "$1 has not: $held_text" >>missing
		fi
	done <"$3"
}

# html FILE: as a page has its text.
html() {
	sed "s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/\"/\\&quot;/g; s/'/\\&#39;/g" "$1"
}

# outputs NUMBER: what is missing where, of the scenario asked with this number.
outputs() {
	asked=asked/$1
	flow=$(cat "$asked/flow")
	: >missing
	cat "$asked/cause" "$asked/helps" >words
	html words >words.html
	cp "$asked/why.yaml" why.yaml
	if ! grep -qE '^(expect|taps):' why.yaml; then
		outcome=delivered
		grep -q 'packets:' why.yaml && outcome=forwarded
		printf 'expect: [{flow: "%s", outcome: %s}]\n' "$flow" "$outcome" >>why.yaml
	fi
	"$pktpath" run why.yaml -o "$asked/run" >ran.out 2>ran.err
	"$pktpath" test why.yaml --no-keep >tested.out 2>tested.err
	"$pktpath" report "$asked/run" -q >reported.out 2>reported.err
	"$pktpath" explain why.yaml "$flow" -q >explained.out 2>explained.err
	cat "$asked"/run/*.pcapng >notes
	jq -r '.flows[].connections[] | .cause, .helps' "$asked/run/report.json" >connections
	jq -r '.expectations[] | .cause, .helps' "$asked/run/report.json" >expectations
	holds "explain" explained.out words
	# A call that fails and loses no packet has none that a note could stand beside.
	[ "$(cat "$asked/packet")" = null ] || holds "the notes of captures" notes words
	holds "the page" "$asked/run/report.html" words.html
	# What lost a packet and arrived later is no failure.
	[ "$(cat "$asked/outcome")" = delivered ] && return
	holds "a failure of run" ran.out words
	holds "a failure of test" tested.out words
	holds "a connection of report.json" connections words
	holds "an expectation of report.json" expectations words
}

# same_words: every cause that was asked for stands, with what helps, in all outputs alike.
same_words() {
	number=0
	while [ "$number" -lt "$n_asked" ]; do
		number=$((number + 1))
		outputs "$number"
		if [ -s missing ]; then
			not_ok "the same words in all outputs: $(cat "asked/$number/what")"
			sed 's/^/    /' missing | head -n 10
		else
			ok "the same words in all outputs: $(cat "asked/$number/what")"
		fi
	done
}

#!/bin/sh
# Pages as a browser lays them out: at several widths, light, dark and on paper nothing overflows, overlaps or is hard to read; details show
# under the pointer and from the keyboard. And pages that were spoilt by hand are found. First everything is made, then one browser looks at all of it.
# With PKTPATH_LONG set it looks at more pages, and at both layouts of each picture.
# Usage: page.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs chromium python3
cp tests/cli/rich.yaml scenarios/snat-exhaustion.yaml scenarios/calls-between-environments.yaml scenarios/nat/double-nat.yaml "$scratch/"
cd "$scratch" || exit 1
scenario failing "$bad"

# page DIRECTORY SCENARIO [OPTION...]: runs it and makes its page.
page() {
	directory=$1
	shift
	"$pktpath" run "$@" --no-traces -o "$directory" >run.out 2>&1
	check "a page: $directory" "$pktpath" report "$directory"
}

# on_plan WHAT KIND FILE [FOUND]: FILE will be looked at as KIND; all is well there, or, with FOUND, this is found.
: >plan
on_plan() {
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-}" >>plan
}

page rich rich.yaml
page exhausted snat-exhaustion.yaml
page failing failing.yaml
page layered calls-between-environments.yaml
page behind double-nat.yaml

# Names as long as they may be, and prose that means harm or is not ASCII.
awk 'BEGIN {
	for (n = ""; length(n) < 61; n = n "m");
	print "scenario: 1\nname: " n "\nabout: \"<script>alert(1)</script> Gr\303\274\303\237e \346\227\245\346\234\254 " n n n " &amp;\""
	print "network:\n  vnets: {" n "v: {space: [10.0.0.0/16], subnets: {" n "s: {cidr: 10.0.1.0/26, nsg: " n "g, routes: " n "r}, data: {cidr: 10.0.2.0/24}}}}"
	print "  nsgs: {" n "g: {inbound: [{name: " n "a, priority: 100, action: allow, proto: tcp, src: any, dst: any, dst_ports: [80, 443]}]}}"
	print "  route_tables: {" n "r: {routes: {" n "q: {prefix: 198.51.100.0/24, next_hop: none}}}}"
	print "  ases: {" n "e: {subnet: " n "v/" n "s, vip: 192.23.1.2, apps: {" n "p: {}}}}"
	print "  hosts: {" n "h: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: a." n ".example}, " n "d: {subnet: " n "v/data, listen: [1433/tcp]}, " n "t: {internet: true, ip: 198.51.100.9}}"
	print "flows:\n  " n "1: {from: " n "e/" n "p, to: \"" n "h:443/tcp\"}\n  " n "2: {from: " n "e/" n "p, to: \"" n "t:443/tcp\"}"
	print "  " n "3: {from: " n "t, to: \"" n "e/" n "p:22/tcp\"}\n  " n "4: {from: " n "e/" n "p, to: \"" n "d:1433/tcp\"}"
	print "expect:\n  - {id: \"<b>\\\" onclick=x " n n "\", flow: " n "1, outcome: refused, seen_at: " n "h, src: 10.0.1.6}\n  - {flow: " n "2, outcome: timed_out}"
}' >names.yaml
page names names.yaml

# Many of everything.
awk 'BEGIN {
	print "scenario: 1\nname: many\nnetwork:\n  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.0.0/24}, data: {cidr: 10.0.9.0/24}}}}"
	print "  ases: {ase: {subnet: contoso/ase, vip: 192.23.1.2, workers: 100, apps: {web: {}}}}\n  sites:"
	for (i = 0; i < 10; i++)
		print "    home-" i ": {prefixes: [192.168." i ".0/24], nat: {profile: home, address: 203.0.114." i + 1 "}}"
	print "  hosts:\n    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}\n    sql: {subnet: contoso/data, listen: [443/tcp]}"
	for (i = 0; i < 10; i++)
		print "    laptop-" i ": {site: home-" i ", ip: 192.168." i ".10}"
	print "flows:"
	for (i = 0; i < 200; i++)
		print "  flow-" i ": {from: ase/web, to: \"" (i % 3 ? "api" : "sql") ":" (i % 50 ? 443 : 444) "/tcp\", at: " i * 10 "ms, then: hold}"
	for (i = 0; i < 10; i++)
		print "  visit-" i ": {from: laptop-" i ", to: \"ase/web:443/tcp\"}"
	print "  crowd: {from: ase/web, to: \"api:443/tcp\", at: 5s, repeat: {count: 30000, every: 1ms}}"
}' >many.yaml
page many many.yaml

pages='rich failing names'
[ -z "${PKTPATH_LONG:-}" ] || pages='rich exhausted failing layered behind names many'
for directory in $pages; do
	on_plan "all of it is well: $directory" --page "$directory/report.html"
done

# ---- pictures that draw makes, in either layout
# picture NAME ARGUMENT...
picture() {
	name=$1
	shift
	{
		echo '<!DOCTYPE html><meta charset="utf-8"><body><div class="picture" style="overflow:auto">'
		"$pktpath" draw "$@"
		echo '</div></body>'
	} >"$name"
}
layouts=plain
if command -v dot >/dev/null; then
	layouts='plain dot'
else
	skip "no dot here: its layouts were not looked at"
fi
n_pictures=0
for layout in $layouts; do
	for arguments in 'rich.yaml by-fw' 'rich.yaml refused' 'calls-between-environments.yaml layered' 'double-nat.yaml' 'many.yaml visit-7' names.yaml; do
		n_pictures=$((n_pictures + 1))
		# Without PKTPATH_LONG each picture in one of the layouts.
		if [ -z "${PKTPATH_LONG:-}" ] && [ "$layout" = dot ] && [ $((n_pictures % 2)) -eq 0 ]; then
			continue
		fi
		# shellcheck disable=SC2086 # words of a command line
		picture "picture-$n_pictures.html" $arguments --layout "$layout"
		on_plan "a picture is well: $arguments, $layout" --picture "picture-$n_pictures.html"
	done
done

# ---- a page that was spoilt is found
# spoilt WHAT FOUND SED-COMMAND
n_spoilt=0
spoilt() {
	n_spoilt=$((n_spoilt + 1))
	sed -E "$3" failing/report.html >"spoilt-$n_spoilt.html"
	if cmp -s failing/report.html "spoilt-$n_spoilt.html"; then
		not_ok "$1: there was nothing to spoil"
		return
	fi
	on_plan "found: $1" --narrow "spoilt-$n_spoilt.html" "$2"
}
spoilt "a page that is too wide" 'the page is 3[0-9]{3} wide' 's/<h1>/<h1 style="width:3000px">/'
spoilt "a label that leaves its box" 'text leaves its box: ase-one/vip, which' 's/>ase-one\/vip</>ase-one\/vip, which does not fit into its box at all</'
spoilt "text on text" 'texts overlap' 's/^\.verdict\{/.verdict{position:relative;top:-50px;/'
spoilt "a table wider than its frame" '420 light: .*is overfull' 's/^table,tbody,tr,td\{display:block\}/table{min-width:900px}/'
spoilt "faint text" 'hard to read' 's/^\.dim\{color:#5a6a7a\}/.dim{color:#b0b8c0}/'
spoilt "faint text in a picture, in the dark" ' dark: hard to read' 's/^\.pp \.dim\{fill:#9fb0c1\}/.pp .dim{fill:#405060}/'
spoilt "nothing under the pointer" 'pointer, 420: details of place [0-9]+ were asked for' 's/\.hot:hover>\.tip,/.never>.tip,/'
spoilt "nothing from the keyboard" 'keyboard: details of place [0-9]+ were asked for' 's/\.hot:focus>\.tip\{display/.never>.tip{display/'
spoilt "details that lie outside their picture" 'are not all to be seen' 's/(class="tip-box" x=")/\1-9/'
spoilt "folds that stay shut on paper" 'on paper: ' 's/details::details-content/details::nothing/; s/<details open/<details/'

# ---- now the browser
cut -f 2,3 plan | tr '\t' '\n' >arguments
# A browser that hangs has failed; layout.py has ends of its own, long before this one.
xargs timeout 1500 python3 "$root/tests/cli/layout.py" <arguments >found 2>found.err
while IFS='	' read -r what _ file pattern; do
	if [ -z "$pattern" ]; then
		check "$what" grep -qxF "$file: ok" found
		grep "^${file}[,:]" found | grep -vxF "$file: ok" | head -n 20
	else
		check "$what" sh -c 'grep "^$1[,:]" found | grep -qE "$2"' _ "$file" "$pattern"
	fi
done <plan
head -n 5 found.err
check "the browser looked at each of them" test "$(grep -cE '^[^,:]*: ok$' found)" -ge "$(grep -c '	--p' plan)"
cd "$root" || exit 1
finish

#!/bin/sh
# pktpath report: one page about the output of a run; from the report alone, harmless, small. How it is laid out: page.sh.
# Usage: report.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
cp tests/cli/rich.yaml scenarios/snat-exhaustion.yaml "$scratch/"
cd "$scratch" || exit 1
scenario one "$good"
scenario failing "$bad"

# page DIRECTORY SCENARIO [OPTION...]: runs it and makes its page.
page() {
	directory=$1
	shift
	"$pktpath" run "$@" -o "$directory" >run.out 2>&1
	call report "$directory"
	cp "$directory/report.html" page.html
}

# ---- what it shows
page made one.yaml
said "a page" 0 out '^made/report\.html$'
said "nothing else is said" 0 err ''
has() {
	check "$1 ($2)" grep -qE -- "$2" page.html
}
lacks() {
	silent "$1 ($2)" grep -oE -- "$2" page.html
}
has "the verdict" 'class="verdict pass">✓ The one expectation holds\.'
has "a table of addresses at each hop" '<td class="mono whole changed" data-h="from source">192\.23\.1\.2:1024</td>'
has "each address" '<td class="mono whole" data-h="outside">192\.23\.1\.2:1024-[0-9]*</td>'
has "the network" '>ase-one/vip</text>'
has "a ladder" '>10\.0\.1\.5:49152 → 203\.0\.113\.10:443</text>'
has "details where the pointer rests" '<tspan class="strong"[^>]*>packet 1: SYN</tspan>'
has "mappings over time" '>1 mapping of flow call, app ase-one/web</tspan>'
has "which addresses and ports" '>tcp 10\.0\.1\.5 is 192\.23\.1\.2, port 1024, to 203\.0\.113\.10:443</tspan>'
has "ports against the budget" '>most at once, of 1024 ports</text>'
has "no loss" 'No packet was lost\.'
page broken failing.yaml
has "the verdict of a failure" 'class="verdict fail">✗ 1 of 1 expectations failed\.'
has "what was expected" '<dd>[^<]*seen at api with source 10\.0\.1\.5</dd>'
has "what came" '<dd class="strong">api saw 192\.23\.1\.2:1024</dd>'
has "the step behind it" '<dt>because</dt>'
has "the expectation's line of the scenario" "^&gt; *$(grep -n '^expect' failing.yaml | cut -d: -f1)  expect: "
has "the rule's line of the scenario" "^&gt; *$(grep -n 'ases:' failing.yaml | cut -d: -f1)  "
page rich rich.yaml
has "lost packets by reason" '<td class="strong bad"[^>]*>nsg-deny</td>'
has "a run without expectations is neither good nor bad" 'class="verdict open">[^<]* Nothing was expected'
has "numbers first" '<li><strong class="bad">52</strong> packets lost</li>'
has "with the rule" 'nsg/data, deny-all'
has "and its line" "<td class=\"line\" data-h=\"Line\">line $(grep -n 'name: deny-all' rich.yaml | cut -d: -f1)</td>"
has "a cross in a ladder" 'class="lost-cross"'
has "the timeline" 'class="mono whole" data-h="Time">10\.000000 s</td>'
page exhausted snat-exhaustion.yaml
has "the fate of those without a port has a ladder of its own" '<summary class="bad">burst\[128\]: ase-one/worker-0 to api:8080/tcp, timed_out</summary>'
has "refused calls are marked" 'calls found no free port'
has "mappings of one flow share a bar" '>128 of burst by ase-one/web, 10\.0\.1\.6</text>'
has "ports by app, destination and worker" 'Ports in use over time, by worker or machine'

# ---- from the report alone
mkdir elsewhere
page here/deep one.yaml --set network.ases.ase-one.workers=3 --seed 7
cp page.html before.html
has "what was replaced" 'set network\.ases\.ase-one\.workers=3'
mv here/deep elsewhere/moved
rm elsewhere/moved/report.html
mv one.yaml gone.yaml
call report elsewhere/moved
said "wherever it was moved" 0 err ''
check "the same page" cmp before.html elsewhere/moved/report.html
mv gone.yaml one.yaml
call report elsewhere/moved -o other.html
check "-o: elsewhere" cmp before.html other.html
call report elsewhere/moved -o -
check "-o -: standard output" cmp before.html out
jq '.counts.sent += 1' made/report.json >changed.json && mv changed.json made/report.json
call report made
said "a report that the replay does not give" 0 err 'the replay differs'
check "the page says so" grep -q 'class="warning">The replay differs from the report' made/report.html
"$pktpath" run one.yaml -o made -q
check "the next run makes the page again" sh -c "test -e made/report.html && ! grep -q \"class=\\\"warning\\\">Replaying\" made/report.html"

# ---- harmless
mkdir -p 'a<script>alert(1)</script>&"x'
sed -e 's/^name:.*/name: evil\nabout: "<script>alert(2)<\/script> \&amp; <img src=x onerror=alert(3)>"/' -e 's/{flow: call/{id: "<b>bold<\/b>\\" onclick=\\"x", flow: call/' one.yaml >'a<script>alert(1)</script>&"x/s"><i>.yaml'
page evil 'a<script>alert(1)</script>&"x/s"><i>.yaml'
check "a page of a scenario that means harm" test -s evil/report.html
lacks "no script" '<script|<img|<i>|<b>'
lacks "no handler" '<[^>]*[[:space:]]on[a-z]*='
has "its text is there" '&lt;script&gt;alert\(2\)&lt;/script&gt;'
has "a policy" "Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""
lacks "nothing to fetch" '(src|href)="[^#]|url\(|@import'

# ---- large runs
page large one.yaml --no-traces --set flows.call.repeat.count=1000000 --set flows.call.repeat.every=1ms --set 'flows.inside.rounds=3000'
check "a million connections make a page below 2 MB" test "$(wc -c <page.html)" -lt 2000000
has "and it says what it leaves out" 'the first 1000 of 1000000 connections'
has "of packets too" 'more packets, all delivered'

# ---- well-formed pictures
if command -v xmllint >/dev/null; then
	well_formed() {
		awk '/^<svg/ { n++; inside = 1 } inside { print > ("picture-" n ".svg") } /^<\/svg>/ { inside = 0 }' "$1"
		for picture in picture-*.svg; do
			xmllint --noout "$picture" || return 1
		done
		rm -f picture-*.svg
	}
	for directory in rich exhausted evil; do
		check "well-formed pictures: $directory" well_formed "$directory/report.html"
	done
else
	skip "no xmllint here"
fi

# ---- mistakes
call report
said "no directory" 2 err 'which directory'
call report missing
said "one that is not there" 2 err 'pktpath report takes the directory'
call report one.yaml
said "a scenario" 2 err 'pktpath report takes the directory'
mkdir empty && echo '{}' >empty/report.json
call report empty
said "no report" 2 err 'holds no run that can be replayed'
said "the way out" 2 err 'pktpath run SCENARIO'
call report rich -o missing/page.html
said "a file that cannot be written" 3 err 'missing/page\.html: No such file or directory'
cd "$root" || exit 1
finish

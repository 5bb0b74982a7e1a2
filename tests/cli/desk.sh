#!/bin/sh
# At the desk: help with examples that work, hints that can be typed, totals, quiet runs, and files that are meant.
# Usage: desk.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
cd "$scratch" || exit 1
scenario one "$good"
scenario two "$bad"

# ---- help ----

commands=$("$pktpath" --help | sed -n 's/^  \([a-z][a-z]*\)  *[^ ].*/\1/p' | grep -v '^pktpath$')
examples() {
	"$pktpath" help "$1" | sed -n '/^examples:$/,$p' | sed -n 's/^  //p'
}
for command in $commands; do
	check "help $command is $command --help" test "$("$pktpath" help "$command")" = "$("$pktpath" "$command" --help)"
	check "$command has two examples" test "$(examples "$command" | wc -l)" -eq 2
done
call help frobnicate
said "help of an unknown command" 2 err "unknown command .frobnicate."
too_wide() {
	for command in $commands; do
		COLUMNS=60 "$pktpath" help "$command" | sed '/^examples:/,$d; /^usage:/d' | awk 'length($0) > 60'
	done
}
silent "help keeps to the width of 60 columns" too_wide
long_examples() {
	for command in $commands; do
		examples "$command" | sed "s|^$pktpath|pktpath|" | awk 'length($0) > 78'
	done
}
silent "an example fits into a line of 80 columns" long_examples

mkdir bin home
printf '#!/bin/sh\necho "started $*"\n' >bin/wireshark
chmod +x bin/wireshark
HOME=$scratch/home
export HOME
unset XDG_CONFIG_HOME

# Examples are run where the scenarios of the project are; what needs interfaces or an editor is left out.
mkdir project
cp -r "$root/scenarios" "$root/captures" project/
echo '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-04-01", "name": "contoso", "location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [{"name": "data", "properties": {"addressPrefix": "10.0.1.0/24"}}]}}]}' \
	>project/template.json
cd project || exit 1
for shard in 1 2; do
	"$pktpath" sweep scenarios/lossy-link.yaml --seeds 4 --shard "$shard/2" -o "part-$shard" -q >/dev/null
done
for command in $commands; do
	case $command in
	dut | lsp) continue ;;
	esac
	examples "$command" >"$scratch/examples"
	while IFS= read -r example; do
		PATH="$scratch/bin:$PATH" sh -c "$example" >"$scratch/out" 2>"$scratch/err" </dev/null
		status=$?
		rm -rf whole sweeps
		check "it works: ${example#"$pktpath" }" test "$status" -eq 0
	done <"$scratch/examples"
done
cd "$scratch" || exit 1

# ---- what is meant ----

call init
said "init: new" 2 err '^hint: .*pktpath new '
call one.yaml
said "a scenario in place of a command" 2 err '^hint: .*pktpath run one\.yaml$'
call run one.yml
said "one.yml for one.yaml" 3 err '^hint: did you mean .one\.yaml'
call run oen.yaml
said "the nearest file" 3 err '^hint: did you mean .one\.yaml'
call run project/template.json
said "a template is for import" 2 err '^hint: .*pktpath import project/template\.json'
check "and that is one error" test "$(grep -c ' error: ' err)" -eq 1
call import one.yaml
said "a scenario is no input of import" 2 err '^hint: .*pktpath run one\.yaml'
call run --sede 3 one.yaml
said "an option's error looks like the others" 2 err '^pktpath run: error: unknown option .--sede.$'

# ---- hints can be typed ----

mkdir 'a bin'
ln -s "$pktpath" 'a bin/pktpath'
'./a bin/pktpath' run one.yaml >out
next=$(sed -n 's/^next: //p' out)
check "next: names the program as it was started" test "${next#\'./a bin/pktpath\'}" != "$next"
check "and can be typed" sh -c "$next"
PATH="$scratch/a bin:$PATH" pktpath run one.yaml >out
check "a program of the search path goes by its name" grep -q '^next: pktpath explain one\.yaml call$' out

# ---- totals and quiet runs ----

call run one.yaml two.yaml -o both
said "a run of several ends with a total" 1 out '^total: 2 scenarios, 1 with failures: 1 passed, 1 failed'
check "in the last line" sh -c 'tail -n 1 out | grep -q "^total:"'
call run one.yaml
check "a run of one has none" sh -c '! grep -q "^total:" out'
sed 's/data: {cidr: 10.0.2.0\/24}/data: {cidr: 10.0.2.0\/24, nsg: many}/' one.yaml >warned.yaml
cat >>warned.yaml <<'END'
END
sed -i 's/^  hosts:/  nsgs:\n    many:\n      inbound:\n        - {name: a, priority: 100, action: allow, proto: tcp, src: 10.9.0.0\/16, dst_ports: 1}\n        - {name: b, priority: 101, action: allow, proto: tcp, src: 10.9.0.0\/16, dst_ports: 2}\n        - {name: c, priority: 102, action: allow, proto: tcp, src: 10.9.0.0\/16, dst_ports: 3}\n  hosts:/' warned.yaml
call run warned.yaml
said "warnings of a kind are one list" 0 err '^warning: 3 times: rule '
said "with the place and the names of each" 0 err '^  warned\.yaml:[0-9]+:[0-9]+  b, many$'
call run -q warned.yaml
said "--quiet has no warnings" 0 err ''
for question in check draw addresses explain nat; do
	call $question -q warned.yaml
	said "nor has $question -q" 0 err ''
done

# ---- errors ----

cat >wrong.yaml <<'END'
scenario: 1
network:
  hosts:
    sqll: {internet: true, ip: 203.0.113.1, listen: [1433/tcp]}
    web: {internet: true, ip: 203.0.113.11}
flows:
  a: {from: web, to: "sql:1433/tcp"}
  b: {from: web, to: "sql:1433/tcp"}
expect:
  - {flow: a, outcome: delivered, seen_at: sql}
END
call check wrong.yaml
said "one typo is one error" 2 err '^the same at wrong\.yaml:8:[0-9]+, wrong\.yaml:10:'
said "and the errors are counted" 2 err '^wrong\.yaml: 1 error$'
check "at the end" sh -c 'tail -n 1 err | grep -q "^wrong.yaml: 1 error$"'

# ---- standard input ----

"$pktpath" run - -o fed <one.yaml >out 2>err
status=$?
said "run - reads standard input" 0 out '^1 passed, 0 failed      fed/'
check "and writes its captures" test -e fed/call.pcapng
check "and proposes no command that cannot be repeated" sh -c '! grep -q "^next:" out'
"$pktpath" explain - call <one.yaml >out 2>err
status=$?
said "explain - reads it, too" 0 out '^call: ase-one/web calls api:443/tcp'
echo 'scenario: 2' | "$pktpath" check - >out 2>err
status=$?
said "errors name it" 2 err '^stdin:1:'

# ---- pages ----

call run --report one.yaml -o paged
said "run --report makes the page" 0 out '^paged/report\.html$'
cp paged/report.html before.html
call run one.yaml -o paged
said "a run that takes a page away makes it again" 0 out '^paged/report\.html$'
check "the same page" cmp before.html paged/report.html
call report paged
check "and the same once more from the report alone" cmp before.html paged/report.html

# ---- watch ----

# wait_for PATTERN NUMBER: until watched.out has so many lines that match, at most ten seconds.
wait_for() {
	for _ in $(seq 100); do
		[ "$(grep -cE "$1" watched.out)" -ge "$2" ] && return
		sleep 0.1
	done
	cat watched.out
	return 1
}
cp one.yaml watched.yaml
echo 'include: [part.yaml]' >>watched.yaml
echo 'taps: {t: {at: all}}' >part.yaml
"$pktpath" run --watch watched.yaml -o watched >watched.out 2>&1 &
watcher=$!
check "--watch runs once" wait_for '^1 passed, 0 failed' 1
sleep 0.3
echo '# saved' >>watched.yaml
check "and again when the file is saved" wait_for '^1 passed, 0 failed' 2
sleep 0.3
rm watched.yaml
sleep 0.5
sed 's/src: 192.23.1.2/src: 10.0.1.5/' one.yaml >watched.yaml
check "and when it was away and is back" wait_for '^0 passed, 1 failed' 1
sleep 0.3
echo 'wrong: 1' >>watched.yaml
check "what is wrong then is reported" wait_for 'error: unknown key .wrong.' 1
sleep 0.3
cp one.yaml watched.tmp
echo 'include: [part.yaml]' >>watched.tmp
mv watched.tmp watched.yaml
check "and it goes on" wait_for '^1 passed, 0 failed' 3
sleep 0.3
echo '# saved' >>part.yaml
check "also where an included file is saved" wait_for '^1 passed, 0 failed' 4
sleep 0.3
mv part.yaml away.yaml
echo '# saved' >>watched.yaml
check "an included file that went away is reported" wait_for 'cannot read .part.yaml.' 1
sleep 0.3
mv away.yaml part.yaml
check "and looked for until it is back" wait_for '^1 passed, 0 failed' 5
kill "$watcher"
wait "$watcher"
check "a signal ends it with the status of the last run" test $? -eq 0
call run --watch -
said "standard input cannot be watched" 2 err 'standard input'

# ---- size ----

sed 's/call: {from: ase-one\/web, to: "api:443\/tcp"}/call: {from: ase-one\/web, to: "api:443\/tcp", reply: 20MB, repeat: {count: 20, every: 1s}}/' one.yaml >large.yaml
timeout 1 "$pktpath" run large.yaml -o large >out 2>err
check "a warning before 1 GB of captures" grep -qE 'warning: .*will take about [0-9]+\.[0-9] GB in large/' err
timeout 1 "$pktpath" run large.yaml --no-traces -o large >out 2>err
check "not where none are written" sh -c '! grep -q GB err'

# ---- open ----

rm -rf home/.config
call open paged/call.pcapng --packet 2 --print
said "open: Wireshark with the profile, at a packet" 0 out "^wireshark -C pktpath -J 'frame\.packet_id == 2' -r paged/call\.pcapng$"
check "--print changes nothing" test ! -e home/.config
call open paged --print
said "open: the page in a browser" 0 out '^xdg-open paged/report\.html$'
call open one.yaml
said "open: a scenario is run first" 2 err '^hint: .*pktpath run one\.yaml$'
call open nowhere.pcapng
said "open: no such file" 3 err '^pktpath: nowhere\.pcapng: No such file'
PATH="$scratch/bin:$PATH" "$pktpath" open paged/call.pcapng >out 2>err
status=$?
said "open starts it" 0 out '^started -C pktpath -r paged/call\.pcapng$'
check "with the profile where Wireshark looks" diff -r "$root/share/wireshark/profiles/pktpath" home/.config/wireshark/profiles/pktpath
PATH=/nowhere "$pktpath" open paged/call.pcapng >out 2>err
status=$?
said "without Wireshark it says so" 3 err '^pktpath: open: wireshark: No such file'

cat >several.yaml <<END
scenario: 1
network: {hosts: {a: {internet: true, ip: 203.0.113.9}, b: {internet: true, ip: 203.0.113.10, listen: 443/tcp}}}
flows: {good: {from: a, to: "b:443/tcp"}, bad: {from: a, to: "b:444/tcp"}}
END
call run several.yaml -o several
said "a run without expectations leads to the flow that failed" 0 out '^next: .*pktpath explain several\.yaml bad$'

# ---- suites ----

call test two.yaml
said "test ends with next:" 1 out '^next: .*pktpath explain two\.yaml call --packet 1$'
said "it keeps what failed" 1 out '^  kept  pktpath-failed/two/$'
shown() {
	sed -n 's/^ *packet:   //p' out | sh >packet && [ -s packet ]
}
said "and shows the packet in there, as run does" 1 out "^        packet:   tshark -r pktpath-failed/two/call\.pcapng -Y 'frame\.packet_id == 1'$"
if command -v tshark >/dev/null; then
	check "where it is" shown
else
	skip "no tshark here"
fi
check "with its captures, in a directory with a marker" test -e pktpath-failed/two/call.pcapng -a -e pktpath-failed/.pktpath-failed
echo mine >pktpath-failed/two/note.txt
echo mine >pktpath-failed/note.txt
call test one.yaml --allow-empty
check "the next suite removes them" test ! -e pktpath-failed/two
check "and leaves other files" grep -qx mine pktpath-failed/note.txt
call test two.yaml
check "the directory serves again" test -e pktpath-failed/two/call.pcapng
rm pktpath-failed/note.txt
mkdir -p pktpath-failed/killed/.pktpath-1-abcdef pktpath-failed/mine
echo half >pktpath-failed/killed/call.pcapng
echo mine >pktpath-failed/mine/call.pcapng
call test one.yaml --allow-empty
check "it takes away what a killed suite left" test ! -e pktpath-failed/killed
check "but no directory that is no run" grep -qx mine pktpath-failed/mine/call.pcapng
rm -r pktpath-failed/mine
call test one.yaml --allow-empty
check "a suite that passes leaves no directory" test ! -e pktpath-failed
call test one.yaml --allow-empty
check "and makes none" test ! -e pktpath-failed
call test two.yaml --no-keep
said "--no-keep keeps nothing" 1 out '^0 passed, 1 failed$'
check "and names no capture" grep -q '^        packet:   number 1 of call$' out
check "indeed" test ! -e pktpath-failed
mkdir -p pktpath-failed/two
echo mine >pktpath-failed/two/report.json
call test two.yaml
said "a directory of another's is left as it is" 1 err '^pktpath: pktpath-failed: it was not made by pktpath test'
check "with all files" grep -qx mine pktpath-failed/two/report.json
call test one.yaml --allow-empty
said "nothing failed, nothing is said of it" 0 err ''
rm -r pktpath-failed
mkdir elsewhere
ln -s elsewhere pktpath-failed
call test two.yaml
said "nor is a link followed" 1 err '^pktpath: pktpath-failed: it is no directory$|it is no directory; captures'
check "indeed" test ! -e elsewhere/two
rm pktpath-failed
call test two.yaml --keep failed --no-keep
said "one or the other" 2 err 'take one'
call test two.yaml --keep failed
said "with --keep it keeps what failed" 1 out '^  kept  failed/two/$'
check "with its captures" test -e failed/two/call.pcapng
call test two.yaml --keep failed --report page
said "a report keeps it by itself" 2 err 'take one'
cat >twice.yaml <<END
$(cat two.yaml)
END
sed -i 's/^expect: .*/expect: [{flow: call, outcome: delivered, seen_at: api, src: 10.0.1.5}, {flow: call, outcome: delivered, seen_at: api, src: 10.0.1.6}]/; s/^name: two/name: twice/' twice.yaml
call test twice.yaml
said "a cause is explained once" 1 out 'because:  the same rule as of call, twice\.yaml:'
check "and once alone" test "$(grep -c 'because:  t=' out)" -eq 1
rm -r failed
mkdir failed
echo mine >failed/twice
call test two.yaml twice.yaml --keep failed
said "where one cannot be kept it says so" 3 err 'nothing of this suite is kept there'
check "and nothing is kept" test ! -e failed/two
check "a file in the way stays" grep -qx mine failed/twice
finish

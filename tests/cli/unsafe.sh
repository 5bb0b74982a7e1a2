#!/bin/sh
# Names, paths and texts that a terminal would obey, or that would make a reader see another text, are shown as their numbers, everywhere.
# Inputs that are no regular file end with an error.
# Usage: unsafe.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq python3
cd "$scratch" || exit 1
# An escape sequence, an override of the writing direction, a C1 control character, and a byte that is no UTF-8.
odd=$(printf 'e\033[31m\342\200\256\302\233\377')
scenario one "about: 'e$(printf '\342\200\256')f'" "$bad"
cp one.yaml "$odd.yaml"
sed "s/name: one/name: $(printf '\342\200\256')/" one.yaml >wrong.yaml

# harmful FILE...: lines with bytes that must not be there.
cat >harmful.py <<'END'
import re, sys
bad = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]')
for name in sys.argv[1:]:
    data = open(name, 'rb').read()
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        print(f'{name}: {e}')
        continue
    found = bad.search(text)
    if found:
        print(f'{name}: {text[max(0, found.start() - 30):found.end() + 10]!r}')
END
# safe WHAT COMMAND...: its standard output and error are free of them, and say something.
safe() {
	what=$1
	shift
	"$@" >out 2>err
	cat out err >both
	if [ ! -s both ]; then
		not_ok "$what (nothing was said)"
		return
	fi
	silent "$what" python3 harmful.py out err
}
safe "check" "$pktpath" check "$odd.yaml"
safe "an unknown file" "$pktpath" check "$odd"
check "is named" grep -qF 'e\u001b[31m\u202e\u009b\xff: ' err
safe "an unknown command" "$pktpath" "$odd"
safe "an unknown option" "$pktpath" run "--$odd" one.yaml
safe "a wrong setting" "$pktpath" check one.yaml --set "flows.$odd=1"
safe "a wrong value" "$pktpath" check one.yaml --set "flows.call.at=$odd"
safe "a wrong name, with its line" "$pktpath" check wrong.yaml
for command in run addresses explain nat draw schema; do
	case $command in
	run) set -- run "$odd.yaml" -o out.run ;;
	explain) set -- explain "$odd.yaml" call ;;
	schema) set -- schema ;;
	*) set -- $command "$odd.yaml" ;;
	esac
	safe "$command" "$pktpath" "$@"
	case $command in
	run | explain | addresses | nat)
		safe "$command --json" "$pktpath" "$@" --json
		check "which is JSON" jq -e . out
		;;
	esac
done
safe "draw --mermaid" "$pktpath" draw "$odd.yaml" call --mermaid
safe "draw --ladder" "$pktpath" draw "$odd.yaml" call --ladder
"$pktpath" draw "$odd.yaml" -o network.svg >out 2>&1
"$pktpath" draw "$odd.yaml" call --ladder -o ladder.svg >out 2>&1
"$pktpath" draw "$odd.yaml" call --mermaid -o way.mmd >out 2>&1
silent "pictures in files" python3 harmful.py network.svg ladder.svg way.mmd
# A line break in a name begins no line of the trail, nor of a note or a picture.
broken=$(printf 'e\033[31m\342\200\256\nf')
sed 's/^network:/network:\n  nsgs: {shut: {inbound: [{name: none, priority: 100, action: deny}]}}/; s/data: {cidr: 10.0.2.0\/24}/data: {cidr: 10.0.2.0\/24, nsg: shut}/' one.yaml >"$broken.yaml"
"$pktpath" run "$broken.yaml" --trail --report --flow-logs -o broken -q >out 2>&1
check "a loss by a rule" grep -q 'nsg-deny by nsg/shut rule none' broken/trail.txt
silent "files of a run" python3 harmful.py broken/trail.txt broken/report.json broken/report.html broken/nat.csv broken/flow-log-nsg.json
check "lines of the trail" sh -c '! grep -vqE "^(#|[0-9]+[.][0-9]+ )" broken/trail.txt'
check "the name in the trail" grep -qF 'e\u001b[31m\u202e\u000af.yaml:' broken/trail.txt
check "notes of captures" sh -c '! LC_ALL=C grep -aq "$(printf "e\033")" broken/*.pcapng'
"$pktpath" draw "$broken.yaml" inside -o way.svg >out 2>&1
"$pktpath" draw "$broken.yaml" inside --ladder -o ladder.svg >out 2>&1
silent "pictures of the loss" python3 harmful.py way.svg ladder.svg
silent "report.json and nat.csv" python3 harmful.py out.run/report.json out.run/nat.csv
check "where the text is what it was" sh -c 'test "$(jq -r .scenario.about out.run/report.json)" = "$(printf "e\342\200\256f")"'
safe "report" "$pktpath" report out.run
silent "its page" python3 harmful.py out.run/report.html
safe "test" "$pktpath" test "$odd.yaml"
safe "test --tap" "$pktpath" test "$odd.yaml" --tap
safe "test --json" "$pktpath" test "$odd.yaml" --json --junit results.xml
silent "JUnit" python3 harmful.py results.xml

safe "test --report" "$pktpath" test "$odd.yaml" --report suite
silent "its table of times" python3 harmful.py suite/durations.csv
check "which --resume reads" sh -c '"$1" test "$2" --report suite --resume -q >out 2>err; test $? -le 1' sh "$pktpath" "$odd.yaml"
safe "cover" "$pktpath" cover "$odd.yaml" --lcov lcov --html cover.html
silent "its files" python3 harmful.py lcov cover.html

# ---- reports read back
cp -r out.run back
jq '.scenario.file = "x\u001b[2J\u202e.yaml" | .scenario.name = "\u001b]0;t\u0007" | .flows["\u001b[2J"] = .flows.call | .scenario.set = [{"path": "\u001b[2J.x", "value": "\u202e"}]' \
	out.run/report.json >back/report.json
safe "a report with a wrong setting" "$pktpath" report back -o page.html
safe "compared" "$pktpath" diff out.run back
safe "as JSON" "$pktpath" diff out.run back --json

# ---- no regular files
mkfifo fifo
for file in fifo /dev/zero /dev/null .; do
	timeout 20 "$pktpath" check $file >out 2>err
	status=$?
	check "$file ends with an error" sh -c "test $status -eq 2 -o $status -eq 3"
	check "and a message" grep -q "^pktpath: $file: " err
done
mkdir odd
mkfifo odd/report.json
timeout 20 "$pktpath" report odd >out 2>err
status=$?
said "a report that is a FIFO" 3 err '^pktpath: odd/report.json: it is no regular file'
cp -r out.run fifos
rm fifos/call.pcapng
mkfifo fifos/call.pcapng
timeout 20 "$pktpath" diff out.run fifos >out 2>err
status=$?
said "a capture that is a FIFO" 3 err 'fifos/call.pcapng: it is no regular file'
timeout 20 "$pktpath" mutate one.yaml --survivors fifo >out 2>err
status=$?
said "a list that is a FIFO" 3 err '^pktpath: fifo: it is no regular file'
ends() { # WHAT COMMAND...
	what=$1
	shift
	timeout 20 "$pktpath" "$@" >out 2>err </dev/null
	status=$?
	said "$what" 3 err 'it is no regular file'
}
ends "import of a FIFO" import fifo
ends "parameters of a FIFO" import --parameters fifo one.yaml
ends "a capture that is a FIFO, to import" import capture fifo
ends "fmt of a FIFO" fmt fifo
ends "fmt of a device" fmt /dev/zero
ends "fmt -i of a FIFO" fmt -i fifo
ends "sweep of a FIFO" sweep fifo --vary flows.call.send=1B,2B
mkdir part
mkfifo part/ledger
ends "merge of a part whose ledger is a FIFO" merge part -o whole
timeout 20 "$pktpath" test fifo >out 2>err
status=$?
said "test of a FIFO" 3 err 'fifo: it is no regular file'
timeout 20 "$pktpath" lsp </dev/zero >out 2>err
status=$?
said "a language server whose editor never ends a line" 2 err 'a line of the head of a message is too long'
timeout 60 "$pktpath" fmt - </dev/zero >out 2>err
status=$?
said "fmt of an input without an end" 3 err 'at most 16 MiB'
printf 'scenario: 1\ninclude: [fifo]\n' >joined.yaml
timeout 20 "$pktpath" check joined.yaml >out 2>err
status=$?
said "an included file that is a FIFO" 2 err 'joined.yaml:2:11: error: cannot read `fifo`: it is no regular file'
finish

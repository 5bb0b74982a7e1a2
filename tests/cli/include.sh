#!/bin/sh
# A scenario in several files, and with variables: which file messages, explanations, reports and replays name.
# Usage: include.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
needs jq

cd "$scratch" || exit 1
mkdir parts
cat >main.yaml <<'END'
scenario: 1
include: [parts/network.yaml, parts/flows.yaml]
vars: {N: 3, API: 203.0.113.10, SEED: }
seed: ${SEED}
network:
  ases:
    one: {subnet: contoso/ase, vip: 192.23.1.2, workers: "${N}", apps: {web: {}}}
expect:
  - {flow: call, outcome: delivered, seen_at: api, src: 192.23.1.2}
END
cat >parts/network.yaml <<'END'
include: hosts.yaml
network:
  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26, nsg: guard}}}}
  nsgs:
    guard:
      outbound:
        - {name: no-mail, priority: 100, action: deny, proto: tcp, dst_ports: 25}
END
cat >parts/hosts.yaml <<'END'
scenario: 1
network:
  hosts:
    api: {internet: true, ip: "${API}", listen: [443/tcp, 25/tcp]}
END
cat >parts/flows.yaml <<'END'
flows:
  mail: {from: one/web, to: "api:25/tcp", at: 1s}
  call: {from: one/web, to: "api:443/tcp"}
END

# exits STATUS WHAT COMMAND...: what it prints is left in the files stdout and stderr.
exits() {
	wanted=$1
	what=$2
	shift 2
	"$@" >stdout 2>stderr
	status=$?
	if [ "$status" -eq "$wanted" ]; then
		ok "$what"
	else
		not_ok "$what (status $status instead of $wanted)"
		sed 's/^/    /' stdout stderr | head -n 40
	fi
}

# has FILE WORDS: what was printed has them.
has() {
	grep -qF -- "$2" "$1"
}

exits 2 "a variable without a value must be given" "$pktpath" check main.yaml
check "the message says how" has stderr 'give one: --var SEED=VALUE'
exits 0 "four files are one scenario" "$pktpath" check main.yaml --var SEED=7
exits 0 "it runs" "$pktpath" run main.yaml --var SEED=7 --set network.ases.one.workers=2 -o made
check "the next command has the variable too" has stdout '--var SEED=7'
exits 0 "addresses takes variables" "$pktpath" addresses main.yaml --var SEED=7 --var API=198.51.100.1
check "and puts them in their places" has stdout '198.51.100.1:443'
exits 0 "nat takes variables" "$pktpath" nat main.yaml --var SEED=7
exits 0 "resolve takes variables" "$pktpath" resolve main.yaml api --var SEED=7 --var API=198.51.100.1
check "and answers with their values" has stdout 198.51.100.1
exits 0 "explain names the file of a rule" "$pktpath" explain main.yaml mail --var SEED=7
check "which is an included one" has stdout 'parts/network.yaml:7'
check "and the file of the flow" has stdout 'parts/flows.yaml:2'
check "the report has each text" sh -c "jq -e '.scenario.included | map(.file) == [\"parts/network.yaml\", \"parts/hosts.yaml\", \"parts/flows.yaml\"]' made/report.json"
check "and what the variables became" sh -c "jq -e '.scenario.settings | .seed == \"7\" and .\"network.hosts.api.ip\" == \"203.0.113.10\" and .\"network.ases.one.workers\" == \"2\"' made/report.json"
exits 0 "a variable changes what it stands for" "$pktpath" explain main.yaml call --var SEED=7 --var API=198.51.100.1
check "in an included file" has stdout '198.51.100.1:443'

mkdir elsewhere
cp -r made elsewhere/made
cd elsewhere || exit 1
exits 0 "a report is replayed without the files" "$pktpath" report made -q
check "its page shows lines of included files" has made/report.html 'network.yaml:7'
jq 'del(.scenario.included[1])' made/report.json >cut.json && mkdir cut && mv cut.json cut/report.json
exits 2 "a report that lacks one is refused" "$pktpath" report cut
check "with the name of the file" has stderr 'hosts.yaml'
cd ..

# wrong WHAT WORDS: main.yaml is refused, and the message has them.
wrong() {
	exits 2 "$1" "$pktpath" check main.yaml --var SEED=7
	check "$1: the message" has stderr "$2"
}
exits 2 "an unknown variable on the command line" "$pktpath" check main.yaml --var SEED=7 --var SEDE=8
check "the nearest is named" has stderr 'did you mean `SEED`?'
exits 2 "no value on the command line" "$pktpath" check main.yaml --var SEED
check "what is taken is said" has stderr 'takes NAME=VALUE'
exits 2 "a wrong value of a variable" "$pktpath" check main.yaml --var SEED=7 --var N=many
check "the variable is named" has stderr '--var N: error: `many` is not a value of `workers`'
cp parts/flows.yaml kept.yaml
echo 'seed: 5' >>parts/flows.yaml
wrong "a key in two files" 'parts/flows.yaml:4:1: error: `seed` stands here again, it was given at main.yaml:4'
cp kept.yaml parts/flows.yaml
echo 'include: [../main.yaml]' >>parts/flows.yaml
wrong "a file that includes itself by another" 'parts/flows.yaml:4:11: error: `parts/../main.yaml` includes itself'
cp kept.yaml parts/flows.yaml
echo 'include: [hosts.yaml]' >>parts/flows.yaml
wrong "a file that is included twice" 'parts/flows.yaml:4:11: error: `parts/hosts.yaml` is included again, it was included at parts/network.yaml:1'
cp kept.yaml parts/flows.yaml
echo 'include: [none.yaml, .]' >>parts/flows.yaml
wrong "a file that is not there" 'parts/flows.yaml:4:11: error: cannot read `parts/none.yaml`: No such file or directory'
check "and a directory" has stderr 'parts/flows.yaml:4:22: error: cannot read `parts/.`: Is a directory'
cp kept.yaml parts/flows.yaml
echo '- a' >parts/flows.yaml
wrong "an included file that is a list" 'parts/flows.yaml:1:1: error: an included file is a map of keys'
{ cat kept.yaml; echo 'network: {hosts: {b: {internet: true, ip: "${API}", colour: red}}}'; } >parts/flows.yaml
wrong "an unknown key in an included file" 'parts/flows.yaml:4:53: error: unknown key `colour`'
check "an address that two files give" has stderr 'is given twice'
cp kept.yaml parts/flows.yaml
echo 'network: {hosts: {b: {internet: true, ip: "${API}", dns: "${API}.example.com"}}}' >>parts/flows.yaml
wrong "a variable as a part of a text" 'parts/flows.yaml:4:59: error: a variable stands for a whole value, and `${API}.example.com` holds more than `${API}`'
cp kept.yaml parts/flows.yaml
echo 'network: {hosts: {b: {internet: true, ip: ${API}}}}' >>parts/flows.yaml
exits 2 "a variable without quotes in brackets" "$pktpath" check main.yaml --var SEED=7
check "a hint says that it needs them" has stderr 'hint: in {} and [] a variable needs quotes: "${NAME}"'
finish

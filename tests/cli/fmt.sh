#!/bin/sh
# pktpath fmt: what it prints, what it writes, what it says in scripts.
# Usage: fmt.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
root=$PWD

check "the shipped scenarios are in the house style" "$pktpath" fmt --check scenarios/*.yaml scenarios/*/*.yaml docs/first.yaml
cd "$scratch" || exit 1
cat >loose.yaml <<'END'
scenario:   1       # the language
network:
    hosts:
        a: {internet: true,ip: 203.0.113.1, listen: [ 80/tcp ]}


        b: {internet: true,ip: 203.0.113.2}   # who calls
        # no more
flows:
- nothing
END
cat >neat.yaml <<'END'
scenario: 1         # the language
network:
  hosts:
    a: {internet: true, ip: 203.0.113.1, listen: [80/tcp]}

    b: {internet: true, ip: 203.0.113.2}      # who calls
    # no more
flows:
  - nothing
END
call fmt loose.yaml
said "a file that does not load is laid out, too" 0 err ''
check "as it should be" cmp out neat.yaml
call fmt - <loose.yaml
check "from standard input" cmp out neat.yaml
call fmt loose.yaml -o made.yaml
said "into a file" 0 out ''
check "which has it" cmp made.yaml neat.yaml
call fmt --check neat.yaml
said "nothing is said of a file that would not change" 0 out ''
call fmt --check neat.yaml loose.yaml
said "a file that would change is named" 1 out '^loose\.yaml$'
cp loose.yaml one.yaml
ln -s one.yaml link.yaml
chmod 640 one.yaml
call fmt -i neat.yaml link.yaml
said "files are written again" 0 out ''
check "and are as they should be" cmp one.yaml neat.yaml
check "a link stays a link" test -L link.yaml
check "who may read it stays" sh -c 'test "$(stat -c %a one.yaml)" = 640'
call fmt --check link.yaml
said "nothing is left to change" 0 out ''

echo 'a: [' >wrong.yaml
call fmt wrong.yaml
said "what is no YAML is refused, with its place" 2 err '^wrong\.yaml:[0-9]+:[0-9]+: error: YAML'
cp wrong.yaml kept.yaml
call fmt -i wrong.yaml
said "and not written" 2 err 'error'
check "it is as it was" cmp wrong.yaml kept.yaml
call fmt none.yaml
said "a file that is not there" 3 err 'none\.yaml: No such file'
call fmt
said "which file?" 2 err 'which scenario'
call fmt neat.yaml loose.yaml
said "two files are not printed one behind the other" 2 err 'several scenarios go with'
call fmt --check --json neat.yaml loose.yaml
check "the answer as JSON" test "$status $(tr -d ' \n' <out)" = '1 {"files":[{"file":"neat.yaml","changes":false},{"file":"loose.yaml","changes":true}]}'
printf 'scenario: [\n' >wrong.yaml
call fmt --check --json neat.yaml wrong.yaml
check "a file that is wrong" test "$status $(tr -d ' \n' <out)" = '2 {"files":[{"file":"neat.yaml","changes":false},{"file":"wrong.yaml","wrong":true}]}'
call fmt --json neat.yaml
said "--json is of --check" 2 err 'goes with --check'
call fmt --check -i neat.yaml
said "one of the three" 2 err 'it takes one'
call fmt -i -
said "standard input is no file" 2 err 'no file to write to'

# ---- what was loaded ----

mkdir loaded
for file in "$root"/scenarios/*.yaml "$root"/scenarios/*/*.yaml; do
	name=$(basename "$file" .yaml)
	"$pktpath" fmt --canonical "$file" >"loaded/$name.yaml" 2>said || cat said >>problems
	"$pktpath" fmt --canonical "loaded/$name.yaml" >again.yaml 2>again || cat again >>problems
	[ "$(grep -c warning: said)" -eq "$(grep -c warning: again)" ] || echo "$name: as it was loaded it has other warnings" >>problems
	cmp "loaded/$name.yaml" again.yaml >>problems
done
silent "each shipped scenario is printed as it was loaded, and so is that" cat problems
check "what is printed is in the house style" "$pktpath" fmt --check loaded/*.yaml
check "it has the same captures, and all that it expects holds" "$pktpath" test loaded --baseline "$root/captures" -q
cat >parts.yaml <<'END'
include: hosts.yaml
scenario: 1
vars: {N: 3}
seed: ${N}
END
cat >hosts.yaml <<'END'
network: {hosts: {a: {internet: true, ip: 203.0.113.1}}}
END
call fmt --canonical parts.yaml --var N=4 --set network.hosts.a.listen='[80/tcp]'
said "what is joined, replaced and set is printed" 0 out '^seed: 4$'
check "the included host, with its port" grep -q '      listen: \[80/tcp\]' out
check "and neither the file nor the variable" sh -c '! grep -qE "include|vars" out'
call fmt --canonical wrong.yaml
said "what does not load is not printed" 2 out ''
call fmt parts.yaml --var N=4
said "values are for what was loaded" 2 err 'go with --canonical'
call fmt --canonical -
said "and that is a file" 2 err 'takes files'
finish

#!/bin/sh
# Help, version, and what is said of a wrong command line: to stderr, with a way out, exit status 2, nothing written.
# Usage: usage.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs jq
scenario one "$good"
cd "$scratch" || exit 1

call --help
said "--help lists the commands" 0 out '^  run .*SCENARIO'
said "--help says nothing on stderr" 0 err ''
call --version
said "--version" 0 out '^pktpath [0-9]+\.[0-9]+\.[0-9]+$'
for command in run check explain addresses resolve; do
	call $command --help
	said "$command --help shows its options" 0 out "^usage: pktpath $command"
	said "$command --help knows --set" 0 out '--set PATH=VALUE'
done
for option in '-o, --output' --seed --no-traces --trail --json '-q, --quiet'; do
	call run --help
	said "run --help knows $option" 0 out "^ *$option"
done

call
said "without a command" 2 err '^usage: pktpath'
call rnu one.yaml
said "an unknown command" 2 err '^pktpath: error: unknown command .rnu.'
said "an unknown command, and the nearest" 2 err 'did you mean .*run.?'
call frobnicate
said "a command far from all" 2 err '^hint: .*pktpath --help'
call run
said "run without a scenario" 2 err 'which scenario'
call check
said "check without a scenario" 2 err 'which scenario'
call run --sede=3 one.yaml
said "an unknown option" 2 err 'unknown option .--sede=3.$'
call run -x one.yaml
said "an unknown short option" 2 err 'unknown option .-x.'
call run one.yaml --json=yes
said "a value that is not taken" 2 err '.--json. takes no value'
call run one.yaml --seed
said "a value that lacks" 2 err '.--seed. needs a value'
call run --seed -1 one.yaml
said "a seed that is no number" 2 err '--seed takes a whole number, not .-1.'
call run --seed 18446744073709551616 one.yaml
said "a seed too large" 2 err '--seed'
call run --set seed one.yaml
said "--set without =" 2 err '--set takes PATH=VALUE, not .seed.'
call run -o '' one.yaml
said "-o with nothing" 2 err '-o takes a directory'
call resolve one.yaml
said "resolve without a name" 2 err 'a scenario and a name'
silent "nothing of all that wrote a file" find . -mindepth 1 ! -name '*.yaml' ! -name out ! -name err ! -name 'check.*' ! -name 'silent.*'

call resolve one.yaml web.ase-one.p.azurewebsites.cn
said "resolve an app by its DNS name" 0 out '192\.23\.1\.2 '
call resolve one.yaml ase-one/web
said "resolve an app by its name" 0 out 'web\.ase-one\.p\.azurewebsites\.cn'
call resolve one.yaml sql
said "resolve a VM inside" 0 out '10\.0\.2\.10 +inside contoso'
said "resolve a VM outside" 0 out '203\.0\.113\.99 +outside'
call resolve "$OLDPWD/tests/cli/rich.yaml" box
said "resolve a machine of a site" 0 out '192\.168\.5\.10 +inside hq'
call resolve "$OLDPWD/scenarios/azure/private-endpoint.yaml" db
said "resolve a service inside a network with a private endpoint" 0 out '10\.0\.2\.4 +inside spoke, by private endpoint db-pe'
said "and elsewhere" 0 out '192\.0\.2\.10 +elsewhere'
call resolve "$OLDPWD/scenarios/azure/private-endpoint.yaml" db.example.net --from vm
said "resolve from a host" 0 out '10\.0\.2\.4 +from vm, by private endpoint db-pe'
call resolve "$OLDPWD/scenarios/azure/private-endpoint.yaml" db --from hq --json
said "resolve from a site, as JSON" 0 out '"from": "hq", "answer": "192\.0\.2\.10", "by": null}'
call resolve "$OLDPWD/scenarios/azure/private-endpoint.yaml" db --from spok
said "resolve from what does not exist" 1 err 'no host, VNet or site has the name .spok.'
said "and the way out" 1 err 'did you mean .spoke.'
call resolve one.yaml api.exmaple.net
said "resolve a name that does not exist" 1 err 'did you mean .api\.example\.net.'
call resolve --json one.yaml api
said "resolve as JSON" 0 out '"203\.0\.113\.10"'
call check one.yaml
said "check a scenario that is fine" 0 out '^one\.yaml: fine'
call check --set network.ases.ase-one.workers=0x one.yaml
said "check with a bad value" 2 err 'error: '
call check --json one.yaml
check "check as JSON" jq -e 'length == 1 and .[0].fine and .[0].name == "one" and .[0].flows == 2 and .[0].diagnostics == []' out
call check --json --set network.ases.ase-one.workers=0x one.yaml one.yaml nothing.yaml
check "and what is wrong, of each" jq -e 'length == 2 and (map(.fine) == [false, false]) and (.[0].diagnostics[0] | .severity == "error" and (.message | length) > 0)' out
said "with what could not be read on stderr" 3 err '^pktpath: nothing\.yaml: '
finish

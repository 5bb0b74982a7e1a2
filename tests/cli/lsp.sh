#!/bin/sh
# pktpath lsp: a session of a real editor, and messages that no editor sends.
# Usage: lsp.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
cd "$scratch" || exit 1

# message TEXT: with its head.
message() {
	printf 'Content-Length: %s\r\n\r\n%s' "$(printf '%s' "$1" | wc -c)" "$1"
}
talk() { # FILE
	"$pktpath" lsp <"$1" >"$scratch/out" 2>"$scratch/err"
	status=$?
}
initialize='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'
shutdown='{"jsonrpc":"2.0","id":9,"method":"shutdown"}'
goodbye='{"jsonrpc":"2.0","method":"exit"}'
{ message "$initialize"; message "$shutdown"; message "$goodbye"; } >whole
talk whole
said "it says what it can" 0 out '"renameProvider":true'
{ message "$initialize"; message '{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///nowhere"},"position":{"line":0,"character":0}}}'; message '{"jsonrpc":"2.0","id":3,"method":"dance"}'; message 'no json'; message "$shutdown"; message "$goodbye"; } >odd
talk odd
said "an unknown document" 0 out '"id":2,"error":\{"code":-32602'
said "an unknown method" 0 out '"id":3,"error":\{"code":-32601'
said "a message that is no JSON" 0 out '"code":-32700'
head -c 70 whole >partial
talk partial
said "a message that is cut in the middle" 2 err 'the input ended in the middle of a message'
printf 'Content-Length: 9' >partial
talk partial
said "a head that is cut" 2 err 'the input ended in the head of a message'
printf 'Content-Length: many\r\n\r\n{}' >partial
talk partial
said "a length that is none" 2 err 'no Content-Length that can be used'
message "$initialize" >partial
talk partial
said "an editor that goes without a word" 1 out '"id":1'
# opened TEXT REQUEST...: what the server says of a document with this text, and to these requests.
opened() {
	{
		message "$initialize"
		message '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///typed.yaml","languageId":"yaml","version":1,"text":"'"$1"'"}}}'
		shift
		for request; do message "$request"; done
		message "$shutdown"
		message "$goodbye"
	} >typed
	talk typed
}
opened "$(awk 'BEGIN { for (i = 0; i < 20000; i++) printf "a: [" }')"
said "brackets that never end" 0 out 'the file nests deeper than 64 levels'
place='"textDocument":{"uri":"file:///typed.yaml"},"position":{"line":0,"character":18}'
opened 'network: {hosts: {vm-1: {}, api: {}}, sites: {Home: {}}}' '{"jsonrpc":"2.0","id":2,"method":"textDocument/rename","params":{'"$place"',"newName":"api"}}' \
	'{"jsonrpc":"2.0","id":3,"method":"textDocument/rename","params":{'"$place"',"newName":"home"}}' '{"jsonrpc":"2.0","id":4,"method":"textDocument/rename","params":{'"$place"',"newName":"vm-2"}}'
said "a name that another thing of the section has" 0 out '"id":2,"error":\{"code":-32602,"message":"something else has this name"'
said "or of another, in another case" 0 out '"id":3,"error":\{"code":-32602,"message":"something else has this name"'
said "a name that nothing has" 0 out '"id":4,"result":\{"changes":\{"file:///typed.yaml":'
# ---- a scenario of two files: main.yaml is open, and includes "a net.yaml" ----
printf 'network: {vnets: {hub: {space: 10.0.0.0/16, subnets: {app: {cidr: 10.0.1.0/24}}}}, hosts: {vm-1: {subnet: hub/app}, api: {internet: true, ip: 198.51.100.1, listen: 443/tcp}}}\n' >"a net.yaml"
main='scenario: 1\ninclude: \"a net.yaml\"\nflows: {call: {from: vm-1, to: \"api:443/tcp\"}}\n'
about() { # NUMBER METHOD FILE LINE CHARACTER MORE
	message '{"jsonrpc":"2.0","id":'"$1"',"method":"textDocument/'"$2"'","params":{"textDocument":{"uri":"file://'"$scratch/$3"'"},"position":{"line":'"$4"',"character":'"$5"'}'"$6"'}}'
}
{
	message "$initialize"
	message '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://'"$scratch"'/main.yaml","languageId":"yaml","version":1,"text":"'"$main"'"}}}'
	about 2 definition main.yaml 2 22 ''
	about 3 rename main.yaml 2 22 ',"newName":"vm-2"'
	about 4 rename main.yaml 2 22 ',"newName":"api"'
	about 5 completion main.yaml 2 22 ''
	message '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://'"$scratch"'/a%20net.yaml","languageId":"yaml","version":1,"text":"network: {hosts: {vm-1: {}}}"}}}'
	about 6 rename a%20net.yaml 0 19 ',"newName":"vm-3"'
	message "$shutdown"
	message "$goodbye"
} >files
talk files
said "a definition in a file that is included" 0 out '"id":2,"result":\{"uri":"file://[^"]*/a%20net.yaml","range":\{"start":\{"line":0,"character":91'
said "a rename in both files" 0 out '"id":3,"result":\{"changes":\{"file://[^"]*/main.yaml":\[\{"range":\{"start":\{"line":2,"character":21.*/a%20net.yaml":\[\{"range":\{"start":\{"line":0,"character":91'
said "a name that is taken there" 0 out '"id":4,"error"'
said "its names are offered" 0 out '"id":5.*"label":"vm-1"'
said "from the included file back, with the editor's own text of it" 0 out '"id":6,"result":\{"changes":\{"file://[^"]*/a%20net.yaml":\[\{"range":\{"start":\{"line":0,"character":18.*/main.yaml":\[\{"range":\{"start":\{"line":2,"character":21'
if command -v python3 >/dev/null; then
	check "each name that a file defines can have another" python3 "$root/tests/cli/rename.py" "$pktpath" "$root/tests/scenario/good/everything.yaml" a--b
fi
call lsp scenario.yaml
said "it takes no file" 2 err 'editors use its standard input and output'

if command -v nvim >/dev/null; then
	cp "$root/scenarios/outbound-network-addresses.yaml" session.yaml
	HOME=$scratch PKTPATH=$pktpath PKTPATH_FILE=$scratch/session.yaml timeout 120 nvim --headless -u NONE -i NONE -n -c "luafile $root/tests/cli/lsp.lua" >said 2>&1
	tr -d '\r' <said >session
	expect() {
		check "Neovim: $1" grep -qE -- "$2" session
	}
	expect "nothing is wrong with a good file" '^good: 0 diagnostics$'
	expect "a mistake shows at its line while one types" '^bad: 22 .*192\.23\.1\.300'
	expect "and goes with it" '^good again: 0 diagnostics$'
	expect "hover" '^hover: \*\*vip\*\*: an address Public virtual IP'
	expect "definition" '^definition: 20 4$'
	expect "keys that may stand there, but not those that do" '^keys: generation internal outbound idle ports needs snat apps source$'
	expect "names of the file" '^names: contoso$'
	expect "rename" '^rename: 10 places, 0 diagnostics$'
	expect "no name that the language forbids" '^refused: a name has letters'
	call run session.yaml --no-traces -o renamed
	said "the renamed file runs as before" 0 out '^7 passed, 0 failed'
	grep -q '^refused' session || sed 's/^/    /' session
else
	skip "no nvim here"
fi
finish

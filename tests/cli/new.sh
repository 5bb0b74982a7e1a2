#!/bin/sh
# pktpath new: the first scenario runs, and all that it expects holds.
# Usage: new.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
cd "$scratch" || exit 1

call new
said "to standard output" 0 out '^scenario: 1$'
cp out printed.yaml
call check printed.yaml
said "without an error or a warning" 0 out ': fine: '
check "nothing to say" test ! -s err
call run printed.yaml
said "it runs, and all holds" 0 out '^4 passed, 0 failed'
call new first.yaml
said "into a file" 0 out '^next: .*pktpath run first.yaml$'
check "the same" cmp first.yaml printed.yaml
echo mine >first.yaml
call new first.yaml
said "never over a file that is there" 2 err 'first.yaml: File exists; choose another name'
check "which is as it was" grep -qx mine first.yaml
call new no/such/place.yaml
said "no such directory" 3 err 'no/such/place.yaml: No such file or directory'
call new a b
said "one file" 2 err 'takes one file'
finish

#!/bin/sh
# The library has no globals: no object file of it has mutable static data.
# Usage: globals.sh SOURCE_ROOT LIBRARY
cd "$1" || exit 1
. tests/shell.sh
needs size

mutable() {
	size -A "$2" | awk '/ex / { member = $1 } $1 ~ /^\.(data|bss)(\.|$)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 { print member, $1, $2 " bytes" }'
}
silent "no mutable static data in $(basename "$2")" mutable "$@"
finish

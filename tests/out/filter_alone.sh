#!/bin/sh
# filter_alone.sh SOURCE CHECK_FILTER: filters on a machine that has neither /etc/services nor /etc/protocols, as a minimal Debian without netbase: in a
# mount namespace both are empty. Ports and protocols by name must mean the same there.
. "$1/tests/shell.sh"
if ! unshare -rm true 2>/dev/null; then
	echo "skipped - no user namespace here"
	exit 77
fi
cat >"$scratch/alone.sh" <<'INNER'
for file in /etc/services /etc/protocols; do
	[ ! -e "$file" ] || mount --bind /dev/null "$file" || exit 1
done
exec "$1"
INNER
check "filters hold without the machine's files" unshare -rm sh "$scratch/alone.sh" "$2"
[ "$n_failed" = 0 ]

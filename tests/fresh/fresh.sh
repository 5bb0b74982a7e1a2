#!/bin/sh
# A fresh minimal machine: in a Debian that has nothing but what apt itself needs, ./dev run and ./dev test install the rest, build, and pass. A long form:
# with PKTPATH_LONG set it takes the time of a whole suite and the download of its packages for each release.
# Usage: fresh.sh SOURCE_ROOT RELEASE
cd "$1" || exit 1
release=$2
. tests/shell.sh
if [ -z "${PKTPATH_LONG:-}" ]; then
	echo "skipped - a fresh minimal $release is made by ./dev test --long"
	exit 77
fi
needs mmdebstrap git
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped - a fresh minimal $release needs root"
	exit 77
fi
# What is committed, as a clone has it.
if ! git archive --format=tar --prefix=pktpath/ HEAD >"$scratch/pktpath.tar" 2>"$scratch/git.err"; then
	echo "skipped - this is no clone: $(head -n 1 "$scratch/git.err")"
	exit 77
fi

# Each command's output goes to a file of its own; the last line of the suite says how many passed. The suite in there is not the long one.
cat >"$scratch/inside" <<'EOF'
#!/bin/sh
tar -xf /pktpath.tar -C / && cd /pktpath || exit 1
./dev run >/run.out 2>/run.err
echo "$?" >/run.status
env -u PKTPATH_LONG ./dev test >/test.out 2>/test.err
echo "$?" >/test.status
EOF
chmod +x "$scratch/inside"
# shellcheck disable=SC2016 # for the shell that mmdebstrap starts
if ! mmdebstrap --quiet --variant=minbase --format=null --customize-hook="copy-in $scratch/pktpath.tar $scratch/inside /" \
	--customize-hook='chroot "$1" /inside' \
	--customize-hook="copy-out /run.out /run.err /run.status /test.out /test.err /test.status $scratch" \
	"$release" >"$scratch/mmdebstrap.out" 2>&1; then
	if [ ! -e "$scratch/run.status" ]; then
		echo "skipped - mmdebstrap could not make a $release here: $(tail -n 1 "$scratch/mmdebstrap.out")"
		exit 77
	fi
fi
show() {
	cat "$1"
	false
}
check "$release: ./dev run works" test "$(cat "$scratch/run.status")" -eq 0
[ "$(cat "$scratch/run.status")" -eq 0 ] || check "its errors" show "$scratch/run.err"
check "$release: ./dev run proves scenarios" grep -qE '^[0-9]+ passed, 0 failed' "$scratch/run.out"
check "$release: ./dev test passes: $(tail -n 1 "$scratch/test.out")" test "$(cat "$scratch/test.status")" -eq 0
# shellcheck disable=SC2016 # for the shell inside
check "$release: its last line counts" sh -c 'tail -n 1 "$1" | grep -qxE "[0-9]+ passed, 0 failed"' _ "$scratch/test.out"
sed 's/^/# in the fresh system: /' "$scratch/test.out"
[ "$(cat "$scratch/test.status")" -eq 0 ] || grep -E '^(not ok|failed: |[0-9 /]+ pktpath.*FAIL)' "$scratch/test.err" "$scratch/test.out" | sed 's/^/    /'
finish

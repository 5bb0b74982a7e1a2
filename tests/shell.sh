# shellcheck shell=sh
# What the shell tests share; sourced. A test prints a line a case, "ok - ...", "not ok - ..." or "skipped - ...", which tests/count.jq counts.
# A test that cannot run at all for lack of a tool says so and exits 77, which meson shows as skipped.
set -u
LC_ALL=C
export LC_ALL
unset COLUMNS # lines are as long as in any pipe
n_failed=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/pktpath-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

ok() {
	echo "ok - $*"
}

not_ok() {
	echo "not ok - $*"
	n_failed=$((n_failed + 1))
}

skip() {
	echo "skipped - $*"
}

# check WHAT COMMAND...: the case passes where the command succeeds; otherwise its output is shown.
check() {
	what=$1
	shift
	if "$@" >"$scratch/check.out" 2>&1; then
		ok "$what"
	else
		not_ok "$what"
		head -n 40 "$scratch/check.out" | sed 's/^/    /'
	fi
}

# silent WHAT COMMAND...: the case passes where the command prints nothing on stdout; what it prints are the culprits.
silent() {
	what=$1
	shift
	"$@" >"$scratch/silent.out" 2>"$scratch/silent.err"
	if [ -s "$scratch/silent.out" ]; then
		not_ok "$what"
		head -n 40 "$scratch/silent.out" | sed 's/^/    /'
	else
		ok "$what"
	fi
}

# Can a terminal be made for a program? In some chroots there are none.
has_terminal() {
	command -v script >/dev/null && [ "$(script -qec 'test -t 1 && echo yes' /dev/null </dev/null 2>/dev/null | tr -d '\r')" = yes ]
}

# needs TOOL...
needs() {
	for tool in "$@"; do
		if ! command -v "$tool" >/dev/null 2>&1; then
			echo "skipped - no $tool here"
			exit 77
		fi
	done
}

finish() {
	[ "$n_failed" -eq 0 ]
	exit
}

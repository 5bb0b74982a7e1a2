#!/bin/sh
# The shipped scenarios, replayed again under other circumstances, change no byte of what is committed.
# Usage: determinism.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
. tests/shell.sh

# replay NAME COMMAND...: runs each scenario by COMMAND into a directory NAME.
replay() {
	name=$1
	shift
	for scenario in scenarios/*.yaml scenarios/*/*.yaml; do
		"$@" run "$scenario" -o "$scratch/$name/$(basename "$scenario" .yaml)" -q || return 1
	done
}

# same WHAT NAME COMMAND...
same() {
	what=$1
	name=$2
	shift 2
	if ! replay "$name" "$@" >"$scratch/replay.out" 2>&1; then
		not_ok "$what: the run failed"
		head -n 20 "$scratch/replay.out"
		return
	fi
	check "$what" diff -r captures "$scratch/$name"
	rm -rf "${scratch:?}/$name"
}

same "a run gives what is committed" again "$pktpath"

# Circumstances that no sanitizer adds anything to: where this program is built with one, the build without it has tried them.
if grep -q __asan_init "$pktpath" && [ -z "${PKTPATH_LONG:-}" ]; then
	finish
fi
# Named by another path. The report says where the scenario is; the captures do not.
from_elsewhere() {
	for scenario in scenarios/*/*-broken.yaml; do
		name=$(basename "$scenario" .yaml)
		"$pktpath" run "$PWD/$scenario" -o "$scratch/path/$name" -q
		diff -r -x report.json "captures/$name" "$scratch/path/$name" || return 1
	done
}
check "by another path" from_elsewhere
same "in another time zone" zone env TZ=Pacific/Apia "$pktpath"
same "with other bytes in fresh memory" memory env MALLOC_PERTURB_=85 "$pktpath"

# Locales with a decimal comma and with other upper and lower case, made here where the machine has none.
for locale in de_DE tr_TR; do
	if localedef -i $locale -f UTF-8 "$scratch/$locale.UTF-8" >/dev/null 2>&1 &&
		[ "$(LOCPATH=$scratch LC_ALL=$locale.UTF-8 locale decimal_point)" = , ]; then
		same "under $locale.UTF-8" locale env LOCPATH="$scratch" LC_ALL=$locale.UTF-8 LANGUAGE=$locale "$pktpath"
	else
		skip "no way to make the locale $locale.UTF-8 here"
	fi
done

if setarch -R true 2>/dev/null; then
	same "at fixed addresses, without ASLR" aslr setarch -R "$pktpath"
else
	skip "this machine does not let a program switch ASLR off"
fi

if [ -n "${PKTPATH_OTHER_BUILD:-}" ]; then
	check "the other build is another program" sh -c "! cmp -s '$pktpath' '$PKTPATH_OTHER_BUILD'"
	same "built by another compiler" compiler "$PKTPATH_OTHER_BUILD"
else
	skip "no build by another compiler named in PKTPATH_OTHER_BUILD"
fi

# Without any privilege, as nobody; the program and its library are copied to where nobody can read them.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	mkdir "$scratch/bin" "$scratch/nobody"
	cp "$pktpath" "$(dirname "$pktpath")"/../libpktpath.so* "$scratch/bin/" 2>/dev/null
	chmod 755 "$scratch" "$scratch/bin"
	chown 65534:65534 "$scratch/nobody"
	as_nobody() {
		setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs \
			env LD_LIBRARY_PATH="$scratch/bin" "$@"
	}
	if as_nobody test -r scenarios/lossy-link.yaml; then
		same "as nobody, without any privilege" nobody as_nobody "$scratch/bin/pktpath"
	else
		skip "nobody may not read this directory"
	fi
else
	ok "as a user without privilege (this whole test)"
fi
finish

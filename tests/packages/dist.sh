#!/bin/sh
# The release tarball: `meson dist` makes it from what is committed, and the program builds from it alone.
# Takes minutes: for ./dev test --long (PKTPATH_LONG=1).
# Usage: dist.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh
if [ -z "${PKTPATH_LONG:-}" ]; then
	echo "skipped - takes minutes; ./dev test --long runs it"
	exit 77
fi
needs meson ninja git
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)
if ! git clone --quiet . "$scratch/clone" 2>"$scratch/git.err"; then
	echo "skipped - this is no clone: $(head -n 1 "$scratch/git.err")"
	exit 77
fi
make() {
	meson setup -Dtests=false "$scratch/build" "$scratch/clone" && meson dist -C "$scratch/build" --no-tests
}
check "meson dist makes the tarball" make
tarball=$scratch/build/meson-dist/pktpath-$version.tar.xz
check "of this version, with a checksum" sh -c 'cd "$(dirname "$1")" && sha256sum -c "$1.sha256sum"' _ "$tarball"
unpack() {
	tar -xf "$tarball" -C "$scratch" && CC=gcc meson setup -Dtests=false -Dwerror=true "$scratch/again" "$scratch/pktpath-$version" &&
		ninja -C "$scratch/again" src/cli/pktpath
}
check "the program builds from it" unpack
check "and proves a scenario" "$scratch/again/src/cli/pktpath" run -q -o "$scratch/out" "$scratch/pktpath-$version/scenarios/outbound-network-addresses.yaml"
unlike() {
	(cd "$scratch/clone" && git ls-files) | sort >"$scratch/committed"
	(cd "$scratch/pktpath-$version" && find . -type f -o -type l) | sed 's|^\./||' | sort >"$scratch/packed"
	diff "$scratch/committed" "$scratch/packed"
}
silent "it has the committed files and no other" unlike
finish

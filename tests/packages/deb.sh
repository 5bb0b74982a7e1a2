#!/bin/sh
# The Debian packages: built twice to the same bytes, without errors and warnings of lintian, with what they should hold. Takes minutes: for
# ./dev test --long (PKTPATH_LONG=1).
# Usage: deb.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
. tests/shell.sh
# A function that the headers have and the symbols file lacks, or the other way round.
declared() {
	grep -ohE '^PP_API .*\bpp_[a-z0-9_]+\(|^\s+\*?pp_[a-z0-9_]+\(' include/pktpath/*.h | grep -oE 'pp_[a-z0-9_]+\(' | tr -d '(' | sort -u
}
listed() {
	sed -n 's/^ \(pp_[a-z0-9_]*\)@.*/\1/p' debian/libpktpath0.symbols | sort -u
}
unlike() {
	declared >"$scratch/declared"
	listed >"$scratch/listed"
	diff "$scratch/declared" "$scratch/listed" | grep '^[<>]'
}
silent "the symbols file has the functions of the headers" unlike
if [ -z "${PKTPATH_LONG:-}" ]; then
	[ "$n_failed" -eq 0 ] || finish
	echo "skipped - takes minutes; ./dev test --long runs it"
	exit 77
fi
needs dpkg-buildpackage dh lintian git
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)
# build NAME: packages in $scratch/NAME.
build() {
	mkdir -p "$scratch/$1/pktpath-$version"
	git -C "$root" archive HEAD | tar x -C "$scratch/$1/pktpath-$version" || return 1
	tar --sort=name --mtime=@0 --owner=0 --group=0 -czf "$scratch/$1/pktpath_$version.orig.tar.gz" -C "$scratch/$1" --exclude=debian "pktpath-$version"
	(cd "$scratch/$1/pktpath-$version" && DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -b) >"$scratch/$1.log" 2>&1
}
if ! build one; then
	if grep -q 'Unmet build dependencies' "$scratch/one.log"; then
		echo "skipped - $(grep 'Unmet build dependencies' "$scratch/one.log")"
		exit 77
	fi
	not_ok "the packages build"
	tail -n 20 "$scratch/one.log" | sed 's/^/    /'
	finish
fi
ok "the packages build"
complaints() {
	lintian "$scratch"/one/*.changes 2>/dev/null | grep -E '^[EW]:' | grep -v initial-upload-closes-no-bugs
}
silent "lintian has no error and no warning" complaints
check "they build again" build two
same() {
	for deb in "$scratch"/one/*.deb; do
		cmp "$deb" "$scratch/two/${deb##*/}" || return 1
	done
}
check "to the same bytes" same
holds() { # PACKAGE FILE...
	package=$1
	shift
	dpkg-deb -c "$scratch/one/${package}_$version"*.deb >"$scratch/list"
	for file in "$@"; do
		grep -qE "\./$file( ->.*)?\$" "$scratch/list" || { echo "$package lacks $file"; return 1; }
	done
}
check "pktpath has the program, manuals and completions" holds pktpath usr/bin/pktpath usr/share/man/man1/pktpath.1.gz \
	usr/share/man/man5/pktpath-scenario.5.gz usr/share/bash-completion/completions/pktpath
check "libpktpath0 has the library" holds libpktpath0 'usr/lib/[^/]*/libpktpath.so.0'
check "libpktpath-dev has headers and a file for pkg-config" holds libpktpath-dev usr/include/pktpath/pktpath.h 'usr/lib/[^/]*/pkgconfig/pktpath.pc'
check "pktpath-wireshark has the capture interface" holds pktpath-wireshark 'usr/lib/[^/]*/wireshark/extcap/pktpath-extcap'
finish

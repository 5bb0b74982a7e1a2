#!/bin/sh
# The example that embeds the library: built by pkg-config alone, run, and its answers.
# Usage: embed.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
. tests/shell.sh
. tests/cli/cases.sh
needs pkg-config cc meson
build=$(cd "$(dirname "$pktpath")/../.." && pwd)
cd "$scratch" || exit 1
if ! DESTDIR=$scratch/root meson install -C "$build" --no-rebuild --quiet >install.out 2>&1; then
	echo "skipped - this build cannot be installed: $(tail -n 1 install.out)"
	exit 77
fi
PKG_CONFIG_SYSROOT_DIR=$scratch/root
PKG_CONFIG_PATH=$(dirname "$(find root -name pktpath.pc)")
LD_LIBRARY_PATH=$(dirname "$(find root -name libpktpath.so.0)")
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH LD_LIBRARY_PATH
if strings "$pktpath" 2>/dev/null | grep -q __asan_init; then
	echo "skipped - a library with sanitizers wants a program with them"
	exit 77
fi
check "pkg-config knows the version" test "$(pkg-config --modversion pktpath)" = "$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$root/meson.build")"
# shellcheck disable=SC2046 # several words
check "the example builds without a warning" cc -std=c17 -Wall -Wextra -Werror "$root/share/examples/embed/embed.c" -o embed $(pkg-config --cflags --libs pktpath)
scenario good "$good"
scenario bad "$bad"
runs() {
	./embed good.yaml >out && tail -n 1 out | grep -qx '1 passed, 0 failed'
}
check "a scenario that holds" runs
fails() {
	./embed bad.yaml >out
	[ $? -eq 1 ] && grep -q '^FAIL  call' out
}
check "one that does not" fails
wrong() {
	printf 'scenario: 1\ncolour: red\n' >wrong.yaml
	./embed wrong.yaml 2>err
	[ $? -eq 2 ] && grep -q '^wrong.yaml:2: unknown key' err
}
check "one that is wrong" wrong
finish

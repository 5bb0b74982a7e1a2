#!/bin/sh
# The same bytes on every machine: the program is built for another architecture, replays all scenarios there, and every file is as this
# machine writes it. i386 has 32-bit numbers, s390x the other byte order. Libraries come from Debian's packages, unpacked into a directory; a
# foreign processor is emulated by qemu. Takes minutes: for ./dev test --long (PKTPATH_LONG=1).
# Usage: foreign.sh SOURCE_ROOT PKTPATH ARCHITECTURE
cd "$1" || exit 1
pktpath=$2
architecture=$3
. tests/shell.sh
if [ -z "${PKTPATH_LONG:-}" ]; then
	echo "skipped - takes minutes; ./dev test --long runs it"
	exit 77
fi
case $architecture in
i386)
	triple=i386-linux-gnu family=x86 endian=little compiler="'gcc', '-m32'" loader=ld-linux.so.2
	# gcc -m32 needs gcc's own parts for it.
	check_compiler() { echo 'int main(void) { return 0; }' | gcc -m32 -x c - -o "$scratch/a.out" && "$scratch/a.out"; }
	;;
s390x)
	triple=s390x-linux-gnu family=s390x endian=big compiler="'s390x-linux-gnu-gcc'" loader=ld64.so.1
	needs s390x-linux-gnu-gcc qemu-s390x-static
	check_compiler() { true; }
	;;
*)
	echo "usage: foreign.sh SOURCE_ROOT PKTPATH i386|s390x" >&2
	exit 2
	;;
esac
needs mmdebstrap meson ninja gcc pkg-config
if ! check_compiler >/dev/null 2>&1; then
	echo "skipped - no compiler for $architecture here, or nothing that runs its programs"
	exit 77
fi

# The release's own packages, from where this machine gets its own: what was added to the release since is not for all architectures at once.
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016 # for apt-get
site=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk -v release="$release" '$2 == release { print $1; exit }')
root=$scratch/root
if ! mmdebstrap --quiet --variant=extract --architectures="$architecture" \
	--include=libc6-dev,linux-libc-dev,libpcap0.8-dev,libnet1-dev,libfyaml-dev,libjansson-dev,check "$release" "$root" \
	"deb $site $release main" >"$scratch/mmdebstrap.log" 2>&1; then
	echo "skipped - no packages of $architecture here: $(tail -n 1 "$scratch/mmdebstrap.log")"
	exit 77
fi
libraries=$root/usr/lib/$triple
cat >"$scratch/cross.ini" <<END
[binaries]
c = [$compiler, '--sysroot=$root', '-B$libraries/', '-L$libraries', '-isystem$root/usr/include/$triple']
pkgconfig = 'pkg-config'
$([ "$family" = x86 ] || echo "exe_wrapper = ['qemu-$architecture-static', '-L', '$root']")
[built-in options]
c_link_args = [$([ "$family" != x86 ] || echo "'-Wl,--disable-new-dtags', '-Wl,--dynamic-linker=$root/lib/$loader', '-Wl,-rpath,$libraries:$root/lib/$triple'")]
[properties]
sys_root = '$root'
pkg_config_libdir = '$libraries/pkgconfig:$root/usr/share/pkgconfig'
needs_exe_wrapper = $([ "$family" = x86 ] && echo false || echo true)
[host_machine]
system = 'linux'
cpu_family = '$family'
cpu = '$family'
endian = '$endian'
END
build() {
	CC='' meson setup --cross-file "$scratch/cross.ini" -Dtests=true -Dwerror=true -Dmpi=disabled "$scratch/build" &&
		ninja -C "$scratch/build"
}
check "$architecture: it builds without a warning" build
[ "$n_failed" -eq 0 ] || finish

foreign() {
	if [ "$family" = x86 ]; then
		"$scratch/build/src/cli/pktpath" "$@"
	else
		"qemu-$architecture-static" -L "$root" "$scratch/build/src/cli/pktpath" "$@"
	fi
}
# What replays write says nothing of the machine: neither names nor times.
foreign run -q -o "$scratch/there" scenarios/*.yaml scenarios/*/*.yaml >"$scratch/there.out" 2>"$scratch/there.err"
there=$?
"$pktpath" run -q -o "$scratch/here" scenarios/*.yaml scenarios/*/*.yaml >"$scratch/here.out" 2>"$scratch/here.err"
here=$?
check "$architecture: all scenarios replay, with status $here" test "$there" -eq "$here"
[ "$there" -eq "$here" ] || head -n 5 "$scratch/there.err" | sed 's/^/    /'
n=$(find "$scratch/there" -type f | wc -l)
check "$architecture: there are files" test "$n" -gt 100
silent "$architecture: each of $n files has the same bytes" diff -rq "$scratch/here" "$scratch/there"
silent "$architecture: the same is printed" sh -c 'sed "s/$2/DIR/g" "$1" >"$1.plain"; sed "s/$4/DIR/g" "$3" | cmp - "$1.plain"' _ \
	"$scratch/here.out" here "$scratch/there.out" there
# The quick tests, but for those that start the program: they do not know of the emulator.
check "$architecture: the quick tests pass" env CK_TIMEOUT_MULTIPLIER=40 meson test -C "$scratch/build" --no-rebuild --timeout-multiplier 20 --suite unit --no-suite azure
[ "$n_failed" -eq 0 ] || grep -E ' (FAIL|TIMEOUT) ' "$scratch/build/meson-logs/testlog.txt" | sed 's/^/    /'
finish

#!/bin/sh
# The Debian packages in a fresh minimal system: installed by apt with what they depend on, the program runs its first scenario, and manuals,
# completion and the example that embeds the library work. Takes minutes: for ./dev test --long (PKTPATH_LONG=1).
# Usage: installed.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh
if [ -z "${PKTPATH_LONG:-}" ]; then
	echo "skipped - takes minutes; ./dev test --long runs it"
	exit 77
fi
needs mmdebstrap git dpkg-buildpackage dh
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped - a fresh minimal system needs root"
	exit 77
fi
if ! git clone --quiet . "$scratch/clone" 2>"$scratch/git.err"; then
	echo "skipped - this is no clone: $(head -n 1 "$scratch/git.err")"
	exit 77
fi
check "the packages build" "$scratch/clone/dev" package "$scratch/packages"
[ "$n_failed" -eq 0 ] || finish
rm -f "$scratch"/packages/*dbgsym*
cat >"$scratch/inside" <<'EOS'
#!/bin/sh
# Each command's status goes to a file; a line a command.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
cd /tmp
step() {
	"$@" >>/steps.out 2>&1
	echo "$? $1 $2" >>/steps
}
apt-get update -q >/dev/null
step apt-get install -q -y --no-install-recommends /packages/pktpath_*.deb /packages/libpktpath0_*.deb
step pktpath run /usr/share/doc/pktpath/examples/outbound-network-addresses.yaml
step pktpath test --allow-empty /usr/share/doc/pktpath/examples/outbound-network-addresses.yaml
apt-get install -q -y --no-install-recommends man-db bash-completion gcc libc6-dev pkg-config /packages/libpktpath-dev_*.deb >/dev/null 2>&1
step man --where pktpath
step man --where pktpath-scenario
step bash -c '. /usr/share/bash-completion/bash_completion && _completion_loader pktpath; complete -p pktpath'
step sh -c 'cc -std=c17 -Wall -Wextra -Werror /usr/share/doc/libpktpath-dev/examples/embed.c -o embed $(pkg-config --cflags --libs pktpath) && ./embed /usr/share/doc/pktpath/examples/outbound-network-addresses.yaml'
step apt-get install -q -y --no-install-recommends /packages/pktpath-wireshark_*.deb
EOS
chmod +x "$scratch/inside"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016 # for the shell that mmdebstrap starts
if ! mmdebstrap --quiet --variant=minbase --format=null --customize-hook="copy-in $scratch/packages $scratch/inside /" \
	--customize-hook='chroot "$1" /inside' --customize-hook="copy-out /steps /steps.out $scratch" "$release" >"$scratch/mmdebstrap.out" 2>&1; then
	echo "skipped - mmdebstrap could not make a $release here: $(tail -n 1 "$scratch/mmdebstrap.out")"
	exit 77
fi
check "every step was made" test "$(wc -l <"$scratch/steps")" -eq 8
while read -r status step; do
	check "$step" test "$status" -eq 0
done <"$scratch/steps"
[ "$n_failed" -eq 0 ] || tail -n 30 "$scratch/steps.out" | sed 's/^/    /'
finish

#!/bin/sh
# The container image: it builds, is small, and its root runs the program. Takes minutes: for ./dev test --long (PKTPATH_LONG=1).
# Usage: image.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh
if [ -z "${PKTPATH_LONG:-}" ]; then
	echo "skipped - takes minutes; ./dev test --long runs it"
	exit 77
fi
needs mmdebstrap git dpkg-buildpackage dh buildah
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped - to look into an image needs root"
	exit 77
fi
if ! git clone --quiet . "$scratch/clone" 2>"$scratch/git.err"; then
	echo "skipped - this is no clone: $(head -n 1 "$scratch/git.err")"
	exit 77
fi
if ! "$scratch/clone/dev" image >"$scratch/image" 2>"$scratch/image.err"; then
	if grep -q 'mmdebstrap failed\|^E: ' "$scratch/image.err"; then
		echo "skipped - no packages here: $(tail -n 1 "$scratch/image.err")"
		exit 77
	fi
	not_ok "the image builds"
	tail -n 20 "$scratch/image.err" | sed 's/^/    /'
	finish
fi
image=$(tail -n 1 "$scratch/image")
container=$(buildah from --pull-never "$image") || exit 1
trap 'buildah rm "$container" >/dev/null 2>&1; buildah rmi "$image" >/dev/null 2>&1; rm -rf "$scratch"' EXIT
root=$(buildah mount "$container") || exit 1
used_kb=$(du -sk --apparent-size "$root" | cut -f 1)
check "it takes at most 60 MB: $((used_kb / 1024)) MB" test "$used_kb" -le $((60 * 1024))
check "it starts the program" sh -c 'buildah inspect --format "{{.OCIv1.Config.Entrypoint}}" "$1" | grep -qF "[/usr/bin/pktpath]"' _ "$image"
cp scenarios/outbound-network-addresses.yaml "$root/work/"
check "the program says its version" chroot "$root" /usr/bin/pktpath --version
check "it runs a scenario" chroot "$root" /usr/bin/pktpath run -q -o /work/out /work/outbound-network-addresses.yaml
check "and writes its captures" test -s "$root/work/out/report.json"
finish

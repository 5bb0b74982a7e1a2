#!/bin/bash
# Finds pktpath for a CI job, or builds it from the checkout that this file is in. Prints where it is, and leaves it in $GITHUB_OUTPUT.
set -eu
program=${PKTPATH:-}
if [ -z "$program" ] && command -v pktpath >/dev/null; then
	program=$(command -v pktpath)
fi
if [ -z "$program" ]; then
	source=$(cd "$(dirname "$0")/../.." && pwd)
	sudo=
	[ "$(id -u)" -eq 0 ] || sudo=sudo
	$sudo apt-get update -q >&2
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends gcc libc6-dev meson ninja-build pkg-config \
		libpcap-dev libnet1-dev libfyaml-dev libjansson-dev >&2
	[ -e "$source/build-ci/build.ninja" ] || meson setup -Dtests=false --buildtype=release "$source/build-ci" "$source" >&2
	ninja -C "$source/build-ci" >&2
	program=$source/build-ci/src/cli/pktpath
fi
"$program" --version >&2
echo "$program"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "program=$program" >>"$GITHUB_OUTPUT"

#!/bin/sh
# The model's NAT beside the kernel's. Needs root and network namespaces; says so where it has none.
# Usage: conformance.sh SOURCE_ROOT CONFORMANCE [SEED [COUNT]]
program=$(realpath "$2")
cd "$1" || exit 1
shift 2
name=pktpath-$$
tests/conformance/netns.sh run "$name" "$program" tests/conformance/netns.sh "$name" docs/conformance.md "$@"

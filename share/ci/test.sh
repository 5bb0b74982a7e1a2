#!/bin/bash
# Runs a suite in a CI job: results as JUnit, a page of the suite, failing captures and their pages; on GitHub each failure stands at its line.
# Takes everything from the environment: PKTPATH, PKTPATH_PATHS, PKTPATH_BASELINE, PKTPATH_SHARD, PKTPATH_REPORT, PKTPATH_ARGUMENTS.
set -u
program=${PKTPATH:-pktpath}
report=${PKTPATH_REPORT:-pktpath-report}
shard=${PKTPATH_SHARD:-1/1}
mapfile -t paths < <(printf '%s\n' "${PKTPATH_PATHS:-scenarios}" | sed '/^[[:space:]]*$/d')
read -r -a arguments <<<"${PKTPATH_ARGUMENTS:-}"
[ -z "${GITHUB_ACTIONS:-}" ] || arguments+=(--annotate)
if [ -n "${GITHUB_OUTPUT:-}" ]; then
	echo "report=$report" >>"$GITHUB_OUTPUT"
	echo "part=${shard/\//-of-}" >>"$GITHUB_OUTPUT"
fi
baseline=()
[ ! -d "${PKTPATH_BASELINE:-captures}" ] || baseline=(--baseline "${PKTPATH_BASELINE:-captures}")
mkdir -p "$report"
exec "$program" test "${paths[@]}" "${baseline[@]}" --shard "$shard" --report "$report" --junit "$report/junit-times.xml" "${arguments[@]}"

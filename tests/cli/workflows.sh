#!/bin/sh
# The files for CI servers: action and workflow of GitHub by a schema validator from npm, the include of GitLab as YAML.
# Usage: workflows.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
. tests/shell.sh
needs npm python3
cd "$scratch" || exit 1
if ! timeout 120 npm install --silent @action-validator/core @action-validator/cli >npm.out 2>&1; then
	echo "skipped - npm has no validator here"
	exit 77
fi
check "action.yml is a GitHub action" npx action-validator "$root/action.yml"
check "the example is a GitHub workflow" npx action-validator "$root/share/ci/github-workflow.yml"
printf 'name: x\nruns: {using: composite, steps: [{shell: bash}]}\n' >action.yml
refused() {
	! npx action-validator action.yml
}
check "the validator refuses what is none" refused
gitlab() {
	python3 -c '
import sys, yaml
job = yaml.safe_load(open(sys.argv[1]))[".pktpath"]
assert job["artifacts"]["reports"]["junit"] and "--shard" in " ".join(job["script"])' "$root/share/ci/gitlab.yml"
}
check "the include is YAML with a job to extend" gitlab
finish

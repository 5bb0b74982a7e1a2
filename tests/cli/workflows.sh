#!/bin/sh
# The files for CI servers: actions and workflow of GitHub by a schema validator from npm; and run, as the servers run them.
# Usage: workflows.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
. tests/shell.sh
needs python3
cd "$scratch" || exit 1
if command -v npm >/dev/null && timeout 120 npm install --silent @action-validator/core @action-validator/cli >npm.out 2>&1; then
	check "action.yml is a GitHub action" npx action-validator "$root/action.yml"
	check "the example is a GitHub workflow" npx action-validator "$root/share/ci/github-workflow.yml"
	printf 'name: x\nruns: {using: composite, steps: [{shell: bash}]}\n' >action.yml
	refused() {
		! npx action-validator action.yml
	}
	check "the validator refuses what is none" refused
	check "so is the one that joins reports" npx action-validator "$root/share/ci/merge/action.yml"
else
	skip "npm has no validator here"
fi

# The servers' part is played by a small runner: the parts of a suite, of which one test fails, come to the report that one machine writes.
PATH=$(dirname "$pktpath"):$PATH
export PATH
mkdir -p suite/scenarios
cp "$root"/scenarios/laws/law-0[1-6]*.yaml suite/scenarios/
sed -i 's/outcome: delivered/outcome: refused/' suite/scenarios/law-06-security-group.yaml
cp -r suite whole
(cd whole && pktpath test scenarios --report pktpath-report -q) >whole.out 2>&1
check "on one machine a test fails" grep -q '1 failed' whole.out
same() {
	diff -r -x durations.csv -x junit-times.xml whole/pktpath-report "$1"
}
cp -r suite github
github() {
	(cd github && python3 "$root/tests/cli/ci_runner.py" github "$root/share/ci/github-workflow.yml" "$root") >github.out 2>github.err
	grep -q '^test . fails' github.out && grep -q '^test . passes' github.out
}
check "the workflow of GitHub runs the parts" github
check "the failure stands at its line" grep -q '^::error file=scenarios/law-06-security-group.yaml,line=' github.out
silent "its last job writes the report of one machine" same github/artifacts/pktpath-report
cp -r suite gitlab
gitlab() {
	(cd gitlab && python3 "$root/tests/cli/ci_runner.py" gitlab "$root/share/ci/gitlab.yml" 3) >gitlab.out 2>gitlab.err
	grep -q '^.pktpath fails' gitlab.out && grep -q '^.pktpath passes' gitlab.out
}
check "the jobs of GitLab run the parts" gitlab
silent "and their last one writes the same" same gitlab/pktpath-report
finish

#!/bin/sh
# The house rules that a compiler does not know: who may include whom, which foreign header stands where, what the library never does.
# Usage: house.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh

# includes LAYER ALLOWED_PATTERN: the includes of a layer's files that are not allowed.
includes() {
	grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' -r "src/$1" --include='*.[ch]' | grep -vE "include[[:space:]]+\"($2)"
}
silent "base includes base alone" includes base 'base/'
silent "net includes net and below" includes net 'base/|net/'
silent "sim includes sim, net and base" includes sim 'base/|net/|sim/'
silent "rule includes rule, net and base" includes rule 'base/|net/|rule/'
silent "host includes host, net and base" includes host 'base/|net/|host/'
below_model='base/|net/|rule/|host/|sim/'
silent "model includes model, rule, net and base" includes model 'base/|net/|rule/|model/'
silent "network includes network, model and below" includes network "$below_model|model/|network/"
silent "traffic includes traffic, what the world knows and what network does for it, and below" includes traffic "$below_model|model/|network/(world|world_state|calls)\.h|traffic/"
silent "scenario, the loader, includes model and below and does not see the simulator" includes scenario 'base/|net/|rule/|model/|scenario/'
silent "cause includes cause, network's world, model, rule, net and base" includes cause 'base/|net/|rule/|model/|network/world\.h|sim/trail\.h|cause/'
silent "judge includes judge, network's world, model, net and base" includes judge 'base/|net/|model/|network/world\.h|judge/'
silent "out includes out, the trail, net and base" includes out 'base/|net/|out/|sim/trail\.h'
silent "compare includes compare, captures read back, net and base" includes compare 'base/|net/|out/reading\.h|compare/'
silent "draw includes draw and base" includes draw 'base/|draw/'
silent "facade includes neither story nor view nor draw" includes facade 'pktpath/|base/|cause/|net/|sim/trail|rule/|model/|network/world\.h|scenario/|judge/|out/|compare/|facade/'
silent "story includes story, the facade, and no picture" includes story 'pktpath/|base/|cause/|net/|rule/|model/|network/world\.h|scenario/|judge/|out/|facade/|story/'
silent "view includes view, draw, story and the facade" includes view 'pktpath/|base/|cause/|net/|rule/|model/|network/world\.h|scenario/|judge/|out/|facade/|story/|draw/|view/'
silent "import includes import, the loader, network's world, model, net and base" includes import 'pktpath/|base/|net/|rule/|model/|network/world\.h|scenario/(keys|load)\.h|import/'
silent "cli includes cli and the public header" includes cli 'cli/|pktpath/'

# foreign HEADER_PATTERN FILE_PATTERN: files that include a foreign header and are not the ones that may.
foreign() {
	grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]+<($1)" -r src include --include='*.[ch]' | grep -vE "$2"
}
silent "libnet in net/craft.c and the device under test alone" foreign 'libnet' '^src/(net/craft|cli/dut_device)\.c$'
silent "libpcap in writers, readers and filters of out/ alone" foreign 'pcap' '^src/(out/(pcap|filter|reading_classic)|cli/dut_device)\.c$'
silent "libfyaml in the readers of YAML" foreign 'libfyaml' '^src/scenario/(yaml|tree|layout_read|layout_same)\.c$'
silent "jansson in the JSON writers and reader" foreign 'jansson' '^src/(draw/json_dot|out/(manifest|report)[a-z_]*|scenario/schema|compare/outcomes|cli/(lsp[a-z_]*|memory))\.[ch]$'
silent "Check in tests alone" foreign 'check\.h' '^$'

# calls FUNCTION_PATTERN: calls in the library, comments aside.
calls() {
	grep -nE "(^|[^a-zA-Z0-9_>.])($1)[[:space:]]*\(" -r src --include='*.[ch]' | grep -v '^src/cli/' |
		grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)'
}
silent "the library reads no clock" calls 'clock_gettime|gettimeofday|time|clock|localtime|localtime_r|nanosleep|usleep|sleep'
silent "the library never prints" calls 'printf|vprintf|puts|putchar|perror|psignal|syslog'
silent "the library never exits" calls 'exit|_exit|_Exit|abort|quick_exit|err|errx'
silent "the library does not ask the environment" calls 'getenv|secure_getenv|setlocale|signal|sigaction'
silent "the library draws its chances from the seed alone" calls 'rand|random|drand48|arc4random|getrandom|srand'
silent "the library opens no socket" calls 'socket|connect|bind|pcap_open_live|pcap_create'
writes_to_streams() {
	grep -nE '\b(stderr|stdout)\b' -r src --include='*.[ch]' | grep -v '^src/cli/' | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)'
}
silent "the library knows no stdout" writes_to_streams

long_files() {
	find src include tests -name '*.[ch]' -exec awk 'END { if (NR > 600) print FILENAME ": " NR " lines" }' {} \;
}
silent "no file is longer than 600 lines" long_files
unregistered_tests() {
	for file in tests/*/check_*.c; do
		name=$(basename "$file" .c) # some lists leave out its beginning
		grep -qE "'($name|${name#check_}|${name#check_nat_rfc})(\.c)?'" "$(dirname "$file")/meson.build" || echo "$file"
	done
}
silent "each unit test is built and run" unregistered_tests
without_theory() {
	find src -name '*.[ch]' -exec sh -c 'head -n 1 "$1" | grep -q "^/\*" || echo "$1"' _ {} \;
}
silent "each file opens with what it is about" without_theory
marks() {
	grep -nE '\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b' -r src include tests scenarios docs man dev README.md # none of them is its own text
}
silent "nothing is left for later" marks
# What is committed; a tree without git has no such list.
strangers() {
	git ls-files 2>/dev/null | sed 's|/.*||' | sort -u |
		grep -vxE '\.ci|\.clang-format|\.git-blame-ignore-revs|\.gitignore|\.shellcheckrc|CHANGELOG\.md|LICENSE|README\.md|CONTRIBUTING\.md|SECURITY\.md|Containerfile|action\.yml|debian|captures|dev|docs|include|man|meson\.build|meson_options\.txt|scenarios|share|src|tests'
}
silent "nothing strange stands at the top" strangers
if command -v shellcheck >/dev/null; then
	for script in dev .ci/run tests/*.sh tests/*/*.sh; do
		check "shellcheck $script" shellcheck -x -e SC1091,SC2317 "$script"
	done
	check "shellcheck share/completion/pktpath.bash" shellcheck -s bash share/completion/pktpath.bash
else
	skip "no shellcheck here"
fi
finish

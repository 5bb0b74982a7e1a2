/* The table of subcommands. Their help is what usage, completion and the manual are held against. */
#include "cli/cli.h"
#include <string.h>

static const struct command commands[] = {
	{"run", "SCENARIO...", "replays, writes traces, judges the expectations",
	 "  -o, --output DIR      where files go (default captures/NAME/; with several scenarios DIR/NAME/)\n"
	 "      --set PATH=VALUE  replaces a value of the scenario: network.ases.ase-one.workers=4\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --seed N          replaces the scenario's seed\n"
	 "      --no-traces       writes report.json and nat.csv only, no captures\n"
	 "      --trail           writes trail.txt too: one line a step\n"
	 "      --flow-logs       writes flow logs too, as Azure does: flow-log-nsg.json, flow-log-vnet.json\n"
	 "      --warnings        lists each warning; else many of one kind are one line\n"
	 "      --report          makes report.html too, one page about the run\n"
	 "      --watch           runs again whenever a file of a scenario is saved\n"
	 "      --json            results as JSON\n"
	 "  -q, --quiet           prints failures only\n",
	 "run scenarios/general-network-flow.yaml\n"
	 "run scenarios/lossy-link.yaml --set seed=3 --trail -o out\n",
	 command_run},
	{"check", "SCENARIO...", "validates only; every error with its place",
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --warnings        lists each warning; else many of one kind are one line\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           prints errors only\n",
	 "check scenarios/general-network-flow.yaml\n"
	 "check scenarios/lossy-link.yaml --json\n",
	 command_check},
	{"explain", "SCENARIO [FLOW[I]]", "a call step by step, each decision with its line",
	 "      --packet N        that packet of the flow, by its number in captures\n"
	 "      --from A --to B   a call that the scenario does not make: ase-one/web, api:443/tcp\n"
	 "      --at TIME         when that call is made (default 0s)\n"
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --seed N          replaces the scenario's seed\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           only outcomes\n",
	 "explain scenarios/general-network-flow.yaml call-internet\n"
	 "explain scenarios/vip-ports.yaml --from customer --to ase-one:454/tcp\n",
	 command_explain},
	{"addresses", "SCENARIO", "source and destination addresses at each hop",
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --seed N          replaces the scenario's seed\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           only the table of flows, without headings\n",
	 "addresses scenarios/general-network-flow.yaml\n"
	 "addresses scenarios/general-network-flow.yaml --json\n",
	 command_addresses},
	{"nat", "SCENARIO", "the tables of its NATs at an instant",
	 "      --at TIME         the instant (default: that of the last packet)\n"
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --seed N          replaces the scenario's seed\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           only the tables\n",
	 "nat scenarios/snat-idle-timeout.yaml\n"
	 "nat scenarios/snat-idle-timeout.yaml --at 10s\n",
	 command_nat},
	{"classify", "SCENARIO NAT", "what kind of NAT it is, by the probes of RFC 5780",
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           prints no warnings\n",
	 "classify scenarios/outbound-network-addresses.yaml ase-one\n"
	 "classify scenarios/outbound-network-addresses.yaml ase-one --json\n",
	 command_classify},
	{"test", "[PATH...]", "a suite: expectations, and captures against the committed ones",
	 "      --baseline DIR    where committed captures are (default captures, in it DIR/NAME of each scenario)\n"
	 "      --update          writes the captures again where they differ, after it has shown how\n"
	 "      --ignore WHAT     does not compare ports, ids, time: a list with commas\n"
	 "      --tap             results as TAP version 13\n"
	 "      --json            results as JSON\n"
	 "      --junit FILE      and as JUnit XML into a file\n"
	 "      --report DIR      writes an index page, and captures and pages of what failed\n"
	 "      --keep DIR        captures of what failed go into DIR/NAME of each scenario (default pktpath-failed)\n"
	 "      --no-keep         captures of what failed are not kept\n"
	 "      --annotate        prints failures as GitHub shows them, at their lines\n"
	 "      --shard I/N       does part I of N alone; pktpath merge joins reports\n"
	 "      --resume          goes on with what a suite that was stopped left in the report\n"
	 "      --allow-empty     a scenario without expectations and without committed captures passes\n"
	 "  -j, --jobs N          runs N scenarios at a time (default: as many as there are processors)\n"
	 "      --set PATH=VALUE  replaces a value of each scenario\n"
	 "      --var NAME=VALUE  gives a variable of each scenario its value\n"
	 "      --seed N          replaces each scenario's seed\n"
	 "  -q, --quiet           prints failures only\n",
	 "test scenarios/laws\n"
	 "test scenarios/nat --report out -j 2\n",
	 command_test},
	{"diff", "BEFORE AFTER", "what changed in which flow, between the output of two runs",
	 "      --ignore WHAT     does not compare ports, ids, time: a list with commas\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           prints nothing; the exit status has the result\n",
	 "diff captures/lossy-link captures/lossy-link\n"
	 "diff captures/lossy-link captures/lossy-link --ignore ports,time\n",
	 command_diff},
	{"draw", "SCENARIO [FLOW[I]]", "its network, the way of a flow, its packets, or ports in use, as SVG",
	 "      --ladder          the flow's packets place by place, instead of its way through the network\n"
	 "      --mermaid         Mermaid text instead of SVG\n"
	 "      --focus NAME      what is near a network, a machine, an environment or a site alone\n"
	 "      --depth N         of the focus: networks within so many peerings (default 1)\n"
	 "      --ports           the ports that NATs have in use over time, against the budget, instead of the "
	 "network\n"
	 "      --by WHAT         of --ports: a line for each worker, app or destination (default: app)\n"
	 "      --layout dot      lets Graphviz lay out the network, where it is installed (default: plain)\n"
	 "  -o, --output FILE     where the picture goes (default: standard output)\n"
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --seed N          replaces the scenario's seed\n"
	 "  -q, --quiet           prints no warnings\n",
	 "draw scenarios/general-network-flow.yaml -o network.svg\n"
	 "draw scenarios/lossy-link.yaml upload --ladder -o ladder.svg\n",
	 command_draw},
	{"dut", "SCENARIO", "a real NAT between two interfaces, compared with the scenario",
	 "      --inside IF       the interface at the inside of the device (must be given)\n"
	 "      --outside IF      the interface at its outside (must be given)\n"
	 "      --nat NAT         the NAT of the scenario whose place the device takes (default: its only one)\n"
	 "      --inside-address IP, --outside-address IP\n"
	 "                        the device's own addresses, to which packets are sent (default: .1 of the inside "
	 "hosts' network, and the NAT's address)\n"
	 "      --wait MS         how long to wait for what comes out (default 200)\n"
	 "      --pace            sends when the scenario does, instead of as fast as possible: a device's timers take "
	 "their time\n"
	 "      --ignore WHAT     does not compare ports, ids: a list with commas\n"
	 "  -o, --output DIR      where files go (default: nothing is written)\n"
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --json            results as JSON\n"
	 "  -q, --quiet           prints failures only\n",
	 "dut scenarios/nat/full-cone.yaml --inside eth1 --outside eth2 --pace\n"
	 "dut scenarios/nat/linux-masquerade.yaml --inside eth1 --outside eth2\n",
	 command_dut},
	{"mutate", "SCENARIO", "changes each setting in turn and names the changes that no expectation notices",
	 "      --survivors FILE  changes that may go unnoticed, each with its reason (default: SCENARIO with the "
	 "ending .survivors)\n"
	 "  -o, --output DIR      writes mutants.csv, a line for each change\n"
	 "      --shard I/N       does part I of N alone; pktpath merge joins them\n"
	 "      --resume          goes on with what was stopped in DIR\n"
	 "  -a, --all             prints what became of every change\n"
	 "  -j, --jobs N          tries N changes at a time (default: as many as there are processors)\n"
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --seed N          replaces the scenario's seed\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           prints only what survived\n",
	 "mutate scenarios/laws/law-06-security-group.yaml\n"
	 "mutate scenarios/laws/law-06-security-group.yaml --all -j 2\n",
	 command_mutate},
	{"sweep", "SCENARIO",
	 "runs a scenario with many values: measures, percentiles, plots, the smallest value that holds",
	 "      --vary PATH=LIST  values that a setting has in turn: V1,V2 or A..B, A..B:STEP, A..BxFACTOR; may be "
	 "repeated\n"
	 "      --seeds N         runs each combination with N seeds (default 1)\n"
	 "      --measure METRIC  what is measured, a list with commas: failed_share, ports.p99, exhausted, ...\n"
	 "      --find QUESTION   the smallest value that holds: \"PATH such that METRIC CMP VALUE\"\n"
	 "  -o, --output DIR      where tables and page go (default sweeps/NAME/)\n"
	 "  -j, --jobs N          N runs at a time (default: as many as there are processors)\n"
	 "      --shard I/N       does part I of N alone; pktpath merge joins them\n"
	 "      --resume          goes on with what a sweep that was stopped left in DIR\n"
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --seed N          the first seed (default: the scenario's)\n"
	 "      --json            the answer as JSON\n"
	 "  -q, --quiet           prints only the answer to --find\n",
	 "sweep scenarios/lossy-link.yaml --seeds 3\n"
	 "sweep scenarios/lossy-link.yaml --seeds 4 --shard 1/2 -o part-1\n",
	 command_sweep},
	{"cover", "[PATH...]", "which rules, routes, elements, reasons and states of NATs a suite exercised",
	 "      --lcov FILE       writes a tracefile for genhtml\n"
	 "      --html FILE       writes a page with the source of each scenario in colours\n"
	 "      --min PERCENT     fails where a smaller share of lines decided something\n"
	 "  -o, --output DIR      writes lcov.info, cover.html and cover.json into DIR\n"
	 "      --shard I/N       does part I of N alone; pktpath merge joins them\n"
	 "      --resume          goes on with what was stopped in DIR\n"
	 "  -j, --jobs N          runs N scenarios at a time (default: as many as there are processors)\n"
	 "      --set PATH=VALUE  replaces a value of each scenario\n"
	 "      --var NAME=VALUE  gives a variable of each scenario its value\n"
	 "      --seed N          replaces each scenario's seed\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           prints only what decided nothing\n",
	 "cover scenarios/laws\n"
	 "cover scenarios/nat --html cover.html\n",
	 command_cover},
	{"lsp", "", "a language server for editors, on standard input and output", "",
	 "lsp <requests\n"
	 "lsp </dev/null\n",
	 command_lsp},
	{"merge", "DIR...", "joins the parts that --shard wrote into what one machine would have written",
	 "  -o, --output DIR      where the whole goes (must be given)\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           prints nothing\n",
	 "merge part-1 part-2 -o whole\n"
	 "merge part-1 part-2 -o whole --json\n",
	 command_merge},
	{"fmt", "SCENARIO...", "prints a scenario in the house style and keeps comments",
	 "      --check           prints the names of files that it would change; the exit status is 1 then\n"
	 "      --json            the answer to --check as JSON\n"
	 "      --canonical       prints what was loaded instead: every value, defaults included\n"
	 "      --set PATH=VALUE  replaces a value of the scenario, with --canonical\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value, with --canonical\n"
	 "      --seed N          replaces the scenario's seed, with --canonical\n"
	 "  -i, --in-place        writes each file that changes\n"
	 "  -o, --output FILE     where the text goes (default: standard output)\n",
	 "fmt scenarios/general-network-flow.yaml\n"
	 "fmt --check scenarios/lossy-link.yaml\n",
	 command_fmt},
	{"report", "DIR", "one HTML page about the output of a run",
	 "  -o, --output FILE     where the page goes (default: DIR/report.html; - is standard output)\n"
	 "  -q, --quiet           does not print where it went\n",
	 "report captures/lossy-link\n"
	 "report captures/lossy-link -o lossy-link.html\n",
	 command_report},
	{"open", "FILE|DIR", "a capture in Wireshark with the profile; the page about a run in a browser",
	 "      --packet N        the capture at that packet, by its number in captures\n"
	 "      --print           prints the command instead of starting it\n",
	 "open captures/lossy-link/download.pcapng\n"
	 "open captures/lossy-link --print\n",
	 command_open},
	{"new", "[FILE]", "a commented first scenario, to standard output or into a new file", "",
	 "new\n"
	 "new mine.yaml\n",
	 command_new},
	{"import", "[capture] INPUT...", "a scenario of ARM templates, Terraform, live answers; of a capture its flows",
	 "  -o, --output FILE     where the scenario goes (default: standard output)\n"
	 "      --parameters FILE values of parameters, as Azure's files have them\n"
	 "      --param NAME=VALUE\n"
	 "                        the value of a template's parameter\n"
	 "      --address NAME=IP an address in place of an assumed one\n"
	 "      --against FILE    effective routes or rules of the cloud: what the model has otherwise\n"
	 "      --strict          status 1 where something that changes answers is not modelled\n"
	 "      --no-flows        no probe flows\n"
	 "      --inside PREFIX   of `capture`: addresses that stand in a network of the scenario\n"
	 "      --list            what was kept, assumed and left out, instead of the scenario\n"
	 "      --json            the list as JSON, with the fate of each property\n",
	 "import template.json -o imported.yaml\n"
	 "import template.json --list\n",
	 command_import},
	{"schema", "", "the JSON Schema of scenarios, for editors", "",
	 "schema\n"
	 "schema >pktpath.json\n",
	 command_schema},
	{"resolve", "SCENARIO NAME", "what a name resolves to",
	 "      --from WHO        what the resolver of this host, app, VNet or site answers\n"
	 "      --set PATH=VALUE  replaces a value of the scenario\n"
	 "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	 "      --json            as JSON\n"
	 "  -q, --quiet           prints no warnings\n",
	 "resolve scenarios/general-network-flow.yaml ase-one/web --json\n"
	 "resolve scenarios/azure/private-endpoint.yaml db --from vm\n",
	 command_resolve},
};

#define N_COMMANDS (sizeof commands / sizeof *commands)
_Static_assert(N_COMMANDS <= COMMANDS_MAX, "who collects names has room for all");

const struct command *command_table(size_t *ret_n)
{
	*ret_n = N_COMMANDS;
	return commands;
}

const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

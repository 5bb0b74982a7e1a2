/* pktpath-extcap: the simulator as a capture interface of Wireshark, by the protocol of extcap(4).
 *
 * DOC: Wireshark starts the program several times: to ask for its interfaces, for what each captures, for the fields of
 * its dialogue, for the values of one field again (reload), whether a capture filter is right, and at last to capture.
 * It reads answers from standard output, and shows whatever comes on standard error to the user as an error; so nothing
 * is printed there where all is well. */
#include "cli/extcap.h"
#include "cli/paced_pipe.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACE "pktpath"
enum argument {
	ARGUMENT_SCENARIO,
	ARGUMENT_FLOW,
	ARGUMENT_AT,
	ARGUMENT_SPEED,
	ARGUMENT_SEED,
	ARGUMENT_SET,
	ARGUMENT_VAR
};

int extcap_wrong(const char *problem, const char *hint)
{
	fprintf(stderr, EXTCAP_PROGRAM ": %s\n", problem);
	if (hint)
		print_hint("%s", hint);
	return STATUS_USAGE;
}

/* ---- answers ---- */

static int print_interfaces(void)
{
	printf("extcap {version=%s}{display=pktpath}\n", pp_version());
	fputs("interface {value=" INTERFACE "}{display=Simulated network}\n", stdout);
	return STATUS_OK;
}

static int print_dlts(void)
{
	fputs("dlt {number=1}{name=EN10MB}{display=Ethernet}\n", stdout);
	return STATUS_OK;
}

static void print_value(enum argument argument, const char *value, const char *display, const char *detail,
			bool is_default)
{
	printf("value {arg=%d}{value=%s}{display=%s%s%s}%s\n", (int)argument, value, display, detail ? ": " : "",
	       detail ? detail : "", is_default ? "{default=true}" : "");
}

static void print_common_flows(void)
{
	print_value(ARGUMENT_FLOW, EXTCAP_EVERY_FLOW, "every flow", NULL, true);
}

static void print_common_places(void)
{
	print_value(ARGUMENT_AT, "realms", "each packet as it was sent, and after each rewrite", NULL, true);
	print_value(ARGUMENT_AT, "all", "each packet at all points", NULL, false);
	print_value(ARGUMENT_AT, "drops", "lost packets, and who dropped them", NULL, false);
}

static int print_config(void)
{
	printf("arg {number=%d}{call=--scenario}{display=Scenario}{type=fileselect}{mustexist=true}{required=true}"
	       "{fileext=Scenarios (*.yaml *.yml)}{tooltip=The network, its flows and its timeline}\n",
	       ARGUMENT_SCENARIO);
	printf("arg {number=%d}{call=--flow}{display=Flow}{type=selector}{reload=true}{placeholder=Read the scenario}"
	       "{tooltip=Packets of which flow}\n",
	       ARGUMENT_FLOW);
	print_common_flows();
	printf("arg {number=%d}{call=--at}{display=Where}{type=selector}{reload=true}{placeholder=Read the scenario}"
	       "{tooltip=At which points packets are seen}\n",
	       ARGUMENT_AT);
	print_common_places();
	printf("arg {number=%d}{call=--speed}{display=Speed}{type=selector}{tooltip=How fast virtual time goes by}\n",
	       ARGUMENT_SPEED);
	print_value(ARGUMENT_SPEED, "asap", "as fast as possible", NULL, true);
	print_value(ARGUMENT_SPEED, "0.1", "a tenth of real time", NULL, false);
	print_value(ARGUMENT_SPEED, "1", "real time", NULL, false);
	print_value(ARGUMENT_SPEED, "10", "10 times real time", NULL, false);
	print_value(ARGUMENT_SPEED, "60", "a minute a second", NULL, false);
	print_value(ARGUMENT_SPEED, "3600", "an hour a second", NULL, false);
	printf("arg {number=%d}{call=--seed}{display=Seed}{type=string}{validation=^[0-9]*$}{placeholder=the "
	       "scenario's}"
	       "{tooltip=Another seed, other chances}\n",
	       ARGUMENT_SEED);
	printf("arg {number=%d}{call=--set}{display=Replace}{type=string}{placeholder=PATH=VALUE}"
	       "{tooltip=A value of the scenario: network.ases.ase-one.workers=4}\n",
	       ARGUMENT_SET);
	printf("arg {number=%d}{call=--var}{display=Variable}{type=string}{placeholder=NAME=VALUE}"
	       "{tooltip=The value of a variable of the scenario}\n",
	       ARGUMENT_VAR);
	return STATUS_OK;
}

static void print_flows(const pp_scenario *scenario)
{
	pp_scenario_info info;
	pp_scenario_info_get(scenario, &info);
	print_common_flows();
	for (size_t i = 0; i < info.n_flows; i++) {
		pp_flow flow;
		pp_scenario_flow(scenario, i, &flow);
		print_value(ARGUMENT_FLOW, flow.name, flow.name, flow.to, false);
	}
}

static int print_places(const pp_scenario *scenario)
{
	pp_run *run;
	if (pp_run_new(scenario, NULL, &run) < 0)
		return STATUS_SYSTEM;
	print_common_places();
	for (size_t i = 0; i < pp_run_n_points(run); i++) {
		pp_point point;
		pp_run_point(run, i, &point);
		print_value(ARGUMENT_AT, point.name, point.name, point.what, false);
	}
	pp_run_free(run);
	return STATUS_OK;
}

/* Values of one field, now that the scenario is known. */
static int print_reloaded(const struct extcap_options *options)
{
	const char *field = strncmp(options->reload, "--", 2) == 0 ? options->reload + 2 : options->reload;
	pp_scenario *scenario;
	if (strcmp(field, "flow") != 0 && strcmp(field, "at") != 0)
		return extcap_wrong("this option has no values that could be read again", "flow, or at");
	int status = extcap_load(options, &scenario);
	if (status == STATUS_OK && strcmp(field, "flow") == 0)
		print_flows(scenario);
	else if (status == STATUS_OK)
		status = print_places(scenario);
	pp_scenario_free(scenario);
	return status;
}

/* No word means that the filter is right. */
static int print_filter_verdict(const char *filter)
{
	char problem[PP_FILTER_PROBLEM_BYTES];
	int r = filter ? pp_check_filter(filter, problem) : 0;
	if (r > 0)
		printf("%s\n", problem);
	return r < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* ---- options ---- */

enum {
	OPTION_INTERFACES = 256,
	OPTION_INTERFACE,
	OPTION_DLTS,
	OPTION_CONFIG,
	OPTION_CAPTURE,
	OPTION_FILTER,
	OPTION_RELOAD,
	OPTION_FIFO,
	OPTION_PASSED_OVER,
	OPTION_SCENARIO,
	OPTION_FLOW,
	OPTION_AT,
	OPTION_SPEED,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option long_options[] = {{"extcap-interfaces", no_argument, NULL, OPTION_INTERFACES},
					     {"extcap-interface", required_argument, NULL, OPTION_INTERFACE},
					     {"extcap-dlts", no_argument, NULL, OPTION_DLTS},
					     {"extcap-config", no_argument, NULL, OPTION_CONFIG},
					     {"capture", no_argument, NULL, OPTION_CAPTURE},
					     {"extcap-capture-filter", required_argument, NULL, OPTION_FILTER},
					     {"extcap-reload-option", required_argument, NULL, OPTION_RELOAD},
					     {"fifo", required_argument, NULL, OPTION_FIFO},
					     {"extcap-version", optional_argument, NULL, OPTION_PASSED_OVER},
					     {"extcap-control-in", required_argument, NULL, OPTION_PASSED_OVER},
					     {"extcap-control-out", required_argument, NULL, OPTION_PASSED_OVER},
					     {"log-level", required_argument, NULL, OPTION_PASSED_OVER},
					     {"log-file", required_argument, NULL, OPTION_PASSED_OVER},
					     {"scenario", required_argument, NULL, OPTION_SCENARIO},
					     {"flow", required_argument, NULL, OPTION_FLOW},
					     {"at", required_argument, NULL, OPTION_AT},
					     {"speed", required_argument, NULL, OPTION_SPEED},
					     OVERRIDE_OPTIONS,
					     {"help", no_argument, NULL, OPTION_HELP},
					     {"version", no_argument, NULL, OPTION_VERSION},
					     {NULL, 0, NULL, 0}};

static void print_help(void)
{
	fputs("usage: " EXTCAP_PROGRAM " --capture --extcap-interface=" INTERFACE
	      " --fifo PATH --scenario FILE [OPTION...]\n"
	      "       " EXTCAP_PROGRAM " --extcap-interfaces\n"
	      "       " EXTCAP_PROGRAM " --extcap-interface=" INTERFACE " --extcap-dlts | --extcap-config\n\n"
	      "The simulator as a capture interface of Wireshark, which starts this program itself.\n\n"
	      "      --scenario FILE   what is replayed\n"
	      "      --flow FLOW[I]    packets of this flow, or of one connection of it (default: of every flow)\n"
	      "      --at WHERE        realms (default): each packet as it was sent, and after each rewrite;\n"
	      "                        all: at all points; drops: lost packets; or a point: ENVIRONMENT/vip\n"
	      "      --speed N         virtual time goes N times as fast as real time: 0.1, 1, 60 (default asap)\n"
	      "      --seed N          replaces the scenario's seed\n"
	      "      --set PATH=VALUE  replaces a value of the scenario\n"
	      "      --var NAME=VALUE  gives a variable of the scenario its value\n"
	      "      --extcap-capture-filter FILTER   packets that it takes, as in pcap-filter(7)\n"
	      "      --fifo PATH       where the capture goes\n"
	      "      --help, --version\n",
	      stdout);
}

static const char *given(const char *text)
{
	return *text ? text : NULL;
}

static int take(struct extcap_options *options, int c)
{
	int status;
	bool is_empty = optarg && !*optarg; /* left open in the dialog: not given */
	if (!is_empty && overrides_take(NULL, &options->overrides, c, &status))
		return status == STATUS_USAGE ? extcap_wrong(override_takes(c), NULL) : status;
	switch (c) {
	case OPTION_INTERFACE:
		options->interface = optarg;
		return STATUS_OK;
	case OPTION_FILTER:
		options->filter = given(optarg);
		return STATUS_OK;
	case OPTION_RELOAD:
		options->reload = given(optarg);
		return STATUS_OK;
	case OPTION_FIFO:
		options->fifo = given(optarg);
		return STATUS_OK;
	case OPTION_SCENARIO:
		options->scenario = given(optarg);
		return STATUS_OK;
	case OPTION_FLOW:
		options->flow = strcmp(optarg, EXTCAP_EVERY_FLOW) == 0 ? NULL : given(optarg);
		return STATUS_OK;
	case OPTION_AT:
		options->at = given(optarg);
		return STATUS_OK;
	case OPTION_SPEED:
		return !*optarg || paced_pipe_parse_pace(optarg, &options->pace_milli)
			       ? STATUS_OK
			       : extcap_wrong(
					 "--speed takes `asap`, or how many times as fast as real time: 0.1, 1, 60",
					 NULL);
	}
	return STATUS_OK; /* of those that the protocol has for toolbars and logs, and we have no use for */
}

static int wrong_option(int c, const char *word)
{
	const char *names[sizeof long_options / sizeof *long_options], *nearest = NULL;
	size_t n = 0;
	char problem[256];
	for (; long_options[n].name; n++)
		names[n] = long_options[n].name;
	if (c == ':') {
		(void)snprintf(problem, sizeof problem, "`%s` needs a value", word);
	} else {
		(void)snprintf(problem, sizeof problem, "unknown option `%s`", word);
		nearest = strncmp(word, "--", 2) == 0 ? pp_nearest(word + 2, names, n) : NULL;
	}
	(void)extcap_wrong(problem, nearest ? NULL : EXTCAP_PROGRAM " --help");
	if (nearest)
		print_hint("did you mean `--%s`?", nearest);
	return STATUS_USAGE;
}

/* What is asked for; the last one counts. */
static int answer(const struct extcap_options *options, int request)
{
	if (request == OPTION_HELP) {
		print_help();
		return STATUS_OK;
	}
	if (request == OPTION_VERSION) {
		printf(EXTCAP_PROGRAM " %s\n", pp_version());
		return STATUS_OK;
	}
	if (request == OPTION_INTERFACES)
		return print_interfaces();
	if (!options->interface)
		return extcap_wrong("this program is started by Wireshark",
				    EXTCAP_PROGRAM " --help shows how to start it by hand");
	if (strcmp(options->interface, INTERFACE) != 0)
		return extcap_wrong("there is no such interface", "the only one is `" INTERFACE "`");
	if (request == OPTION_CAPTURE)
		return extcap_capture(options);
	if (request == OPTION_DLTS)
		return print_dlts();
	if (request == OPTION_CONFIG)
		return options->reload ? print_reloaded(options) : print_config();
	return print_filter_verdict(options->filter);
}

static bool is_request(int c)
{
	return c == OPTION_INTERFACES || c == OPTION_DLTS || c == OPTION_CONFIG || c == OPTION_CAPTURE ||
	       c == OPTION_HELP || c == OPTION_VERSION;
}

int main(int argc, char **argv)
{
	struct extcap_options options = {0};
	int c, request = 0, status = STATUS_OK;
	opterr = 0;
	if (guard_output() < 0)
		return say_short_memory();
	signals_catch();
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (c == ':' || c == '?')
			status = wrong_option(c, argv[optind - 1]);
		else if (is_request(c))
			request = c;
		else
			status = take(&options, c);
	}
	if (status == STATUS_OK && optind < argc)
		status = extcap_wrong("it takes options alone", EXTCAP_PROGRAM " --help");
	if (status == STATUS_OK)
		status = answer(&options, request);
	overrides_free(&options.overrides);
	return close_output(status);
}

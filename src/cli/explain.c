/* pktpath explain: the way of a call's packets, step by step. The run is simulated as `run` does it, with nothing
 * written; what is reported was kept by the library. */
#include "cli/cli.h"
#include <getopt.h>
#include <string.h>

struct explain_options {
	struct overrides overrides;
	const char *from, *to;
	int64_t at_ns;
	bool has_at;
	uint64_t packet;
	bool json, quiet;
};

/* ---- the command ---- */

static int complain(const char *problem, const char *hint)
{
	fprintf(stderr, "pktpath: %s\n", problem);
	if (hint)
		print_hint("%s", hint);
	return STATUS_USAGE;
}

static int failed(const char *name, int error)
{
	fprintf(stderr, "pktpath: %s: %s\n", name, error_text(-error));
	return STATUS_SYSTEM;
}

/* The call that the scenario does not make; *ret_flow is its flow. */
static int add_call(pp_scenario *scenario, const struct explain_options *options, const char **ret_flow)
{
	size_t first = pp_scenario_n_diagnostics(scenario);
	int r = pp_scenario_add_call(scenario, options->from, options->to, options->at_ns, ret_flow);
	if (r < 0)
		return failed("explain", r);
	for (size_t i = first; r > 0 && i < pp_scenario_n_diagnostics(scenario); i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		if (d.error)
			(void)complain(d.message, d.hint);
	}
	return r > 0 ? STATUS_USAGE : STATUS_OK;
}

static int explain(const pp_scenario *scenario, const pp_explain_options *what, const struct explain_options *options)
{
	pp_scenario_info info;
	pp_run *run = NULL;
	pp_explanation *explanation = NULL;
	struct progress progress;
	pp_scenario_info_get(scenario, &info);
	int r = pp_run_new(scenario, NULL, &run), status = STATUS_OK;
	if (r == 0)
		r = pp_explain_new(run, what, &explanation);
	progress_begin(&progress);
	if (r == 0)
		status = simulate(run, info.name, &progress);
	if (r == 0 && status == STATUS_OK)
		r = pp_explain_finish(explanation);
	if (r < 0)
		status = failed(info.name, r);
	else if (r > 0)
		status = complain(pp_explanation_problem(explanation), pp_explanation_hint(explanation));
	else if (status == STATUS_OK && options->json)
		print_explanation_json(explanation, info.name, info.file);
	else if (status == STATUS_OK)
		print_explanation_text(explanation, options->quiet);
	if (r == 0 && status == STATUS_OK && !pp_explanation_is_whole(explanation))
		status = say_short_memory();
	pp_explanation_free(explanation);
	pp_run_free(run);
	return status;
}

static int load_and_explain(const char *path, const char *flow, const struct explain_options *options)
{
	pp_scenario *scenario = NULL;
	const char *name = flow;
	int status = load_scenario(path, &options->overrides, &scenario);
	if (status == STATUS_OK && options->from)
		status = add_call(scenario, options, &name);
	if (status == STATUS_OK)
		status = explain(scenario, &(pp_explain_options){name, options->packet}, options);
	pp_scenario_free(scenario);
	return status;
}

/* ---- options ---- */

enum { OPTION_FROM = 256, OPTION_TO, OPTION_AT, OPTION_PACKET, OPTION_JSON, OPTION_HELP };

static int take(const struct command *command, struct explain_options *options, int c)
{
	int status;
	if (overrides_take(command, &options->overrides, c, &status))
		return status;
	switch (c) {
	case OPTION_FROM:
		options->from = optarg;
		return STATUS_OK;
	case OPTION_TO:
		options->to = optarg;
		return STATUS_OK;
	case OPTION_AT:
		options->has_at = true;
		return pp_parse_duration(optarg, &options->at_ns) == 0
			       ? STATUS_OK
			       : usage_error(command, "--at takes a time with its unit, such as 10s, not `%s`", optarg);
	case OPTION_PACKET:
		if (parse_number(optarg, INT64_MAX, &options->packet) && options->packet > 0)
			return STATUS_OK;
		return usage_error(command, "--packet takes a number from 1 on, not `%s`", optarg);
	case OPTION_JSON:
		options->json = true;
		return STATUS_OK;
	}
	options->quiet = options->overrides.quiet = true;
	return STATUS_OK;
}

static int check_words(const struct command *command, const struct explain_options *options, int n_words)
{
	if (n_words == 0)
		return usage_error(command, "which scenario?");
	if (n_words > 2)
		return usage_error(command, "it takes a scenario and at most one flow");
	if (!options->from != !options->to)
		return usage_error(command, "--from and --to go together");
	if (options->from && n_words == 2)
		return usage_error(command, "ask about a flow, or about a call --from A --to B, not both");
	if (options->has_at && !options->from)
		return usage_error(command, "--at goes with --from and --to; a flow has its own time");
	return STATUS_OK;
}

int command_explain(const struct command *command, int argc, char **argv)
{
	static const struct option long_options[] = {OVERRIDE_OPTIONS,
						     {"from", required_argument, NULL, OPTION_FROM},
						     {"to", required_argument, NULL, OPTION_TO},
						     {"at", required_argument, NULL, OPTION_AT},
						     {"packet", required_argument, NULL, OPTION_PACKET},
						     {"json", no_argument, NULL, OPTION_JSON},
						     {"quiet", no_argument, NULL, 'q'},
						     {"help", no_argument, NULL, OPTION_HELP},
						     {NULL, 0, NULL, 0}};
	struct explain_options options = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&options.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &options, c);
	}
	if (status == STATUS_OK)
		status = check_words(command, &options, argc - optind);
	if (status == STATUS_OK)
		status = load_and_explain(argv[optind], argc - optind == 2 ? argv[optind + 1] : NULL, &options);
	overrides_free(&options.overrides);
	return status;
}

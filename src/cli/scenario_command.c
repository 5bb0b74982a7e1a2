/* Commands that ask something about one scenario share their command line: the options that they take, the file, and at
 * most one name behind it. */
#include "cli/cli.h"
#include <getopt.h>
#include <string.h>

enum { OPTION_AT = 256, OPTION_JSON, OPTION_FROM, OPTION_HELP };

static const struct {
	struct option option;
	unsigned of; /* enum scenario_option; 0: of all */
} known[] = {
	{{"set", required_argument, NULL, OPTION_SET}, 0},
	{{"var", required_argument, NULL, OPTION_VAR}, 0},
	{{"json", no_argument, NULL, OPTION_JSON}, 0},
	{{"help", no_argument, NULL, OPTION_HELP}, 0},
	{{"seed", required_argument, NULL, OPTION_SEED}, TAKES_SEED},
	{{"quiet", no_argument, NULL, 'q'}, 0},
	{{"at", required_argument, NULL, OPTION_AT}, TAKES_AT},
	{{"from", required_argument, NULL, OPTION_FROM}, TAKES_FROM},
};
#define N_KNOWN (sizeof known / sizeof *known)

static int take(const struct command *command, struct asked *asked, struct overrides *overrides, int c)
{
	int status;
	if (overrides_take(command, overrides, c, &status))
		return status;
	switch (c) {
	case OPTION_AT:
		asked->has_at = true;
		return pp_parse_duration(optarg, &asked->at_ns) == 0
			       ? STATUS_OK
			       : usage_error(command, "--at takes a time with its unit, such as 10s, not `%s`", optarg);
	case OPTION_FROM:
		asked->from = optarg;
		return STATUS_OK;
	case OPTION_JSON:
		asked->json = true;
		return STATUS_OK;
	}
	asked->quiet = true;
	return STATUS_OK;
}

/* Help was asked for: true, and it was given. */
static bool read_options(const struct command *command, const struct scenario_command *how, int argc, char **argv,
			 struct asked *asked, struct overrides *overrides, int *ret_status)
{
	struct option options[N_KNOWN + 1] = {{0}};
	size_t n = 0;
	int c;
	for (size_t i = 0; i < N_KNOWN; i++)
		if (known[i].of == 0 || (how->takes & known[i].of))
			options[n++] = known[i].option;
	*ret_status = STATUS_OK;
	while (*ret_status == STATUS_OK && (c = getopt_long(argc, argv, ":qh", options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			return true;
		}
		*ret_status = c == ':' || c == '?' ? option_error(command, c, argv, options)
						   : take(command, asked, overrides, c);
	}
	return false;
}

int ask(const struct command *command, const struct scenario_command *how, int argc, char **argv)
{
	struct asked asked = {0};
	struct overrides overrides = {0};
	pp_scenario *scenario = NULL;
	int status;
	if (read_options(command, how, argc, argv, &asked, &overrides, &status)) {
		overrides_free(&overrides);
		return STATUS_OK;
	}
	if (status == STATUS_OK && argc - optind != (how->name ? 2 : 1)) {
		if (how->name)
			status = usage_error(command, "it takes a scenario and %s", how->name);
		else
			status = usage_error(command, argc == optind ? "which scenario?" : "it takes one scenario");
	}
	if (status == STATUS_OK)
		overrides.quiet = asked.quiet;
	if (status == STATUS_OK)
		status = load_scenario(argv[optind], &overrides, &scenario);
	if (status == STATUS_OK) {
		asked.scenario = scenario;
		asked.name = how->name ? argv[optind + 1] : NULL;
		status = how->answer(command, &asked);
	}
	pp_scenario_free(scenario);
	overrides_free(&overrides);
	return status;
}

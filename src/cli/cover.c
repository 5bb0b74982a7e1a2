/* pktpath cover: which rules, routes, elements, reasons and states of NATs a suite exercised. Scenarios are cases of a
 * work (work.h): run several at a time, in parts on several machines; what they say is added up in the order of the
 * suite. */
#include "cli/cover.h"
#include "cli/work.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_STEP 20000

struct settings {
	const char *lcov, *html, *output;
	struct overrides overrides;
	struct work_options work;
	uint64_t min;
	bool has_min, json, quiet;
};

struct hunt {
	const struct settings *settings;
	const struct suite_paths *paths;
	pp_scenario **scenarios;
};

/* ---- one scenario ---- */

static int run(pp_run *run, pp_cover *cover)
{
	int r = 0;
	while (r == 0 && !signals_caught())
		r = pp_run_step(run, EVENTS_A_STEP);
	if (r > 0)
		r = pp_run_finish(run);
	else if (r == 0)
		return -1; /* a signal, which is said elsewhere */
	if (r == 0)
		r = pp_cover_finish(cover);
	if (r < 0)
		fprintf(stderr, "pktpath: %s\n", pp_run_error(run));
	return r;
}

static char *run_one(void *context, size_t i)
{
	struct hunt *hunt = context;
	pp_run *begun = NULL;
	pp_cover *cover = NULL;
	int r = pp_run_new(hunt->scenarios[i], NULL, &begun);
	if (r == 0)
		r = pp_cover_new(begun, &cover);
	if (r == 0)
		r = run(begun, cover);
	char *record = r == 0 ? cover_record(cover) : NULL;
	pp_cover_free(cover);
	pp_run_free(begun);
	pp_scenario_free(hunt->scenarios[i]);
	hunt->scenarios[i] = NULL;
	return record;
}

static char *name_one(void *context, size_t i)
{
	const struct hunt *hunt = context;
	return ledger_text(hunt->paths->paths[i]);
}

/* ---- all of it ---- */

static int too_little(const struct settings *settings, const struct coverage *coverage)
{
	size_t n = coverage_n_decided(coverage);
	if (!settings->has_min || coverage->n_lines == 0 || n * 100 >= settings->min * coverage->n_lines)
		return STATUS_OK;
	fprintf(stderr, "pktpath: %zu of %zu lines decided anything, less than %" PRIu64 " %%\n", n, coverage->n_lines,
		settings->min);
	return STATUS_FAILED;
}

static int answer(const struct settings *settings, const struct coverage *coverage)
{
	int status = STATUS_OK;
	if (settings->lcov)
		status = cover_write_lcov(coverage, settings->lcov);
	if (status == STATUS_OK && settings->html)
		status = cover_write_page(coverage, settings->html);
	if (settings->json)
		cover_print_json(coverage);
	else
		cover_print_text(coverage, settings->quiet);
	return status == STATUS_OK ? too_little(settings, coverage) : status;
}

static int run_all(struct hunt *hunt)
{
	const struct settings *settings = hunt->settings;
	char *plan = cover_print_plan(hunt->paths, hunt->scenarios, &settings->overrides);
	struct records records = {0};
	struct coverage coverage = {0};
	struct work work = {.kind = cover_kind.kind,
			    .directory = settings->output,
			    .plan = plan,
			    .options = settings->work,
			    .n = hunt->paths->n,
			    .name = name_one,
			    .run = run_one,
			    .context = hunt};
	int status = plan ? work_do(&work, &records) : STATUS_SYSTEM;
	if (status == STATUS_OK && work.directory)
		status = cover_kind.write(&work, &records);
	if (status == STATUS_OK)
		status = coverage_of(&records, &coverage);
	if (status == STATUS_OK)
		status = answer(settings, &coverage);
	coverage_free(&coverage);
	work_records_free(&records);
	free(plan);
	return status;
}

static int cover(const struct settings *settings, const struct suite_paths *paths)
{
	struct hunt hunt = {
		.settings = settings, .paths = paths, .scenarios = calloc(paths->n + 1, sizeof *hunt.scenarios)};
	int status = hunt.scenarios ? STATUS_OK : STATUS_SYSTEM;
	for (size_t i = 0; hunt.scenarios && i < paths->n; i++) {
		int loaded = load_scenario(paths->paths[i], &settings->overrides, &hunt.scenarios[i]);
		status = loaded > status ? loaded : status;
	}
	if (status == STATUS_OK)
		status = run_all(&hunt);
	for (size_t i = 0; hunt.scenarios && i < paths->n; i++)
		pp_scenario_free(hunt.scenarios[i]);
	free(hunt.scenarios);
	return status;
}

/* ---- the command line ---- */

enum { OPTION_LCOV = 256, OPTION_HTML, OPTION_MIN, OPTION_JSON, OPTION_HELP };

static const struct option long_options[] = {{"lcov", required_argument, NULL, OPTION_LCOV},
					     {"html", required_argument, NULL, OPTION_HTML},
					     {"min", required_argument, NULL, OPTION_MIN},
					     {"output", required_argument, NULL, 'o'},
					     WORK_OPTIONS,
					     OVERRIDE_OPTIONS,
					     {"json", no_argument, NULL, OPTION_JSON},
					     {"quiet", no_argument, NULL, 'q'},
					     {"help", no_argument, NULL, OPTION_HELP},
					     {NULL, 0, NULL, 0}};

static int take(const struct command *command, struct settings *settings, int c)
{
	int status;
	if (overrides_take(command, &settings->overrides, c, &status) ||
	    work_options_take(command, &settings->work, c, &status))
		return status;
	switch (c) {
	case OPTION_LCOV:
		settings->lcov = optarg;
		return STATUS_OK;
	case OPTION_HTML:
		settings->html = optarg;
		return STATUS_OK;
	case OPTION_MIN:
		settings->has_min = true;
		return parse_number(optarg, 100, &settings->min)
			       ? STATUS_OK
			       : usage_error(command, "--min takes a percentage from 0 to 100, not `%s`", optarg);
	case 'o':
		settings->output = optarg;
		return STATUS_OK;
	case OPTION_JSON:
		settings->json = true;
		return STATUS_OK;
	default:
		settings->quiet = settings->overrides.quiet = true;
		return STATUS_OK;
	}
}

int command_cover(const struct command *command, int argc, char **argv)
{
	struct settings settings = {.work = WORK_OPTIONS_DEFAULT};
	struct suite_paths paths = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":o:j:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&settings.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &settings, c);
	}
	if (status == STATUS_OK && settings.work.resume && !settings.output)
		status = usage_error(command, "--resume needs -o DIR: that directory has what was done");
	if (status == STATUS_OK && settings.has_min && settings.work.shard.count > 1)
		status = usage_error(command, "--min is a bound for the whole suite: a part has --shard alone");
	for (int i = optind; status == STATUS_OK && i < argc; i++)
		status = suite_paths_add(command, &paths, argv[i]);
	if (status == STATUS_OK && optind == argc)
		status = suite_paths_add_default(command, &paths);
	if (status == STATUS_OK)
		status = cover(&settings, &paths);
	suite_paths_free(&paths);
	overrides_free(&settings.overrides);
	return status;
}

/* pktpath run: replays scenarios one after the other and says what held.
 *
 * DOC: all scenarios are loaded and checked before the first one runs. What was asked to stop (a signal) stops between
 * two steps; runs that are finished stay. */
#include "cli/cli.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run_options {
	const char *output;
	struct overrides overrides;
	bool no_traces, trail, flow_logs, json, quiet, report, watch;
};

/* Of all scenarios of a command line. */
struct totals {
	size_t n_scenarios, n_failed_scenarios, passed, failed, n_documents;
};

/* ---- words ---- */

static void print_heading(const pp_summary *s, const struct paint *paint, const struct progress *progress)
{
	char duration[64], taken[64] = "", text[256];
	int width = columns_of(stdout);
	/* How long it took differs from run to run, and results in a pipe are compared. */
	if (isatty(STDOUT_FILENO))
		(void)snprintf(taken, sizeof taken, " in %" PRId64 " ms", progress_elapsed_ns(progress) / 1000000);
	int n = snprintf(text, sizeof text, "%s simulated%s   %" PRIu64 " packets   %" PRIu64 " NAT mapping%s",
			 print_duration(s->now_ns, duration, sizeof duration), taken, s->packets, s->mappings,
			 s->mappings == 1 ? "" : "s");
	bool beside = width == COLUMNS_UNKNOWN || (int)strlen(s->name) + 3 + n <= width;
	printf("%s%s%s%s%s\n", paint->bold, s->name, paint->off, beside ? "   " : "\n  ", text);
}

/* Where to look next: the packet behind the first expectation that failed, or its connection where no packet shows;
 * else the first flow that lost something; else the scenario's first. */
static const char *flow_of_interest(const pp_run *run, const pp_scenario_info *info)
{
	for (size_t i = 0; i < info->n_flows; i++) {
		pp_outcome outcome;
		pp_run_outcome(run, i, &outcome);
		if (!outcome.delivered && outcome.cause.what)
			return outcome.flow;
	}
	return info->first_flow;
}

static void print_next(const pp_run *run, const pp_scenario_info *info, const struct run_options *options)
{
	pp_expectation e = {.flow = pp_run_n_expectations(run) == 0 ? flow_of_interest(run, info) : info->first_flow};
	bool failed = false;
	for (size_t i = 0; !failed && i < pp_run_n_expectations(run); i++) {
		pp_expectation candidate;
		pp_run_expectation(run, i, &candidate);
		failed = !candidate.pass && (candidate.flow || candidate.call);
		e = failed ? candidate : e;
	}
	if ((!e.flow && !e.call) || strcmp(info->file, STANDARD_INPUT_NAME) == 0)
		return;
	fputs("next: ", stdout);
	print_program(stdout);
	fputs(" explain ", stdout);
	print_word(stdout, info->file);
	putchar(' ');
	print_word(stdout, e.flow ? e.flow : e.call);
	if (failed && e.flow)
		printf(" --packet %" PRIu64, e.packet);
	print_overrides(&options->overrides);
	putchar('\n');
}

static void print_results(const pp_run *run, const pp_scenario_info *info, const struct run_options *options,
			  const struct progress *progress)
{
	struct paint paint = paint_for(stdout);
	pp_summary s;
	pp_run_summary(run, &s);
	if (!options->quiet || s.failed > 0)
		print_heading(&s, &paint, progress);
	bool asks_nothing = s.passed + s.failed == 0;
	print_expectations(run, options->quiet);
	if (options->quiet && s.failed == 0)
		return;
	if (asks_nothing)
		print_outcomes(run, info->n_flows);
	print_health(run);
	if (!options->quiet)
		print_warnings(run, info->file, warnings_of(&options->overrides));
	if (asks_nothing)
		fputs("no expectations", stdout);
	else
		printf("%s%zu passed%s, %s%zu failed%s", s.failed ? "" : paint.good, s.passed,
		       s.failed ? "" : paint.off, s.failed ? paint.bad : "", s.failed, s.failed ? paint.off : "");
	if (s.directory)
		printf("      %s/", s.directory);
	putchar('\n');
	if (!options->quiet)
		print_next(run, info, options);
	flush_output();
}

/* ---- one run ---- */

/* Where output goes, malloc'd: -o itself for one scenario, a folder of it for several, captures/NAME without -o. */
static char *directory_for(const struct run_options *options, const char *name, bool several)
{
	const char *base = options->output ? options->output : "captures";
	size_t n = strlen(base);
	while (n > 1 && base[n - 1] == '/') /* "out/" is "out": paths are printed */
		n--;
	char *directory = NULL;
	int r = options->output && !several ? asprintf(&directory, "%.*s", (int)n, base)
					    : asprintf(&directory, "%.*s/%s", (int)n, base, name);
	return r < 0 ? NULL : directory;
}

static void print_document(const pp_run *run, bool several, struct totals *totals)
{
	size_t n;
	const char *report = pp_run_report(run, &n);
	if (several)
		fputs(totals->n_documents > 0 ? ",\n" : "", stdout);
	totals->n_documents++;
	fwrite(report, 1, n > 0 && several ? n - 1 : n, stdout);
}

#define MANY_BYTES UINT64_C(1000000000)

static void warn_of_size(const pp_scenario_info *info, const struct run_options *options, const char *directory)
{
	if (info->capture_bytes < MANY_BYTES || options->no_traces || options->quiet)
		return;
	flush_output();
	fprintf(stderr,
		"pktpath: warning: %s: its captures will take about %" PRIu64 ".%" PRIu64
		" GB in %s/; --no-traces writes none\n",
		info->name, info->capture_bytes / MANY_BYTES, info->capture_bytes % MANY_BYTES / (MANY_BYTES / 10),
		directory);
}

/* A page is about one run: a new run takes an old page away, so it is made again, of the new run itself. */
static bool has_page(const char *directory)
{
	char *path = formatted("%s/report.html", directory);
	bool there = path && access(path, F_OK) == 0;
	free(path);
	return there;
}

static int run_one(const pp_scenario *scenario, const struct run_options *options, bool several, struct totals *totals)
{
	pp_scenario_info info;
	pp_scenario_info_get(scenario, &info);
	struct progress progress;
	pp_run *run = NULL;
	pp_page *page = NULL;
	char *directory = directory_for(options, info.name, several);
	int r = directory ? pp_run_new(scenario,
				       &(pp_run_options){.directory = directory,
							 .no_traces = options->no_traces,
							 .trail = options->trail,
							 .flow_logs = options->flow_logs},
				       &run)
			  : -ENOMEM;
	if (r == 0 && (options->report || has_page(directory)))
		r = pp_page_of_run(run, &page);
	if (r == 0)
		warn_of_size(&info, options, directory);
	progress_begin(&progress);
	int status;
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", info.name, error_text(-r));
		status = STATUS_SYSTEM;
	} else {
		status = simulate(run, info.name, &progress);
	}
	if (status == STATUS_OK) {
		pp_summary s;
		pp_run_summary(run, &s);
		if (options->json)
			print_document(run, several, totals);
		else
			print_results(run, &info, options, &progress);
		totals->n_scenarios++;
		totals->n_failed_scenarios += s.failed > 0;
		totals->passed += s.passed;
		totals->failed += s.failed;
		status = s.failed ? STATUS_FAILED : STATUS_OK;
	}
	if (status <= STATUS_FAILED && page && (options->report || !has_page(directory))) {
		int made = make_page_of_run(page, directory, options->quiet || options->json);
		status = made > status ? made : status;
	}
	pp_page_free(page);
	pp_run_free(run);
	free(directory);
	return status;
}

/* ---- all of them ---- */

static bool same_name_twice(pp_scenario *const *scenarios, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			pp_scenario_info a, b;
			pp_scenario_info_get(scenarios[i], &a);
			pp_scenario_info_get(scenarios[k], &b);
			if (strcmp(a.name, b.name) != 0)
				continue;
			fprintf(stderr,
				"pktpath: %s and %s are both called `%s` and would write the same files\nhint: give "
				"one another `name`, or "
				"run them one by one with -o\n",
				b.file, a.file, a.name);
			return true;
		}
	return false;
}

static void say_not_run(pp_scenario *const *scenarios, size_t first, size_t n)
{
	fputs("pktpath: no longer run:", stderr);
	for (size_t i = first; i < n; i++) {
		pp_scenario_info info;
		pp_scenario_info_get(scenarios[i], &info);
		fprintf(stderr, " %s", info.name);
	}
	fputs("\n", stderr);
}

/* What a reader of many screens looks for at their end. */
static void print_totals(const struct totals *totals, const char *directory)
{
	struct paint paint = paint_for(stdout);
	bool bad = totals->failed > 0;
	printf("total: %zu scenarios", totals->n_scenarios);
	if (totals->n_failed_scenarios > 0)
		printf(", %zu with failures", totals->n_failed_scenarios);
	printf(": %s%zu passed%s, %s%zu failed%s      %s/\n", bad ? "" : paint.good, totals->passed,
	       bad ? "" : paint.off, bad ? paint.bad : "", totals->failed, bad ? paint.off : "", directory);
}

static int watch_files(struct watch *watch, const pp_scenario *scenario)
{
	int status = STATUS_OK;
	for (size_t i = 1; watch && scenario && status == STATUS_OK && i < pp_scenario_n_files(scenario); i++)
		status = watch_add(watch, pp_scenario_file(scenario, i));
	return status;
}

/* `watch`: gets the files that were included; may be NULL. */
static int run_all(const struct run_options *options, char **paths, size_t n, struct watch *watch)
{
	pp_scenario **scenarios = calloc(n, sizeof *scenarios);
	int status = scenarios ? STATUS_OK : STATUS_SYSTEM;
	for (size_t i = 0; scenarios && i < n; i++) {
		int result = load_scenario(paths[i], &options->overrides, &scenarios[i]);
		status = result > status ? result : status;
		result = watch_files(watch, scenarios[i]);
		status = result > status ? result : status;
	}
	if (status == STATUS_OK && same_name_twice(scenarios, n))
		status = STATUS_USAGE;
	bool go_on = status == STATUS_OK;
	if (go_on && options->json && n > 1)
		puts("[");
	struct totals totals = {0};
	size_t i_run = 0;
	for (; go_on && i_run < n && !signals_caught(); i_run++) {
		int result = run_one(scenarios[i_run], options, n > 1, &totals);
		status = result > status ? result : status;
	}
	if (go_on && i_run < n) {
		say_not_run(scenarios, i_run, n);
		status = STATUS_SYSTEM;
	}
	if (go_on && options->json && n > 1)
		puts("\n]");
	else if (go_on && n > 1)
		print_totals(&totals, options->output ? options->output : "captures");
	for (size_t i = 0; scenarios && i < n; i++)
		pp_scenario_free(scenarios[i]);
	free(scenarios);
	return status;
}

/* Again at each save, until a signal ends it. Files that are wrong, or away, are waited for like others: where a scenario
 * cannot be loaded, which files it includes is known from the time before. */
static int run_and_watch(const struct run_options *options, char **paths, size_t n)
{
	int status = STATUS_OK;
	bool changed = true;
	struct watch *before = NULL;
	while (changed) {
		struct watch *watch = watch_new();
		if (!watch) {
			watch_free(before);
			return say_short_memory();
		}
		for (size_t i = 0; i < n; i++)
			(void)watch_add(watch, paths[i]);
		status = run_all(options, paths, n, watch);
		flush_output();
		fputs("pktpath: runs again when a file is saved; Ctrl-C ends it\n", stderr);
		if (before && status > STATUS_FAILED)
			(void)watch_add_all(watch, before);
		watch_free(before);
		changed = watch_wait(watch);
		before = watch;
	}
	watch_free(before);
	return status;
}

enum {
	OPTION_NO_TRACES = 256,
	OPTION_TRAIL,
	OPTION_WARNINGS,
	OPTION_FLOW_LOGS,
	OPTION_JSON,
	OPTION_REPORT,
	OPTION_WATCH,
	OPTION_HELP
};

int command_run(const struct command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{"output", required_argument, NULL, 'o'},           OVERRIDE_OPTIONS,
		{"no-traces", no_argument, NULL, OPTION_NO_TRACES}, {"trail", no_argument, NULL, OPTION_TRAIL},
		{"json", no_argument, NULL, OPTION_JSON},           {"quiet", no_argument, NULL, 'q'},
		{"help", no_argument, NULL, OPTION_HELP},           {"warnings", no_argument, NULL, OPTION_WARNINGS},
		{"flow-logs", no_argument, NULL, OPTION_FLOW_LOGS}, {"report", no_argument, NULL, OPTION_REPORT},
		{"watch", no_argument, NULL, OPTION_WATCH},         {NULL, 0, NULL, 0}};
	struct run_options options = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":o:qh", long_options, NULL)) != -1) {
		if (overrides_take(command, &options.overrides, c, &status))
			continue;
		switch (c) {
		case 'o':
			options.output = optarg;
			break;
		case 'q':
			options.quiet = options.overrides.quiet = true;
			break;
		case OPTION_NO_TRACES:
			options.no_traces = true;
			break;
		case OPTION_FLOW_LOGS:
			options.flow_logs = true;
			break;
		case OPTION_WARNINGS:
			options.overrides.all_warnings = true;
			break;
		case OPTION_TRAIL:
			options.trail = true;
			break;
		case OPTION_JSON:
			options.json = true;
			break;
		case OPTION_REPORT:
			options.report = true;
			break;
		case OPTION_WATCH:
			options.watch = true;
			break;
		case 'h':
		case OPTION_HELP:
			print_command_help(command);
			overrides_free(&options.overrides);
			return STATUS_OK;
		default:
			status = option_error(command, c, argv, long_options);
		}
	}
	if (status == STATUS_OK && optind == argc)
		status = usage_error(command, "which scenario?");
	if (status == STATUS_OK && options.output && options.output[0] == '\0')
		status = usage_error(command, "-o takes a directory");
	for (int i = optind; status == STATUS_OK && i < argc; i++)
		if (options.watch && strcmp(argv[i], STANDARD_INPUT) == 0)
			status = usage_error(command, "--watch is for files, not for standard input");
	if (status == STATUS_OK)
		status = (options.watch ? run_and_watch(&options, argv + optind, (size_t)(argc - optind))
					: run_all(&options, argv + optind, (size_t)(argc - optind), NULL));
	overrides_free(&options.overrides);
	return status;
}

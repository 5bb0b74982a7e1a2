/* pktpath test: a suite of scenarios, several at a time, and what is said of it.
 *
 * DOC: scenarios are loaded one after the other, so that what is wrong with them is said in order; then threads take
 * one after the other, and the main thread prints the results in the order of the suite as they come. A run shares
 * nothing with another, and none depends on how many run beside it. */
#include "cli/suite.h"
#include "cli/work.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NAME_COLUMNS_MAX 40

struct settings {
	struct suite_options suite;
	bool tap, json, quiet, annotate, no_keep;
	const char *junit;
	struct work_options work;
};

struct suite {
	const struct settings *settings;
	struct suite_item *items;
	size_t n;
	int name_columns;
	size_t n_cases, n_printed; /* so far */
};

/* ---- loading ---- */

/* A line for each error, as it was reported on stderr; results are read where that is not seen. NULL where memory is
 * short. */
static char *errors_of(const pp_scenario *scenario)
{
	struct text text;
	FILE *out = text_begin(&text);
	for (size_t i = 0; out && i < pp_scenario_n_diagnostics(scenario); i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		if (d.error && d.line)
			fprintf(out, "%s:%u:%u: %s\n", d.file ? d.file : "", d.line, d.column, d.message);
		else if (d.error)
			fprintf(out, "%s\n", d.message);
	}
	return text_end(&text);
}

static void load(struct suite_item *item, const char *path, const struct suite_options *options)
{
	item->path = (char *)(uintptr_t)path;
	item->duration_ns = -1;
	item->status = load_scenario(path, &options->overrides, &item->scenario);
	const char *name = path;
	char *errors = NULL;
	if (item->status == STATUS_OK) {
		pp_scenario_info info;
		pp_scenario_info_get(item->scenario, &info);
		name = info.name;
	} else {
		errors = item->status == STATUS_USAGE ? errors_of(item->scenario) : NULL;
		pp_scenario_free(item->scenario);
		item->scenario = NULL;
	}
	item->name = strdup(name);
	if (item->name && item->status == STATUS_OK)
		return;
	int status = item->name ? item->status : STATUS_SYSTEM;
	(void)suite_add(item, SUITE_ERROR, "scenario", status == STATUS_USAGE ? "is wrong" : "could not be read",
			errors);
	item->status = status;
	free(errors);
}

static bool same_name_twice(const struct suite_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (items[i].scenario && items[k].scenario && strcmp(items[i].name, items[k].name) == 0) {
				fprintf(stderr,
					"pktpath: %s and %s are both called `%s` and have the same captures\nhint: "
					"give one another "
					"`name`\n",
					items[k].path, items[i].path, items[i].name);
				return true;
			}
	return false;
}

/* ---- running ---- */

static int name_columns(const struct suite *suite)
{
	size_t columns = 0;
	for (size_t i = 0; i < suite->n; i++) {
		size_t n = strlen(suite->items[i].name);
		columns = n > columns && n <= NAME_COLUMNS_MAX ? n : columns;
	}
	return (int)columns;
}

static char *name_item(void *context, size_t i)
{
	const struct suite *suite = context;
	return ledger_text(suite->items[i].path);
}

static char *run_item(void *context, size_t i)
{
	struct suite *suite = context;
	struct suite_item *item = &suite->items[i];
	if (item->scenario)
		suite_run(item, &suite->settings->suite);
	/* A text that could not be made is missing in what would be recorded. */
	return signals_caught() || memory_was_short() ? NULL : suite_record(item);
}

static void print_item(void *context, size_t i, const char *record)
{
	struct suite *suite = context;
	struct suite_item *item = &suite->items[i];
	/* What an earlier run did is known by its record alone. */
	if (item->scenario && item->n_cases == 0) {
		pp_scenario_free(item->scenario);
		item->scenario = NULL;
		(void)suite_read_record(item, record);
	}
	item->done = true;
	if (suite->settings->tap)
		suite_print_tap(item, &suite->n_cases);
	else if (suite->settings->json)
		suite_print_json(item, suite->n_printed == 0);
	else
		suite_print_text(item, suite->name_columns, suite->settings->quiet);
	if (suite->settings->annotate)
		suite_print_annotations(item);
	suite->n_printed++;
	(void)fflush(stdout);
}

/* false, said: what was loaded a moment ago cannot be read. */
static bool digest_of_item(const struct suite_item *item, uint64_t *ret)
{
	*ret = 1;
	if (item->scenario)
		return digest_scenario(ret, item->scenario, 0);
	(void)digest_file(ret, item->path);
	return true;
}

/* Which scenarios, and by what they are judged: parts of other suites do not fit. */
static char *print_plan(const struct suite *suite)
{
	const struct suite_options *options = &suite->settings->suite;
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	uint64_t hash = digest_text(digest_text(DIGEST_BEGIN, pp_version()), options->baseline);
	if (!out)
		return NULL;
	hash = digest_overrides(hash, &options->overrides);
	fprintf(out, "suite\t%016" PRIx64 "\t%u\t%d\n", hash, options->ignore, options->allow_empty);
	bool good = true;
	for (size_t i = 0; good && i < suite->n; i++) {
		good = digest_of_item(&suite->items[i], &hash);
		fputs("scenario", out);
		ledger_put_next(out, suite->items[i].path);
		ledger_put_next(out, suite->items[i].name);
		fprintf(out, "\t%016" PRIx64 "\n", hash);
	}
	if (fclose(out) == 0 && good)
		return text;
	free(text);
	return NULL;
}

static int run_all(struct suite *suite)
{
	const struct settings *settings = suite->settings;
	char *plan = print_plan(suite);
	struct records records = {0};
	struct work work = {.kind = "test",
			    .directory = settings->suite.report,
			    .plan = plan,
			    .options = settings->work,
			    .n = suite->n,
			    .name = name_item,
			    .run = run_item,
			    .repeats = suite_is_to_repeat,
			    .finished = print_item,
			    .context = suite};
	int status = plan ? work_do(&work, &records) : STATUS_SYSTEM;
	if (status == STATUS_OK && work.directory)
		status = suite_kind.write(&work, &records);
	for (size_t i = 0; records.durations_ns && i < suite->n; i++)
		suite->items[i].duration_ns = records.durations_ns[i];
	work_records_free(&records);
	free(plan);
	return status;
}

/* What other parts do goes out of the list. */
static void keep_done(struct suite *suite)
{
	size_t n = 0;
	for (size_t i = 0; i < suite->n; i++)
		if (suite->items[i].done)
			suite->items[n++] = suite->items[i];
		else
			suite_item_free(&suite->items[i]);
	suite->n = n;
}

/* All that failed is kept, or where the system failed nothing. */
static void drop_kept(struct suite *suite, int status)
{
	if (status == STATUS_SYSTEM && suite->settings->suite.keep)
		suite_drop_kept(suite->items, suite->n, suite->settings->suite.keep);
}

static int run_suite(struct suite *suite)
{
	suite->name_columns = name_columns(suite);
	if (suite->settings->tap)
		puts("TAP version 13");
	else if (suite->settings->json)
		suite_print_json_head();
	int status = run_all(suite);
	drop_kept(suite, status);
	keep_done(suite);
	if (suite->settings->tap)
		printf("1..%zu\n", suite->n_cases);
	else if (suite->settings->json)
		suite_print_json_end(suite->items, suite->n);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < suite->n; i++)
		status = suite->items[i].status > status ? suite->items[i].status : status;
	if (suite->settings->junit) {
		int result = suite_write_junit(suite->settings->junit, suite->items, suite->n);
		status = result > status ? result : status;
	}
	drop_kept(suite, status);
	if (!suite->settings->tap && !suite->settings->json)
		suite_print_summary(suite->items, suite->n, &suite->settings->suite.overrides, suite->settings->quiet);
	return status;
}

/* With the directory that is there by default. */
static int run_and_keep(struct suite *suite)
{
	struct suite_kept *kept = suite->settings->suite.kept;
	bool has_failed = false;
	if (kept)
		suite_kept_begin(kept);
	int status = run_suite(suite);
	for (size_t i = 0; i < suite->n; i++)
		has_failed |= suite->items[i].status == STATUS_FAILED;
	int result = kept ? suite_kept_end(kept, has_failed && status != STATUS_SYSTEM) : STATUS_OK;
	return result > status ? result : status;
}

static int test(struct settings *settings, const struct suite_paths *paths)
{
	struct suite suite = {.settings = settings, .n = paths->n};
	struct suite_kept kept;
	if (!settings->suite.keep && !settings->suite.report && !settings->no_keep) {
		settings->suite.keep = SUITE_KEPT;
		settings->suite.kept = &kept;
	}
	suite.items = calloc(paths->n, sizeof *suite.items);
	if (!suite.items)
		return STATUS_SYSTEM;
	int status = STATUS_OK;
	for (size_t i = 0; i < paths->n; i++) {
		load(&suite.items[i], paths->paths[i], &settings->suite);
		if (!suite.items[i].name)
			status = say_short_memory();
	}
	if (status == STATUS_OK)
		status = same_name_twice(suite.items, suite.n) ? STATUS_USAGE : run_and_keep(&suite);
	for (size_t i = 0; i < suite.n; i++)
		suite_item_free(&suite.items[i]);
	free(suite.items);
	return status;
}

/* ---- a directory for outputs ---- */

#define WORK_PREFIX "pktpath-test-"

static int test_in_work_directory(struct settings *settings, const struct suite_paths *paths)
{
	const char *base = getenv("TMPDIR");
	char *work_directory = NULL;
	base = base && *base ? base : "/tmp";
	leftovers_remove(base, WORK_PREFIX);
	if (asprintf(&work_directory, "%s/" WORK_PREFIX "%ld-XXXXXX", base, (long)getpid()) < 0)
		return say_short_memory();
	if (!mkdtemp(work_directory)) {
		fprintf(stderr, "pktpath: cannot make %s: %s\nhint: TMPDIR names a directory for temporary files\n",
			work_directory, strerror(errno));
		free(work_directory);
		return STATUS_SYSTEM;
	}
	int fd = open(work_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)flock(fd, LOCK_SH | LOCK_NB); /* where there are no locks the process number has to do */
	settings->suite.work = work_directory;
	int status = test(settings, paths);
	remove_tree(work_directory);
	if (fd >= 0)
		(void)close(fd);
	free(work_directory);
	return status;
}

/* ---- the command line ---- */

enum {
	OPTION_BASELINE = 256,
	OPTION_UPDATE,
	OPTION_IGNORE,
	OPTION_TAP,
	OPTION_JSON,
	OPTION_JUNIT,
	OPTION_REPORT,
	OPTION_KEEP,
	OPTION_NO_KEEP,
	OPTION_ANNOTATE,
	OPTION_ALLOW_EMPTY,
	OPTION_HELP
};

static const struct option long_options[] = {{"baseline", required_argument, NULL, OPTION_BASELINE},
					     {"update", no_argument, NULL, OPTION_UPDATE},
					     {"ignore", required_argument, NULL, OPTION_IGNORE},
					     {"tap", no_argument, NULL, OPTION_TAP},
					     {"json", no_argument, NULL, OPTION_JSON},
					     {"junit", required_argument, NULL, OPTION_JUNIT},
					     {"report", required_argument, NULL, OPTION_REPORT},
					     {"keep", required_argument, NULL, OPTION_KEEP},
					     {"no-keep", no_argument, NULL, OPTION_NO_KEEP},
					     WORK_OPTIONS,
					     {"annotate", no_argument, NULL, OPTION_ANNOTATE},
					     {"allow-empty", no_argument, NULL, OPTION_ALLOW_EMPTY},
					     OVERRIDE_OPTIONS,
					     {"quiet", no_argument, NULL, 'q'},
					     {"help", no_argument, NULL, OPTION_HELP},
					     {NULL, 0, NULL, 0}};

static int take(const struct command *command, struct settings *settings, int c)
{
	int status;
	if (overrides_take(command, &settings->suite.overrides, c, &status) ||
	    work_options_take(command, &settings->work, c, &status))
		return status;
	switch (c) {
	case OPTION_BASELINE:
		settings->suite.baseline = optarg;
		return STATUS_OK;
	case OPTION_UPDATE:
		settings->suite.update = true;
		return STATUS_OK;
	case OPTION_ALLOW_EMPTY:
		settings->suite.allow_empty = true;
		return STATUS_OK;
	case OPTION_IGNORE:
		return parse_ignore(command, optarg, &settings->suite.ignore);
	case OPTION_TAP:
		settings->tap = true;
		return STATUS_OK;
	case OPTION_JSON:
		settings->json = true;
		return STATUS_OK;
	case OPTION_REPORT:
		settings->suite.report = optarg;
		return STATUS_OK;
	case OPTION_KEEP:
		settings->suite.keep = optarg;
		return STATUS_OK;
	case OPTION_NO_KEEP:
		settings->no_keep = true;
		return STATUS_OK;
	case OPTION_ANNOTATE:
		settings->annotate = true;
		return STATUS_OK;
	case OPTION_JUNIT:
		settings->junit = optarg;
		return STATUS_OK;
	default:
		settings->quiet = settings->suite.overrides.quiet = true;
		return STATUS_OK;
	}
}

static int gather(const struct command *command, const struct settings *settings, struct suite_paths *paths, int argc,
		  char **argv)
{
	int status = STATUS_OK;
	if (settings->suite.baseline && access(settings->suite.baseline, F_OK) < 0 && !settings->suite.update)
		return usage_error(command, "there is no directory `%s`; with --update captures are written there",
				   settings->suite.baseline);
	for (int i = 0; status == STATUS_OK && i < argc; i++)
		status = suite_paths_add(command, paths, argv[i]);
	return argc > 0 ? status : suite_paths_add_default(command, paths);
}

int command_test(const struct command *command, int argc, char **argv)
{
	struct settings settings = {.work = WORK_OPTIONS_DEFAULT};
	struct suite_paths paths = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":j:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&settings.suite.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &settings, c);
	}
	if (status == STATUS_OK && settings.tap && settings.json)
		status = usage_error(
			command, "--tap and --json both use the standard output; take one, and --junit FILE besides");
	if (status == STATUS_OK && settings.work.resume && !settings.suite.report)
		status = usage_error(command, "--resume needs --report DIR: that directory has what was done");
	if (status == STATUS_OK && settings.suite.keep && settings.no_keep)
		status = usage_error(command, "--keep keeps what failed, and --no-keep nothing; take one");
	if (status == STATUS_OK && settings.suite.keep && settings.suite.report)
		status = usage_error(command, "--keep and --report both keep what failed; take one");
	if (status == STATUS_OK)
		status = gather(command, &settings, &paths, argc - optind, argv + optind);
	if (!settings.suite.baseline)
		settings.suite.baseline = "captures";
	if (status == STATUS_OK)
		status = test_in_work_directory(&settings, &paths);
	suite_paths_free(&paths);
	overrides_free(&settings.suite.overrides);
	return status;
}

/* pktpath cover: which rules, routes, elements, reasons and states of NATs a suite exercised. Scenarios are run one after the other, or
 * several at a time; what they say is added up in the order of the suite. */
#include "cli/cover.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_STEP 20000

struct settings {
	const char *lcov, *html;
	struct overrides overrides;
	uint64_t n_jobs, min;
	bool has_min, json, quiet;
};

struct found { /* of one scenario */
	pp_scenario *scenario;
	pp_run *run;
	pp_cover *cover;
	int status;
};

struct hunt {
	const struct settings *settings;
	const struct suite_paths *paths;
	struct found *found;
	struct coverage coverage;
	int status;
};

/* ---- one scenario ---- */

static void run_one(void *context, size_t i)
{
	struct hunt *hunt = context;
	struct found *found = &hunt->found[i];
	if (!found->scenario)
		return;
	int r = pp_run_new(found->scenario, NULL, &found->run);
	if (r == 0)
		r = pp_cover_new(found->run, &found->cover);
	while (r == 0 && !signals_caught())
		r = pp_run_step(found->run, EVENTS_A_STEP);
	if (r > 0)
		r = pp_run_finish(found->run);
	else if (r == 0)
		r = -1;
	if (r == 0)
		r = pp_cover_finish(found->cover);
	found->status = r < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* ---- adding up ---- */

static void free_line(struct cover_line *line)
{
	free(line->file);
	free(line->kind);
	free(line->name);
}

static struct cover_line *line_at(struct coverage *coverage, const pp_cover_line *line)
{
	for (size_t i = 0; i < coverage->n_lines; i++) {
		struct cover_line *at = &coverage->lines[i];
		if (at->line == line->line && strcmp(at->file, line->file) == 0 && strcmp(at->kind, line->kind) == 0 &&
		    strcmp(at->name, line->name) == 0)
			return at;
	}
	if (coverage->n_lines == coverage->capacity_lines) {
		size_t capacity = coverage->capacity_lines ? 2 * coverage->capacity_lines : 128;
		struct cover_line *grown = realloc(coverage->lines, capacity * sizeof *grown);
		if (!grown)
			return NULL;
		coverage->lines = grown;
		coverage->capacity_lines = capacity;
	}
	struct cover_line *added = &coverage->lines[coverage->n_lines];
	*added = (struct cover_line){strdup(line->file), strdup(line->kind), strdup(line->name), line->line, 0, 0};
	if (!added->file || !added->kind || !added->name) {
		free_line(added);
		return NULL;
	}
	coverage->n_lines++;
	return added;
}

static struct cover_fact *fact_at(struct coverage *coverage, const pp_cover_fact *fact)
{
	for (size_t i = 0; i < coverage->n_facts; i++)
		if (strcmp(coverage->facts[i].kind, fact->kind) == 0 &&
		    strcmp(coverage->facts[i].name, fact->name) == 0)
			return &coverage->facts[i];
	if (coverage->n_facts == coverage->capacity_facts) {
		size_t capacity = coverage->capacity_facts ? 2 * coverage->capacity_facts : 64;
		struct cover_fact *grown = realloc(coverage->facts, capacity * sizeof *grown);
		if (!grown)
			return NULL;
		coverage->facts = grown;
		coverage->capacity_facts = capacity;
	}
	struct cover_fact *added = &coverage->facts[coverage->n_facts];
	*added = (struct cover_fact){strdup(fact->kind), strdup(fact->name), 0};
	if (!added->kind || !added->name) {
		free(added->kind);
		free(added->name);
		return NULL;
	}
	coverage->n_facts++;
	return added;
}

static int add(struct coverage *coverage, const pp_cover *cover)
{
	for (size_t i = 0; i < pp_cover_n_lines(cover); i++) {
		pp_cover_line line;
		pp_cover_line_get(cover, i, &line);
		struct cover_line *at = line_at(coverage, &line);
		if (!at)
			return STATUS_SYSTEM;
		at->decided += line.decided;
		at->passed += line.passed;
	}
	for (size_t i = 0; i < pp_cover_n_facts(cover); i++) {
		pp_cover_fact fact;
		pp_cover_fact_get(cover, i, &fact);
		struct cover_fact *at = fact_at(coverage, &fact);
		if (!at)
			return STATUS_SYSTEM;
		at->n += fact.n;
	}
	return STATUS_OK;
}

static void add_one(void *context, size_t i)
{
	struct hunt *hunt = context;
	struct found *found = &hunt->found[i];
	int status = found->status;
	parallel_hide();
	if (status == STATUS_OK && found->cover)
		status = add(&hunt->coverage, found->cover);
	else if (found->run)
		fprintf(stderr, "pktpath: %s: %s\n", hunt->paths->paths[i], pp_run_error(found->run));
	pp_cover_free(found->cover);
	pp_run_free(found->run);
	pp_scenario_free(found->scenario);
	*found = (struct found){.status = status};
	hunt->status = status > hunt->status ? status : hunt->status;
}

static void wait_for_one(void *context, size_t i)
{
	const struct hunt *hunt = context;
	parallel_show(i, hunt->paths->n, hunt->paths->paths[i]);
}

static int by_place(const void *a, const void *b)
{
	const struct cover_line *x = a, *y = b;
	int order = strcmp(x->file, y->file);
	return order                ? order
	       : x->line != y->line ? (x->line > y->line) - (x->line < y->line)
				    : strcmp(x->name, y->name);
}

enum cover_state cover_state_of(const struct cover_line *line)
{
	return line->decided > 0 ? COVER_DECIDED : line->passed > 0 ? COVER_PASSED : COVER_NEVER;
}

const char *cover_state_word(enum cover_state state)
{
	switch (state) {
	case COVER_DECIDED:
		return "decided";
	case COVER_PASSED:
		return "passed by";
	case COVER_NEVER:
		return "never";
	}
	return "";
}

size_t coverage_n_decided(const struct coverage *coverage)
{
	size_t n = 0;
	for (size_t i = 0; i < coverage->n_lines; i++)
		n += cover_state_of(&coverage->lines[i]) == COVER_DECIDED;
	return n;
}

size_t coverage_n_facts_seen(const struct coverage *coverage)
{
	size_t n = 0;
	for (size_t i = 0; i < coverage->n_facts; i++)
		n += coverage->facts[i].n > 0;
	return n;
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

static int cover(const struct settings *settings, const struct suite_paths *paths)
{
	static const struct parallel parallel = {run_one, add_one, wait_for_one};
	struct hunt hunt = {.settings = settings, .paths = paths, .found = calloc(paths->n + 1, sizeof *hunt.found)};
	if (!hunt.found)
		return STATUS_SYSTEM;
	for (size_t i = 0; i < paths->n; i++) {
		int status = load_scenario(paths->paths[i], &settings->overrides, &hunt.found[i].scenario);
		hunt.found[i].status = status;
		hunt.status = status > hunt.status ? status : hunt.status;
		if (status == STATUS_OK)
			continue;
		pp_scenario_free(hunt.found[i].scenario);
		hunt.found[i].scenario = NULL;
	}
	int status = parallel_run(&parallel, &hunt, paths->n, settings->n_jobs);
	status = status > hunt.status ? status : hunt.status;
	struct coverage *coverage = &hunt.coverage;
	if (coverage->n_lines > 0)
		qsort(coverage->lines, coverage->n_lines, sizeof *coverage->lines, by_place);
	if (status == STATUS_OK)
		status = answer(settings, coverage);
	for (size_t i = 0; i < coverage->n_lines; i++) {
		free(coverage->lines[i].file);
		free(coverage->lines[i].kind);
		free(coverage->lines[i].name);
	}
	for (size_t i = 0; i < coverage->n_facts; i++) {
		free(coverage->facts[i].kind);
		free(coverage->facts[i].name);
	}
	free(coverage->lines);
	free(coverage->facts);
	free(hunt.found);
	return status;
}

/* ---- the command line ---- */

enum { OPTION_LCOV = 256, OPTION_HTML, OPTION_MIN, OPTION_JSON, OPTION_HELP };

static const struct option long_options[] = {{"lcov", required_argument, NULL, OPTION_LCOV},
					     {"html", required_argument, NULL, OPTION_HTML},
					     {"min", required_argument, NULL, OPTION_MIN},
					     {"jobs", required_argument, NULL, 'j'},
					     OVERRIDE_OPTIONS,
					     {"json", no_argument, NULL, OPTION_JSON},
					     {"quiet", no_argument, NULL, 'q'},
					     {"help", no_argument, NULL, OPTION_HELP},
					     {NULL, 0, NULL, 0}};

static int take(const struct command *command, struct settings *settings, int c)
{
	int status;
	if (overrides_take(command, &settings->overrides, c, &status))
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
	case 'j':
		return parallel_parse_jobs(command, optarg, &settings->n_jobs);
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
	struct settings settings = {.n_jobs = parallel_jobs()};
	struct suite_paths paths = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":j:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&settings.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &settings, c);
	}
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

/* One scenario of a suite: run, judged, compared with its committed captures, and where that is asked for, its captures
 * written again.
 *
 * DOC: the run writes into a directory of the suite's own; only what is to be kept is then written again, to where it
 * belongs, so that what is there is replaced as a whole or not at all. Same scenario, same bytes: the second run is the
 * first. */
#include "cli/suite.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS_A_STEP 20000 /* between two looks at signals */

/* ---- cases ---- */

static char *copy_text(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;
	*failed |= text && !copy;
	return copy;
}

struct suite_case *suite_add(struct suite_item *item, enum suite_verdict verdict, const char *name, const char *message,
			     const char *detail)
{
	if (item->n_cases == item->capacity_cases) {
		size_t capacity = item->capacity_cases ? 2 * item->capacity_cases : 8;
		struct suite_case *grown = realloc(item->cases, capacity * sizeof *grown);
		if (!grown) {
			item->status = STATUS_SYSTEM;
			return NULL;
		}
		item->cases = grown;
		item->capacity_cases = capacity;
	}
	bool failed = false;
	struct suite_case *added = &item->cases[item->n_cases++];
	*added = (struct suite_case){
		.verdict = verdict,
		.name = copy_text(name, &failed),
		.message = copy_text(message, &failed),
		.detail = copy_text(detail, &failed),
	};
	if (failed) { /* no case is without its texts */
		free(added->name);
		free(added->message);
		free(added->detail);
		item->n_cases--;
		item->status = STATUS_SYSTEM;
		return NULL;
	}
	int status = verdict == SUITE_ERROR ? STATUS_SYSTEM : verdict == SUITE_FAIL ? STATUS_FAILED : STATUS_OK;
	item->status = status > item->status ? status : item->status;
	return added;
}

void suite_item_free(struct suite_item *item)
{
	for (size_t i = 0; i < item->n_cases; i++) {
		free(item->cases[i].name);
		free(item->cases[i].message);
		free(item->cases[i].detail);
		free(item->cases[i].flow);
		free(item->cases[i].rule);
		free(item->cases[i].file);
	}
	free(item->cases);
	free(item->name);
	free(item->kept);
	pp_scenario_free(item->scenario);
}

/* "PATH: what is wrong", or what is wrong alone. */
static void add_error(struct suite_item *item, const char *name, const char *path, const char *text)
{
	char *message = NULL;
	if (asprintf(&message, "%s%s%s", path ? path : "", path ? ": " : "", text) < 0)
		message = NULL;
	(void)suite_add(item, SUITE_ERROR, name, message ? message : "memory is short", NULL);
	free(message);
}

/* ---- the run ---- */

/* To its end; STATUS_OK, or a case says why not. With `ret_page` a page is begun, which is about this run. */
static int run_to(struct suite_item *item, const char *directory, pp_run **ret, pp_page **ret_page)
{
	int r = pp_run_new(item->scenario, &(pp_run_options){.directory = directory}, ret);
	if (r == 0 && ret_page)
		r = pp_page_of_run(*ret, ret_page);
	if (r < 0) {
		add_error(item, "run", NULL, error_text(-r));
		return STATUS_SYSTEM;
	}
	while (r == 0 && !signals_caught())
		r = pp_run_step(*ret, EVENTS_A_STEP);
	if (r >= 0 && signals_caught()) {
		pp_run_abort(*ret);
		add_error(item, "run", "interrupted by signal", sigabbrev_np(signals_caught()));
		return STATUS_SYSTEM;
	}
	if (r > 0)
		r = pp_run_finish(*ret);
	if (r < 0)
		add_error(item, "run", NULL, pp_run_error(*ret));
	return r < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* Of an expectation that failed, to be freed; NULL where memory is short. With the directory of its captures, or NULL. */
static char *detail_of(const pp_run *run, size_t index, const char *directory)
{
	pp_expectation e;
	struct text text;
	pp_run_expectation(run, index, &e);
	if (text_begin(&text))
		print_failure(text.stream, &e, same_cause_before(run, index), directory, "");
	return text_end(&text);
}

static void add_expectation(struct suite_item *item, const pp_run *run, size_t index)
{
	pp_expectation expectation;
	const pp_expectation *e = &expectation;
	pp_run_expectation(run, index, &expectation);
	char *detail = e->pass ? NULL : detail_of(run, index, NULL);
	struct suite_case *added = suite_add(item, e->pass ? SUITE_PASS : SUITE_FAIL, e->name, e->actual, detail);
	free(detail);
	bool failed = false;
	if (added) {
		added->file = copy_text(e->file, &failed);
		added->line = e->line;
		added->flow = copy_text(e->pass ? NULL : e->flow, &failed);
		added->packet = e->packet;
		if (!e->pass && e->rule_file && e->rule_line)
			added->rule = formatted("%s:%u:%u", e->rule_file, e->rule_line, e->rule_column);
	}
	if (failed || (!e->pass && !detail))
		item->status = STATUS_SYSTEM;
	item->n_expectations++;
	item->n_failed += !e->pass;
}

/* ---- committed captures ---- */

/* What is there and cannot be looked into is no directory of nothing: -errno. */
static int has_files(const char *directory)
{
	DIR *opened = opendir(directory);
	int found = 0;
	if (!opened)
		return errno == ENOENT ? 0 : -errno;
	for (const struct dirent *entry; !found && (errno = 0, entry = readdir(opened));)
		found = entry->d_name[0] != '.';
	int error = found ? 0 : errno;
	closedir(opened);
	return error ? -error : found;
}

static void update(struct suite_item *item, const char *baseline, const char *differences)
{
	pp_run *run = NULL;
	if (run_to(item, baseline, &run, NULL) == STATUS_OK)
		(void)suite_add(item, SUITE_PASS, "captures", "written again", differences);
	if (run)
		print_notes(run);
	pp_run_free(run);
}

static void compare(struct suite_item *item, const struct suite_options *options, const char *baseline,
		    const char *output)
{
	pp_comparison *comparison = NULL;
	const char *path = NULL;
	int r = pp_compare(baseline, output, options->ignore, &comparison, &path);
	size_t n = r == 0 ? pp_comparison_n(comparison) : 0;
	char *differences = NULL, *message = NULL;
	struct text text;
	if (n > 0) {
		if (text_begin(&text))
			print_differences(text.stream, comparison, "");
		differences = text_end(&text);
	}
	if (asprintf(&message, "%zu difference%s from %s", n, n == 1 ? "" : "s", baseline) < 0)
		message = NULL;
	if (!message || (n > 0 && !differences))
		add_error(item, "captures", NULL, error_text(ENOMEM));
	else if (r < 0)
		add_error(item, "captures", path, error_text(-r));
	else if (r > 0)
		add_error(item, "captures", path, "holds no output of a run");
	else if (n == 0)
		(void)suite_add(item, SUITE_PASS, "captures", "as committed", NULL);
	else if (options->update && item->n_failed == 0)
		update(item, baseline, differences);
	else
		(void)suite_add(item, SUITE_FAIL, "captures", message, differences);
	free(message);
	free(differences);
	pp_comparison_free(comparison);
}

static void judge(struct suite_item *item, const struct suite_options *options, const char *baseline,
		  const char *output)
{
	int committed = has_files(baseline);
	pp_run *run = NULL;
	if (run_to(item, committed > 0 ? output : NULL, &run, NULL) == STATUS_OK) {
		for (size_t i = 0; i < pp_run_n_expectations(run); i++)
			add_expectation(item, run, i);
		bool checks_nothing = pp_run_n_expectations(run) == 0 && committed == 0;
		pp_run_free(run);
		if (checks_nothing && !options->update && !options->allow_empty)
			(void)suite_add(item, SUITE_FAIL, "scenario",
					"it has no expectations and no committed captures",
					"nothing was checked: write `expect`, commit captures with --update, or say "
					"--allow-empty\n");
		if (committed < 0)
			add_error(item, "captures", baseline, strerror(-committed));
		else if (committed > 0)
			compare(item, options, baseline, output);
		else if (options->update && item->n_failed == 0)
			update(item, baseline, NULL);
		else
			(void)suite_add(item, SUITE_SKIP, "captures",
					options->update
						? "none are committed, and none written while an expectation fails"
						: "none are committed; --update writes them",
					NULL);
	} else {
		pp_run_free(run);
	}
}

/* Packets of expectations that failed are shown in the captures that are kept. The cases of a scenario begin with its
 * expectations. */
static void show_kept(struct suite_item *item, const pp_run *run)
{
	for (size_t i = 0; i < item->n_expectations && i < item->n_cases; i++) {
		struct suite_case *c = &item->cases[i];
		if (c->verdict != SUITE_FAIL || !c->flow)
			continue;
		char *detail = detail_of(run, i, item->kept);
		if (!detail) {
			item->status = STATUS_SYSTEM;
			return;
		}
		free(c->detail);
		c->detail = detail;
	}
}

/* What a run that failed wrote, for a look at it; whole, or a case says why not. */
static void keep_output(struct suite_item *item, const char *directory)
{
	pp_run *run = NULL;
	char *kept = formatted("%s/%s", directory, item->name);
	item->made_kept = kept && access(kept, F_OK) < 0 && errno == ENOENT;
	if (!kept)
		item->status = STATUS_SYSTEM;
	else if (run_to(item, kept, &run, NULL) == STATUS_OK)
		item->kept = kept;
	if (item->kept) {
		show_kept(item, run);
		leftovers_remove(item->kept, LEFTOVER_PREFIX); /* of the run, where it could not */
	} else {
		free(kept);
	}
	pp_run_free(run);
}

void suite_drop_kept(struct suite_item *items, size_t n, const char *directory)
{
	bool dropped = false;
	for (size_t i = 0; i < n; i++) {
		if (items[i].kept && items[i].made_kept) {
			remove_tree(items[i].kept);
			dropped = true;
		}
		free(items[i].kept);
		items[i].kept = NULL;
	}
	if (!dropped)
		return;
	(void)rmdir(directory); /* others may have something there */
	fprintf(stderr, "pktpath: %s: nothing of this suite is kept there: it did not finish\n", directory);
}

/* A run of a scenario that failed, for the report: what it wrote, and a page about it. */
static void keep_failure(struct suite_item *item, const char *report)
{
	char *directory = NULL;
	pp_run *run = NULL;
	pp_page *page = NULL;
	if (asprintf(&directory, "%s/%s", report, item->name) < 0) {
		item->status = STATUS_SYSTEM;
		return;
	}
	if (run_to(item, directory, &run, &page) == STATUS_OK && suite_write_page(item, page, directory) != STATUS_OK)
		add_error(item, "page", directory, "report.html could not be made");
	pp_page_free(page);
	pp_run_free(run);
	free(directory);
}

void suite_run(struct suite_item *item, const struct suite_options *options)
{
	char *baseline = NULL, *output = NULL;
	if (asprintf(&baseline, "%s/%s", options->baseline, item->name) < 0)
		baseline = NULL;
	if (asprintf(&output, "%s/%s", options->work, item->name) < 0)
		output = NULL;
	if (!baseline || !output)
		item->status = STATUS_SYSTEM;
	else
		judge(item, options, baseline, output);
	if (options->report && item->status == STATUS_FAILED && !signals_caught())
		keep_failure(item, options->report);
	else if (options->keep && item->status == STATUS_FAILED && !signals_caught() &&
		 (!options->kept || suite_kept_claim(options->kept)))
		keep_output(item, options->keep);
	if (output)
		remove_tree(output);
	free(baseline);
	free(output);
	pp_scenario_free(item->scenario);
	item->scenario = NULL;
}

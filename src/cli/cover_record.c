/* What one run exercised as a line of a ledger, and what many of them come to. The line has the text of the scenario's
 * files, too: parts may be joined where these are not. */
#include "cli/cover.h"
#include "cli/work.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- a run as a line ---- */

static int put_text(FILE *out, FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	bool good = true;
	while (good && getline(&line, &size, in) >= 0)
		ledger_put(out, line);
	good = feof(in) != 0; /* else the last line had no memory, or the file cannot be read */
	free(line);
	return good ? 0 : errno ? -errno : -EIO;
}

/* Its name, the whole path of it, and its text; one that is not there, as it came by a pipe or is gone, has neither. */
static int put_file(FILE *out, const char *file)
{
	char path[PATH_MAX];
	errno = 0;
	const char *real = realpath(file, path);
	FILE *in = real ? input_file(file) : NULL;
	int r = in || errno == ENOENT ? 0 : -errno;
	ledger_put_next(out, file);
	ledger_put_next(out, real ? real : file);
	fputs(in ? "\t=" : "\t-", out);
	if (in) {
		r = put_text(out, in);
		(void)fclose(in);
	}
	if (r < 0)
		fprintf(stderr, "pktpath: %s: %s\n", file, error_text(-r));
	return r;
}

static bool names_file(const pp_cover *cover, size_t end, const char *file)
{
	for (size_t i = 0; i < end; i++) {
		pp_cover_line line;
		pp_cover_line_get(cover, i, &line);
		if (strcmp(line.file, file) == 0)
			return true;
	}
	return false;
}

static int put_files(FILE *out, const pp_cover *cover)
{
	size_t n = 0;
	int r = 0;
	for (size_t i = 0; i < pp_cover_n_lines(cover); i++) {
		pp_cover_line line;
		pp_cover_line_get(cover, i, &line);
		n += !names_file(cover, i, line.file);
	}
	fprintf(out, "%zu", n);
	for (size_t i = 0; r == 0 && i < pp_cover_n_lines(cover); i++) {
		pp_cover_line line;
		pp_cover_line_get(cover, i, &line);
		if (!names_file(cover, i, line.file))
			r = put_file(out, line.file);
	}
	return r;
}

char *cover_record(const pp_cover *cover)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	int r = put_files(out, cover);
	fprintf(out, "\t%zu", pp_cover_n_lines(cover));
	for (size_t i = 0; i < pp_cover_n_lines(cover); i++) {
		pp_cover_line line;
		pp_cover_line_get(cover, i, &line);
		ledger_put_next(out, line.file);
		ledger_put_next(out, line.kind);
		ledger_put_next(out, line.name);
		fprintf(out, "\t%" PRIu32 "\t%" PRIu64 "\t%" PRIu64, line.line, line.decided, line.passed);
	}
	fprintf(out, "\t%zu", pp_cover_n_facts(cover));
	for (size_t i = 0; i < pp_cover_n_facts(cover); i++) {
		pp_cover_fact fact;
		pp_cover_fact_get(cover, i, &fact);
		ledger_put_next(out, fact.kind);
		ledger_put_next(out, fact.name);
		fprintf(out, "\t%" PRIu64, fact.n);
	}
	if (fclose(out) == 0 && r == 0)
		return text;
	free(text);
	return NULL;
}

/* ---- adding up ---- */

/* One more item at the end of an array; NULL where memory is short. */
static void *grow(void *items, size_t n, size_t *capacity, size_t size_bytes)
{
	if (n < *capacity)
		return items;
	size_t more = *capacity ? 2 * *capacity : 64;
	void *grown = reallocarray(items, more, size_bytes);
	if (grown)
		*capacity = more;
	return grown;
}

static struct cover_line *line_at(struct coverage *coverage, const char *file, const char *kind, const char *name,
				  uint32_t line)
{
	for (size_t i = 0; i < coverage->n_lines; i++) {
		struct cover_line *at = &coverage->lines[i];
		if (at->line == line && strcmp(at->file, file) == 0 && strcmp(at->kind, kind) == 0 &&
		    strcmp(at->name, name) == 0)
			return at;
	}
	struct cover_line *grown =
		grow(coverage->lines, coverage->n_lines, &coverage->capacity_lines, sizeof *coverage->lines);
	if (!grown)
		return NULL;
	coverage->lines = grown;
	struct cover_line *added = &coverage->lines[coverage->n_lines];
	*added = (struct cover_line){strdup(file), strdup(kind), strdup(name), line, 0, 0};
	coverage->n_lines++;
	return added->file && added->kind && added->name ? added : NULL;
}

static struct cover_fact *fact_at(struct coverage *coverage, const char *kind, const char *name)
{
	for (size_t i = 0; i < coverage->n_facts; i++)
		if (strcmp(coverage->facts[i].kind, kind) == 0 && strcmp(coverage->facts[i].name, name) == 0)
			return &coverage->facts[i];
	struct cover_fact *grown =
		grow(coverage->facts, coverage->n_facts, &coverage->capacity_facts, sizeof *coverage->facts);
	if (!grown)
		return NULL;
	coverage->facts = grown;
	struct cover_fact *added = &coverage->facts[coverage->n_facts];
	*added = (struct cover_fact){strdup(kind), strdup(name), 0};
	coverage->n_facts++;
	return added->kind && added->name ? added : NULL;
}

const struct cover_file *coverage_file(const struct coverage *coverage, const char *name)
{
	for (size_t i = 0; i < coverage->n_files; i++)
		if (strcmp(coverage->files[i].name, name) == 0)
			return &coverage->files[i];
	return NULL;
}

static bool add_file(struct coverage *coverage, const char *name, const char *real, const char *text)
{
	if (coverage_file(coverage, name))
		return true;
	struct cover_file *grown =
		grow(coverage->files, coverage->n_files, &coverage->capacity_files, sizeof *coverage->files);
	if (!grown)
		return false;
	coverage->files = grown;
	struct cover_file *added = &coverage->files[coverage->n_files];
	*added = (struct cover_file){strdup(name), strdup(real), text ? strdup(text) : NULL};
	coverage->n_files++;
	return added->name && added->real && (!text || added->text);
}

static bool take_file(struct coverage *coverage, char **at)
{
	const char *name = ledger_take(at), *real = ledger_take(at), *text = ledger_take_maybe(at);
	return real && add_file(coverage, name, real, text);
}

static bool take_line(struct coverage *coverage, char **at)
{
	const char *file = ledger_take(at), *kind = ledger_take(at), *name = ledger_take(at);
	uint64_t line, decided, passed;
	if (!name || !ledger_take_number(at, UINT32_MAX, &line) || !ledger_take_number(at, UINT64_MAX, &decided) ||
	    !ledger_take_number(at, UINT64_MAX, &passed))
		return false;
	struct cover_line *found = line_at(coverage, file, kind, name, (uint32_t)line);
	if (!found)
		return false;
	found->decided += decided;
	found->passed += passed;
	return true;
}

static bool take_fact(struct coverage *coverage, char **at)
{
	const char *kind = ledger_take(at), *name = ledger_take(at);
	uint64_t n;
	struct cover_fact *found =
		name && ledger_take_number(at, UINT64_MAX, &n) ? fact_at(coverage, kind, name) : NULL;
	if (found)
		found->n += n;
	return found;
}

static int coverage_add(struct coverage *coverage, const char *record)
{
	static bool (*const takers[])(struct coverage * coverage, char **at) = {take_file, take_line, take_fact};
	char *copy = strdup(record), *at = copy;
	bool good = copy;
	for (size_t i = 0; good && i < sizeof takers / sizeof *takers; i++) {
		uint64_t n = 0;
		good = ledger_take_number(&at, SIZE_MAX, &n);
		for (; good && n > 0; n--)
			good = takers[i](coverage, &at);
	}
	free(copy);
	return good ? STATUS_OK : STATUS_SYSTEM;
}

static int by_place(const void *a, const void *b)
{
	const struct cover_line *x = a, *y = b;
	int order = strcmp(x->file, y->file);
	return order                ? order
	       : x->line != y->line ? (x->line > y->line) - (x->line < y->line)
				    : strcmp(x->name, y->name);
}

int coverage_of(const struct records *records, struct coverage *ret)
{
	int status = STATUS_OK;
	*ret = (struct coverage){0};
	for (size_t i = 0; status == STATUS_OK && i < records->n; i++)
		if (records->items[i])
			status = coverage_add(ret, records->items[i]);
	if (status == STATUS_OK && ret->n_lines > 0)
		qsort(ret->lines, ret->n_lines, sizeof *ret->lines, by_place);
	return status;
}

void coverage_free(struct coverage *coverage)
{
	for (size_t i = 0; i < coverage->n_lines; i++) {
		free(coverage->lines[i].file);
		free(coverage->lines[i].kind);
		free(coverage->lines[i].name);
	}
	for (size_t i = 0; i < coverage->n_facts; i++) {
		free(coverage->facts[i].kind);
		free(coverage->facts[i].name);
	}
	for (size_t i = 0; i < coverage->n_files; i++) {
		free(coverage->files[i].name);
		free(coverage->files[i].real);
		free(coverage->files[i].text);
	}
	free(coverage->lines);
	free(coverage->facts);
	free(coverage->files);
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

/* ---- the plan: the scenarios, and by what they were changed ---- */

char *cover_print_plan(const struct suite_paths *paths, pp_scenario *const *scenarios,
		       const struct overrides *overrides)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	uint64_t hash = digest_overrides(digest_text(DIGEST_BEGIN, pp_version()), overrides);
	if (!out)
		return NULL;
	fprintf(out, "suite\t%016" PRIx64 "\n", hash);
	bool good = true;
	for (size_t i = 0; good && i < paths->n; i++) {
		hash = DIGEST_BEGIN;
		good = digest_scenario(&hash, scenarios[i], 0);
		fputs("scenario", out);
		ledger_put_next(out, paths->paths[i]);
		fprintf(out, "\t%016" PRIx64 "\n", hash);
	}
	if (fclose(out) == 0 && good)
		return text;
	free(text);
	return NULL;
}

static char *name_of(void *context, size_t i)
{
	const struct plan_lines *paths = context;
	return ledger_text(paths->items[i]);
}

static void release(struct work *work)
{
	plan_lines_free(work->context);
	free(work->context);
}

static int take_plan(const char *text, struct work *ret)
{
	struct plan_lines *paths = malloc(sizeof *paths);
	int status = paths ? plan_lines_read(text, "scenario", paths) : STATUS_SYSTEM;
	if (status != STATUS_OK) {
		free(paths);
		return status;
	}
	for (size_t i = 0; i < paths->n; i++)
		paths->items[i] = ledger_take(&(char *){paths->items[i]});
	ret->n = paths->n;
	ret->name = name_of;
	ret->context = paths;
	return STATUS_OK;
}

/* ---- the files of it ---- */

static int write_all(const struct work *work, const struct records *records)
{
	struct coverage coverage;
	char *lcov = path_in(work->directory, "lcov.info"), *page = path_in(work->directory, "cover.html"),
	     *json = path_in(work->directory, "cover.json");
	int status = coverage_of(records, &coverage);
	if (!lcov || !page || !json)
		status = STATUS_SYSTEM;
	if (status == STATUS_OK)
		status = cover_write_lcov(&coverage, lcov);
	if (status == STATUS_OK)
		status = cover_write_page(&coverage, page);
	if (status == STATUS_OK)
		status = cover_write_json(&coverage, json);
	free(lcov);
	free(page);
	free(json);
	coverage_free(&coverage);
	return status;
}

const struct work_kind cover_kind = {"cover", write_all, take_plan, release};

/* The page of a sweep: the answer first, then each measure as a plot: percentile bands over one setting, heat maps over two, and over
 * more settings one heat map for each combination of the others, up to a bound; the tables have all of them. */
#include "cli/sweep.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MAPS 24
#define MAX_ROWS 400

struct page {
	pp_sheet *sheet;
	const struct sweep *sweep;
	const struct values *values;
	const char *directory;
	bool failed;
};

static void say(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct page *page, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		page->failed = true;
		return;
	}
	pp_sheet_text(page->sheet, text);
	free(text);
}

/* ---- charts ---- */

/* "failed_share.svg"; what is no letter, number, dot or underscore becomes a hyphen. */
static void save_picture(struct page *page, size_t measure, size_t number, char *text)
{
	char *name = NULL, suffix[24] = "";
	if (number > 0)
		(void)snprintf(suffix, sizeof suffix, ".%zu", number + 1);
	if (!text || asprintf(&name, "%s%s.svg", page->sweep->measures[measure].name, suffix) < 0) {
		page->failed = true;
		free(text);
		return;
	}
	for (char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '.' && *at != '_')
			*at = '-';
	char *path = path_in(page->directory, name);
	page->failed |= !path || save_file(path, text, strlen(text)) != STATUS_OK;
	free(path);
	free(name);
	free(text);
}

static void show_bands(struct page *page, size_t measure, const pp_bands *bands)
{
	pp_sheet_bands(page->sheet, bands);
	save_picture(page, measure, 0, pp_draw_bands(bands));
}

static void show_heat(struct page *page, size_t measure, size_t number, const pp_heat *heat)
{
	pp_sheet_heat(page->sheet, heat);
	save_picture(page, measure, number, pp_draw_heat(heat));
}

static int64_t mark_of(const struct sweep *sweep, size_t measure)
{
	return sweep->find && sweep->find->measure == measure ? sweep->find->value : PP_CHART_UNKNOWN;
}

static void put_bands(struct page *page, size_t measure)
{
	const struct sweep *sweep = page->sweep;
	size_t n = sweep_n_combinations(sweep);
	pp_band *items = calloc(n, sizeof *items);
	page->failed |= !items;
	for (size_t i = 0; items && i < n; i++) {
		struct statistics s;
		sweep_statistics(page->values, i, measure, &s);
		const char *label = sweep->n_varies ? sweep->varies[0].values[i] : "";
		items[i] = s.n ? (pp_band){label, s.min, s.p5, s.p50, s.p95, s.max} : (pp_band){label,
												PP_CHART_UNKNOWN,
												PP_CHART_UNKNOWN,
												PP_CHART_UNKNOWN,
												PP_CHART_UNKNOWN,
												PP_CHART_UNKNOWN};
	}
	if (items)
		show_bands(page, measure,
			   &(pp_bands){sweep->measures[measure].name,
				       sweep->n_varies ? sweep->varies[0].path : "the scenario as it is",
				       sweep->measures[measure].kind, items, n, mark_of(sweep, measure)});
	free(items);
}

/* The first of the settings is the row, the second the column; `combination` has their first values. */
static void put_heat(struct page *page, size_t measure, size_t combination)
{
	const struct sweep *sweep = page->sweep;
	const struct vary *rows = &sweep->varies[0], *columns = &sweep->varies[1];
	size_t beyond = 1;
	for (size_t i = 2; i < sweep->n_varies; i++)
		beyond *= sweep->varies[i].n;
	int64_t *cells = calloc(rows->n * columns->n, sizeof *cells);
	char *title = NULL, *others = NULL;
	size_t bytes;
	FILE *out = open_memstream(&others, &bytes);
	if (out) {
		for (size_t i = 2; i < sweep->n_varies; i++)
			fprintf(out, "  %s=%s", sweep->varies[i].path,
				sweep->varies[i].values[sweep_digit(sweep, combination, i)]);
		page->failed |= fclose(out) != 0;
	}
	bool share = sweep->measures[measure].kind == PP_MEASURE_SHARE;
	if (asprintf(&title, "%s, %s%s", sweep->measures[measure].name,
		     share ? "of all seeds together" : "median over the seeds", others ? others : "") < 0)
		title = NULL;
	for (size_t i = 0; cells && i < rows->n * columns->n; i++) {
		struct statistics s;
		sweep_statistics(page->values, i * beyond + combination, measure, &s);
		cells[i] = s.n == 0 ? PP_CHART_UNKNOWN : share ? s.mean : s.p50;
	}
	page->failed |= !cells || !title || !others;
	if (cells && title)
		show_heat(page, measure, combination,
			  &(pp_heat){title, columns->path, rows->path, sweep->measures[measure].kind,
				     (const char *const *)columns->values, (const char *const *)rows->values,
				     columns->n, rows->n, cells});
	free(cells);
	free(title);
	free(others);
}

static void put_plots(struct page *page)
{
	const struct sweep *sweep = page->sweep;
	size_t beyond = 1;
	for (size_t i = 2; i < sweep->n_varies; i++)
		beyond *= sweep->varies[i].n;
	for (size_t k = 0; k < sweep->n_measures; k++) {
		if (sweep->n_varies < 2) {
			put_bands(page, k);
			continue;
		}
		for (size_t i = 0; i < beyond && i < MAX_MAPS; i++)
			put_heat(page, k, i);
		if (beyond > MAX_MAPS)
			say(page, "%zu more maps of %s are not drawn; summary.csv has their numbers.",
			    beyond - MAX_MAPS, sweep->measures[k].name);
	}
}

/* ---- words ---- */

static void put_answer(struct page *page)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out) {
		page->failed = true;
		return;
	}
	print_find(out, page->values);
	page->failed |= fclose(out) != 0 || !text;
	pp_sheet_section(page->sheet, "The answer");
	say(page, "Question: %s", page->sweep->find->text);
	for (char *next = text, *line; (line = strsep(&next, "\n"));)
		if (*line && *line != ' ')
			pp_sheet_verdict(page->sheet, !strstr(line, ": none of the"), line);
		else if (*line)
			pp_sheet_text(page->sheet, line + strspn(line, " "));
	free(text);
}

static void put_table(struct page *page)
{
	const struct sweep *sweep = page->sweep;
	static const char *const heads[] = {"combination", "measure", ">runs", ">least", ">P5",
					    ">median",     ">P95",    ">most", ">mean"};
	enum { N = sizeof heads / sizeof *heads };
	size_t n = sweep_n_combinations(sweep) * sweep->n_measures, n_rows = n < MAX_ROWS ? n : MAX_ROWS;
	pp_cell *cells = calloc(n_rows * N + 1, sizeof *cells);
	char(*texts)[N][32] = calloc(n_rows + 1, sizeof *texts);
	char **names = calloc(n_rows + 1, sizeof *names);
	page->failed |= !cells || !texts || !names;
	for (size_t i = 0; !page->failed && i < n_rows; i++) {
		struct statistics s;
		size_t measure = i % sweep->n_measures;
		pp_measure_kind kind = sweep->measures[measure].kind;
		sweep_statistics(page->values, i / sweep->n_measures, measure, &s);
		const int64_t numbers[] = {s.min, s.p5, s.p50, s.p95, s.max, s.mean};
		names[i] = sweep_combination_name(sweep, i / sweep->n_measures);
		page->failed |= !names[i];
		cells[i * N].text = names[i] && *names[i] ? names[i] : "as it is";
		cells[i * N + 1].text = sweep->measures[measure].name;
		(void)snprintf(texts[i][2], sizeof texts[i][2], "%zu", s.n);
		cells[i * N + 2].text = texts[i][2];
		for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
			cells[i * N + 3 + k].text =
				pp_print_measure(s.n ? numbers[k] : PP_CHART_UNKNOWN, kind, texts[i][3 + k]);
	}
	pp_sheet_section(page->sheet, "Numbers");
	if (!page->failed)
		pp_sheet_table(page->sheet, heads, N, cells, n_rows);
	if (n > n_rows)
		say(page, "%zu more rows are in summary.csv.", n - n_rows);
	for (size_t i = 0; names && i < n_rows; i++)
		free(names[i]);
	free(names);
	free(texts);
	free(cells);
}

static void put_trouble(struct page *page)
{
	size_t n = sweep_n_combinations(page->sweep) * (size_t)page->sweep->n_seeds, n_trouble = 0;
	size_t first = n;
	for (size_t i = 0; i < n; i++)
		if (sweep_has_trouble(page->values, i)) {
			first = n_trouble == 0 ? i : first;
			n_trouble++;
		}
	if (n_trouble == 0)
		return;
	char *why = sweep_trouble(page->values, first);
	page->failed |= !why;
	if (why)
		say(page, "%zu of %zu runs could not be made, the first because: %s. sweep.csv says it of each.",
		    n_trouble, n, why);
	free(why);
}

int sweep_page(const struct sweep *sweep, const struct values *values, const char *directory)
{
	struct page page = {.sweep = sweep, .values = values, .directory = directory};
	char *title = NULL, *path = path_in(directory, "sweep.html");
	const char *text;
	size_t bytes;
	if (!path || asprintf(&title, "Sweep of %s", sweep->scenario) < 0) {
		free(path);
		return STATUS_SYSTEM;
	}
	int r = pp_sheet_new(title, &page.sheet), status = STATUS_SYSTEM;
	free(title);
	if (r < 0) {
		free(path);
		return STATUS_SYSTEM;
	}
	say(&page, "%zu combinations, %" PRIu64 " seeds each, from seed %" PRIu64 ": %zu runs.",
	    sweep_n_combinations(sweep), sweep->n_seeds, sweep->first_seed,
	    sweep_n_combinations(sweep) * (size_t)sweep->n_seeds);
	put_trouble(&page);
	if (sweep->find)
		put_answer(&page);
	pp_sheet_section(page.sheet, "Plots");
	put_plots(&page);
	put_table(&page);
	if (pp_sheet_finish(page.sheet, &text, &bytes) == 0 && !page.failed)
		status = save_file(path, text, bytes);
	pp_sheet_free(page.sheet);
	free(path);
	return status;
}

/* The report of a suite: an index page with a line for each scenario, JUnit XML, and for each scenario that failed a directory with its captures
 * and its page. All of it follows from the ledger, but for those directories. */
#include "cli/suite.h"
#include "cli/work.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_STEP 20000

/* ---- a scenario that failed ---- */

/* Its captures are there already: a page beside them. */
int suite_write_page(struct suite_item *item, pp_page *page, const char *directory)
{
	const char *text = NULL;
	size_t bytes = 0;
	char *path = path_in(directory, "report.html");
	int r = path ? 0 : -ENOMEM;
	while (r == 0 && !signals_caught())
		r = pp_page_step(page, EVENTS_A_STEP);
	if (r > 0)
		r = pp_page_finish(page, &text, &bytes);
	if (r == 0 && !signals_caught())
		item->has_page = save_file(path, text, bytes) == STATUS_OK;
	free(path);
	return item->has_page ? STATUS_OK : STATUS_SYSTEM;
}

/* ---- the plan ---- */

struct suite_plan {
	struct suite_item *items;
	size_t n;
};

/* "scenario\tPATH\tNAME" */
static int parse_plan(const char *text, struct suite_plan *ret)
{
	struct plan_lines lines;
	bool good = plan_lines_read(text, "scenario", &lines) == STATUS_OK;
	*ret = (struct suite_plan){.items = good ? calloc(lines.n + 1, sizeof *ret->items) : NULL};
	good = ret->items;
	for (size_t i = 0; good && i < lines.n; i++) {
		char *rest = lines.items[i];
		const char *path = ledger_take(&rest), *name = ledger_take(&rest);
		struct suite_item *item = &ret->items[ret->n++];
		*item = (struct suite_item){
			.path = strdup(path), .name = strdup(name ? name : path), .duration_ns = -1};
		good = item->path && item->name;
	}
	plan_lines_free(&lines);
	return good ? STATUS_OK : STATUS_SYSTEM;
}

static void free_plan(struct suite_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		free(plan->items[i].path);
		suite_item_free(&plan->items[i]);
	}
	free(plan->items);
}

/* ---- the page ---- */

static const char *first_fault(const struct suite_item *item)
{
	for (size_t i = 0; i < item->n_cases; i++)
		if (item->cases[i].verdict == SUITE_FAIL || item->cases[i].verdict == SUITE_ERROR)
			return item->cases[i].message;
	return "";
}

static const char *about_captures(const struct suite_item *item)
{
	const struct suite_case *last = item->n_cases > 0 ? &item->cases[item->n_cases - 1] : NULL;
	return last && strcmp(last->name, "captures") == 0 ? last->message : "";
}

/* false: memory is short. */
static bool put_rows(pp_sheet *sheet, const struct suite_item *items, size_t n)
{
	static const char *const heads[] = {"verdict", "scenario", "file",       ">expectations",
					    ">failed", "captures", "first fault"};
	enum { N = sizeof heads / sizeof *heads };
	pp_cell *cells = calloc(n * N + 1, sizeof *cells);
	char(*texts)[3][32] = calloc(n + 1, sizeof *texts);
	char **links = calloc(n + 1, sizeof *links);
	bool complete = cells && texts && links;
	for (size_t i = 0; complete && i < n; i++) {
		const struct suite_item *item = &items[i];
		bool good = item->status == STATUS_OK;
		pp_cell *row = &cells[i * N];
		(void)snprintf(texts[i][0], sizeof texts[i][0], "%zu", item->n_expectations);
		(void)snprintf(texts[i][1], sizeof texts[i][1], "%zu", item->n_failed);
		links[i] = item->has_page ? path_in(item->name, "report.html") : NULL;
		complete = !item->has_page || links[i];
		row[0] = (pp_cell){.text = good ? "pass" : "FAIL", .good = good, .bad = !good};
		row[1] = (pp_cell){.text = item->name, .link = links[i]};
		row[2] = (pp_cell){.text = item->path};
		row[3] = (pp_cell){.text = texts[i][0]};
		row[4] = (pp_cell){.text = texts[i][1], .bad = item->n_failed > 0};
		row[5] = (pp_cell){.text = about_captures(item)};
		row[6] = (pp_cell){.text = first_fault(item)};
	}
	if (complete)
		pp_sheet_table(sheet, heads, N, cells, n);
	for (size_t i = 0; links && i < n; i++)
		free(links[i]);
	free(links);
	free(texts);
	free(cells);
	return complete;
}

static int write_index(const char *directory, const struct suite_item *items, size_t n)
{
	pp_sheet *sheet = NULL;
	const char *text;
	size_t bytes, n_failed = 0;
	char verdict[96], *path = path_in(directory, "index.html");
	int status = STATUS_SYSTEM;
	for (size_t i = 0; i < n; i++)
		n_failed += items[i].status != STATUS_OK;
	(void)snprintf(verdict, sizeof verdict, "%zu passed, %zu failed", n - n_failed, n_failed);
	if (path && pp_sheet_new("Suite of scenarios", &sheet) == 0) {
		pp_sheet_verdict(sheet, n_failed == 0, verdict);
		if (put_rows(sheet, items, n) && pp_sheet_finish(sheet, &text, &bytes) == 0)
			status = save_file(path, text, bytes);
	}
	pp_sheet_free(sheet);
	free(path);
	return status;
}

/* ---- all of it ---- */

static int write_report(const struct work *work, const struct records *records)
{
	struct suite_plan plan;
	int status = parse_plan(work->plan, &plan);
	size_t n = 0;
	for (size_t i = 0; status == STATUS_OK && i < plan.n && i < records->n; i++) {
		if (!records->items[i])
			continue; /* another part's */
		const struct suite_item left_out = plan.items[n];
		plan.items[n] = plan.items[i];
		plan.items[i] = left_out;
		status = suite_read_record(&plan.items[n++], records->items[i]);
	}
	if (status == STATUS_OK)
		status = write_index(work->directory, plan.items, n);
	if (status == STATUS_OK) {
		char *path = path_in(work->directory, "junit.xml");
		status = path ? suite_write_junit(path, plan.items, n) : STATUS_SYSTEM;
		free(path);
	}
	free_plan(&plan);
	return status;
}

static char *name_of(void *context, size_t i)
{
	const struct suite_plan *plan = context;
	return ledger_text(plan->items[i].path);
}

static int take_plan(const char *text, struct work *ret)
{
	struct suite_plan *plan = malloc(sizeof *plan);
	int status = plan ? parse_plan(text, plan) : STATUS_SYSTEM;
	if (status != STATUS_OK) {
		if (plan)
			free_plan(plan);
		free(plan);
		return status;
	}
	ret->n = plan->n;
	ret->name = name_of;
	ret->context = plan;
	return STATUS_OK;
}

/* What the system prevented is no result: a resumed suite does it again. */
bool suite_is_to_repeat(const char *record)
{
	return strtol(record, NULL, 10) == STATUS_SYSTEM;
}

static void release(struct work *work)
{
	free_plan(work->context);
	free(work->context);
}

const struct work_kind suite_kind = {"test", write_report, take_plan, release};

/* ---- GitHub ---- */

static void put_command(const char *text, bool property)
{
	for (; text && *text; text++)
		if (*text == '%' || *text == '\n' || *text == '\r' || (property && (*text == ':' || *text == ',')))
			printf("%%%02X", (unsigned)(unsigned char)*text);
		else
			putchar(*text);
}

/* A workflow command for each fault: GitHub shows it at the line of the scenario. */
void suite_print_annotations(const struct suite_item *item)
{
	for (size_t i = 0; i < item->n_cases; i++) {
		const struct suite_case *c = &item->cases[i];
		if (c->verdict != SUITE_FAIL && c->verdict != SUITE_ERROR)
			continue;
		fputs("::error file=", stdout);
		put_command(c->file ? c->file : item->path, true);
		printf(",line=%u,title=", c->line ? c->line : 1);
		put_command(item->name, true);
		fputs("%3A ", stdout);
		put_command(c->name, true);
		fputs("::", stdout);
		put_command(c->message, false);
		fputs(c->detail ? "%0A" : "", stdout);
		put_command(c->detail, false);
		putchar('\n');
	}
}

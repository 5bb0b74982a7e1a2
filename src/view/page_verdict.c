/* DOC: the head of a page: what was run, the verdict, and everything about expectations: those that failed in full,
 * each with what was expected, what came, the step and the rule behind it and their lines of the scenario; those that
 * hold as a table. */
#include "base/units.h"
#include "view/page.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_FAILURES 60u
#define MAX_PASSES 300u

/* ---- what was run ---- */

static void put_verdict(struct pp_page *page)
{
	const struct pp_run *run = page->result;
	size_t n = run->n_judgements, n_failed = n - run->n_passed;
	if (n == 0)
		html_text(&page->out, "p", "verdict open", "\xe2\x80\x93 Nothing was expected, so nothing failed.");
	else if (n_failed == 0)
		html_textf(&page->out, "p", "verdict pass", "\xe2\x9c\x93 %s",
			   n == 1 ? "The one expectation holds."
				  : page_kept(page, arena_printf(page->arena, "All %zu expectations hold.", n)));
	else
		html_textf(&page->out, "p", "verdict fail", "\xe2\x9c\x97 %zu of %zu expectations failed.", n_failed,
			   n);
}

/* "4 min 31 s": for a glance. The exact time stands among the facts. */
static const char *duration(struct pp_page *page, int64_t ns)
{
	int64_t ms = ns / 1000000, s = ms / 1000;
	const char *text = s >= 7200 ? arena_printf(page->arena, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60)
			   : s >= 120 ? arena_printf(page->arena, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60)
			   : s >= 10  ? arena_printf(page->arena, "%" PRId64 " s", s)
				      : arena_printf(page->arena, "%" PRId64 " ms", ms);
	return page_kept(page, text);
}

/* Digits in threes, a narrow space between. */
static const char *grouped(struct pp_page *page, uint64_t n)
{
	char digits[24], text[64];
	int n_digits = snprintf(digits, sizeof digits, "%" PRIu64, n);
	size_t at = 0;
	for (int i = 0; i < n_digits; i++) {
		if (i > 0 && (n_digits - i) % 3 == 0)
			at += (size_t)sprintf(text + at, "\xe2\x80\xaf");
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return page_kept(page, arena_strdup(page->arena, text));
}

static void put_numbers(struct pp_page *page)
{
	const struct pp_run *run = page->result;
	pp_summary summary;
	pp_run_summary(run, &summary);
	html_tiles(&page->out);
	if (run->n_judgements > 0)
		html_tile(&page->out, run->n_passed < run->n_judgements ? "bad" : NULL,
			  page_kept(page, arena_printf(page->arena, "%zu of %zu", run->n_passed, run->n_judgements)),
			  "expectations hold");
	html_tile(&page->out, NULL, duration(page, summary.now_ns), "simulated");
	html_tile(&page->out, NULL, grouped(page, summary.packets), "packets sent");
	html_tile(&page->out, summary.dropped > 0 ? "bad" : NULL, grouped(page, summary.dropped), "packets lost");
	html_tile(&page->out, NULL, grouped(page, summary.mappings), "NAT mappings");
	html_tiles_end(&page->out);
}

static void put_facts(struct pp_page *page)
{
	const struct pp_run *run = page->result;
	const struct model *model = run->model;
	char start[UNITS_TEXT_BYTES];
	pp_summary summary;
	pp_run_summary(run, &summary);
	html_list(&page->out);
	html_item(&page->out, "Scenario", "mono", model->file);
	for (size_t i = 0; i < page->scenario->n_overrides; i++)
		html_item(&page->out, "with", "mono",
			  page_kept(page,
				    arena_printf(page->arena, "--set %s=%s", page->scenario->overrides[i].path,
						 page->scenario->overrides[i].value ? page->scenario->overrides[i].value
										    : "")));
	html_item(
		&page->out, "Simulated", NULL,
		page_kept(page, arena_printf(page->arena, "%s from %s, seed %" PRIu64, page_time(page, summary.now_ns),
					     units_print_wall_time(model->start_unix_ns, start), model->seed)));
	html_item(
		&page->out, "Packets", NULL,
		page_kept(page, arena_printf(page->arena,
					     "%" PRIu64 " sent: %" PRIu64 " delivered, %" PRIu64 " lost, %" PRIu64
					     " under way at the end",
					     summary.packets, summary.delivered, summary.dropped, summary.in_flight)));
	html_item(&page->out, "Made by", NULL, FACADE_PROGRAM);
	html_list_end(&page->out);
}

static void put_links(struct pp_page *page)
{
	static const struct {
		const char *id, *text;
	} links[] = {{"expected", "Expectations"}, {"who", "Addresses"}, {"network", "Network"}, {"flows", "Flows"},
		     {"drops", "Lost packets"},    {"nats", "NATs"},     {"ladders", "Ladders"}};
	buf_puts(&page->out, "<nav>\n");
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		buf_printf(&page->out, "<a href=\"#%s\">%s</a>\n", links[i].id, links[i].text);
	buf_puts(&page->out, "</nav>\n");
}

int page_head(struct pp_page *page)
{
	buf_puts(&page->out, "<header>\n");
	html_text(&page->out, "h1", NULL, page->result->model->name);
	if (page->result->model->about)
		html_text(&page->out, "p", "about", page->result->model->about);
	put_verdict(page);
	put_numbers(page);
	int is_true = pp_page_is_true(page);
	if (is_true < 0)
		return is_true;
	if (!is_true)
		html_text(&page->out, "p", "warning",
			  "The replay differs from the report: another version of pktpath wrote the report. This page "
			  "shows what " FACADE_PROGRAM " makes of the scenario.");
	put_facts(page);
	buf_puts(&page->out, "</header>\n");
	put_links(page);
	return 0;
}

/* ---- expectations ---- */

static void put_place(struct pp_page *page, const char *term, struct place place)
{
	const char *text = page_place(page, place.file, place.line, model_source(page->scenario->model, place)),
		   *excerpt = page_excerpt(page, place.file, place.line);
	if (!text)
		return;
	html_textf(&page->out, "p", "dim", "%s, %s", term, text);
	if (excerpt)
		html_text(&page->out, "pre", NULL, excerpt);
}

/* What to type next, and the capture, which stands beside the page. */
static void put_commands(struct pp_page *page, const struct judgement *j)
{
	const struct pp_run *run = page->result;
	const char *flow = run->model->flows[j->flow].name;
	struct buf set = {0};
	for (size_t i = 0; i < page->scenario->n_overrides; i++)
		if (page->scenario->overrides[i].value)
			buf_printf(&set, " --set '%s=%s'", page->scenario->overrides[i].path,
				   page->scenario->overrides[i].value);
	html_textf(&page->out, "pre", NULL,
		   "pktpath explain %s %s --packet %" PRIu64 "%s\ntshark -r %s.pcapng -Y 'frame.packet_id == %" PRIu64
		   "'",
		   run->model->file, flow, j->packet_id, set.size_bytes > 0 ? buf_text(&set) : "", flow, j->packet_id);
	page->out.failed |= buf_failed(&set);
	buf_free(&set);
	buf_puts(&page->out, "<p>");
	buf_puts(&page->out, "<a href=\"");
	svg_escape(&page->out, flow);
	buf_puts(&page->out, ".pcapng\">the capture of ");
	svg_escape(&page->out, flow);
	buf_puts(&page->out, "</a> \xc2\xb7 <a href=\"drops.pcapng\">all lost packets</a></p>\n");
}

static void put_failure(struct pp_page *page, const struct judgement *j)
{
	const struct pp_run *run = page->result;
	buf_puts(&page->out, "<div class=\"card fail\">\n");
	html_textf(&page->out, "h3", "bad", "\xe2\x9c\x97 %s", j->name);
	html_list(&page->out);
	html_item(&page->out, "expected", NULL, j->expected);
	html_item(&page->out, "came", "strong", j->actual);
	html_item(&page->out, "because", NULL, j->because);
	const struct cause *cause = facade_cause_of_judgement(run, j);
	html_item(&page->out, "cause", NULL, cause ? cause->what : NULL);
	html_item(&page->out, "helps", NULL, cause ? cause->helps : NULL);
	html_item(&page->out, "caller", NULL, j->where);
	if (j->has_packet)
		html_item(&page->out, "packet", NULL,
			  page_kept(page, arena_printf(page->arena, "%" PRIu64 " of %s", j->packet_id,
						       run->model->flows[j->flow].name)));
	html_list_end(&page->out);
	if (j->has_packet)
		put_commands(page, j);
	const struct page_ladder *ladder = j->has_packet ? page_ladder_of(page, j->flow) : NULL;
	char id[PAGE_LADDER_ID_BYTES];
	if (ladder)
		buf_printf(&page->out, "<p><a href=\"#%s\">its packets, place by place</a></p>\n",
			   page_ladder_id(page, ladder, id));
	put_place(page, "The expectation", j->place);
	if (j->rule_place.line != j->place.line)
		put_place(page, "The rule behind it", j->rule_place);
	buf_puts(&page->out, "</div>\n");
}

static void put_failures(struct pp_page *page)
{
	const struct pp_run *run = page->result;
	size_t n = 0;
	for (size_t i = 0; i < run->n_judgements; i++)
		if (!run->judgements[i].pass && n++ < MAX_FAILURES)
			put_failure(page, &run->judgements[i]);
	if (n > MAX_FAILURES)
		html_textf(&page->out, "p", "warning", "%zu more failed and are not shown here; report.json has all.",
			   n - MAX_FAILURES);
}

static void put_passes(struct pp_page *page)
{
	static const char *const heads[] = {"", "Expectation", "Expected", "What came", "Line"};
	struct html_table table;
	const struct pp_run *run = page->result;
	size_t n = 0;
	if (run->n_passed == 0)
		return;
	html_table(&table, &page->out, NULL, heads, sizeof heads / sizeof *heads);
	for (size_t i = 0; i < run->n_judgements; i++) {
		const struct judgement *j = &run->judgements[i];
		if (!j->pass || n++ >= MAX_PASSES)
			continue;
		html_row(&table, NULL);
		html_cell(&table, "good mark", 1, NULL, "\xe2\x9c\x93");
		html_cell(&table, "strong", 1, NULL, j->name);
		html_cell(&table, NULL, 1, NULL, j->expected);
		html_cell(&table, NULL, 1, NULL, j->actual);
		html_cell(&table, "line", 1, NULL, page_line(page, j->place));
	}
	html_table_end(&table);
	if (n > MAX_PASSES)
		html_textf(&page->out, "p", "dim", "%zu more hold and are not listed here; report.json lists all.",
			   n - MAX_PASSES);
}

/* ---- what else was found ---- */

static void put_health(struct pp_page *page)
{
	size_t n = pp_run_n_health(page->result);
	for (size_t i = 0; i < n; i++) {
		pp_health health;
		pp_run_health(page->result, i, &health);
		if (health.ok)
			continue;
		const char *place = page_place(page, health.file, health.line, health.made_from);
		html_textf(&page->out, "p", "warning",
			   "Health of %s at %s: degraded. Its call to %s ends at %s: %s, by %s%s%s%s%s.",
			   health.environment, page_time(page, health.time_ns), health.need, health.node, health.reason,
			   health.by, health.rule ? ", rule " : "", health.rule ? health.rule : "", place ? ", " : "",
			   place ? place : "");
		pp_health next = {.environment = ""};
		if (i + 1 < n)
			pp_run_health(page->result, i + 1, &next);
		if (!health.cause.what || next.cause.what == health.cause.what)
			continue;
		html_list(&page->out);
		html_item(&page->out, "cause", NULL, health.cause.what);
		html_item(&page->out, "helps", NULL, health.cause.helps);
		html_list_end(&page->out);
	}
}

static void put_timeline(struct pp_page *page)
{
	static const char *const heads[] = {"Time", "What happened to the network", "Line"};
	struct html_table table;
	const struct pp_run *run = page->result;
	if (run->model->n_events == 0)
		return;
	html_text(&page->out, "h3", NULL, "Timeline");
	html_table(&table, &page->out, NULL, heads, sizeof heads / sizeof *heads);
	for (size_t i = 0; i < run->model->n_events && i < MAX_PASSES; i++) {
		const struct event_config *event = &run->model->events[i];
		const char *why = NULL;
		bool inert = world_event_was_inert(run->world, i, &why);
		html_row(&table, NULL);
		html_cell(&table, "mono whole", 1, NULL, page_time(page, event->at_ns));
		html_cell(&table, inert ? "bad" : NULL, 1, NULL,
			  inert ? page_kept(page,
					    arena_printf(page->arena, "%s: it changed nothing, %s", event->text, why))
				: event->text);
		html_cell(&table, "line", 1, NULL, page_line(page, event->place));
	}
	html_table_end(&table);
	if (run->model->n_events > MAX_PASSES)
		html_textf(&page->out, "p", "dim", "%zu more events are not listed here.",
			   run->model->n_events - MAX_PASSES);
}

static void put_warnings(struct pp_page *page)
{
	const struct pp_run *run = page->result;
	if (run->n_warnings == 0)
		return;
	html_fold(&page->out, NULL, false, NULL,
		  page_count(page, run->n_warnings, "part of the scenario that no packet used",
			     "parts of the scenario that no packet used"));
	buf_puts(&page->out, "<ul>\n");
	for (size_t i = 0; i < run->n_warnings && i < MAX_PASSES; i++) {
		struct place at = run->warnings[i].place;
		const char *place = page_place(page, at.file, at.line, model_source(run->model, at));
		html_textf(&page->out, "li", NULL, "%s%s%s", run->warnings[i].message, place ? ", " : "",
			   place ? place : "");
	}
	buf_puts(&page->out, "</ul>\n");
	if (run->n_warnings > MAX_PASSES)
		html_textf(&page->out, "p", "dim", "and %zu more", run->n_warnings - MAX_PASSES);
	html_fold_end(&page->out);
}

int page_expected(struct pp_page *page)
{
	html_section(&page->out, "expected", "Expectations");
	if (page->result->n_judgements == 0)
		html_text(&page->out, "p", NULL, "The scenario expects nothing.");
	put_failures(page);
	put_passes(page);
	put_health(page);
	put_timeline(page);
	put_warnings(page);
	html_section_end(&page->out);
	return 0;
}

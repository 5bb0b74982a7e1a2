/* DOC: tables of a page: source and destination addresses at each hop, the address of every machine, the outcome of each
 * flow, and what was lost, by reason. What is too long for a page says how much more there is, and which command shows it. */
#include "story/explain.h"
#include "view/page.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAX_ROWS 800u
#define MAX_FLOWS 400u

/* ---- addresses at each hop ---- */

/* A name is broken at its hyphens only where it is long. */
#define WHOLE_NAME_MAX 22
static const char *name_classes(const char *name)
{
	return strlen(name) <= WHOLE_NAME_MAX ? "whole" : NULL;
}

static const char *strong_name_classes(const char *name)
{
	return strlen(name) <= WHOLE_NAME_MAX ? "strong whole" : "strong";
}

static size_t n_rows_of(const pp_seen_at *seen, size_t n, size_t first)
{
	size_t i = first;
	while (i < n && seen[i].flow == seen[first].flow && seen[i].first == seen[first].first)
		i++;
	return i - first;
}

static const char *loss_text(struct pp_page *page, const pp_seen_at *s)
{
	const char *place = page_place(page, s->file, s->line, s->made_from);
	return page_kept(page, arena_printf(page->arena, "\xe2\x9c\x97 %s, by %s%s%s%s%s", s->reason, s->by,
					    s->rule ? ", " : "", s->rule ? s->rule : "", place ? ", " : "",
					    place ? place : ""));
}

static void put_seen_at(struct pp_page *page, struct html_table *table, const pp_seen_at *s, const pp_seen_at *before,
			size_t n_rows)
{
	bool source = before && !pp_addr_equal(before->source, s->source),
	     destination = before && !pp_addr_equal(before->destination, s->destination);
	html_row(table, before ? NULL : "group");
	if (before)
		table->column = 1; /* the flow's cell spans this row */
	else
		html_cell(table, strong_name_classes(s->connections), n_rows, NULL, s->connections);
	if (!s->place) {
		html_cell(table, "bad", 1, NULL, "never made: the machine that calls was not running");
		html_cell(table, NULL, 1, NULL, "");
		html_cell(table, NULL, 1, NULL, "");
		html_cell(table, NULL, 1, NULL, "");
		return;
	}
	html_cell(table, name_classes(s->place), 1, NULL, s->place);
	html_cell(table, source ? "mono whole changed" : "mono whole", 1, NULL,
		  page_end_point(page, s->source, s->source_port_first, s->source_port_last, s->protocol));
	html_cell(table, destination ? "mono whole changed" : "mono whole", 1, NULL,
		  page_end_point(page, s->destination, s->destination_port, s->destination_port, s->protocol));
	html_cell(table, "bad", 1, NULL, s->lost ? loss_text(page, s) : "");
}

static void put_all_seen_at(struct pp_page *page, const pp_seen_at *seen, size_t n)
{
	static const char *const heads[] = {"Flow", "is seen at", "from source", "to destination", "and is lost there"};
	struct html_table table;
	size_t i = 0, n_left = 0;
	html_table(&table, &page->out, "who", heads, sizeof heads / sizeof *heads);
	while (i < n) {
		size_t n_rows = n_rows_of(seen, n, i);
		for (size_t k = 0; k < n_rows && i < MAX_ROWS; k++)
			put_seen_at(page, &table, &seen[i + k], k > 0 ? &seen[i + k - 1] : NULL, n_rows);
		n_left += i < MAX_ROWS ? 0 : n_rows;
		i += n_rows;
	}
	html_table_end(&table);
	if (n_left > 0)
		html_textf(&page->out, "p", "warning",
			   "%zu more rows are not in this page; pktpath addresses prints them.", n_left);
}

static void put_unlisted(struct pp_page *page)
{
	const struct model *model = page->result->model;
	for (size_t i = 0, n = 0; i < model->n_flows && n < 20; i++) {
		if (model->flows[i].count <= REPORT_MAX_CONNECTIONS)
			continue;
		html_textf(&page->out, "p", "dim",
			   "Of %s the first %u of %" PRIu32
			   " connections are in this table; those that were seen alike share rows.",
			   model->flows[i].name, REPORT_MAX_CONNECTIONS, model->flows[i].count);
		n++;
	}
}

static const char *outside_text(struct pp_page *page, const pp_address *a)
{
	char printed[PP_ADDR_TEXT_BYTES];
	if (!a->has_outside)
		return "\xe2\x80\x93";
	pp_addr_print(a->outside, printed);
	if (a->port_last == 0)
		return page_kept(page, arena_strdup(page->arena, printed));
	if (a->n_ports > (uint32_t)(a->port_last - a->port_first))
		return page_kept(page, arena_printf(page->arena, "%s:%u-%u", printed, a->port_first, a->port_last));
	/* Some of them are never given. */
	return page_kept(page, arena_printf(page->arena, "%s:%u-%u (%u ports)", printed, a->port_first, a->port_last,
					    a->n_ports));
}

static int put_addresses(struct pp_page *page)
{
	struct html_table table;
	static const char *const heads[] = {"Who", "inside", "outside", "what it is", "outside address by"};
	const pp_address *addresses;
	size_t n;
	int r = pp_run_addresses(page->result, &addresses, &n);
	if (r < 0)
		return r;
	html_fold(&page->out, NULL, n <= 12, NULL, "The address of every machine, at the end of the run");
	html_table(&table, &page->out, NULL, heads, sizeof heads / sizeof *heads);
	for (size_t i = 0; i < n && i < MAX_FLOWS; i++) {
		char printed[PP_ADDR_TEXT_BYTES];
		html_row(&table, NULL);
		html_cell(&table, strong_name_classes(addresses[i].name), 1, NULL, addresses[i].name);
		html_cell(&table, "mono whole", 1, NULL,
			  addresses[i].has_inside ? pp_addr_print(addresses[i].inside, printed) : "\xe2\x80\x93");
		html_cell(&table, "mono whole", 1, NULL, outside_text(page, &addresses[i]));
		html_cell(&table, NULL, 1, NULL, addresses[i].what);
		html_cell(&table, NULL, 1, NULL, addresses[i].by ? addresses[i].by : "");
	}
	html_table_end(&table);
	if (n > MAX_FLOWS)
		html_textf(&page->out, "p", "warning", "%zu more are not in this page; pktpath addresses prints them.",
			   n - MAX_FLOWS);
	html_fold_end(&page->out);
	return 0;
}

int page_seen_at(struct pp_page *page)
{
	const pp_seen_at *seen;
	size_t n;
	int r = pp_run_seen_at(page->result, &seen, &n);
	if (r < 0)
		return r;
	html_section(&page->out, "who", "Source and destination at each hop");
	html_text(&page->out, "p", "dim",
		  "The packet that opens each call, at each place that it passes. An address that differs from the one "
		  "at the place before is marked.");
	put_all_seen_at(page, seen, n);
	put_unlisted(page);
	r = put_addresses(page);
	html_section_end(&page->out);
	return r;
}

/* ---- flows ---- */

static const char *outcomes(struct pp_page *page, uint32_t flow)
{
	uint64_t counts[OUTCOME_COUNT + 1] = {0};
	struct buf text = {0};
	for (uint32_t i = 0; i < page->result->model->flows[flow].count; i++) {
		struct world_connection c;
		world_connection(page->result->world, flow, i, &c);
		counts[c.started ? (size_t)c.outcome : OUTCOME_COUNT]++;
	}
	for (size_t i = 0; i <= OUTCOME_COUNT; i++)
		if (counts[i] > 0)
			buf_printf(&text, "%s%" PRIu64 " %s", text.size_bytes > 0 ? ", " : "", counts[i],
				   i == OUTCOME_COUNT ? "never made" : outcome_name((enum outcome)i));
	const char *made = buf_failed(&text) ? NULL : arena_strdup(page->arena, buf_text(&text));
	buf_free(&text);
	return page_kept(page, made);
}

static const char *held(struct pp_page *page, const struct flow_config *config)
{
	const char *name =
		facade_connection_name(page->arena, page->result->model, config->held_flow, config->held_index);
	return page_kept(page, name ? arena_printf(page->arena, "on %s", name) : NULL);
}

static void put_flow(struct pp_page *page, struct html_table *table, uint32_t flow)
{
	const struct flow_config *config = &page->result->model->flows[flow];
	struct world_counts counts;
	world_flow_counts(page->result->world, flow, &counts);
	const uint64_t numbers[] = {counts.originated, counts.delivered, counts.dropped, counts.translated,
				    counts.retransmissions};
	html_row(table, NULL);
	html_cell(table, strong_name_classes(config->name), 1, NULL, config->name);
	if (config->is_held_push)
		html_cell(table, NULL, 1, NULL, held(page, config));
	else
		html_cell(table, "mono", 1, NULL, config->to_text);
	html_cell(table, NULL, 1, NULL, outcomes(page, flow));
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		html_cell(table, i == 2 && numbers[i] > 0 ? "number bad" : "number", 1, NULL,
			  page_kept(page, arena_printf(page->arena, "%" PRIu64, numbers[i])));
	html_cell(table, "line", 1, NULL, page_line(page, config->place));
}

int page_flows(struct pp_page *page)
{
	struct html_table table;
	static const char *const heads[] = {"Flow",  "to",         "connections",    ">packets", ">delivered",
					    ">lost", ">rewritten", ">retransmitted", "Line"};
	const struct pp_run *run = page->result;
	const uint32_t *order = facade_flows_in_file_order(page->arena, run->model);
	if (!order)
		return -ENOMEM;
	html_section(&page->out, "flows", "Flows");
	html_table(&table, &page->out, NULL, heads, sizeof heads / sizeof *heads);
	size_t n = 0;
	for (int failed = 1; failed >= 0; failed--) /* what failed stands first */
		for (size_t i = 0; i < run->model->n_flows && n < MAX_FLOWS; i++)
			if (run->fates[order[i]].delivered == !failed) {
				put_flow(page, &table, order[i]);
				n++;
			}
	html_table_end(&table);
	if (run->model->n_flows > MAX_FLOWS)
		html_textf(&page->out, "p", "warning", "%zu more flows are not in this page; report.json has all.",
			   run->model->n_flows - MAX_FLOWS);
	html_section_end(&page->out);
	return 0;
}

/* ---- drops ---- */

static void put_drop(struct pp_page *page, struct html_table *table, const struct page_drop *drop)
{
	const struct pp_run *run = page->result;
	const char *name = page_kept(page, facade_connection_name(page->arena, run->model, drop->flow, drop->index));
	struct trace_step step = {.at = drop->at, .node = drop->node, .kind = STEP_DROP, .verdict = drop->verdict};
	html_row(table, NULL);
	html_cell(table, "strong bad", 1, NULL,
		  drop->verdict.detail
			  ? page_kept(page, arena_printf(page->arena, "%s: %s", reason_name(drop->verdict.reason),
							 drop->verdict.detail))
			  : reason_name(drop->verdict.reason));
	html_cell(table, name_classes(world_node_name(run->world, drop->node)), 1, NULL,
		  world_node_name(run->world, drop->node));
	html_cell(table, NULL, 1, NULL,
		  page_kept(page, arena_printf(page->arena, "%s%s%s", drop->verdict.by, drop->verdict.rule ? ", " : "",
					       drop->verdict.rule ? drop->verdict.rule : "")));
	html_cell(table, "line", 1, NULL, page_line(page, place_of_decision(run->model, &step)));
	html_cell(table, "number", 1, NULL, page_kept(page, arena_printf(page->arena, "%" PRIu64, drop->n)));
	html_cell(table, NULL, 1, NULL,
		  page_kept(page, arena_printf(page->arena, "packet %" PRIu64 " of %s%s", drop->packet, name,
					       drop->several ? ", and of other flows" : "")));
	html_cell(table, "mono whole", 1, NULL, page_time(page, drop->at.ns));
}

static void put_drop_cause(struct pp_page *page, const struct page_drop *drop)
{
	if (!drop->cause)
		return;
	html_textf(&page->out, "h3", NULL, "%s at %s", reason_name(drop->verdict.reason),
		   world_node_name(page->result->world, drop->node));
	html_text(&page->out, "p", NULL, drop->cause->what);
	html_text(&page->out, "p", NULL, drop->cause->helps);
}

int page_drops(struct pp_page *page)
{
	static const char *const heads[] = {"Reason", "at", "by", "Line", ">packets", "the first of them", "time"};
	struct html_table table;
	html_section(&page->out, "drops", "Lost packets");
	if (page->n_drops == 0) {
		html_text(&page->out, "p", NULL, "No packet was lost.");
	} else {
		html_table(&table, &page->out, NULL, heads, sizeof heads / sizeof *heads);
		for (size_t i = 0; i < page->n_drops; i++)
			put_drop(page, &table, &page->drops[i]);
		html_table_end(&table);
		for (size_t i = 0; i < page->n_drops; i++)
			put_drop_cause(page, &page->drops[i]);
	}
	if (page->n_drops_untold > 0)
		html_textf(&page->out, "p", "warning",
			   "%" PRIu64
			   " more packets were lost for other reasons or elsewhere; drops.pcapng has them all.",
			   page->n_drops_untold);
	html_section_end(&page->out);
	return 0;
}

/* DOC: a page about a run, from one run of the scenario, or two. The first shows what there is to show: outcomes, losses,
 * mappings, how long it took; it may be the caller's, which writes captures. Only then is it known which connections are
 * worth a ladder and where the time axis ends. Mostly these are the first ones of the flows, which it has recorded; else
 * a second run records them, as a run always does the same. The page itself writes nothing. */
#include "view/page.h"
#include "out/report_read.h"
#include <errno.h>
#include <stdlib.h>

int pp_page_of_run(pp_run *run, pp_page **ret)
{
	*ret = NULL;
	if (run->begun)
		return -EINVAL;
	struct pp_page *page = calloc(1, sizeof *page);
	if (!page)
		return -ENOMEM;
	page->scenario = run->scenario;
	page->result = run;
	page->result_is_borrowed = true;
	page->arena = arena_new();
	int r = page->arena ? page_watch_result(page) : -ENOMEM;
	if (r < 0)
		pp_page_free(page);
	else
		*ret = page;
	return r;
}

int pp_page_new(const pp_scenario *scenario, pp_page **ret)
{
	pp_run *run = NULL;
	*ret = NULL;
	int r = pp_run_new(scenario, NULL, &run);
	if (r == 0)
		r = pp_page_of_run(run, ret);
	if (r < 0)
		pp_run_free(run);
	else
		(*ret)->result_is_borrowed = false;
	return r;
}

void pp_page_free(pp_page *page)
{
	if (!page)
		return;
	kept_packets_free(page->kept);
	ports_free(page->ports);
	pp_run_free(page->recorded);
	if (!page->result_is_borrowed)
		pp_run_free(page->result);
	buf_free(&page->out);
	arena_free(page->arena);
	free(page);
}

const pp_run *pp_page_run(const pp_page *page)
{
	return page->recorded ? page->recorded : page->result;
}

const pp_run *pp_page_result(const pp_page *page)
{
	return page->result;
}

int pp_page_is_true(const pp_page *page)
{
	const struct pp_scenario *scenario = page->scenario;
	const struct buf *report = &page->result->report;
	return !scenario->origin ? 1
				 : report_same(scenario->origin, scenario->origin_bytes, (const char *)report->data,
					       report->size_bytes);
}

/* ---- the two runs ---- */

/* Every ladder's connection, and none of its packets after the end of the time axis. */
static bool has_recorded_all(const struct pp_page *page)
{
	for (size_t i = 0; i < page->n_ladders; i++) {
		const struct recorded_call *call =
			!page->kept ? NULL : kept_packets_of(page->kept, page->ladders[i].flow, page->ladders[i].index);
		if (!call || !kept_packets_end_by(call, page->axis_ns))
			return false;
	}
	return true;
}

static int begin_recording(struct pp_page *page)
{
	page->kept = kept_packets_free(page->kept);
	page->phase = PAGE_RECORDS;
	int r = pp_run_new(page->scenario, NULL, &page->recorded);
	r = r < 0 ? r : kept_packets_new(page->recorded, &page->kept);
	for (size_t i = 0; r == 0 && i < page->n_ladders; i++)
		r = kept_packets_add(page->kept, page->ladders[i].flow, page->ladders[i].index);
	return r;
}

static int learned(struct pp_page *page)
{
	int r = pp_run_finish(page->result);
	r = r < 0 ? r : page_choose_ladders(page);
	if (r < 0)
		return r;
	page_choose_axis(page);
	if (!has_recorded_all(page))
		return begin_recording(page);
	page->phase = PAGE_DONE;
	return 0;
}

static int record(struct pp_page *page, uint64_t max_events)
{
	int r = pp_run_until(page->recorded, page->axis_ns, max_events);
	if (r > 0)
		page->phase = PAGE_DONE;
	return r < 0 ? r : 0;
}

int pp_page_step(pp_page *page, uint64_t max_events)
{
	int r = 0;
	switch (page->phase) {
	case PAGE_LEARNS:
		r = pp_run_step(page->result, max_events);
		return r == 1 ? learned(page) : r;
	case PAGE_RECORDS:
		r = record(page, max_events);
		break;
	case PAGE_DONE:
		break;
	}
	return r < 0 ? r : page->phase == PAGE_DONE;
}

/* ---- the page ---- */

int pp_page_finish(pp_page *page, const char **ret_text, size_t *ret_bytes)
{
	static int (*const sections[])(struct pp_page * page) = {page_head,  page_expected, page_seen_at, page_network,
								 page_flows, page_drops,    page_nats,    page_ladders};
	int r = 0;
	if (page->phase != PAGE_DONE)
		return -EINVAL;
	buf_clear(&page->out);
	html_begin(&page->out, page->result->model->name);
	for (size_t i = 0; r == 0 && i < sizeof sections / sizeof *sections; i++)
		r = sections[i](page);
	html_end(&page->out);
	if (r < 0)
		return r;
	*ret_text = buf_text(&page->out);
	*ret_bytes = page->out.size_bytes;
	return buf_failed(&page->out) ? -ENOMEM : 0;
}

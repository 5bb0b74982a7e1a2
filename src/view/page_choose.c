/* DOC: which connections get a ladder: of each flow the first one, and the first one of each other fate, which is an
 * outcome and the reason of its first loss. Flows with trouble come first, so that what a reader looks for is never
 * what was left out. */
#include "view/page.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_FATES 3u /* of a flow */

struct fate {
	enum outcome outcome;
	enum reason reason;
	bool started;
};

static struct fate fate_of(const struct pp_run *run, uint32_t flow, uint32_t index)
{
	struct world_connection c;
	world_connection(run->world, flow, index, &c);
	return (struct fate){c.outcome, c.loss ? c.loss->verdict.reason : REASON_NONE, c.started};
}

static bool is_same(const struct fate *a, const struct fate *b)
{
	return a->outcome == b->outcome && a->reason == b->reason && a->started == b->started;
}

static bool failed(const struct pp_run *run, uint32_t flow)
{
	for (size_t i = 0; i < run->n_judgements; i++)
		if (!run->judgements[i].pass && run->judgements[i].has_packet && run->judgements[i].flow == flow)
			return true;
	return false;
}

/* Up to MAX_FATES of a flow; those that were never made have nothing to draw. Returns how many. */
static size_t choose_of_flow(const struct pp_run *run, uint32_t flow, struct page_ladder *ret)
{
	struct fate known[MAX_FATES];
	size_t n = 0;
	bool flow_failed = failed(run, flow);
	for (uint32_t i = 0; i < run->model->flows[flow].count && n < MAX_FATES; i++) {
		struct fate fate = fate_of(run, flow, i);
		bool is_new = fate.started;
		for (size_t k = 0; k < n && is_new; k++)
			is_new = !is_same(&known[k], &fate);
		if (!is_new)
			continue;
		known[n] = fate;
		bool lost = fate.reason != REASON_NONE, undelivered = fate.outcome != OUTCOME_DELIVERED;
		ret[n++] = (struct page_ladder){flow, i, flow_failed || lost || undelivered,
						undelivered || (flow_failed && lost)};
	}
	return n;
}

int page_choose_ladders(struct pp_page *page)
{
	struct pp_run *run = page->result;
	const uint32_t *order = facade_flows_in_file_order(page->arena, run->model);
	size_t n_flows = run->model->n_flows, n = 0;
	struct page_ladder *all = arena_array(page->arena, n_flows * MAX_FATES, sizeof *all);
	page->ladders = arena_array(page->arena, PAGE_MAX_LADDERS, sizeof *page->ladders);
	if (!order || !all || !page->ladders)
		return -ENOMEM;
	for (size_t i = 0; i < n_flows; i++)
		n += choose_of_flow(run, order[i], &all[n]);
	for (unsigned turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < n; i++)
			if (all[i].troubled == (turn == 0) && page->n_ladders < PAGE_MAX_LADDERS)
				page->ladders[page->n_ladders++] = all[i];
	page->n_ladders_left_out = n - page->n_ladders;
	return 0;
}

const char *page_ladder_id(const struct pp_page *page, const struct page_ladder *ladder, char id[PAGE_LADDER_ID_BYTES])
{
	(void)snprintf(id, PAGE_LADDER_ID_BYTES, "ladder-%u", (unsigned)(ladder - page->ladders) + 1);
	return id;
}

const struct page_ladder *page_ladder_of(const struct pp_page *page, uint32_t flow)
{
	for (size_t i = 0; i < page->n_ladders; i++)
		if (page->ladders[i].flow == flow)
			return &page->ladders[i];
	return NULL;
}

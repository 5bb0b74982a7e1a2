/* DOC: what the runs behind a page gather. The first reports every packet that is lost and every mapping that ends:
 * both are counted by kind, and of each kind the first ones are kept, so that a run of millions costs no more than one
 * of dozens. It records the first connection of each flow besides, which always has a ladder: where no other connection
 * has one, no second run is needed. */
#include "view/page.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- drops ---- */

static bool is_alike(const struct page_drop *drop, const struct step *step)
{
	const struct verdict *a = &drop->verdict, *b = &step->verdict;
	return drop->node == step->node && a->reason == b->reason && a->rule == b->rule &&
	       a->place.line == b->place.line && strcmp(a->by, b->by) == 0;
}

static int watch_drop(void *context, const struct step *step)
{
	struct pp_page *page = context;
	int r = ports_refuse(page->ports, step);
	if (r < 0)
		return r;
	page->last_ns = step->at.ns;
	for (size_t i = 0; i < page->n_drops; i++) {
		if (!is_alike(&page->drops[i], step))
			continue;
		page->drops[i].n++;
		page->drops[i].several |= page->drops[i].flow != step->flow;
		return 0;
	}
	if (page->n_drops == PAGE_MAX_DROPS) {
		page->n_drops_untold++;
		return 0;
	}
	uint64_t like;
	page->drops[page->n_drops++] = (struct page_drop){.verdict = step->verdict,
							  .node = step->node,
							  .flow = step->flow,
							  .n = 1,
							  .packet = step->packet->id,
							  .at = step->at,
							  .index = step->index_in_flow,
							  .cause = causes_of_step(page->result->causes, step, &like)};
	return 0;
}

/* ---- mappings ---- */

static struct page_nat *nat_of(struct pp_page *page, const struct world_mapping *mapping)
{
	for (size_t i = 0; i < page->n_nats; i++)
		if (page->nats[i].node == mapping->node)
			return &page->nats[i];
	struct page_nat *nat = &page->nats[page->n_nats];
	*nat = (struct page_nat){.name = mapping->nat, .node = mapping->node};
	nat->bars = arena_array(page->arena, PAGE_MAX_BARS + 1, sizeof *nat->bars);
	if (!nat->bars)
		return NULL;
	page->n_nats++;
	return nat;
}

static void count_end(struct page_nat *nat, const char *why)
{
	size_t i = 0;
	while (i < PAGE_ENDS - 1 && nat->ends[i] && strcmp(nat->ends[i], why) != 0)
		i++;
	nat->ends[i] = nat->ends[i] ? nat->ends[i] : why;
	nat->n_ends[i]++;
}

/* Mappings of one flow, from one inside address to one destination, share a bar. */
static struct page_bar *bar_of(struct page_nat *nat, const struct world_mapping *m)
{
	for (size_t i = nat->n_bars; i-- > 0;) {
		struct page_bar *bar = &nat->bars[i];
		if (bar->flow == m->flow && be32_equal(bar->inside.src, m->inside.src) &&
		    be32_equal(bar->inside.dst, m->inside.dst) && bar->inside.proto == m->inside.proto &&
		    (m->inside.proto == PROTO_ICMP || be16_equal(bar->inside.dst_port, m->inside.dst_port)))
			return bar;
	}
	return NULL;
}

static void widen(struct page_bar *bar, const struct world_mapping *m)
{
	const char *why = m->why ? m->why : "still live";
	bar->n++;
	bar->outside_first = m->outside_port < bar->outside_first ? m->outside_port : bar->outside_first;
	bar->outside_last = m->outside_port > bar->outside_last ? m->outside_port : bar->outside_last;
	bar->created = instant_min(bar->created, m->created);
	bar->last_used = instant_before(bar->last_used, m->last_used) ? m->last_used : bar->last_used;
	bar->ended = instant_before(bar->ended, m->ended) ? m->ended : bar->ended;
	bar->why = bar->why && strcmp(bar->why, why) == 0 ? bar->why : NULL;
	bar->packets += m->packets;
	bar->bytes += m->bytes;
}

/* Those that were made first stay: they come in the order in which they end. */
static int watch_mapping(void *context, const struct world_mapping *m)
{
	struct pp_page *page = context;
	struct page_nat *nat = nat_of(page, m);
	if (!nat)
		return -ENOMEM;
	nat->n++;
	int r = ports_add(page->ports, m);
	if (r < 0)
		return r;
	page->last_ns = m->last_used.ns > page->last_ns ? m->last_used.ns : page->last_ns;
	count_end(nat, m->why ? m->why : "still live");
	struct page_bar *bar = bar_of(nat, m);
	if (bar) {
		widen(bar, m);
		nat->n_drawn++;
		return 0;
	}
	size_t at = nat->n_bars;
	while (at > 0 && nat->bars[at - 1].created.ns > m->created.ns)
		at--;
	if (at == PAGE_MAX_BARS)
		return 0;
	if (nat->n_bars == PAGE_MAX_BARS)
		nat->n_drawn -= nat->bars[PAGE_MAX_BARS - 1].n;
	memmove(&nat->bars[at + 1], &nat->bars[at], (nat->n_bars - at) * sizeof *nat->bars);
	nat->bars[at] = (struct page_bar){.inside = m->inside,
					  .flow = m->flow,
					  .n = 1,
					  .outside = m->outside_addr,
					  .outside_first = m->outside_port,
					  .outside_last = m->outside_port,
					  .created = m->created,
					  .last_used = m->last_used,
					  .ended = m->ended,
					  .why = m->why ? m->why : "still live",
					  .packets = m->packets,
					  .bytes = m->bytes};
	nat->n_bars += nat->n_bars < PAGE_MAX_BARS;
	nat->n_drawn++;
	return 0;
}

/* Of many flows only some have a ladder, and packets of the others would fill the memory. */
#define MAX_FLOWS_RECORDED 160u

static int record_first_connections(struct pp_page *page)
{
	const struct model *model = page->result->model;
	if (model->n_flows > MAX_FLOWS_RECORDED)
		return 0;
	int r = kept_packets_new(page->result, &page->kept);
	for (uint32_t i = 0; r == 0 && i < model->n_flows; i++)
		r = kept_packets_add(page->kept, i, 0);
	return r;
}

int page_watch_result(struct pp_page *page)
{
	const struct model *model = page->result->model;
	page->drops = arena_array(page->arena, PAGE_MAX_DROPS, sizeof *page->drops);
	page->nats = arena_array(page->arena, model->elements->n, sizeof *page->nats);
	page->ports = ports_new(page->result);
	if (!page->drops || !page->nats || !page->ports)
		return -ENOMEM;
	page->result->watch_mapping = watch_mapping;
	page->result->watch_context = page;
	int r = record_first_connections(page);
	return r < 0 ? r
		     : trail_observe(
			       world_trail(page->result->world),
			       (struct trail_observer){.wants = 1u << STEP_DROP, .step = watch_drop, .context = page});
}

/* ---- time ---- */

void page_choose_axis(struct pp_page *page)
{
	const struct model *model = page->result->model;
	int64_t end_ns = world_now(page->result->world).ns, last_ns = page->last_ns;
	if (model->n_events > 0 && model->events[model->n_events - 1].at_ns > last_ns)
		last_ns = model->events[model->n_events - 1].at_ns;
	int64_t shown_ns = last_ns < INT64_MAX / 4 ? 2 * last_ns + 300 * NS_PER_S : INT64_MAX;
	page->axis_ns = end_ns < shown_ns ? end_ns : shown_ns;
}

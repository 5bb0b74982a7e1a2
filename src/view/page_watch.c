/* DOC: what the runs behind a page gather. The first tells of every packet that is lost and of every mapping that ends:
 * both are counted by kind, and of each kind the first ones are kept, so that a run of millions costs no more than one
 * of dozens. The second is stopped at equal distances to look how many ports are in use. */
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

/* Those that were made first stay: they come in the order in which they end. */
static int watch_mapping(void *context, const struct world_mapping *m)
{
	struct pp_page *page = context;
	struct page_nat *nat = nat_of(page, m);
	if (!nat)
		return -ENOMEM;
	nat->n++;
	page->last_ns = m->last_used.ns > page->last_ns ? m->last_used.ns : page->last_ns;
	count_end(nat, m->why ? m->why : "still live");
	size_t at = nat->n_bars;
	while (at > 0 && nat->bars[at - 1].created.ns > m->created.ns)
		at--;
	if (at == PAGE_MAX_BARS)
		return 0;
	memmove(&nat->bars[at + 1], &nat->bars[at], (nat->n_bars - at) * sizeof *nat->bars);
	nat->bars[at] = (struct page_bar){m->inside, m->outside_addr, m->outside_port, m->created, m->last_used,
					  m->ended,  m->why,          m->packets,      m->bytes};
	nat->n_bars += nat->n_bars < PAGE_MAX_BARS;
	return 0;
}

int page_watch_result(struct pp_page *page)
{
	const struct model *model = page->result->model;
	page->drops = arena_array(page->arena, PAGE_MAX_DROPS, sizeof *page->drops);
	page->nats = arena_array(page->arena, model->elements->n, sizeof *page->nats);
	if (!page->drops || !page->nats)
		return -ENOMEM;
	page->result->watch_mapping = watch_mapping;
	page->result->watch_context = page;
	return trail_observe(world_trail(page->result->world),
			     (struct trail_observer){.wants = 1u << STEP_DROP, .step = watch_drop, .context = page});
}

/* ---- ports ---- */

struct candidates {
	struct page_series *items;
	size_t n, capacity;
	bool failed;
};

static void propose(struct pp_page *page, struct candidates *candidates, uint32_t node, uint32_t worker,
		    const char *name, uint64_t budget)
{
	struct world_nat_metrics metrics;
	world_nat_metrics(page->result->world, node, worker, &metrics);
	if (metrics.ports_in_use_peak == 0 && metrics.exhausted == 0)
		return;
	if (candidates->n == candidates->capacity) {
		size_t capacity = candidates->capacity ? 2 * candidates->capacity : 16;
		struct page_series *grown = realloc(candidates->items, capacity * sizeof *grown);
		if (!grown) {
			candidates->failed = true;
			return;
		}
		candidates->items = grown;
		candidates->capacity = capacity;
	}
	candidates->items[candidates->n++] = (struct page_series){.name = name,
								  .node = node,
								  .worker = worker,
								  .budget = budget,
								  .peak = metrics.ports_in_use_peak,
								  .refused = metrics.exhausted};
}

/* A budget has no port that is never given. */
static uint64_t all_ports(const struct pp_page *page, uint32_t node, const struct nat_rules *nat)
{
	uint64_t n_addresses = nat->n_addresses > 0 ? nat->n_addresses : 1;
	return n_addresses * world_nat_usable(page->result->world, node, nat->port_first, nat->port_last);
}

static void propose_environment(struct pp_page *page, struct candidates *candidates, uint32_t ase)
{
	const struct pp_run *run = page->result;
	const struct ase_config *config = &run->model->ases[ase];
	uint32_t node = run->model->elements->vip[ase];
	bool own = false;
	for (uint32_t i = 0; i < config->max_workers; i++) {
		uint16_t first;
		uint32_t n;
		if (!world_nat_block(run->world, node, i, &first, &n) || n == 0)
			continue;
		own = true;
		propose(page, candidates, node, i, element_at(run->model, element_worker(run->model, ase, i))->name,
			world_nat_usable(run->world, node, first, (uint16_t)(first + n - 1)));
	}
	if (!own)
		propose(page, candidates, node, NONE, world_node_name(run->world, node),
			all_ports(page, node, &config->snat));
}

/* Of a load balancer: each machine whose calls leave by it. */
static void propose_frontend(struct pp_page *page, struct candidates *candidates, uint32_t node)
{
	const struct pp_run *run = page->result;
	const struct frontend_config *config = &run->model->frontends[element_at(run->model, node)->owner];
	for (uint32_t i = 0; i < config->n_machines; i++) {
		uint16_t first;
		uint32_t n;
		if (!world_nat_block(run->world, node, i, &first, &n) || n == 0)
			continue;
		const char *name = arena_printf(page->arena, "%s %s", world_node_name(run->world, node),
						run->model->hosts[config->machines[i]].name);
		candidates->failed |= !name;
		propose(page, candidates, node, i, name,
			world_nat_usable(run->world, node, first, (uint16_t)(first + n - 1)));
	}
}

/* Of a site or an appliance: each machine that has a block of ports, or the NAT as a whole. */
static void propose_nat(struct pp_page *page, struct candidates *candidates, uint32_t node,
			const struct nat_rules *config)
{
	const struct world *world = page->result->world;
	uint32_t n = world_nat_n_sources(world, node);
	for (uint32_t i = 0; i < n; i++) {
		char address[ADDR_TEXT_BYTES];
		const char *name = arena_printf(page->arena, "%s %s", world_node_name(world, node),
						addr_print(world_nat_source(world, node, i), address));
		candidates->failed |= !name;
		propose(page, candidates, node, i, name, config->ports_per_worker);
	}
	if (n == 0)
		propose(page, candidates, node, NONE, world_node_name(world, node), all_ports(page, node, config));
}

static void propose_all(struct pp_page *page, struct candidates *candidates)
{
	const struct model *model = page->result->model;
	for (uint32_t i = element_next_nat(model, 0); i != NONE; i = element_next_nat(model, i + 1)) {
		const struct element *nat = element_at(model, i);
		if (nat->kind == ELEMENT_VIP)
			propose_environment(page, candidates, nat->owner);
		else if (nat->kind == ELEMENT_FRONTEND)
			propose_frontend(page, candidates, i);
		else
			propose_nat(page, candidates, i, nat->nat);
	}
}

/* The fullest first; of equal ones as they were proposed. */
static void keep_fullest(struct page_series *items, size_t n, size_t n_kept)
{
	for (size_t i = 0; i < n_kept; i++) {
		size_t best = i;
		for (size_t k = i + 1; k < n; k++)
			if (items[k].refused > items[best].refused ||
			    (items[k].refused == items[best].refused && items[k].peak > items[best].peak))
				best = k;
		struct page_series chosen = items[best];
		memmove(&items[i + 1], &items[i], (best - i) * sizeof *items);
		items[i] = chosen;
	}
}

void page_choose_axis(struct pp_page *page)
{
	const struct model *model = page->result->model;
	int64_t end_ns = world_now(page->result->world).ns, last_ns = page->last_ns;
	if (model->n_events > 0 && model->events[model->n_events - 1].at_ns > last_ns)
		last_ns = model->events[model->n_events - 1].at_ns;
	int64_t shown_ns = last_ns < INT64_MAX / 4 ? 2 * last_ns + 300 * NS_PER_S : INT64_MAX;
	page->axis_ns = end_ns < shown_ns ? end_ns : shown_ns;
}

int page_choose_series(struct pp_page *page)
{
	struct candidates candidates = {0};
	propose_all(page, &candidates);
	page->n_series = candidates.n < PAGE_MAX_SERIES ? candidates.n : PAGE_MAX_SERIES;
	page->n_series_left_out = candidates.n - page->n_series;
	page->series = arena_array(page->arena, page->n_series, sizeof *page->series);
	if (page->series && !candidates.failed && page->n_series > 0) {
		keep_fullest(candidates.items, candidates.n, page->n_series);
		memcpy(page->series, candidates.items, page->n_series * sizeof *page->series);
	}
	free(candidates.items);
	return page->series && !candidates.failed ? 0 : -ENOMEM;
}

void page_sample(struct pp_page *page)
{
	for (size_t i = 0; i < page->n_series; i++) {
		struct page_series *series = &page->series[i];
		struct world_nat_metrics metrics;
		world_nat_metrics(page->recorded->world, series->node, series->worker, &metrics);
		uint64_t before = 0;
		for (size_t k = 0; k < page->n_sampled; k++)
			before += series->samples[k].refused;
		series->samples[page->n_sampled] =
			(struct plot_sample){metrics.ports_in_use, metrics.exhausted - before};
	}
	page->n_sampled++;
}

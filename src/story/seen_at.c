/* DOC: who is seen where, from which address. The run notes each place that an opening packet passed (report.c); here
 * connections that look alike are put together. Alike is: the same places in the same order, the same addresses, the
 * same ports called, the same end. Ports that calls come from differ, and become a range. */
#include "model/decided_by.h"
#include "story/explain.h"
#include <errno.h>
#include <inttypes.h>

/* Connections of a flow that look alike. */
struct group {
	uint32_t first, last, n;
};

struct listing {
	struct pp_run *run;
	pp_seen_at *items;
	size_t n, capacity;
	struct group *groups; /* of the flow at hand */
	size_t n_groups;
};

static uint32_t n_listed(const struct flow_config *flow)
{
	return flow->count < REPORT_MAX_CONNECTIONS ? flow->count : REPORT_MAX_CONNECTIONS;
}

/* ---- alike ---- */

static bool same_sight(const struct sight *a, const struct sight *b)
{
	return a->node == b->node && a->tuple.src.raw == b->tuple.src.raw && a->tuple.dst.raw == b->tuple.dst.raw &&
	       (a->tuple.proto == PROTO_ICMP || a->tuple.dst_port.raw == b->tuple.dst_port.raw);
}

static bool same_loss(const struct world_connection *a, const struct world_connection *b)
{
	if (!a->loss || !b->loss)
		return a->loss == b->loss;
	return a->loss->node == b->loss->node && a->loss->verdict.reason == b->loss->verdict.reason &&
	       a->loss->verdict.by == b->loss->verdict.by && a->loss->verdict.rule == b->loss->verdict.rule;
}

static bool alike(const struct pp_run *run, uint32_t flow, uint32_t a, uint32_t b)
{
	struct world_connection x, y;
	world_connection(run->world, flow, a, &x);
	world_connection(run->world, flow, b, &y);
	if (x.started != y.started || !same_loss(&x, &y))
		return false;
	const struct sight *p = run->sights[flow][a].first, *q = run->sights[flow][b].first;
	for (; p && q; p = p->next, q = q->next)
		if (!same_sight(p, q))
			return false;
	return p == q;
}

static void put_into_groups(struct listing *listing, uint32_t flow)
{
	listing->n_groups = 0;
	for (uint32_t i = 0; i < n_listed(&listing->run->model->flows[flow]); i++) {
		size_t g = listing->n_groups; /* the latest group first: neighbours are often alike */
		while (g > 0 && !alike(listing->run, flow, listing->groups[g - 1].first, i))
			g--;
		if (g == 0)
			listing->groups[listing->n_groups++] = (struct group){i, i, 1};
		else
			listing->groups[g - 1] =
				(struct group){listing->groups[g - 1].first, i, listing->groups[g - 1].n + 1};
	}
}

static const char *group_name(struct pp_run *run, uint32_t flow, const struct group *group)
{
	const char *first = facade_connection_name(run->arena, run->model, flow, group->first),
		   *name = run->model->flows[flow].name;
	if (!first || group->n == 1)
		return first;
	if (group->last - group->first + 1 == group->n)
		return arena_printf(run->arena, "%s[%" PRIu32 "..%" PRIu32 "]", name, group->first, group->last);
	return arena_printf(run->arena, "%s and %" PRIu32 " more", first, group->n - 1);
}

/* ---- telling ---- */

static pp_seen_at *add(struct listing *listing, const pp_seen_at *base)
{
	if (listing->n == listing->capacity) {
		size_t capacity = listing->capacity ? listing->capacity * 2 : 64;
		pp_seen_at *grown = arena_array(listing->run->arena, capacity, sizeof *grown);
		if (!grown)
			return NULL;
		for (size_t i = 0; i < listing->n; i++)
			grown[i] = listing->items[i];
		listing->items = grown;
		listing->capacity = capacity;
	}
	listing->items[listing->n] = *base;
	return &listing->items[listing->n++];
}

static void put_tuple(pp_seen_at *item, const struct tuple *tuple)
{
	item->source = facade_addr(tuple->src);
	item->destination = facade_addr(tuple->dst);
	item->source_port_first = item->source_port_last = be16_to(tuple->src_port);
	item->destination_port = be16_to(tuple->dst_port);
	item->protocol = tuple->proto;
}

static const struct sight *sight_at(const struct pp_run *run, uint32_t flow, uint32_t index, size_t turn)
{
	const struct sight *sight = run->sights[flow][index].first;
	while (turn-- > 0)
		sight = sight->next;
	return sight;
}

/* The ports of all in the group, at the place that each passed in this turn. */
static void widen(const struct pp_run *run, uint32_t flow, const struct group *group, size_t turn, pp_seen_at *item)
{
	uint32_t left = group->n;
	for (uint32_t i = group->first; left > 0 && i <= group->last; i++) {
		if (group->n < group->last - group->first + 1 && !alike(run, flow, group->first, i))
			continue;
		uint16_t port = be16_to(sight_at(run, flow, i, turn)->tuple.src_port);
		item->source_port_first = port < item->source_port_first ? port : item->source_port_first;
		item->source_port_last = port > item->source_port_last ? port : item->source_port_last;
		left--;
	}
}

/* Where the opening itself was lost or refused. The place may have been reported already, where a capture would have shown
 * it. */
static bool put_loss(const struct pp_run *run, uint32_t flow, const struct group *group, pp_seen_at *item)
{
	struct world_connection c;
	world_connection(run->world, flow, group->first, &c);
	bool opening = false; /* a loss that was made good is none of the call's */
	for (const struct sight *sight = run->sights[flow][group->first].first;
	     c.loss && c.outcome != OUTCOME_DELIVERED && sight; sight = sight->next)
		opening |= sight->packet == c.loss->packet_id;
	if (!opening)
		return false;
	struct trace_step step = {
		.at = c.loss->at, .node = c.loss->node, .kind = STEP_DROP, .verdict = c.loss->verdict};
	struct place place = place_of_decision(run->model, &step);
	put_tuple(item, &c.loss->tuple);
	item->place = world_node_name(run->world, c.loss->node);
	item->lost = true;
	item->reason = reason_name(c.loss->verdict.reason);
	item->by = c.loss->verdict.by;
	item->rule = c.loss->verdict.rule;
	item->is_route = item->rule && decided_by_route(run->model, item->by);
	item->file = place.file;
	item->line = place.line;
	item->made_from = model_source(run->model, place);
	return true;
}

static int tell_group(struct listing *listing, uint32_t flow, const struct group *group)
{
	struct pp_run *run = listing->run;
	pp_seen_at base = {.flow = run->model->flows[flow].name,
			   .connections = group_name(run, flow, group),
			   .first = group->first,
			   .n = group->n,
			   .n_connections = run->model->flows[flow].count},
		   lost = base;
	const struct sight *sight = run->sights[flow][group->first].first;
	if (!base.connections)
		return -ENOMEM;
	if (!sight)
		return add(listing, &base) ? 0 : -ENOMEM;
	bool ends = put_loss(run, flow, group, &lost);
	pp_seen_at *item = NULL;
	for (size_t turn = 0; sight; sight = sight->next, turn++) {
		item = add(listing, &base);
		if (!item)
			return -ENOMEM;
		put_tuple(item, &sight->tuple);
		item->place = world_node_name(run->world, sight->node);
		widen(run, flow, group, turn, item);
	}
	/* A place that both saw it and ended it is reported once. */
	bool reported = ends && item->place == lost.place && pp_addr_equal(item->source, lost.source) &&
			pp_addr_equal(item->destination, lost.destination);
	if (reported) {
		lost.source_port_first = item->source_port_first;
		lost.source_port_last = item->source_port_last;
		*item = lost;
	} else if (ends) {
		lost.source_port_first = item->source_port_first;
		lost.source_port_last = item->source_port_last;
		return add(listing, &lost) ? 0 : -ENOMEM;
	}
	return 0;
}

int pp_run_seen_at(pp_run *run, const pp_seen_at **ret, size_t *ret_n)
{
	if (!run->finished)
		return -EINVAL;
	struct listing listing = {.run = run,
				  .groups = arena_array(run->arena, REPORT_MAX_CONNECTIONS, sizeof *listing.groups)};
	uint32_t *order = facade_flows_in_file_order(run->arena, run->model);
	int r = listing.groups && order ? 0 : -ENOMEM;
	for (size_t i = 0; r == 0 && i < run->model->n_flows; i++) {
		put_into_groups(&listing, order[i]);
		for (size_t g = 0; r == 0 && g < listing.n_groups; g++)
			r = tell_group(&listing, order[i], &listing.groups[g]);
	}
	*ret = listing.items;
	*ret_n = listing.n;
	return r;
}

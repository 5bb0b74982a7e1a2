/* What the judge remembers of a run: an observer of the trail.
 *
 * DOC: a step counts where a capture at its point would have recorded the packet (STEP_SEEN). The opening packet of a
 * connection is the one that opens a leg (PACKET_OPENING), as first seen at a point; retransmissions stand in where the
 * first try was lost on the way. A DNS query that precedes a call opens something, too, but not the call, and is left
 * out. What a flow with `late` sends opens nothing: there the first data counts.
 *
 * Most packets belong to no expectation, so the path of those is short: a test of the flags, two lookups by index. */
#include "judge/judge.h"
#include <errno.h>
#include <stdlib.h>

/* ---- during the run ---- */

static bool in_any(const struct prefix *prefixes, size_t n, be32 addr)
{
	for (size_t i = 0; i < n; i++) {
		if (prefix_contains(prefixes[i], addr))
			return true;
	}
	return false;
}

bool watch_accepts(const struct expect_config *expect, const struct tuple *tuple)
{
	return (!expect->has_src || be32_equal(expect->src, tuple->src)) &&
	       (!expect->has_dst || be32_equal(expect->dst, tuple->dst)) &&
	       (!expect->src_port.given || (be16_to(tuple->src_port) >= expect->src_port.min &&
					    be16_to(tuple->src_port) <= expect->src_port.max)) &&
	       (!expect->dst_port.given || (be16_to(tuple->dst_port) >= expect->dst_port.min &&
					    be16_to(tuple->dst_port) <= expect->dst_port.max)) &&
	       (expect->n_src_in == 0 || in_any(expect->src_in, expect->n_src_in, tuple->src)) &&
	       !in_any(expect->src_not_in, expect->n_src_not_in, tuple->src) &&
	       (expect->n_dst_in == 0 || in_any(expect->dst_in, expect->n_dst_in, tuple->dst));
}

static bool is_name_query(const struct flow_config *flow, const struct tuple *tuple)
{
	uint32_t dst = be32_to(tuple->dst);
	return flow->dns && tuple->proto == PROTO_UDP && be16_to(tuple->dst_port) == 53 &&
	       (dst == AZURE_DNS_ADDR || dst == PUBLIC_DNS_ADDR);
}

bool judge_is_opening(const struct model *model, const struct step *step)
{
	const struct flow_config *flow = &model->flows[step->flow];
	if (flow->is_held_push)
		return step->packet->payload_bytes > 0;
	return (step->packet->flags & PACKET_OPENING) != 0 && !is_name_query(flow, &step->after);
}

/* Packets of a flow are numbered one by one, so neighbours never take each other's place. */
static struct rewrite *rewrite_place(const struct judge *judge, const struct step *step)
{
	uint32_t number = step->flow * UINT32_C(2654435761) + (uint32_t)step->packet->id;
	return &judge->rewrites[number % JUDGE_REWRITES];
}

static void remember_rewrite(struct judge *judge, const struct step *step)
{
	*rewrite_place(judge, step) = (struct rewrite){
		.packet_id = step->packet->id,
		.flow = step->flow,
		.node = step->node,
		.at = step->at,
		.before = step->before,
		.after = step->after,
		.place = step->verdict.place,
	};
}

static void fill_sight(const struct judge *judge, struct sight *sight, const struct step *step, uint32_t position)
{
	*sight = (struct sight){
		.valid = true,
		.position = position,
		.flow = step->flow,
		.index = step->index_in_flow,
		.node = step->node,
		.at = step->at,
		.packet_id = step->packet->id,
		.tuple = step->after,
	};
	const struct rewrite *rewrite = rewrite_place(judge, step);
	if (rewrite->flow != step->flow || rewrite->packet_id != step->packet->id) {
		/* An older packet of the flow left the place as it is: a rewrite of this one would have taken it. */
		sight->forgotten = rewrite->packet_id != 0 &&
				   (rewrite->flow != step->flow || rewrite->packet_id > step->packet->id);
		return;
	}
	sight->translated = true;
	sight->translated_node = rewrite->node;
	sight->translated_at = rewrite->at;
	sight->before = rewrite->before;
	sight->after = rewrite->after;
	sight->place = rewrite->place;
}

static void follow_hops(struct watch *watch, const struct step *step, uint32_t position)
{
	struct hop_progress *hop = &watch->hops[position];
	if (step->kind == STEP_ORIGINATE) {
		if ((step->packet->flags & PACKET_RETRANSMISSION) != 0)
			hop->now = hop->base;
		else
			hop->base = hop->now;
		hop->packet_id = (uint32_t)step->packet->id;
	}
	if (hop->packet_id != (uint32_t)step->packet->id || hop->now == watch->expect->n_hops ||
	    watch->hop_nodes[hop->now] != step->node)
		return;
	hop->now++;
	if (hop->best < hop->now)
		hop->best = hop->now;
}

/* True where the step is the first of a pass that is asked for. */
static bool follow_passes(struct watch *watch, const struct step *step, uint32_t position)
{
	struct pass_progress *pass = &watch->passes[position];
	bool there = step->node == watch->seen_node;
	if (step->kind == STEP_ORIGINATE) {
		if ((step->packet->flags & PACKET_RETRANSMISSION) != 0)
			pass->now = pass->base;
		else
			pass->base = pass->now;
		pass->packet_id = (uint32_t)step->packet->id;
		pass->there = false;
	}
	if (pass->packet_id != (uint32_t)step->packet->id)
		return false;
	bool comes = there && !pass->there;
	pass->there = there;
	pass->now = (uint16_t)(pass->now + (comes && pass->now < UINT16_MAX));
	return comes && (watch->expect->pass == PASS_LAST || watch->expect->pass == pass->now);
}

static void see_opening(struct judge *judge, struct watch *watch, const struct step *step, uint32_t position)
{
	if (watch->hops)
		follow_hops(watch, step, position);
	if (watch->passes && !follow_passes(watch, step, position))
		return;
	if (watch->last_sights) {
		fill_sight(judge, &watch->last_sights[position], step, position);
		return;
	}
	if (!watch->seen || watch->seen_node != step->node || bitmap_has(watch->seen, position))
		return;
	bitmap_set(watch->seen, position);
	if (!watch->first_seen.valid || position < watch->first_seen.position)
		fill_sight(judge, &watch->first_seen, step, position);
	if (watch_accepts(watch->expect, &step->after))
		return;
	bitmap_set(watch->bad, position);
	if (!watch->first_bad.valid || position < watch->first_bad.position)
		fill_sight(judge, &watch->first_bad, step, position);
}

void watch_settle(struct watch *watch)
{
	for (uint32_t i = 0; watch->last_sights && i < watch->n_connections; i++) {
		const struct sight *sight = &watch->last_sights[i];
		if (!sight->valid)
			continue;
		bitmap_set(watch->seen, i);
		if (!watch->first_seen.valid)
			watch->first_seen = *sight;
		if (watch_accepts(watch->expect, &sight->tuple))
			continue;
		bitmap_set(watch->bad, i);
		if (!watch->first_bad.valid)
			watch->first_bad = *sight;
	}
}

/* ---- what lets a packet through that should be lost ---- */

static bool wants_loss(const struct expect_config *expect)
{
	bool lost = expect->has_outcome && expect->outcome != OUTCOME_DELIVERED && expect->outcome != OUTCOME_FORWARDED;
	return lost || expect->has_reason || expect->by || expect->rule;
}

/* Of the steps of one connection the last rule counts; but one of the group that the item names, and one that stands in
 * the file, before others. */
static uint32_t weight(const struct expect_config *expect, const struct verdict *verdict)
{
	if (!verdict->rule)
		return 0;
	bool is_named = expect->by && verdict->by && strcmp(expect->by, verdict->by) == 0;
	return 1u + (verdict->place.file ? 1u : 0u) + (is_named ? 2u : 0u);
}

static void admit(struct watch *watch, const struct step *step, uint32_t position)
{
	struct admission *admitted = &watch->admitted;
	if (admitted->valid && admitted->position < position)
		return;
	if (admitted->valid && admitted->position == position &&
	    weight(watch->expect, &step->verdict) < weight(watch->expect, &admitted->verdict))
		return;
	*admitted =
		(struct admission){true, position, step->flow, step->node, step->at, step->packet->id, step->verdict};
}

static int observe_admitted(void *context, const struct step *step)
{
	struct judge *judge = context;
	if ((step->kind == STEP_FILTER && !step->verdict.rule) || !judge_is_opening(judge->model, step))
		return 0;
	size_t first = judge->flow_ranges[step->flow], end = judge->flow_ranges[step->flow + 1];
	for (size_t r = first; r < end; r++) {
		const struct watch_range *range = &judge->ranges[r];
		const struct expect_config *expect = range->watch->expect;
		if (step->index_in_flow < range->first || step->index_in_flow > range->last || !wants_loss(expect) ||
		    (expect->packet > 0 && step->packet->serial != expect->packet - 1))
			continue;
		admit(range->watch, step, range->base + (step->index_in_flow - range->first));
	}
	return 0;
}

static void see_flow(struct judge *judge, const struct step *step)
{
	size_t first = judge->flow_ranges[step->flow], end = judge->flow_ranges[step->flow + 1];
	bool opening = first != end && judge_is_opening(judge->model, step);
	for (size_t r = first; r < end; r++) {
		const struct watch_range *range = &judge->ranges[r];
		if (step->index_in_flow < range->first || step->index_in_flow > range->last)
			continue;
		struct watch *watch = range->watch;
		const struct expect_config *expect = watch->expect;
		uint32_t position = range->base + (step->index_in_flow - range->first);
		if (expect->packet > 0 && step->packet->serial != expect->packet - 1)
			continue;
		if (opening || expect->packet > 0)
			see_opening(judge, watch, step, position);
		for (size_t i = 0; i < expect->n_crosses; i++) {
			if (watch->cross_nodes[i] == step->node)
				bitmap_set(watch->crossed[i], position);
		}
		for (size_t i = 0; i < expect->n_never_crosses; i++) {
			if (watch->never_nodes[i] == step->node &&
			    (!watch->trespass.valid || position < watch->trespass.position))
				fill_sight(judge, &watch->trespass, step, position);
		}
	}
}

static int observe(void *context, const struct step *step)
{
	struct judge *judge = context;
	if (step->kind == STEP_TRANSLATE && (judge->keeps_all_rewrites || judge_is_opening(judge->model, step)))
		remember_rewrite(judge, step);
	if ((step->flags & STEP_SEEN) == 0)
		return 0;
	judge->node_passed[step->node] = 1;
	for (struct tap_watch *tap = judge->node_taps[step->node]; tap; tap = tap->next) {
		tap->n_passed++;
		if (tap->filter && !judge->filters.matches(judge->filters.context, tap->filter, step->packet))
			continue;
		if (tap->n_matched++ == 0)
			fill_sight(judge, &tap->first, step, 0);
	}
	see_flow(judge, step);
	return 0;
}

/* ---- before the run ---- */

static int compare_ranges(const void *a, const void *b)
{
	const struct watch_range *x = a, *y = b;
	if (x->flow != y->flow)
		return x->flow < y->flow ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static int compare_order(const void *a, const void *b)
{
	const struct watch_range *x = a, *y = b;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* No connection twice: "connections: {delivered: 3}" must not count one of them double. */
static int set_ranges(struct judge *judge, struct watch *watch)
{
	const struct expect_config *expect = watch->expect;
	watch->ranges = arena_array(judge->arena, expect->n_ranges, sizeof(*watch->ranges));
	if (!watch->ranges)
		return -ENOMEM;
	for (size_t i = 0; i < expect->n_ranges; i++) {
		const struct flow_range *range = &expect->ranges[i];
		watch->ranges[i] = (struct watch_range){range->flow, range->first, range->last, (uint32_t)i, 0, watch};
	}
	if (expect->n_ranges > 1)
		qsort(watch->ranges, expect->n_ranges, sizeof(*watch->ranges), compare_ranges);
	for (size_t i = 0; i < expect->n_ranges; i++) {
		struct watch_range *range = &watch->ranges[i];
		struct watch_range *last = watch->n_ranges == 0 ? NULL : &watch->ranges[watch->n_ranges - 1];
		if (!last || last->flow != range->flow || range->first > last->last) {
			watch->ranges[watch->n_ranges++] = *range;
			continue;
		}
		last->last = last->last > range->last ? last->last : range->last;
		last->order = last->order < range->order ? last->order : range->order;
	}
	if (watch->n_ranges > 1)
		qsort(watch->ranges, watch->n_ranges, sizeof(*watch->ranges), compare_order);
	for (size_t i = 0; i < watch->n_ranges; i++) {
		watch->ranges[i].base = watch->n_connections;
		watch->n_connections += watch->ranges[i].last - watch->ranges[i].first + 1;
	}
	return 0;
}

static uint8_t *bitmap_new(struct judge *judge, uint32_t n)
{
	return arena_alloc(judge->arena, ((size_t)n + 7) / 8);
}

static int watch_init(struct judge *judge, struct watch *watch)
{
	const struct expect_config *expect = watch->expect;
	int r = set_ranges(judge, watch);
	if (r < 0)
		return r;
	if (expect->n_hops >= UINT16_MAX)
		return -EINVAL;
	if (expect_asks_sight(expect)) {
		watch->seen_node = expect->has_seen_at ? expect->seen_at : NONE;
		watch->seen = bitmap_new(judge, watch->n_connections);
		watch->bad = bitmap_new(judge, watch->n_connections);
		if (!watch->seen || !watch->bad)
			return -ENOMEM;
		if (expect->pass > 1)
			watch->passes = arena_array(judge->arena, watch->n_connections, sizeof *watch->passes);
		if (expect->pass == PASS_LAST || !expect->has_seen_at)
			watch->last_sights =
				arena_array(judge->arena, watch->n_connections, sizeof *watch->last_sights);
		if ((expect->pass > 1 && !watch->passes) ||
		    ((expect->pass == PASS_LAST || !expect->has_seen_at) && !watch->last_sights))
			return -ENOMEM;
	}
	if (expect->n_hops > 0) {
		watch->hop_nodes = expect->hops;
		watch->hops = arena_array(judge->arena, watch->n_connections, sizeof(*watch->hops));
		if (!watch->hops)
			return -ENOMEM;
	}
	watch->cross_nodes = expect->crosses;
	watch->crossed = arena_array(judge->arena, expect->n_crosses, sizeof(*watch->crossed));
	watch->never_nodes = expect->never_crosses;
	if (!watch->crossed)
		return -ENOMEM;
	for (size_t i = 0; i < expect->n_crosses; i++) {
		watch->crossed[i] = bitmap_new(judge, watch->n_connections);
		if (!watch->crossed[i])
			return -ENOMEM;
	}
	return 0;
}

static bool needs_trail(const struct watch *watch)
{
	const struct expect_config *expect = watch->expect;
	return expect &&
	       (expect_asks_sight(expect) || expect->n_hops + expect->n_crosses + expect->n_never_crosses > 0);
}

static bool is_watched(const struct watch *watch)
{
	return needs_trail(watch) || (watch->expect && wants_loss(watch->expect));
}

/* Counting sort of all ranges by flow. */
static int index_ranges(struct judge *judge)
{
	const struct model *model = judge->model;
	judge->flow_ranges = arena_array(judge->arena, model->n_flows + 2, sizeof(*judge->flow_ranges));
	if (!judge->flow_ranges)
		return -ENOMEM;
	size_t *begin = judge->flow_ranges + 1; /* shifted by one: after filling, flow_ranges[f] is where f begins */
	size_t n = 0;
	for (size_t e = 0; e < model->n_expects; e++) {
		const struct watch *watch = &judge->watches[e];
		for (size_t i = 0; is_watched(watch) && i < watch->n_ranges; i++, n++)
			begin[watch->ranges[i].flow + 1]++;
	}
	for (size_t f = 1; f <= model->n_flows; f++)
		begin[f] += begin[f - 1];
	judge->ranges = arena_array(judge->arena, n, sizeof(*judge->ranges));
	if (!judge->ranges)
		return -ENOMEM;
	for (size_t e = 0; e < model->n_expects; e++) {
		const struct watch *watch = &judge->watches[e];
		for (size_t i = 0; is_watched(watch) && i < watch->n_ranges; i++)
			judge->ranges[begin[watch->ranges[i].flow]++] = watch->ranges[i];
	}
	return 0;
}

static int tap_init(struct judge *judge, struct tap_watch *tap, const struct expect_config *expect)
{
	tap->expect = expect;
	tap->node = expect->tap;
	tap->next = judge->node_taps[tap->node];
	judge->node_taps[tap->node] = tap;
	if (!expect->filter)
		return 0;
	int r = judge->filters.compile(judge->filters.context, expect->filter, &tap->filter);
	return r > 0 ? -EINVAL : r;
}

int judge_watch(struct judge *judge)
{
	const struct model *model = judge->model;
	uint32_t n_nodes = world_n_nodes(judge->world);
	bool wanted = false, wants_admissions = false;
	judge->rewrites = arena_array(judge->arena, JUDGE_REWRITES, sizeof(*judge->rewrites));
	judge->watches = arena_array(judge->arena, model->n_expects, sizeof(*judge->watches));
	judge->taps = arena_array(judge->arena, model->n_expects, sizeof(*judge->taps));
	judge->node_taps = arena_array(judge->arena, n_nodes, sizeof *judge->node_taps);
	judge->node_passed = arena_alloc(judge->arena, n_nodes);
	if (!judge->watches || !judge->taps || !judge->node_taps || !judge->node_passed || !judge->rewrites)
		return -ENOMEM;
	for (size_t i = 0; i < model->n_expects; i++) {
		const struct expect_config *expect = &model->expects[i];
		int r = 0;
		if (expect->kind == EXPECT_FLOW) {
			judge->watches[i].expect = expect;
			r = watch_init(judge, &judge->watches[i]);
		} else if (expect->kind == EXPECT_TAP) {
			r = tap_init(judge, &judge->taps[i], expect);
		}
		if (r < 0)
			return r;
		judge->keeps_all_rewrites = judge->keeps_all_rewrites || expect->kind == EXPECT_TAP ||
					    expect->n_never_crosses > 0 || expect->packet > 0;
		wanted = wanted || expect->kind == EXPECT_TAP || expect->kind == EXPECT_NAT ||
			 needs_trail(&judge->watches[i]);
		wants_admissions = wants_admissions || (expect->kind == EXPECT_FLOW && wants_loss(expect));
	}
	int r = index_ranges(judge);
	if (r == 0 && wants_admissions)
		r = trail_observe(world_trail(judge->world),
				  (struct trail_observer){.wants = 1u << STEP_FILTER | 1u << STEP_DELIVER,
							  .step = observe_admitted,
							  .context = judge,
							  .openings_only = true});
	if (r < 0 || !wanted)
		return r;
	return trail_observe(world_trail(judge->world),
			     (struct trail_observer){
				     .wants = 1u << STEP_ORIGINATE | 1u << STEP_TRANSLATE | 1u << STEP_FORWARD |
					      1u << STEP_DROP | 1u << STEP_DELIVER,
				     .step = observe,
				     .context = judge,
			     });
}

/* DOC: a recorded connection as a ladder: lanes in the order in which packets first came to the places, so that a call
 * mostly goes from left to right and its answers come back. A place that a packet passed in several steps, such as a
 * NAT that it comes to and leaves, is one stop. */
#include "base/units.h"
#include "model/decided_by.h"
#include "story/explain.h"
#include "view/drawing.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct lanes {
	struct ladder_lane *items;
	uint32_t *of_node;
	size_t n;
};

static enum ladder_lane_kind lane_kind(const struct world *world, uint32_t node)
{
	return world_node_is_nat(world, node)         ? LADDER_NAT
	       : world_node_is_end_point(world, node) ? LADDER_END_POINT
						      : LADDER_FABRIC;
}

static int make_lanes(struct arena *arena, const struct pp_run *run, const struct recorded_call *call,
		      struct lanes *lanes)
{
	uint32_t n_nodes = world_n_nodes(run->world);
	lanes->of_node = arena_array(arena, n_nodes, sizeof *lanes->of_node);
	lanes->items = arena_array(arena, n_nodes, sizeof *lanes->items);
	if (!lanes->of_node || !lanes->items)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_nodes; i++)
		lanes->of_node[i] = NONE;
	for (const struct recorded_packet *packet = call->head; packet; packet = packet->next) {
		for (size_t i = 0; i < packet->n; i++) {
			uint32_t node = packet->stops[i].node;
			if (lanes->of_node[node] != NONE)
				continue;
			lanes->of_node[node] = (uint32_t)lanes->n;
			lanes->items[lanes->n++] =
				(struct ladder_lane){world_node_name(run->world, node), lane_kind(run->world, node)};
		}
	}
	return 0;
}

/* ---- a packet ---- */

static const char *words(struct arena *arena, const struct pp_run *run, const struct recorded_packet *packet,
			 const struct recorded_stop *stop)
{
	struct buf text = {0};
	struct explain_step step = {.kind = stop->kind,
				    .is_route = stop->verdict.rule && decided_by_route(run->model, stop->verdict.by),
				    .flags = stop->flags,
				    .verdict = stop->verdict,
				    .before = stop->before,
				    .after = stop->after,
				    .packet = packet->what};
	struct trace_step trace = {.at = stop->at,
				   .node = stop->node,
				   .kind = stop->kind,
				   .flags = stop->flags,
				   .verdict = stop->verdict,
				   .before = stop->before,
				   .after = stop->after};
	struct place place = place_of_decision(run->model, &trace);
	explain_what(&text, &step);
	size_t before = text.size_bytes;
	buf_putc(&text, ' ');
	explain_whose(&text, &step);
	if (text.size_bytes == before + 1)
		text.size_bytes = before;
	if (stop->kind == STEP_TRANSLATE || stop->kind == STEP_DROP)
		call_place(&text, run->model, place);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return made;
}

/* What is known of the packet, a line a step; addresses where they are others than at the step before. */
static const char *hover(struct arena *arena, const struct pp_run *run, const struct recorded_packet *packet)
{
	struct buf text = {0};
	char seconds[UNITS_TEXT_BYTES];
	buf_printf(&text, "packet %" PRIu64 ": %s%s", packet->id, packet->what,
		   packet->retransmission ? ", a retransmission" : "");
	const char *before = "";
	for (size_t i = 0; i < packet->n; i++) {
		const char *what = words(arena, run, packet, &packet->stops[i]),
			   *tuple = call_addresses(arena, &packet->stops[i].after);
		if (!what || !tuple) {
			text.failed = true;
			break;
		}
		bool same = strcmp(before, tuple) == 0;
		buf_printf(&text, "\n%s s  %s: %s%s%s", units_print_seconds(packet->stops[i].at.ns, seconds),
			   world_node_name(run->world, packet->stops[i].node), what, same ? "" : ", ",
			   same ? "" : tuple);
		before = tuple;
	}
	const char *made = buf_failed(&text) ? NULL : arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return made;
}

static int fill_stops(struct arena *arena, const struct lanes *lanes, const struct recorded_packet *packet,
		      struct ladder_row *row)
{
	struct ladder_stop *stops = arena_array(arena, packet->n, sizeof *stops);
	row->stops = stops;
	if (!stops)
		return -ENOMEM;
	for (size_t i = 0; i < packet->n; i++) {
		const struct recorded_stop *stop = &packet->stops[i];
		uint32_t lane = lanes->of_node[stop->node];
		bool same = row->n_stops > 0 && stops[row->n_stops - 1].lane == lane;
		struct ladder_stop *to = &stops[same ? row->n_stops - 1 : row->n_stops++];
		to->lane = lane;
		to->addresses = call_addresses(arena, &stop->after);
		if (!to->addresses)
			return -ENOMEM;
		to->rewritten |= stop->kind == STEP_TRANSLATE;
	}
	return 0;
}

static const char *loss_text(struct arena *arena, const struct verdict *verdict, const struct pp_run *run,
			     const struct recorded_stop *stop)
{
	struct trace_step step = {
		.at = stop->at, .node = stop->node, .kind = STEP_DROP, .flags = stop->flags, .verdict = *verdict};
	struct place place = place_of_decision(run->model, &step);
	const char *rule = verdict->rule ? verdict->rule : "", *kind = !verdict->rule ? ""
								       : decided_by_route(run->model, verdict->by)
									       ? "route "
									       : "rule ";
	struct buf text = {0};
	buf_printf(&text, "%s: %s%s%s%s", reason_name(verdict->reason), kind, rule, verdict->rule ? " of " : "",
		   verdict->by);
	call_place(&text, run->model, place);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return made;
}

static const char *time_text(struct arena *arena, int64_t ns)
{
	return arena_printf(arena, "%" PRId64 ".%06" PRId64 " s", ns / NS_PER_S, ns % NS_PER_S / NS_PER_US);
}

static const char *skipped_text(struct arena *arena, uint64_t n, uint64_t n_lost)
{
	return n_lost == 0 ? arena_printf(arena, "%" PRIu64 " more packets, all delivered", n)
			   : arena_printf(arena, "%" PRIu64 " more packets, %" PRIu64 " of them lost", n, n_lost);
}

static int fill_row(struct arena *arena, const struct pp_run *run, const struct lanes *lanes,
		    const struct recorded_packet *packet, struct ladder_row *row)
{
	const struct recorded_stop *last = &packet->stops[packet->n - 1];
	*row = (struct ladder_row){.time_ns = packet->stops[0].at.ns,
				   .time = time_text(arena, packet->stops[0].at.ns),
				   .what = packet->retransmission ? arena_printf(arena, "%s (again)", packet->what)
								  : packet->what,
				   .hover = hover(arena, run, packet),
				   .again = packet->retransmission,
				   .under_way = !packet->ended};
	if (packet->lost)
		row->loss = loss_text(arena, &last->verdict, run, last);
	if (packet->n_skipped > 0)
		row->skipped = skipped_text(arena, packet->n_skipped, packet->n_skipped_lost);
	bool failed = !row->time || !row->what || !row->hover || (packet->lost && !row->loss) ||
		      (packet->n_skipped > 0 && !row->skipped);
	return failed ? -ENOMEM : fill_stops(arena, lanes, packet, row);
}

int call_ladder(struct arena *arena, const struct pp_run *run, const struct recorded_call *call, struct ladder *ret)
{
	struct lanes lanes = {0};
	struct ladder_row *rows = arena_array(arena, call->n, sizeof *rows);
	int r = rows ? make_lanes(arena, run, call, &lanes) : -ENOMEM;
	*ret = (struct ladder){.title = run->model->name,
			       .subtitle = call_subtitle(arena, run, call->flow, call->index),
			       .lanes = lanes.items,
			       .n_lanes = lanes.n,
			       .rows = rows};
	if (r == 0)
		r = call_verdict(arena, run, call->flow, call->index, &ret->verdict);
	for (const struct recorded_packet *packet = call->head; r == 0 && packet; packet = packet->next)
		r = fill_row(arena, run, &lanes, packet, &rows[ret->n_rows++]);
	return r == 0 && !ret->subtitle ? -ENOMEM : r;
}

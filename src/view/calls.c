/* DOC: a connection in words, and the way of its openings through the boxes of a network. A way has the packets that
 * open the call or a leg of it, in their order, and the first one that was lost where it is another. What a fabric does
 * not change is passed: a place stands once, however many steps it took. */
#include "model/decided_by.h"
#include "story/explain.h"
#include "view/drawing.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAX_LEGS 6u

/* ---- words ---- */

const char *call_subtitle(struct arena *arena, const struct pp_run *run, uint32_t flow, uint32_t index)
{
	struct world_connection c;
	const struct flow_config *config = &run->model->flows[flow];
	world_connection(run->world, flow, index, &c);
	const char *name = facade_connection_name(arena, run->model, flow, index);
	if (!name)
		return NULL;
	if (config->is_held_push) {
		const char *held = facade_connection_name(arena, run->model, config->held_flow, config->held_index);
		return !held ? NULL
		       : !c.started
			       ? arena_printf(arena, "%s on %s: it was never made, nothing was held open", name, held)
			       : arena_printf(arena, "%s: %s pushes data on %s, %s", name, c.from, held,
					      outcome_name(c.outcome));
	}
	if (!c.started)
		return arena_printf(arena, "%s to %s: it was never made, the machine that calls was not running", name,
				    config->to_text);
	return arena_printf(arena, "%s: %s to %s, %s", name, c.from, config->to_text, outcome_name(c.outcome));
}

const char *call_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void call_place(struct buf *out, const struct model *model, struct place place)
{
	const char *made_from = model_source(model, place);
	if (place.file)
		buf_printf(out, ", %s:%" PRIu32, call_file_name(place.file), place.line);
	if (made_from)
		buf_printf(out, ", from %s", made_from);
}

int call_verdict(struct arena *arena, const struct pp_run *run, uint32_t flow, uint32_t index, const char **ret)
{
	struct world_connection c;
	world_connection(run->world, flow, index, &c);
	*ret = NULL;
	if (!c.loss)
		return 0;
	const struct verdict *verdict = &c.loss->verdict;
	struct trace_step step = {.at = c.loss->at, .node = c.loss->node, .kind = STEP_DROP, .verdict = *verdict};
	struct place place = place_of_decision(run->model, &step);
	struct buf text = {0};
	buf_printf(&text, "packet %" PRIu64 " was lost at %s: %s", c.loss->packet_id,
		   world_node_name(run->world, c.loss->node), reason_name(verdict->reason));
	if (verdict->rule)
		buf_printf(&text, ", by %s %s of %s", decided_by_route(run->model, verdict->by) ? "route" : "rule",
			   verdict->rule, verdict->by);
	else
		buf_printf(&text, ", by %s", verdict->by);
	call_place(&text, run->model, place);
	*ret = buf_failed(&text) ? NULL : arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return *ret ? 0 : -ENOMEM;
}

/* ---- the way ---- */

void call_nodes(const struct recorded_call *call, bool *nodes)
{
	for (const struct recorded_packet *packet = call ? call->head : NULL; packet; packet = packet->next)
		for (size_t i = 0; i < packet->n; i++)
			nodes[packet->stops[i].node] = true;
}

const char *call_addresses(struct arena *arena, const struct tuple *tuple)
{
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	addr_print(tuple->src, src);
	addr_print(tuple->dst, dst);
	/* Nor has a later fragment ports. */
	if (tuple->proto == PROTO_ICMP || (be16_to(tuple->src_port) == 0 && be16_to(tuple->dst_port) == 0))
		return arena_printf(arena, "%s \xe2\x86\x92 %s", src, dst);
	return arena_printf(arena, "%s:%u \xe2\x86\x92 %s:%u", src, be16_to(tuple->src_port), dst,
			    be16_to(tuple->dst_port));
}

/* A machine's own public address is a box of its own: there the packet becomes what the world sees. What an appliance's
 * NAT translates to the machine's private address stays at the machine. */
static uint32_t box_of(const struct network *network, const struct recorded_stop *stop)
{
	uint32_t own = network->own_address_of_node[stop->node];
	if (stop->kind != STEP_TRANSLATE || own == TOPOLOGY_NONE)
		return network->box_of_node[stop->node];
	be32 public_ip = network->model->hosts[element_at(network->model, stop->node)->owner].public_ip;
	bool at_own = be32_equal(stop->after.src, public_ip) || be32_equal(stop->before.dst, public_ip);
	return at_own ? own : network->box_of_node[stop->node];
}

static void put_stop(struct topology_leg *leg, struct topology_stop *stops, struct topology_stop stop)
{
	if (stop.box == TOPOLOGY_NONE)
		return;
	if (leg->n > 0 && stops[leg->n - 1].box == stop.box)
		leg->n--;
	stops[leg->n++] = stop;
}

static int fill_leg(struct arena *arena, const struct pp_run *run, const struct network *network,
		    const struct recorded_packet *packet, struct topology_leg *leg)
{
	struct topology_stop *stops = arena_array(arena, 2 * packet->n, sizeof *stops);
	leg->stops = stops;
	leg->lost = packet->lost;
	leg->what =
		arena_printf(arena, "%s, packet %" PRIu64 "%s", packet->what, packet->id, packet->lost ? ", lost" : "");
	if (!stops || !leg->what)
		return -ENOMEM;
	for (size_t i = 0; i < packet->n; i++) {
		const struct recorded_stop *stop = &packet->stops[i];
		const char *before = call_addresses(arena, &stop->before), *after = call_addresses(arena, &stop->after);
		uint32_t box = box_of(network, stop), machine = network->box_of_node[stop->node];
		if (!before || !after)
			return -ENOMEM;
		struct topology_stop at = {box, world_node_name(run->world, stop->node), after};
		/* An appliance takes what it translates before the world sees its address. */
		if (box != machine && !be32_equal(stop->before.src, stop->after.src))
			put_stop(leg, stops, (struct topology_stop){machine, at.place, before});
		put_stop(leg, stops, at);
	}
	return 0;
}

int call_legs(struct arena *arena, const struct pp_run *run, const struct network *network,
	      const struct recorded_call *call, struct topology *topology)
{
	struct topology_leg *legs = arena_array(arena, MAX_LEGS + 1, sizeof *legs);
	struct world_connection c;
	if (!legs)
		return -ENOMEM;
	topology->legs = legs;
	world_connection(run->world, call->flow, call->index, &c);
	uint64_t lost = c.loss ? c.loss->packet_id : 0;
	bool reported = lost == 0;
	for (const struct recorded_packet *packet = call->head; packet; packet = packet->next) {
		bool opens = packet->opening && !packet->retransmission && topology->n_legs < MAX_LEGS;
		if (!opens && (reported || packet->id != lost))
			continue;
		int r = fill_leg(arena, run, network, packet, &legs[topology->n_legs]);
		if (r < 0)
			return r;
		topology->n_legs += legs[topology->n_legs].n > 0;
		reported |= packet->id == lost;
		if (topology->n_legs > MAX_LEGS)
			break;
	}
	return 0;
}

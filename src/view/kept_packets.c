/* DOC: the packets of a connection, for ladders and ways. A connection may have a million packets and no reader looks at
 * so many arrows: the first ones are kept, the last ones, and of those between them what was lost or retransmitted, up to
 * a bound. The others are counted where they stood, so that a picture can say what it leaves out. Steps of filters and
 * routes are not kept: they happen at a place that another step names. */
#include "view/kept_packets.h"
#include <errno.h>
#include <stdlib.h>

#define KEEP_FIRST 30u
#define KEEP_LAST 14u
#define KEEP_MARKED 16u

struct kept_packets {
	struct pp_run *run;
	struct recorded_call **calls; /* by flow */
	size_t n_flows;
};

/* ---- packets ---- */

static void unlink_packet(struct recorded_call *call, struct recorded_packet *packet)
{
	if (packet->before)
		packet->before->next = packet->next;
	else
		call->head = packet->next;
	if (packet->next)
		packet->next->before = packet->before;
	else
		call->tail = packet->before;
	call->n--;
}

static void packet_free(struct recorded_packet *packet)
{
	free(packet->stops);
	free(packet);
}

static bool is_marked(const struct recorded_packet *packet)
{
	return packet->lost || packet->retransmission;
}

/* Lets go of a packet in the middle, where there are too many: the oldest that has arrived and shows nothing of its
 * own. */
static void let_go(struct recorded_call *call)
{
	if (call->n <= KEEP_FIRST + KEEP_LAST + call->n_marked)
		return;
	struct recorded_packet *packet = call->head;
	while (packet && (packet->first || !packet->ended || (is_marked(packet) && call->n_marked <= KEEP_MARKED)))
		packet = packet->next;
	if (!packet || !packet->next)
		return;
	packet->next->n_skipped += packet->n_skipped + 1;
	packet->next->n_skipped_lost += packet->n_skipped_lost + packet->lost;
	call->n_marked -= is_marked(packet);
	unlink_packet(call, packet);
	packet_free(packet);
}

static struct recorded_packet *begin(struct kept_packets *kept, struct recorded_call *call, const struct step *step)
{
	struct recorded_packet *packet = calloc(1, sizeof *packet);
	if (!packet)
		return NULL;
	packet->id = step->packet->id;
	packet->opening = judge_is_opening(kept->run->model, step);
	packet->retransmission = (step->packet->flags & PACKET_RETRANSMISSION) != 0;
	packet->first = call->n < KEEP_FIRST && (!call->tail || call->tail->first);
	(void)explain_packet(step->packet, packet->what);
	packet->before = call->tail;
	if (call->tail)
		call->tail->next = packet;
	else
		call->head = packet;
	call->tail = packet;
	call->n++;
	call->n_marked += packet->retransmission;
	return packet;
}

static int add_stop(struct recorded_call *call, struct recorded_packet *packet, const struct step *step)
{
	if (packet->n == packet->capacity && packet->n < RECORD_MAX_STOPS) {
		size_t capacity = packet->capacity ? 2 * packet->capacity : 6;
		struct recorded_stop *grown = realloc(packet->stops, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		packet->stops = grown;
		packet->capacity = capacity;
	}
	if (packet->n >= RECORD_MAX_STOPS) { /* the last one gives its place: where it ended counts */
		packet->n_stops_left_out++;
		packet->n--;
	}
	packet->stops[packet->n++] = (struct recorded_stop){step->at,      step->node,   step->kind, step->flags,
							    step->verdict, step->before, step->after};
	packet->ended = step->kind == STEP_DROP || step->kind == STEP_DELIVER;
	if (step->kind == STEP_DROP) {
		call->n_marked += !is_marked(packet);
		packet->lost = true;
	}
	return 0;
}

/* ---- observing ---- */

static int observe(void *context, const struct step *step)
{
	struct kept_packets *kept = context;
	struct recorded_call *call = kept->calls[step->flow];
	while (call && call->index != step->index_in_flow)
		call = call->next;
	if (!call)
		return 0;
	struct recorded_packet *packet = call->tail;
	while (packet && packet->id != step->packet->id)
		packet = packet->before;
	if (!packet && step->kind != STEP_ORIGINATE)
		return 0; /* it was let go */
	if (!packet)
		packet = begin(kept, call, step);
	int r = packet ? add_stop(call, packet, step) : -ENOMEM;
	let_go(call);
	return r;
}

int kept_packets_new(struct pp_run *run, struct kept_packets **ret)
{
	struct kept_packets *kept = calloc(1, sizeof *kept);
	*ret = kept;
	if (!kept)
		return -ENOMEM;
	kept->run = run;
	kept->n_flows = run->model->n_flows;
	kept->calls = calloc(run->model->n_flows + 1, sizeof *kept->calls);
	if (!kept->calls)
		return -ENOMEM;
	uint32_t wants =
		1u << STEP_ORIGINATE | 1u << STEP_TRANSLATE | 1u << STEP_FORWARD | 1u << STEP_DELIVER | 1u << STEP_DROP;
	return trail_observe(
		world_trail(run->world),
		(struct trail_observer){.wants = wants, .step = observe, .context = kept, .watched_only = true});
}

int kept_packets_add(struct kept_packets *kept, uint32_t flow, uint32_t index)
{
	if (kept_packets_of(kept, flow, index))
		return 0;
	struct recorded_call *call = calloc(1, sizeof *call);
	if (!call)
		return -ENOMEM;
	*call = (struct recorded_call){.flow = flow, .index = index, .next = kept->calls[flow]};
	kept->calls[flow] = call;
	trail_watch(world_trail(kept->run->world), world_connection_number(kept->run->world, flow, index));
	return 0;
}

const struct recorded_call *kept_packets_of(const struct kept_packets *kept, uint32_t flow, uint32_t index)
{
	const struct recorded_call *call = kept->calls[flow];
	while (call && call->index != index)
		call = call->next;
	return call;
}

bool kept_packets_end_by(const struct recorded_call *call, int64_t ns)
{
	for (const struct recorded_packet *packet = call->head; packet; packet = packet->next)
		if (packet->stops[packet->n - 1].at.ns > ns)
			return false;
	return true;
}

struct kept_packets *kept_packets_free(struct kept_packets *kept)
{
	for (size_t i = 0; kept && kept->calls && i < kept->n_flows; i++) {
		for (struct recorded_call *call = kept->calls[i], *next; call; call = next) {
			next = call->next;
			for (struct recorded_packet *packet = call->head, *after; packet; packet = after) {
				after = packet->next;
				packet_free(packet);
			}
			free(call);
		}
	}
	if (kept)
		free(kept->calls);
	free(kept);
	return NULL;
}

/* DOC: what an explanation keeps of a run. An observer of the trail keeps the steps of the packets that show a call's
 * story; nothing is simulated differently for it.
 *
 * Which packets show it: those that open the call or one of its legs (the front end's own connection to a worker, a DNS
 * query, FTP's data), what answers them, the first reset, the first ICMP error, and the first that is lost. The last is
 * known when it happens, so the steps of every packet on its way are kept until it arrives; after the first loss nothing
 * needs that any more. Or the one packet that was asked for by number.
 *
 * A packet that a flow record lets pass was not judged by a rule; the rule that opened the flow is remembered, so that
 * it can be cited. */
#include "story/explain.h"
#include <errno.h>
#include <stdlib.h>

/* ---- traces ---- */

void trace_free(struct trace *trace)
{
	while (trace) {
		struct trace *next = trace->next;
		free(trace->steps);
		free(trace);
		trace = next;
	}
}

static struct trace *trace_new(struct pp_explanation *explanation, const struct step *step)
{
	struct trace *trace = explanation->spare;
	if (trace) {
		explanation->spare = trace->next;
		trace->n = 0;
	} else {
		trace = calloc(1, sizeof *trace);
	}
	if (!trace)
		return NULL;
	trace->next = NULL;
	trace->id = step->packet->id;
	trace->connection = step->index_in_flow;
	trace->kept = trace->ended = trace->answered = false;
	trace->retransmission = (step->packet->flags & PACKET_RETRANSMISSION) != 0;
	(void)explain_packet(step->packet, trace->what);
	return trace;
}

/* What ended where it arrived was not passed on there. */
static bool passed_on(const struct trace *trace, const struct step *step)
{
	const struct trace_step *last = trace->n > 0 ? &trace->steps[trace->n - 1] : NULL;
	return step->kind == STEP_DROP && last && last->kind == STEP_FORWARD && last->node == step->node &&
	       !(last->flags & STEP_INBOUND);
}

static int trace_add(struct trace *trace, const struct step *step, const struct opened *opened)
{
	if (passed_on(trace, step))
		trace->n--;
	if (trace->n == trace->capacity) {
		size_t capacity = trace->capacity ? trace->capacity * 2 : 16;
		struct trace_step *grown = realloc(trace->steps, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		trace->steps = grown;
		trace->capacity = capacity;
	}
	trace->steps[trace->n++] = (struct trace_step){.at = step->at,
						       .node = step->node,
						       .kind = step->kind,
						       .flags = step->flags,
						       .verdict = step->verdict,
						       .opened_by = opened ? opened->verdict : (struct verdict){0},
						       .opened_at = opened ? opened->at : INSTANT_ZERO,
						       .before = step->before,
						       .after = step->after,
						       .ttl = packet_ip_const(step->packet)->ttl};
	trace->ended = step->kind == STEP_DROP || step->kind == STEP_DELIVER;
	return 0;
}

static void keep(struct traced_call *call, struct trace *trace, pp_packet_role role, uint64_t answers)
{
	struct trace **at = &call->kept;
	while (*at && (*at)->id < trace->id)
		at = &(*at)->next;
	trace->next = *at;
	trace->kept = true;
	trace->role = role;
	trace->answers = answers;
	*at = trace;
	call->n_kept++;
}

/* ---- flow records ---- */

static int remember_opening(struct pp_explanation *explanation, const struct step *step)
{
	if (explanation->n_opened == explanation->capacity_opened) {
		size_t capacity = explanation->capacity_opened ? explanation->capacity_opened * 2 : 32;
		struct opened *grown = realloc(explanation->opened, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		explanation->opened = grown;
		explanation->capacity_opened = capacity;
	}
	explanation->opened[explanation->n_opened++] =
		(struct opened){step->flow, step->index_in_flow, step->node, step->at, step->verdict};
	return 0;
}

static const struct opened *find_opening(const struct pp_explanation *explanation, const struct step *step)
{
	for (size_t i = explanation->n_opened; i-- > 0;) {
		const struct opened *opened = &explanation->opened[i];
		if (opened->flow == step->flow && opened->index == step->index_in_flow && opened->node == step->node)
			return opened;
	}
	return NULL;
}

/* ---- choosing ---- */

static bool is_icmp_error(const struct packet *packet)
{
	const struct icmp_header *icmp = packet_l4_const(packet);
	return packet_ip_const(packet)->proto == PROTO_ICMP && icmp->type != ICMP_ECHO && icmp->type != ICMP_ECHO_REPLY;
}

static bool is_reset(const struct packet *packet)
{
	return packet_ip_const(packet)->proto == PROTO_TCP &&
	       (((const struct tcp_header *)packet_l4_const(packet))->flags & TCP_RST) != 0;
}

/* Before the call that it is for. */
static bool is_name_query(const struct packet *packet)
{
	return packet_ip_const(packet)->proto == PROTO_UDP &&
	       be16_to(((const struct udp_header *)packet_l4_const(packet))->dst_port) == 53;
}

/* An opening that ended where this packet is sent from, whose sender it is for, and that nothing answered so far. */
static struct trace *opening_answered_by(const struct traced_call *call, const struct step *step)
{
	for (struct trace *trace = call->kept; trace; trace = trace->next) {
		if (trace->role != PP_PACKET_OPENING || trace->answered || !trace->ended)
			continue;
		const struct trace_step *end = &trace->steps[trace->n - 1];
		struct tuple back = tuple_reverse(end->after);
		if (end->node == step->node && (is_icmp_error(step->packet) || tuple_equal(&back, &step->after)))
			return trace;
	}
	return NULL;
}

/* True where the packet shows something, with its role. Notes what it is the first of. */
static bool choose(struct pp_explanation *explanation, struct traced_call *call, const struct step *step,
		   pp_packet_role *ret, uint64_t *ret_answers)
{
	const struct packet *packet = step->packet;
	if (packet->flags & PACKET_RETRANSMISSION)
		return false;
	bool first = call->n_kept == 0 && (judge_is_opening(explanation->run->model, step) || is_name_query(packet));
	if ((packet->flags & PACKET_OPENING) != 0 || first) {
		*ret = PP_PACKET_OPENING;
		return true;
	}
	struct trace *opening = opening_answered_by(call, step);
	if (opening) {
		opening->answered = true;
		*ret_answers = opening->id;
		*ret = PP_PACKET_ANSWER;
		return true;
	}
	if (is_icmp_error(packet) && !call->error) {
		call->error = true;
		*ret = PP_PACKET_ERROR;
		return true;
	}
	if (is_reset(packet) && !call->reset) {
		call->reset = true;
		*ret = PP_PACKET_RESET;
		return true;
	}
	return false;
}

/* ---- observing ---- */

static bool is_by_route(const struct step *step)
{
	return step->kind == STEP_ROUTE || (step->kind == STEP_DROP && step->verdict.reason == REASON_ROUTE_NONE);
}

/* What else there was, at this time. */
static void ask_about_route(const struct world *world, const struct step *step, struct trace_step *ret)
{
	ret->beaten = world_route_beaten(world, step->node, step->after.dst);
	if ((step->packet->flags & PACKET_FROM_CALLER) != 0 && world_node_is_end_point(world, step->node))
		ret->way_out = world_way_out(world, step->node, &ret->way_beaten);
}

static struct traced_call *call_of(struct pp_explanation *explanation, const struct step *step)
{
	uint32_t call = explanation->call_of_flow[step->flow];
	if (call == NONE)
		return NULL;
	bool any = explanation->any_index || explanation->calls[call].index == step->index_in_flow;
	return any ? &explanation->calls[call] : NULL;
}

static int begin(struct pp_explanation *explanation, struct traced_call *call, const struct step *step)
{
	pp_packet_role role = PP_PACKET_ASKED;
	uint64_t answers = 0;
	bool chosen = explanation->asked ? step->packet->id == explanation->asked
					 : choose(explanation, call, step, &role, &answers);
	if (chosen && !explanation->asked && call->n_kept == EXPLAIN_MAX_PACKETS) {
		call->n_left_out++;
		chosen = false;
	}
	if (!chosen && (explanation->asked || call->lost))
		return 0;
	struct trace *trace = trace_new(explanation, step);
	if (!trace)
		return -ENOMEM;
	if (chosen) {
		keep(call, trace, role, answers);
	} else {
		trace->next = call->live;
		call->live = trace;
	}
	return 0;
}

static struct trace *find(const struct traced_call *call, uint64_t id)
{
	for (struct trace *trace = call->kept; trace; trace = trace->next)
		if (trace->id == id)
			return trace;
	for (struct trace *trace = call->live; trace; trace = trace->next)
		if (trace->id == id)
			return trace;
	return NULL;
}

/* A NAT has read its payload and put another end in it. */
static bool is_renamed(const struct trace *trace)
{
	for (size_t i = 0; i < trace->n; i++)
		if (trace->steps[i].kind == STEP_TRANSLATE && trace->steps[i].verdict.detail &&
		    trace->steps[i].verdict.rule && strncmp(trace->steps[i].verdict.rule, "alg/", 4) == 0)
			return true;
	return false;
}

/* One that was not chosen is at its end: it is the first loss, a NAT has changed its payload, or nothing will ask for
 * it. */
static void settle(struct pp_explanation *explanation, struct traced_call *call, struct trace *trace, bool first_loss)
{
	struct trace **at = &call->live;
	while (*at != trace)
		at = &(*at)->next;
	*at = trace->next;
	if (first_loss) {
		keep(call, trace, PP_PACKET_LOST, 0);
		return;
	}
	if (!explanation->asked && is_renamed(trace)) {
		if (call->n_kept < EXPLAIN_MAX_PACKETS) {
			keep(call, trace, PP_PACKET_RENAMED, 0);
			return;
		}
		call->n_left_out++;
	}
	trace->next = explanation->spare;
	explanation->spare = trace;
}

int trace_observe(void *context, const struct step *step)
{
	struct pp_explanation *explanation = context;
	struct traced_call *call = call_of(explanation, step);
	if (!call)
		return 0;
	if (step->packet->id > explanation->last_packet)
		explanation->last_packet = step->packet->id;
	int r = 0;
	if (step->kind == STEP_FILTER && step->verdict.rule)
		r = remember_opening(explanation, step);
	if (r == 0 && step->kind == STEP_ORIGINATE)
		r = begin(explanation, call, step);
	struct trace *trace = r < 0 ? NULL : find(call, step->packet->id);
	if (trace)
		r = trace_add(trace, step,
			      step->kind == STEP_FILTER && !step->verdict.rule ? find_opening(explanation, step)
									       : NULL);
	bool first_loss = step->kind == STEP_DROP && !call->lost;
	call->lost |= step->kind == STEP_DROP;
	uint64_t like;
	if (r == 0 && trace && step->kind == STEP_DROP)
		trace->steps[trace->n - 1].cause = causes_of_step(explanation->run->causes, step, &like);
	if (r == 0 && trace && trace->kept && is_by_route(step))
		ask_about_route(explanation->run->world, step, &trace->steps[trace->n - 1]);
	if (r == 0 && trace && trace->ended && !trace->kept)
		settle(explanation, call, trace, first_loss);
	return r;
}

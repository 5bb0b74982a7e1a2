/* DOC: explaining. An observer of the trail keeps the steps of the packets that tell a call's story; nothing is simulated differently for
 * it.
 *
 * Which packets tell it: those that open the call or one of its legs (the front end's own connection to a worker, a DNS query, FTP's data),
 * what answers them, the first reset, the first ICMP error, and the first that is lost. The last is known when it happens, so the steps of
 * every packet on its way are kept until it arrives; after the first loss nobody needs that any more. Or the one packet that was asked for
 * by number.
 *
 * A packet that a flow record lets pass was not judged by a rule; the rule that opened the flow is remembered, so that it can be cited. */
#include "facade/explain.h"
#include "base/names.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- traces ---- */

static void trace_free(struct trace *trace)
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

static int trace_add(struct trace *trace, const struct step *step, const struct verdict *opened_by)
{
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
						       .opened_by = opened_by ? *opened_by : (struct verdict){0},
						       .before = step->before,
						       .after = step->after};
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
	explanation->opened[explanation->n_opened++] = (struct opened){step->flow, step->index_in_flow, step->node, step->verdict};
	return 0;
}

static const struct verdict *find_opening(const struct pp_explanation *explanation, const struct step *step)
{
	for (size_t i = explanation->n_opened; i-- > 0;) {
		const struct opened *opened = &explanation->opened[i];
		if (opened->flow == step->flow && opened->index == step->index_in_flow && opened->node == step->node)
			return &opened->verdict;
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
	return packet_ip_const(packet)->proto == PROTO_TCP && (((const struct tcp_header *)packet_l4_const(packet))->flags & TCP_RST) != 0;
}

/* Before the call that it is for. */
static bool is_name_query(const struct packet *packet)
{
	return packet_ip_const(packet)->proto == PROTO_UDP && be16_to(((const struct udp_header *)packet_l4_const(packet))->dst_port) == 53;
}

/* An opening that ended where this packet is sent from, and that nothing answered so far. */
static struct trace *opening_answered_by(const struct traced_call *call, const struct step *step)
{
	for (struct trace *trace = call->kept; trace; trace = trace->next)
		if (trace->role == PP_PACKET_OPENING && !trace->answered && trace->ended && trace->steps[trace->n - 1].node == step->node)
			return trace;
	return NULL;
}

/* True where the packet tells something, with its role. Notes what it is the first of. */
static bool choose(struct pp_explanation *explanation, struct traced_call *call, const struct step *step, pp_packet_role *ret,
		   uint64_t *ret_answers)
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
	bool chosen = explanation->asked ? step->packet->id == explanation->asked : choose(explanation, call, step, &role, &answers);
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

/* One that was not chosen is at its end: it is the first loss, or nobody will ask for it. */
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
	trace->next = explanation->spare;
	explanation->spare = trace;
}

static int observe(void *context, const struct step *step)
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
		r = trace_add(trace, step, step->kind == STEP_FILTER && !step->verdict.rule ? find_opening(explanation, step) : NULL);
	bool first_loss = step->kind == STEP_DROP && !call->lost;
	call->lost |= step->kind == STEP_DROP;
	if (r == 0 && trace && trace->ended && !trace->kept)
		settle(explanation, call, trace, first_loss);
	return r;
}

/* ---- making ---- */

static const char *nearest_flow(struct pp_explanation *explanation, const char *name)
{
	const struct pp_run *run = explanation->run;
	const char *nearest = name_nearest(name, run->flow_names, run->model->n_flows);
	if (nearest)
		return arena_printf(explanation->arena, "did you mean `%s`?", nearest);
	return run->model->n_flows > 0 ? arena_printf(explanation->arena, "there is `%s`", run->flow_names[0])
				       : "the scenario has no flows; try --from and --to";
}

static int problem(struct pp_explanation *explanation, const char *text, const char *hint)
{
	explanation->problem = text;
	explanation->hint = hint;
	return text ? 1 : -ENOMEM;
}

/* The number between brackets at the end of the text; false where it is none. */
static bool read_index(const char *bracket, uint32_t *ret)
{
	size_t n = strlen(bracket), n_digits = n > 2 ? strspn(bracket + 1, "0123456789") : 0;
	if (n_digits == 0 || n_digits > 9 || n_digits + 2 != n || bracket[n - 1] != ']')
		return false;
	*ret = (uint32_t)strtoul(bracket + 1, NULL, 10);
	return true;
}

static int find_call(struct pp_explanation *explanation, const char *text, struct traced_call *ret)
{
	const struct model *model = explanation->run->model;
	const char *bracket = strchr(text, '[');
	const char *name = bracket ? arena_strndup(explanation->arena, text, (size_t)(bracket - text)) : text;
	if (!name)
		return -ENOMEM;
	*ret = (struct traced_call){.flow = NONE};
	for (uint32_t i = 0; i < model->n_flows; i++)
		if (strcmp(model->flows[i].name, name) == 0)
			ret->flow = i;
	if (ret->flow == NONE)
		return problem(explanation, arena_printf(explanation->arena, "no flow is called `%s`", name),
			       nearest_flow(explanation, name));
	uint32_t count = model->flows[ret->flow].count;
	explanation->any_index = !bracket && explanation->asked != 0;
	explanation->one_connection = bracket != NULL;
	if (bracket && !read_index(bracket, &ret->index))
		return problem(explanation, arena_printf(explanation->arena, "`%s` names no connection", text), "write NAME or NAME[3]");
	if (ret->index >= count)
		return problem(explanation, arena_printf(explanation->arena, "`%s` names no connection of the flow", text),
			       arena_printf(explanation->arena, "`%s` has %" PRIu32 " connection%s, [0] to [%" PRIu32 "]", name, count,
					    count == 1 ? "" : "s", count - 1));
	return 0;
}

static int all_flows(struct pp_explanation *explanation)
{
	size_t n = explanation->run->model->n_flows;
	const uint32_t *order = facade_flows_in_file_order(explanation->arena, explanation->run->model);
	if (!order)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		explanation->calls[i].flow = order[i];
		explanation->call_of_flow[order[i]] = i;
	}
	explanation->n_calls = n;
	return 0;
}

static int choose_calls(struct pp_explanation *explanation, const char *flow)
{
	size_t n_flows = explanation->run->model->n_flows;
	explanation->calls = arena_array(explanation->arena, n_flows + 1, sizeof *explanation->calls);
	explanation->call_of_flow = arena_array(explanation->arena, n_flows, sizeof *explanation->call_of_flow);
	if (!explanation->calls || !explanation->call_of_flow)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_flows; i++)
		explanation->call_of_flow[i] = NONE;
	if (!flow && n_flows == 0)
		return problem(explanation, "the scenario has no flows", "ask about a call that it does not make: --from A --to B");
	if (!flow && explanation->asked && n_flows != 1)
		return problem(explanation, "packets are numbered flow by flow: of which flow?", nearest_flow(explanation, ""));
	explanation->any_index = explanation->asked != 0;
	if (!flow)
		return all_flows(explanation);
	int r = find_call(explanation, flow, &explanation->calls[0]);
	if (r != 0)
		return r;
	explanation->n_calls = 1;
	explanation->call_of_flow[explanation->calls[0].flow] = 0;
	return 0;
}

int pp_explain_new(pp_run *run, const pp_explain_options *options, pp_explanation **ret)
{
	*ret = NULL;
	if (run->begun)
		return -EINVAL;
	struct pp_explanation *explanation = calloc(1, sizeof *explanation);
	if (!explanation)
		return -ENOMEM;
	explanation->run = run;
	explanation->asked = options->packet;
	explanation->arena = arena_new();
	int r = explanation->arena ? choose_calls(explanation, options->flow) : -ENOMEM;
	if (r == 0)
		r = trail_observe(world_trail(run->world), (struct trail_observer){(1u << STEP_KIND_COUNT) - 1, observe, explanation});
	if (r < 0) {
		pp_explanation_free(explanation);
		return r;
	}
	*ret = explanation;
	return r;
}

int pp_explain_finish(pp_explanation *explanation)
{
	if (explanation->asked == 0)
		return 0;
	struct traced_call *call = &explanation->calls[0];
	const char *name = explanation->run->flow_names[call->flow];
	struct arena *arena = explanation->arena;
	if (call->kept) {
		call->index = call->kept->connection;
		return 0;
	}
	if (!explanation->any_index && explanation->run->model->flows[call->flow].count > 1)
		return problem(explanation,
			       arena_printf(arena, "`%s[%" PRIu32 "]` has no packet %" PRIu64, name, call->index, explanation->asked),
			       arena_printf(arena, "packets are numbered over all connections of `%s`; leave [%" PRIu32 "] out", name,
					    call->index));
	if (explanation->last_packet == 0)
		return problem(explanation, arena_printf(arena, "`%s` never sent a packet", name), NULL);
	return problem(explanation, arena_printf(arena, "`%s` has no packet %" PRIu64, name, explanation->asked),
		       arena_printf(arena, "it has packets 1 to %" PRIu64, explanation->last_packet));
}

void pp_explanation_free(pp_explanation *explanation)
{
	if (!explanation)
		return;
	for (size_t i = 0; i < explanation->n_calls; i++) {
		trace_free(explanation->calls[i].kept);
		trace_free(explanation->calls[i].live);
	}
	trace_free(explanation->spare);
	free(explanation->opened);
	arena_free(explanation->arena);
	free(explanation);
}

const char *pp_explanation_problem(const pp_explanation *explanation)
{
	return explanation->problem ? explanation->problem : "";
}

const char *pp_explanation_hint(const pp_explanation *explanation)
{
	return explanation->hint;
}

/* DOC: what an explanation shows, as embedders ask for it. Words are out/explain.h's; what they need beyond the trail
 * is found by decision_places.c. */
#include "base/units.h"
#include "model/arrivals.h"
#include "model/decided_by.h"
#include "story/explain.h"
#include <errno.h>
#include <string.h>

size_t pp_explanation_n_calls(const pp_explanation *explanation)
{
	return explanation->n_calls;
}

/* ---- calls ---- */

static void tell_cause(const struct pp_explanation *explanation, uint32_t flow, uint32_t index, pp_explained_call *ret)
{
	const struct pp_run *run = explanation->run;
	const struct cause *cause = causes_of_connection(run->causes, flow, index);
	if (!cause)
		return;
	ret->cause = facade_cause(cause);
	ret->cause_packet = cause->packet;
	if (cause->flow != flow || cause->index != index)
		ret->cause_call = facade_connection_name(explanation->arena, run->model, cause->flow, cause->index);
}

static void tell_loss(const struct pp_explanation *explanation, const struct world_loss *loss, pp_explained_call *ret)
{
	const struct pp_run *run = explanation->run;
	struct trace_step step = {.at = loss->at, .node = loss->node, .kind = STEP_DROP, .verdict = loss->verdict};
	struct place place = place_of_decision(run->model, &step);
	ret->lost_at = world_node_name(run->world, loss->node);
	ret->lost_packet = loss->packet_id;
	ret->reason = reason_name(loss->verdict.reason);
	ret->by = loss->verdict.by;
	ret->rule = loss->verdict.rule;
	ret->is_route = ret->rule && decided_by_route(run->model, ret->by);
	ret->detail = loss->verdict.detail;
	ret->why = cause_of_reason(loss->verdict.reason);
	ret->rule_file = place.file;
	ret->rule_line = place.line;
	ret->rule_made_from = model_source(run->model, place);
}

/* A late flow pushes on a connection that another one holds: it is reported as that one's. */
static void tell_ends(const struct pp_explanation *explanation, const struct flow_config *flow, pp_explained_call *ret)
{
	const struct flow_config *held = flow->is_held_push ? &explanation->run->model->flows[flow->held_flow] : flow;
	const char *from = endpoint_name(explanation->run->model, explanation->arena, &held->from);
	bool from_caller = !flow->is_held_push || flow->push_by_caller;
	ret->from = from_caller ? from : held->to_text;
	ret->to = from_caller ? held->to_text : from;
	if (flow->is_held_push)
		ret->held = facade_connection_name(explanation->arena, explanation->run->model, flow->held_flow,
						   flow->held_index);
}

/* Of a flow with several connections, where none of them is asked for. */
static void tell_others(const struct pp_explanation *explanation, uint32_t flow, enum outcome outcome,
			pp_explained_call *ret)
{
	const struct pp_run *run = explanation->run;
	uint32_t counts[OUTCOME_COUNT + 1] = {0};
	struct buf text = {0};
	for (uint32_t i = 0; i < run->model->flows[flow].count; i++) {
		struct world_connection c;
		world_connection(run->world, flow, i, &c);
		counts[c.started ? c.outcome : OUTCOME_COUNT]++;
		if (!ret->different && (c.started ? c.outcome : OUTCOME_COUNT) != outcome)
			ret->different = facade_connection_name(explanation->arena, run->model, flow, i);
	}
	for (size_t i = 0; i <= OUTCOME_COUNT; i++)
		if (counts[i] > 0)
			buf_printf(&text, "%s%u %s", text.size_bytes > 0 ? ", " : "", counts[i],
				   i == OUTCOME_COUNT ? "not_started" : outcome_name((enum outcome)i));
	ret->outcomes = arena_strdup(explanation->arena, buf_text(&text));
	buf_free(&text);
}

static const char *why_not(const struct pp_run *run, const struct flow_config *flow, uint32_t index)
{
	int64_t at_ns = arrivals_start_ns(flow, run->model->seed, index);
	if (instant_before(world_now(run->world), (struct instant){at_ns}))
		return "the run ended before its time";
	return flow->is_held_push ? "the connection was not open" : "the machine that calls was not running";
}

static const char *unfinished(const struct pp_explanation *explanation)
{
	char text[UNITS_TEXT_BYTES];
	return arena_printf(explanation->arena, "The run stopped at %s, before the end of the call; raise `stop`.",
			    units_print_duration(world_now(explanation->run->world).ns, text));
}

void pp_explanation_call(const pp_explanation *explanation, size_t index, pp_explained_call *ret)
{
	const struct traced_call *call = &explanation->calls[index];
	const struct pp_run *run = explanation->run;
	const struct flow_config *flow = &run->model->flows[call->flow];
	struct world_connection c;
	world_connection(run->world, call->flow, call->index, &c);
	*ret = (pp_explained_call){
		.name = facade_connection_name(explanation->arena, run->model, call->flow, call->index),
		.n_connections = flow->count,
		.file = flow->place.file,
		.line = flow->place.line,
		.made_from = model_source(run->model, flow->place),
		.started = c.started,
		.n_packets = call->n_kept,
		.n_left_out = call->n_left_out,
		.outcome = c.started ? outcome_name(c.outcome) : "not_started",
	};
	tell_ends(explanation, flow, ret);
	if (flow->count > 1 && !explanation->one_connection && explanation->asked == 0)
		tell_others(explanation, call->flow, c.started ? c.outcome : OUTCOME_COUNT, ret);
	if (!c.started) {
		ret->why = why_not(run, flow, call->index);
		return;
	}
	ret->at_ns = c.started_at.ns;
	ret->caller = c.from;
	ret->tuple = (pp_tuple){facade_addr(c.from_addr), facade_addr(c.to_addr), c.from_port, c.to_port, flow->proto};
	ret->ended_ns = c.outcome == OUTCOME_NONE ? 0 : c.ended_at.ns;
	ret->retransmissions = c.retransmissions;
	tell_cause(explanation, call->flow, call->index, ret);
	if (c.loss)
		tell_loss(explanation, c.loss, ret);
	else if (c.outcome == OUTCOME_NONE && run->model->has_stop)
		ret->why = unfinished(explanation);
	else if (flow->is_held_push && c.outcome == OUTCOME_RESET && call->n_kept == 0)
		ret->why = arena_printf(explanation->arena, "%s had been reset before; nothing was sent.", ret->held);
	else if (flow->from_port != 0 && flow->proto == PROTO_TCP && c.from_port == 0)
		ret->why = arena_printf(explanation->arena,
					"Port %u of %s still belonged to an earlier call to the same port there "
					"(TIME WAIT lasts for minutes); nothing was sent.",
					flow->from_port, c.from);
}

/* ---- packets ---- */

static const struct trace *trace_at(const struct pp_explanation *explanation, size_t call, size_t packet)
{
	const struct trace *trace = explanation->calls[call].kept;
	while (packet-- > 0)
		trace = trace->next;
	return trace;
}

void pp_explanation_packet(const pp_explanation *explanation, size_t call, size_t packet, pp_explained_packet *ret)
{
	const struct trace *trace = trace_at(explanation, call, packet);
	*ret = (pp_explained_packet){trace->id,    trace->role, trace->answers, trace->what, trace->retransmission,
				     trace->ended, trace->n};
}

/* ---- steps ---- */

static const char *phrase(const struct pp_explanation *explanation,
			  void (*say)(struct buf *out, const struct explain_step *step),
			  const struct explain_step *step)
{
	struct buf text = {0};
	say(&text, step);
	const char *copy = arena_strdup(explanation->arena, buf_text(&text));
	if (buf_failed(&text))
		arena_fail(explanation->arena);
	buf_free(&text);
	return copy ? copy : "";
}

bool pp_explanation_is_whole(const pp_explanation *explanation)
{
	return !arena_failed(explanation->arena);
}

/* The rival of a route. */
static const char *beaten_route(const struct pp_explanation *explanation, const struct verdict *beaten)
{
	if (!beaten->place.file)
		return arena_printf(explanation->arena, "ahead of route %s of %s", beaten->rule, beaten->by);
	return arena_printf(explanation->arena, "ahead of route %s of %s, %s:%u", beaten->rule, beaten->by,
			    beaten->place.file, beaten->place.line);
}

/* A sentence of the verdict; or what a route won over, and, where it leads to the Internet, the way out. */
static const char *detail(const struct pp_explanation *explanation, uint32_t flow, const struct trace_step *step,
			  bool leads_out)
{
	const char *route = step->beaten.rule ? beaten_route(explanation, &step->beaten) : NULL;
	const struct model *model = explanation->run->model;
	const char *endpoint = endpoint_detail(explanation->arena, model, &model->flows[flow], step);
	if (endpoint)
		return route ? arena_printf(explanation->arena, "%s; %s", route, endpoint) : endpoint;
	if (leads_out && step->way_out && step->way_beaten)
		return arena_printf(explanation->arena, "%s%sout by %s, ahead of %s", route ? route : "",
				    route ? "; " : "", step->way_out, step->way_beaten);
	if (route)
		return route;
	if (step->kind == STEP_TRANSLATE && !step->verdict.detail && !be32_equal(step->before.src, step->after.src) &&
	    element_at(model, step->node)->kind == ELEMENT_LENT)
		return "Azure lends this address, and the scenario has a stand-in for it";
	return step->kind == STEP_FILTER ? NULL : step->verdict.detail;
}

void pp_explanation_step(const pp_explanation *explanation, size_t call, size_t packet, size_t index,
			 pp_explained_step *ret)
{
	const struct trace *trace = trace_at(explanation, call, packet);
	const struct trace_step *step = &trace->steps[index];
	const struct pp_run *run = explanation->run;
	struct explain_step words = {.kind = step->kind,
				     .is_route = step->verdict.rule && decided_by_route(run->model, step->verdict.by),
				     .flags = step->flags,
				     .verdict = step->verdict,
				     .before = step->before,
				     .after = step->after,
				     .packet = trace->what,
				     .opened_by = step->opened_by,
				     .ttl_before = index > 0 ? trace->steps[index - 1].ttl : step->ttl,
				     .ttl = step->ttl};
	route_of_decision(explanation->arena, run->model, step, &words.next_hop, &words.prefix);
	const char *what = phrase(explanation, explain_what, &words),
		   *whose = phrase(explanation, explain_whose, &words);
	struct place place = place_of_decision(run->model, step), event = place_of_change(run->model, step);
	*ret = (pp_explained_step){
		.time_ns = step->at.ns,
		.kind = (pp_step_kind)step->kind,
		.place = world_node_name(run->world, step->node),
		.what = what,
		.whose = whose,
		.detail = detail(explanation, explanation->calls[call].flow, step,
				 words.next_hop && strcmp(words.next_hop, "the Internet") == 0),
		.reason = reason_name(step->verdict.reason),
		.by = step->verdict.by,
		.rule = step->verdict.rule ? step->verdict.rule : step->opened_by.rule,
		.file = place.file,
		.line = place.line,
		.column = place.column,
		.made_from = model_source(run->model, place),
		.event_file = event.file,
		.event_line = event.line,
		.before = facade_tuple(&step->before),
		.after = facade_tuple(&step->after),
	};
	if (step->cause)
		ret->cause = facade_cause(step->cause);
}

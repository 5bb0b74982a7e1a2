/* DOC: asking for an explanation: which calls, which packet, and what is wrong with the question. What a run keeps for
 * it is explain_trace.c's. */
#include "story/explain.h"
#include "base/names.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- which calls ---- */

static int problem(struct pp_explanation *explanation, const char *text, const char *hint)
{
	explanation->problem = text;
	explanation->hint = hint;
	return text ? 1 : -ENOMEM;
}

static int find_call(struct pp_explanation *explanation, const char *text, struct traced_call *ret)
{
	struct found_call found;
	int r = facade_find_call(explanation->arena, explanation->run, text, &found);
	explanation->problem = found.problem;
	explanation->hint = found.hint;
	explanation->any_index = !found.numbered && explanation->asked != 0;
	explanation->one_connection = found.numbered;
	*ret = (struct traced_call){.flow = found.flow, .index = found.index};
	return r;
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
		return problem(explanation, "the scenario has no flows",
			       "ask about a call that it does not make: --from A --to B");
	if (!flow && explanation->asked && n_flows != 1)
		return problem(explanation, "packets are numbered flow by flow: of which flow?",
			       facade_nearest_flow(explanation->arena, explanation->run, ""));
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

/* ---- life ---- */

/* Of the connections asked for: a run of a million takes no longer than without. A packet by its number may be of any
 * connection of its flow; of very many all are looked at. */
static struct trail_observer observer_of(struct pp_explanation *explanation)
{
	struct world *world = explanation->run->world;
	struct trail_observer observer = {.wants = (1u << STEP_KIND_COUNT) - 1,
					  .step = trace_observe,
					  .context = explanation,
					  .watched_only = true};
	for (size_t i = 0; i < explanation->n_calls; i++) {
		const struct traced_call *call = &explanation->calls[i];
		uint32_t n = explanation->any_index ? explanation->run->model->flows[call->flow].count : 1;
		observer.watched_only &= n < TRAIL_WATCH_BITS;
		for (uint32_t k = 0; k < n && observer.watched_only; k++)
			trail_watch(world_trail(world), world_connection_number(world, call->flow, call->index + k));
	}
	return observer;
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
		r = trail_observe(world_trail(run->world), observer_of(explanation));
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
			       arena_printf(arena, "`%s[%" PRIu32 "]` has no packet %" PRIu64, name, call->index,
					    explanation->asked),
			       arena_printf(arena,
					    "packets are numbered over all connections of `%s`; leave [%" PRIu32
					    "] out",
					    name, call->index));
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

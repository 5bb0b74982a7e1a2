/* DOC: asking for an explanation: which calls, which packet, and what is wrong with the question. What a run keeps for it is
 * explain_trace.c's. */
#include "facade/explain.h"
#include "base/names.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- which calls ---- */

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

/* ---- life ---- */

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
		r = trail_observe(world_trail(run->world),
				  (struct trail_observer){(1u << STEP_KIND_COUNT) - 1, trace_observe, explanation});
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

/* DOC: a run as embedders see it: step until nothing is left, then finish. Expectations at an instant are sampled on
 * the way: the world runs to that instant, all of its events done, before the judge looks. */
#include "facade/facade.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int facade_fail(struct pp_run *run, int error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (run->error[0] == '\0')
		(void)vsnprintf(run->error, sizeof run->error, format, args);
	va_end(args);
	return error;
}

/* ---- filters for the judge ---- */

static int compile_filter(void *context, const char *expression, void **ret_filter)
{
	char errbuf[256];
	(void)context;
	return filter_new(expression, (struct filter **)ret_filter, errbuf);
}

static bool filter_accepts(void *context, const void *filter, const struct packet *packet)
{
	(void)context;
	return filter_matches(filter, packet);
}

static void release_filter(void *context, void *filter)
{
	(void)context;
	(void)filter_free(filter);
}

static const struct judge_filters judge_filters = {NULL, compile_filter, filter_accepts, release_filter};

static const struct cause *cause_of_health(void *context, uint32_t failing,
					   const struct world_need_loss losses[N_NEEDS])
{
	return causes_of_health(context, failing, losses);
}

/* ---- life ---- */

static int build(struct pp_run *run, const pp_run_options *options)
{
	const struct model *model = run->model;
	run->arena = arena_new();
	if (!run->arena)
		return -ENOMEM;
	run->options = *options;
	if (options->directory) {
		run->options.directory = arena_strdup(run->arena, options->directory);
		if (!run->options.directory)
			return -ENOMEM;
	}
	run->flow_names = arena_array(run->arena, model->n_flows, sizeof *run->flow_names);
	if (!run->flow_names)
		return -ENOMEM;
	for (size_t i = 0; i < model->n_flows; i++)
		run->flow_names[i] = model->flows[i].name;
	int r = world_new(model, model->seed, &run->world);
	/* Ahead of all other observers: they take the cause of a loss from here. */
	r = r < 0 ? r : causes_new(run->arena, model, run->world, &run->causes);
	const struct judge_causes causes = {run->causes, cause_of_health};
	return r < 0 ? r : judge_new(run->arena, model, run->world, &causes, &judge_filters, &run->judge);
}

int pp_run_new(const pp_scenario *scenario, const pp_run_options *options, pp_run **ret)
{
	static const pp_run_options nothing = {0};
	struct pp_run *run = calloc(1, sizeof *run);
	if (!run)
		return -ENOMEM;
	run->scenario = scenario;
	run->model = scenario->model;
	run->sampled = (struct instant){-1};
	int r = build(run, options ? options : &nothing);
	if (r < 0) {
		pp_run_free(run);
		return r;
	}
	*ret = run;
	return 0;
}

void pp_run_free(pp_run *run)
{
	if (!run)
		return;
	facade_output_abort(run);
	judge_free(run->judge);
	causes_free(run->causes);
	world_free(run->world);
	buf_free(&run->report);
	free(run->warnings);
	arena_free(run->arena);
	free(run);
}

void pp_run_abort(pp_run *run)
{
	if (run->finished || run->dead)
		return;
	run->dead = facade_fail(run, -ECANCELED, "stopped at %.3f s of virtual time; " FACADE_UNTOUCHED,
				(double)world_now(run->world).ns / 1e9);
	facade_output_abort(run);
}

const char *pp_run_error(const pp_run *run)
{
	return run->error;
}

const char *pp_run_notes(const pp_run *run)
{
	return run->notes ? run->notes : "";
}

/* ---- running ---- */

static int begin(struct pp_run *run)
{
	run->begun = true;
	/* The report shows what was seen where; without a directory it is asked for all the same. */
	int r = facade_sights_begin(run);
	return r < 0 ? r : facade_output_begin(run);
}

static int describe(struct pp_run *run, int error)
{
	const char *fault = run->output ? output_fault(run->output) : NULL;
	if (fault)
		return facade_fail(run, error, "%s: %s; " FACADE_UNTOUCHED, fault, strerror(-error));
	return facade_fail(run, error, "%s at %.3f s of virtual time; " FACADE_UNTOUCHED, strerror(-error),
			   (double)world_now(run->world).ns / 1e9);
}

/* The run is over: its files are thrown away. */
static int failed(struct pp_run *run, int error)
{
	run->dead = error;
	if (run->error[0] == '\0')
		(void)describe(run, error);
	facade_output_abort(run);
	return error;
}

/* Lets the judge look at the next instant that was asked for; with `at_end` at all that are left, since nothing changes
 * any more. A run that was cut short never gets to the instants after its `stop`. */
static int sample(struct pp_run *run, struct instant next, bool at_end)
{
	while (!instant_is_never(next) && !(run->model->has_stop && next.ns > run->model->stop_ns)) {
		int r = judge_sample(run->judge, next);
		if (r < 0)
			return r;
		run->sampled = next;
		if (!at_end)
			return 0;
		next = judge_next_sample(run->judge, next);
	}
	return 0;
}

/* To the next instant at which an expectation, or a meter, looks; or to the end. */
static int run_on(struct pp_run *run, uint64_t max_events)
{
	struct instant judged = judge_next_sample(run->judge, run->sampled),
		       next = instant_min(judged, run->look ? run->look_at : INSTANT_NEVER);
	struct world_counts before, now;
	world_counts(run->world, &before);
	int r = world_run(run->world, next, max_events);
	if (r < 0)
		return r;
	world_counts(run->world, &now);
	if (r == 0 && now.events - before.events >= max_events)
		return 0; /* the events were used up before the instant was reached */
	if (r == 0 && run->look && instant_reached(next, run->look_at))
		run->look_at = run->look(run->look_context);
	if (r == 0 && instant_before(next, judged))
		return 0;
	int sampled = sample(run, judged, r == 1);
	return sampled < 0 ? sampled : r;
}

int pp_run_step(pp_run *run, uint64_t max_events)
{
	if (run->dead)
		return run->dead;
	if (run->over)
		return 1;
	int r = run->begun ? 0 : begin(run);
	if (r == 0)
		r = run_on(run, max_events ? max_events : 1);
	if (r < 0)
		return failed(run, r);
	run->over = r == 1;
	return r;
}

int pp_run_until(pp_run *run, int64_t time_ns, uint64_t max_events)
{
	struct world_counts before, now;
	if (run->dead)
		return run->dead;
	int r = run->begun ? 0 : begin(run);
	world_counts(run->world, &before);
	if (r == 0)
		r = world_run(run->world, (struct instant){time_ns}, max_events ? max_events : 1);
	if (r < 0)
		return failed(run, r);
	world_counts(run->world, &now);
	return r == 1 || now.events - before.events < max_events;
}

/* Sent = delivered + dropped + in flight: no packet came from nowhere, none went in silence. */
static bool adds_up(const struct pp_run *run)
{
	struct world_counts all, sum = {0};
	world_counts(run->world, &all);
	for (uint32_t i = 0; i < run->model->n_flows; i++) {
		struct world_counts flow;
		world_flow_counts(run->world, i, &flow);
		sum.originated += flow.originated;
		sum.delivered += flow.delivered;
		sum.dropped += flow.dropped;
	}
	return sum.originated == all.originated && sum.delivered == all.delivered && sum.dropped == all.dropped &&
	       all.originated == all.delivered + all.dropped + all.in_flight;
}

int pp_run_finish(pp_run *run)
{
	if (run->dead)
		return run->dead;
	if (!run->over || run->finished)
		return run->finished ? 0 : -EINVAL;
	if (!adds_up(run)) {
		(void)facade_fail(
			run, -EPROTO,
			"internal error: packets sent, delivered, lost and in flight do not add up; " FACADE_UNTOUCHED);
		return failed(run, -EPROTO);
	}
	int r = judge_finish(run->judge, &run->judgements, &run->n_judgements);
	for (size_t i = 0; r == 0 && i < run->n_judgements; i++)
		run->n_passed += run->judgements[i].pass;
	if (r == 0)
		r = judge_fates(run->judge, &run->fates);
	if (r == 0 && !(run->fate_order = facade_flows_in_file_order(run->arena, run->model)))
		r = -ENOMEM;
	if (r == 0)
		r = causes_finish(run->causes);
	if (r == 0)
		r = facade_findings(run);
	if (r == 0)
		r = facade_output_finish(run);
	if (r < 0)
		return failed(run, r);
	run->finished = true;
	return 0;
}

/* ---- observing ---- */

_Static_assert((int)PP_STEP_ORIGINATE == (int)STEP_ORIGINATE && (int)PP_STEP_DELIVER == (int)STEP_DELIVER &&
		       PP_STEP_ALL == (1u << STEP_KIND_COUNT) - 1,
	       "public step kinds are the trail's");

static int pass_step(void *context, const struct step *step)
{
	const struct bridge *bridge = context;
	pp_step out = {
		.time_ns = step->at.ns,
		.kind = (pp_step_kind)step->kind,
		.flow = bridge->run->flow_names[step->flow],
		.index = step->index_in_flow,
		.packet = step->packet->id,
		.node = world_node_name(bridge->run->world, step->node),
		.reason = reason_name(step->verdict.reason),
		.by = step->verdict.by,
		.rule = step->verdict.rule,
		.detail = step->verdict.detail,
		.file = step->verdict.place.file,
		.line = step->verdict.place.line,
		.before = facade_tuple(&step->before),
		.after = facade_tuple(&step->after),
		.frame_bytes = packet_frame_bytes(step->packet),
		.frame_ = step->packet,
		.made_from = model_source(bridge->run->model, step->verdict.place),
	};
	return bridge->step(bridge->context, &out);
}

void pp_step_frame(const pp_step *step, uint8_t *out)
{
	packet_copy(step->frame_, out);
}

int pp_run_observe(pp_run *run, uint32_t kinds, int (*step)(void *context, const pp_step *step), void *context)
{
	if (run->begun)
		return -EINVAL;
	struct bridge *bridge = arena_alloc(run->arena, sizeof *bridge);
	if (!bridge)
		return -ENOMEM;
	*bridge = (struct bridge){run, step, context};
	return trail_observe(
		world_trail(run->world),
		(struct trail_observer){.wants = kinds & PP_STEP_ALL, .step = pass_step, .context = bridge});
}

/* ---- results ---- */

static int64_t horizon_ns(const struct model *model)
{
	int64_t last = 0;
	for (size_t i = 0; i < model->n_flows; i++) {
		const struct flow_config *flow = &model->flows[i];
		int64_t span_ns; /* each factor has bounds of its own, their product has none */
		if (__builtin_mul_overflow((int64_t)flow->count - 1, flow->every_ns, &span_ns))
			span_ns = INT64_MAX;
		struct instant at = instant_add((struct instant){flow->at_ns}, span_ns);
		last = at.ns > last ? at.ns : last;
	}
	for (size_t i = 0; i < model->n_events; i++)
		last = model->events[i].at_ns > last ? model->events[i].at_ns : last;
	return model->has_stop && model->stop_ns < last ? model->stop_ns : last;
}

void pp_run_summary(const pp_run *run, pp_summary *ret)
{
	struct world_counts counts;
	world_counts(run->world, &counts);
	*ret = (pp_summary){
		.name = run->model->name,
		.directory = run->options.directory,
		.now_ns = world_now(run->world).ns,
		.horizon_ns = horizon_ns(run->model),
		.events = counts.events,
		.packets = counts.originated,
		.delivered = counts.delivered,
		.dropped = counts.dropped,
		.in_flight = counts.in_flight,
		.mappings = run->n_mappings,
		.passed = run->n_passed,
		.failed = run->n_judgements - run->n_passed,
	};
}

size_t pp_run_n_expectations(const pp_run *run)
{
	return run->n_judgements;
}

/* ---- causes ---- */

pp_cause facade_cause(const struct cause *cause)
{
	return (pp_cause){cause->what, cause->helps, cause->settings, cause->n_settings};
}

const struct cause *facade_cause_of(const struct pp_run *run, uint32_t flow, uint32_t index)
{
	struct world_connection c;
	world_connection(run->world, flow, index, &c);
	return c.started && c.outcome != OUTCOME_DELIVERED ? causes_of_connection(run->causes, flow, index) : NULL;
}

/* Of an expectation about ports that a NAT ran out of: who held them. */
static const struct cause *cause_of_exhaustion(const struct pp_run *run, const struct judgement *judgement)
{
	for (size_t i = 0; i < run->model->n_expects; i++) {
		const struct expect_config *expect = &run->model->expects[i];
		if (expect->kind == EXPECT_NAT && expect->metric == METRIC_EXHAUSTED &&
		    expect->place.file == judgement->place.file && expect->place.line == judgement->place.line &&
		    expect->place.column == judgement->place.column)
			return causes_of_exhaustion(run->causes, expect->nat);
	}
	return NULL;
}

const struct cause *facade_cause_of_judgement(const struct pp_run *run, const struct judgement *judgement)
{
	if (judgement->pass || judgement->cause)
		return judgement->cause;
	return judgement->call ? facade_cause_of(run, judgement->call_flow, judgement->call_index)
			       : cause_of_exhaustion(run, judgement);
}

/* Of the first connection of a flow that was not delivered. */
static const struct cause *cause_of_flow(const struct pp_run *run, uint32_t flow)
{
	const struct cause *cause = NULL;
	for (uint32_t i = 0; !cause && i < run->model->flows[flow].count; i++)
		cause = facade_cause_of(run, flow, i);
	return cause;
}

void pp_run_expectation(const pp_run *run, size_t index, pp_expectation *ret)
{
	const struct judgement *j = &run->judgements[index];
	*ret = (pp_expectation){
		.pass = j->pass,
		.name = j->name,
		.file = j->place.file,
		.line = j->place.line,
		.column = j->place.column,
		.expected = j->expected,
		.actual = j->actual,
		.because = j->because,
		.where = j->where,
		.rule_file = j->rule_place.file,
		.rule_line = j->rule_place.line,
		.rule_column = j->rule_place.column,
		.flow = j->has_packet ? run->model->flows[j->flow].name : NULL,
		.packet = j->packet_id,
		.capture = j->has_packet ? facade_capture_of(run, j->flow) : NULL,
		.call = j->call,
		.made_from = model_source(run->model, j->place),
		.rule_made_from = model_source(run->model, j->rule_place),
	};
	const struct cause *cause = facade_cause_of_judgement(run, j);
	if (cause)
		ret->cause = facade_cause(cause);
}

void pp_run_outcome(const pp_run *run, size_t index, pp_outcome *ret)
{
	const struct judge_fate *fate = &run->fates[run->fate_order[index]];
	*ret = (pp_outcome){
		.flow = run->model->flows[fate->flow].name,
		.delivered = fate->delivered,
		.actual = fate->actual,
		.where = fate->where,
	};
	const struct cause *cause = fate->delivered ? NULL : cause_of_flow(run, fate->flow);
	if (cause)
		ret->cause = facade_cause(cause);
}

size_t pp_run_n_files(const pp_run *run)
{
	return run->n_files;
}

const char *pp_run_file(const pp_run *run, size_t index)
{
	return run->files[index];
}

const char *pp_run_report(const pp_run *run, size_t *ret_bytes)
{
	*ret_bytes = run->report.size_bytes;
	return (const char *)run->report.data;
}

/* The judge: what it watches, when it samples, and the list of judgements at the end.
 *
 * DOC: an expectation is judged from one of three sources. The trail shows where packets passed and with which
 * addresses (expect_watch.c); the world shows what became of each connection (expect_flow.c) and what a name, a NAT or
 * an environment is like at an instant (expect_state.c). Whatever cannot be known, because nothing of the kind ever
 * happened, fails: an expectation that nothing could have broken proves nothing. */
#include "judge/judge.h"
#include <errno.h>

static bool samples_at(const struct expect_config *expect)
{
	return (expect->kind == EXPECT_NAT || expect->kind == EXPECT_HEALTH) && expect->has_at;
}

int judge_new(struct arena *arena, const struct model *model, struct world *world, const struct judge_causes *causes,
	      const struct judge_filters *filters, struct judge **ret)
{
	struct judge *judge = arena_alloc(arena, sizeof *judge);
	if (!judge)
		return -ENOMEM;
	judge->arena = arena;
	judge->model = model;
	judge->world = world;
	judge->causes = causes ? *causes : (struct judge_causes){NULL, NULL};
	judge->filters = *filters;
	judge->samples = arena_array(arena, model->n_expects, sizeof(*judge->samples));
	int r = !judge->samples ? -ENOMEM : judge_watch(judge);
	if (r < 0) {
		judge_free(judge);
		return r;
	}
	*ret = judge;
	return 0;
}

struct judge *judge_free(struct judge *judge)
{
	if (!judge)
		return NULL;
	for (size_t i = 0; judge->taps && i < judge->model->n_expects; i++) {
		if (judge->taps[i].filter)
			judge->filters.release(judge->filters.context, judge->taps[i].filter);
	}
	buf_free(&judge->text);
	return NULL; /* the rest is the arena's */
}

struct instant judge_next_sample(const struct judge *judge, struct instant after)
{
	struct instant next = INSTANT_NEVER;
	for (size_t i = 0; i < judge->model->n_expects; i++) {
		const struct expect_config *expect = &judge->model->expects[i];
		struct instant at = {expect->at_ns};
		if (samples_at(expect) && instant_before(after, at))
			next = instant_min(next, at);
	}
	return next;
}

/* The cause is that of the instant, too. */
static int sample_health(struct judge *judge, const struct expect_config *expect, struct judge_sample_value *value)
{
	value->failing = world_health(judge->world, expect->health_ase, value->losses);
	if (!judge->causes.of_health || value->failing == 0 || health_is_as_expected(expect, value->failing))
		return 0;
	value->cause = judge->causes.of_health(judge->causes.context, value->failing, value->losses);
	return value->cause ? 0 : -ENOMEM;
}

static int sample(struct judge *judge, const struct expect_config *expect, struct judge_sample_value *value)
{
	value->taken = true;
	if (expect->kind == EXPECT_HEALTH)
		return sample_health(judge, expect, value);
	struct world_nat_metrics metrics;
	uint32_t worker = !expect->has_worker ? NONE
			  : expect->worker_element == NONE
				  ? expect->worker
				  : world_nat_number(judge->world, expect->nat, expect->worker_element);
	if (expect->has_worker && worker == NONE)
		metrics = (struct world_nat_metrics){0}; /* it has asked for no port yet */
	else
		world_nat_metrics(judge->world, expect->nat, worker, &metrics);
	switch (expect->metric) {
	case METRIC_PORTS_IN_USE: /* at an instant: then; over the run: the most that there ever were */
		value->value = expect->has_at ? metrics.ports_in_use : metrics.ports_in_use_peak;
		break;
	case METRIC_MAPPINGS: /* at an instant: live then; over the run: all that were made */
		value->value = expect->has_at ? metrics.mappings : metrics.mappings_total;
		break;
	case METRIC_EXPIRED:
		value->value = metrics.expired;
		break;
	case METRIC_EXHAUSTED:
		value->value = metrics.exhausted;
		break;
	}
	return 0;
}

int judge_sample(struct judge *judge, struct instant at)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < judge->model->n_expects; i++) {
		const struct expect_config *expect = &judge->model->expects[i];
		if (samples_at(expect) && expect->at_ns == at.ns)
			r = sample(judge, expect, &judge->samples[i]);
	}
	return r;
}

static int judge_one(struct judge *judge, size_t i, struct judgement *ret)
{
	const struct expect_config *expect = &judge->model->expects[i];
	switch (expect->kind) {
	case EXPECT_FLOW:
		watch_settle(&judge->watches[i]);
		return judge_flow(judge, &judge->watches[i], ret);
	case EXPECT_TAP:
		return judge_tap(judge, &judge->taps[i], ret);
	case EXPECT_NAT:
		return judge_nat(judge, expect, &judge->samples[i], ret);
	case EXPECT_RESOLVE:
		return judge_resolve(judge, expect, ret);
	case EXPECT_HEALTH:
		return judge_health(judge, expect, &judge->samples[i], ret);
	}
	return 0;
}

static int judge_events(struct judge *judge, struct judgement *judgements, size_t *n)
{
	const struct model *model = judge->model;
	for (size_t i = 0; i < model->n_events; i++) {
		const char *why = NULL;
		if (!world_event_was_inert(judge->world, i, &why))
			continue;
		struct judgement *judgement = &judgements[(*n)++];
		judgement->name = "timeline";
		judgement->place = model->events[i].place;
		int r = judge_event(judge, &model->events[i], why, judgement);
		if (r < 0)
			return r;
	}
	return 0;
}

int judge_finish(struct judge *judge, const struct judgement **ret, size_t *ret_n)
{
	const struct model *model = judge->model;
	struct judgement *judgements =
		arena_array(judge->arena, model->n_expects + model->n_events, sizeof *judgements);
	if (!judgements)
		return -ENOMEM;
	size_t n = 0;
	int r = 0;
	for (size_t i = 0; r == 0 && i < model->n_expects; i++) {
		const struct expect_config *expect = &model->expects[i];
		if ((expect->kind == EXPECT_NAT || expect->kind == EXPECT_HEALTH) && !expect->has_at)
			r = sample(judge, expect, &judge->samples[i]);
		judgements[n].name = expect->id ? expect->id : expect->text;
		judgements[n].place = expect->place;
		r = r < 0 ? r : judge_one(judge, i, &judgements[n++]);
	}
	r = r < 0 ? r : judge_events(judge, judgements, &n);
	if (r < 0)
		return r;
	*ret = judgements;
	*ret_n = n;
	return 0;
}

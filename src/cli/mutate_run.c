/* A mutant's run, beside the run of the scenario as it is.
 *
 * DOC: of each step of the scenario a number is kept. A mutant in whose run every step has the same number does nothing
 * that could be noticed, so that no expectation is to be blamed for not noticing; otherwise the first step that is
 * different is what an expectation should have looked at. Which rule decided does not belong to it, what became of the
 * packet does. */
#include "cli/mutate.h"
#include "cli/work.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_STEP 20000
/* That a group let a packet pass and that a route was chosen is no consequence yet. */
#define CONSEQUENCES (PP_STEP_ALL & ~(1u << PP_STEP_FILTER | 1u << PP_STEP_ROUTE))

/* ---- numbers ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 29);
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
	return mix(text ? digest_bytes(hash, text, strlen(text)) : hash, 0);
}

static uint64_t mix_addr(uint64_t hash, pp_addr addr)
{
	uint64_t halves[2];
	memcpy(halves, addr.bytes, sizeof halves);
	return mix(mix(mix(hash, addr.family), halves[0]), halves[1]);
}

static uint64_t number_of(const pp_step *step)
{
	uint64_t hash = mix(mix(mix(1, (uint64_t)step->time_ns), step->kind), step->packet);
	hash = mix_text(mix_text(mix_text(mix(hash, step->index), step->flow), step->node), step->reason);
	hash = mix(mix_addr(mix_addr(hash, step->after.src), step->after.dst),
		   (uint64_t)step->after.src_port << 16 | step->after.dst_port);
	return mix(mix(hash, step->after.protocol), step->frame_bytes);
}

static uint64_t number_of_health(const pp_run *run)
{
	uint64_t hash = 1;
	for (size_t i = 0; i < pp_run_n_health(run); i++) {
		pp_health h;
		pp_run_health(run, i, &h);
		hash = mix_text(mix_text(mix(mix(hash, (uint64_t)h.time_ns), h.ok), h.environment), h.need);
	}
	return hash;
}

/* ---- the scenario as it is ---- */

static int keep(void *context, const pp_step *step)
{
	struct reference *reference = context;
	if (reference->n == reference->capacity) {
		size_t capacity = reference->capacity ? 2 * reference->capacity : 4096;
		uint64_t *grown = realloc(reference->steps, capacity * sizeof *grown);
		if (!grown)
			return -1;
		reference->steps = grown;
		reference->capacity = capacity;
	}
	reference->steps[reference->n++] = number_of(step);
	return 0;
}

int reference_take(const pp_scenario *scenario, const char *name, struct reference *ret)
{
	pp_run *run = NULL;
	struct progress progress;
	*ret = (struct reference){0};
	int r = pp_run_new(scenario, NULL, &run);
	if (r == 0)
		r = pp_run_observe(run, CONSEQUENCES, keep, ret);
	progress_begin(&progress);
	int status = r == 0 ? simulate(run, name, &progress) : STATUS_SYSTEM;
	if (status == STATUS_OK) {
		pp_summary s;
		pp_run_summary(run, &s);
		ret->health = number_of_health(run);
		status = s.failed ? STATUS_FAILED : STATUS_OK;
	}
	pp_run_free(run);
	return status;
}

void reference_free(struct reference *reference)
{
	free(reference->steps);
}

/* ---- a mutant ---- */

struct watch {
	const struct reference *reference;
	size_t n;
	char *first; /* step that is different; NULL while all are the same */
};

static char *describe(const pp_step *step)
{
	char src[END_POINT_BYTES], dst[END_POINT_BYTES], *text = NULL;
	print_end_point(step->after.src, step->after.src_port, step->after.protocol, src, sizeof src);
	print_end_point(step->after.dst, step->after.dst_port, step->after.protocol, dst, sizeof dst);
	const char *what = step->kind == PP_STEP_DROP ? " lost: " : step->kind == PP_STEP_TRANSLATE ? " rewritten" : "";
	int n = asprintf(&text, "t=%" PRId64 ".%06" PRId64 "s %s: %s[%" PRIu32 "] packet %" PRIu64 " %s > %s%s%s",
			 step->time_ns / 1000000000, step->time_ns / 1000 % 1000000, step->node, step->flow,
			 step->index, step->packet, src, dst, what, step->kind == PP_STEP_DROP ? step->reason : "");
	return n < 0 ? NULL : text;
}

static int watch_step(void *context, const pp_step *step)
{
	struct watch *watch = context;
	size_t i = watch->n++;
	if (watch->first || (i < watch->reference->n && watch->reference->steps[i] == number_of(step)))
		return 0;
	watch->first = describe(step);
	return watch->first ? 0 : -1;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static struct trial judge(pp_run *run, struct watch *watch)
{
	for (size_t i = 0; i < pp_run_n_expectations(run); i++) {
		pp_expectation e;
		pp_run_expectation(run, i, &e);
		if (!e.pass)
			return (struct trial){MUTANT_KILLED, copy(e.name)};
	}
	if (!watch->first && watch->n < watch->reference->n)
		watch->first = copy("fewer packets at its end");
	if (!watch->first && number_of_health(run) != watch->reference->health)
		watch->first = copy("the health of an environment");
	if (!watch->first)
		return (struct trial){MUTANT_IDLE, NULL};
	char *why = watch->first;
	watch->first = NULL;
	return (struct trial){MUTANT_SURVIVED, why};
}

static struct trial run_mutant(const pp_scenario *scenario, const struct reference *reference)
{
	struct watch watch = {.reference = reference};
	struct trial trial = {MUTANT_UNKNOWN, NULL};
	pp_run *run = NULL;
	int r = pp_run_new(scenario, NULL, &run);
	if (r == 0)
		r = pp_run_observe(run, CONSEQUENCES, watch_step, &watch);
	while (r == 0 && !signals_caught())
		r = pp_run_step(run, EVENTS_A_STEP);
	if (r > 0 && pp_run_finish(run) == 0)
		trial = judge(run, &watch);
	else
		trial.why = copy(signals_caught() ? "interrupted" : pp_run_error(run));
	pp_run_free(run);
	free(watch.first);
	return trial;
}

static struct trial refused(const pp_scenario *scenario)
{
	for (size_t i = 0; i < pp_scenario_n_diagnostics(scenario); i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		if (d.error)
			return (struct trial){MUTANT_REFUSED, copy(d.message)};
	}
	return (struct trial){MUTANT_REFUSED, NULL};
}

struct trial mutant_try(const char *path, const struct overrides *overrides, const pp_mutant *mutant,
			const struct reference *reference)
{
	size_t n = overrides->n + mutant->n_overrides;
	pp_override *all = calloc(n, sizeof *all);
	pp_scenario *scenario = NULL;
	struct trial trial = {MUTANT_UNKNOWN, NULL};
	for (size_t i = 0; all && i < n; i++)
		all[i] = i < overrides->n ? overrides->items[i] : mutant->overrides[i - overrides->n];
	int r = all ? pp_scenario_load(path, all, n, &scenario) : -1;
	if (r == 0)
		trial = run_mutant(scenario, reference);
	else if (r > 0)
		trial = refused(scenario);
	pp_scenario_free(scenario);
	free(all);
	return trial;
}

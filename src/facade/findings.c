/* DOC: what a run found besides its expectations: the health of environments over time (L5), and what nothing used. */
#include "facade/facade.h"
#include <errno.h>
#include <stdlib.h>

/* ---- health ---- */

const char *facade_need_name(size_t need)
{
	static const char *const names[] = {"storage", "sql", "management", "probe"};
	return names[need];
}

/* How many entries a change makes: one for each need that is missing, or one that all is well. */
static size_t n_entries(const struct world_health_change *change)
{
	size_t n = (size_t)__builtin_popcount(change->failing);
	return n > 0 ? n : 1;
}

size_t pp_run_n_health(const pp_run *run)
{
	size_t n, total = 0;
	const struct world_health_change *changes = world_health_changes(run->world, &n);
	for (size_t i = 0; i < n; i++)
		total += n_entries(&changes[i]);
	return total;
}

static void fill(const pp_run *run, const struct world_health_change *change, const struct cause *cause, size_t turn,
		 pp_health *ret)
{
	*ret = (pp_health){.environment = run->model->ases[change->ase].name,
			   .time_ns = change->at.ns,
			   .ok = change->failing == 0};
	for (size_t need = 0; need < N_NEEDS; need++) {
		if (!(change->failing & 1u << need) || turn-- != 0)
			continue;
		const struct world_need_loss *loss = &change->losses[need];
		const struct verdict *verdict = &loss->verdict;
		ret->need = facade_need_name(need);
		ret->node = world_node_name(run->world, loss->node);
		ret->tuple = facade_tuple(&loss->tuple);
		ret->reason = reason_name(verdict->reason);
		ret->by = verdict->by;
		ret->rule = verdict->rule;
		ret->detail = verdict->detail;
		ret->file = verdict->place.file;
		ret->line = verdict->place.line;
		ret->column = verdict->place.column;
		ret->made_from = model_source(run->model, verdict->place);
		if (cause)
			ret->cause = facade_cause(cause);
		return;
	}
}

void pp_run_health(const pp_run *run, size_t index, pp_health *ret)
{
	size_t n;
	const struct world_health_change *changes = world_health_changes(run->world, &n);
	for (size_t i = 0; i < n; i++) {
		if (index < n_entries(&changes[i])) {
			fill(run, &changes[i], causes_of_change(run->causes, i), index, ret);
			return;
		}
		index -= n_entries(&changes[i]);
	}
}

/* ---- what nothing used ---- */

static int add(void *context, const char *what, struct place place)
{
	struct pp_run *run = context;
	if (run->n_warnings == run->capacity_warnings) {
		size_t capacity = run->capacity_warnings ? run->capacity_warnings * 2 : 8;
		struct finding *grown = realloc(run->warnings, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		run->warnings = grown;
		run->capacity_warnings = capacity;
	}
	run->warnings[run->n_warnings] = (struct finding){arena_strdup(run->arena, what), place};
	return run->warnings[run->n_warnings++].message ? 0 : -ENOMEM;
}

int facade_findings(struct pp_run *run)
{
	return world_each_unused(run->world, add, run);
}

size_t pp_run_n_warnings(const pp_run *run)
{
	return run->n_warnings;
}

void pp_run_warning(const pp_run *run, size_t index, pp_diagnostic *ret)
{
	const struct finding *finding = &run->warnings[index];
	*ret = (pp_diagnostic){.file = finding->place.file,
			       .line = finding->place.line,
			       .column = finding->place.column,
			       .message = finding->message,
			       .made_from = model_source(run->model, finding->place)};
}

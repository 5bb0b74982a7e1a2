/* DOC: mutants, for those who want to know what their expectations notice. They are found beside the table of keys. */
#include "scenario/mutants.h"
#include "facade/facade.h"
#include "pktpath/tools.h"
#include <errno.h>

struct pp_mutants {
	struct arena *arena;
	struct mutants mutants;
	pp_override (*overrides)[MUTANT_MAX_OVERRIDES]; /* of each, as the caller sees them */
};

static int find(struct pp_mutants *mutants, const pp_scenario *scenario)
{
	int r = mutants_find(mutants->arena, scenario->model, scenario->tree, &mutants->mutants);
	if (r < 0)
		return r;
	size_t n = mutants->mutants.n;
	mutants->overrides = arena_array(mutants->arena, n ? n : 1, sizeof *mutants->overrides);
	for (size_t i = 0; mutants->overrides && i < n; i++) {
		const struct mutant *mutant = &mutants->mutants.items[i];
		for (size_t k = 0; k < mutant->n_overrides; k++)
			mutants->overrides[i][k] = (pp_override){mutant->overrides[k].path, mutant->overrides[k].value};
	}
	return mutants->overrides ? 0 : -ENOMEM;
}

int pp_mutants_new(pp_scenario *scenario, pp_mutants **ret)
{
	struct arena *arena = arena_new();
	struct pp_mutants *mutants = arena ? arena_alloc(arena, sizeof *mutants) : NULL;
	*ret = NULL;
	if (!mutants) {
		arena_free(arena);
		return -ENOMEM;
	}
	*mutants = (struct pp_mutants){.arena = arena};
	int r = find(mutants, scenario);
	if (r < 0)
		arena_free(arena);
	else
		*ret = mutants;
	return r;
}

size_t pp_mutants_n(const pp_mutants *mutants)
{
	return mutants->mutants.n;
}

void pp_mutants_get(const pp_mutants *mutants, size_t index, pp_mutant *ret)
{
	const struct mutant *mutant = &mutants->mutants.items[index];
	*ret = (pp_mutant){
		.path = mutant->path,
		.from = mutant->from,
		.to = mutant->to,
		.file = mutant->place.line == 0 ? NULL : mutant->place.file,
		.line = mutant->place.line,
		.overrides = mutants->overrides[index],
		.n_overrides = mutant->n_overrides,
	};
}

void pp_mutants_free(pp_mutants *mutants)
{
	if (mutants)
		arena_free(mutants->arena);
}

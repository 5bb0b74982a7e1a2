/* pp_compare: two runs' output. */
#include "compare/runs.h"
#include "pktpath/tools.h"
#include <errno.h>
#include <stdlib.h>

struct pp_comparison {
	struct difference_list list;
};

static pp_difference_kind public_kind(enum difference_kind kind)
{
	switch (kind) {
	case DIFFERENCE_OUTCOME:
		return PP_DIFFERENCE_OUTCOME;
	case DIFFERENCE_CHANGED:
		return PP_DIFFERENCE_CHANGED;
	case DIFFERENCE_GONE:
		return PP_DIFFERENCE_GONE;
	case DIFFERENCE_NEW:
		return PP_DIFFERENCE_NEW;
	case DIFFERENCE_MAPPING:
		return PP_DIFFERENCE_MAPPING;
	case DIFFERENCE_FILE:
		return PP_DIFFERENCE_FILE;
	}
	return PP_DIFFERENCE_FILE;
}

int pp_compare(const char *before, const char *after, unsigned ignore, pp_comparison **ret, const char **ret_path)
{
	struct pp_comparison *comparison = calloc(1, sizeof *comparison);
	struct arena *arena = arena_new();
	*ret = NULL;
	*ret_path = NULL;
	if (!comparison || !arena) {
		free(comparison);
		arena_free(arena);
		return -ENOMEM;
	}
	comparison->list.arena = arena;
	*ret = comparison;
	return compare_runs(before, after, ignore, &comparison->list, ret_path);
}

size_t pp_comparison_n(const pp_comparison *comparison)
{
	return comparison->list.n;
}

void pp_comparison_get(const pp_comparison *comparison, size_t index, pp_difference *ret)
{
	const struct difference *d = &comparison->list.items[index];
	*ret = (pp_difference){
		.kind = public_kind(d->kind),
		.flow = d->flow,
		.point = d->shown_at ? d->shown_at : d->point,
		.what = d->what,
		.field = d->field,
		.before = d->before,
		.after = d->after,
		.because = d->because,
		.packet = d->packet,
		.more = d->more,
	};
}

void pp_comparison_free(pp_comparison *comparison)
{
	if (!comparison)
		return;
	arena_free(comparison->list.arena);
	free(comparison);
}

/* DOC: a connection by its name, "call" or "burst[3]", as users ask for it; and what is wrong with the name, with the
 * way out. */
#include "base/names.h"
#include "facade/facade.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *facade_nearest_flow(struct arena *arena, const struct pp_run *run, const char *name)
{
	const char *nearest = name_nearest(name, run->flow_names, run->model->n_flows);
	if (nearest)
		return arena_printf(arena, "did you mean `%s`?", nearest);
	return run->model->n_flows > 0 ? arena_printf(arena, "there is `%s`", run->flow_names[0])
				       : "the scenario has no flows; try --from and --to";
}

static int problem(struct found_call *found, const char *text, const char *hint)
{
	found->problem = text;
	found->hint = hint;
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

int facade_find_call(struct arena *arena, const struct pp_run *run, const char *text, struct found_call *ret)
{
	const struct model *model = run->model;
	const char *bracket = strchr(text, '[');
	const char *name = bracket ? arena_strndup(arena, text, (size_t)(bracket - text)) : text;
	*ret = (struct found_call){.flow = NONE, .numbered = bracket};
	if (!name)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->n_flows; i++)
		if (strcmp(model->flows[i].name, name) == 0)
			ret->flow = i;
	if (ret->flow == NONE)
		return problem(ret, arena_printf(arena, "no flow is called `%s`", name),
			       facade_nearest_flow(arena, run, name));
	uint32_t count = model->flows[ret->flow].count;
	if (bracket && !read_index(bracket, &ret->index))
		return problem(ret, arena_printf(arena, "`%s` names no connection", text), "write NAME or NAME[3]");
	if (ret->index >= count)
		return problem(ret, arena_printf(arena, "`%s` names no connection of the flow", text),
			       arena_printf(arena, "`%s` has %" PRIu32 " connection%s, [0] to [%" PRIu32 "]", name,
					    count, count == 1 ? "" : "s", count - 1));
	return 0;
}

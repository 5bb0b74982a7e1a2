/* DOC: the names by which verdicts say who decided, registered once and found again. */
#include "model/decided_by.h"
#include "base/names.h"
#include "model/elements.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- registering ---- */

struct naming {
	struct elements *elements;
	bool failed;
};

static const char *add(struct naming *naming, enum decided_by_kind kind, const char *name, uint32_t index,
		       struct place place)
{
	naming->failed |= !name;
	if (name)
		naming->elements->by[naming->elements->n_by++] =
			(struct decided_by){.name = name, .kind = kind, .index = index, .other = NONE, .place = place};
	return name;
}

/* A network that a list of peers names wrongly has no name. */
static void add_peerings(struct naming *naming, struct arena *arena, const struct model *model, uint32_t vnet)
{
	for (size_t i = 0; i < model->vnets[vnet].n_peerings; i++) {
		struct peering_config *side = &model->vnets[vnet].peerings[i];
		if (side->vnet == NONE)
			continue;
		side->by = add(
			naming, BY_PEERING,
			arena_printf(arena, "peering/%s/%s", model->vnets[vnet].name, model->vnets[side->vnet].name),
			vnet, side->place);
		if (side->by)
			naming->elements->by[naming->elements->n_by - 1].other = side->vnet;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct decided_by *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order != 0 ? order : (x->kind > y->kind) - (x->kind < y->kind);
}

int decided_by_register(struct arena *arena, struct model *model)
{
	struct naming naming = {.elements = model->elements};
	size_t n = model->elements->n + model->n_nsgs + model->n_subnets + model->n_route_tables + 2;
	for (size_t i = 0; i < model->n_vnets; i++)
		n += model->vnets[i].n_peerings;
	model->elements->by = arena_array(arena, n, sizeof *model->elements->by);
	if (!model->elements->by)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->elements->n; i++)
		(void)add(&naming, BY_ELEMENT, element_at(model, i)->name, i, element_at(model, i)->place);
	for (uint32_t i = 0; i < model->n_nsgs; i++)
		model->nsgs[i].by = add(&naming, BY_GROUP, arena_printf(arena, "nsg/%s", model->nsgs[i].name), i,
					model->nsgs[i].place);
	for (uint32_t i = 0; i < model->n_subnets; i++) {
		struct subnet_config *subnet = &model->subnets[i];
		subnet->by = add(&naming, BY_SUBNET,
				 arena_printf(arena, "subnet/%s/%s", model->vnets[subnet->vnet].name, subnet->name), i,
				 subnet->place);
	}
	for (uint32_t i = 0; i < model->n_route_tables; i++)
		model->route_tables[i].by =
			add(&naming, BY_ROUTE_TABLE, arena_printf(arena, "route/%s", model->route_tables[i].name), i,
			    model->route_tables[i].place);
	(void)add(&naming, BY_SYSTEM, BY_SYSTEM_ROUTES, NONE, PLACE_NONE);
	(void)add(&naming, BY_GATEWAY, BY_GATEWAY_ROUTES, NONE, PLACE_NONE);
	for (uint32_t i = 0; i < model->n_vnets; i++)
		add_peerings(&naming, arena, model, i);
	qsort(naming.elements->by, naming.elements->n_by, sizeof *naming.elements->by, by_name);
	return naming.failed ? -ENOMEM : 0;
}

/* ---- finding ---- */

static int compare(const void *key, const void *item)
{
	const struct decided_by *by = item;
	return strcmp(key, by->name);
}

const struct decided_by *decided_by_find(const struct model *model, const char *name)
{
	return bsearch(name, model->elements->by, model->elements->n_by, sizeof *model->elements->by, compare);
}

uint32_t decided_by(const struct model *model, enum decided_by_kind kind, const char *name)
{
	const struct decided_by *found = decided_by_find(model, name);
	return found && found->kind == kind ? found->index : NONE;
}

bool decided_by_route(const struct model *model, const char *name)
{
	const struct decided_by *found = decided_by_find(model, name);
	return found && (found->kind == BY_ROUTE_TABLE || found->kind == BY_SYSTEM || found->kind == BY_GATEWAY);
}

const char *decided_by_nearest(const struct model *model, struct arena *arena, enum decided_by_kind kind,
			       const char *name)
{
	const char **names = arena_array(arena, model->elements->n_by, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; names && i < model->elements->n_by; i++)
		if (model->elements->by[i].kind == kind)
			names[n++] = model->elements->by[i].name;
	return names ? name_nearest(name, names, n) : NULL;
}

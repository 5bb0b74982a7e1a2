/* DOC: what is near a thing: its own virtual network at depth 0, at each further depth the networks that are peered with
 * those, or joined to the same private network. The Internet is drawn in any case. */
#include "base/names.h"
#include "view/drawing.h"
#include <errno.h>
#include <string.h>

/* The VNet in which it stands; of a private network, or a machine of one, the VNet that its gateway joins; NONE. */
static uint32_t vnet_of(const struct model *model, const char *name)
{
	for (uint32_t i = 0; i < model->n_vnets; i++)
		if (strcmp(model->vnets[i].name, name) == 0)
			return i;
	for (uint32_t i = 0; i < model->n_ases; i++)
		if (strcmp(model->ases[i].name, name) == 0)
			return model->subnets[model->ases[i].subnet].vnet;
	for (uint32_t i = 0; i < model->n_sites; i++)
		if (strcmp(model->sites[i].name, name) == 0 && model->sites[i].has_gateway)
			return model->sites[i].vnet;
	uint32_t node = element_find(model, name);
	if (node == NONE)
		return NONE;
	const struct element *element = element_at(model, node);
	if (element->vnet != NONE)
		return element->vnet;
	if (element->site != NONE && model->sites[element->site].has_gateway)
		return model->sites[element->site].vnet;
	return NONE;
}

/* One step further. */
static void grow(const struct model *model, bool *near, bool *next)
{
	memcpy(next, near, model->n_vnets * sizeof *near);
	for (uint32_t i = 0; i < model->n_vnets; i++)
		for (size_t k = 0; near[i] && k < model->vnets[i].n_peers; k++)
			next[model->vnets[i].peers[k]] = true;
	memcpy(near, next, model->n_vnets * sizeof *near);
}

int network_focus(struct arena *arena, const struct model *model, const char *name, uint32_t depth, const bool **ret)
{
	bool *near = arena_array(arena, model->n_vnets + 1, sizeof *near),
	     *next = arena_array(arena, model->n_vnets + 1, sizeof *next);
	*ret = NULL;
	if (!near || !next)
		return -ENOMEM;
	uint32_t start = vnet_of(model, name);
	if (start == NONE)
		return 0;
	near[start] = true;
	for (uint32_t i = 0; i < depth && i < model->n_vnets; i++)
		grow(model, near, next);
	*ret = near;
	return 0;
}

/* DOC: what explanations and lists of addresses say of private endpoints: why a route to one won or lost against the user's, which groups are
 * not asked at one, and that a name is a service's public address though an endpoint stands for the service. */
#include "story/explain.h"
#include <string.h>

static const struct private_endpoint_config *at_address(const struct model *model, uint32_t vnet, be32 addr)
{
	for (size_t i = 0; i < model->n_private_endpoints; i++) {
		const struct private_endpoint_config *endpoint = &model->private_endpoints[i];
		uint32_t own = model->subnets[endpoint->subnet].vnet;
		bool is_seen = own == vnet;
		for (size_t k = 0; k < model->vnets[vnet].n_peers; k++)
			is_seen |= model->vnets[vnet].peers[k] == own;
		if (is_seen && be32_equal(endpoint->addr, addr))
			return endpoint;
	}
	return NULL;
}

static const char *subnet_name(struct arena *arena, const struct model *model,
			       const struct private_endpoint_config *endpoint)
{
	const struct subnet_config *subnet = &model->subnets[endpoint->subnet];
	return arena_printf(arena, "%s/%s", model->vnets[subnet->vnet].name, subnet->name);
}

/* The prefix of the network's space that holds the endpoint. */
static const char *space_of(struct arena *arena, const struct model *model,
			    const struct private_endpoint_config *endpoint)
{
	const struct vnet_config *vnet = &model->vnets[model->subnets[endpoint->subnet].vnet];
	char text[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < vnet->n_space; i++)
		if (prefix_contains(vnet->space[i], endpoint->addr))
			return arena_strdup(arena, prefix_print(vnet->space[i], text));
	return "";
}

static bool has_policies(const struct model *model, const struct private_endpoint_config *endpoint,
			 enum endpoint_policies policies)
{
	return (model->subnets[endpoint->subnet].endpoint_policies & policies) != 0;
}

static const char *of_route(struct arena *arena, const struct model *model, uint32_t vnet,
			    const struct trace_step *step)
{
	const struct private_endpoint_config *endpoint = at_address(model, vnet, step->after.dst);
	if (!endpoint || !step->verdict.rule)
		return NULL;
	bool won = strcmp(step->verdict.rule, "private-endpoint") == 0;
	bool by_user = step->verdict.place.file && !won;
	const char *subnet = subnet_name(arena, model, endpoint), *space = space_of(arena, model, endpoint);
	if (won && has_policies(model, endpoint, POLICIES_ROUTES))
		return arena_printf(arena,
				    "%s: no user route of the subnet has a prefix that leads there and is as long "
				    "as that of %s, or longer",
				    endpoint->name, space);
	if (won)
		return arena_printf(arena, "%s: user routes do not count, %s has no policies for routes",
				    endpoint->name, subnet);
	return by_user ? arena_printf(arena,
				      "in place of the /32 of %s: %s has policies for routes, and %s is not longer",
				      endpoint->name, subnet, space)
		       : NULL;
}

/* Of a call that arrives. */
static const char *of_groups(struct arena *arena, const struct model *model, const struct element *at,
			     const struct trace_step *step)
{
	const struct private_endpoint_config *endpoint = &model->private_endpoints[at->owner];
	uint32_t nsg = model->subnets[endpoint->subnet].nsg;
	if (!be32_equal(step->before.dst, at->addr) || nsg == NONE || has_policies(model, endpoint, POLICIES_NSG))
		return NULL;
	return arena_printf(arena, "group %s is not asked: %s has no policies for groups", model->nsgs[nsg].name,
			    subnet_name(arena, model, endpoint));
}

/* Of a call to a service's public address by a machine that might have the endpoint's. */
static const char *of_name(struct arena *arena, const struct model *model, const struct element *at,
			   const struct flow_config *flow, const struct trace_step *step)
{
	if (flow->to.kind != ENDPOINT_HOST || (at->vnet == NONE && at->site == NONE) ||
	    !be32_equal(model->hosts[flow->to.index].addr, step->after.dst))
		return NULL;
	const char *where = at->vnet != NONE ? model->vnets[at->vnet].name : model->sites[at->site].name;
	for (size_t i = 0; i < model->n_private_endpoints; i++)
		if (model->private_endpoints[i].service == flow->to.index)
			return arena_printf(arena, "in %s the name is the public address: `dns` of %s does not have it",
					    where, model->private_endpoints[i].name);
	return NULL;
}

const char *endpoint_detail(struct arena *arena, const struct model *model, const struct flow_config *flow,
			    const struct trace_step *step)
{
	const struct element *at = element_at(model, step->node);
	if (model->n_private_endpoints == 0)
		return NULL;
	if (step->kind == STEP_ROUTE && at->vnet != NONE)
		return of_route(arena, model, at->vnet, step);
	if (step->kind == STEP_TRANSLATE && at->kind == ELEMENT_PRIVATE_ENDPOINT)
		return of_groups(arena, model, at, step);
	return step->kind == STEP_ORIGINATE ? of_name(arena, model, at, flow, step) : NULL;
}

const char *endpoint_of_whom(struct arena *arena, const struct model *model, uint32_t element)
{
	const struct element *at = element_at(model, element);
	if (at->kind != ELEMENT_PRIVATE_ENDPOINT)
		return "";
	uint32_t behind = endpoint_behind(model, &model->private_endpoints[at->owner]);
	return arena_printf(arena, " of %s", element_at(model, behind)->name);
}

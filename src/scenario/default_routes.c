/* DOC: a lint about default routes and groups. The prefixes of a subnet's user routes, and a default route that it
 * learns from a gateway, are in its tag virtual-network (azure: service-tags-overview). So 0.0.0.0/0 puts the whole
 * Internet into the tag, and the platform's rule AllowVnetInBound admits calls from the Internet, unless a rule of the
 * group's own decides about them first. */
#include "scenario/decode.h"

/* Does the group leave calls from the Internet to this subnet to AllowVnetInBound? */
static bool leaves_internet(struct decoder *d, const struct nsg_config *group, const struct subnet_config *subnet)
{
	static const struct nsg_address internet = {.tag = NSG_INTERNET}, network = {.tag = NSG_VIRTUAL_NETWORK};
	static const struct nsg_ports any = {0, UINT16_MAX};
	struct nsg_address *own = arena_array(d->arena, subnet->n_cidrs, sizeof *own);
	for (size_t i = 0; own && i < subnet->n_cidrs; i++)
		own[i] = (struct nsg_address){.tag = NSG_PREFIX, .prefix = subnet->cidrs[i]};
	if (!own)
		return false;
	struct nsg_rule call = {.proto = NSG_ANY_PROTO,
				.src = &internet,
				.dst = own,
				.src_ports = &any,
				.dst_ports = &any,
				.n_src = 1,
				.n_dst = (uint32_t)subnet->n_cidrs,
				.n_src_ports = 1,
				.n_dst_ports = 1};
	for (uint32_t i = 0; i < group->rules.n[NSG_INBOUND]; i++) {
		const struct nsg_rule *rule = &group->rules.rules[NSG_INBOUND][i];
		call.dst = own;
		call.n_dst = (uint32_t)subnet->n_cidrs;
		if (nsg_shadows(rule, &call))
			return false;
		call.dst = &network;
		call.n_dst = 1;
		if (nsg_shadows(rule, &call))
			return false;
	}
	return true;
}

static const struct route *find_default(const struct route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (routes[i].prefix.length == 0)
			return &routes[i];
	return NULL;
}

/* The first user route for 0.0.0.0/0 that the table has at any time. */
static const struct route *user_default(const struct model *model, uint32_t table)
{
	const struct route *found =
		table == NONE ? NULL
			      : find_default(model->route_tables[table].routes, model->route_tables[table].n_routes);
	for (size_t i = 0; table != NONE && !found && i < model->n_events; i++)
		if (model->events[i].kind == EVENT_ROUTE && model->events[i].route_table == table)
			found = find_default(model->events[i].routes, model->events[i].n_routes);
	return found;
}

static const struct site_config *learned_default(const struct model *model, const struct subnet_config *subnet)
{
	if (subnet->routes != NONE && !model->route_tables[subnet->routes].gateway_routes)
		return NULL;
	for (size_t i = 0; i < model->n_sites; i++)
		for (size_t k = 0; model->sites[i].has_gateway &&
				   vnet_uses_gateway_of(model->vnets, subnet->vnet, model->sites[i].vnet) &&
				   k < model->sites[i].n_advertises;
		     k++)
			if (model->sites[i].advertises[k].length == 0)
				return &model->sites[i];
	return NULL;
}

static void warn(struct decoder *d, const struct subnet_config *subnet, uint32_t nsg, struct place place)
{
	const struct model *model = d->model;
	diag_warning(d->diags, place, "add an inbound rule that denies `internet`, behind those that admit",
		     "this default route puts the Internet into the tag `virtual-network` of subnet `%s/%s`: "
		     "`AllowVnetInBound` of `%s` admits calls from there",
		     model->vnets[subnet->vnet].name, subnet->name, model->nsgs[nsg].name);
}

void warn_default_routes(struct decoder *d)
{
	const struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_subnets; i++) {
		const struct subnet_config *subnet = &model->subnets[i];
		const struct route *route = user_default(model, subnet->routes);
		const struct site_config *site = learned_default(model, subnet);
		struct place place = route ? route->place : site ? site->advertises_place : PLACE_NONE;
		if (!route && !site)
			continue;
		if (subnet->nsg != NONE) {
			if (leaves_internet(d, &model->nsgs[subnet->nsg], subnet))
				warn(d, subnet, subnet->nsg, place);
			continue;
		}
		for (size_t h = 0; h < model->n_hosts; h++)
			if (model->hosts[h].kind == HOST_VM && model->hosts[h].subnet == i &&
			    model->hosts[h].nsg != NONE &&
			    leaves_internet(d, &model->nsgs[model->hosts[h].nsg], subnet)) {
				warn(d, subnet, model->hosts[h].nsg, place);
				break;
			}
	}
}

/* DOC: the section `private_endpoints`. An endpoint is an address of a subnet for a platform service or a web app; in the networks
 * of `dns` the service's name is that address (azure: private-endpoint-overview). */
#include "scenario/keys_internal.h"
#include "scenario/kinds.h"
#include <stdlib.h>

static const struct key private_endpoint[] = {
	{.name = "subnet",
	 .value = SUBNET_IN(struct private_endpoint_config, subnet),
	 .mutation = MUTATE_NOT,
	 .type = KEY_SUBNET,
	 .required = true,
	 .help = "VNET/SUBNET in which it stands."},
	{.name = "address",
	 .value = IN_ADDRESS(struct private_endpoint_config, addr),
	 .mutation = MUTATE_ADDRESS,
	 .type = KEY_ADDRESS,
	 .required = true,
	 .help = "Its address, of the subnet."},
	{.name = "to",
	 .value = IN_TEXT(struct private_endpoint_config, to),
	 .mutation = MUTATE_NOT,
	 .type = KEY_REF,
	 .required = true,
	 .help = "What is behind it: a host with `service`, or a web app."},
	{.name = "dns",
	 .value = REFS_IN(struct private_endpoint_config, dns, n_dns, vnets),
	 .mutation = MUTATE_FEWER,
	 .type = KEY_REFS,
	 .help = "VNets in which the service's name is the endpoint's address: one or a list. Elsewhere, at sites too, "
		 "it is the public one."},
	SOURCE_KEY,
};
KEY_LIST_OF(private_endpoint);

static struct private_endpoint_config *endpoint_of(struct kind_item *item)
{
	return (struct private_endpoint_config *)(void *)item;
}

static void decode(struct decoder *d, const struct tree *node, struct kind_item *item)
{
	struct private_endpoint_config *endpoint = endpoint_of(item);
	endpoint->subnet = endpoint->service = NONE;
	endpoint->addr_place = endpoint->dns_place = endpoint->place;
	if (!decode_section(d, node, SECTION_PRIVATE_ENDPOINT))
		return;
	if (decode_address(d, node, SECTION_PRIVATE_ENDPOINT, "address", &endpoint->addr))
		endpoint->addr_place = decode_place(node, "address");
}

static void decode_service(struct decoder *d, const struct tree *node, struct private_endpoint_config *endpoint)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, SECTION_PRIVATE_ENDPOINT, "to");
	uint32_t host = name ? find_by_name(model->hosts, model->n_hosts, name) : NONE;
	endpoint->to = name;
	uint32_t app = name ? find_by_name(model->web_apps, model->n_web_apps, name) : NONE;
	if (app != NONE)
		endpoint->service = endpoint_target_of_app(model, app);
	else if (name && host == NONE)
		unknown_name(d, decode_place(node, "to"), "host", name, model->hosts, model->n_hosts,
			     sizeof *model->hosts);
	else if (host != NONE && model->hosts[host].kind != HOST_SERVICE)
		diag_error(d->diags, decode_place(node, "to"),
			   "name a host with `service: sql`, `storage` or `management`, or a web app",
			   "`%s` is no platform service: a private endpoint cannot lead to it", name);
	else
		endpoint->service = host;
}

static bool holds(const struct private_endpoint_config *endpoint, uint32_t vnet)
{
	for (size_t i = 0; i < endpoint->n_dns; i++)
		if (endpoint->dns[i] == vnet)
			return true;
	return false;
}

static int by_index(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* The networks of its zone. */
static void decode_zone(struct decoder *d, const struct tree *node, struct private_endpoint_config *endpoint)
{
	const struct model *model = d->model;
	const struct tree *value = tree_get(node, "dns");
	size_t n;
	if (tree_is_null(value))
		return;
	const struct tree **items = decode_list(d, value, "`dns`", true, &n);
	endpoint->dns = decode_array(d, n, sizeof *endpoint->dns);
	endpoint->dns_place = value->key_place;
	for (size_t i = 0; endpoint->dns && i < n; i++) {
		const char *name = decode_shown(items[i]);
		uint32_t vnet = find_by_name(model->vnets, model->n_vnets, name);
		if (vnet == NONE)
			unknown_name(d, items[i]->place, "VNet", name, model->vnets, model->n_vnets,
				     sizeof *model->vnets);
		else if (holds(endpoint, vnet))
			diag_error(d->diags, items[i]->place, "remove one of the two", "`%s` stands here twice", name);
		else
			endpoint->dns[endpoint->n_dns++] = vnet;
	}
	if (endpoint->n_dns > 1)
		qsort(endpoint->dns, endpoint->n_dns, sizeof *endpoint->dns, by_index);
}

static void resolve(struct decoder *d, const struct tree *node, struct kind_item *item)
{
	struct private_endpoint_config *endpoint = endpoint_of(item);
	endpoint->subnet = decode_subnet_ref(d, node, SECTION_PRIVATE_ENDPOINT, "subnet");
	if (endpoint->subnet != NONE)
		d->model->subnets[endpoint->subnet].has_endpoint_policies = true;
	decode_service(d, node, endpoint);
	decode_zone(d, node, endpoint);
}

static void of_subnet(struct decoder *d, const struct tree *node, struct subnet_config *subnet)
{
	unsigned policies = POLICIES_NONE;
	if (decode_has(node, "private_endpoint_policies"))
		(void)decode_enum(d, node, SECTION_SUBNET, "private_endpoint_policies", &policies);
	subnet->endpoint_policies = (enum endpoint_policies)policies;
	subnet->has_endpoint_policies = decode_has(node, "private_endpoint_policies");
}

/* A network in which both give the name of one service an address; NONE. */
static uint32_t contended(const struct private_endpoint_config *a, const struct private_endpoint_config *b)
{
	for (size_t i = 0; a->service != NONE && a->service == b->service && i < a->n_dns; i++)
		if (holds(b, a->dns[i]))
			return a->dns[i];
	return NONE;
}

static void check_zones(struct decoder *d, const struct private_endpoint_config *a,
			const struct private_endpoint_config *b)
{
	const struct model *model = d->model;
	bool swapped = model_stands_before(model, b->dns_place, a->dns_place);
	const struct private_endpoint_config *first = swapped ? b : a, *second = swapped ? a : b;
	uint32_t vnet = contended(first, second);
	if (vnet == NONE)
		return;
	const char *name = model->vnets[vnet].name;
	diag_error(d->diags, second->dns_place,
		   arena_printf(d->arena, "take `%s` out of one of the two; `%s` at %s has it", name, first->name,
				diag_where(d->arena, second->dns_place, first->dns_place)),
		   "in VNet `%s` the name of `%s` would be the address of `%s` and of `%s`", name,
		   endpoint_target_name(model, first->service), first->name, second->name);
}

/* In one network a name has one answer. */
static void check(struct decoder *d)
{
	const struct model *model = d->model;
	for (size_t i = 0; i < model->n_private_endpoints; i++)
		for (size_t k = 0; k < i; k++)
			check_zones(d, &model->private_endpoints[k], &model->private_endpoints[i]);
}

/* ---- a name that leads nowhere ---- */

static const struct peering_config *side_of(const struct model *model, uint32_t vnet, uint32_t other)
{
	const struct vnet_config *config = &model->vnets[vnet];
	size_t at = peering_before(config->peerings, config->n_peerings, other);
	return at < config->n_peerings && config->peerings[at].vnet == other ? &config->peerings[at] : NULL;
}

/* The timeline may open the peering. */
static bool changes_peering(const struct model *model, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < model->n_events; i++) {
		const struct event_config *event = &model->events[i];
		if (event->kind == EVENT_PEER &&
		    ((event->vnet == a && event->peer == b) || (event->vnet == b && event->peer == a)))
			return true;
	}
	return false;
}

static bool has_prefix_of(const struct route *routes, size_t n, be32 addr)
{
	for (size_t i = 0; i < n; i++)
		if (routes[i].hop != HOP_NONE && routes[i].hop != HOP_INTERNET && routes[i].hop != HOP_VNET &&
		    prefix_contains(routes[i].prefix, addr))
			return true;
	return false;
}

/* A user route may lead to an appliance or gateway that reaches the endpoint in the network's place. */
static bool has_way_round(const struct model *model, uint32_t vnet, be32 addr)
{
	for (size_t i = 0; i < model->n_subnets; i++) {
		uint32_t table = model->subnets[i].vnet == vnet ? model->subnets[i].routes : NONE;
		if (table == NONE)
			continue;
		if (has_prefix_of(model->route_tables[table].routes, model->route_tables[table].n_routes, addr))
			return true;
		for (size_t k = 0; k < model->n_events; k++)
			if (model->events[k].kind == EVENT_ROUTE && model->events[k].route_table == table &&
			    has_prefix_of(model->events[k].routes, model->events[k].n_routes, addr))
				return true;
	}
	return false;
}

/* What closes the way, in words, and the way out; NULL: nothing does. */
static const char *closed(struct decoder *d, uint32_t vnet, uint32_t home, const char **ret_hint)
{
	const struct model *model = d->model;
	const char *name = model->vnets[vnet].name, *home_name = model->vnets[home].name;
	const struct peering_config *here = side_of(model, vnet, home), *there = side_of(model, home, vnet);
	if (vnet == home || changes_peering(model, vnet, home))
		return NULL;
	if (!here || !there) {
		*ret_hint = arena_printf(d->arena, "peer `%s` with `%s` (`peers`), or take it out of `dns`", name,
					 home_name);
		return arena_printf(d->arena, "it is no peer of `%s`", home_name);
	}
	if (here->switches.access && there->switches.access)
		return NULL;
	const char *from = here->switches.access ? home_name : name, *to = here->switches.access ? name : home_name;
	*ret_hint = arena_printf(d->arena, "give `%s` `peers: {%s: {access: true}}`, or take `%s` out of `dns`", from,
				 to, name);
	return arena_printf(d->arena, "`%s` gives no access to `%s`", from, to);
}

static void warn(struct decoder *d, const struct kind_item *item)
{
	const struct private_endpoint_config *endpoint = (const struct private_endpoint_config *)(const void *)item;
	const struct model *model = d->model;
	if (endpoint->subnet == NONE || endpoint->service == NONE)
		return;
	for (size_t i = 0; i < endpoint->n_dns; i++) {
		const char *hint = NULL,
			   *why = closed(d, endpoint->dns[i], model->subnets[endpoint->subnet].vnet, &hint);
		if (why && !has_way_round(model, endpoint->dns[i], endpoint->addr))
			diag_warning(d->diags, endpoint->dns_place, hint,
				     "VNet `%s` has the name of `%s` as the address of `%s`, and does not reach it: %s",
				     model->vnets[endpoint->dns[i]].name, endpoint->to, endpoint->name, why);
	}
}

static bool address(const struct kind_item *item, size_t number, struct kind_address *ret)
{
	const struct private_endpoint_config *endpoint = (const struct private_endpoint_config *)(const void *)item;
	if (number > 0 || endpoint->subnet == NONE || endpoint->addr.raw == ADDR_NONE.raw)
		return false;
	*ret = (struct kind_address){endpoint->subnet, endpoint->addr, endpoint->addr_place};
	return true;
}

const struct kind_loader loader_private_endpoint = {
	.decode = decode, .resolve = resolve, .subnet = of_subnet, .check = check, .warn = warn, .address = address};

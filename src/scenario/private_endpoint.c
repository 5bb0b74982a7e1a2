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

static bool address(const struct kind_item *item, size_t number, struct kind_address *ret)
{
	const struct private_endpoint_config *endpoint = (const struct private_endpoint_config *)(const void *)item;
	if (number > 0 || endpoint->subnet == NONE || endpoint->addr.raw == ADDR_NONE.raw)
		return false;
	*ret = (struct kind_address){endpoint->subnet, endpoint->addr, endpoint->addr_place};
	return true;
}

const struct kind_loader loader_private_endpoint = {
	.decode = decode, .resolve = resolve, .subnet = of_subnet, .check = check, .address = address};

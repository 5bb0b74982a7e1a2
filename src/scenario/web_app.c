/* DOC: the section `web_apps`: apps of the multi-tenant service. What an app is integrated into is known once all that
 * stands in subnets is: the subnet has to be empty, of the app's region, a /28 or larger (azure:
 * overview-vnet-integration). */
#include "model/web_app.h"
#include "scenario/keys_internal.h"
#include "scenario/kinds.h"

#define PORTS_PER_INSTANCE 128u /* troubleshoot-intermittent-outbound-connection-errors */

static const struct key web_app[] = {
	{.name = "region",
	 .value = REF_IN(struct web_app_config, region, regions),
	 .mutation = MUTATE_REGION,
	 .type = KEY_REF,
	 .help = "Its region; may be left out where there is one."},
	{.name = "instances",
	 .value = IN_U32(struct web_app_config, instances),
	 .mutation = MUTATE_NUMBER,
	 .type = KEY_INT,
	 .fallback = "1",
	 .min = 1,
	 .max = 100,
	 .help = "Number of instances; calls of the app leave from each in turn. The points APP/instance-N."},
	{.name = "inbound",
	 .value = IN_ADDRESS(struct web_app_config, inbound),
	 .mutation = MUTATE_ADDRESS,
	 .type = KEY_ADDRESS,
	 .help = "The public address at which it is called. Default: one that no scenario gives."},
	{.name = "outbound",
	 .value = IN_ADDRESSES(struct web_app_config, outbound, n_outbound),
	 .mutation = MUTATE_ADDRESS,
	 .type = KEY_ADDRESSES,
	 .help = "Public addresses of its calls that leave by no subnet, one or a list; the point APP/outbound. "
		 "Default: "
		 "one that no scenario gives."},
	{.name = "integrated",
	 .value = SUBNET_IN_IF(struct web_app_config, subnet, is_integrated),
	 .mutation = MUTATE_NOT,
	 .type = KEY_SUBNET,
	 .help = "VNET/SUBNET by which its calls to private addresses leave, and those to services that the subnet has "
		 "endpoints for. The subnet is the app's alone."},
	{.name = "route_all",
	 .value = IN_BOOL(struct web_app_config, route_all),
	 .mutation = MUTATE_FLIP,
	 .type = KEY_BOOL,
	 .fallback = "false",
	 .help = "All its calls leave by that subnet, and meet its groups, routes and NAT gateway."},
	{.name = "listen",
	 .value = IN_LISTEN(struct web_app_config, listen, n_listen),
	 .mutation = MUTATE_NOT,
	 .type = KEY_LISTEN,
	 .fallback = "[80/tcp, 443/tcp]",
	 .help = "Ports: a list of PORT/PROTO."},
	{.name = "dns",
	 .value = IN_TEXT(struct web_app_config, dns),
	 .mutation = MUTATE_NOT,
	 .type = KEY_TEXT,
	 .help = "Its DNS name. Default: APP.azurewebsites.net."},
	SOURCE_KEY,
};
KEY_LIST_OF(web_app);

static struct web_app_config *config_of(struct kind_item *item)
{
	return (struct web_app_config *)(void *)item;
}

static void decode_name(struct decoder *d, const struct tree *node, struct web_app_config *config)
{
	const char *dns = decode_dns_name(d, node, SECTION_WEB_APP);
	config->dns = dns ? dns : arena_printf(d->arena, "%s." DEFAULT_WEB_APP_DOMAIN, config->name);
	if (!dns && config->dns && !is_dns_name(config->dns))
		diag_error(d->diags, config->place, "give it one: `dns: web.example.net`", "`%s` is not a DNS name",
			   config->dns);
}

static void decode_listen(struct decoder *d, const struct tree *node, struct web_app_config *config)
{
	if (decode_has(node, "listen")) {
		(void)decode_ports(d, tree_get(node, "listen"), &config->listen, &config->n_listen);
		return;
	}
	config->listen = decode_array(d, 2, sizeof *config->listen);
	if (!config->listen)
		return;
	config->listen[0] = (struct service_port){DEFAULT_HTTP_PORT, PROTO_TCP, config->place};
	config->listen[1] = (struct service_port){DEFAULT_HTTPS_PORT, PROTO_TCP, config->place};
	config->n_listen = 2;
}

/* Where the file gives none it has addresses that no scenario gives. */
static void decode_addresses_of(struct decoder *d, const struct tree *node, struct web_app_config *config)
{
	uint32_t index = (uint32_t)(config - d->model->web_apps);
	size_t n = 0;
	(void)decode_address(d, node, SECTION_WEB_APP, "inbound", &config->inbound);
	config->inbound_place = decode_place(node, "inbound");
	config->outbound_place = decode_place(node, "outbound");
	config->addr = config->inbound.raw != 0 ? config->inbound : be32_from(WEB_APP_ADDR_BASE + 2 * index);
	const struct tree *value = tree_get(node, "outbound");
	const struct tree **items = tree_is_null(value) ? NULL : decode_some(d, value, "`outbound`", &n);
	be32 *outbound = decode_array(d, n + 1, sizeof *outbound);
	config->outbound = outbound;
	for (size_t i = 0; outbound && items && i < n && i < NAT_MAX_ADDRESSES; i++)
		if (decode_scalar_address(d, items[i], &outbound[config->n_outbound]))
			config->n_outbound++;
	decode_nat(d, NULL, config->place, NAT_PROFILE_AZURE, &config->nat);
	config->nat.ports_per_worker = PORTS_PER_INSTANCE;
	config->nat.addresses = outbound;
	config->nat.n_addresses = config->n_outbound > 0 ? (uint32_t)config->n_outbound : 1;
	if (outbound && config->n_outbound == 0)
		outbound[0] = be32_from(WEB_APP_ADDR_BASE + 2 * index + 1);
}

static void decode(struct decoder *d, const struct tree *node, struct kind_item *item)
{
	struct web_app_config *config = config_of(item);
	int64_t instances = 1;
	config->subnet = config->region = NONE;
	if (decode_section(d, node, SECTION_WEB_APP)) {
		config->region = decode_region(d, node, SECTION_WEB_APP);
		(void)decode_int(d, node, SECTION_WEB_APP, "instances", &instances);
		(void)decode_bool(d, node, SECTION_WEB_APP, "route_all", &config->route_all);
	}
	config->instances = (uint32_t)instances;
	decode_name(d, node, config);
	decode_listen(d, node, config);
	decode_addresses_of(d, node, config);
	config->addresses = decode_array(d, config->instances, sizeof *config->addresses);
}

static void resolve(struct decoder *d, const struct tree *node, struct kind_item *item)
{
	struct web_app_config *config = config_of(item);
	config->subnet = decode_subnet_ref(d, node, SECTION_WEB_APP, "integrated");
	config->is_integrated = config->subnet != NONE;
	config->subnet_place = decode_place(node, "integrated");
	if (config->route_all && !decode_has(node, "integrated"))
		diag_error(d->diags, decode_place(node, "route_all"), "add `integrated: VNET/SUBNET`, or remove it",
			   "`route_all` is for an app that is integrated into a subnet");
}

/* ---- addresses ---- */

static bool address(const struct kind_item *item, size_t number, struct kind_address *ret)
{
	const struct web_app_config *config = (const struct web_app_config *)(const void *)item;
	if (number > config->nat.n_addresses)
		return false;
	if (number == 0)
		*ret = (struct kind_address){NONE, config->addr, config->inbound_place};
	else
		*ret = (struct kind_address){NONE, config->nat.addresses[number - 1], config->outbound_place};
	return true;
}

static be32 *automatic(struct kind_item *item, size_t number, uint32_t *ret_subnet)
{
	struct web_app_config *config = config_of(item);
	*ret_subnet = config->subnet;
	return config->subnet != NONE && number < config->instances ? &config->addresses[number] : NULL;
}

static uint32_t takes_subnet(const struct kind_item *item)
{
	return ((const struct web_app_config *)(const void *)item)->subnet;
}

/* Apps that are not integrated have their instances in the service's own network, all in one row of addresses. */
static void finish(const struct model *model, struct kind_item *item)
{
	struct web_app_config *config = config_of(item);
	uint32_t n = 0;
	for (const struct web_app_config *other = model->web_apps; other < config; other++)
		n += other->instances;
	for (uint32_t i = 0; config->subnet == NONE && i < config->instances; i++)
		config->addresses[i] = be32_from(WEB_APP_INSTANCE_BASE + n + i);
}

const struct kind_loader loader_web_app = {.decode = decode,
					   .resolve = resolve,
					   .finish = finish,
					   .address = address,
					   .automatic = automatic,
					   .takes_subnet = takes_subnet};

/* DOC: gateways. A local network that a connection joins to a gateway is a site of the scenario. ExpressRoute's prefixes
 * come by BGP and stand in no input: such a site has an assumed one. Connections between two gateways of Azure, to users
 * and without a local network are noted. */
#include "import/map.h"
#include <string.h>

/* The network in whose subnet a gateway stands. */
static struct resource *vnet_of_gateway(struct map *map, struct resource *gateway)
{
	struct js *list = prop(gateway->body, "ipConfigurations");
	struct resource *vnet = NULL;
	each_item(item, list)
	{
		const char *id = prop_id(item, "subnet");
		struct subnet_fact *subnet = map_subnet(map, id);
		vnet = vnet ? vnet : subnet ? subnet->vnet : NULL;
		struct resource *address =
			resource_find(map->import, prop_id(item, "publicIPAddress"), "publicIPAddresses");
		if (address) { /* it is the tunnel's, outside of what is carried */
			address->mapped = true;
			mark_all(prop(address->body, "ipAddress"), MARK_INERT);
		}
		if (vnet || !id)
			continue;
		size_t n = strlen(id);
		const char *end = strstr(store_lower(map->store, id), "/subnets/");
		const char *whole = end ? store_text(map->store, id, n - strlen(end)) : id;
		vnet = resource_find(map->import, whole, "virtualNetworks");
	}
	return vnet && vnet->given ? vnet : NULL;
}

static bool is_express(struct resource *gateway)
{
	const char *type = prop_text(gateway->body, "gatewayType");
	return type && text_same(type, "ExpressRoute");
}

/* A prefix that overlaps no network of the inputs. */
static const char *free_prefix(struct map *map)
{
	char text[PREFIX_TEXT_BYTES];
	for (uint32_t i = 0; i < 256; i++) {
		struct prefix prefix = {be32_from((172u << 24) + (31u << 16) + ((255 - i) << 8)), 24};
		bool taken = false;
		for (size_t k = 0; k < map->n_subnets && !taken; k++)
			taken = map->subnets[k].given && prefix_overlaps(map->subnets[k].cidr, prefix);
		const char *printed = store_printf(map->store, "%s", prefix_print(prefix, text));
		const char *key = store_printf(map->store, "prefix/%s", printed);
		if (!taken && names_add(&map->taken, key, 0) == 0)
			return printed;
	}
	return "172.31.255.0/24";
}

static struct doc *put_site(struct map *map, const char *given, const char *original, struct js *from, const char *vnet,
			    bool express)
{
	struct doc *doc = map_object(map, map->sites, given, original, from);
	struct doc *gateway = doc_map(map->store, doc, "gateway", true);
	map_source(map, doc, from);
	doc_scalar(map->store, gateway, "vnet", vnet);
	doc_scalar(map->store, gateway, "kind", express ? "express-route" : "vpn");
	return doc;
}

static void put_local_network(struct map *map, struct resource *local, struct resource *vnet, struct js *connection)
{
	char text[PREFIX_TEXT_BYTES];
	struct js *space = prop(local->body, "localNetworkAddressSpace.addressPrefixes");
	if (!space)
		space = prop(local->body, "localNetworkAddressSpace");
	if (local->given) {
		note(map->import, SEVERITY_CHANGES, connection, "%s: a second connection of this site, with network %s",
		     local->given, vnet->given);
		return;
	}
	local->mapped = true;
	local->given = map_name(map, "hosts", local->label);
	struct doc *doc = put_site(map, local->given, local->label, local->body, vnet->given, false);
	struct doc *prefixes = doc_list(map->store, doc, "prefixes", true);
	each_item(item, space)
	{
		struct prefix prefix;
		if (map_prefix(map, item, local->given, &prefix))
			doc_scalar(map->store, prefixes, NULL,
				   store_printf(map->store, "%s", prefix_print(prefix, text)));
	}
	if (doc_is_empty(prefixes)) {
		note(map->import, SEVERITY_CHANGES, local->body, "site %s: its prefixes are not in the input",
		     local->given);
		doc->dropped = true;
	}
	struct js *bgp = prop(connection, "enableBgp");
	if (bgp && js_is_true(bgp))
		note_prop(map->import, SEVERITY_MAY, bgp, "site %s: prefixes that it announces by BGP", local->given);
}

static void put_circuit(struct map *map, struct resource *connection, struct resource *vnet)
{
	const char *given = map_name(map, "hosts", connection->label),
		   *prefix = address_of(map->import, connection->label);
	struct doc *doc = put_site(map, given, connection->label, connection->body, vnet->given, true);
	struct doc *prefixes = doc_list(map->store, doc, "prefixes", true);
	const char *option = store_printf(map->store, "--address %s=PREFIX", connection->label);
	doc_scalar(map->store, prefixes, NULL, prefix ? prefix : free_prefix(map));
	(void)prop_id(connection->body, "peer");
	if (prefix)
		return;
	prefixes->comment = store_printf(map->store, "ASSUMED: ExpressRoute announces it by BGP. %s", option);
	assume(map->import, connection->body, option, "site %s: its prefix", given);
	note(map->import, SEVERITY_CHANGES, connection->body, "site %s: the prefixes that the circuit announces by BGP",
	     given);
}

static void put_connection(struct map *map, struct resource *connection)
{
	const char *near = prop_id(connection->body, "virtualNetworkGateway1"),
		   *far = prop_id(connection->body, "virtualNetworkGateway2"),
		   *local_id = prop_id(connection->body, "localNetworkGateway2");
	struct resource *gateway = resource_find(map->import, near, "virtualNetworkGateways"),
			*local = resource_find(map->import, local_id, "localNetworkGateways");
	struct resource *vnet = gateway ? vnet_of_gateway(map, gateway) : NULL;
	const char *type = prop_text(connection->body, "connectionType");
	struct js *selectors = prop(connection->body, "trafficSelectorPolicies");
	connection->mapped = true;
	if (selectors && selectors->n)
		note_prop(map->import, SEVERITY_CHANGES, selectors, "connection %s: its traffic selectors",
			  connection->label);
	if (!vnet) {
		note(map->import, SEVERITY_CHANGES, connection->body,
		     "connection %s: its gateway is not among the inputs", connection->label);
		connection->mapped = false;
		return;
	}
	if (far || (type && text_same(type, "Vnet2Vnet"))) {
		note(map->import, SEVERITY_CHANGES, connection->body,
		     "connection %s: between the gateways of two networks", connection->label);
		connection->mapped = false;
		return;
	}
	if (is_express(gateway) || (type && text_same(type, "ExpressRoute"))) {
		put_circuit(map, connection, vnet);
		return;
	}
	if (!local || local->existing) {
		note(map->import, SEVERITY_CHANGES, connection->body,
		     "connection %s: its local network is not among the inputs", connection->label);
		connection->mapped = false;
		return;
	}
	put_local_network(map, local, vnet, connection->body);
}

static void look_at_gateway(struct map *map, struct resource *gateway)
{
	struct js *clients = prop(gateway->body, "vpnClientConfiguration"),
		  *routes = prop(gateway->body, "customRoutes");
	struct js *site = prop(gateway->body, "gatewayDefaultSite");
	gateway->mapped = vnet_of_gateway(map, gateway);
	(void)is_express(gateway);
	if (!gateway->mapped)
		note(map->import, SEVERITY_CHANGES, gateway->body, "gateway %s: its network is not among the inputs",
		     gateway->label);
	struct js *pool = prop(clients, "vpnClientAddressPool");
	bool none = clients && js_get(clients, "vpnClientProtocols") && !pool; /* as answers have it */
	if (none)
		mark_all(clients, MARK_INERT);
	else if (clients && clients->n)
		note_prop(map->import, SEVERITY_MAY, clients, "gateway %s: clients that connect to it", gateway->label);
	if (routes && routes->n)
		note_prop(map->import, SEVERITY_CHANGES, routes, "gateway %s: its custom routes", gateway->label);
	if (site)
		note_prop(map->import, SEVERITY_CHANGES, site, "gateway %s: forced tunnelling to its default site",
			  gateway->label);
}

void map_gateways(struct map *map)
{
	struct import *import = map->import;
	for (size_t i = 0; i < import->n_resources; i++)
		if (resource_is(import->resources[i], "virtualNetworkGateways") && !import->resources[i]->existing)
			look_at_gateway(map, import->resources[i]);
	for (size_t i = 0; i < import->n_resources; i++)
		if (resource_is(import->resources[i], "connections") && !import->resources[i]->existing)
			put_connection(map, import->resources[i]);
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *local = import->resources[i];
		if (!resource_is(local, "localNetworkGateways") || local->existing || local->given)
			continue;
		note(map->import, SEVERITY_CHANGES, local->body,
		     "local network %s: no connection among the inputs joins it", local->label);
	}
}

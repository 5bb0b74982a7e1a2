/* DOC: virtual networks, their subnets and peerings. Subnets stand within a network or are resources of their own; both
 * count, and where one stands in both places its own resource does. A peering counts for the side that declares it:
 * where the language has sides they are kept, where it has none a peering needs both. */
#include "import/map.h"
#include "scenario/keys.h"
#include <string.h>

/* ---- regions ---- */

static const char *region_name(struct map *map, const char *location)
{
	char name[64];
	size_t n = 0;
	for (const char *p = location; *p && n < sizeof name - 1; p++)
		if (*p != ' ')
			name[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	name[n] = '\0';
	return name_is_valid(name) ? store_text(map->store, name, n) : NULL;
}

const char *map_region_of(struct map *map, struct resource *resource)
{
	struct js *location = js_get(resource->body, "location");
	const char *text = js_string(location);
	return text && !location->why ? region_name(map, text) : NULL;
}

/* Differs between regions: a name, or why it is not known. */
static const char *region_key(struct map *map, struct resource *vnet)
{
	const struct js *location = js_get(vnet->body, "location");
	const char *region = map_region_of(map, vnet);
	return region ? region : location ? location->why : NULL;
}

/* Regions are in the scenario where networks stand in more than one, or may. */
static bool has_several_regions(struct map *map)
{
	const char *first = NULL;
	for (size_t i = 0; i < map->import->n_resources; i++) {
		struct resource *at = map->import->resources[i];
		const char *key = resource_is(at, "virtualNetworks") && !at->existing ? region_key(map, at) : NULL;
		if (key && first && strcmp(key, first) != 0)
			return true;
		first = first ? first : key;
	}
	return false;
}

static void put_region(struct map *map, struct doc *doc, struct resource *vnet, struct doc *regions)
{
	const char *region = map_region_of(map, vnet);
	if (!regions)
		return;
	if (!region) {
		region = "region-unknown";
		assume(map->import, vnet->body, NULL, "%s: its region is not known", vnet->label);
	}
	if (!doc_get(regions, region))
		(void)doc_map(map->store, regions, region, true);
	doc_scalar(map->store, doc, "region", region);
	mark_all(js_get(vnet->body, "location"), MARK_USED);
}

void map_put_region(struct map *map, struct doc *doc, struct resource *resource)
{
	put_region(map, doc, resource, doc_get(map->network, "regions"));
}

/* ---- subnets ---- */

static void put_prefixes(struct map *map, struct doc *doc, const char *key, struct js *list, const char *what)
{
	char text[PREFIX_TEXT_BYTES];
	struct doc *prefixes = doc_list(map->store, doc, key, true);
	each_item(item, list)
	{
		struct prefix prefix;
		if (map_prefix(map, item, what, &prefix))
			doc_scalar(map->store, prefixes, NULL,
				   store_printf(map->store, "%s", prefix_print(prefix, text)));
	}
}

static bool has_list(enum section section, const char *key, enum key_type type)
{
	const struct key *found = key_find(section, key);
	return found && found->type == type;
}

/* The first IPv4 prefix is the subnet's; further ones where the language has lists. */
static bool put_cidr(struct map *map, struct subnet_fact *subnet, struct doc *doc, const char *what)
{
	char text[PREFIX_TEXT_BYTES];
	struct js *many = prop(subnet->body, "addressPrefixes"), *one = prop(subnet->body, "addressPrefix");
	struct js *list = many && (many->n > 0 || many->kind == JS_UNKNOWN) ? many : one;
	bool is_list = list && list == many && many->n > 1 && has_list(SECTION_SUBNET, "cidr", KEY_PREFIXES);
	struct doc *lists = is_list ? doc_list(map->store, doc, "cidr", true) : NULL;
	bool any = false;
	if (!list)
		note(map->import, SEVERITY_CHANGES, subnet->body, "%s: it has no prefix", what);
	each_item(item, list)
	{
		struct prefix prefix;
		if (!map_prefix(map, item, what, &prefix))
			continue;
		const char *printed = store_printf(map->store, "%s", prefix_print(prefix, text));
		if (any && !lists) {
			note_prop(map->import, SEVERITY_CHANGES, item, "%s: its further prefix %s", what, printed);
			continue;
		}
		doc_scalar(map->store, lists ? lists : doc, lists ? NULL : "cidr", printed);
		subnet->cidr = any ? subnet->cidr : prefix;
		any = true;
	}
	return any;
}

static const char *service_word(const char *service)
{
	static const struct {
		const char *azure, *word;
	} words[] = {{"Microsoft.Sql", "sql"},
		     {"Microsoft.Storage", "storage"},
		     {"Microsoft.Storage.Global", "storage-global"}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text_same(service, words[i].azure))
			return words[i].word;
	return NULL;
}

static void put_service_endpoints(struct map *map, struct subnet_fact *subnet, struct doc *doc, const char *what)
{
	struct js *list = prop(subnet->body, "serviceEndpoints");
	bool known = knows("network.vnets.subnets.service_endpoints");
	struct doc *words = NULL;
	each_item(item, list)
	{
		const char *service = item->kind == JS_OBJECT ? prop_text(item, "service") : js_string(item);
		const char *word = service ? service_word(service) : NULL;
		mark_all(item, MARK_USED); /* its locations are Azure's own */
		if (!known || !word) {
			note_prop(map->import, SEVERITY_MAY, item,
				  "%s: service endpoint %s: calls would keep the private address", what,
				  service ? service : "that is not known");
			continue;
		}
		words = words ? words : doc_list(map->store, doc, "service_endpoints", true);
		doc_scalar(map->store, words, NULL, word);
	}
}

static void put_subnet_switches(struct map *map, struct subnet_fact *subnet, struct doc *doc, const char *what)
{
	struct js *outbound = prop(subnet->body, "defaultOutboundAccess"),
		  *policies = prop(subnet->body, "privateEndpointNetworkPolicies");
	if (outbound && !js_is_true(outbound)) {
		if (knows("network.vnets.subnets.private"))
			doc_scalar(map->store, doc, "private", "true");
		else
			note_prop(map->import, SEVERITY_CHANGES, outbound, "%s: no default outbound access", what);
	}
	const char *text = js_string(policies), *word = NULL;
	if (text)
		word = text_same(text, "Enabled")                       ? "all"
		       : text_same(text, "NetworkSecurityGroupEnabled") ? "nsg"
		       : text_same(text, "RouteTableEnabled")           ? "routes"
									: NULL;
	if (!word)
		return;
	if (knows("network.vnets.subnets.private_endpoint_policies"))
		doc_scalar(map->store, doc, "private_endpoint_policies", word);
	else
		note_prop(map->import, SEVERITY_MAY, policies, "%s: network policies of private endpoints", what);
}

static void put_subnet(struct map *map, struct resource *vnet, struct doc *subnets, const struct child *child)
{
	void *items = map->subnets;
	if (!store_grow(map->store, &items, map->n_subnets, sizeof *map->subnets))
		return;
	map->subnets = items;
	struct subnet_fact *subnet = &map->subnets[map->n_subnets++];
	const char *space = store_printf(map->store, "subnets of %s", vnet->given);
	*subnet = (struct subnet_fact){
		.vnet = vnet,
		.label = child->label,
		.key = store_lower(map->store, store_printf(map->store, "%s/subnets/%s", vnet->key, child->label)),
		.name = map_name(map, space, child->label),
		.body = child->body};
	const char *given = store_printf(map->store, "%s/%s", vnet->given, subnet->name);
	struct doc *doc = doc_map(map->store, subnets, subnet->name, true);
	doc->from = child->body;
	doc->what = given;
	doc->comment = map_where(map, subnet->name, child->label, child->body);
	subnet->doc = doc;
	if (!put_cidr(map, subnet, doc, given)) {
		doc->dropped = true;
		return;
	}
	subnet->given = given;
	map_reference(map, doc, "nsg", child->body, "networkSecurityGroup", "networkSecurityGroups",
		      store_printf(map->store, "%s: group", given));
	map_reference(map, doc, "routes", child->body, "routeTable", "routeTables",
		      store_printf(map->store, "%s: route table", given));
	map_reference(map, doc, "nat_gateway", child->body, "natGateway", "natGateways",
		      store_printf(map->store, "%s: NAT gateway", given));
	put_service_endpoints(map, subnet, doc, given);
	put_subnet_switches(map, subnet, doc, given);
	map_source(map, doc, child->body);
}

/* A data source of a network names its subnets, and nothing more of them. */
static void note_named(struct map *map, struct resource *vnet)
{
	each_item(item, js_get(vnet->body, JS_TERRAFORM "subnets"))
	{
		const char *name = js_string(item);
		if (name &&
		    !resource_find(map->import, store_printf(map->store, "%s/subnets/%s", vnet->id, name), NULL))
			note_prop(map->import, SEVERITY_MAY, item,
				  "%s: its subnet %s, of which its name alone is known", vnet->given, name);
	}
}

/* ---- networks ---- */

static void put_vnet(struct map *map, struct resource *vnet, struct doc *regions)
{
	size_t n = 0;
	struct js *space = prop(vnet->body, "addressSpace.addressPrefixes");
	if (!space)
		space = prop(vnet->body, "addressSpace"); /* as some tools flatten it */
	vnet->mapped = true;
	vnet->given = map_name(map, "vnets", vnet->label);
	struct doc *doc = map_object(map, map->vnets, vnet->given, vnet->label, vnet->body);
	put_region(map, doc, vnet, regions);
	put_prefixes(map, doc, "space", space, vnet->given);
	if (doc_is_empty(doc_get(doc, "space"))) {
		if (!space || space->n == 0)
			note(map->import, SEVERITY_CHANGES, vnet->body, "%s: the network has no address space",
			     vnet->given);
		doc->dropped = true;
		vnet->mapped = false;
		vnet->given = NULL;
		return;
	}
	struct js *dns = prop(vnet->body, "dhcpOptions.dnsServers");
	if (dns && dns->n > 0)
		note_prop(map->import, SEVERITY_MAY, dns, "%s: its own DNS servers", vnet->given);
	map_source(map, doc, vnet->body);
	struct child *children = map_children(map, vnet, "subnets", "virtualNetworks/subnets", &n);
	struct doc *subnets = doc_map(map->store, doc, "subnets", false);
	for (size_t i = 0; i < n; i++)
		put_subnet(map, vnet, subnets, &children[i]);
	if (doc_is_empty(subnets))
		subnets->dropped = true;
	if (vnet->looked_up)
		note_named(map, vnet);
}

/* ---- peerings ---- */

struct side {
	struct resource *vnet, *remote;
	struct js *body;
};

static bool switch_of(struct js *body, const char *path, bool fallback)
{
	struct js *at = prop(body, path);
	return at ? js_is_true(at) : fallback;
}

static void put_side(struct map *map, struct doc *peers, const struct side *side)
{
	static const struct {
		const char *azure, *key;
		bool fallback;
	} switches[] = {{"allowVirtualNetworkAccess", "access", true},
			{"allowForwardedTraffic", "forwarded", false},
			{"allowGatewayTransit", "gateway_transit", false},
			{"useRemoteGateways", "use_remote_gateway", false}};
	struct js *whole = prop(side->body, "peerCompleteVnets"), *ipv6 = prop(side->body, "enableOnlyIPv6Peering");
	if ((whole && !js_is_true(whole)) || js_is_true(ipv6))
		note_prop(map->import, SEVERITY_CHANGES, js_is_true(ipv6) ? ipv6 : whole,
			  "peering of %s with %s: of some subnets, or of IPv6, alone; the scenario peers all",
			  side->vnet->given, side->remote->given);
	struct doc *doc = doc_map(map->store, peers, side->remote->given, true);
	doc->from = side->body;
	doc->what = store_printf(map->store, "peering of %s with %s", side->vnet->given, side->remote->given);
	doc->comment = map_where(map, NULL, NULL, side->body);
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		if (switch_of(side->body, switches[i].azure, switches[i].fallback) != switches[i].fallback)
			doc_scalar(map->store, doc, switches[i].key, switches[i].fallback ? "false" : "true");
}

/* The language has no sides: what their switches say beyond it is noted. */
static void note_switches(struct map *map, const struct side *side)
{
	static const struct {
		const char *azure, *what;
		bool expected;
	} switches[] = {{"allowVirtualNetworkAccess", "without access to the peer", true},
			{"allowForwardedTraffic", "without forwarded traffic", true},
			{"allowGatewayTransit", "gateway transit", false},
			{"useRemoteGateways", "use of the peer's gateway", false}};
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		struct js *at = prop(side->body, switches[i].azure);
		if (at && js_is_true(at) != switches[i].expected)
			note_prop(map->import, i == 1 ? SEVERITY_MAY : SEVERITY_CHANGES, at,
				  "peering of %s with %s: %s", side->vnet->given, side->remote->given,
				  switches[i].what);
	}
}

static bool has_other_side(const struct side *sides, size_t n, const struct side *side)
{
	const char *state = prop_text(side->body, "peeringState");
	if (state && text_same(state, "Connected"))
		return true;
	for (size_t i = 0; i < n; i++)
		if (sides[i].vnet == side->remote && sides[i].remote == side->vnet)
			return true;
	return false;
}

static void put_peers(struct map *map, const struct side *sides, size_t n, struct doc *vnet)
{
	bool maps = !has_list(SECTION_VNET, "peers", KEY_REFS);
	struct doc *peers = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct side *side = &sides[i];
		if (strcmp(side->vnet->given, vnet->key) != 0)
			continue;
		peers = peers ? peers
			      : (maps ? doc_map(map->store, vnet, "peers", false)
				      : doc_list(map->store, vnet, "peers", true));
		if (maps) {
			put_side(map, peers, side);
			continue;
		}
		if (!has_other_side(sides, n, side)) {
			note(map->import, SEVERITY_CHANGES, side->body,
			     "peering of %s with %s: the other side has none", side->vnet->given, side->remote->given);
			continue;
		}
		struct doc *peer = doc_scalar(map->store, peers, NULL, side->remote->given);
		peer->what = store_printf(map->store, "peering of %s with %s", side->vnet->given, side->remote->given);
		peer->from = side->body;
		note_switches(map, side);
	}
	if (peers && doc_is_empty(peers))
		peers->dropped = true;
}

static void gather_sides(struct map *map, struct resource *vnet, struct side **sides, size_t *n)
{
	size_t n_children;
	struct child *children = map_children(map, vnet, "virtualNetworkPeerings",
					      "virtualNetworks/virtualNetworkPeerings", &n_children);
	for (size_t i = 0; i < n_children; i++) {
		const char *id = prop_id(children[i].body, "remoteVirtualNetwork");
		struct resource *remote = resource_find(map->import, id, "virtualNetworks");
		void *items = *sides;
		if (!remote || !remote->given) {
			note_prop(map->import, SEVERITY_CHANGES, children[i].body,
				  "peering %s of %s: its network %s is not among the inputs", children[i].label,
				  vnet->given, id ? id : "is not known, and");
			continue;
		}
		if (!store_grow(map->store, &items, *n, sizeof **sides))
			return;
		*sides = items;
		(*sides)[(*n)++] = (struct side){vnet, remote, children[i].body};
	}
}

void map_networks(struct map *map)
{
	struct side *sides = NULL;
	size_t n_sides = 0;
	struct doc *regions = has_several_regions(map) ? doc_map(map->store, map->network, "regions", false) : NULL;
	struct import *import = map->import;
	for (size_t i = 0; i < import->n_resources; i++)
		if (resource_is(import->resources[i], "virtualNetworks") && !import->resources[i]->existing)
			put_vnet(map, import->resources[i], regions);
	for (size_t i = 0; i < import->n_resources; i++)
		if (resource_is(import->resources[i], "virtualNetworks") && import->resources[i]->given)
			gather_sides(map, import->resources[i], &sides, &n_sides);
	for (struct doc *vnet = map->vnets->first; vnet; vnet = vnet->next)
		if (!vnet->dropped)
			put_peers(map, sides, n_sides, vnet);
}

/* DOC: NAT gateways, and prefixes of public addresses. A gateway has addresses of its own and all those of its prefixes;
 * what Azure has not allotted yet is assumed. One without an address carries nothing and is noted. Subnets name their
 * gateway, so that gateways come before networks. */
#include "import/map.h"
#include <string.h>

#define PREFIX_LEAST 28 /* Azure gives /28 to /31 of IPv4 */
#define PREFIX_MOST 31

/* What the inputs say of a prefix, --address, or one of documentation's, assumed. */
static struct prefix public_prefix(struct map *map, struct resource *resource, bool *ret_assumed)
{
	struct prefix prefix;
	int64_t length = PREFIX_LEAST;
	const char *option = address_of(map->import, resource->label), *text = prop_text(resource->body, "ipPrefix");
	*ret_assumed = false;
	(void)prop_int(resource->body, "prefixLength", &length);
	if (option && prefix_parse(option, &prefix) == PREFIX_OK)
		return prefix;
	if (text && !js_is_unknown(prop(resource->body, "ipPrefix")) && prefix_parse(text, &prefix) == PREFIX_OK)
		return prefix;
	*ret_assumed = true;
	length = length < PREFIX_LEAST ? PREFIX_LEAST : length > PREFIX_MOST ? PREFIX_MOST : length;
	uint32_t size = UINT32_C(1) << (32 - length), first = (map->next_public + size - 1) / size * size;
	if (first + size > 256) /* the documentation's network is used up: from its beginning */
		first = 0;
	map->next_public = first + size;
	prefix = (struct prefix){be32_from((203u << 24) + (113u << 8) + first), (uint8_t)length};
	return prefix;
}

static bool is_ipv6(struct resource *resource)
{
	const char *version = prop_text(resource->body, "publicIPAddressVersion");
	return version && text_same(version, "IPv6");
}

static void put_prefix(struct map *map, struct doc *list, struct resource *resource)
{
	char text[PREFIX_TEXT_BYTES], address[ADDR_TEXT_BYTES];
	bool assumed;
	resource->mapped = true;
	struct prefix prefix = public_prefix(map, resource, &assumed);
	const char *printed = store_printf(map->store, "%s", prefix_print(prefix, text));
	for (uint32_t i = 0; i < prefix_size(prefix) && i < 16; i++)
		doc_scalar(map->store, list, NULL,
			   store_printf(map->store, "%s", addr_print(prefix_nth(prefix, i), address)));
	if (!assumed)
		return;
	const char *option = store_printf(map->store, "--address %s=PREFIX", resource->label);
	assume(map->import, resource->body, option, "%s: public prefix %s", resource->label, printed);
	map_comment(map, list, store_printf(map->store, "ASSUMED: prefix %s. %s", printed, option));
}

static void put_addresses(struct map *map, struct doc *list, struct resource *gateway)
{
	struct js *addresses = prop(gateway->body, "publicIpAddresses"),
		  *prefixes = prop(gateway->body, "publicIpPrefixes");
	each_item(item, addresses)
	{
		bool assumed;
		struct resource *resource = resource_find(map->import, prop_id(item, "id"), "publicIPAddresses");
		if (resource && is_ipv6(resource)) {
			note_prop(map->import, SEVERITY_MAY, item, "%s: IPv6 address %s", gateway->given,
				  resource->label);
			continue;
		}
		const char *address = map_public_of(map, item, "id", gateway->given, &assumed);
		if (!address)
			continue;
		doc_scalar(map->store, list, NULL, address);
		if (assumed)
			map_comment(map, list,
				    store_printf(map->store, "ASSUMED: %s. --address %s=IP", address,
						 resource ? resource->label : gateway->label));
	}
	each_item(item, prefixes)
	{
		const char *id = prop_id(item, "id"), *label = id ? strrchr(id, '/') : NULL;
		struct resource *resource = resource_find(map->import, id, "publicIPPrefixes");
		if (resource && !resource->existing && !is_ipv6(resource))
			put_prefix(map, list, resource);
		else
			note_prop(map->import, resource && is_ipv6(resource) ? SEVERITY_MAY : SEVERITY_CHANGES, item,
				  "%s: public prefix %s, which is not among the inputs", gateway->given,
				  label ? label + 1 : "that is not known");
	}
}

static void put_idle(struct map *map, struct doc *doc, struct resource *gateway)
{
	int64_t minutes;
	if (!prop_int(gateway->body, "idleTimeoutInMinutes", &minutes) || minutes == 4)
		return;
	struct doc *idle =
		doc_scalar(map->store, doc, "tcp_idle", store_printf(map->store, "%lldm", (long long)minutes));
	idle->what = store_printf(map->store, "%s: its idle timeout", gateway->given);
	idle->from = prop(gateway->body, "idleTimeoutInMinutes");
}

static void put_sku(struct map *map, struct doc *doc, struct resource *gateway)
{
	struct js *sku = prop(gateway->body, "sku"), *at = sku && sku->kind == JS_OBJECT ? prop(sku, "name") : sku;
	const char *text = js_string(at);
	if (!text || text_same(text, "Standard"))
		return;
	if (text_same(text, "StandardV2"))
		doc_scalar(map->store, doc, "sku", "v2");
	else
		note_prop(map->import, SEVERITY_MAY, at, "%s: a NAT gateway of SKU %s", gateway->given, text);
}

void map_nat_gateways(struct map *map)
{
	struct import *import = map->import;
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *gateway = import->resources[i];
		if (!resource_is(gateway, "natGateways") || gateway->existing)
			continue;
		gateway->mapped = true;
		gateway->given = map_name(map, "hosts", gateway->label);
		struct doc *doc = map_object(map, map->nat_gateways, gateway->given, gateway->label, gateway->body);
		struct doc *list = doc_list(map->store, doc, "address", true);
		put_addresses(map, list, gateway);
		if (!list->first) {
			note(import, SEVERITY_CHANGES, gateway->body,
			     "NAT gateway %s: it has no public address, so that it carries nothing", gateway->label);
			doc->dropped = true;
			gateway->given = NULL;
			continue;
		}
		put_idle(map, doc, gateway);
		put_sku(map, doc, gateway);
		map_source(map, doc, gateway->body);
	}
}

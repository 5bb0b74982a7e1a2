/* DOC: private endpoints. The service behind one is a platform service of the scenario, an SQL server or a storage account,
 * whose public address no input says, so it is assumed; or it is a web app. Its name is the endpoint's address in the
 * networks that are linked to the private zones of the endpoint: those of its zone groups, and those that have a record
 * of its address. */
#include "import/map.h"
#include <string.h>

static const struct {
	const char *part, *service; /* of the id of the service */
	const char *group, *domain; /* the first of its kind where the group is not given */
} services[] = {
	{"/microsoft.sql/servers/", "sql", "sqlServer", "database.windows.net"},
	{"/microsoft.storage/storageaccounts/", "storage", "blob", "blob.core.windows.net"},
	{"/microsoft.storage/storageaccounts/", "storage", "file", "file.core.windows.net"},
	{"/microsoft.storage/storageaccounts/", "storage", "queue", "queue.core.windows.net"},
	{"/microsoft.storage/storageaccounts/", "storage", "table", "table.core.windows.net"},
	{"/microsoft.storage/storageaccounts/", "storage", "web", "web.core.windows.net"},
	{"/microsoft.storage/storageaccounts/", "storage", "dfs", "dfs.core.windows.net"},
};
#define APPS "/microsoft.web/sites/"
#define N_SERVICES (sizeof services / sizeof *services)

struct endpoint_map {
	struct map *map;
	struct resource *resource;
	struct js *connection;
	const struct subnet_fact *subnet;
};

static struct js *first_of(struct js *node, const char *path)
{
	struct js *list = prop(node, path);
	return list && list->kind == JS_ARRAY ? list->first : NULL;
}

/* ---- its address ---- */

static const char *known_address(struct js *node, const char *path)
{
	const char *text = node ? prop_text(node, path) : NULL;
	be32 addr;
	return text && addr_parse(text, &addr) && !js_is_unknown(prop(node, path)) ? text : NULL;
}

/* The interface that Azure makes for it. */
static const char *address_of_interface(struct endpoint_map *e)
{
	struct js *at = first_of(e->resource->body, "networkInterfaces");
	struct resource *nic = at ? resource_find(e->map->import, prop_id(at, "id"), "networkInterfaces") : NULL;
	return nic ? known_address(first_of(nic->body, "ipConfigurations"), "privateIPAddress") : NULL;
}

static const char *find_address(struct endpoint_map *e)
{
	struct js *names = first_of(e->resource->body, "customDnsConfigs"),
		  *listed = names ? first_of(names, "ipAddresses") : NULL;
	const char *given = address_of(e->map->import, e->resource->label),
		   *found = known_address(first_of(e->resource->body, "ipConfigurations"), "privateIPAddress");
	found = found ? found : known_address(e->connection, "privateIPAddress");
	found = found ? found : address_of_interface(e);
	const char *text = js_string(listed);
	be32 addr;
	if (!found && text && !listed->why && addr_parse(text, &addr))
		found = text;
	return given ? given : found;
}

/* From the top of the subnet downwards, where no machine stands by itself. */
static const char *assumed_address(struct endpoint_map *e, size_t number)
{
	char text[ADDR_TEXT_BYTES];
	uint32_t size = (uint32_t)prefix_size(e->subnet->cidr), n = size > 8 + number ? size - 2 - (uint32_t)number : 4;
	return store_printf(e->map->store, "%s", addr_print(prefix_nth(e->subnet->cidr, n), text));
}

/* ---- the service behind it ---- */

static const char *group_of(struct endpoint_map *e)
{
	const char *text = js_string(first_of(e->connection, "groupIds"));
	return text ? text : "";
}

/* N_SERVICES: the language has none of its kind. */
static size_t service_of(struct endpoint_map *e, const char *id)
{
	size_t found = N_SERVICES;
	for (size_t i = 0; i < N_SERVICES; i++) {
		if (!strcasestr(id, services[i].part))
			continue;
		if (text_same(services[i].group, group_of(e)))
			return i;
		found = found == N_SERVICES ? i : found;
	}
	return found;
}

/* In the scenario a service takes calls at its public address, too. */
static void note_closed(struct map *map, struct resource *service)
{
	struct js *access = prop(service->body, "publicNetworkAccess"), *rules = prop(service->body, "networkAcls"),
		  *action = prop(rules, "defaultAction");
	const char *open = js_string(access), *rest = js_string(action);
	if (open && !text_same(open, "Enabled"))
		note_prop(map->import, SEVERITY_CHANGES, access,
			  "%s: closed but for private endpoints; the scenario admits calls to its public address",
			  service->given);
	else if (rest && text_same(rest, "Deny"))
		note_prop(map->import, SEVERITY_CHANGES, rules,
			  "%s: its rules deny by default; the scenario admits calls to its public address",
			  service->given);
}

/* The server or account itself, where it is among the inputs, is in the scenario then. */
static void take_resource(struct map *map, const char *id, const char *given)
{
	static const char *const types[] = {"Microsoft.Sql/servers", "Microsoft.Storage/storageAccounts"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct resource *service = resource_find(map->import, id, types[i]);
		if (!service || service->existing)
			continue;
		service->mapped = true;
		service->given = given;
		note_closed(map, service);
	}
}

/* The host that stands for a service; the same for all endpoints of its kind of part. */
static const char *put_service(struct endpoint_map *e, const char *id, size_t service)
{
	struct map *map = e->map;
	const char *label = strrchr(id, '/') + 1, *domain = services[service].domain;
	const char *dns = store_printf(map->store, "%s.%s", label, domain);
	for (struct doc *at = map->hosts->first; at; at = at->next) {
		struct doc *known = doc_get(at, "dns");
		if (known && known->text && text_same(known->text, dns))
			return at->key;
	}
	bool assumed;
	const char *given = map_name(map, "hosts", label);
	struct doc *doc = map_object(map, map->hosts, given, label, e->connection);
	const char *address = map_public_address(map, e->connection, label, given, &assumed);
	doc_scalar(map->store, doc, "service", services[service].service);
	doc_scalar(map->store, doc, "ip", address);
	doc_scalar(map->store, doc, "dns", dns);
	const char *region = doc_get(map->network, "regions") ? map_region_of(map, e->subnet->vnet) : NULL;
	if (region)
		doc_scalar(map->store, doc, "region", region);
	if (assumed)
		map_comment(map, doc, store_printf(map->store, "ASSUMED: address %s. --address %s=IP", address, label));
	take_resource(map, id, given);
	return given;
}

/* The web app behind it, as the scenario has it; NULL. One of its slots is none. */
static const char *app_of(struct endpoint_map *e, const char *id)
{
	if (!strcasestr(id, APPS) || (*group_of(e) && !text_same(group_of(e), "sites")))
		return NULL;
	struct resource *app = resource_find(e->map->import, id, "Microsoft.Web/sites");
	return app && app->given && doc_get(e->map->apps, app->given) ? app->given : NULL;
}

/* ---- its names ---- */

static void put_links(struct endpoint_map *e, struct doc *list, struct resource *zone)
{
	struct map *map = e->map;
	size_t n;
	struct child *links = map_children(map, zone, "virtualNetworkLinks", "privateDnsZones/virtualNetworkLinks", &n);
	zone->mapped = true;
	for (size_t i = 0; i < n; i++) {
		const char *id = prop_id(links[i].body, "virtualNetwork");
		struct resource *vnet = resource_find(map->import, id, "virtualNetworks");
		mark_all(links[i].body, MARK_USED);
		if (!vnet || !vnet->given) {
			note_prop(map->import, SEVERITY_MAY, links[i].body,
				  "%s: a link of zone %s to a network that is not in the scenario", e->resource->given,
				  zone->label);
			continue;
		}
		bool twice = false;
		for (struct doc *at = list->first; at; at = at->next)
			twice |= at->text && strcmp(at->text, vnet->given) == 0;
		if (!twice)
			doc_scalar(map->store, list, NULL, vnet->given);
	}
}

static void put_zone(struct endpoint_map *e, struct doc *list, struct js *at, const char *id)
{
	struct resource *zone = resource_find(e->map->import, id, "privateDnsZones");
	const char *label = id ? strrchr(id, '/') : NULL;
	if (zone && !zone->existing)
		put_links(e, list, zone);
	else
		note_prop(e->map->import, SEVERITY_MAY, at, "%s: private zone %s, which is not among the inputs",
			  e->resource->given, label ? label + 1 : "that is not known");
}

/* A record of this endpoint: of its address, or of that which Azure allots to it. */
static bool names_endpoint(struct endpoint_map *e, struct js *record, const char *address)
{
	struct js *items = prop(record, "aRecords");
	each_item(item, items)
	{
		struct js *at = item->kind == JS_OBJECT ? prop(item, "ipv4Address") : item;
		const char *text = js_string(at);
		if (text && text_begins(text, JS_ADDRESS_OF) &&
		    resource_find(e->map->import, text + strlen(JS_ADDRESS_OF), NULL) == e->resource)
			return true;
		if (text && strcmp(text, address) == 0)
			return true;
	}
	return false;
}

/* Zones that have a record of its address, as those without zone groups have. */
static void put_records(struct endpoint_map *e, struct doc *list, const char *address)
{
	struct import *import = e->map->import;
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *record = import->resources[i], *zone = resource_parent(import, record);
		if (!resource_is(record, "privateDnsZones/A") || !zone || zone->existing ||
		    !names_endpoint(e, record->body, address))
			continue;
		put_links(e, list, zone);
		record->mapped = true;
		mark_all(record->body, MARK_USED);
	}
}

static void put_zones(struct endpoint_map *e, struct doc *doc, const char *address)
{
	struct map *map = e->map;
	size_t n, n_notes = map->import->n_notes;
	struct doc *list = doc_list(map->store, doc, "dns", true);
	struct child *groups =
		map_children(map, e->resource, "privateDnsZoneGroups", "privateEndpoints/privateDnsZoneGroups", &n);
	for (size_t i = 0; i < n; i++) {
		each_item(item, prop(groups[i].body, "privateDnsZoneConfigs"))
		{
			put_zone(e, list, item, prop_id(item, "privateDnsZoneId"));
		}
		each_item(item, prop(groups[i].body, "zones"))
		{
			put_zone(e, list, item, prop_id(item, "id"));
		}
		mark_all(groups[i].body, MARK_USED);
	}
	put_records(e, list, address);
	list->dropped = !list->first;
	if (!list->first && map->import->n_notes == n_notes)
		note(map->import, SEVERITY_MAY, e->resource->body,
		     "%s: no private zone of the inputs has its address; the service's name is the public address",
		     e->resource->given);
}

/* ---- all of it ---- */

static void put_endpoint(struct map *map, struct resource *resource, size_t number)
{
	struct endpoint_map e = {.map = map, .resource = resource};
	e.connection = first_of(resource->body, "privateLinkServiceConnections");
	if (!e.connection)
		e.connection = first_of(resource->body, "manualPrivateLinkServiceConnections");
	const char *id = e.connection ? prop_id(e.connection, "privateLinkServiceId") : NULL;
	size_t service = id ? service_of(&e, id) : N_SERVICES;
	const char *app = id ? app_of(&e, id) : NULL;
	if (service == N_SERVICES && !app) {
		note_prop(map->import, SEVERITY_CHANGES, resource->body, "%s: a private endpoint of %s",
			  resource->label,
			  id && strcasestr(id, APPS) ? "a web app that is not in the scenario"
						     : "a service that the language has no noun for");
		return;
	}
	resource->given = map_name(map, "hosts", resource->label);
	e.subnet = map_subnet_of(map, resource->body, "subnet", resource->given);
	if (!e.subnet) {
		resource->given = NULL;
		return;
	}
	resource->mapped = true;
	const char *to = app ? app : put_service(&e, id, service), *address = find_address(&e);
	struct doc *doc = map_object(map, map->endpoints, resource->given, resource->label, resource->body);
	doc_scalar(map->store, doc, "subnet", e.subnet->given);
	if (!address) {
		const char *option = store_printf(map->store, "--address %s=IP", resource->label);
		address = assumed_address(&e, number);
		assume(map->import, resource->body, option, "%s: inside address %s", resource->given, address);
		map_comment(map, doc, store_printf(map->store, "ASSUMED: address %s. %s", address, option));
	}
	doc_scalar(map->store, doc, "address", address);
	doc_scalar(map->store, doc, "to", to);
	put_zones(&e, doc, address);
	map_source(map, doc, resource->body);
	mark_all(resource->body, MARK_USED);
}

void map_endpoints(struct map *map)
{
	struct import *import = map->import;
	size_t number = 0;
	for (size_t i = 0; knows("network.private_endpoints") && i < import->n_resources; i++)
		if (resource_is(import->resources[i], "privateEndpoints") && !import->resources[i]->existing)
			put_endpoint(map, import->resources[i], number++);
}

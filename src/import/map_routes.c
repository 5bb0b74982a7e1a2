/* DOC: route tables. The next hop of a virtual appliance is an address; the scenario names who has it. Where none of the
 * inputs has it, and it lies in a subnet of the scenario, a machine that forwards is assumed there; where it lies in
 * none, the route drops, as the appliance that it needs is not there, and NOT MODELLED says so. */
#include "import/map.h"
#include <string.h>

static const char *assumed_appliance(struct map *map, struct js *at, be32 addr, const char *what)
{
	char text[ADDR_TEXT_BYTES];
	struct subnet_fact *subnet = map_subnet_of_address(map, addr, NULL);
	if (!subnet)
		return NULL;
	addr_print(addr, text);
	const uint32_t number = be32_to(addr);
	const char *given = map_name(map, "hosts",
				     store_printf(map->store, "appliance-%u-%u-%u-%u", number >> 24, number >> 16 & 255,
						  number >> 8 & 255, number & 255));
	struct doc *doc = doc_map(map->store, map->hosts, given, true);
	doc->from = at;
	doc->what = given;
	doc->comment = store_printf(map->store, "ASSUMED: %s names this address, and none of the inputs has it", what);
	doc_scalar(map->store, doc, "subnet", subnet->given);
	doc_scalar(map->store, doc, "ip", store_printf(map->store, "%s", text));
	doc_scalar(map->store, doc, "forwards", "true");
	assume(map->import, at, NULL, "%s: an appliance at %s that forwards", given, text);
	(void)map_add_machine(
		map,
		(struct machine_fact){.given = given, .subnet = subnet, .addr = addr, .forwards = true, .doc = doc});
	return given;
}

/* An interface that does not forward drops what is sent to it, as no appliance at all does. */
static const char *hop_of_machine(struct map *map, struct js *at, be32 addr, const char *what)
{
	for (size_t i = 0; i < map->n_machines; i++) {
		struct machine_fact *machine = &map->machines[i];
		if (!be32_equal(machine->addr, addr))
			continue;
		if (knows("network.nat_gateways"))
			return machine->given;
		note(map->import, SEVERITY_CHANGES, at, "%s: `%s` does not forward, so that the route drops", what,
		     machine->given);
		return "none";
	}
	return NULL;
}

/* The inside frontend of a balancer that has this address (ADDR_NONE: any) and takes all ports; what has the address and
 * does not is in `*ret_narrow`. NULL: there is none. */
static const char *hop_of_balancer(struct map *map, const char *name, be32 addr, const char **ret_narrow)
{
	*ret_narrow = NULL;
	for (struct doc *b = map->balancers->first; b; b = b->next) {
		const struct doc *frontends = doc_get(b, "frontends"), *rules = doc_get(b, "rules");
		for (const struct doc *at = frontends && !b->dropped ? frontends->first : NULL; at; at = at->next) {
			const struct doc *address = doc_get(at, "address");
			be32 own;
			if (!doc_get(at, "subnet") || (name && strcmp(b->key, name) != 0) ||
			    (!be32_equal(addr, ADDR_NONE) &&
			     !(address && addr_parse(address->text, &own) && be32_equal(own, addr))))
				continue;
			const char *point = store_printf(map->store, "%s/%s", b->key, at->key);
			*ret_narrow = point;
			for (const struct doc *rule = rules ? rules->first : NULL; rule; rule = rule->next)
				if (strcmp(doc_get(rule, "frontend")->text, at->key) == 0 &&
				    strcmp(doc_get(rule, "port")->text, "any") == 0)
					return point;
		}
	}
	return NULL;
}

/* An address that Azure allots: the text names the resource that gets it. */
static const char *hop_of_resource(struct map *map, struct js *at, const char *id)
{
	struct resource *resource = resource_find(map->import, id, NULL);
	if (!resource || !resource->given)
		return NULL;
	const char *narrow, *hop = resource_is(resource, "loadBalancers")
					   ? hop_of_balancer(map, resource->given, ADDR_NONE, &narrow)
					   : resource->given;
	if (hop)
		assume(map->import, at, NULL, "the next hop is `%s`, whose address Azure allots", hop);
	return hop;
}

static const char *appliance_hop(struct map *map, struct js *body, const char *what)
{
	struct js *at = prop(body, "nextHopIpAddress");
	const char *text = js_string(at), *hop = NULL;
	be32 addr;
	if (text && text_begins(text, JS_ADDRESS_OF))
		hop = hop_of_resource(map, at, text + strlen(JS_ADDRESS_OF));
	if (hop)
		return hop;
	if (!text || js_is_unknown(at) || !addr_parse(text, &addr)) {
		need(map->import, at ? at : body, store_printf(map->store, "%s: the address of its appliance", what));
		return "none";
	}
	const char *narrow;
	hop = map_hop_of_address(map, addr);
	hop = hop ? hop : hop_of_balancer(map, NULL, addr, &narrow);
	if (!hop && narrow) {
		note(map->import, SEVERITY_CHANGES, at, "%s: `%s` does not take all ports, so that the route drops",
		     what, narrow);
		return "none";
	}
	hop = hop ? hop : hop_of_machine(map, at, addr, what);
	hop = hop ? hop : assumed_appliance(map, at, addr, what);
	if (hop)
		return hop;
	note(map->import, SEVERITY_CHANGES, at, "%s: its appliance %s is in no subnet of the inputs: the route drops",
	     what, text);
	return "none";
}

static const char *next_hop(struct map *map, struct js *body, const char *what)
{
	static const struct {
		const char *azure, *word;
	} words[] = {{"VnetLocal", "vnet"},
		     {"Internet", "internet"},
		     {"VirtualNetworkGateway", "gateway"},
		     {"None", "none"}};
	struct js *at = prop(body, "nextHopType");
	const char *text = js_string(at);
	for (size_t i = 0; text && i < sizeof words / sizeof *words; i++)
		if (text_same(text, words[i].azure))
			return words[i].word;
	if (text && text_same(text, "VirtualAppliance"))
		return appliance_hop(map, body, what);
	need(map->import, at ? at : body, store_printf(map->store, "%s: its next hop", what));
	return NULL;
}

/* A service tag as a prefix. */
static bool is_tag(const char *text)
{
	return text && !map_is_ipv6(text) && ((*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z'));
}

static void put_route(struct map *map, struct doc *routes, const char *table, const struct child *child)
{
	char printed[PREFIX_TEXT_BYTES];
	struct prefix prefix = {0};
	struct js *at = prop(child->body, "addressPrefix");
	const char *name = map_name(map, store_printf(map->store, "routes of %s", table), child->label),
		   *what = store_printf(map->store, "%s: route %s", table, name), *text = js_string(at);
	bool tag = at && !at->why && is_tag(text);
	/* A tag that the language has by itself is none of routes. */
	const char *word = tag ? map_tag_word(text) : NULL,
		   *tag_name = word ? store_printf(map->store, "%s-prefixes", text) : text;
	if (tag && !knows("network.tags")) {
		note_prop(map->import, SEVERITY_CHANGES, child->body, "%s: it is for service tag %s", what, text);
		return;
	}
	if (!at)
		need(map->import, child->body, store_printf(map->store, "%s: its prefix", what));
	bool goes = at && (tag ? map_tag(map, at, tag_name, what) : map_prefix(map, at, what, &prefix));
	const char *hop = goes ? next_hop(map, child->body, what) : NULL;
	if (!hop) {
		mark_all(child->body, MARK_USED);
		return;
	}
	struct doc *doc = doc_map(map->store, routes, name, true);
	doc->from = child->body;
	doc->what = what;
	doc->comment = map_where(map, name, child->label, child->body);
	doc_scalar(map->store, doc, "prefix",
		   tag ? tag_name : store_printf(map->store, "%s", prefix_print(prefix, printed)));
	if (tag)
		at->mark = MARK_USED;
	doc_scalar(map->store, doc, "next_hop", hop);
	map_source(map, doc, child->body);
}

static void put_table(struct map *map, struct doc *doc, struct resource *table)
{
	size_t n;
	if (prop_true(table->body, "disableBgpRoutePropagation"))
		doc_scalar(map->store, doc, "gateway_routes", "false");
	map_source(map, doc, table->body);
	struct doc *routes = doc_map(map->store, doc, "routes", false);
	struct child *children = map_children(map, table, "routes", "routeTables/routes", &n);
	map->current_file = table->body->file;
	for (size_t i = 0; i < n; i++)
		put_route(map, routes, table->given, &children[i]);
	routes->dropped = doc_is_empty(routes);
	doc->flow = doc_is_empty(doc);
}

/* Tables have names before subnets refer to them; their routes come when all that they may name is known. */
void map_table_names(struct map *map)
{
	struct import *import = map->import;
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *table = import->resources[i];
		if (!resource_is(table, "routeTables") || table->existing)
			continue;
		table->mapped = true;
		table->given = map_name(map, "route_tables", table->label);
		(void)map_object(map, map->tables, table->given, table->label, table->body);
	}
}

void map_routes(struct map *map)
{
	struct import *import = map->import;
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *table = import->resources[i];
		struct doc *doc =
			table->given && resource_is(table, "routeTables") ? doc_get(map->tables, table->given) : NULL;
		if (doc)
			put_table(map, doc, table);
	}
}

/* DOC: the section `route_tables`. A table is named by subnets before its next hops, which are hosts, are known: names
 * first, routes after the hosts. */
#include "model/elements.h"
#include "scenario/kinds.h"
#include <stdlib.h>
#include <string.h>

static bool find_hop(const char *text, enum route_hop *ret)
{
	static const enum route_hop hops[] = {HOP_INTERNET, HOP_VNET, HOP_GATEWAY, HOP_NONE};
	for (size_t i = 0; i < sizeof hops / sizeof *hops; i++)
		if (strcmp(text, route_hop_name(hops[i])) == 0) {
			*ret = hops[i];
			return true;
		}
	return false;
}

static const char *hop_hint(struct decoder *d, const char *text)
{
	const struct model *model = d->model;
	const char **names = decode_array(d, model->n_hosts + 4, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; names && i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_VM)
			names[n++] = model->hosts[i].name;
	if (names) {
		names[n++] = "internet";
		names[n++] = "vnet";
		names[n++] = "gateway";
		names[n++] = "none";
	}
	const char *hint = names ? did_you_mean(d, text, names, n) : NULL;
	return hint ? hint : "internet, vnet, gateway, none, or a host that forwards";
}

static bool has_express_route(const struct model *model, uint32_t vnet)
{
	for (size_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_gateway && vnet_uses_gateway_of(model->vnets, vnet, model->sites[i].vnet) &&
		    model->sites[i].kind == GATEWAY_EXPRESS_ROUTE)
			return true;
	return false;
}

void check_gateway_hop(struct decoder *d, uint32_t table, const struct route *route, struct place place)
{
	const struct model *model = d->model;
	for (size_t i = 0; route->hop == HOP_GATEWAY && i < model->n_subnets; i++) {
		if (model->subnets[i].routes != table || !has_express_route(model, model->subnets[i].vnet))
			continue;
		diag_error(d->diags, place,
			   "leave the route out and let the site advertise the prefix, or route to an appliance",
			   "Azure refuses a user route to `gateway` where the network has an ExpressRoute gateway: "
			   "`%s` has one",
			   model->vnets[model->subnets[i].vnet].name);
		return;
	}
}

/* ---- frontends of load balancers ---- */

/* BALANCER/FRONTEND. */
static uint32_t frontend_by_name(const struct decoder *d, const char *text)
{
	const struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_frontends; i++) {
		const char *balancer = model->balancers[model->frontends[i].balancer].name;
		size_t n = strlen(balancer);
		if (strncmp(text, balancer, n) == 0 && text[n] == '/' &&
		    strcmp(text + n + 1, model->frontends[i].name) == 0)
			return i;
	}
	return NONE;
}

/* Any of a frontend's packets may be next: a rule has to take them all. */
static bool check_frontend_hop(struct decoder *d, const struct tree *node, uint32_t frontend)
{
	const struct model *model = d->model;
	const struct balancer_config *balancer = &model->balancers[model->frontends[frontend].balancer];
	for (size_t i = 0; i < balancer->n_rules; i++)
		if (balancer->rules[i].frontend == frontend && balancer->rules[i].all_ports)
			return true;
	diag_error(d->diags, decode_place(node, "next_hop"), "give it a rule with `port: any`",
		   "frontend `%s` has no HA-ports rule: a route cannot lead to it", model->frontends[frontend].name);
	return false;
}

/* An address of a machine, of a firewall or of an internal frontend. */
static bool find_by_address(struct decoder *d, be32 addr, struct route *route)
{
	const struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_VM && be32_equal(model->hosts[i].addr, addr)) {
			route->target = i;
			return true;
		}
	route->target = next_hop_at(d->arena, model, addr);
	if (route->target != NONE)
		return true;
	route->hop = HOP_FRONTEND;
	for (uint32_t i = 0; i < model->n_frontends; i++)
		if (model->frontends[i].is_internal && be32_equal(model->frontends[i].addr, addr)) {
			route->target = i;
			return true;
		}
	return false;
}

static bool decode_next_hop(struct decoder *d, const struct tree *node, enum section section, struct route *route)
{
	const struct model *model = d->model;
	const char *text = decode_text(d, node, section, "next_hop");
	if (!text)
		return false;
	if (find_hop(text, &route->hop))
		return true;
	be32 addr;
	route->hop = HOP_APPLIANCE;
	route->target = frontend_by_name(d, text);
	if (route->target != NONE)
		route->hop = HOP_FRONTEND;
	else if (!addr_parse(text, &addr))
		route->target = next_hop_find(model, text);
	else if (!find_by_address(d, addr, route)) {
		diag_error(d->diags, decode_place(node, "next_hop"),
			   "name a machine that forwards, a firewall, or the frontend of a load balancer",
			   "no machine of a network has address %s", text);
		return false;
	}
	if (route->hop == HOP_FRONTEND)
		return check_frontend_hop(d, node, route->target);
	uint32_t host = route->target;
	if (host != NONE && host >= model->n_hosts)
		return true;
	enum network_kind kind = host == NONE ? kind_find(model, text, &(size_t){0}) : KIND_COUNT;
	if (kind != KIND_COUNT)
		diag_error(d->diags, decode_place(node, "next_hop"), "name a machine that forwards, or a firewall",
			   "`%s` is %s: a route cannot lead to it", text, kind_with_article(kind));
	else if (host == NONE)
		diag_error(d->diags, decode_place(node, "next_hop"), hop_hint(d, text), "unknown next hop `%s`", text);
	else if (model->hosts[host].kind != HOST_VM)
		diag_error(d->diags, decode_place(node, "next_hop"), "name a machine in a VNet",
			   "host `%s` is in no VNet: a route cannot lead to it", text);
	else if (!model->hosts[host].forwards)
		diag_warning(d->diags, decode_place(node, "next_hop"), "give it `forwards: true`",
			     "host `%s` does not forward: it drops what the route sends to it",
			     model->hosts[host].name);
	return host != NONE && model->hosts[host].kind == HOST_VM;
}

/* A prefix, or a service tag of the scenario. */
static bool decode_destinations(struct decoder *d, const struct tree *node, struct route *route)
{
	if (node->kind != TREE_SCALAR || strchr(node->text, '/'))
		return decode_scalar_prefix(d, node, &route->prefix);
	route->tag = find_tag(d, node->text, node->place);
	if (route->tag && route->tag->n > 0)
		route->prefix = route->tag->prefixes[0];
	return route->tag && route->tag->n > 0;
}

bool decode_route(struct decoder *d, const struct tree *node, enum section section, const char *name,
		  struct place place, struct route *route)
{
	*route = (struct route){
		.name = name, .source = ROUTE_USER, .target = NONE, .table = NONE, .id = NONE, .place = place};
	if (!decode_section(d, node, section))
		return false;
	bool sound = decode_has(node, "prefix") && decode_destinations(d, tree_get(node, "prefix"), route);
	return decode_next_hop(d, node, section, route) && sound;
}

static int compare_routes(const void *a, const void *b)
{
	return strcmp(((const struct route *)a)->name, ((const struct route *)b)->name);
}

void sort_routes(struct route *routes, size_t n)
{
	if (n > 1)
		qsort(routes, n, sizeof *routes, compare_routes);
}

static bool same_prefix(const struct route *a, const struct route *b)
{
	return a->tag == b->tag && a->prefix.addr.raw == b->prefix.addr.raw && a->prefix.length == b->prefix.length;
}

void check_route(struct decoder *d, const struct route *routes, size_t n, const struct route *route)
{
	char text[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < n; i++)
		if (same_prefix(&routes[i], route) && routes[i].id != route->id)
			diag_error(d->diags, route->place,
				   arena_printf(d->arena, "`%s` at %s is for it", routes[i].name,
						diag_where(d->arena, route->place, routes[i].place)),
				   "a table has one route for %s",
				   route->tag ? route->tag->name : prefix_print(route->prefix, text));
}

static int compare_prefixes(const void *a, const void *b)
{
	const struct route *x = *(const struct route *const *)a, *y = *(const struct route *const *)b;
	uint32_t left = be32_to(x->prefix.addr), right = be32_to(y->prefix.addr);
	if (left != right)
		return left < right ? -1 : 1;
	if (x->prefix.length != y->prefix.length)
		return x->prefix.length < y->prefix.length ? -1 : 1;
	int order = strcmp(x->tag ? x->tag->name : "", y->tag ? y->tag->name : "");
	if (order != 0)
		return order;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Those of a table, in the order of their names. */
static void check_routes(struct decoder *d, const struct route *routes, size_t n)
{
	const struct route **sorted = decode_array(d, n, sizeof *sorted);
	if (!sorted)
		return;
	for (size_t i = 0; i < n; i++)
		sorted[i] = &routes[i];
	qsort(sorted, n, sizeof *sorted, compare_prefixes);
	for (size_t first = 0, i = 1; i < n; i++) {
		if (same_prefix(sorted[i], sorted[first]))
			check_route(d, sorted[first], 1, sorted[i]);
		else
			first = i;
	}
}

/* ---- tables ---- */

void decode_route_tables(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items =
		decode_map(d, tree_get(tree_get(d->root, "network"), "route_tables"), "route_tables", &n);
	model->route_tables = decode_array(d, n, sizeof *model->route_tables);
	for (size_t i = 0; model->route_tables && i < n; i++) {
		struct route_table_config *table = &model->route_tables[model->n_route_tables++];
		*table = (struct route_table_config){
			.name = items[i]->key, .gateway_routes = true, .place = items[i]->key_place};
		if (decode_section(d, items[i], SECTION_ROUTE_TABLE))
			(void)decode_bool(d, items[i], SECTION_ROUTE_TABLE, "gateway_routes", &table->gateway_routes);
	}
}

void decode_routes(struct decoder *d)
{
	struct model *model = d->model;
	for (uint32_t t = 0; t < model->n_route_tables; t++) {
		struct route_table_config *table = &model->route_tables[t];
		const struct tree *node = tree_get(tree_get(tree_get(d->root, "network"), "route_tables"), table->name);
		size_t n;
		if (tree_is_null(node) || node->kind != TREE_MAP)
			continue;
		const struct tree **items = decode_map(d, tree_get(node, "routes"), "routes", &n);
		table->routes = decode_array(d, n, sizeof *table->routes);
		for (size_t i = 0; table->routes && i < n; i++) {
			struct route *route = &table->routes[table->n_routes];
			if (!decode_route(d, items[i], SECTION_ROUTE, items[i]->key, items[i]->key_place, route))
				continue;
			route->table = t;
			route->id = table->n_ids++;
			check_gateway_hop(d, t, route, decode_place(items[i], "next_hop"));
			table->n_routes++;
		}
		check_routes(d, table->routes, table->n_routes);
		sort_routes(table->routes, table->n_routes);
	}
}

uint32_t decode_routes_ref(struct decoder *d, const struct tree *node, enum section section)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, section, "routes");
	uint32_t table = name ? find_by_name(model->route_tables, model->n_route_tables, name) : NONE;
	if (name && table == NONE)
		unknown_name(d, decode_place(node, "routes"), "route table", name, model->route_tables,
			     model->n_route_tables, sizeof *model->route_tables);
	return table;
}

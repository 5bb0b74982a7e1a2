/* DOC: effective routes and rules of the cloud as an oracle. Answers of `az network nic show-effective-route-table` name
 * no machine: they are compared with each subnet whose own routes fit, and the nearest subnet counts. Answers of `az
 * network nic list-effective-nsg` name the group; their rules are against_rules.c's. Each route and rule that the model
 * has otherwise, has not, or has beyond the answer, is a finding; routes of service endpoints are not compared. */
#include "import/against_internal.h"
#include "model/elements.h"
#include <stdlib.h>
#include <string.h>

static void find(struct comparing *c, struct finding_list *out, const struct js *at, const char *text)
{
	void *items = out->items;
	if (!store_grow(&c->import->store, &items, out->n, sizeof *out->items))
		return;
	out->items = items;
	out->items[out->n++] = (struct against_finding){at ? at->file : NULL, at ? at->line : 0, text};
}

void against_find(struct comparing *c, const struct js *at, const char *text)
{
	find(c, c->out, at, text);
}

/* ---- routes ---- */

static const char *azure_hop(enum route_hop hop)
{
	static const char *const names[] = {[HOP_INTERNET] = "Internet",
					    [HOP_VNET] = "VnetLocal",
					    [HOP_PEERING] = "VNetPeering",
					    [HOP_GATEWAY] = "VirtualNetworkGateway",
					    [HOP_NONE] = "None",
					    [HOP_APPLIANCE] = "VirtualAppliance",
					    [HOP_FRONTEND] = "VirtualAppliance",
					    [HOP_SERVICE] = "VirtualNetworkServiceEndpoint",
					    [HOP_ENDPOINT] = "InterfaceEndpoint"};
	return names[hop];
}

/* The route that holds for a prefix: the best of those with just this prefix. NULL: none. */
static const struct route *route_of(const struct route *routes, size_t n, struct prefix prefix)
{
	const struct route *best = NULL;
	for (size_t i = 0; i < n; i++)
		if (be32_equal(routes[i].prefix.addr, prefix.addr) && routes[i].prefix.length == prefix.length &&
		    (!best || routes[i].hop == HOP_ENDPOINT ||
		     (best->hop != HOP_ENDPOINT && routes[i].source < best->source)))
			best = &routes[i];
	return best;
}

static bool is_active(struct js *answer)
{
	const char *state = prop_text(answer, "state");
	return !state || text_same(state, "Active");
}

/* "10.0.0.4", or a list of it; NULL. */
static const char *hop_address(struct js *answer)
{
	struct js *at = prop(answer, "nextHopIpAddress");
	return at && at->kind == JS_ARRAY ? js_string(at->first) : js_string(at);
}

static bool hop_is(const struct comparing *c, const struct route *route, const char *type, const char *address)
{
	be32 addr;
	if (!text_same(type, azure_hop(route->hop)) &&
	    !(route->hop == HOP_PEERING && text_same(type, "VNetGlobalPeering")))
		return false;
	if (!address || !addr_parse(address, &addr))
		return true;
	if (route->hop == HOP_FRONTEND)
		return be32_equal(c->model->frontends[route->target].addr, addr);
	if (route->hop != HOP_APPLIANCE)
		return true;
	return be32_equal(element_at(c->model, next_hop_element(c->model, route->target))->addr, addr);
}

static void compare_route(struct comparing *c, struct finding_list *out, struct js *answer, struct js *prefix_node,
			  const struct route *routes, size_t n, bool *seen)
{
	struct store *store = &c->import->store;
	struct prefix prefix;
	const char *text = js_string(prefix_node), *type = prop_text(answer, "nextHopType"),
		   *address = hop_address(answer);
	if (!text || !type || text_same(type, "VirtualNetworkServiceEndpoint") ||
	    prefix_parse(text, &prefix) == PREFIX_SYNTAX)
		return;
	const struct route *route = route_of(routes, n, prefix);
	if (!route) {
		find(c, out, answer,
		     store_printf(store, "route %s to %s%s%s: the model has none", text, type, address ? " " : "",
				  address ? address : ""));
		return;
	}
	seen[route - routes] = true;
	if (!hop_is(c, route, type, address))
		find(c, out, answer,
		     store_printf(store, "route %s to %s%s%s: the model goes to %s", text, type, address ? " " : "",
				  address ? address : "", azure_hop(route->hop)));
}

/* The route of a service tag, whose prefixes are Azure's in the answer and the scenario's in the model. */
static void compare_tag(struct comparing *c, struct finding_list *out, struct js *answer, const char *tag,
			const struct route *routes, size_t n, bool *seen)
{
	const char *type = prop_text(answer, "nextHopType");
	const struct route *found = NULL;
	for (size_t i = 0; i < n; i++) {
		if (!routes[i].tag || !text_same(routes[i].tag->name, tag))
			continue;
		seen[i] = true;
		found = &routes[i];
	}
	if (!found)
		find(c, out, answer, store_printf(&c->import->store, "route %s: the model has none", tag));
	else if (type && !hop_is(c, found, type, hop_address(answer)))
		find(c, out, answer,
		     store_printf(&c->import->store, "route %s to %s: the model goes to %s", tag, type,
				  azure_hop(found->hop)));
}

static void compare_answer(struct comparing *c, struct finding_list *out, struct js *answer, const struct route *routes,
			   size_t n, bool *seen)
{
	struct js *tags = prop(answer, "destinationServiceTags"), *prefixes = prop(answer, "addressPrefix");
	bool of_tag = tags && tags->kind == JS_ARRAY && tags->n > 0;
	each_item(tag, tags)
	{
		if (js_string(tag))
			compare_tag(c, out, answer, js_string(tag), routes, n, seen);
	}
	if (!of_tag)
		each_item(prefix, prefixes) compare_route(c, out, answer, prefix, routes, n, seen);
}

/* Routes of service endpoints are not compared; the prefixes of a tag are the scenario's. */
static bool is_expected(const struct route *route)
{
	return route->hop != HOP_SERVICE && !route->tag;
}

static void compare_subnet(struct comparing *c, struct js *answers, uint32_t subnet, struct finding_list *out)
{
	size_t n;
	const struct route *routes = world_routes(c->world, subnet, &n);
	bool *seen = store_array(&c->import->store, n + 1, sizeof *seen);
	char text[PREFIX_TEXT_BYTES];
	if (!seen)
		return;
	each_item(answer, answers)
	{
		if (is_active(answer))
			compare_answer(c, out, answer, routes, n, seen);
	}
	for (size_t i = 0; i < n; i++)
		if (!seen[i] && is_expected(&routes[i]) && route_of(routes, n, routes[i].prefix) == &routes[i])
			find(c, out, NULL,
			     store_printf(&c->import->store, "route %s to %s: the answer has none",
					  prefix_print(routes[i].prefix, text), azure_hop(routes[i].hop)));
}

static void compare_routes(struct comparing *c, struct js *answers)
{
	struct finding_list best = {0};
	uint32_t nearest = UINT32_MAX;
	for (uint32_t i = 0; i < c->model->n_subnets; i++) {
		struct finding_list found = {0};
		compare_subnet(c, answers, i, &found);
		if (nearest != UINT32_MAX && found.n >= best.n)
			continue;
		best = found;
		nearest = i;
	}
	if (nearest == UINT32_MAX) {
		find(c, c->out, answers, "effective routes, and the scenario has no subnet");
		return;
	}
	const struct subnet_config *subnet = &c->model->subnets[nearest];
	for (size_t i = 0; i < best.n; i++) {
		find(c, c->out, NULL,
		     store_printf(&c->import->store, "subnet %s/%s: %s", c->model->vnets[subnet->vnet].name,
				  subnet->name, best.items[i].text));
		c->out->items[c->out->n - 1].file = best.items[i].file;
		c->out->items[c->out->n - 1].line = best.items[i].line;
	}
}

/* ---- rules ---- */

static const struct nsg_config *group_of(const struct comparing *c, struct js *answer)
{
	const char *id = prop_id(answer, "networkSecurityGroup");
	const struct resource *resource = resource_find(c->import, id, "networkSecurityGroups");
	for (size_t i = 0; resource && resource->given && i < c->model->n_nsgs; i++)
		if (strcmp(c->model->nsgs[i].name, resource->given) == 0)
			return &c->model->nsgs[i];
	return NULL;
}

/* The subnet that an answer is about: the association's, or that of its interface; else one that has the group. NONE. */
static uint32_t subnet_of(const struct comparing *c, struct js *answer, const struct nsg_config *group)
{
	const struct model *model = c->model;
	uint32_t number = (uint32_t)(group - model->nsgs);
	const char *id = prop_id(answer, "association.subnet"), *nic = prop_id(answer, "association.networkInterface");
	const char *label = id ? strrchr(id, '/') : NULL;
	const struct resource *card = resource_find(c->import, nic, "networkInterfaces");
	for (uint32_t i = 0; label && i < model->n_subnets; i++)
		if (text_same(model->subnets[i].name, label + 1) && model->subnets[i].nsg == number)
			return i;
	for (size_t i = 0; card && card->given && i < model->n_hosts; i++)
		if (text_same(model->hosts[i].name, card->given))
			return model->hosts[i].subnet;
	for (uint32_t i = 0; i < model->n_subnets; i++)
		if (model->subnets[i].nsg == number)
			return i;
	for (size_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_VM && model->hosts[i].nsg == number)
			return model->hosts[i].subnet;
	return NONE;
}

static bool answer_has(struct js *answer, enum nsg_direction direction, int64_t priority)
{
	each_item(rule, prop(answer, "effectiveSecurityRules"))
	{
		const char *text = prop_text(rule, "direction");
		int64_t number;
		if (text && text_same(text, direction == NSG_OUTBOUND ? "Outbound" : "Inbound") &&
		    prop_int(rule, "priority", &number) && number == priority)
			return true;
	}
	return false;
}

static void compare_group(struct comparing *c, struct js *answer)
{
	const struct nsg_config *group = group_of(c, answer);
	if (!group) {
		find(c, c->out, answer, "effective rules of a group that the scenario does not have");
		return;
	}
	uint32_t subnet = subnet_of(c, answer, group);
	const struct nsg_tags *tags = subnet == NONE ? NULL : world_tags(c->world, subnet);
	each_item(rule, prop(answer, "effectiveSecurityRules")) against_rule(c, rule, group, tags);
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < group->rules.n[direction]; i++) {
			const struct nsg_rule *rule = &group->rules.rules[direction][i];
			if (!answer_has(answer, (enum nsg_direction)direction, rule->priority))
				find(c, c->out, answer,
				     store_printf(&c->import->store, "group %s: rule %s (%s %u): the answer has none",
						  group->name, rule->name,
						  direction == NSG_OUTBOUND ? "Outbound" : "Inbound", rule->priority));
		}
}

int against_compare(struct import *import, struct js *answers, const struct model *model, struct finding_list *ret)
{
	struct comparing c = {import, model, NULL, ret};
	struct js *list = js_get(answers, "value") ? js_get(answers, "value") : answers;
	int r = world_new(model, 1, &c.world);
	if (r < 0)
		return r;
	struct js *first = list && list->kind == JS_ARRAY ? list->first : list;
	if (prop(first, "effectiveSecurityRules"))
		each_item(answer, list) compare_group(&c, answer);
	else if (prop(first, "nextHopType"))
		compare_routes(&c, list);
	else
		r = 1;
	world_free(c.world);
	return r;
}

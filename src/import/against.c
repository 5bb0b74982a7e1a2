/* DOC: effective routes and rules of the cloud as an oracle. Answers of `az network nic show-effective-route-table` name
 * no machine: they are compared with each subnet whose own routes fit, and the nearest subnet counts. Answers of `az
 * network nic list-effective-nsg` name the group. Each route and rule that the model has otherwise, has not, or has
 * beyond the answer, is a finding; Azure's default rules and routes of service endpoints are not compared. */
#include "import/against.h"
#include "network/world.h"
#include <stdlib.h>
#include <string.h>

struct comparing {
	struct import *import;
	const struct model *model;
	struct world *world;
	struct finding_list *out;
};

static void find(struct comparing *c, struct finding_list *out, const struct js *at, const char *text)
{
	void *items = out->items;
	if (!store_grow(&c->import->store, &items, out->n, sizeof *out->items))
		return;
	out->items = items;
	out->items[out->n++] = (struct against_finding){at ? at->file : NULL, at ? at->line : 0, text};
}

/* ---- routes ---- */

static const char *azure_hop(enum route_hop hop)
{
	static const char *const names[] = {[HOP_INTERNET] = "Internet",   [HOP_VNET] = "VnetLocal",
					    [HOP_PEERING] = "VNetPeering", [HOP_GATEWAY] = "VirtualNetworkGateway",
					    [HOP_NONE] = "None",           [HOP_APPLIANCE] = "VirtualAppliance"};
	return names[hop];
}

/* The route that holds for a prefix: the best of those with just this prefix. NULL: none. */
static const struct route *route_of(const struct route *routes, size_t n, struct prefix prefix)
{
	const struct route *best = NULL;
	for (size_t i = 0; i < n; i++)
		if (be32_equal(routes[i].prefix.addr, prefix.addr) && routes[i].prefix.length == prefix.length &&
		    (!best || routes[i].source < best->source))
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
	if (route->hop != HOP_APPLIANCE || !address || !addr_parse(address, &addr) ||
	    route->target >= c->model->n_hosts)
		return true;
	return be32_equal(c->model->hosts[route->target].addr, addr);
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
		struct js *prefixes = prop(answer, "addressPrefix");
		if (is_active(answer))
			each_item(prefix, prefixes) compare_route(c, out, answer, prefix, routes, n, seen);
	}
	for (size_t i = 0; i < n; i++)
		if (!seen[i] && route_of(routes, n, routes[i].prefix) == &routes[i])
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

static const struct nsg_rule *rule_of(const struct nsg_config *group, bool outbound, int64_t priority)
{
	const struct nsg_rules *rules = &group->rules;
	for (uint32_t i = 0; i < rules->n[outbound]; i++)
		if (rules->rules[outbound][i].priority == priority)
			return &rules->rules[outbound][i];
	return NULL;
}

static bool is_proto(const struct nsg_rule *rule, const char *protocol)
{
	if (!protocol || text_same(protocol, "All") || strcmp(protocol, "*") == 0)
		return rule->proto == NSG_ANY_PROTO;
	return (text_same(protocol, "Tcp") && rule->proto == 6) || (text_same(protocol, "Udp") && rule->proto == 17) ||
	       (text_same(protocol, "Icmp") && rule->proto == 1);
}

static void compare_rule(struct comparing *c, struct js *answer, const struct nsg_config *group, size_t *n_rules)
{
	struct store *store = &c->import->store;
	const char *name = prop_text(answer, "name"), *access = prop_text(answer, "access"),
		   *direction = prop_text(answer, "direction");
	int64_t priority;
	if (!name || !access || !direction || !prop_int(answer, "priority", &priority) ||
	    text_begins(name, "defaultSecurityRules/") || priority > 4096)
		return;
	const struct nsg_rule *rule = rule_of(group, text_same(direction, "Outbound"), priority);
	(*n_rules)++;
	if (!rule)
		find(c, c->out, answer,
		     store_printf(store, "group %s: rule %s (%s %lld): the model has none", group->name, name,
				  direction, (long long)priority));
	else if (rule->allow != text_same(access, "Allow") || !is_proto(rule, prop_text(answer, "protocol")))
		find(c, c->out, answer,
		     store_printf(store, "group %s: rule %s (%s %lld): the model has %s, which %s", group->name, name,
				  direction, (long long)priority, rule->name, rule->allow ? "allows" : "denies"));
}

static void compare_group(struct comparing *c, struct js *answer)
{
	const struct nsg_config *group = group_of(c, answer);
	size_t n = 0, have = 0;
	if (!group) {
		find(c, c->out, answer, "effective rules of a group that the scenario does not have");
		return;
	}
	each_item(rule, prop(answer, "effectiveSecurityRules")) compare_rule(c, rule, group, &n);
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < group->rules.n[direction]; i++)
			have += group->rules.rules[direction][i].priority <= 4096;
	if (have > n)
		find(c, c->out, answer,
		     store_printf(&c->import->store, "group %s: the model has %zu rules beyond the answer", group->name,
				  have - n));
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

/* DOC: events of the timeline that change security groups and route tables. They are applied here, in the order of
 * time: each event carries the complete rules or routes from then on, so that a run only puts them in place, and what
 * cannot be is found before. A rule or route keeps its id whatever is made of it. */
#include "scenario/firewall.h"
#include "scenario/timeline.h"
#include <string.h>

/* ---- what they say ---- */

static uint32_t count_given(const struct tree *node, const char *const *keys)
{
	uint32_t n = 0;
	for (; *keys; keys++)
		n += decode_has(node, *keys);
	return n;
}

bool decode_nsg_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	static const char *const ways[] = {"set", "add", "remove", NULL};
	const char *name = decode_text(d, node, SECTION_EVENT, "nsg"),
		   *rule = decode_text(d, node, SECTION_EVENT, "rule");
	event->kind = EVENT_NSG;
	event->nsg = decode_nsg_ref(d, node, SECTION_EVENT);
	if (count_given(node, ways) != 1) {
		lacks(d, node, "give `rule` with `set: {...}` or `remove: true`, or `add: {name, priority, ...}`",
		      "`nsg` needs one of `set`, `add`, `remove`");
		return false;
	}
	if (!decode_has(node, "add") && !rule) {
		lacks(d, node, "rule: NAME", "`nsg` does not say which rule");
		return false;
	}
	if (decode_has(node, "add") && rule)
		diag_error(d->diags, tree_get(node, "rule")->key_place, "a new rule has its name under `add`",
			   "`rule` does not go with `add`");
	event->text = arena_printf(d->arena, "nsg %s: %s %s", name ? name : "",
				   decode_has(node, "set")   ? "set"
				   : decode_has(node, "add") ? "add"
							     : "remove",
				   rule ? rule : "a rule");
	return event->nsg != NONE;
}

bool decode_route_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	const struct model *model = d->model;
	const char *name = decode_text(d, node, SECTION_EVENT, "route");
	event->kind = EVENT_ROUTE;
	event->route_table = name ? find_by_name(model->route_tables, model->n_route_tables, name) : NONE;
	if (name && event->route_table == NONE)
		unknown_name(d, decode_place(node, "route"), "route table", name, model->route_tables,
			     model->n_route_tables, sizeof *model->route_tables);
	if (decode_has(node, "add") == decode_has(node, "remove")) {
		lacks(d, node, "add: {name, prefix, next_hop}, or remove: NAME",
		      "`route` needs one of `add`, `remove`");
		return false;
	}
	event->text =
		arena_printf(d->arena, "route %s: %s", name ? name : "", decode_has(node, "add") ? "add" : "remove");
	return event->route_table != NONE;
}

/* ---- rules ---- */

static bool same_addresses(const struct nsg_address *a, uint32_t n_a, const struct nsg_address *b, uint32_t n_b)
{
	bool same = n_a == n_b;
	for (uint32_t i = 0; same && i < n_a; i++)
		same = nsg_address_equal(&a[i], &b[i]);
	return same;
}

static bool same_ports(const struct nsg_ports *a, uint32_t n_a, const struct nsg_ports *b, uint32_t n_b)
{
	bool same = n_a == n_b;
	for (uint32_t i = 0; same && i < n_a; i++)
		same = a[i].first == b[i].first && a[i].last == b[i].last;
	return same;
}

static bool same_rule(const struct nsg_rule *a, const struct nsg_rule *b)
{
	return a->priority == b->priority && a->allow == b->allow && a->proto == b->proto &&
	       same_addresses(a->src, a->n_src, b->src, b->n_src) &&
	       same_addresses(a->dst, a->n_dst, b->dst, b->n_dst) &&
	       same_ports(a->src_ports, a->n_src_ports, b->src_ports, b->n_src_ports) &&
	       same_ports(a->dst_ports, a->n_dst_ports, b->dst_ports, b->n_dst_ports);
}

static void unknown_rule(struct decoder *d, const struct nsg_rules *rules, const struct event_config *event,
			 struct place place, const char *name)
{
	const char **names = decode_array(d, rules->n[0] + rules->n[1], sizeof *names);
	size_t n = 0;
	for (unsigned direction = 0; names && direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++)
			names[n++] = rules->rules[direction][i].name;
	const char *hint = names ? did_you_mean(d, name, names, n) : NULL;
	diag_error(d->diags, place,
		   hint ? hint
		   : n  ? arena_printf(d->arena, "there is `%s`", names[0])
			: "the group has no rule at that time",
		   "`%s` has no rule `%s` at that time", d->model->nsgs[event->nsg].name, name);
}

/* A copy with room for one more. */
static struct nsg_rule *copy_rules(struct decoder *d, const struct nsg_rules *rules, enum nsg_direction direction)
{
	struct nsg_rule *copy = decode_array(d, rules->n[direction] + 1, sizeof *copy);
	if (copy && rules->n[direction] > 0)
		memcpy(copy, rules->rules[direction], rules->n[direction] * sizeof *copy);
	return copy;
}

static void put_rules(struct nsg_rules *rules, enum nsg_direction direction, struct nsg_rule *changed, uint32_t n)
{
	sort_rules(changed, n);
	rules->rules[direction] = changed;
	rules->n[direction] = n;
}

static void add_rule(struct decoder *d, const struct tree *node, struct event_config *event)
{
	struct nsg_config *nsg = &d->model->nsgs[event->nsg];
	unsigned choice = 0;
	enum nsg_direction direction, other;
	struct nsg_rule rule;
	(void)decode_enum(d, node, SECTION_EVENT, "direction", &choice);
	direction = choice == 0 ? NSG_INBOUND : NSG_OUTBOUND;
	if (!decode_rule(d, tree_get(node, "add"), SECTION_RULE, &rule))
		return;
	event->text = arena_printf(d->arena, "nsg %s: add %s", nsg->name, rule.name);
	if (find_rule(&event->rules, rule.name, &other)) {
		diag_error(d->diags, rule.place, "choose another name, or change the one that there is with `set`",
			   "`%s` has a rule `%s` at that time", nsg->name, rule.name);
		return;
	}
	struct nsg_rule *changed = copy_rules(d, &event->rules, direction);
	if (!changed)
		return;
	rule.id = nsg->n_ids++;
	uint32_t n = event->rules.n[direction];
	changed[n] = rule;
	if (!check_priority(d, changed, n, &changed[n], rule.place))
		return;
	put_rules(&event->rules, direction, changed, n + 1);
	event->changes = true;
}

static void change_rule(struct decoder *d, const struct tree *node, struct event_config *event)
{
	const char *name = decode_text(d, node, SECTION_EVENT, "rule");
	enum nsg_direction direction;
	const struct nsg_rule *rule = find_rule(&event->rules, name, &direction);
	if (!rule) {
		unknown_rule(d, &event->rules, event, decode_place(node, "rule"), name);
		return;
	}
	uint32_t i = (uint32_t)(rule - event->rules.rules[direction]), n = event->rules.n[direction];
	struct nsg_rule *changed = copy_rules(d, &event->rules, direction);
	bool removed = false;
	if (!changed)
		return;
	if (decode_has(node, "remove")) {
		if (!decode_bool(d, node, SECTION_EVENT, "remove", &removed) || !removed)
			return;
		memmove(&changed[i], &changed[i + 1], (n - i - 1) * sizeof *changed);
		event->changes = true;
		n--;
	} else {
		struct nsg_rule before = changed[i];
		if (!decode_rule(d, tree_get(node, "set"), SECTION_RULE_SET, &changed[i]))
			return;
		if (!check_priority(d, changed, n, &changed[i], tree_get(node, "set")->place))
			return;
		event->changes = !same_rule(&before, &changed[i]);
	}
	put_rules(&event->rules, direction, changed, n);
}

/* ---- routes ---- */

static bool decode_added(struct decoder *d, const struct tree *add, struct route *ret)
{
	/* {NAME: {prefix, next_hop}}, as the table itself has it, or {name, prefix, next_hop}; without a name it is
	 * called by its prefix.
	 */
	if (add->kind == TREE_MAP && add->n == 1 && add->first->kind == TREE_MAP) {
		check_azure_name(d, add->first->key, add->first->key_place);
		return decode_route(d, add->first, SECTION_ROUTE, add->first->key, add->first->key_place, ret);
	}
	const char *name = add->kind == TREE_MAP ? decode_text(d, add, SECTION_ROUTE_ADD, "name") : NULL;
	if (name)
		check_azure_name(d, name, decode_place(add, "name"));
	if (!decode_route(d, add, SECTION_ROUTE_ADD, name ? name : "", decode_place(add, name ? "name" : "prefix"),
			  ret))
		return false;
	char text[PREFIX_TEXT_BYTES];
	if (!name)
		ret->name = ret->tag ? ret->tag->name : arena_strdup(d->arena, prefix_print(ret->prefix, text));
	return true;
}

static struct route *copy_routes(struct decoder *d, const struct event_config *event)
{
	struct route *copy = decode_array(d, event->n_routes + 1, sizeof *copy);
	if (copy && event->n_routes > 0)
		memcpy(copy, event->routes, event->n_routes * sizeof *copy);
	return copy;
}

static void add_route(struct decoder *d, const struct tree *node, struct event_config *event)
{
	struct route_table_config *table = &d->model->route_tables[event->route_table];
	struct route route, *changed = copy_routes(d, event);
	if (!changed || !decode_added(d, tree_get(node, "add"), &route))
		return;
	event->text = arena_printf(d->arena, "route %s: add %s", table->name, route.name);
	for (size_t i = 0; i < event->n_routes; i++)
		if (strcmp(changed[i].name, route.name) == 0) {
			diag_error(d->diags, route.place, "choose another name, or remove that one first",
				   "`%s` has a route `%s` at that time", table->name, route.name);
			return;
		}
	route.table = event->route_table;
	route.id = table->n_ids++;
	check_gateway_hop(d, event->route_table, &route, route.place);
	check_route(d, changed, event->n_routes, &route);
	changed[event->n_routes] = route;
	sort_routes(changed, ++event->n_routes);
	event->routes = changed;
	event->changes = true;
}

/* A route is named by its name or by its prefix. */
static bool is_meant(const struct route *route, const char *text)
{
	char prefix[PREFIX_TEXT_BYTES];
	return strcmp(route->name, text) == 0 ||
	       strcmp(route->tag ? route->tag->name : prefix_print(route->prefix, prefix), text) == 0;
}

static void remove_routes(struct decoder *d, const struct tree *node, struct event_config *event)
{
	const struct route_table_config *table = &d->model->route_tables[event->route_table];
	size_t n;
	const struct tree **items = decode_some(d, tree_get(node, "remove"), "`remove`", &n);
	struct route *changed = copy_routes(d, event);
	for (size_t k = 0; changed && k < n; k++) {
		size_t i = 0;
		while (i < event->n_routes && !is_meant(&changed[i], decode_shown(items[k])))
			i++;
		if (i == event->n_routes) {
			diag_error(d->diags, items[k]->place,
				   event->n_routes ? arena_printf(d->arena, "there is `%s`", changed[0].name)
						   : "the table has no route at that time",
				   "`%s` has no route `%s` at that time", table->name, decode_shown(items[k]));
			continue;
		}
		memmove(&changed[i], &changed[i + 1], (event->n_routes - i - 1) * sizeof *changed);
		event->n_routes--;
		event->changes = true;
	}
	event->routes = changed;
	event->text = arena_printf(d->arena, "route %s: remove %s%s", table->name, n ? decode_shown(items[0]) : "",
				   n > 1 ? ", ..." : "");
}

/* ---- over time ---- */

/* What an earlier event, or the start, left. */
static void take_over(const struct decoder *d, size_t i, struct event_config *event)
{
	const struct model *model = d->model;
	if (event->kind == EVENT_NSG)
		event->rules = model->nsgs[event->nsg].rules;
	event->routes = event->kind == EVENT_ROUTE ? model->route_tables[event->route_table].routes : NULL;
	event->n_routes = event->kind == EVENT_ROUTE ? model->route_tables[event->route_table].n_routes : 0;
	for (size_t k = 0; k < i; k++) {
		const struct event_config *earlier = &model->events[k];
		if (earlier->kind != event->kind)
			continue;
		if (event->kind == EVENT_NSG && earlier->nsg == event->nsg)
			event->rules = earlier->rules;
		if (event->kind == EVENT_ROUTE && earlier->route_table == event->route_table) {
			event->routes = earlier->routes;
			event->n_routes = earlier->n_routes;
		}
	}
}

void apply_rule_events(struct decoder *d, const struct tree *const *nodes)
{
	for (size_t i = 0; i < d->model->n_events; i++) {
		struct event_config *event = &d->model->events[i];
		if (event->kind == EVENT_FIREWALL)
			apply_firewall_event(d, nodes[i], i);
		if (event->kind != EVENT_NSG && event->kind != EVENT_ROUTE)
			continue;
		take_over(d, i, event);
		if (event->kind == EVENT_NSG && decode_has(nodes[i], "add"))
			add_rule(d, nodes[i], event);
		else if (event->kind == EVENT_NSG)
			change_rule(d, nodes[i], event);
		else if (decode_has(nodes[i], "add"))
			add_route(d, nodes[i], event);
		else
			remove_routes(d, nodes[i], event);
	}
}

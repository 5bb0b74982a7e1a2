/* DOC: what stands in lists and tables of the file: rules of security groups, routes, events. They are taken from the
 * tree, since paths count the items of lists as they stand in the file, and the model has them in another order. */
#include "scenario/mutants.h"
#include <stdlib.h>
#include <string.h>

static const char *text_of(const struct tree *map, const char *key)
{
	const struct tree *node = tree_get(map, key);
	return !node || node->kind != TREE_SCALAR || !node->text ? "" : node->text;
}

/* ---- security groups ---- */

struct rule_at {
	const char *direction; /* path of its list */
	const struct tree *list, *rule;
	size_t number;
};

static const char *rule_path(struct mutants *mutants, const struct rule_at *at, const char *key)
{
	return mutants_text(mutants, "%s.%zu%s%s", at->direction, at->number, *key ? "." : "", key);
}

/* The rule that is asked right after this one. */
static const struct tree *next_asked(const struct rule_at *at, size_t *ret_number)
{
	const struct tree *next = NULL;
	long priority = strtol(text_of(at->rule, "priority"), NULL, 10), best = 0;
	size_t number = 0;
	for (const struct tree *rule = at->list->first; rule; rule = rule->next, number++) {
		long other = strtol(text_of(rule, "priority"), NULL, 10);
		if (other > priority && (!next || other < best)) {
			next = rule;
			best = other;
			*ret_number = number;
		}
	}
	return next;
}

static void swap_priorities(struct mutants *mutants, const struct rule_at *at)
{
	struct rule_at other = *at;
	const struct tree *next = next_asked(at, &other.number);
	if (!next || strcmp(text_of(next, "action"), text_of(at->rule, "action")) == 0)
		return; /* of two that do the same the order is nothing */
	const char *priority = text_of(at->rule, "priority"), *priority_of_next = text_of(next, "priority");
	struct mutant *mutant = mutants_add(mutants, rule_path(mutants, at, "priority"), priority, priority_of_next);
	mutant_also(mutants, mutant, rule_path(mutants, &other, "priority"), priority);
}

static void widen(struct mutants *mutants, const struct rule_at *at, const char *key)
{
	const struct tree *node = tree_get(at->rule, key);
	if (tree_is_null(node) || strcmp(text_of(at->rule, key), "any") == 0 ||
	    strcmp(text_of(at->rule, key), "*") == 0)
		return;
	(void)mutants_add(mutants, rule_path(mutants, at, key), node->kind == TREE_SCALAR ? node->text : "a list",
			  "any");
}

static void rule(struct mutants *mutants, const struct rule_at *at)
{
	static const char *const keys[] = {"proto", "src", "src_ports", "dst", "dst_ports"};
	const char *action = text_of(at->rule, "action");
	(void)mutants_add(mutants, rule_path(mutants, at, ""),
			  mutants_text(mutants, "rule %s", text_of(at->rule, "name")), NULL);
	(void)mutants_add(mutants, rule_path(mutants, at, "action"), action,
			  strcmp(action, "allow") == 0 ? "deny" : "allow");
	swap_priorities(mutants, at);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		widen(mutants, at, keys[i]);
}

static void group(struct mutants *mutants, const struct tree *nsg)
{
	static const char *const directions[] = {"inbound", "outbound"};
	for (size_t i = 0; i < 2; i++) {
		struct rule_at at = {.direction = mutants_text(mutants, "network.nsgs.%s.%s", nsg->key, directions[i]),
				     .list = tree_get(nsg, directions[i])};
		if (!at.list || at.list->kind != TREE_LIST)
			continue;
		for (at.rule = at.list->first; at.rule; at.rule = at.rule->next, at.number++)
			rule(mutants, &at);
	}
}

/* ---- routes ---- */

static void route(struct mutants *mutants, const char *table, const struct tree *route)
{
	const char *path = mutants_text(mutants, "network.route_tables.%s.routes.%s", table, route->key);
	const char *hop = text_of(route, "next_hop");
	(void)mutants_add(mutants, path, mutants_text(mutants, "route %s", route->key), NULL);
	(void)mutants_add(mutants, mutants_text(mutants, "%s.next_hop", path), hop,
			  strcmp(hop, "none") == 0 ? "internet" : "none");
}

void mutants_of_rules(struct mutants *mutants)
{
	const struct tree *nsgs = tree_get(tree_get(mutants->root, "network"), "nsgs");
	for (const struct tree *nsg = !nsgs ? NULL : nsgs->first; nsg; nsg = nsg->next)
		group(mutants, nsg);
}

void mutants_of_routes(struct mutants *mutants)
{
	const struct tree *tables = tree_get(tree_get(mutants->root, "network"), "route_tables");
	for (const struct tree *table = !tables ? NULL : tables->first; table; table = table->next) {
		const struct tree *routes = tree_get(table, "routes");
		for (const struct tree *item = !routes ? NULL : routes->first; item; item = item->next)
			route(mutants, table->key, item);
	}
}

/* ---- events ---- */

static bool stands_in(struct place place, const struct tree *item)
{
	for (const struct tree *key = item->first; key; key = key->next)
		if (key->key_place.file == place.file && key->key_place.line == place.line &&
		    key->key_place.column == place.column)
			return true;
	return false;
}

void mutants_of_events(struct mutants *mutants)
{
	const struct model *model = mutants->model;
	const struct tree *timeline = tree_get(mutants->root, "timeline");
	size_t number = 0;
	for (const struct tree *item = !timeline ? NULL : timeline->first; item; item = item->next, number++) {
		const char *what = "event";
		for (size_t i = 0; i < model->n_events; i++)
			if (stands_in(model->events[i].place, item))
				what = model->events[i].text;
		(void)mutants_add(mutants, mutants_text(mutants, "timeline.%zu", number), what, NULL);
	}
}

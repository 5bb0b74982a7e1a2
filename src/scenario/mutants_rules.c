/* DOC: what stands in lists and tables of the file: rules of security groups, and routes. They are taken from the
 * tree, since paths count the items of lists as they stand in the file, and the model has them in another order. */
#include "scenario/mutants.h"
#include <string.h>

static const char *text_of(const struct tree *map, const char *key)
{
	return mutants_text_of(map, key, "");
}

/* ---- security groups ---- */

static void widen(struct mutants *mutants, const struct item_at *at, const char *key)
{
	const struct tree *node = tree_get(at->item, key);
	if (tree_is_null(node) || strcmp(text_of(at->item, key), "any") == 0 ||
	    strcmp(text_of(at->item, key), "*") == 0)
		return;
	(void)mutants_add(mutants, mutants_item_path(mutants, at, key),
			  node->kind == TREE_SCALAR ? node->text : "a list", "any");
}

static void rule(struct mutants *mutants, const struct item_at *at)
{
	static const char *const keys[] = {"proto", "src", "src_ports", "dst", "dst_ports"};
	const char *action = text_of(at->item, "action");
	(void)mutants_add(mutants, mutants_item_path(mutants, at, ""),
			  mutants_text(mutants, "rule %s", text_of(at->item, "name")), NULL);
	(void)mutants_add(mutants, mutants_item_path(mutants, at, "action"), action,
			  strcmp(action, "allow") == 0 ? "deny" : "allow");
	mutants_swap_priorities(mutants, at);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		widen(mutants, at, keys[i]);
}

static void group(struct mutants *mutants, const struct tree *nsg)
{
	static const char *const directions[] = {"inbound", "outbound"};
	for (size_t i = 0; i < 2; i++) {
		struct item_at at = {.path = mutants_text(mutants, "network.nsgs.%s.%s", nsg->key, directions[i]),
				     .list = tree_get(nsg, directions[i])};
		if (!at.list || at.list->kind != TREE_LIST)
			continue;
		for (at.item = at.list->first; at.item; at.item = at.item->next, at.number++)
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

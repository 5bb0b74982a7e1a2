/* DOC: the rules of load balancers, which stand in lists: each is taken away, and its switches are changed. Paths count
 * the items as they stand in the file. */
#include "scenario/mutants.h"
#include <string.h>

static const char *text_of(const struct tree *map, const char *key, const char *fallback)
{
	const struct tree *node = tree_get(map, key);
	return !node || node->kind != TREE_SCALAR || !node->text ? fallback : node->text;
}

/* A truth value that the rule has or has by default. */
static void flip(struct mutants *mutants, const char *path, const struct tree *rule, const char *key,
		 const char *fallback)
{
	const char *now = text_of(rule, key, fallback);
	(void)mutants_add(mutants, mutants_text(mutants, "%s.%s", path, key), now,
			  strcmp(now, "true") == 0 ? "false" : "true");
}

static void item(struct mutants *mutants, const char *path, const struct tree *rule, const char *list)
{
	(void)mutants_add(mutants, path, mutants_text(mutants, "rule %s", text_of(rule, "name", "")), NULL);
	if (strcmp(list, "rules") == 0) {
		flip(mutants, path, rule, "floating", "false");
		flip(mutants, path, rule, "outbound_snat", "true");
		if (tree_get(rule, "probe"))
			(void)mutants_add(mutants, mutants_text(mutants, "%s.probe", path), text_of(rule, "probe", ""),
					  NULL);
	}
	if (tree_get(rule, "reset"))
		flip(mutants, path, rule, "reset", "false");
	if (tree_get(rule, "idle"))
		(void)mutants_add(mutants, mutants_text(mutants, "%s.idle", path), text_of(rule, "idle", ""),
				  strcmp(text_of(rule, "idle", ""), "100m") == 0 ? "4m" : "100m");
	if (tree_get(rule, "ports_per_machine"))
		(void)mutants_add(mutants, mutants_text(mutants, "%s.ports_per_machine", path),
				  text_of(rule, "ports_per_machine", ""), "8");
}

void mutants_of_balancers(struct mutants *mutants)
{
	static const char *const lists[] = {"rules", "inbound_nat", "outbound"};
	const struct tree *balancers = tree_get(tree_get(mutants->root, "network"), "load_balancers");
	for (const struct tree *node = balancers ? balancers->first : NULL; node; node = node->next)
		for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
			const struct tree *list = tree_get(node, lists[i]);
			size_t number = 0;
			for (const struct tree *rule = list && list->kind == TREE_LIST ? list->first : NULL; rule;
			     rule = rule->next, number++)
				item(mutants,
				     mutants_text(mutants, "network.load_balancers.%s.%s.%zu", node->key, lists[i],
						  number),
				     rule, lists[i]);
		}
}

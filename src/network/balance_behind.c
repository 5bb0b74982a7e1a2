/* DOC: what stands behind a loss at a load balancer, for causes: the machines of a rule, with what its probes find. Nothing
 * here changes anything. */
#include "network/balance.h"
#include <string.h>

static const struct balancing *rule_of(const struct world *world, uint32_t node, const char *rule)
{
	const struct balance *balance = translator_at(world, node)->balance;
	for (uint32_t i = 0; balance && rule && i < balance->n_rules; i++)
		if (strcmp(balance->rules[i].name, rule) == 0)
			return &balance->rules[i];
	return NULL;
}

bool world_backend(const struct world *world, uint32_t node, const char *rule, uint32_t index,
		   struct world_backend *ret)
{
	const struct balancing *balancing = rule_of(world, node, rule);
	if (!balancing || index >= balancing->n_backends)
		return false;
	const struct backend *backend = &balancing->backends[index];
	*ret = (struct world_backend){.node = world->machines[backend->machine].node,
				      .is_in = balance_is_in(world, balancing, index),
				      .since = balance_since(world, balancing, index)};
	if (balancing->every_ns != 0)
		balance_probe_fate(world, balancing, backend->machine, &ret->probe);
	return true;
}

/* DOC: what load balancers say of a machine. */
#include "model/elements.h"

static bool holds(const struct pool_config *pool, uint32_t host)
{
	for (size_t i = 0; i < pool->n_hosts; i++)
		if (pool->hosts[i] == host)
			return true;
	return false;
}

bool balancers_are_standard(const struct model *model, uint32_t host)
{
	for (size_t i = 0; i < model->n_pools; i++)
		if (model->balancers[model->pools[i].balancer].sku == SKU_STANDARD && holds(&model->pools[i], host))
			return true;
	return false;
}

bool balancers_reach(const struct model *model, uint32_t frontend, uint32_t host)
{
	const struct balancer_config *balancer = &model->balancers[model->frontends[frontend].balancer];
	for (size_t i = 0; i < balancer->n_rules; i++)
		if (balancer->rules[i].frontend == frontend && holds(&model->pools[balancer->rules[i].pool], host))
			return true;
	for (size_t i = 0; i < balancer->n_inbound_nat; i++)
		if (balancer->inbound_nat[i].frontend == frontend && balancer->inbound_nat[i].host == host)
			return true;
	return false;
}

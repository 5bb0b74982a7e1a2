/* DOC: a machine without a way to the Internet, and what would give it one: a NAT gateway of its subnet, a public address,
 * an outbound rule. */
#include "cause/maker.h"
#include <string.h>

static const struct pool_config *pool_of(const struct maker *maker, uint32_t host)
{
	for (size_t i = 0; i < maker->model->n_pools; i++)
		for (size_t k = 0; k < maker->model->pools[i].n_hosts; k++)
			if (maker->model->pools[i].hosts[k] == host)
				return &maker->model->pools[i];
	return NULL;
}

/* Instances of App Service. */
static bool tell_instance(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	const struct flow_config *flow = maker_flow(maker);
	if (flow && verdict->rule && strcmp(verdict->rule, "port-25") == 0) {
		buf_printf(&maker->what, "%s sends mail to port 25, and Azure blocks calls of App Service to port 25.",
			   maker->at->name);
		buf_printf(&maker->helps,
			   "Send it to a relay that listens on another port, such as 587 (`flows.%s.to`).", flow->name);
		maker_setting(maker, "flows.%s.to", flow->name);
		return true;
	}
	if (maker->at->kind != ELEMENT_WORKER)
		return false;
	const char *ase = maker->model->ases[maker->at->owner].name;
	const struct subnet_config *subnet = &maker->model->subnets[maker->at->subnet];
	const char *vnet = maker->model->vnets[subnet->vnet].name;
	buf_printf(&maker->what,
		   "%s has no way to the Internet: %s has no outbound address, and its subnet no NAT gateway.",
		   maker->at->name, ase);
	buf_printf(
		&maker->helps,
		"Give it addresses (`network.ases.%s.outbound`), or its subnet a NAT gateway or a default route to an "
		"appliance (`network.vnets.%s.subnets.%s`).",
		ase, vnet, subnet->name);
	maker_setting(maker, "network.ases.%s.outbound", ase);
	maker_setting(maker, "network.vnets.%s.subnets.%s", vnet, subnet->name);
	return true;
}

void tell_no_way_out(struct maker *maker)
{
	const struct model *model = maker->model;
	if (tell_instance(maker))
		return;
	if (maker->at->subnet == NONE)
		return;
	const struct subnet_config *subnet = &model->subnets[maker->at->subnet];
	const char *vnet = model->vnets[subnet->vnet].name, *name = maker->at->name;
	bool is_host = element_traits[maker->at->kind].owner == OWNER_HOST;
	const struct pool_config *pool = is_host ? pool_of(maker, maker->at->owner) : NULL;
	struct buf *what = &maker->what, *helps = &maker->helps;
	buf_printf(what, "%s has no way to the Internet: ", name);
	if (subnet->is_private)
		buf_printf(what, "subnet %s/%s is private, so Azure lends its machines no address", vnet, subnet->name);
	else if (pool)
		buf_printf(
			what,
			"it is in pool %s of the standard load balancer %s, which takes the lent address away, and no "
			"rule lets this call out",
			pool->name, model->balancers[pool->balancer].name);
	buf_puts(what, ".");
	buf_printf(helps, "Give the subnet a NAT gateway (`network.vnets.%s.subnets.%s." SUBNET_NAT_KEY "`)", vnet,
		   subnet->name);
	maker_setting(maker, "network.vnets.%s.subnets.%s." SUBNET_NAT_KEY, vnet, subnet->name);
	if (is_host) {
		buf_printf(helps, ", the machine a public address (`network.hosts.%s.public_ip`)", name);
		maker_setting(maker, "network.hosts.%s.public_ip", name);
	}
	if (subnet->is_private) {
		buf_printf(helps, ", or set `network.vnets.%s.subnets.%s.private: false`.", vnet, subnet->name);
		maker_setting(maker, "network.vnets.%s.subnets.%s.private", vnet, subnet->name);
	} else if (pool) {
		const char *balancer = model->balancers[pool->balancer].name;
		buf_printf(helps, ", or pool %s an outbound rule (`network.load_balancers.%s.outbound`).", pool->name,
			   balancer);
		maker_setting(maker, "network.load_balancers.%s.outbound", balancer);
	} else {
		buf_puts(helps, ".");
	}
}

/* DOC: a private endpoint in the register of elements: it stands in a subnet, with an address of it. What stands behind
 * it is asked here alone. */
#include "model/elements.h"

const char *endpoint_policies_name(enum endpoint_policies policies)
{
	static const char *const names[] = {
		[POLICIES_NONE] = "none", [POLICIES_NSG] = "nsg", [POLICIES_ROUTES] = "routes", [POLICIES_ALL] = "all"};
	_Static_assert(sizeof names / sizeof *names == POLICIES_ALL + 1, "a name for each");
	return names[policies];
}

uint32_t endpoint_target_of_app(const struct model *model, uint32_t web_app)
{
	return (uint32_t)model->n_hosts + web_app;
}

const char *endpoint_target_name(const struct model *model, uint32_t target)
{
	return target == NONE            ? ""
	       : target < model->n_hosts ? model->hosts[target].name
					 : model->web_apps[target - model->n_hosts].name;
}

uint32_t endpoint_behind(const struct model *model, const struct private_endpoint_config *config)
{
	return config->service < model->n_hosts
		       ? model->elements->host[config->service]
		       : model->elements->of_kind[KIND_WEB_APP][config->service - model->n_hosts];
}

uint32_t endpoint_of_name(const struct model *model, uint32_t target, uint32_t vnet)
{
	for (size_t i = 0; vnet != NONE && i < model->n_private_endpoints; i++) {
		const struct private_endpoint_config *config = &model->private_endpoints[i];
		for (size_t k = 0; config->service == target && k < config->n_dns; k++)
			if (config->dns[k] == vnet)
				return model->elements->of_kind[KIND_PRIVATE_ENDPOINT][i];
	}
	return NONE;
}

bool endpoint_ports(const struct model *model, size_t index, const char **ret_name,
		    const struct service_port **ret_ports, size_t *ret_n)
{
	if (index >= model->n_private_endpoints)
		return false;
	uint32_t service = model->private_endpoints[index].service;
	*ret_name = model->private_endpoints[index].name;
	*ret_n = 0;
	if (service < model->n_hosts) {
		*ret_ports = model->hosts[service].listen;
		*ret_n = model->hosts[service].n_listen;
	} else if (service != NONE) {
		*ret_ports = model->web_apps[service - model->n_hosts].listen;
		*ret_n = model->web_apps[service - model->n_hosts].n_listen;
	}
	return true;
}

bool register_private_endpoint(struct arena *arena, const struct model *model, uint32_t index, struct element *ret)
{
	const struct private_endpoint_config *config = &model->private_endpoints[index];
	char text[ADDR_TEXT_BYTES];
	ret->addr = config->addr;
	ret->subnet = config->subnet;
	if (config->subnet != NONE) {
		ret->vnet = ret->realm = model->subnets[config->subnet].vnet;
		ret->region = model->vnets[ret->vnet].region;
	}
	ret->description = arena_printf(arena, "private endpoint %s, %s, of %s", config->name,
					addr_print(config->addr, text), endpoint_target_name(model, config->service));
	return ret->description;
}

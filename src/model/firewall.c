/* DOC: a firewall in the register of elements. */
#include "model/elements.h"

static const char *const nat_keys[] = {"address", "public", NULL};

bool register_firewall(struct arena *arena, const struct model *model, uint32_t index, struct element *ret)
{
	const struct firewall_config *config = &model->firewalls[index];
	char text[ADDR_TEXT_BYTES];
	ret->subnet = config->subnet;
	if (config->subnet != NONE) {
		ret->vnet = ret->realm = model->subnets[config->subnet].vnet;
		ret->region = model->vnets[ret->vnet].region;
	}
	ret->addr = config->addr;
	ret->nat = &config->nat;
	ret->nat_name = config->name;
	ret->nat_keys = nat_keys;
	ret->description = arena_printf(arena, "firewall %s, %s", config->name, addr_print(config->addr, text));
	return ret->description;
}

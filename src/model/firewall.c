/* DOC: a firewall in the register of elements; its addresses, and its rules over time. */
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

bool firewall_is_at(const struct firewall_config *config, be32 addr)
{
	for (size_t i = 0; i < config->nat.n_addresses; i++)
		if (be32_equal(config->nat.addresses[i], addr))
			return true;
	return be32_equal(config->addr, addr);
}

const struct firewall_rules *firewall_rules_at(const struct model *model, uint32_t firewall, struct instant at)
{
	const struct firewall_rules *rules = &model->firewalls[firewall].rules;
	for (size_t i = 0; i < model->n_events && model->events[i].at_ns <= at.ns; i++)
		if (model->events[i].kind == EVENT_FIREWALL && model->events[i].firewall == firewall)
			rules = &model->events[i].firewall_rules;
	return rules;
}

/* DOC: a NAT gateway in the register of elements. It stands in no subnet; its inside addresses are those of the network
 * whose subnets use it. */
#include "model/elements.h"

static const char *const nat_keys[] = {"address", "address", "tcp_idle", "tcp_idle", "icmp", "sku", NULL};

bool register_nat_gateway(struct arena *arena, const struct model *model, uint32_t index, struct element *ret)
{
	const struct nat_gateway_config *config = &model->nat_gateways[index];
	char text[ADDR_TEXT_BYTES];
	ret->region = config->vnet == NONE ? NONE : model->vnets[config->vnet].region;
	ret->realm = config->vnet;
	ret->addr = config->nat.n_addresses > 0 ? config->nat.addresses[0] : ADDR_NONE;
	ret->nat = &config->nat;
	ret->nat_name = config->name;
	ret->nat_keys = nat_keys;
	ret->description = arena_printf(arena, "NAT gateway %s, %s", config->name, addr_print(ret->addr, text));
	return ret->description;
}

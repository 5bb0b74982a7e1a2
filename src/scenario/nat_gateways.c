/* DOC: the section `nat_gateways`, and `nat_gateway` of subnets. A NAT gateway has the values of profile
 * azure-nat-gateway; all machines of its subnets share its ports (azure: nat-gateway-resource). */
#include "scenario/decode.h"

static void decode_nat_gateway(struct decoder *d, const struct tree *node, struct nat_gateway_config *gateway)
{
	check_reserved(d, gateway->name, gateway->place);
	if (!decode_section(d, node, SECTION_NAT_GATEWAY))
		return;
	decode_nat(d, node, gateway->place, NAT_OF_NAT_GATEWAY, &gateway->nat);
	gateway->nat.ports_per_worker = NAT_PORTS_SHARED;
}

void decode_nat_gateways(struct decoder *d)
{
	struct model *model = d->model;
	size_t n;
	const struct tree *network = tree_get(d->root, "network");
	const struct tree **items = decode_map(d, tree_get(network, "nat_gateways"), "nat_gateways", &n);
	model->nat_gateways = decode_array(d, n, sizeof *model->nat_gateways);
	for (size_t i = 0; model->nat_gateways && i < n; i++) {
		struct nat_gateway_config *gateway = &model->nat_gateways[model->n_nat_gateways++];
		*gateway =
			(struct nat_gateway_config){.name = items[i]->key, .vnet = NONE, .place = items[i]->key_place};
		decode_nat_gateway(d, items[i], gateway);
	}
}

uint32_t decode_nat_gateway_ref(struct decoder *d, const struct tree *node, uint32_t vnet)
{
	struct model *model = d->model;
	const char *name = decode_text(d, node, SECTION_SUBNET, "nat_gateway");
	if (!name)
		return NONE;
	uint32_t index = find_by_name(model->nat_gateways, model->n_nat_gateways, name);
	if (index == NONE) {
		unknown_name(d, decode_place(node, "nat_gateway"), "NAT gateway", name, model->nat_gateways,
			     model->n_nat_gateways, sizeof *model->nat_gateways);
		return NONE;
	}
	struct nat_gateway_config *gateway = &model->nat_gateways[index];
	if (gateway->vnet != NONE && gateway->vnet != vnet)
		diag_error(d->diags, decode_place(node, "nat_gateway"), "give each network a NAT gateway of its own",
			   "NAT gateway `%s` serves VNet `%s` already, and a NAT gateway serves one network", name,
			   model->vnets[gateway->vnet].name);
	gateway->vnet = vnet;
	return index;
}

void check_nat_gateways(struct decoder *d)
{
	const struct model *model = d->model;
	for (size_t i = 0; i < model->n_nat_gateways; i++) {
		const struct nat_gateway_config *gateway = &model->nat_gateways[i];
		if (gateway->vnet == NONE)
			diag_warning(d->diags, gateway->place, "name it under `nat_gateway` of a subnet",
				     "NAT gateway `%s` is on no subnet", gateway->name);
	}
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		if (ase->subnet != NONE && model->subnets[ase->subnet].nat_gateway != NONE)
			diag_error(d->diags, model->subnets[ase->subnet].place,
				   "remove `nat_gateway`: the environment calls out by its VIP",
				   "a NAT gateway cannot serve subnet `%s` of environment `%s`, which is of 2015",
				   model->subnets[ase->subnet].name, ase->name);
	}
}

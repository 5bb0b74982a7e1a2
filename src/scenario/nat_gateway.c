/* DOC: the section `nat_gateways`, and `nat_gateway` of subnets. A NAT gateway has the values of profile
 * azure-nat-gateway; all machines of its subnets share its ports (azure: nat-gateway-resource). */
#include "scenario/keys_internal.h"
#include "scenario/kinds.h"

#define NAT_GATEWAY_MAX_ADDRESSES 16u

static const struct key nat_gateway[] = {
	{.name = "address",
	 .value = IN_ADDRESSES(struct nat_gateway_config, nat.addresses, nat.n_addresses),
	 .mutation = MUTATE_ADDRESS,
	 .type = KEY_ADDRESSES,
	 .required = true,
	 .help = "Its public address, or a list; a call gets one of them by chance."},
	{.name = "sku",
	 .value = IN_ENUM(struct nat_gateway_config, sku),
	 .mutation = MUTATE_OTHERS,
	 .type = KEY_ENUM,
	 .fallback = "standard",
	 .values = "standard|v2",
	 .help = "v2 translates echo requests and their replies, too."},
	{.name = "tcp_idle",
	 .value = IN_NS(struct nat_gateway_config, nat.tcp_idle_ns),
	 .mutation = MUTATE_TIME,
	 .type = KEY_DURATION,
	 .fallback = "4m",
	 .min = 4LL * 60 * S,
	 .max = 120LL * 60 * S,
	 .help = "TCP mapping without traffic."},
	SOURCE_KEY,
};
KEY_LIST_OF(nat_gateway);

static void decode(struct decoder *d, const struct tree *node, struct kind_item *item)
{
	struct nat_gateway_config *gateway = (struct nat_gateway_config *)(void *)item;
	gateway->vnet = NONE;
	if (!decode_section(d, node, SECTION_NAT_GATEWAY))
		return;
	unsigned sku = 0;
	(void)decode_enum(d, node, SECTION_NAT_GATEWAY, "sku", &sku);
	gateway->sku = (enum nat_gateway_sku)sku;
	decode_nat(d, node, gateway->place, NAT_PROFILE_AZURE_NAT_GATEWAY, &gateway->nat);
	gateway->nat.ports_per_worker = NAT_PORTS_SHARED;
	(void)decode_duration(d, node, SECTION_NAT_GATEWAY, "tcp_idle", &gateway->nat.tcp_idle_ns);
	if (gateway->nat.n_addresses > NAT_GATEWAY_MAX_ADDRESSES)
		diag_error(d->diags, decode_place(node, "address"), "leave some out",
			   "a NAT gateway has at most %u addresses", NAT_GATEWAY_MAX_ADDRESSES);
	gateway->nat.translate_icmp = gateway->nat.echo_alone = gateway->sku == NAT_GATEWAY_V2;
}

static void of_subnet(struct decoder *d, const struct tree *node, struct subnet_config *subnet)
{
	struct model *model = d->model;
	subnet->nat_gateway = NONE;
	const char *name = decode_text(d, node, SECTION_SUBNET, "nat_gateway");
	if (!name)
		return;
	uint32_t index = find_by_name(model->nat_gateways, model->n_nat_gateways, name);
	if (index == NONE) {
		unknown_name(d, decode_place(node, "nat_gateway"), "NAT gateway", name, model->nat_gateways,
			     model->n_nat_gateways, sizeof *model->nat_gateways);
		return;
	}
	struct nat_gateway_config *gateway = &model->nat_gateways[index];
	if (gateway->vnet != NONE && gateway->vnet != subnet->vnet)
		diag_error(d->diags, decode_place(node, "nat_gateway"), "give each network a NAT gateway of its own",
			   "NAT gateway `%s` serves VNet `%s` already, and a NAT gateway serves one network", name,
			   model->vnets[gateway->vnet].name);
	gateway->vnet = subnet->vnet;
	subnet->nat_gateway = index;
}

static void check(struct decoder *d)
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
		if (ase->generation != 2 && ase->subnet != NONE && model->subnets[ase->subnet].nat_gateway != NONE)
			diag_error(d->diags, model->subnets[ase->subnet].place,
				   "remove `nat_gateway`: the environment calls out by its VIP",
				   "a NAT gateway cannot serve subnet `%s` of environment `%s`, which is no v3",
				   model->subnets[ase->subnet].name, ase->name);
	}
}

static bool address(const struct kind_item *item, size_t number, struct kind_address *ret)
{
	const struct nat_gateway_config *gateway = (const struct nat_gateway_config *)(const void *)item;
	if (number >= gateway->nat.n_addresses)
		return false;
	*ret = (struct kind_address){NONE, gateway->nat.addresses[number], gateway->place};
	return true;
}

const struct kind_loader loader_nat_gateway = {
	.decode = decode, .subnet = of_subnet, .check = check, .address = address};

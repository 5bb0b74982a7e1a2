/* DOC: the section `nat_gateways`, `nat_gateway` of subnets, and the event of the timeline that changes it. A NAT gateway has the values of profile
 * azure-nat-gateway; all machines of its subnets share its ports (azure: nat-gateway-resource). */
#include "scenario/keys_internal.h"
#include "scenario/kinds.h"
#include <string.h>

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

/* The NAT gateway of that name, which serves the VNet from now on; NONE with a diagnostic where it cannot. */
static uint32_t serve(struct decoder *d, const char *name, struct place place, uint32_t vnet)
{
	struct model *model = d->model;
	uint32_t index = find_by_name(model->nat_gateways, model->n_nat_gateways, name);
	if (index == NONE) {
		unknown_name(d, place, "NAT gateway", name, model->nat_gateways, model->n_nat_gateways,
			     sizeof *model->nat_gateways);
		return NONE;
	}
	struct nat_gateway_config *gateway = &model->nat_gateways[index];
	if (gateway->vnet != NONE && gateway->vnet != vnet)
		diag_error(d->diags, place, "give each network a NAT gateway of its own",
			   "NAT gateway `%s` serves VNet `%s` already, and a NAT gateway serves one network", name,
			   model->vnets[gateway->vnet].name);
	else
		gateway->vnet = vnet;
	return index;
}

static void of_subnet(struct decoder *d, const struct tree *node, struct subnet_config *subnet)
{
	const char *name = decode_text(d, node, SECTION_SUBNET, "nat_gateway");
	subnet->nat_gateway = name ? serve(d, name, decode_place(node, "nat_gateway"), subnet->vnet) : NONE;
}

/* ---- the event ---- */

static const char *word(const struct tree *item, const char *key)
{
	const struct tree *node = tree_get(item, key);
	return node && node->kind == TREE_SCALAR && node->text ? node->text : "";
}

/* The network that an event names, for one that no subnet names: the register asks before the timeline is read. */
static uint32_t vnet_of_events(struct decoder *d, const struct nat_gateway_config *gateway)
{
	const struct model *model = d->model;
	const struct tree *timeline = tree_get(d->root, "timeline");
	for (const struct tree *item = timeline ? timeline->first : NULL; item; item = item->next)
		for (size_t i = 0; strcmp(word(item, "to"), gateway->name) == 0 && i < model->n_subnets; i++) {
			const struct subnet_config *subnet = &model->subnets[i];
			const char *vnet = model->vnets[subnet->vnet].name, *text = word(item, "nat_gateway");
			size_t n = strlen(vnet);
			if (strncmp(text, vnet, n) == 0 && text[n] == '/' && strcmp(text + n + 1, subnet->name) == 0)
				return subnet->vnet;
		}
	return NONE;
}

/* Without one, or with one: can the environment of the subnet, if there is any, be there? */
static bool suits_environments(struct decoder *d, const struct event_config *event, struct place place)
{
	const struct model *model = d->model;
	const struct subnet_config *subnet = &model->subnets[event->subnet];
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		if (ase->subnet != event->subnet)
			continue;
		if (event->way_out != NONE && ase->generation != 2)
			diag_error(d->diags, place, "leave the event out: the environment calls out by its VIP",
				   "a NAT gateway cannot serve subnet `%s` of environment `%s`, which is no v3",
				   subnet->name, ase->name);
		else if (event->way_out == NONE && ase->n_outbound == 0 && subnet->routes == NONE)
			diag_error(d->diags, place, "give it one: `outbound: [203.0.113.7]`",
				   "environment `%s` has no `outbound` address to leave by without a NAT gateway",
				   ase->name);
		else
			continue;
		return false;
	}
	return true;
}

static bool decode_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	const struct model *model = d->model;
	event->kind = EVENT_WAY_OUT;
	event->way_out = NONE;
	if (!decode_has(node, "to")) {
		lacks(d, node, "to: the name of a NAT gateway, or none", "`nat_gateway` needs `to`");
		return false;
	}
	event->subnet = decode_subnet_ref(d, node, SECTION_EVENT, "nat_gateway");
	const char *to = decode_text(d, node, SECTION_EVENT, "to");
	if (!to || event->subnet == NONE)
		return false;
	const struct subnet_config *subnet = &model->subnets[event->subnet];
	if (strcmp(to, "none") != 0) {
		event->way_out = serve(d, to, decode_place(node, "to"), subnet->vnet);
		if (event->way_out == NONE)
			return false;
		event->way_out_name = to;
	}
	event->text = arena_printf(d->arena, "NAT gateway of %s/%s becomes %s", model->vnets[subnet->vnet].name,
				   subnet->name, to);
	return suits_environments(d, event, decode_place(node, "to"));
}

/* ---- all of them ---- */

static void check(struct decoder *d)
{
	const struct model *model = d->model;
	for (size_t i = 0; i < model->n_nat_gateways; i++) {
		struct nat_gateway_config *gateway = &model->nat_gateways[i];
		if (gateway->vnet == NONE)
			gateway->vnet = vnet_of_events(d, gateway);
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

const struct kind_loader loader_nat_gateway = {.decode = decode,
					       .subnet = of_subnet,
					       .check = check,
					       .event_key = "nat_gateway",
					       .event = decode_event,
					       .address = address};

/* DOC: a call to a service by its name that is lost on its way to the public address, though a private endpoint stands
 * for the service: the caller's network is not among those in which the name is the endpoint's address. */
#include "cause/maker.h"

/* What holds of the service itself, or of a link, holds by the endpoint, too. */
static bool is_by_the_way(enum reason reason)
{
	return reason != REASON_NO_LISTENER && reason != REASON_HOST_DOWN && reason != REASON_LINK_DOWN &&
	       reason != REASON_LINK_LOSS && reason != REASON_QUEUE_FULL && reason != REASON_BAD_CHECKSUM;
}

/* The network of the caller; NONE at a site and on the Internet. */
static uint32_t network_of(const struct maker *maker)
{
	const struct model *model = maker->model;
	const struct flow_config *flow = maker_flow(maker);
	if (!flow)
		return model->subnets[model->ases[maker->need->ase].subnet].vnet;
	return endpoint_vnet(model, &flow->from);
}

/* What is called, as endpoints number it, and its public address; NONE: nothing that can stand behind one. */
static uint32_t target_of(const struct maker *maker, be32 *ret_addr)
{
	const struct model *model = maker->model;
	const struct flow_config *flow = maker_flow(maker);
	const struct endpoint service = {.kind = ENDPOINT_HOST, .index = flow ? NONE : maker->need->host};
	const struct endpoint *to = flow ? &flow->to : &service;
	if (!flow && to->index == NONE)
		return NONE;
	if (to->kind != ENDPOINT_HOST && to->kind != ENDPOINT_WEB_APP)
		return NONE;
	bool is_app = to->kind == ENDPOINT_WEB_APP;
	*ret_addr = is_app ? model->web_apps[to->index].addr : model->hosts[to->index].addr;
	return is_app ? endpoint_target_of_app(model, to->index) : to->index;
}

void help_by_endpoint(struct maker *maker)
{
	const struct model *model = maker->model;
	const struct flow_config *flow = maker_flow(maker);
	char text[ADDR_TEXT_BYTES];
	be32 addr = ADDR_NONE;
	uint32_t target = target_of(maker, &addr);
	if ((flow && flow->is_held_push) || target == NONE || (maker->step->packet->flags & PACKET_FROM_CALLER) == 0 ||
	    !is_by_the_way(maker->step->verdict.reason) || !be32_equal(addr, maker->step->after.dst))
		return;
	uint32_t vnet = network_of(maker);
	for (size_t i = 0; i < model->n_private_endpoints; i++) {
		const struct private_endpoint_config *endpoint = &model->private_endpoints[i];
		if (endpoint->service != target)
			continue;
		if (vnet != NONE)
			buf_printf(
				&maker->helps,
				" Or call private endpoint %s: add %s to the networks in which the name of %s is its "
				"address (`network.private_endpoints.%s.dns`).",
				endpoint->name, model->vnets[vnet].name, endpoint_target_name(model, target),
				endpoint->name);
		else if (flow && flow->from.kind == ENDPOINT_HOST && model->hosts[flow->from.index].kind == HOST_SITE)
			buf_printf(&maker->helps, " Or call private endpoint %s by its address, %s (`flows.%s.to`).",
				   endpoint->name, addr_print(endpoint->addr, text), flow->name);
		if (vnet != NONE)
			maker_setting(maker, "network.private_endpoints.%s.dns", endpoint->name);
		return;
	}
}

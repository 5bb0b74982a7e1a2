/* DOC: a web app is a machine on the public side of its region, which answers at the inbound address. Its instances call:
 * to private addresses and to services of the subnet's endpoints by the integrated subnet, or all of it with
 * `route_all`; else by the app's outbound addresses, a NAT with 128 ports for each instance (azure:
 * overview-vnet-integration). Without integration no private address is reached. */
#include "model/web_app.h"
#include "model/elements.h"
#include "network/drive.h"
#include <errno.h>

/* ---- building ---- */

void build_web_app(struct world *world, uint32_t element)
{
	const struct web_app_config *config = &world->model->web_apps[element_at(world->model, element)->owner];
	struct machine *machine = build_machine(world, element);
	machine->listen = config->listen;
	machine->n_listen = (uint32_t)config->n_listen;
}

/* Each instance has a block of ports, and one of the addresses. */
void build_app_outbound(struct world *world, uint32_t element)
{
	const struct web_app_config *config = &world->model->web_apps[element_at(world->model, element)->owner];
	struct translator *translator = &world->translators[build_nat(world, element)];
	uint32_t ports = config->nat.ports_per_worker;
	struct nat_blocks blocks = {
		.n_owners = config->instances, .block_ports = ports, .root_ports = ports, .n_roots = UINT32_MAX};
	world_fail(world, translator->nat ? nat_resize(translator->nat, &blocks, world->now) : -ENOMEM);
}

void build_app_instance(struct world *world, uint32_t element_index)
{
	const struct element *element = element_at(world->model, element_index);
	struct machine *machine = build_machine(world, element_index);
	machine->owner_at = web_app_outbound(world->model, element->owner);
	machine->translator = world->nodes[machine->owner_at].index;
	machine->listen = NULL;
	machine->sends_no_mail = true;
}

int timer_web_app(struct world *world, uint32_t node)
{
	(void)world, (void)node; /* its mappings have the timer of every NAT */
	return 0;
}

void close_web_app(struct world *world)
{
	(void)world; /* all that it has is in the arena */
}

/* ---- what an instance sends ---- */

/* By the integrated subnet, or by the outbound addresses? */
static bool leaves_by_subnet(const struct ask *ask, const struct machine *machine, const struct web_app_config *config)
{
	be32 dst = packet_ip_const(ask->packet)->dst;
	if (machine->subnet == NONE)
		return false;
	if (config->route_all || addr_is_private(dst))
		return true;
	const struct route *route = routing_choose(ask->world, machine, dst);
	return route && route->hop == HOP_SERVICE;
}

static void by_outbound_addresses(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	decide_go(ret, PASSAGE_NAT_OUT, ask->world->translators[machine->translator].node, machine->node);
}

static void resolver(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	if (packet_ip_const(ask->packet)->dst.raw != be32_from(AZURE_DNS_ADDR).raw)
		decide_pass(ret);
	else
		decide_link(ret, ask->leg.at, world->machines[world->azure_dns].node, LINK_SUBNET);
}

static void which_way(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = machine_at(world, ask->leg.at);
	const struct web_app_config *config = &world->model->web_apps[element_at(world->model, ask->leg.at)->owner];
	if (leaves_by_subnet(ask, machine, config)) {
		decide_go(ret, PASSAGE_NIC_OUT, machine->node, NONE);
		return;
	}
	if (!addr_is_private(packet_ip_const(ask->packet)->dst)) {
		by_outbound_addresses(ask, machine, ret);
		return;
	}
	decide_drop(
		ret,
		(struct verdict){.reason = REASON_NO_ROUTE,
				 .by = world->nodes[machine->node].name,
				 .detail = "the app is not integrated into a network: it reaches no private address",
				 .place = config->place},
		0);
}

const struct stage app_instance_out[] = {
	{"Azure's resolver", resolver, NULL, NULL},
	{"integrated subnet or outbound addresses", which_way, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* ---- the way out of the integrated subnet, where it has no other ---- */

static bool has(const struct world *world, const struct machine *machine)
{
	(void)world;
	return machine->kind == ELEMENT_APP_INSTANCE;
}

static bool decide(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	by_outbound_addresses(ask, machine, ret);
	return true;
}

const struct way_out way_out_app_outbound = {"the web app's outbound addresses", "instances of a web app", has, decide};

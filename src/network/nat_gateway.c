/* DOC: a NAT gateway is a NAT that stands by itself, and the first of the ways out of its subnets. All machines of these
 * share its ports. */
#include "model/elements.h"
#include "network/drive.h"
#include <errno.h>

/* The gateway leaves alone what belongs to a connection from outside to the machine's own public address
 * (nat-gateway-resource: inbound by a public address is unaffected). */
static bool answers_public_ip(const struct ask *ask, const struct machine *machine)
{
	if (machine->public_ip.raw == 0 || !ask->world->public_flows)
		return false;
	uint32_t id = (uint32_t)(machine - ask->world->machines);
	const struct tuple tuple = packet_tuple(ask->packet);
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_public; i++)
		if (tuple_equal(&ask->trial->public_flows[i], &tuple))
			return true;
	return record_is_live(ask->world->public_flows, id, &tuple, ask->world->now);
}

static uint32_t of_machine(const struct world *world, const struct machine *machine)
{
	return machine->subnet == NONE || !world->subnet_way_out ? NONE : world->subnet_way_out[machine->subnet];
}

static bool has(const struct world *world, const struct machine *machine)
{
	/* A front end calls nothing outside: it answers, by the inbound address. */
	return machine->kind != ELEMENT_FRONT_END && of_machine(world, machine) != NONE;
}

static bool decide(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	const struct world *world = ask->world;
	uint32_t gateway = of_machine(world, machine);
	if (answers_public_ip(ask, machine))
		return machine_out_by_public_ip(ask, machine, ret);
	if (world->has_changed_way_out && machine_has_mapping_at_balancer(ask, machine))
		return false;
	decide_go(ret, PASSAGE_NAT_OUT, world->model->elements->of_kind[KIND_NAT_GATEWAY][gateway], machine->node);
	ret->settled = machine->public_ip.raw == 0 && !world->has_changed_way_out;
	return true;
}

const struct way_out way_out_nat_gateway = {"the subnet's NAT gateway", "a machine of a subnet with `nat_gateway`", has,
					    decide};

bool subnet_set_way_out(struct world *world, uint32_t subnet, uint32_t gateway)
{
	if (!world->subnet_way_out || world->subnet_way_out[subnet] == gateway)
		return false;
	world->subnet_way_out[subnet] = gateway;
	world->has_changed_way_out = true;
	for (uint32_t i = 0; i < world->n_machines; i++)
		if (world->machines[i].subnet == subnet)
			machine_choose_way_out(world, &world->machines[i]);
	return true;
}

int timer_nat_gateway(struct world *world, uint32_t node)
{
	(void)world, (void)node; /* its mappings have the timer of every NAT */
	return 0;
}

void close_nat_gateway(struct world *world)
{
	(void)world; /* all that it has is in the arena */
}

void build_nat_gateway(struct world *world, uint32_t element)
{
	(void)build_nat(world, element);
	if (world->subnet_way_out)
		return;
	const struct model *model = world->model;
	world->subnet_way_out = arena_array(world->arena, model->n_subnets, sizeof *world->subnet_way_out);
	world_fail(world, world->subnet_way_out ? 0 : -ENOMEM);
	for (uint32_t i = 0; world->subnet_way_out && i < model->n_subnets; i++)
		world->subnet_way_out[i] = model->subnets[i].nat_gateway;
	if (!world->public_flows)
		world_fail(world, records_new(&world->public_flows));
}

/* DOC: a NAT gateway is a NAT that stands by itself, and the first of the ways out of its subnets. All machines of these
 * share its ports. */
#include "model/elements.h"
#include "network/drive.h"

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

static bool has(const struct world *world, const struct machine *machine)
{
	/* A front end calls nothing outside: it answers, by the inbound address. */
	return machine->kind != ELEMENT_FRONT_END && machine->subnet != NONE &&
	       world->model->subnets[machine->subnet].nat_gateway != NONE;
}

static bool decide(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	const struct model *model = ask->world->model;
	uint32_t gateway = model->subnets[machine->subnet].nat_gateway;
	if (answers_public_ip(ask, machine))
		return machine_out_by_public_ip(ask, machine, ret);
	decide_go(ret, PASSAGE_NAT_OUT, model->elements->of_kind[KIND_NAT_GATEWAY][gateway], machine->node);
	return true;
}

const struct way_out way_out_nat_gateway = {"the subnet's NAT gateway", "a machine of a subnet with `nat_gateway`", has,
					    decide};

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
	if (!world->public_flows)
		world_fail(world, records_new(&world->public_flows));
}

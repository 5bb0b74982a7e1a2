/* DOC: the ways out of a subnet to the Internet, one table: the first that a machine has is its way. A user route to an
 * appliance, a firewall or a gateway, and a default route that a gateway teaches, have taken the packet before. Where a
 * machine has none the packet ends here, but for storage of the region and a private subnet. */
#include "network/drive.h"

static struct verdict by_machine(const struct world *world, const struct machine *machine, enum reason reason,
				 const char *detail)
{
	return (struct verdict){.reason = reason, .by = world->nodes[machine->node].name, .detail = detail};
}

bool machine_out_by_public_ip(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	decide_go(ret, PASSAGE_PUBLIC, machine->node, NONE);
	decide_change(ret, CHANGE_SRC, machine->public_ip, packet_tuple(ask->packet).src_port, STEP_REALM, "public-ip",
		      ask->world->model->hosts[machine->owner].place);
	return true;
}

/* Only what a front end sends may be an answer on a balanced port. */
static bool out_by_vip(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	decide_go(ret, machine->kind == ELEMENT_FRONT_END ? PASSAGE_VIP_OUT : PASSAGE_NAT_OUT,
		  ask->world->translators[machine->translator].node, machine->node);
	decide_settled(ret);
	return true;
}

static bool out_by_lent_address(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	decide_go(ret, PASSAGE_NAT_OUT, ask->world->translators[machine->translator].node, machine->node);
	decide_settled(ret);
	return true;
}

/* The frontend by which a machine's packets of this protocol leave; NONE. */
static uint32_t egress_of(const struct ask *ask, const struct machine *machine, const uint32_t *egress)
{
	uint8_t proto = packet_ip_const(ask->packet)->proto;
	return egress[EGRESS_COUNT * (uint32_t)(machine - ask->world->machines) + (proto == PROTO_TCP   ? EGRESS_TCP
										   : proto == PROTO_UDP ? EGRESS_UDP
													: EGRESS_ICMP)];
}

/* Of an outbound rule with several frontends a machine's ports are at one. */
static bool by_frontend(const struct ask *ask, const struct machine *machine, uint32_t frontend, struct decision *ret)
{
	const struct world *world = ask->world;
	uint32_t node = world->model->elements->frontend[frontend];
	const struct translator *translator = translator_at(world, node);
	be32 address =
		nat_address_of(translator->nat, translate_owner_or_first(world, translator, machine), machine->addr);
	uint32_t at = address.raw == translator->addr.raw ? node : address_find(world, NONE, address);
	decide_go(ret, PASSAGE_NAT_OUT, at, machine->node);
	return true;
}

static bool out_by_outbound_rule(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	uint32_t frontend = egress_of(ask, machine, ask->world->egress_by_rule);
	return frontend != NONE && by_frontend(ask, machine, frontend, ret);
}

static bool out_by_balancing_rule(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	uint32_t frontend = egress_of(ask, machine, ask->world->egress_automatic);
	return frontend != NONE && by_frontend(ask, machine, frontend, ret);
}

static bool has_mapping(const struct ask *ask, const struct machine *machine, uint32_t frontend)
{
	const struct world *world = ask->world;
	if (frontend == NONE)
		return false;
	const struct translator *translator = translator_at(world, world->model->elements->frontend[frontend]);
	const struct nat_packet packet = {.tuple = packet_tuple(ask->packet),
					  .owner = translate_owner_or_first(world, translator, machine)};
	struct nat_answer answer;
	nat_decide_outbound(translator->nat, &packet, world->now, &answer);
	return answer.reason == REASON_NONE && !answer.created;
}

bool machine_has_mapping_at_balancer(const struct ask *ask, const struct machine *machine)
{
	const struct world *world = ask->world;
	return world->egress_by_rule && (has_mapping(ask, machine, egress_of(ask, machine, world->egress_by_rule)) ||
					 has_mapping(ask, machine, egress_of(ask, machine, world->egress_automatic)));
}

static bool has_egress(const struct world *world, const struct machine *machine, const uint32_t *egress)
{
	return egress && egress[EGRESS_COUNT * (uint32_t)(machine - world->machines) + EGRESS_ICMP] != NONE;
}

static bool has_outbound_rule(const struct world *world, const struct machine *machine)
{
	return has_egress(world, machine, world->egress_by_rule);
}

static bool has_balancing_rule(const struct world *world, const struct machine *machine)
{
	return has_egress(world, machine, world->egress_automatic);
}

static bool has_public_ip(const struct world *world, const struct machine *machine)
{
	(void)world;
	return machine->public_ip.raw != 0;
}

static bool has_vip(const struct world *world, const struct machine *machine)
{
	if (machine->kind != ELEMENT_WORKER)
		return machine->kind == ELEMENT_FRONT_END;
	const struct ase_config *ase = &world->model->ases[machine->owner];
	return ase->generation != 2 || ase->n_outbound > 0;
}

static bool has_lent_address(const struct world *world, const struct machine *machine)
{
	return element_is_vm(machine->kind) && !world->model->subnets[machine->subnet].is_private &&
	       !balancers_are_standard(world->model, machine->owner);
}

/* The ways out of a subnet: the first that a machine has, and that takes the packet's protocol, is its way. A route to an appliance or a gateway has taken the
 * packet before. docs/model.md has the same table. */
static const struct way_out
	by_public_ip = {"the machine's own public address", "a machine with `public_ip`", has_public_ip,
			machine_out_by_public_ip},
	by_vip = {"the environment's VIP", "front ends and workers", has_vip, out_by_vip},
	by_outbound_rule = {"an outbound rule of a load balancer", "a machine of the rule's pool", has_outbound_rule,
			    out_by_outbound_rule},
	by_balancing_rule = {"automatic source NAT of a balancing rule",
			     "a machine of the pool of a rule at a public frontend", has_balancing_rule,
			     out_by_balancing_rule},
	by_lent_address = {"the address that Azure lends",
			   "a machine of a subnet that is not `private`, and of no standard balancer", has_lent_address,
			   out_by_lent_address},
	*const ways_out[] = {&way_out_nat_gateway, &by_public_ip,      &by_vip,          &way_out_app_outbound,
			     &by_outbound_rule,    &by_balancing_rule, &by_lent_address, NULL};
#define N_WAYS_OUT (sizeof ways_out / sizeof *ways_out - 1)

void machine_choose_way_out(const struct world *world, struct machine *machine)
{
	machine->way_out = 0;
	while (machine->way_out < N_WAYS_OUT && !ways_out[machine->way_out]->has(world, machine))
		machine->way_out++;
}

const char *machine_way_out_name(const struct machine *machine)
{
	return machine->way_out < N_WAYS_OUT ? ways_out[machine->way_out]->name : NULL;
}

const struct way_out *const *machine_ways_out(void)
{
	return ways_out;
}

const char *world_way_out(const struct world *world, uint32_t node, const char **ret_beaten)
{
	const struct machine *machine = machine_at(world, node);
	*ret_beaten = NULL;
	if (machine->vnet == NONE || machine->way_out == N_WAYS_OUT)
		return NULL;
	for (size_t i = machine->way_out + 1u; i < N_WAYS_OUT && !*ret_beaten; i++)
		if (ways_out[i]->has(world, machine))
			*ret_beaten = ways_out[i]->name;
	return ways_out[machine->way_out]->name;
}

/* The storage of its region that a private subnet reaches all the same (default-outbound-access); NONE. */
static uint32_t near_storage(const struct ask *ask, const struct machine *machine)
{
	const struct model *model = ask->world->model;
	uint32_t to = address_find(ask->world, NONE, packet_ip_const(ask->packet)->dst);
	if (to == NONE || ask->world->nodes[to].kind != ELEMENT_SERVICE)
		return NONE;
	uint32_t host = element_at(model, to)->owner;
	return model->hosts[host].service == SERVICE_STORAGE && model->hosts[host].region == machine->region ? host
													     : NONE;
}

/* In a private subnet, or in a standard balancer's pool without a rule that lets the call out. */
static void no_way_out(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct subnet_config *subnet = &world->model->subnets[machine->subnet];
	uint32_t storage = subnet->is_private ? near_storage(ask, machine) : NONE;
	struct verdict verdict = {.reason = REASON_NO_OUTBOUND,
				  .by = subnet->by,
				  .detail = "the subnet is private, and the machine has no other way out",
				  .place = subnet->place};
	if (storage != NONE) {
		fabric_across(world, ask->leg.at, world->model->elements->host[storage], ret);
		return;
	}
	if (machine->kind == ELEMENT_WORKER) {
		verdict = by_machine(world, machine, REASON_NO_OUTBOUND,
				     "the environment has no outbound address, and its subnet no NAT gateway");
		verdict.place = world->model->ases[machine->owner].place;
	} else if (!subnet->is_private) {
		verdict = by_machine(world, machine, REASON_NO_OUTBOUND,
				     "a standard load balancer has the machine in a pool, and no rule that lets this "
				     "call out");
		verdict.place = world->model->hosts[machine->owner].place;
	}
	decide_drop(ret, verdict, 0);
}

static void way_out(const struct ask *ask, struct decision *ret)
{
	const struct machine *machine = machine_at(ask->world, ask->leg.at);
	if (packet_ip_const(ask->packet)->src.raw != machine->addr.raw) {
		const char *why = machine->own_nat == NONE
					  ? "Azure translates only a machine's own address: an appliance needs `nat` "
					    "for others'"
					  : "its NAT left the source as it is, and Azure translates a machine's own "
					    "address alone";
		struct verdict verdict = by_machine(ask->world, machine, REASON_NO_MAPPING, why);
		if (machine->own_nat != NONE)
			verdict.place = translator_place(&ask->world->translators[machine->own_nat]);
		decide_drop(ret, verdict, machine->own_nat != NONE ? STEP_UNTRANSLATED : 0);
		return;
	}
	for (size_t way = machine->way_out; way < N_WAYS_OUT; way++)
		if ((way == machine->way_out || ways_out[way]->has(ask->world, machine)) &&
		    ways_out[way]->decide(ask, machine, ret))
			return;
	no_way_out(ask, machine, ret);
}

static void way_out_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	if (decision->verb == VERB_CARRY)
		private_call_note(world, packet, leg->at);
}

static void way_out_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->verb == VERB_CARRY)
		private_call_suppose(ask, ask->leg.at, trial);
}

const struct stage machine_way_out[] = {
	{"the way out of the subnet", way_out, way_out_commit, way_out_suppose},
	{NULL, NULL, NULL, NULL},
};

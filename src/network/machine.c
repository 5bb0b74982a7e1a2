/* DOC: a machine of a network: what its NIC does with a packet, each way.
 *
 *   NIC out   Azure's resolver; own subnet's law (L4); security groups; routes: to the network, a peer, a gateway, an
 *             appliance, nowhere, or out
 *   way out   from a subnet to the Internet, see ways_out.c
 *   NIC in    is the machine there?; fragments in order?; security groups; for its own stack, for its NAT, or to be forwarded? */
#include "net/fragment.h"
#include "network/drive.h"
#include <string.h>

static struct verdict by_machine(const struct world *world, const struct machine *machine, enum reason reason,
				 const char *detail)
{
	return (struct verdict){.reason = reason, .by = world->nodes[machine->node].name, .detail = detail};
}

static const struct machine *asked(const struct ask *ask)
{
	return machine_at(ask->world, ask->leg.at);
}

/* ---- NIC out ---- */

/* Azure's resolver answers on the host itself; no group and no route has a say. */
static void resolver(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	decide_settled(ret);
	if (__builtin_expect(packet_ip_const(ask->packet)->dst.raw != be32_from(AZURE_DNS_ADDR).raw, 1))
		decide_pass(ret);
	else
		decide_link(ret, ask->leg.at, world->machines[world->azure_dns].node, LINK_SUBNET);
}

/* An environment of v3 and an integrated app send nothing to port 25 (environment/networking, overview-vnet-integration).
 */
static bool is_mail(const struct ask *ask, const struct machine *machine)
{
	return __builtin_expect(machine->sends_no_mail, 0) && packet_ip_const(ask->packet)->proto == PROTO_TCP &&
	       !packet_is_fragment(ask->packet) && be16_to(packet_tuple(ask->packet).dst_port) == SMTP_PORT;
}

static uint32_t environment_of(const struct world *world, uint32_t node)
{
	const struct element *element = element_at(world->model, node);
	return element_traits[element->kind].owner == OWNER_ENVIRONMENT ? element->owner : NONE;
}

/* L4: resources in an environment's own subnet are cut off from it, except its own internal routing. */
static void own_subnet(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = asked(ask);
	const struct subnet_config *subnet = &world->model->subnets[machine->subnet];
	be32 dst = packet_ip_const(ask->packet)->dst;
	if (is_mail(ask, machine)) {
		struct verdict verdict =
			by_machine(world, machine, REASON_NO_OUTBOUND, "App Service sends nothing to port 25");
		verdict.rule = "port-25";
		verdict.place = element_at(world->model, machine->node)->place;
		decide_drop(ret, verdict, 0);
		return;
	}
	decide_pass(ret);
	decide_settled(ret);
	if (!subnet_holds(subnet, dst))
		return;
	uint32_t to = address_find(world, machine->realm, dst);
	if (to == NONE)
		return;
	if (environment_of(world, to) == environment_of(world, machine->node))
		return;
	decide_drop(ret,
		    (struct verdict){.reason = REASON_SAME_SUBNET_AS_ASE,
				     .by = subnet->by,
				     .detail = "machines in an environment's own subnet are cut off from it",
				     .place = subnet->place},
		    0);
}

void machine_groups_out(const struct ask *ask, struct decision *ret)
{
	const struct machine *machine = asked(ask);
	if (machine->guarded) {
		security_decide(ask, machine, NSG_OUTBOUND, ret);
	} else {
		decide_pass(ret);
		decide_settled(ret);
	}
}

static void suppose_out(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->verb == VERB_PASSED && !decision->groups.by_record)
		security_suppose(ask, asked(ask), NSG_OUTBOUND, trial);
}

static void groups_out_commit(struct world *world, const struct leg *leg, struct packet *packet,
			      struct decision *decision)
{
	security_commit(world, machine_at(world, leg->at), NSG_OUTBOUND, packet, decision);
}

/* ---- routes ---- */

/* By whose subnet's routes: the machine's, or that of the machine whose answer a frontend has translated. */
static const struct machine *routed(const struct ask *ask)
{
	bool own = __builtin_expect(ask->leg.passage == PASSAGE_NIC_OUT, 1);
	return machine_at(ask->world, own ? ask->leg.at : ask->leg.from);
}

/* Over the links of one network. */
static void to_neighbour(const struct ask *ask, const struct machine *machine, uint32_t to, struct decision *ret)
{
	bool same_subnet = machine->subnet == element_at(ask->world->model, to)->subnet;
	decide_link(ret, ask->leg.at, to, same_subnet ? LINK_SUBNET : LINK_VNET);
}

static void to_vnet(const struct ask *ask, uint32_t vnet, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = routed(ask);
	uint32_t to = address_find(world, vnet, packet_ip_const(ask->packet)->dst);
	if (to == NONE)
		decide_drop(ret,
			    by_machine(world, machine, REASON_NO_ROUTE, "no machine of the network has this address"),
			    0);
	else if (vnet != machine->vnet)
		fabric_peering(ask, ask->leg.at, to, ret);
	else
		to_neighbour(ask, machine, to, ret);
}

static void to_gateway(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = routed(ask);
	uint32_t site = routing_site(world, machine->vnet, ret->route, packet_ip_const(ask->packet)->dst);
	if (site == NONE)
		decide_drop(ret, by_machine(world, machine, REASON_NO_ROUTE, "the network has no gateway"), 0);
	else
		decide_go(ret, PASSAGE_GATEWAY_TO_SITE, world->model->elements->gateway[site], ask->leg.at);
}

/* Where a private address is another network's, that is what is wrong. */
static void to_nowhere(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	struct verdict verdict = routing_verdict(world, ret->route);
	bool other_vnet =
		ret->route->source == ROUTE_SYSTEM && vnet_of_address(world, packet_ip_const(ask->packet)->dst) != NONE;
	verdict.reason = other_vnet ? REASON_NOT_PEERED : REASON_ROUTE_NONE;
	verdict.detail = other_vnet ? "the address is in another network, which is not peered" : NULL;
	decide_drop(ret, verdict, 0);
}

/* To an appliance, or to a frontend that has appliances behind it. */
static void to_next_hop(const struct ask *ask, uint32_t hop, uint32_t vnet, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = routed(ask);
	if (vnet == machine->vnet)
		to_neighbour(ask, machine, hop, ret);
	else if (vnets_are_peers(world, machine->vnet, vnet))
		fabric_peering(ask, ask->leg.at, hop, ret);
	else
		decide_drop(ret,
			    by_machine(world, machine, REASON_NO_ROUTE,
				       "the appliance is in another network, which is not peered"),
			    0);
}

static void to_appliance(const struct ask *ask, struct decision *ret)
{
	const struct model *model = ask->world->model;
	uint32_t appliance = next_hop_element(model, ret->route->target);
	to_next_hop(ask, appliance, element_at(model, appliance)->vnet, ret);
}

static void to_frontend(const struct ask *ask, struct decision *ret)
{
	const struct model *model = ask->world->model;
	uint32_t frontend = model->elements->frontend[ret->route->target];
	to_next_hop(ask, frontend, element_at(model, frontend)->vnet, ret);
}

/* What a public frontend has translated is on its way; an internal one has no way out. */
static void to_internet(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	if (__builtin_expect(ask->leg.passage == PASSAGE_NIC_OUT, 1))
		decide_go(ret, PASSAGE_WAY_OUT, machine->node, NONE);
	else if (element_at(ask->world->model, ask->leg.at)->vnet == NONE)
		decide_go(ret, PASSAGE_PUBLIC, ask->leg.at, NONE);
	else
		decide_drop(ret,
			    (struct verdict){.reason = REASON_NO_MAPPING,
					     .by = ask->world->nodes[ask->leg.at].name,
					     .detail = "an internal frontend does not reach the Internet",
					     .place = element_at(ask->world->model, ask->leg.at)->place},
			    0);
}

/* To a platform service with the machine's own address: by an endpoint of the subnet, or from a private subnet. */
static void to_service(const struct ask *ask, uint32_t host, struct decision *ret)
{
	const struct world *world = ask->world;
	fabric_across(world, ask->leg.at, world->model->elements->host[host], ret);
}

void machine_route(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = routed(ask);
	bool in_pool = machine->n_members > 0;
	ret->route = NULL;
	if (__builtin_expect(in_pool, 0) && ask->leg.passage == PASSAGE_NIC_OUT &&
	    balance_takes_answer(ask, machine, ret))
		return;
	if (__builtin_expect(machine->answers_by_vip, 0) && ask->leg.passage == PASSAGE_NIC_OUT &&
	    balance_answers_by_vip(ask, machine, ret))
		return;
	const struct ipv4_header *ip = packet_ip_const(ask->packet);
	ret->route = routing_choose(world, machine, ip->dst);
	if (__builtin_expect(ret->route && ret->route->hop == HOP_SERVICE && ip->src.raw != machine->addr.raw, 0))
		ret->route = routing_choose_elsewhere(world, machine, ip->dst);
	if (!ret->route) {
		decide_drop(ret, by_machine(world, machine, REASON_NO_ROUTE, "no route has this address"), 0);
		return;
	}
	switch (ret->route->hop) {
	case HOP_VNET:
		to_vnet(ask, machine->vnet, ret);
		ret->settled = ret->verb == VERB_CARRY && !in_pool;
		break;
	case HOP_PEERING:
		to_vnet(ask, ret->route->target, ret);
		break;
	case HOP_GATEWAY:
		to_gateway(ask, ret);
		break;
	case HOP_NONE:
		to_nowhere(ask, ret);
		break;
	case HOP_APPLIANCE:
		to_appliance(ask, ret);
		break;
	case HOP_FRONTEND:
		to_frontend(ask, ret);
		break;
	case HOP_SERVICE:
		to_service(ask, ret->route->target, ret);
		break;
	case HOP_ENDPOINT:
		to_next_hop(ask, ret->route->target, element_at(world->model, ret->route->target)->vnet, ret);
		break;
	case HOP_INTERNET:
		to_internet(ask, machine, ret);
		ret->settled = ret->verb == VERB_GO && !in_pool;
		break;
	}
}

void machine_route_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	const struct route *chosen = decision->route;
	if (!chosen)
		return;
	if (chosen->table != NONE)
		world->route_used[chosen->table][chosen->id]++;
	if (chosen->hop == HOP_SERVICE)
		private_call_note(world, packet, leg->at);
	if (chosen->hop == HOP_NONE || !trail_wanted(&world->trail, STEP_ROUTE, packet))
		return;
	struct verdict verdict = routing_verdict(world, chosen);
	path_step(world, leg->passage == PASSAGE_NIC_OUT ? leg->at : leg->from, packet, STEP_ROUTE, 0, &verdict, NULL);
}

static void route_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->route && decision->route->hop == HOP_SERVICE)
		private_call_suppose(ask, ask->leg.at, trial);
}

const struct stage machine_nic_out[] = {
	{"Azure's resolver", resolver, NULL, NULL},
	{"own subnet", own_subnet, NULL, NULL},
	{"security groups", machine_groups_out, groups_out_commit, suppose_out},
	{"route", machine_route, machine_route_commit, route_suppose},
	{NULL, NULL, NULL, NULL},
};

/* ---- NIC in ---- */

static void to_public_ip(const struct ask *ask, struct decision *ret)
{
	const struct machine *machine = asked(ask);
	bool own = packet_ip_const(ask->packet)->dst.raw == machine->public_ip.raw;
	decide_go(ret, PASSAGE_NIC_IN, machine->node, own ? machine->node : NONE);
	if (own)
		decide_change(ret, CHANGE_DST, machine->addr, packet_tuple(ask->packet).dst_port,
			      STEP_REALM | STEP_INBOUND, "public-ip", ask->world->model->hosts[machine->owner].place);
}

static struct tuple answer_to(const struct packet *packet, const struct machine *machine)
{
	struct tuple arrived = packet_tuple(packet);
	arrived.dst = machine->addr;
	return tuple_reverse(arrived);
}

static void to_public_ip_commit(struct world *world, const struct leg *leg, struct packet *packet,
				struct decision *decision)
{
	const struct machine *machine = machine_at(world, leg->at);
	if (!world->public_flows || decision->change.kind == CHANGE_NONE)
		return;
	const struct tuple answer = answer_to(packet, machine);
	world_fail(world, record_open(world->public_flows, (uint32_t)(machine - world->machines), &answer, world->now));
}

static void to_public_ip_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->change.kind != CHANGE_NONE && trial->n_public < TRIAL_MAX)
		trial->public_flows[trial->n_public++] = answer_to(ask->packet, asked(ask));
}

const struct stage machine_public_ip_in[] = {
	{"is it for the machine's public address?", to_public_ip, to_public_ip_commit, to_public_ip_suppose},
	{NULL, NULL, NULL, NULL},
};

static void is_there(const struct ask *ask, struct decision *ret)
{
	const struct machine *machine = asked(ask);
	if (__builtin_expect(machine->exists && machine->up, 1))
		decide_passed(ret);
	else
		decide_drop(ret,
			    by_machine(ask->world, machine, REASON_HOST_DOWN,
				       machine->exists ? "it is stopped" : "the instance is gone"),
			    0);
}

static void is_there_commit(struct world *world, const struct leg *leg, struct packet *packet,
			    struct decision *decision)
{
	struct machine *machine = &world->machines[world->nodes[leg->at].index];
	if (decision->verb == VERB_DROP)
		machine->used = true;
	else
		machine_takes(machine, packet);
}

/* ---- fragments ---- */

static struct order_fragment order_of(const struct machine *machine, const struct packet *packet)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	const struct fragment_span span = fragment_span(packet);
	return (struct order_fragment){.machine = machine->node,
				       .src = ip->src,
				       .dst = ip->dst,
				       .ip_id = ip->id,
				       .proto = ip->proto,
				       .is_last = span.last,
				       .first_byte = span.first_byte,
				       .end_byte = span.first_byte + span.n_bytes};
}

/* A virtual network drops fragments that come out of their order (virtual-network-tcpip-performance-tuning). */
static void fragment_in_order(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = asked(ask);
	const struct order_fragment fragment = order_of(machine, ask->packet);
	if (fragment.first_byte == 0 || (world->order && order_holds(world->order, &fragment, world->now)))
		decide_passed(ret);
	else
		decide_drop(ret,
			    (struct verdict){.reason = REASON_FRAGMENT_OUT_OF_ORDER,
					     .by = world->model->subnets[machine->subnet].by,
					     .detail = "it did not come in the order in which its datagram was sent",
					     .place = world->model->subnets[machine->subnet].place},
			    0);
}

void machine_in_order(const struct ask *ask, struct decision *ret)
{
	if (__builtin_expect(packet_is_fragment(ask->packet), 0) && asked(ask)->vnet != NONE)
		fragment_in_order(ask, ret);
	else
		decide_pass(ret);
}

void machine_in_order_commit(struct world *world, const struct leg *leg, struct packet *packet,
			     struct decision *decision)
{
	const struct order_fragment fragment = order_of(machine_at(world, leg->at), packet);
	if (decision->verb == VERB_DROP)
		return;
	int r = world->order ? 0 : order_new(&world->order);
	world_fail(world, r < 0 ? r : order_note(world->order, &fragment, world->now));
}

void machine_groups_in(const struct ask *ask, struct decision *ret)
{
	const struct machine *machine = asked(ask);
	/* Integration is for calls out: no inbound rule judges their answers (overview-vnet-integration). */
	if (machine->guarded && machine->kind != ELEMENT_APP_INSTANCE)
		security_decide(ask, machine, NSG_INBOUND, ret);
	else if (__builtin_expect(ask->leg.from != NONE, 0) && security_is_closed(ask, machine))
		security_drop_closed(ask, machine, ret);
	else
		decide_pass(ret);
}

static void suppose_in(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->verb == VERB_PASSED && !decision->groups.by_record)
		security_suppose(ask, asked(ask), NSG_INBOUND, trial);
}

static void groups_in_commit(struct world *world, const struct leg *leg, struct packet *packet,
			     struct decision *decision)
{
	security_commit(world, machine_at(world, leg->at), NSG_INBOUND, packet, decision);
}

static void whose(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = asked(ask);
	bool own = packet_ip_const(ask->packet)->dst.raw == machine->addr.raw;
	if (__builtin_expect(own && machine->own_nat == NONE, 1)) {
		ret->verb = VERB_STACK;
	} else if (machine->kind == ELEMENT_FIREWALL) {
		decide_go(ret, PASSAGE_FIREWALL_IN, machine->node, NONE);
	} else if (own) {
		decide_go(ret, PASSAGE_APPLIANCE_IN, machine->node, NONE);
	} else if (__builtin_expect(machine->n_members > 0, 0) &&
		   balance_is_loopback(world, machine, packet_ip_const(ask->packet)->dst)) {
		ret->verb = VERB_STACK;
	} else if (machine->kind == ELEMENT_APPLIANCE) {
		decide_go(ret, PASSAGE_FORWARD, machine->node, NONE);
	} else {
		struct verdict verdict =
			by_machine(world, machine, REASON_NOT_FORWARDING,
				   "the packet is for another address, and IP forwarding is off on this machine");
		if (element_is_vm(machine->kind))
			verdict.place = world->model->hosts[machine->owner].place;
		decide_drop(ret, verdict, STEP_SEEN | STEP_INBOUND);
	}
}

/* A segment for a machine that is there, and whose NIC no group guards. */
enum known machine_known_in(struct world *world, struct leg *leg, struct packet *packet)
{
	uint32_t index = world->nodes[leg->at].index;
	struct machine *machine = &world->machines[index];
	if (!machine->exists || !machine->up || machine->guarded || machine->own_nat != NONE || leg->from != NONE ||
	    !be32_equal(packet_ip_const(packet)->dst, machine->addr) || packet_is_fragment(packet))
		return KNOWN_NOT;
	machine_takes(machine, packet);
	machine_input(world, index, packet);
	return KNOWN_END;
}

static void to_stack(const struct ask *ask, struct decision *ret)
{
	(void)ask;
	ret->verb = VERB_STACK;
}

const struct stage machine_stack[] = {
	{"the stack", to_stack, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

const struct stage machine_nic_in[] = {
	{"is the machine there?", is_there, is_there_commit, NULL},
	{"fragments in order?", machine_in_order, machine_in_order_commit, NULL},
	{"security groups", machine_groups_in, groups_in_commit, suppose_in},
	{"whose is it?", whose, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* DOC: a private endpoint: a call to its address goes on to the service behind it, over Azure's networks, with the
 * caller's private source; the service's answer comes back here and gets the endpoint's address as its source.
 *
 *   in     a call: fragments in order; the groups of its subnet, where the subnet's policies say so; TCP and UDP alone;
 *          then the service's address takes the place of its own
 *   out    to the service
 *   back   an answer: straight to the caller, whatever routes and groups its subnet has. The caller stands in the
 *          network, in a peer, or at a site that a gateway joins
 *
 * Azure has a route to each endpoint, a /32, in its network and in the peers. Without policies for routes it comes
 * before all others; with them a caller's user route takes its place where it is as long as the network's prefix or
 * longer (azure: disable-private-endpoint-network-policy). */
#include "network/drive.h"
#include <string.h>

void build_private_endpoint(struct world *world, uint32_t element)
{
	(void)build_machine(world, element);
}

int timer_private_endpoint(struct world *world, uint32_t node)
{
	(void)world, (void)node; /* it has no state of its own */
	return 0;
}

void close_private_endpoint(struct world *world)
{
	(void)world; /* all that it has is in the arena */
}

uint32_t machine_behind(const struct world *world, uint32_t machine)
{
	const struct model *model = world->model;
	if (world->machines[machine].kind != ELEMENT_PRIVATE_ENDPOINT)
		return machine;
	uint32_t endpoint = element_at(model, world->machines[machine].node)->owner;
	return world->nodes[endpoint_behind(model, &model->private_endpoints[endpoint])].index;
}

/* ---- its route ---- */

static bool sees(const struct world *world, uint32_t vnet, uint32_t other)
{
	return vnet == other || vnets_are_peers(world, vnet, other);
}

static uint8_t length_of_space(const struct vnet_config *vnet, be32 addr)
{
	for (size_t i = 0; i < vnet->n_space; i++)
		if (prefix_contains(vnet->space[i], addr))
			return vnet->space[i].length;
	return 32;
}

bool endpoint_is_routed(const struct world *world, uint32_t index, uint32_t from, const struct route *users, size_t n)
{
	const struct model *model = world->model;
	const struct private_endpoint_config *config = &model->private_endpoints[index];
	const struct subnet_config *subnet = &model->subnets[config->subnet];
	if (!sees(world, model->subnets[from].vnet, subnet->vnet))
		return false;
	if ((subnet->endpoint_policies & POLICIES_ROUTES) == 0)
		return true;
	uint8_t length = length_of_space(&model->vnets[subnet->vnet], config->addr);
	for (size_t i = 0; i < n; i++)
		if (users[i].source == ROUTE_USER && users[i].prefix.length >= length && users[i].prefix.length > 0 &&
		    prefix_contains(users[i].prefix, config->addr))
			return false;
	return true;
}

/* ---- in ---- */

static const struct private_endpoint_config *config_of(const struct world *world, uint32_t node)
{
	return &world->model->private_endpoints[element_at(world->model, node)->owner];
}

/* What the change of a packet is called: the endpoint's own, at its place. */
static void change(const struct ask *ask, enum change_kind kind, be32 addr, be16 port, struct decision *ret)
{
	decide_change(ret, kind, addr, port, STEP_SEEN | STEP_REALM, "private-endpoint",
		      config_of(ask->world, ask->leg.at)->place);
}

static void answer_of_service(const struct ask *ask, struct decision *ret)
{
	const struct machine *endpoint = machine_at(ask->world, ask->leg.at);
	const struct tuple tuple = packet_tuple(ask->packet);
	struct tuple inner;
	if (be32_equal(tuple.dst, endpoint->addr)) {
		decide_pass(ret);
		return;
	}
	decide_go(ret, PASSAGE_ENDPOINT_BACK, ask->leg.at, NONE);
	if (icmp_error_inner(ask->packet, &inner))
		change(ask, CHANGE_SRC_OF_ERROR, endpoint->addr, inner.dst_port, ret);
	else
		change(ask, CHANGE_SRC, endpoint->addr, tuple.src_port, ret);
}

/* As it came; what it becomes is recorded next. */
static void arrived(struct world *world, const struct leg *leg, struct packet *packet)
{
	memcpy(packet_ethernet(packet)->src.octet, path_gateway_mac, 6);
	packet_ethernet(packet)->dst = machine_at(world, leg->at)->mac;
	path_step(world, leg->at, packet, STEP_FORWARD, STEP_SEEN | STEP_INBOUND, NULL, NULL);
	packet_ethernet(packet)->src = machine_at(world, leg->at)->mac;
	memcpy(packet_ethernet(packet)->dst.octet, path_gateway_mac, 6);
	world->machines[world->nodes[leg->at].index].used = true;
}

static void answer_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	(void)decision;
	arrived(world, leg, packet);
}

static void groups_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	security_commit(world, machine_at(world, leg->at), NSG_INBOUND, packet, decision);
}

static void groups_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->verb == VERB_PASSED && !decision->groups.by_record)
		security_suppose(ask, machine_at(ask->world, ask->leg.at), NSG_INBOUND, trial);
}

static void protocol(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	uint8_t proto = packet_ip_const(ask->packet)->proto;
	struct tuple inner;
	if (proto == PROTO_TCP || proto == PROTO_UDP || icmp_error_inner(ask->packet, &inner))
		decide_pass(ret);
	else
		decide_drop(ret,
			    (struct verdict){.reason = REASON_ICMP_NOT_TRANSLATED,
					     .by = world->nodes[ask->leg.at].name,
					     .detail = "a private endpoint carries TCP and UDP alone",
					     .place = config_of(world, ask->leg.at)->place},
			    STEP_SEEN | STEP_INBOUND);
}

static const struct element *behind(const struct ask *ask)
{
	const struct model *model = ask->world->model;
	return element_at(model, endpoint_behind(model, config_of(ask->world, ask->leg.at)));
}

static void to_service(const struct ask *ask, struct decision *ret)
{
	be32 addr = behind(ask)->addr;
	struct tuple inner;
	decide_go(ret, PASSAGE_ENDPOINT_OUT, ask->leg.at, NONE);
	if (icmp_error_inner(ask->packet, &inner))
		change(ask, CHANGE_DST_OF_ERROR, addr, inner.src_port, ret);
	else
		change(ask, CHANGE_DST, addr, packet_tuple(ask->packet).dst_port, ret);
}

const struct stage endpoint_in[] = {
	{"an answer of the service?", answer_of_service, answer_commit, NULL},
	{"fragments in order?", machine_in_order, machine_in_order_commit, NULL},
	{"security groups", machine_groups_in, groups_commit, groups_suppose},
	{"TCP or UDP?", protocol, NULL, NULL},
	{"the service behind it", to_service, answer_commit, NULL},
	{NULL, NULL, NULL, NULL},
};

/* ---- out ---- */

static void carry_out(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	uint32_t to = endpoint_behind(world->model, config_of(world, ask->leg.at));
	fabric_across(world, ask->leg.at, to, ret);
}

static void out_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	(void)decision;
	private_call_note(world, packet, leg->at);
}

static void out_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	(void)decision;
	private_call_suppose(ask, ask->leg.at, trial);
}

const struct stage endpoint_out[] = {
	{"to the service", carry_out, out_commit, out_suppose},
	{NULL, NULL, NULL, NULL},
};

/* ---- back ---- */

/* In a peer; NONE. */
static uint32_t find_in_peers(const struct world *world, uint32_t vnet, be32 addr)
{
	const struct vnet_config *config = &world->model->vnets[vnet];
	for (size_t i = 0; i < config->n_peers; i++)
		if (vnet_holds(world, config->peers[i], addr))
			return address_find(world, config->peers[i], addr);
	return NONE;
}

static uint32_t find_site(const struct world *world, uint32_t vnet, be32 addr)
{
	for (uint32_t site = 0; site < world->model->n_sites; site++)
		if (site_joins(world, site, vnet) && site_has_prefix(&world->model->sites[site], addr))
			return site;
	return NONE;
}

static void to_caller(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *endpoint = machine_at(world, ask->leg.at);
	be32 dst = packet_ip_const(ask->packet)->dst;
	uint32_t to = address_find(world, endpoint->vnet, dst);
	if (to != NONE) {
		bool same_subnet = element_at(world->model, to)->subnet == endpoint->subnet;
		decide_link(ret, ask->leg.at, to, same_subnet ? LINK_SUBNET : LINK_VNET);
		return;
	}
	to = find_in_peers(world, endpoint->vnet, dst);
	if (to != NONE) {
		fabric_peering(ask, ask->leg.at, to, ret);
		return;
	}
	uint32_t site = find_site(world, endpoint->vnet, dst);
	if (site != NONE)
		decide_go(ret, PASSAGE_GATEWAY_TO_SITE, world->model->elements->gateway[site], ask->leg.at);
	else
		decide_drop(ret,
			    (struct verdict){.reason = REASON_NO_ROUTE,
					     .by = world->nodes[ask->leg.at].name,
					     .detail = "the caller is in no network that the endpoint answers to",
					     .place = config_of(world, ask->leg.at)->place},
			    0);
}

const struct stage endpoint_back[] = {
	{"the caller", to_caller, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

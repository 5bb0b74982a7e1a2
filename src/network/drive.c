/* DOC: the loop of drive.h for packets that are sent. Elements stand in their own files; what is here knows none of
 * them, but for the table of passages. */
#include "network/drive.h"
#include "net/fragment.h"
#include <string.h>

static const struct {
	const char *name;
	const struct stage *stages;
} passages[] = {
	[PASSAGE_NIC_OUT] = {"NIC out", machine_nic_out},
	[PASSAGE_WAY_OUT] = {"way out of the subnet", machine_way_out},
	[PASSAGE_PUBLIC_IP_IN] = {"public address in", machine_public_ip_in},
	[PASSAGE_NIC_IN] = {"NIC in", machine_nic_in},
	[PASSAGE_STACK] = {"stack", machine_stack},
	[PASSAGE_OWN_NAT_OUT] = {"appliance's own call", appliance_own_out},
	[PASSAGE_FORWARD] = {"forwarding", appliance_forward},
	[PASSAGE_APPLIANCE_IN] = {"appliance's NAT in", appliance_in},
	[PASSAGE_VIP_OUT] = {"VIP out", vip_out},
	[PASSAGE_VIP_IN] = {"VIP in", vip_in},
	[PASSAGE_NAT_OUT] = {"NAT out", nat_out},
	[PASSAGE_NAT_IN] = {"NAT in", nat_in},
	[PASSAGE_NAT_INSIDE] = {"inside of a NAT", nat_inside},
	[PASSAGE_SITE_OUT] = {"site out", site_out},
	[PASSAGE_SITE_NAT] = {"site's NAT", site_nat},
	[PASSAGE_SITE_NAT_OUT] = {"site's NAT out", site_nat_out},
	[PASSAGE_SITE_NAT_IN] = {"site's NAT in", site_nat_in},
	[PASSAGE_GATEWAY_TO_SITE] = {"gateway to the site", gateway_to_site},
	[PASSAGE_GATEWAY_TO_VNET] = {"gateway to the network", gateway_to_vnet},
	[PASSAGE_GATEWAY_ERROR_TO_SITE] = {"gateway's error to the site", gateway_error_to_site},
	[PASSAGE_GATEWAY_ERROR_TO_VNET] = {"gateway's error to the network", gateway_error_to_vnet},
	[PASSAGE_FRONTEND_OUT] = {"frontend out", frontend_out},
	[PASSAGE_FRONTEND_ROUTE] = {"frontend's route", frontend_route},
	[PASSAGE_BALANCE_RESET_IN] = {"reset by a balancer", balance_reset_in},
	[PASSAGE_FIREWALL_IN] = {"firewall", firewall_in},
	[PASSAGE_FIREWALL_OUT] = {"firewall out", firewall_out},
	[PASSAGE_ENDPOINT_IN] = {"private endpoint in", endpoint_in},
	[PASSAGE_ENDPOINT_OUT] = {"private endpoint out", endpoint_out},
	[PASSAGE_ENDPOINT_BACK] = {"private endpoint back", endpoint_back},
	[PASSAGE_APP_OUT] = {"instance out", app_instance_out},
	[PASSAGE_PUBLIC] = {"public networks", fabric_public},
};
_Static_assert(sizeof passages / sizeof *passages == PASSAGE_COUNT, "stages for each passage");

const char *passage_name(enum passage passage)
{
	return passages[passage].name;
}

const struct stage *passage_stages(enum passage passage)
{
	return passages[passage].stages;
}

/* ---- where a packet begins, and where it goes on after a link ---- */

/* A resolver answers to the address that asked, which may stand in any network or site: the connection names it. */
static bool answers_inside(const struct world *world, const struct machine *machine, const struct packet *packet)
{
	if (machine->kind == ELEMENT_AZURE_DNS)
		return true;
	if (machine->kind != ELEMENT_PUBLIC_DNS)
		return false;
	const struct machine *caller = &world->machines[connection_at(world, packet->connection)->caller];
	return caller->kind == ELEMENT_SITE_MACHINE && packet_ip_const(packet)->dst.raw == caller->addr.raw;
}

struct leg drive_start(const struct world *world, const struct machine *machine, const struct packet *packet)
{
	if (__builtin_expect(machine->kind == ELEMENT_APP_INSTANCE, 0))
		return (struct leg){PASSAGE_APP_OUT, machine->node, NONE};
	if (machine->vnet != NONE)
		return (struct leg){machine->own_nat == NONE ? PASSAGE_NIC_OUT : PASSAGE_OWN_NAT_OUT, machine->node,
				    NONE};
	if (machine->kind == ELEMENT_SITE_MACHINE || answers_inside(world, machine, packet))
		return (struct leg){PASSAGE_SITE_OUT, machine->node, NONE};
	return (struct leg){PASSAGE_PUBLIC, machine->node, NONE};
}

struct leg drive_arrival(const struct world *world, uint32_t node_index)
{
	const struct node *node = &world->nodes[node_index];
	enum passage passage;
	if (element_is_nat_alone(node->kind))
		passage = node->kind == ELEMENT_SITE_NAT ? PASSAGE_SITE_NAT : PASSAGE_VIP_IN;
	else if (__builtin_expect(node->kind == ELEMENT_PRIVATE_ENDPOINT, 0))
		passage = PASSAGE_ENDPOINT_IN;
	else
		passage = world->machines[node->index].public_ip.raw != 0 ? PASSAGE_PUBLIC_IP_IN : PASSAGE_NIC_IN;
	return (struct leg){passage, node_index, NONE};
}

/* ---- what the loop does with a decision ---- */

void drive_apply(const struct decision *decision, struct packet *packet)
{
	const struct change *change = &decision->change;
	if (decision->hops > 0)
		(void)path_lower_ttl(packet, decision->hops);
	switch (change->kind) {
	case CHANGE_NONE:
		break;
	case CHANGE_SRC:
		packet_rewrite_src(packet, change->addr, change->port);
		break;
	case CHANGE_DST:
		packet_rewrite_dst(packet, change->addr, change->port);
		break;
	case CHANGE_BOTH:
		packet_rewrite_src(packet, change->addr, change->port);
		packet_rewrite_dst(packet, change->dst, change->dst_port);
		break;
	case CHANGE_SRC_OF_ERROR:
		packet_rewrite_inner_dst(packet, change->addr, change->port);
		packet_rewrite_src(packet, change->addr, change->port);
		break;
	case CHANGE_DST_OF_ERROR:
		packet_rewrite_inner_src(packet, change->addr, change->port);
		packet_rewrite_dst(packet, change->addr, change->port);
		break;
	}
}

/* A NAT whose own address comes round to it again may give it the port that it has. */
static bool is_unchanged(const struct packet *packet, const struct tuple *before)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	if (!be32_equal(ip->src, before->src) || !be32_equal(ip->dst, before->dst))
		return false; /* nearly always */
	struct tuple after = packet_tuple(packet);
	return tuple_equal(before, &after);
}

static void apply_change(struct world *world, uint32_t node, const struct decision *decision, struct packet *packet)
{
	const struct change *change = &decision->change;
	const struct tuple before = packet_tuple(packet);
	drive_apply(decision, packet);
	if (is_unchanged(packet, &before)) {
		if ((change->step_flags & STEP_INBOUND) !=
		    0) /* a connection of the machine's own, which kept its port */
			return;
		path_step(world, node, packet, STEP_FORWARD, STEP_SEEN, NULL, NULL);
		return;
	}
	world->flows[packet->flow].translated++;
	if (!trail_wanted(&world->trail, STEP_TRANSLATE, packet))
		return;
	struct verdict verdict = {
		.by = world->nodes[node].name, .rule = change->rule, .detail = change->detail, .place = change->place};
	path_step(world, node, packet, STEP_TRANSLATE, change->step_flags, &verdict, &before);
}

static inline void apply(struct world *world, uint32_t node, const struct decision *decision, struct packet *packet)
{
	if (decision->change.kind != CHANGE_NONE)
		apply_change(world, node, decision, packet);
	else if (decision->hops > 0)
		(void)path_lower_ttl(packet, decision->hops);
}

/* Returns the error that the sender gets; NULL where it gets none. */
static struct packet *drop(struct world *world, uint32_t node, const struct decision *decision, struct packet *packet)
{
	struct packet *error = NULL;
	if (decision->error.type != 0)
		error = path_error(world, node, decision->error.src, decision->error.type, decision->error.code,
				   decision->error.mtu, packet);
	path_drop(world, decision->drop_at == NONE ? node : decision->drop_at, packet, &decision->verdict,
		  decision->step_flags);
	return error;
}

static void carry(struct world *world, uint32_t node, const struct decision *decision, struct packet *packet)
{
	uint32_t cut_bytes = decision->carriage.kind == CARRIAGE_GATEWAY ? decision->carriage.cut_bytes : 0;
	if (decision->hops > 0)
		(void)path_lower_ttl(packet, decision->hops);
	while (__builtin_expect(cut_bytes != 0, 0) && fragment_is_due(packet, cut_bytes)) {
		struct packet *rest = path_cut(world, node, cut_bytes, packet);
		if (!rest) {
			packets_put(&world->packets, packet);
			return;
		}
		fabric_carry(world, &decision->carriage, packet);
		packet = rest;
	}
	fabric_carry(world, &decision->carriage, packet);
}

/* What the usual packet does at once: the same as the stages of the passage would, one after the other. */
static enum known (*const at_once[PASSAGE_COUNT])(struct world *world, struct leg *leg, struct packet *packet) = {
	[PASSAGE_NIC_OUT] = shortcut_take,       [PASSAGE_NIC_IN] = machine_known_in,   [PASSAGE_PUBLIC] = fabric_known,
	[PASSAGE_NAT_OUT] = translate_known_out, [PASSAGE_NAT_IN] = translate_known_in, [PASSAGE_VIP_IN] = vip_known_in,
};

/* Asks the stages of a passage. True where the packet goes on at *leg. */
static bool pass(struct world *world, struct leg *leg, struct packet **packet)
{
	const struct ask ask = {.world = world, .packet = *packet, .leg = *leg};
	for (const struct stage *stage = passages[leg->passage].stages;; stage++) {
		struct decision decision;
		stage->decide(&ask, &decision);
		if (decision.verb == VERB_PASS)
			continue;
		if (stage->commit)
			stage->commit(world, leg, *packet, &decision);
		switch (decision.verb) {
		case VERB_PASS:
		case VERB_PASSED:
			apply(world, leg->at, &decision, *packet);
			continue;
		case VERB_GO:
			apply(world, leg->at, &decision, *packet);
			*leg = decision.next;
			return true;
		case VERB_GO_ALL:
			for (struct packet *each = decision.all; each; each = each->next)
				apply(world, leg->at, &decision, each);
			for (struct packet *each = decision.all, *next; each; each = next) {
				next = each->next;
				drive(world, decision.next, each);
			}
			return false;
		case VERB_CARRY:
			carry(world, leg->at, &decision, *packet);
			return false;
		case VERB_STACK:
			machine_input(world, world->nodes[leg->at].index, *packet);
			return false;
		case VERB_DROP:
			*packet = drop(world, leg->at, &decision, *packet);
			*leg = decision.error.leg;
			return !!*packet;
		case VERB_TAKEN:
			return false;
		}
	}
}

void drive(struct world *world, struct leg leg, struct packet *packet)
{
	for (;;) {
		enum known known = at_once[leg.passage] ? at_once[leg.passage](world, &leg, packet) : KNOWN_NOT;
		if (known == KNOWN_END || (known == KNOWN_NOT && !pass(world, &leg, &packet)))
			return;
	}
}

/* ---- where packets come from ---- */

static void originate(struct world *world, uint32_t machine_index, struct packet *packet)
{
	struct machine *machine = &world->machines[machine_index];
	machine->used = true;
	memcpy(packet_ethernet(packet)->dst.octet, path_gateway_mac, 6);
	packet_ethernet(packet)->src = machine->mac;
	path_count_originated(world, packet);
	if (packet->flags & PACKET_RETRANSMISSION) {
		world->flows[packet->flow].retransmissions++;
		connection_at(world, packet->connection)->retransmissions++;
	}
	path_step(world, machine->node, packet, STEP_ORIGINATE, STEP_SEEN | STEP_REALM, NULL, NULL);
	drive(world, drive_start(world, machine, packet), packet);
}

void drive_outgoing(struct world *world)
{
	for (uint32_t i = 0; i < world->n_outgoing; i++) {
		struct outgoing next = world->outgoing[i];
		if (next.machine == NONE)
			drive(world, next.leg, next.packet);
		else
			originate(world, next.machine, next.packet);
	}
	world->n_outgoing = 0;
}

void drive_arrived(struct world *world, uint32_t node, struct packet *packet)
{
	world->counts.in_flight--;
	drive(world, drive_arrival(world, node), packet);
}

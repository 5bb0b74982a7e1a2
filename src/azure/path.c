/* DOC: the order in which things apply to a packet. Each passage is a table of stages; a stage asks a rule, records the step, and says
 * whether the packet goes on. A packet leaves a stage only through a verdict, and a verdict that stops it has a reason.
 *
 *   NIC out   in a VNet: own subnet's law (L4), then the route: the VNet's space, Azure's resolver, nowhere, or out.
 *             Out goes by the machine's own public address, the environment's VIP, or an address that Azure lends.
 *   NIC in    is the machine there?, then its stack.
 *   VIP out, VIP in: vip.c. */
#include "azure/world_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the trail ---- */

void path_tell(struct world *world, uint32_t node, const struct packet *packet, enum step_kind kind, uint32_t flags, const struct verdict *verdict,
	       const struct tuple *before)
{
	const struct connection *connection = connection_at(world, packet->connection);
	struct step step = {
		.at = world->now,
		.packet = packet,
		.flow = connection->flow,
		.index_in_flow = packet->connection - world->flows[connection->flow].first_connection,
		.node = node,
		.kind = kind,
		.flags = flags,
		.after = packet_tuple(packet),
	};
	step.before = before ? *before : step.after;
	step.verdict = verdict ? *verdict : (struct verdict){.by = world->nodes[node].name};
	trail_emit(&world->trail, &step);
}

static void note_loss(struct world *world, uint32_t node, const struct packet *packet, const struct verdict *verdict)
{
	struct connection *connection = connection_at(world, packet->connection);
	if (connection->loss != NONE)
		return;
	if (world->n_losses == world->capacity_losses) {
		uint32_t capacity = world->capacity_losses ? world->capacity_losses * 2 : 64;
		struct world_loss *losses = realloc(world->losses, capacity * sizeof *losses);
		if (!losses) {
			world_fail(world, -ENOMEM);
			return;
		}
		world->losses = losses;
		world->capacity_losses = capacity;
	}
	world->losses[world->n_losses] = (struct world_loss){*verdict, world->now, node, packet->id, packet_tuple(packet)};
	connection->loss = world->n_losses++;
}

void path_drop(struct world *world, uint32_t node, struct packet *packet, const struct verdict *verdict, uint32_t step_flags)
{
	path_step(world, node, packet, STEP_DROP, step_flags, verdict, NULL);
	note_loss(world, node, packet, verdict);
	world->flows[connection_at(world, packet->connection)->flow].dropped++;
	world->counts.dropped++;
	packets_put(&world->packets, packet);
}

static void drop(struct world *world, uint32_t node, struct packet *packet, enum reason reason, const char *by, const char *detail)
{
	struct verdict verdict = {.reason = reason, .by = by, .detail = detail};
	path_drop(world, node, packet, &verdict, 0);
}

/* ---- NIC out ---- */

enum way { WAY_STOPPED, WAY_ON, WAY_TAKEN };

struct passage {
	struct world *world;
	struct station *station;
	struct packet *packet;
	be32 dst;
};
typedef enum way (*stage)(struct passage *passage);

/* L4: resources in an environment's own subnet are cut off from it, except its own internal routing. */
static bool cut_off(const struct station *a, const struct station *b)
{
	return a->subnet != NONE && a->subnet == b->subnet && a->ase != b->ase;
}

/* The VNet's own space: by the system route to `vnet`. */
static enum way stage_own_vnet(struct passage *passage)
{
	struct world *world = passage->world;
	const struct station *station = passage->station;
	if (!vnet_holds(world, station->vnet, passage->dst))
		return WAY_ON;
	uint32_t to = address_find(world, station->vnet, passage->dst);
	if (to == NONE) {
		if (vnet_of_address(world, passage->dst) != station->vnet)
			return WAY_ON;
		drop(world, station->node, passage->packet, REASON_NO_ROUTE, world->nodes[station->node].name, "nobody in the VNet has this address");
		return WAY_STOPPED;
	}
	const struct station *far = &world->stations[world->nodes[to].index];
	if (cut_off(station, far)) {
		drop(world, station->node, passage->packet, REASON_SAME_SUBNET_AS_ASE, world->subnet_by[station->subnet],
		     "machines in an environment's own subnet are cut off from it");
		return WAY_STOPPED;
	}
	path_step(world, station->node, passage->packet, STEP_ROUTE, 0, &(struct verdict){.by = "route/system", .rule = "vnet"}, NULL);
	fabric_private(world, station->node, to, station->subnet == far->subnet ? LINK_SUBNET : LINK_VNET, passage->packet);
	return WAY_TAKEN;
}

/* Azure's resolver answers on the host itself. */
static enum way stage_azure_dns(struct passage *passage)
{
	struct world *world = passage->world;
	if (passage->dst.raw != be32_from(AZURE_DNS_ADDR).raw)
		return WAY_ON;
	fabric_private(world, passage->station->node, world->stations[world->azure_dns].node, LINK_SUBNET, passage->packet);
	return WAY_TAKEN;
}

/* System routes to `none`: private space that is not the VNet's (azure-facts.md, "Routes"). */
static enum way stage_private_space(struct passage *passage)
{
	static const struct {
		uint32_t addr;
		uint8_t length;
		const char *name;
	} none[] = {{0x0a000000, 8, "10.0.0.0/8"}, {0xac100000, 12, "172.16.0.0/12"}, {0xc0a80000, 16, "192.168.0.0/16"}, {0x64400000, 10, "100.64.0.0/10"}};
	struct world *world = passage->world;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		if (!prefix_contains((struct prefix){be32_from(none[i].addr), none[i].length}, passage->dst))
			continue;
		bool other_vnet = vnet_of_address(world, passage->dst) != NONE;
		struct verdict verdict = {.reason = other_vnet ? REASON_NOT_PEERED : REASON_ROUTE_NONE, .by = "route/system", .rule = none[i].name,
					  .detail = other_vnet ? "the address is in another VNet, which is not peered" : NULL};
		path_drop(world, passage->station->node, passage->packet, &verdict, 0);
		return WAY_STOPPED;
	}
	path_step(world, passage->station->node, passage->packet, STEP_ROUTE, 0, &(struct verdict){.by = "route/system", .rule = "internet"}, NULL);
	return WAY_ON;
}

/* An instance-level public address is one to one and carries everything. */
static enum way stage_own_public_address(struct passage *passage)
{
	struct world *world = passage->world;
	const struct station *station = passage->station;
	if (station->public_ip.raw == 0)
		return WAY_ON;
	struct tuple before = packet_tuple(passage->packet);
	packet_rewrite_src(passage->packet, station->public_ip, before.src_port);
	world->flows[connection_at(world, passage->packet->connection)->flow].translated++;
	path_step(world, station->node, passage->packet, STEP_TRANSLATE, STEP_REALM, &(struct verdict){.by = world->nodes[station->node].name, .rule = "public-ip"},
		  &before);
	fabric_public(world, station->node, station->region, passage->packet);
	return WAY_TAKEN;
}

static enum way stage_translator(struct passage *passage)
{
	vip_outbound(passage->world, passage->station->translator, passage->station, passage->packet);
	return WAY_TAKEN;
}

static const stage nic_out[] = {stage_own_vnet, stage_azure_dns, stage_private_space, stage_own_public_address, stage_translator};

static const uint8_t gateway_mac[6] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc};

void path_originate(struct world *world, uint32_t station_index, struct packet *packet)
{
	struct station *station = &world->stations[station_index];
	memcpy(packet_ethernet(packet)->dst.octet, gateway_mac, 6);
	packet_ethernet(packet)->src = station->mac;
	struct flow_state *flow = &world->flows[connection_at(world, packet->connection)->flow];
	flow->originated++;
	world->counts.originated++;
	if (packet->flags & PACKET_RETRANSMISSION) {
		flow->retransmissions++;
		connection_at(world, packet->connection)->retransmissions++;
	}
	path_step(world, station->node, packet, STEP_ORIGINATE, STEP_SEEN | STEP_REALM, NULL, NULL);

	/* Azure's resolver answers to the address that asked, which may stand in any VNet: the connection knows which. */
	if (station->kind == STATION_AZURE_DNS) {
		const struct station *caller = &world->stations[connection_at(world, packet->connection)->caller];
		fabric_private(world, station->node, caller->node, LINK_SUBNET, packet);
		return;
	}
	if (station->vnet == NONE) {
		fabric_public(world, station->node, station->region, packet);
		return;
	}
	struct passage passage = {world, station, packet, packet_ip_const(packet)->dst};
	for (size_t i = 0; i < sizeof nic_out / sizeof *nic_out; i++)
		if (nic_out[i](&passage) != WAY_ON)
			return;
}

/* ---- NIC in ---- */

void path_deliver(struct world *world, uint32_t station_index, struct packet *packet)
{
	struct station *station = &world->stations[station_index];
	if (!station->exists || !station->up) {
		drop(world, station->node, packet, REASON_HOST_DOWN, world->nodes[station->node].name, station->exists ? "it is stopped" : "the instance is gone");
		return;
	}
	memcpy(packet_ethernet(packet)->src.octet, gateway_mac, 6);
	packet_ethernet(packet)->dst = station->mac;
	station_input(world, station_index, packet);
}

/* From outside to a machine's own public address. */
static bool is_for_public_address(const struct station *station, const struct packet *packet)
{
	return station->public_ip.raw != 0 && packet_ip_const(packet)->dst.raw == station->public_ip.raw;
}

void path_arrive(struct world *world, uint32_t node_index, struct packet *packet)
{
	const struct node *node = &world->nodes[node_index];
	world->counts.in_flight--;
	if (node->kind == NODE_TRANSLATOR) {
		vip_inbound(world, node->index, packet);
		return;
	}
	struct station *station = &world->stations[node->index];
	if (is_for_public_address(station, packet)) {
		struct tuple before = packet_tuple(packet);
		packet_rewrite_dst(packet, station->addr, before.dst_port);
		world->flows[connection_at(world, packet->connection)->flow].translated++;
		path_step(world, node_index, packet, STEP_TRANSLATE, STEP_REALM | STEP_INBOUND, &(struct verdict){.by = node->name, .rule = "public-ip"}, &before);
	}
	path_deliver(world, node->index, packet);
}

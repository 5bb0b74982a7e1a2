/* DOC: the order in which things apply to a packet. Each passage is a table of stages; a stage asks a rule, records the
 * step, and says whether the packet goes on. A packet leaves a stage only through a verdict, and a verdict that stops
 * it has a reason.
 *
 *   NIC out   Azure's resolver; own subnet's law (L4); security groups; routes: to the VNet, a peer, a gateway, an
 *   appliance, nowhere, or out.
 *             Out goes by the machine's own public address, the environment's VIP, or an address that Azure lends.
 *   NIC in    is the machine there?; is it an appliance?; security groups; then its stack.
 *   Elsewhere: VIPs in vip.c, gateways and sites in gateway.c, appliances in appliance.c. */
#include "net/checksum.h"
#include "net/fragment.h"
#include "network/world_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the trail ---- */

void path_tell(struct world *world, uint32_t node, const struct packet *packet, enum step_kind kind, uint32_t flags,
	       const struct verdict *verdict, const struct tuple *before)
{
	struct step step = {
		.at = world->now,
		.packet = packet,
		.flow = packet->flow,
		.index_in_flow = packet->connection - world->flows[packet->flow].first_connection,
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
	world->losses[world->n_losses] =
		(struct world_loss){*verdict, world->now, node, packet->id, packet_tuple(packet)};
	connection->loss = world->n_losses++;
}

void path_drop(struct world *world, uint32_t node, struct packet *packet, const struct verdict *verdict,
	       uint32_t step_flags)
{
	path_step(world, node, packet, STEP_DROP, step_flags, verdict, NULL);
	note_loss(world, node, packet, verdict);
	world->flows[packet->flow].dropped++;
	world->counts.dropped++;
	packets_put(&world->packets, packet);
}

static void drop(struct world *world, uint32_t node, struct packet *packet, enum reason reason, const char *by,
		 const char *detail)
{
	struct verdict verdict = {.reason = reason, .by = by, .detail = detail};
	path_drop(world, node, packet, &verdict, 0);
}

/* ---- routers ---- */

static void set_ttl(struct ipv4_header *ip, uint8_t ttl)
{
	be16 old = be16_from((uint16_t)(ip->ttl << 8 | ip->proto));
	ip->ttl = ttl;
	ip->check = checksum_replace16(ip->check, old, be16_from((uint16_t)(ttl << 8 | ip->proto)));
}

bool path_lower_ttl(struct packet *packet, uint8_t hops)
{
	struct ipv4_header *ip = packet_ip(packet);
	if (ip->ttl <= hops)
		return false;
	set_ttl(ip, (uint8_t)(ip->ttl - hops));
	return true;
}

void path_raise_ttl(struct packet *packet, uint8_t hops)
{
	struct ipv4_header *ip = packet_ip(packet);
	set_ttl(ip, (uint8_t)(ip->ttl + hops));
}

static const uint8_t gateway_mac[6] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc};

static void count_originated(struct world *world, const struct packet *packet)
{
	world->flows[packet->flow].originated++;
	world->counts.originated++;
}

void path_make_own(struct world *world, uint32_t node, struct packet *packet)
{
	memcpy(packet_ethernet(packet)->dst.octet, gateway_mac, 6);
	memcpy(packet_ethernet(packet)->src.octet, gateway_mac, 6);
	count_originated(world, packet);
	path_step(world, node, packet, STEP_ORIGINATE, STEP_SEEN | STEP_REALM, NULL, NULL);
}

struct packet *path_error(struct world *world, uint32_t node, be32 src, uint8_t type, uint8_t code, uint16_t mtu,
			  const struct packet *about)
{
	const struct icmp_header *icmp = packet_l4_const(about);
	bool about_error =
		packet_ip_const(about)->proto == PROTO_ICMP && icmp->type != ICMP_ECHO && icmp->type != ICMP_ECHO_REPLY;
	if (about_error || (be16_to(packet_ip_const(about)->flags_fragment) & IPV4_OFFSET_MASK) != 0)
		return NULL;
	struct packet *error = packet_for(world, about->connection);
	if (!error)
		return NULL;
	icmp_error_make(&world->craft, error, src, type, code, mtu, 64, 0, about);
	path_make_own(world, node, error);
	return error;
}

struct packet *path_cut(struct world *world, uint32_t node, uint32_t mtu_bytes, struct packet *packet)
{
	struct packet *rest = packet_for(world, packet->connection);
	if (!rest)
		return NULL;
	rest->flags = packet->flags & PACKET_FROM_CALLER;
	fragment_cut(packet, mtu_bytes, rest);
	count_originated(world, rest);
	/* Both are other packets than the one that came: a merged capture shows them again. */
	path_step(world, node, packet, STEP_FORWARD, STEP_REALM, NULL, NULL);
	path_step(world, node, rest, STEP_ORIGINATE, STEP_REALM, NULL, NULL);
	return rest;
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

/* Azure's resolver answers on the host itself; no group and no route has a say. */
static enum way stage_azure_dns(struct passage *passage)
{
	struct world *world = passage->world;
	if (__builtin_expect(passage->dst.raw != be32_from(AZURE_DNS_ADDR).raw, 1))
		return WAY_ON;
	fabric_private(world, passage->station->node, world->stations[world->azure_dns].node, LINK_SUBNET,
		       passage->packet);
	return WAY_TAKEN;
}

/* L4: resources in an environment's own subnet are cut off from it, except its own internal routing. */
static enum way stage_cut_off(struct passage *passage)
{
	struct world *world = passage->world;
	const struct station *station = passage->station;
	if (!prefix_contains(world->model->subnets[station->subnet].cidr, passage->dst))
		return WAY_ON;
	uint32_t to = address_find(world, station->realm, passage->dst);
	if (to == NONE || world->stations[world->nodes[to].index].ase == station->ase)
		return WAY_ON;
	struct verdict verdict = {.reason = REASON_SAME_SUBNET_AS_ASE,
				  .by = world->subnet_by[station->subnet],
				  .detail = "machines in an environment's own subnet are cut off from it",
				  .place = world->model->subnets[station->subnet].place};
	path_drop(world, station->node, passage->packet, &verdict, 0);
	return WAY_STOPPED;
}

static enum way stage_security(struct passage *passage)
{
	return security_pass(passage->world, passage->station, NSG_OUTBOUND, passage->packet) ? WAY_ON : WAY_STOPPED;
}

static void nobody(struct passage *passage, const char *detail)
{
	drop(passage->world, passage->station->node, passage->packet, REASON_NO_ROUTE,
	     passage->world->nodes[passage->station->node].name, detail);
}

static void to_vnet(struct passage *passage, uint32_t vnet)
{
	struct world *world = passage->world;
	const struct station *station = passage->station;
	uint32_t to = address_find(world, vnet, passage->dst);
	if (to == NONE)
		nobody(passage, "nobody in the VNet has this address");
	else if (vnet != station->vnet)
		fabric_peering(world, station->node, to, passage->packet);
	else
		fabric_private(world, station->node, to,
			       station->subnet == world->stations[world->nodes[to].index].subnet ? LINK_SUBNET
												 : LINK_VNET,
			       passage->packet);
}

static void to_gateway(struct passage *passage, const struct route *route)
{
	uint32_t site = routing_site(passage->world, passage->station->vnet, route, passage->dst);
	if (site == NONE)
		nobody(passage, "the VNet has no gateway");
	else
		gateway_out(passage->world, passage->station->node, site, passage->packet);
}

/* Where a private address is another VNet's, that is what is wrong. */
static void to_nowhere(struct passage *passage, const struct route *route)
{
	struct verdict verdict = routing_verdict(passage->world, route);
	bool other_vnet = route->source == ROUTE_SYSTEM && vnet_of_address(passage->world, passage->dst) != NONE;
	verdict.reason = other_vnet ? REASON_NOT_PEERED : REASON_ROUTE_NONE;
	verdict.detail = other_vnet ? "the address is in another VNet, which is not peered" : NULL;
	path_drop(passage->world, passage->station->node, passage->packet, &verdict, 0);
}

static void to_appliance(struct passage *passage, const struct route *route)
{
	struct world *world = passage->world;
	const struct station *station = passage->station,
			     *appliance = &world->stations[world->host_station[route->target]];
	if (appliance->vnet != station->vnet && vnets_are_peers(world, station->vnet, appliance->vnet))
		fabric_peering(world, station->node, appliance->node, passage->packet);
	else if (appliance->vnet != station->vnet)
		nobody(passage, "the appliance is in another VNet, which is not peered");
	else
		fabric_private(world, station->node, appliance->node,
			       station->subnet == appliance->subnet ? LINK_SUBNET : LINK_VNET, passage->packet);
}

/* The machine's key in the file, where its address stands. */
static struct verdict by_public_ip(const struct world *world, const struct station *station)
{
	return (struct verdict){.by = world->nodes[station->node].name,
				.rule = "public-ip",
				.place = world->model->hosts[station->number].place};
}

/* An instance-level public address is one to one and carries everything. */
static void by_own_public_address(struct passage *passage)
{
	struct world *world = passage->world;
	const struct station *station = passage->station;
	struct tuple before = packet_tuple(passage->packet);
	packet_rewrite_src(passage->packet, station->public_ip, before.src_port);
	world->flows[passage->packet->flow].translated++;
	struct verdict verdict = by_public_ip(world, station);
	path_step(world, station->node, passage->packet, STEP_TRANSLATE, STEP_REALM, &verdict, &before);
	fabric_public(world, station->node, station->region, passage->packet);
}

static void to_internet(struct passage *passage)
{
	const struct station *station = passage->station;
	if (packet_ip_const(passage->packet)->src.raw != station->addr.raw)
		drop(passage->world, station->node, passage->packet, REASON_NO_MAPPING,
		     passage->world->nodes[station->node].name,
		     "Azure translates a machine's own address alone: an appliance needs `nat` for others'");
	else if (station->public_ip.raw != 0)
		by_own_public_address(passage);
	else
		vip_outbound(passage->world, station->translator, station, passage->packet);
}

static enum way stage_route(struct passage *passage)
{
	struct world *world = passage->world;
	const struct route *route = routing_choose(world, passage->station, passage->dst);
	if (!route) {
		nobody(passage, "no route has this address");
		return WAY_STOPPED;
	}
	if (route->table != NONE)
		world->route_used[route->table][route->id]++;
	if (route->hop != HOP_NONE && trail_wanted(&world->trail, STEP_ROUTE)) {
		struct verdict verdict = routing_verdict(world, route);
		path_step(world, passage->station->node, passage->packet, STEP_ROUTE, 0, &verdict, NULL);
	}
	switch (route->hop) {
	case HOP_VNET:
		to_vnet(passage, passage->station->vnet);
		break;
	case HOP_PEERING:
		to_vnet(passage, route->target);
		break;
	case HOP_GATEWAY:
		to_gateway(passage, route);
		break;
	case HOP_NONE:
		to_nowhere(passage, route);
		break;
	case HOP_APPLIANCE:
		to_appliance(passage, route);
		break;
	case HOP_INTERNET:
		to_internet(passage);
		break;
	}
	return WAY_TAKEN;
}

static const stage nic_out[] = {stage_azure_dns, stage_cut_off, stage_security, stage_route};

void path_leave(struct world *world, uint32_t station, struct packet *packet)
{
	struct passage passage = {world, &world->stations[station], packet, packet_ip_const(packet)->dst};
	for (size_t i = 0; i < sizeof nic_out / sizeof *nic_out; i++)
		if (nic_out[i](&passage) != WAY_ON)
			return;
}

/* A resolver answers to the address that asked, which may stand in any VNet or site: the connection knows which. */
static bool answers_inside(const struct world *world, const struct station *station, const struct packet *packet)
{
	if (station->kind == STATION_AZURE_DNS)
		return true;
	if (station->kind != STATION_PUBLIC_DNS)
		return false;
	const struct station *caller = &world->stations[connection_at(world, packet->connection)->caller];
	return caller->site != NONE && packet_ip_const(packet)->dst.raw == caller->addr.raw;
}

void path_originate(struct world *world, uint32_t station_index, struct packet *packet)
{
	struct station *station = &world->stations[station_index];
	station->used = true;
	memcpy(packet_ethernet(packet)->dst.octet, gateway_mac, 6);
	packet_ethernet(packet)->src = station->mac;
	count_originated(world, packet);
	if (packet->flags & PACKET_RETRANSMISSION) {
		world->flows[packet->flow].retransmissions++;
		connection_at(world, packet->connection)->retransmissions++;
	}
	path_step(world, station->node, packet, STEP_ORIGINATE, STEP_SEEN | STEP_REALM, NULL, NULL);
	if (__builtin_expect(station->own_nat != NONE, 0) && !appliance_originate(world, station, packet))
		return;
	if (station->vnet != NONE)
		path_leave(world, station_index, packet);
	else if (answers_inside(world, station, packet))
		fabric_private(world, station->node,
			       world->stations[connection_at(world, packet->connection)->caller].node, LINK_SUBNET,
			       packet);
	else if (station->site != NONE)
		site_leave(world, station, packet);
	else
		fabric_public(world, station->node, station->region, packet);
}

/* ---- NIC in ---- */

void path_deliver(struct world *world, uint32_t station_index, struct packet *packet)
{
	struct station *station = &world->stations[station_index];
	station->used = true;
	if (!station->exists || !station->up) {
		drop(world, station->node, packet, REASON_HOST_DOWN, world->nodes[station->node].name,
		     station->exists ? "it is stopped" : "the instance is gone");
		return;
	}
	memcpy(packet_ethernet(packet)->src.octet, gateway_mac, 6);
	packet_ethernet(packet)->dst = station->mac;
	if (station->forwards || station->own_nat != NONE || packet_ip_const(packet)->dst.raw != station->addr.raw)
		appliance_arrive(world, station, packet);
	else if (security_pass(world, station, NSG_INBOUND, packet))
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
		if (world->translators[node->index].site != NONE)
			site_nat_arrive(world, node->index, packet);
		else
			vip_inbound(world, node->index, packet);
		return;
	}
	struct station *station = &world->stations[node->index];
	if (is_for_public_address(station, packet)) {
		struct tuple before = packet_tuple(packet);
		packet_rewrite_dst(packet, station->addr, before.dst_port);
		world->flows[packet->flow].translated++;
		struct verdict verdict = by_public_ip(world, station);
		path_step(world, node_index, packet, STEP_TRANSLATE, STEP_REALM | STEP_INBOUND, &verdict, &before);
	}
	path_deliver(world, node->index, packet);
}

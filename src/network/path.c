/* DOC: what happens to a packet besides its decisions: the steps that the trail gets, the account of what was sent and
 * lost, TTL, and the packets that routers make. A packet is stopped only by path_drop(), which needs a verdict. */
#include "net/checksum.h"
#include "net/fragment.h"
#include "network/drive.h"
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
	if (__builtin_expect(!!world->flows[packet->flow].crafted, 0))
		crafted_ended(world, packet, node, verdict);
	world->flows[packet->flow].dropped++;
	world->counts.dropped++;
	packets_put(&world->packets, packet);
}

void path_deliver(struct world *world, uint32_t node, const struct packet *packet)
{
	path_step(world, node, packet, STEP_DELIVER, STEP_SEEN | STEP_INBOUND, NULL, NULL);
	if (__builtin_expect(!!world->flows[packet->flow].crafted, 0))
		crafted_ended(world, packet, node, NULL);
	world->flows[packet->flow].delivered++;
	world->counts.delivered++;
}

/* ---- routers ---- */

bool path_lower_ttl(struct packet *packet, uint8_t hops)
{
	struct ipv4_header *ip = packet_ip(packet);
	if (ip->ttl <= hops)
		return false;
	be16 old = be16_from((uint16_t)(ip->ttl << 8)); /* the protocol beside it stays */
	ip->ttl = (uint8_t)(ip->ttl - hops);
	ip->check = checksum_replace16(ip->check, old, be16_from((uint16_t)(ip->ttl << 8)));
	return true;
}

const uint8_t path_gateway_mac[6] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc};

void path_count_originated(struct world *world, struct packet *packet)
{
	packet->id = ++world->flows[packet->flow].next_packet_id;
	world->flows[packet->flow].originated++;
	world->counts.originated++;
}

void path_make_own(struct world *world, uint32_t node, struct packet *packet)
{
	memcpy(packet_ethernet(packet)->dst.octet, path_gateway_mac, 6);
	memcpy(packet_ethernet(packet)->src.octet, path_gateway_mac, 6);
	path_count_originated(world, packet);
	path_step(world, node, packet, STEP_ORIGINATE, STEP_SEEN | STEP_REALM, NULL, NULL);
}

struct packet *path_error(struct world *world, uint32_t node, be32 src, uint8_t type, uint8_t code, uint16_t mtu,
			  const struct packet *about)
{
	const struct icmp_header *icmp = packet_l4_const(about);
	bool about_error = packet_ip_const(about)->proto == PROTO_ICMP && !icmp_is_query(icmp->type);
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
	path_count_originated(world, rest);
	/* Both are other packets than the one that came: a merged capture shows them again. */
	path_step(world, node, packet, STEP_FORWARD, STEP_REALM, NULL, NULL);
	path_step(world, node, rest, STEP_ORIGINATE, STEP_REALM, NULL, NULL);
	return rest;
}

/* ---- the outgoing packets of an event ---- */

static void send(struct world *world, struct outgoing outgoing)
{
	if (world->n_outgoing == world->capacity_outgoing) {
		uint32_t capacity = world->capacity_outgoing ? 2 * world->capacity_outgoing : 16;
		struct outgoing *grown = realloc(world->outgoing, capacity * sizeof *grown);
		if (!grown) {
			world_fail(world, -ENOMEM);
			packets_put(&world->packets, outgoing.packet);
			return;
		}
		world->outgoing = grown;
		world->capacity_outgoing = capacity;
	}
	world->outgoing[world->n_outgoing++] = outgoing;
}

void path_send(struct world *world, uint32_t machine, struct packet *packet)
{
	send(world, (struct outgoing){.machine = machine, .packet = packet});
}

void path_send_from(struct world *world, struct leg leg, struct packet *packet)
{
	send(world, (struct outgoing){.machine = NONE, .leg = leg, .packet = packet});
}

/* DOC: a network virtual appliance: a VM that takes packets for others and hands them on by the routes of its own
 * subnet, with NAT where it has one. It is a router (RFC 1812): TTL goes down by one, and who sent a packet whose TTL
 * ends here is told. With a NAT it is stateful: a segment of a connection whose SYN it never saw has no mapping and is
 * dropped, which is how asymmetric ways are seen.
 *
 *   in:  security groups; for its own address: a mapping's answer goes back inside, else it is for its own stack
 *        for others: forward, with NAT from its own address
 *   own: connections that the machine itself opens have a place in the NAT's table, as those that it forwards
 *   out: security groups, routes (path.c) */
#include "network/world_internal.h"

static void drop(struct world *world, const struct station *station, struct packet *packet, enum reason reason,
		 const char *detail)
{
	const struct host_config *config = &world->model->hosts[station->number];
	struct verdict verdict = {.reason = reason,
				  .by = world->nodes[station->node].name,
				  .detail = detail,
				  .place = station->kind == STATION_VM ? config->place : PLACE_NONE};
	path_drop(world, station->node, packet, &verdict, STEP_SEEN | STEP_INBOUND);
}

/* False where the packet ended. */
static bool forward(struct world *world, struct station *station, struct packet *packet)
{
	if (path_lower_ttl(packet, 1))
		return true;
	struct packet *error = path_error(world, station->node, station->addr, ICMP_TIME_EXCEEDED, 0, 0, packet);
	drop(world, station, packet, REASON_TTL_EXPIRED, NULL);
	if (error)
		path_leave(world, (uint32_t)(station - world->stations), error);
	return false;
}

static void for_others(struct world *world, struct station *station, struct packet *packet)
{
	if (!station->forwards) {
		drop(world, station, packet, REASON_NOT_FORWARDING,
		     "the packet is for another address, and IP forwarding is off on this machine");
		return;
	}
	if (!forward(world, station, packet))
		return;
	packet->next = NULL;
	if (station->own_nat == NONE)
		path_step(world, station->node, packet, STEP_FORWARD, STEP_SEEN, NULL, NULL);
	else
		packet = translate_out(world, station->own_nat, NULL, packet);
	for (struct packet *next; packet; packet = next) {
		next = packet->next;
		path_leave(world, (uint32_t)(station - world->stations), packet);
	}
}

static void for_itself(struct world *world, struct station *station, struct packet *packet)
{
	struct verdict verdict;
	be32 inside;
	uint32_t index = (uint32_t)(station - world->stations);
	if (station->own_nat == NONE) {
		station_input(world, index, packet);
		return;
	}
	/* As a router does: TTL first, so that an error is about the packet as its sender knows it. */
	const struct tuple tuple = packet_tuple(packet);
	bool lowered = path_lower_ttl(packet, 1);
	if (!lowered && nat_answers(world->translators[station->own_nat].nat, &tuple, world->now, &inside) &&
	    !be32_equal(inside, station->addr)) {
		(void)forward(world, station, packet);
		return;
	}
	switch (translate_in(world, station->own_nat, packet, &verdict)) {
	case TRANSLATE_DONE:
		break;
	case TRANSLATE_UNKNOWN:
		if (lowered)
			path_raise_ttl(packet, 1);
		station_input(world, index, packet);
		return;
	case TRANSLATE_TAKEN:
		return;
	}
	for (struct packet *next; packet; packet = next) {
		next = packet->next;
		if (be32_equal(packet_ip_const(packet)->dst, station->addr)) { /* of a connection of its own */
			if (lowered)
				path_raise_ttl(packet, 1);
			station_input(world, index, packet);
		} else if (lowered)
			path_leave(world, index, packet);
		else /* an error, or a later fragment: nobody is told (RFC 1812 4.3.2.7) */
			drop(world, station, packet, REASON_TTL_EXPIRED, NULL);
	}
}

bool appliance_originate(struct world *world, struct station *station, struct packet *packet)
{
	const struct connection *connection = connection_at(world, packet->connection);
	bool is_caller = &world->stations[connection->caller] == station && (packet->flags & PACKET_FROM_CALLER) != 0;
	return !is_caller || translate_own(world, station->own_nat, packet);
}

void appliance_arrive(struct world *world, struct station *station, struct packet *packet)
{
	if (!security_pass(world, station, NSG_INBOUND, packet))
		return;
	if (packet_ip_const(packet)->dst.raw == station->addr.raw)
		for_itself(world, station, packet);
	else
		for_others(world, station, packet);
}

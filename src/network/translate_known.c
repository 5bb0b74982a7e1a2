/* DOC: the usual segment at a NAT, at once: what translate.c decides and commits for one in the middle of a TCP connection,
 * at a NAT that stands by itself and whose rules ask nothing else (rule/nat_known.c). All others go by the stages. */
#include "network/drive.h"

static bool is_usual(const struct world *world, const struct translator *translator, const struct packet *packet)
{
	return translator->is_usual && !translator->device && packet_ip_const(packet)->proto == PROTO_TCP &&
	       !packet_is_fragment(packet) && !trail_wanted(&world->trail, STEP_TRANSLATE, packet);
}

static uint8_t tcp_flags(const struct packet *packet)
{
	return ((const struct tcp_header *)packet_l4_const(packet))->flags;
}

static void use(struct world *world, const struct translator *translator, uint32_t mapping, const struct packet *packet)
{
	nat_known_use(translator->nat, mapping, packet_frame_bytes(packet) - 14, world->now);
	world->flows[packet->flow].translated++;
}

enum known translate_known_out(struct world *world, struct leg *leg, struct packet *packet)
{
	const struct translator *translator = translator_at(world, leg->at);
	if (!is_usual(world, translator, packet))
		return KNOWN_NOT;
	const struct tuple tuple = packet_tuple(packet);
	uint32_t hint = connection_at(world, packet->connection)->mapping;
	const struct nat_mapping *m = nat_known_out(translator->nat, hint, &tuple, tcp_flags(packet), world->now);
	if (!m)
		return KNOWN_NOT;
	be32 outside = nat_outside_address(translator->nat, m);
	if (be32_equal(outside, tuple.src))
		return KNOWN_NOT;
	use(world, translator, hint, packet);
	packet_rewrite_src(packet, outside, be16_from(m->outside_port));
	*leg = (struct leg){PASSAGE_PUBLIC, translator->node, NONE};
	return KNOWN_ON;
}

enum known translate_known_in(struct world *world, struct leg *leg, struct packet *packet)
{
	const struct translator *translator = translator_at(world, leg->at);
	if (!is_usual(world, translator, packet))
		return KNOWN_NOT;
	const struct tuple tuple = packet_tuple(packet);
	uint32_t hint = connection_at(world, packet->connection)->mapping;
	const struct nat_mapping *m = nat_known_in(translator->nat, hint, &tuple, tcp_flags(packet), world->now);
	if (!m || be32_equal(m->inside.src, tuple.dst))
		return KNOWN_NOT;
	uint32_t to = address_find(world, translator->realm, m->inside.src);
	if (to == NONE)
		return KNOWN_NOT;
	use(world, translator, hint, packet);
	packet_rewrite_dst(packet, m->inside.src, m->inside.src_port);
	*leg = (struct leg){PASSAGE_NIC_IN, to, NONE};
	return KNOWN_ON;
}

/* DOC: the usual segment at a NAT, at once: what translate.c decides and commits for one whose mapping is known, at a NAT
 * that stands by itself and whose rules ask nothing else (rule/nat_known.c). All others go by the stages. */
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

/* The packet changes the state of its mapping. False where it is not simply translated: nothing was done, or memory is
 * short and the run ends. */
static bool ask(struct world *world, const struct leg *leg, bool inbound, uint32_t hint, const struct packet *packet,
		struct nat_answer *ret)
{
	const struct translator *translator = translator_at(world, leg->at);
	struct nat_packet asked;
	translate_packet(packet, inbound ? 0 : translate_owner_at(world, leg), !inbound, hint, &asked);
	int r = inbound ? nat_inbound(translator->nat, &asked, world->now, ret)
			: nat_outbound(translator->nat, &asked, world->now, ret);
	world_fail(world, r);
	if (r < 0 || ret->reason != REASON_NONE || ret->untranslated)
		return false;
	connection_at(world, packet->connection)->mapping = ret->mapping;
	if ((asked.tcp_flags & (inbound ? TCP_FIN | TCP_RST : TCP_FIN | TCP_RST | TCP_SYN)) != 0)
		translate_arm(world, (uint32_t)(translator - world->translators));
	return true;
}

enum known translate_known_out(struct world *world, struct leg *leg, struct packet *packet)
{
	const struct translator *translator = translator_at(world, leg->at);
	struct nat_answer answer;
	if (!is_usual(world, translator, packet) || nat_has_address(translator->nat, packet_ip_const(packet)->src))
		return KNOWN_NOT;
	const struct tuple tuple = packet_tuple(packet);
	uint32_t hint = connection_at(world, packet->connection)->mapping;
	const struct nat_mapping *m = nat_known_out(translator->nat, hint, &tuple, world->now);
	if (m && !nat_known_changes(m, false, tcp_flags(packet))) {
		nat_known_use(translator->nat, hint, packet_frame_bytes(packet) - 14, world->now);
		packet_rewrite_src(packet, nat_outside_address(translator->nat, m), be16_from(m->outside_port));
	} else if (m && ask(world, leg, false, hint, packet, &answer)) {
		packet_rewrite_src(packet, answer.addr, answer.port);
	} else {
		return KNOWN_NOT;
	}
	world->flows[packet->flow].translated++;
	*leg = (struct leg){PASSAGE_PUBLIC, translator->node, NONE};
	return KNOWN_ON;
}

enum known translate_known_in(struct world *world, struct leg *leg, struct packet *packet)
{
	const struct translator *translator = translator_at(world, leg->at);
	struct nat_answer answer;
	if (!is_usual(world, translator, packet))
		return KNOWN_NOT;
	const struct tuple tuple = packet_tuple(packet);
	uint32_t hint = connection_at(world, packet->connection)->mapping;
	const struct nat_mapping *m = nat_known_in(translator->nat, hint, &tuple, world->now);
	uint32_t to = m ? address_find(world, translator->realm, m->inside.src) : NONE;
	if (to == NONE || be32_equal(m->inside.src, tuple.dst))
		return KNOWN_NOT;
	if (!nat_known_changes(m, true, tcp_flags(packet))) {
		nat_known_use(translator->nat, hint, packet_frame_bytes(packet) - 14, world->now);
		packet_rewrite_dst(packet, m->inside.src, m->inside.src_port);
	} else if (ask(world, leg, true, hint, packet, &answer)) {
		packet_rewrite_dst(packet, answer.addr, answer.port);
	} else {
		return KNOWN_NOT;
	}
	world->flows[packet->flow].translated++;
	*leg = (struct leg){PASSAGE_NIC_IN, to, NONE};
	return KNOWN_ON;
}

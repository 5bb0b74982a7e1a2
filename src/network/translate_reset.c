/* DOC: `reset_on_idle`: when a mapping expires for want of traffic, the end that still holds the connection gets a TCP
 * reset, both ways (azure-docs: load-balancer-tcp-reset). A reset counts only with the sequence number that its
 * receiver expects (RFC 9293 3.10.7.4), which is what that end acknowledged last. A half-open connection has
 * acknowledged nothing: it gets none. Nor does a mapping that serves several outsiders at once: its acknowledgments are
 * of one of them, and nothing knows of which. */
#include "network/drive.h"

#define NAT_TTL 64u

/* In an event of its own: the NAT is in the middle of its timers here. */
static void post(struct translator *translator, uint32_t connection, const struct tuple *tuple, uint32_t seq,
		 uint16_t flags)
{
	struct world *world = translator->world;
	struct packet *packet = packet_for(world, connection);
	if (!packet)
		return;
	packet->flags = flags;
	tcp_reset_make(&world->craft, packet, tuple, seq, NAT_TTL);
	struct event event = {.at = world->now,
			      .key = event_key(translator->node, translator->node),
			      .kind = WHAT_NAT_RESET,
			      .a = (uint32_t)(translator - world->translators),
			      .object = packet};
	int r = queue_push(&world->queue, event);
	if (r < 0) {
		packets_put(&world->packets, packet);
		world_fail(world, r);
	}
}

/* The frontends of an outbound rule share a NAT: the one whose address the mapping has is the sender. */
static struct translator *at_address(struct translator *translator, be32 addr)
{
	struct world *world = translator->world;
	const struct model *model = world->model;
	for (uint32_t i = 0; translator->kind == ELEMENT_FRONTEND && i < model->n_frontends; i++)
		if (model->frontends[i].nat_of == translator->owner && be32_equal(model->frontends[i].addr, addr))
			return &world->translators[world->nodes[model->elements->frontend[i]].index];
	return translator;
}

void reset_both_ends(struct translator *translator, const struct nat_mapping *mapping, const struct nat_acks *acks)
{
	if (mapping->inside.proto != PROTO_TCP || !acks->inside_acked || !acks->outside_acked ||
	    nat_mapping_is_shared(translator->nat, mapping))
		return;
	results_reset(translator->world, translator->node, acks->reference, 0, NULL);
	struct tuple inward = tuple_reverse(mapping->inside), outward = mapping->inside;
	outward.src = nat_outside_address(translator->nat, mapping);
	outward.src_port = be16_from(mapping->outside_port);
	struct translator *sender = at_address(translator, outward.src);
	post(sender, acks->reference, &inward, acks->by_inside, 0);
	post(sender, acks->reference, &outward, acks->by_outside, PACKET_FROM_CALLER);
}

struct leg reset_begin(struct world *world, uint32_t index, struct packet *packet)
{
	const struct translator *translator = &world->translators[index];
	const struct tuple tuple = packet_tuple(packet);
	enum passage passage = PASSAGE_NAT_INSIDE;
	if (packet->flags & PACKET_FROM_CALLER) { /* outward */
		if (translator->kind == ELEMENT_SITE_NAT && nat_has_address(translator->nat, tuple.dst))
			passage = PASSAGE_NAT_IN; /* of a hairpin: it turns round, too */
		else if (translator->kind == ELEMENT_APPLIANCE)
			passage = PASSAGE_NIC_OUT;
		else
			passage = PASSAGE_PUBLIC;
	}
	path_make_own(world, translator->node, packet);
	return (struct leg){passage, translator->node, NONE};
}

/* DOC: calls that reach a platform service with a private source address: by a service endpoint of the caller's subnet,
 * or through a private endpoint. Two networks may have that address, and two calls the same ports, too. So each packet of
 * such a call has its origin with it: the node to which the answer goes, the machine itself or the private endpoint. The
 * service knows calls apart by it, and what it sends in answer has it again (traffic/origin.c).
 *
 * Besides, each call is remembered by its answer, for what the service sends without having taken a packet of the call:
 * packets made by hand, and answers that are asked about and not sent. A fragment of an answer has no ports, and is
 * known by its addresses; an ICMP error by the call that it is about. */
#include "network/drive.h"
#include <errno.h>

/* Calls are remembered for longer than a run may take. */
#define FOREVER_NS INT64_MAX / 2

static struct tuple without_ports(struct tuple tuple)
{
	tuple.src_port = tuple.dst_port = be16_from(0);
	return tuple;
}

static int remember(struct world *world, const struct tuple *answer, uint32_t node)
{
	static const int64_t idle_ns[] = {FOREVER_NS};
	int r = world->private_calls ? 0 : flows_new(idle_ns, 1, &world->private_calls);
	return r < 0 ? r : flows_open(world->private_calls, answer, 0, node, 0, world->now);
}

void private_call_note(struct world *world, struct packet *packet, uint32_t node)
{
	packet->flags = (uint16_t)((packet->flags & ~PACKET_PRIVATE_ANSWER) | PACKET_PRIVATE_CALL);
	packet->origin = node;
	if (translate_is_error(packet))
		return;
	const struct tuple answer = tuple_reverse(packet_tuple(packet)), addresses = without_ports(answer);
	world_fail(world, remember(world, &answer, node));
	world_fail(world, remember(world, &addresses, node));
}

void private_call_suppose(const struct ask *ask, uint32_t node, struct trial *trial)
{
	if (trial->n_private == TRIAL_MAX)
		return;
	trial->private_calls[trial->n_private].answer = tuple_reverse(packet_tuple(ask->packet));
	trial->private_calls[trial->n_private++].node = node;
}

uint32_t private_call_find(const struct ask *ask)
{
	const struct world *world = ask->world;
	struct tuple tuple = packet_tuple(ask->packet), inner;
	if ((ask->packet->flags & PACKET_PRIVATE_ANSWER) != 0 && ask->packet->origin != ask->leg.at)
		return ask->packet->origin;
	if (packet_is_fragment(ask->packet))
		tuple = without_ports(tuple);
	else if (icmp_error_inner(ask->packet, &inner))
		tuple = tuple_reverse(inner);
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_private; i++)
		if (tuple_equal(&ask->trial->private_calls[i].answer, &tuple))
			return ask->trial->private_calls[i].node;
	const struct balanced_flow *found =
		world->private_calls ? flows_find(world->private_calls, &tuple, world->now) : NULL;
	return found ? found->backend : NONE;
}

void private_answer_mark(struct packet *packet, uint32_t origin)
{
	packet->flags |= PACKET_PRIVATE_ANSWER;
	packet->origin = origin;
}

void private_answers_mark(struct world *world, uint32_t machine, uint32_t first, uint32_t origin)
{
	for (uint32_t i = first; i < world->n_outgoing; i++)
		if (world->outgoing[i].machine == machine)
			private_answer_mark(world->outgoing[i].packet, origin);
}

/* DOC: `reset` of a balancer's rule: when a flow ends for want of traffic, both ends of an open TCP connection get a
 * reset (load-balancer-tcp-reset). A reset counts only with the sequence number that its receiver expects (RFC 9293
 * 3.10.7.4), which is what that end acknowledged last; where one of them has acknowledged nothing yet, the connection is
 * not open, and none is sent. One event of a balancer is due when the next such flow ends. */
#include "network/balance.h"

#define BALANCER_TTL 64u

void balance_arm(struct world *world, struct translator *translator)
{
	struct instant due = flows_due(translator->flows);
	if (!instant_before(due, translator->balance->armed))
		return;
	translator->balance->armed = due;
	struct event event = {.at = due,
			      .key = event_key(translator->node, translator->node),
			      .kind = WHAT_BALANCE_TIMER,
			      .a = (uint32_t)(translator - world->translators)};
	world_fail(world, queue_push(&world->queue, event));
}

static void reset(struct world *world, struct leg leg, uint32_t connection, const struct tuple *tuple, uint32_t seq,
		  uint16_t flags)
{
	struct packet *packet = packet_for(world, connection);
	if (!packet)
		return;
	packet->flags = flags;
	tcp_reset_make(&world->craft, packet, tuple, seq, BALANCER_TTL);
	path_make_own(world, leg.at, packet);
	path_send_from(world, leg, packet);
}

/* To the machine at its NIC; to the caller by the routes of the machine's subnet, as answers go. */
static void reset_both(struct world *world, const struct translator *translator, const struct balanced_flow *flow)
{
	const struct balancing *rule = &translator->balance->rules[flow->lane];
	const struct machine *machine = &world->machines[flow->backend];
	if (flow->arriving.proto != PROTO_TCP || !flow->caller_acked || !flow->backend_acked || flow->closing)
		return;
	results_reset(world, translator->node, flow->reference, 0, rule->name);
	struct tuple inward = flow->arriving, outward = tuple_reverse(flow->arriving);
	if (be32_equal(inward.dst, translator->addr)) {
		inward.dst = rule->floating ? inward.dst : machine->addr;
		inward.dst_port = rule->to == 0 ? inward.dst_port : be16_from(rule->to);
	}
	reset(world, (struct leg){PASSAGE_BALANCE_RESET_IN, translator->node, machine->node}, flow->reference, &inward,
	      flow->backend_ack, PACKET_FROM_CALLER);
	reset(world, (struct leg){PASSAGE_FRONTEND_ROUTE, translator->node, machine->node}, flow->reference, &outward,
	      flow->caller_ack, 0);
}

int balance_timer(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	struct balanced_flow flow;
	if (instant_before(world->now, translator->balance->armed))
		return 0; /* an earlier event took its place and armed again */
	translator->balance->armed = INSTANT_NEVER;
	while (flows_take_due(translator->flows, world->now, &flow))
		reset_both(world, translator, &flow);
	balance_arm(world, translator);
	return 0;
}

static void to_machine(const struct ask *ask, struct decision *ret)
{
	decide_go(ret, PASSAGE_NIC_IN, ask->leg.from, NONE);
}

const struct stage balance_reset_in[] = {
	{"the machine of the flow", to_machine, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};

/* DOC: a flow with `late` pushes data on a connection that another flow holds open. From then on the connection's
 * segments belong to that flow: its capture, its expectations, its outcome. It is delivered when the far end has all of
 * it; through a front end that is the far end of the other leg. Where the connection was reset meanwhile, the outcome
 * is `reset`, and nothing is sent. */
#include "traffic/traffic.h"

static uint32_t holder(const struct world *world, const struct flow_config *config)
{
	uint32_t id = world->flows[config->held_flow].first_connection + config->held_index;
	if (config->held_index >= world->flows[config->held_flow].next_start)
		return NONE;
	while (connection_at(world, id)->round > 0)
		id = connection_at(world, id)->round - 1; /* an earlier one took it over */
	return id;
}

/* Who pushes, where its end of the connection is gone. `held` is as it was opened: a later flow that took it over may
 * have pushed the other way. */
static uint32_t former_pusher(const struct world *world, const struct flow_config *config,
			      const struct connection *held)
{
	uint32_t node = config->push_by_caller ? NONE : address_find(world, NONE, held->to_addr);
	return node == NONE || !element_is_end_point(world->nodes[node].kind) ? held->caller : world->nodes[node].index;
}

static void was_reset(struct world *world, uint32_t id, const struct flow_config *config)
{
	struct connection *push = connection_at(world, id);
	const struct connection *held =
		connection_at(world, world->flows[config->held_flow].first_connection + config->held_index);
	push->flags = CONNECTION_HELD_PUSH;
	push->caller = former_pusher(world, config, held);
	push->to_addr = config->push_by_caller ? held->to_addr : world->machines[held->caller].addr;
	push->to_port = config->push_by_caller ? held->to_port : held->from_port;
	push->from_port = config->push_by_caller ? held->from_port : held->to_port;
	connection_over(world, id, OUTCOME_RESET);
}

void held_push_start(struct world *world, uint32_t flow_index)
{
	const struct flow_config *config = &world->model->flows[flow_index];
	uint32_t id = world->flows[flow_index].first_connection,
		 held_id = world->model->flows[config->held_flow].proto == PROTO_TCP ? holder(world, config) : NONE;
	struct connection *push = connection_at(world, id);
	if (world->model->flows[config->held_flow].proto == PROTO_UDP) {
		uint32_t udp_id = world->flows[config->held_flow].first_connection + config->held_index;
		if (config->held_index < world->flows[config->held_flow].next_start)
			(void)socket_push(world, id, udp_id, config->push_by_caller);
		return; /* where it does not go the flow never starts, and expectations say so */
	}
	if (held_id == NONE || world->model->flows[config->held_flow].proto != PROTO_TCP)
		return;
	struct connection *held = connection_at(world, held_id);
	uint32_t sender = held->tcb[config->push_by_caller ? ROLE_CALLER : ROLE_SERVER];
	if (held->phase == PHASE_OVER && sender == POOL_NONE && (held->flags & CONNECTION_TORN_DOWN)) {
		was_reset(world, id, config);
		return;
	}
	if (held->phase != PHASE_OVER || sender == POOL_NONE)
		return; /* nothing is held open; the flow never starts, and expectations say so */
	struct tcb *tcb = machine_tcb(world, sender);
	if (tcb->state != TCP_ESTABLISHED && tcb->state != TCP_CLOSE_WAIT)
		return;
	held->round = id + 1;
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		push->tcb[i] = held->tcb[i];
		held->tcb[i] = POOL_NONE;
		if (push->tcb[i] == POOL_NONE)
			continue;
		machine_tcb(world, push->tcb[i])->connection = id;
		machine_tcb(world, push->tcb[i])->turn_bytes = 0;
	}
	push->flags = CONNECTION_HELD_PUSH;
	push->phase = PHASE_RUNNING;
	push->caller = tcb->owner;
	push->from_port = be16_to(tcb->local_port);
	push->to_addr = tcb->remote_addr;
	push->to_port = be16_to(tcb->remote_port);
	tcp_send(&world->tcp, tcb, world->flows[flow_index].request, world->now);
}

/* Front end and relay forward what they got; the last one keeps it. */
static void received(struct world *world, struct tcb *tcb, uint32_t bytes)
{
	static const enum role next[ROLE_COUNT] = {[ROLE_CALLER] = ROLE_COUNT,
						   [ROLE_SERVER] = ROLE_COUNT,
						   [ROLE_FRONT] = ROLE_RELAY,
						   [ROLE_RELAY] = ROLE_FRONT};
	const struct connection *push = connection_at(world, tcb->connection);
	const struct payload *data = world->flows[push->flow].request;
	tcb->turn_bytes += bytes;
	if (tcb->turn_bytes < data->size_bytes)
		return;
	enum role to = next[tcb->role];
	if (to == ROLE_COUNT || push->tcb[to] == POOL_NONE)
		connection_over(world, tcb->connection, OUTCOME_DELIVERED);
	else
		tcp_send(&world->tcp, machine_tcb(world, push->tcb[to]), data, world->now);
}

void held_push_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	bool by_pusher = tcb->owner == connection_at(world, tcb->connection)->caller;
	switch (event) {
	case TCP_RECEIVED:
		received(world, tcb, bytes);
		return;
	case TCP_PEER_FIN:
		tcp_close(&world->tcp, tcb, world->now);
		return;
	case TCP_REFUSED:
	case TCP_RESET_BY_PEER:
		if (by_pusher)
			connection_over(world, tcb->connection, OUTCOME_RESET);
		return;
	case TCP_TIMED_OUT:
		if (by_pusher)
			connection_over(world, tcb->connection, OUTCOME_TIMED_OUT);
		return;
	case TCP_CONNECTED:
	case TCP_ACKED:
	case TCP_DONE:
		return;
	}
}

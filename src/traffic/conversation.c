/* DOC: what the two ends of a TCP connection say to each other (host/dialogue.h), turn by turn. tcb->turn is the turn
 * that this end waits for, tcb->turn_bytes what has come of it. The caller closes, holds or resets when all turns are
 * done; an end that is closed on closes too. A front end's two sides are relay.c's, data on a held one held_push.c's. */
#include "traffic/traffic.h"

static const struct dialogue *dialogue_of(const struct world *world, const struct connection *connection)
{
	return world->flows[connection->flow].dialogue;
}

/* Requests alone, without answers (`reply: 0B`, readable text). */
static bool is_one_way(const struct world *world, const struct connection *connection)
{
	return dialogue_of(world, connection)->kind == DIALOGUE_TEXT && flow_of(world, connection)->reply_bytes == 0;
}

static const struct payload *message(const struct world *world, const struct connection *connection, uint32_t turn)
{
	const struct dialogue *dialogue = dialogue_of(world, connection);
	if (is_one_way(world, connection))
		return dialogue->request;
	if ((connection->flags & CONNECTION_BAD_GATEWAY) && turn % 2 == 1 && turn >= dialogue->n_opening &&
	    dialogue->bad_gateway)
		return dialogue->bad_gateway;
	return dialogue_message(dialogue, turn);
}

uint32_t turn_size(const struct world *world, const struct connection *connection, uint32_t turn)
{
	return message(world, connection, turn)->size_bytes;
}

const struct payload *turn_message(const struct world *world, const struct connection *connection, uint32_t turn)
{
	return message(world, connection, turn);
}

/* ---- the caller ---- */

/* As `then` says. */
static void leave(struct world *world, struct tcb *tcb)
{
	switch (flow_of(world, connection_at(world, tcb->connection))->then) {
	case THEN_CLOSE:
		tcp_close(&world->tcp, tcb, world->now);
		return;
	case THEN_RESET:
		tcp_abort(&world->tcp, tcb, world->now);
		return;
	case THEN_HOLD:
		return;
	}
}

static void hold(struct world *world, uint32_t id)
{
	const struct connection *connection = connection_at(world, id);
	uint32_t node = world->machines[connection->caller].node,
		 index = id - world->flows[connection->flow].first_connection;
	struct instant over = instant_add(world->now, arrivals_hold_ns(flow_of(world, connection), world->seed, index));
	struct event event = {.at = over, .key = event_key(node, node), .kind = WHAT_HOLD_OVER, .a = id};
	world_fail(world, queue_push(&world->queue, event));
}

static void finish(struct world *world, struct tcb *tcb)
{
	struct connection *connection = connection_at(world, tcb->connection);
	connection_over(world, tcb->connection,
			connection->flags & CONNECTION_BAD_GATEWAY ? OUTCOME_BAD_GATEWAY : OUTCOME_DELIVERED);
	if (flow_of(world, connection)->holds)
		hold(world, tcb->connection);
	else
		leave(world, tcb);
}

void connection_hold_over(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	if (connection->tcb[ROLE_CALLER] != POOL_NONE)
		leave(world, machine_tcb(world, connection->tcb[ROLE_CALLER]));
}

void caller_send_turn(struct world *world, struct tcb *tcb)
{
	const struct connection *connection = connection_at(world, tcb->connection);
	const struct payload *request = message(world, connection, tcb->turn);
	if (!is_one_way(world, connection))
		tcb->turn++;
	tcp_send(&world->tcp, tcb, request, world->now);
}

/* A turn of the other side is complete, or (one way) a request was acknowledged. */
static void caller_next(struct world *world, struct tcb *tcb)
{
	struct connection *connection = connection_at(world, tcb->connection);
	const struct flow_config *config = flow_of(world, connection);
	tcb->turn++;
	if (tcb->turn >= dialogue_of(world, connection)->n_turns || (connection->flags & CONNECTION_BAD_GATEWAY)) {
		finish(world, tcb);
		return;
	}
	if (config->pause_ns == 0 || tcb->turn <= dialogue_of(world, connection)->n_opening) {
		caller_send_turn(world, tcb);
		return;
	}
	connection_pause(world, tcb->connection);
}

void connection_pause(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	uint32_t node = world->machines[connection->caller].node;
	struct instant over = instant_add(world->now, flow_of(world, connection)->pause_ns);
	struct event event = {.at = over, .key = event_key(node, node), .kind = WHAT_PAUSE_OVER, .a = id};
	connection->flags |= CONNECTION_PAUSED;
	world_fail(world, queue_push(&world->queue, event));
}

void connection_pause_over(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	connection->flags &= (uint8_t)~CONNECTION_PAUSED;
	if (connection->phase != PHASE_RUNNING)
		return;
	if (flow_of(world, connection)->proto != PROTO_TCP)
		datagram_start(world, id);
	else if (connection->flags & CONNECTION_FTP)
		ftp_pause_over(world, id);
	else if (connection->tcb[ROLE_CALLER] != POOL_NONE)
		caller_send_turn(world, machine_tcb(world, connection->tcb[ROLE_CALLER]));
}

static void caller_received(struct world *world, struct tcb *tcb, uint32_t bytes)
{
	struct connection *connection = connection_at(world, tcb->connection);
	if (connection->phase == PHASE_OVER)
		return;
	tcb->turn_bytes += bytes;
	uint32_t size = turn_size(world, connection, tcb->turn);
	if (tcb->turn_bytes < size)
		return;
	tcb->turn_bytes -= size;
	caller_next(world, tcb);
}

static void caller_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	struct connection *connection = connection_at(world, tcb->connection);
	switch (event) {
	case TCP_CONNECTED:
		caller_send_turn(world, tcb);
		keepalive_begin(world, tcb->connection);
		return;
	case TCP_RECEIVED:
		caller_received(world, tcb, bytes);
		return;
	case TCP_ACKED:
		if (connection->phase == PHASE_RUNNING && is_one_way(world, connection))
			caller_next(world, tcb);
		return;
	case TCP_PEER_FIN:
		connection_over(world, tcb->connection, OUTCOME_RESET);
		tcp_close(&world->tcp, tcb, world->now);
		return;
	case TCP_DONE:
		return;
	case TCP_REFUSED:
		connection_over(world, tcb->connection, OUTCOME_REFUSED);
		return;
	case TCP_RESET_BY_PEER:
		connection_over(world, tcb->connection, OUTCOME_RESET);
		return;
	case TCP_TIMED_OUT:
		connection_over(world, tcb->connection, OUTCOME_TIMED_OUT);
		return;
	}
}

/* ---- the server ---- */

static void server_received(struct world *world, struct tcb *tcb, uint32_t bytes)
{
	const struct connection *connection = connection_at(world, tcb->connection);
	bool one_way = is_one_way(world, connection);
	tcb->turn_bytes += bytes;
	while (tcb->turn < dialogue_of(world, connection)->n_turns) {
		uint32_t size = turn_size(world, connection, tcb->turn);
		if (tcb->turn_bytes < size)
			return;
		tcb->turn_bytes -= size;
		uint32_t answered = tcb->turn;
		tcb->turn += one_way ? 1 : 2;
		if (!one_way)
			tcp_send(&world->tcp, tcb, message(world, connection, answered + 1), world->now);
	}
}

void server_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	switch (event) {
	case TCP_RECEIVED:
		server_received(world, tcb, bytes);
		return;
	case TCP_PEER_FIN:
		tcp_close(&world->tcp, tcb, world->now);
		return;
	case TCP_CONNECTED:
	case TCP_ACKED:
	case TCP_DONE:
	case TCP_REFUSED:
	case TCP_RESET_BY_PEER:
	case TCP_TIMED_OUT:
		return;
	}
}

void conversation_event(void *context, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	struct world *world = context;
	struct connection *connection = connection_at(world, tcb->connection);
	if (event == TCP_RESET_BY_PEER)
		connection->flags |= CONNECTION_TORN_DOWN;
	uint8_t flags = connection->flags;
	if (flags & (CONNECTION_HELD_PUSH | CONNECTION_FTP)) {
		if (flags & CONNECTION_HELD_PUSH)
			held_push_event(world, tcb, event, bytes);
		else
			ftp_event(world, tcb, event, bytes);
		return;
	}
	switch ((enum role)tcb->role) {
	case ROLE_CALLER:
		caller_event(world, tcb, event, bytes);
		return;
	case ROLE_SERVER:
		server_event(world, tcb, event, bytes);
		return;
	case ROLE_FRONT:
	case ROLE_RELAY:
		relay_event(world, tcb, event, bytes);
		return;
	case ROLE_COUNT:
	case ROLE_DATA_CALLER:
	case ROLE_DATA_SERVER:
		return;
	}
}

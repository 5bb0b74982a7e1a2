/* DOC: sockets of UDP flows. A flow with `from_port`, or `then: hold`, has a socket that outlives a single answer: what
 * comes to its port is heard though no host listens there, from whatever sender, and several flows of one machine with one
 * port share it. A datagram of another flow that comes from where a flow has sent to answers that flow, too: two ends that
 * send to each other through their NATs meet so. A late push goes out of the same socket. */
#include "traffic/traffic.h"
#include <errno.h>
#include <stdlib.h>

struct udp_socket {
	uint32_t connection;
	uint32_t called; /* machine that a datagram of it came to; NONE */
	uint32_t origin; /* of that, see origin.c; NONE */
	struct tuple seen;
};

void socket_open(struct world *world, uint32_t id)
{
	const struct flow_config *config = flow_of(world, connection_at(world, id));
	if (config->from_port == 0 && config->then != THEN_HOLD)
		return;
	if (world->n_sockets == world->capacity_sockets) {
		uint32_t capacity = world->capacity_sockets ? 2 * world->capacity_sockets : 16;
		struct udp_socket *grown = realloc(world->sockets, capacity * sizeof *grown);
		if (!grown) {
			world_fail(world, -ENOMEM);
			return;
		}
		world->sockets = grown;
		world->capacity_sockets = capacity;
	}
	world->sockets[world->n_sockets++] = (struct udp_socket){.connection = id, .called = NONE, .origin = NONE};
}

static bool is_of(const struct world *world, const struct udp_socket *socket, uint32_t machine, uint16_t port)
{
	const struct connection *connection = connection_at(world, socket->connection);
	return connection->caller == machine && connection->from_port == port;
}

bool socket_is_open(const struct world *world, uint32_t machine, uint16_t port)
{
	for (uint32_t i = 0; i < world->n_sockets; i++) {
		const struct connection *connection = connection_at(world, world->sockets[i].connection);
		if (is_of(world, &world->sockets[i], machine, port) &&
		    (connection->phase != PHASE_OVER || flow_of(world, connection)->then == THEN_HOLD))
			return true;
	}
	return false;
}

void socket_hear(struct world *world, uint32_t machine, const struct tuple *tuple)
{
	for (uint32_t i = 0; i < world->n_sockets; i++) {
		uint32_t id = world->sockets[i].connection;
		const struct connection *connection = connection_at(world, id);
		if (is_of(world, &world->sockets[i], machine, be16_to(tuple->dst_port)) &&
		    connection->phase == PHASE_RUNNING && be32_equal(connection->to_addr, tuple->src) &&
		    connection->to_port == be16_to(tuple->src_port))
			datagram_round_done(world, id);
	}
}

static struct udp_socket *find(struct world *world, uint32_t id)
{
	for (uint32_t i = 0; i < world->n_sockets; i++)
		if (world->sockets[i].connection == id)
			return &world->sockets[i];
	return NULL;
}

void socket_seen(struct world *world, uint32_t id, uint32_t machine, const struct tuple *tuple)
{
	struct udp_socket *socket = find(world, id);
	if (!socket)
		return;
	socket->called = machine;
	socket->seen = *tuple;
}

void socket_note_origin(struct world *world, uint32_t id, uint32_t origin)
{
	struct udp_socket *socket = find(world, id);
	if (socket)
		socket->origin = origin;
}

bool socket_push(struct world *world, uint32_t push_id, uint32_t held_id, bool by_caller)
{
	const struct udp_socket *socket = find(world, held_id);
	const struct connection *held = connection_at(world, held_id);
	struct connection *push = connection_at(world, push_id);
	if (!socket || (!by_caller && socket->called == NONE))
		return false;
	push->caller = by_caller ? held->caller : socket->called;
	push->from_port = by_caller ? held->from_port : be16_to(socket->seen.dst_port);
	push->to_addr = by_caller ? held->to_addr : socket->seen.src;
	push->to_port = by_caller ? held->to_port : be16_to(socket->seen.src_port);
	push->flags = CONNECTION_HELD_PUSH;
	push->phase = PHASE_RUNNING;
	uint32_t first = world->n_outgoing;
	datagram_push(world, push_id, by_caller);
	if (!by_caller && socket->origin != NONE)
		private_answers_mark(world, push->caller, first, socket->origin);
	return true;
}

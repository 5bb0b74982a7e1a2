/* DOC: a front end ends HTTP: it takes the caller's connection (ROLE_FRONT), opens one of its own to a worker that runs
 * the app (ROLE_RELAY), and passes requests and replies on. One call is two TCP connections, and the worker sees the
 * front end's address. Both legs use the same port and the same protocol. Where no worker can be reached it answers
 * 502. The VIP's other ports (FTP, debugging, management) it serves itself.
 *
 * front->turn is the caller's turn that it expects; when that is complete it becomes the turn of the reply until the
 * reply was passed on. */
#include "traffic/traffic.h"

#define RELAY_SYN_RETRIES 2 /* 1 + 2 + 4 s: then the caller gets its 502 */

static struct tcb *side(const struct world *world, const struct connection *connection, enum role role)
{
	return connection->tcb[role] == POOL_NONE ? NULL : machine_tcb(world, connection->tcb[role]);
}

static const struct dialogue *dialogue_of(const struct world *world, const struct connection *connection)
{
	return world->flows[connection->flow].dialogue;
}

/* The app that a call is for: by name, as Host or SNI say; by address, the first one that listens on the port. NONE:
 * the front end itself. */
static uint32_t app_of(const struct world *world, const struct connection *connection, const struct machine *front)
{
	const struct flow_config *config = flow_of(world, connection);
	const struct ase_config *ase = &world->model->ases[front->owner];
	for (uint32_t a = ase->app_first; a < ase->app_first + ase->n_apps; a++) {
		if (config->to.kind == ENDPOINT_APP && config->to.index != a)
			continue;
		for (size_t i = 0; i < world->model->apps[a].n_listen; i++)
			if (world->model->apps[a].listen[i].port == config->port &&
			    world->model->apps[a].listen[i].proto == PROTO_TCP)
				return a;
	}
	return NONE;
}

/* A worker of the app that is up; a stopped one where all are; NONE where the app runs nowhere. */
static uint32_t choose_worker(const struct world *world, uint32_t app, const struct tcb *front)
{
	uint32_t turn =
		(uint32_t)(random_join((uint64_t)be32_to(front->remote_addr) << 16 | be16_to(front->remote_port),
				       app) >>
			   33);
	uint32_t machine = app_worker(world, app, turn);
	if (machine != NONE)
		return machine;
	uint32_t ase = world->model->apps[app].ase;
	uint32_t first = machine_number(world, element_worker(world->model, ase, 0));
	if (world->app_on_all[app] && world->workers[ase] > 0)
		return first + turn % world->workers[ase];
	if (world->app_n_on[app] > 0)
		return first + world->app_on[app][turn % world->app_n_on[app]];
	return NONE;
}

static void bad_gateway(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	struct tcb *front = side(world, connection, ROLE_FRONT);
	if (!front || front->turn % 2 == 0)
		return; /* no reply is expected */
	connection->flags |= CONNECTION_BAD_GATEWAY;
	const struct dialogue *dialogue = dialogue_of(world, connection);
	if (!dialogue->bad_gateway) {
		tcp_abort(&world->tcp, front, world->now);
		return;
	}
	front->turn++;
	tcp_send(&world->tcp, front, dialogue->bad_gateway, world->now);
}

/* ---- the caller's side ---- */

static void pass_request(struct world *world, struct tcb *front)
{
	struct connection *connection = connection_at(world, front->connection);
	struct tcb *relay = side(world, connection, ROLE_RELAY);
	if (relay) {
		relay->turn = front->turn;
		tcp_send(&world->tcp, relay, turn_message(world, connection, front->turn - 1), world->now);
		return;
	}
	uint32_t app = app_of(world, connection, &world->machines[front->owner]);
	uint32_t worker = choose_worker(world, app, front);
	uint32_t id = front->connection;
	if (worker == NONE || !machine_call(world, front->owner, id, ROLE_RELAY, world->machines[worker].addr,
					    be16_to(front->local_port), RELAY_SYN_RETRIES))
		bad_gateway(world, id);
}

static void front_received(struct world *world, struct tcb *front, uint32_t bytes)
{
	struct connection *connection = connection_at(world, front->connection);
	const struct dialogue *dialogue = dialogue_of(world, connection);
	front->turn_bytes += bytes;
	if (front->turn >= dialogue->n_turns || front->turn % 2 == 1 ||
	    front->turn_bytes < turn_size(world, connection, front->turn))
		return;
	front->turn_bytes -= turn_size(world, connection, front->turn);
	front->turn++;
	if (front->turn <= dialogue->n_opening) { /* it ends TLS itself */
		const struct payload *hello = turn_message(world, connection, front->turn);
		front->turn++;
		tcp_send(&world->tcp, front, hello, world->now);
		return;
	}
	pass_request(world, front);
}

static void front_event(struct world *world, struct tcb *front, enum tcp_event event, uint32_t bytes)
{
	const struct connection *connection = connection_at(world, front->connection);
	struct tcb *relay = side(world, connection, ROLE_RELAY);
	switch (event) {
	case TCP_RECEIVED:
		front_received(world, front, bytes);
		return;
	case TCP_PEER_FIN:
		if (relay)
			tcp_close(&world->tcp, relay, world->now);
		tcp_close(&world->tcp, front, world->now);
		return;
	case TCP_RESET_BY_PEER:
	case TCP_TIMED_OUT:
	case TCP_REFUSED:
		if (relay)
			tcp_abort(&world->tcp, relay, world->now);
		return;
	case TCP_CONNECTED:
	case TCP_ACKED:
	case TCP_DONE:
		return;
	}
}

/* ---- the worker's side ---- */

static void relay_request(struct world *world, struct tcb *relay)
{
	const struct connection *connection = connection_at(world, relay->connection);
	const struct tcb *front = side(world, connection, ROLE_FRONT);
	if (!front)
		return;
	relay->turn = front->turn;
	tcp_send(&world->tcp, relay, turn_message(world, connection, front->turn - 1), world->now);
}

static void relay_received(struct world *world, struct tcb *relay, uint32_t bytes)
{
	struct connection *connection = connection_at(world, relay->connection);
	relay->turn_bytes += bytes;
	uint32_t size = turn_size(world, connection, relay->turn);
	if (relay->turn_bytes < size)
		return;
	relay->turn_bytes -= size;
	if (relay->turn < dialogue_of(world, connection)->n_opening) {
		relay_request(world, relay);
		return;
	}
	struct tcb *front = side(world, connection, ROLE_FRONT);
	if (!front || front->turn != relay->turn)
		return;
	front->turn++;
	tcp_send(&world->tcp, front, turn_message(world, connection, relay->turn), world->now);
}

static void relay_side_event(struct world *world, struct tcb *relay, enum tcp_event event, uint32_t bytes)
{
	struct connection *connection = connection_at(world, relay->connection);
	switch (event) {
	case TCP_CONNECTED:
		if (dialogue_of(world, connection)->n_opening > 0)
			caller_send_turn(world, relay);
		else
			relay_request(world, relay);
		return;
	case TCP_RECEIVED:
		relay_received(world, relay, bytes);
		return;
	case TCP_PEER_FIN:
		tcp_close(&world->tcp, relay, world->now);
		bad_gateway(world, relay->connection);
		return;
	case TCP_REFUSED:
	case TCP_RESET_BY_PEER:
	case TCP_TIMED_OUT:
		connection->tcb[ROLE_RELAY] = POOL_NONE;
		bad_gateway(world, relay->connection);
		return;
	case TCP_ACKED:
	case TCP_DONE:
		return;
	}
}

void relay_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	if (tcb->role == ROLE_RELAY)
		relay_side_event(world, tcb, event, bytes);
	else if (app_of(world, connection_at(world, tcb->connection), &world->machines[tcb->owner]) == NONE)
		server_event(world, tcb, event, bytes);
	else
		front_event(world, tcb, event, bytes);
}

/* DOC: sessions of FTP: where they are kept, and what the rest of the world asks of them. The two ends are
 * ftp_caller.c's and ftp_server.c's. */
#include "traffic/ftp_session.h"
#include <errno.h>

#define CHUNK_SHIFT 6u

struct ftp_flow {
	const struct ftp_script *script;
	struct ftp_session **chunks; /* by index of the connection in the flow; made as they start */
};

const struct ftp_script *ftp_script_of(const struct world *world, uint32_t id)
{
	return world->flows[connection_at(world, id)->flow].ftp->script;
}

struct ftp_session *ftp_session_of(const struct world *world, uint32_t id)
{
	const struct flow_state *flow = &world->flows[connection_at(world, id)->flow];
	uint32_t index = id - flow->first_connection;
	return &flow->ftp->chunks[index >> CHUNK_SHIFT][index & ((1u << CHUNK_SHIFT) - 1)];
}

struct tcb *ftp_control(const struct world *world, uint32_t id, enum ftp_end end)
{
	const struct connection *connection = connection_at(world, id);
	uint32_t server =
		connection->tcb[ROLE_FRONT] != POOL_NONE ? connection->tcb[ROLE_FRONT] : connection->tcb[ROLE_SERVER];
	uint32_t tcb = end == FTP_CALLER ? connection->tcb[ROLE_CALLER] : server;
	return tcb == POOL_NONE ? NULL : machine_tcb(world, tcb);
}

/* ---- making ---- */

bool ftp_is_spoken(const struct flow_config *config)
{
	return config->proto == PROTO_TCP && config->port == FTP_PORT && !config->has_no_dialogue;
}

int ftp_build(struct world *world, struct flow_state *flow, const struct flow_config *config)
{
	struct dialogue_config dialogue = {.flow = config->name,
					   .send_bytes = config->send_bytes,
					   .reply_bytes = config->reply_bytes,
					   .rounds = config->rounds};
	flow->ftp = arena_alloc(world->arena, sizeof *flow->ftp);
	if (!flow->ftp)
		return -ENOMEM;
	flow->ftp->script = ftp_script_new(world->arena, &dialogue);
	flow->ftp->chunks = arena_array(world->arena, (config->count >> CHUNK_SHIFT) + 1u, sizeof *flow->ftp->chunks);
	return flow->ftp->script && flow->ftp->chunks ? 0 : -ENOMEM;
}

bool ftp_start(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	const struct flow_state *flow = &world->flows[connection->flow];
	struct ftp_session **chunk = &flow->ftp->chunks[(id - flow->first_connection) >> CHUNK_SHIFT];
	if (!*chunk)
		*chunk = arena_array(world->arena, 1u << CHUNK_SHIFT, sizeof **chunk);
	if (!*chunk) {
		world_fail(world, -ENOMEM);
		return false;
	}
	connection->flags |= CONNECTION_FTP;
	ftp_session_of(world, id)->is_active = flow_of(world, connection)->ftp == FTP_MODE_ACTIVE;
	return true;
}

/* ---- the table's TCBs and ports ---- */

uint32_t *ftp_data_tcb(struct world *world, uint32_t id, enum role role)
{
	return &ftp_session_of(world, id)->data[role == ROLE_DATA_CALLER ? FTP_CALLER : FTP_SERVER];
}

/* As what the machine takes the data connection; ROLE_COUNT where none is due. */
enum role ftp_awaits_data(const struct world *world, uint32_t id, uint32_t machine, uint16_t port)
{
	const struct ftp_session *session = ftp_session_of(world, id);
	enum ftp_end end = session->is_active ? FTP_CALLER : FTP_SERVER;
	const struct tcb *control = ftp_control(world, id, end);
	bool is_awaited = session->holds_port && session->port == port && session->data[end] == POOL_NONE && control &&
			  control->owner == machine;
	return !is_awaited ? ROLE_COUNT : session->is_active ? ROLE_DATA_CALLER : ROLE_DATA_SERVER;
}

void ftp_give_port_back(struct ftp_session *session, uint32_t id)
{
	if (session->is_active)
		return; /* the caller's */
	if (session->holds_port)
		ftp_ports_give_back(session->ports, id, session->port);
	session->holds_port = false;
}

void ftp_tcb_gone(struct world *world, const struct tcb *tcb)
{
	struct ftp_session *session = ftp_session_of(world, tcb->connection);
	for (size_t i = 0; i < 2; i++)
		if (session->data[i] == tcb->index)
			session->data[i] = POOL_NONE;
	if (tcb->role == ROLE_SERVER || tcb->role == ROLE_FRONT)
		ftp_give_port_back(session, tcb->connection);
}

void ftp_abort_data(struct world *world, struct ftp_session *session, enum ftp_end end)
{
	if (session->data[end] != POOL_NONE)
		tcp_abort(&world->tcp, machine_tcb(world, session->data[end]), world->now);
	session->data[end] = POOL_NONE;
}

const struct payload *ftp_line_payload(struct world *world, uint32_t id, enum ftp_line line)
{
	const struct ftp_session *session = ftp_session_of(world, id);
	if (line != FTP_PASSIVE && line != FTP_ACTIVE)
		return ftp_script_of(world, id)->line[line];
	const struct payload *payload =
		ftp_lines_get(&world->ftp_lines, world->arena, line, session->own, session->port);
	if (!payload)
		world_fail(world, -ENOMEM);
	return payload;
}

uint32_t ftp_line_bytes(struct world *world, uint32_t id, enum ftp_line line)
{
	if (line == FTP_PASSIVE || line == FTP_ACTIVE)
		return ftp_session_of(world, id)->named_bytes;
	return ftp_script_of(world, id)->line[line]->size_bytes;
}

void ftp_hear(struct world *world, const struct tcb *tcb, const struct packet *packet)
{
	struct ftp_session *session = ftp_session_of(world, tcb->connection);
	uint8_t text[FTP_LINE_MAX_BYTES];
	struct ftp_named named;
	bool is_control = tcb->role == ROLE_CALLER || tcb->role == ROLE_SERVER || tcb->role == ROLE_FRONT;
	if (!is_control || packet->payload_bytes == 0 || packet->payload_bytes > sizeof text)
		return;
	payload_copy(packet->payload, packet->payload_offset, packet->payload_bytes, text);
	if (!ftp_read_named(text, packet->payload_bytes, &named))
		return;
	session->named = named.addr;
	session->to_port = named.port;
	session->named_bytes = (uint16_t)packet->payload_bytes;
}

/* ---- events and the timeout ---- */

void ftp_give_up(struct world *world, uint32_t id)
{
	ftp_abort_data(world, ftp_session_of(world, id), FTP_CALLER);
}

/* A number that changes while the session gets on: lines that come, data that come, data that are acknowledged. */
uint64_t ftp_progress(const struct world *world, uint32_t id)
{
	const struct ftp_session *session = ftp_session_of(world, id);
	uint32_t acked =
		session->data[FTP_CALLER] == POOL_NONE ? 0 : machine_tcb(world, session->data[FTP_CALLER])->snd_una;
	return (uint64_t)session->progress << 32 | acked;
}

void ftp_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	struct ftp_session *session = ftp_session_of(world, tcb->connection);
	switch ((enum role)tcb->role) {
	case ROLE_CALLER:
		session->progress++;
		ftp_caller_event(world, tcb, event, bytes);
		return;
	case ROLE_SERVER:
	case ROLE_FRONT:
		ftp_server_event(world, tcb, event, bytes);
		return;
	case ROLE_DATA_CALLER:
		session->progress++;
		if (session->data[FTP_CALLER] == tcb->index) /* not one of an earlier transfer, which closes */
			ftp_caller_data_event(world, tcb, event);
		return;
	case ROLE_DATA_SERVER:
		if (session->data[FTP_SERVER] == tcb->index)
			ftp_server_data_event(world, tcb, event);
		return;
	case ROLE_RELAY:
	case ROLE_COUNT:
		return;
	}
}

/* DOC: the server's end of an FTP session: a front end, or another machine that listens on port 21. It answers each
 * command. In active mode it opens the data connection, from port 20, when it hears STOR or RETR, and says 150 once
 * that is open; it calls whatever address PORT named. In passive mode it holds a passive port from PASV to the end of
 * the transfer (or of the session), and ends what it sends by closing the data connection at once. 226 follows when the
 * far end has everything: RETR's bytes are acknowledged, or STOR's FIN has come. */
#include "traffic/ftp_session.h"
#include <errno.h>

static void answer(struct world *world, struct tcb *server, enum ftp_line line)
{
	const struct payload *payload = ftp_line_payload(world, server->connection, line);
	if (payload)
		tcp_send(&world->tcp, server, payload, world->now);
}

static void fail(struct world *world, struct tcb *server, enum ftp_line line)
{
	struct ftp_session *session = ftp_session_of(world, server->connection);
	ftp_give_port_back(session, server->connection);
	session->failure = (uint8_t)line;
	answer(world, server, line);
}

/* A front end names the VIP that was called. Another server knows its own address alone, and behind a NAT that is not
 * what the caller reaches, unless it was configured to name another one. */
static be32 own_address(const struct world *world, const struct tcb *server)
{
	const struct machine *machine = &world->machines[server->owner];
	if (machine->kind == ELEMENT_FRONT_END)
		return connection_at(world, server->connection)->to_addr;
	if (machine->kind == ELEMENT_WORKER)
		return machine->addr;
	be32 configured = world->model->hosts[machine->owner].pasv_address;
	return configured.raw != 0 ? configured : machine->addr;
}

static void enter_passive_mode(struct world *world, struct tcb *server)
{
	struct ftp_session *session = ftp_session_of(world, server->connection);
	ftp_give_port_back(session, server->connection);
	session->data[FTP_SERVER] = POOL_NONE;
	session->ports = ftp_ports_of(world, server->owner);
	if (!session->ports) {
		world_fail(world, -ENOMEM);
		return;
	}
	uint16_t port = ftp_ports_take(session->ports, server->connection, world->now);
	if (port == 0) {
		fail(world, server, FTP_NO_DATA);
		return;
	}
	session->port = port;
	session->own = own_address(world, server);
	session->named_bytes = 0;
	session->holds_port = true;
	answer(world, server, FTP_PASSIVE);
}

static void open_data(struct world *world, struct tcb *server)
{
	const struct ftp_session *session = ftp_session_of(world, server->connection);
	if (!machine_call(world, server->owner, server->connection, ROLE_DATA_SERVER, session->named, session->to_port,
			  TCP_MAX_RETRANSMISSIONS))
		fail(world, server, FTP_NO_DATA);
}

static void begin_transfer(struct world *world, struct tcb *server)
{
	struct ftp_session *session = ftp_session_of(world, server->connection);
	if (session->data[FTP_SERVER] == POOL_NONE) {
		fail(world, server, FTP_NO_DATA);
		return;
	}
	session->is_opening = true;
	answer(world, server, FTP_OPENING);
	if (session->command != FTP_RETR)
		return;
	/* 150 leaves when this event is over; the data follow it. */
	uint32_t node = world->machines[server->owner].node;
	struct event event = {
		.at = world->now, .key = event_key(node, node), .kind = WHAT_FTP_RETRIEVAL, .a = server->connection};
	world_fail(world, queue_push(&world->queue, event));
}

void ftp_retrieve(struct world *world, uint32_t id)
{
	const struct ftp_session *session = ftp_session_of(world, id);
	if (session->data[FTP_SERVER] == POOL_NONE)
		return;
	struct tcb *data = machine_tcb(world, session->data[FTP_SERVER]);
	tcp_send(&world->tcp, data, ftp_script_of(world, id)->download, world->now);
	tcp_close(&world->tcp, data, world->now);
}

static void server_heard(struct world *world, struct tcb *server, enum ftp_line line)
{
	struct ftp_session *session = ftp_session_of(world, server->connection);
	if (line == FTP_PASV) {
		enter_passive_mode(world, server);
		return;
	}
	if (line == FTP_STOR || line == FTP_RETR) {
		session->is_opening = false;
		if (session->is_active)
			open_data(world, server);
		else
			begin_transfer(world, server);
		return;
	}
	answer(world, server, ftp_after(line));
	if (line != FTP_QUIT)
		return;
	ftp_give_port_back(ftp_session_of(world, server->connection), server->connection);
	tcp_close(&world->tcp, server, world->now);
}

static void server_lost(struct world *world, struct tcb *server)
{
	struct ftp_session *session = ftp_session_of(world, server->connection);
	ftp_give_port_back(session, server->connection);
	ftp_abort_data(world, session, FTP_SERVER);
}

void ftp_server_event(struct world *world, struct tcb *server, enum tcp_event event, uint32_t bytes)
{
	enum ftp_line line = (enum ftp_line)ftp_session_of(world, server->connection)->command;
	uint32_t due;
	switch (event) {
	case TCP_CONNECTED:
		answer(world, server, FTP_READY);
		return;
	case TCP_RECEIVED:
		server->turn_bytes += bytes;
		due = ftp_line_bytes(world, server->connection, line);
		if (due == 0 || server->turn_bytes < due)
			return;
		server->turn_bytes = 0;
		server_heard(world, server, line);
		return;
	case TCP_PEER_FIN:
		server_lost(world, server);
		tcp_close(&world->tcp, server, world->now);
		return;
	case TCP_RESET_BY_PEER:
	case TCP_TIMED_OUT:
	case TCP_REFUSED:
		server_lost(world, server);
		return;
	case TCP_ACKED:
	case TCP_DONE:
		return;
	}
}

static void transfer_done(struct world *world, uint32_t id)
{
	struct ftp_session *session = ftp_session_of(world, id);
	struct tcb *server = ftp_control(world, id, FTP_SERVER);
	session->data[FTP_SERVER] = POOL_NONE; /* it closes by itself */
	ftp_give_port_back(session, id);
	if (server)
		answer(world, server, FTP_COMPLETE);
}

void ftp_server_data_event(struct world *world, struct tcb *data, enum tcp_event event)
{
	uint32_t id = data->connection;
	struct ftp_session *session = ftp_session_of(world, id);
	struct tcb *server = ftp_control(world, id, FTP_SERVER);
	if (session->holds_port && !session->is_active)
		ftp_ports_touch(session->ports, id, session->port, world->now);
	switch (event) {
	case TCP_ACKED: /* of what RETR brings */
		transfer_done(world, id);
		return;
	case TCP_PEER_FIN:
		tcp_close(&world->tcp, data, world->now);
		if (session->command == FTP_STOR)
			transfer_done(world, id);
		return;
	case TCP_RESET_BY_PEER:
	case TCP_TIMED_OUT:
	case TCP_REFUSED:
		session->data[FTP_SERVER] = POOL_NONE;
		if (server && (session->command == FTP_STOR || session->command == FTP_RETR))
			fail(world, server, session->is_active && !session->is_opening ? FTP_NO_DATA : FTP_ABORTED);
		return;
	case TCP_CONNECTED:
		if (session->is_active && server)
			begin_transfer(world, server);
		return;
	case TCP_RECEIVED:
	case TCP_DONE:
		return;
	}
}

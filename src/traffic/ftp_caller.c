/* DOC: the caller's end of an FTP session. It says one thing at a time on the control connection, opens the data
 * connection where 227 says, or waits for it where its PORT says (an ephemeral port of its own for each), and takes a
 * transfer for done when it has heard 226 and, of RETR, has read to the end. What goes wrong, as it sees it:
 *
 *   425 for a port or a data connection   refused, then QUIT
 *   no answer to the data SYN             timed_out, then QUIT; a reset: refused
 *   the data connection is reset, or 426  reset
 *   the control connection is lost        as with every other protocol */
#include "traffic/ftp_session.h"

static void command(struct world *world, struct tcb *caller, enum ftp_line line)
{
	ftp_session_of(world, caller->connection)->command = (uint8_t)line;
	caller->turn = ftp_after(line);
	tcp_send(&world->tcp, caller, ftp_line_payload(world, caller->connection, line), world->now);
}

static void finish(struct world *world, struct tcb *caller)
{
	caller->turn = FTP_SILENCE;
	connection_over(world, caller->connection, OUTCOME_DELIVERED);
	switch (flow_of(world, connection_at(world, caller->connection))->then) {
	case THEN_CLOSE:
		command(world, caller, FTP_QUIT);
		return;
	case THEN_RESET:
		tcp_abort(&world->tcp, caller, world->now);
		return;
	case THEN_HOLD:
		return;
	}
}

/* Of a data connection: asks where to open it, or says where it is awaited. */
static void prepare(struct world *world, struct tcb *caller)
{
	uint32_t id = caller->connection;
	struct ftp_session *session = ftp_session_of(world, id);
	if (!session->is_active) {
		command(world, caller, FTP_PASV);
		return;
	}
	session->port = machine_port(world, &world->machines[caller->owner], caller->remote_addr, FTP_DATA_PORT);
	session->own = caller->local_addr;
	session->named_bytes = 0;
	session->holds_port = session->port != 0;
	if (session->holds_port) {
		command(world, caller, FTP_ACTIVE);
		return;
	}
	connection_over(world, id, OUTCOME_TIMED_OUT); /* it has no port left */
	command(world, caller, FTP_QUIT);
}

static void next_transfer(struct world *world, struct tcb *caller)
{
	const struct connection *connection = connection_at(world, caller->connection);
	const struct ftp_script *script = ftp_script_of(world, caller->connection);
	struct ftp_session *session = ftp_session_of(world, caller->connection);
	session->drained = session->confirmed = false;
	caller->turn = FTP_SILENCE;
	if (session->n_done == script->n_transfers)
		finish(world, caller);
	else if (session->n_done > 0 && session->n_done % script->per_round == 0 &&
		 flow_of(world, connection)->pause_ns > 0)
		connection_pause(world, caller->connection);
	else
		prepare(world, caller);
}

void ftp_pause_over(struct world *world, uint32_t id)
{
	struct tcb *caller = ftp_control(world, id, FTP_CALLER);
	if (caller)
		prepare(world, caller);
}

/* Over for the caller: with 226, and what RETR brings whole. */
static void transfer_moved(struct world *world, struct tcb *caller)
{
	struct ftp_session *session = ftp_session_of(world, caller->connection);
	if (!session->confirmed || (session->command == FTP_RETR && !session->drained))
		return;
	session->data[FTP_CALLER] = POOL_NONE; /* it closes by itself */
	session->holds_port = session->holds_port && !session->is_active;
	session->n_done++;
	next_transfer(world, caller);
}

static void data_failed(struct world *world, uint32_t id, enum outcome outcome)
{
	struct ftp_session *session = ftp_session_of(world, id);
	struct tcb *caller = ftp_control(world, id, FTP_CALLER);
	session->data[FTP_CALLER] = POOL_NONE;
	connection_over(world, id, outcome);
	if (caller && session->command == FTP_PASV)
		command(world, caller, FTP_QUIT);
	else if (caller)
		tcp_close(&world->tcp, caller, world->now);
}

static void open_data(struct world *world, struct tcb *caller)
{
	uint32_t id = caller->connection;
	const struct ftp_session *session = ftp_session_of(world, id);
	caller->turn = FTP_SILENCE;
	if (!machine_call(world, caller->owner, id, ROLE_DATA_CALLER, session->named, session->to_port,
			  TCP_MAX_RETRANSMISSIONS))
		data_failed(world, id, OUTCOME_TIMED_OUT);
}

static void store(struct world *world, uint32_t id)
{
	struct ftp_session *session = ftp_session_of(world, id);
	if (session->data[FTP_CALLER] == POOL_NONE)
		return;
	struct tcb *data = machine_tcb(world, session->data[FTP_CALLER]);
	tcp_send(&world->tcp, data, ftp_script_of(world, id)->upload, world->now);
	tcp_close(&world->tcp, data, world->now);
}

static void caller_heard(struct world *world, struct tcb *caller, enum ftp_line line)
{
	struct ftp_session *session = ftp_session_of(world, caller->connection);
	switch (line) {
	case FTP_READY:
	case FTP_NEED_PASSWORD:
	case FTP_LOGGED_IN:
		command(world, caller, ftp_after(line));
		return;
	case FTP_BINARY:
		next_transfer(world, caller);
		return;
	case FTP_PASSIVE:
		open_data(world, caller);
		return;
	case FTP_PORT_TAKEN:
		command(world, caller, ftp_transfer(ftp_script_of(world, caller->connection), session->n_done));
		return;
	case FTP_OPENING:
		caller->turn = FTP_COMPLETE;
		if (session->command == FTP_STOR)
			store(world, caller->connection);
		return;
	case FTP_COMPLETE:
		caller->turn = FTP_SILENCE;
		session->confirmed = true;
		transfer_moved(world, caller);
		return;
	case FTP_NO_DATA:
	case FTP_ABORTED:
		connection_over(world, caller->connection, line == FTP_NO_DATA ? OUTCOME_REFUSED : OUTCOME_RESET);
		session->failure = FTP_SILENCE;
		ftp_abort_data(world, session, FTP_CALLER);
		command(world, caller, ftp_after(line));
		return;
	case FTP_GOODBYE: /* the server closes */
	case FTP_SILENCE:
	case FTP_USER:
	case FTP_PASS:
	case FTP_TYPE:
	case FTP_PASV:
	case FTP_ACTIVE:
	case FTP_STOR:
	case FTP_RETR:
	case FTP_QUIT:
	case FTP_LINE_COUNT:
		caller->turn = FTP_SILENCE;
		return;
	}
}

/* What a caller that waits for `due` is going to hear. */
static enum ftp_line expected(const struct ftp_session *session, enum ftp_line due)
{
	bool no_data = session->failure == FTP_NO_DATA && (due == FTP_PASSIVE || due == FTP_OPENING);
	bool aborted = session->failure == FTP_ABORTED && due == FTP_COMPLETE;
	return no_data || aborted ? (enum ftp_line)session->failure : due;
}

static void caller_received(struct world *world, struct tcb *caller, uint32_t bytes)
{
	const struct ftp_session *session = ftp_session_of(world, caller->connection);
	caller->turn_bytes += bytes;
	while (caller->turn_bytes > 0 && caller->turn != FTP_SILENCE) {
		enum ftp_line line = expected(session, (enum ftp_line)caller->turn);
		uint32_t due = ftp_line_bytes(world, caller->connection, line);
		if (due == 0 || caller->turn_bytes < due)
			return;
		caller->turn_bytes -= due;
		caller_heard(world, caller, line);
	}
}

static void caller_lost(struct world *world, struct tcb *caller, enum outcome outcome)
{
	connection_over(world, caller->connection, outcome);
	ftp_abort_data(world, ftp_session_of(world, caller->connection), FTP_CALLER);
}

void ftp_caller_event(struct world *world, struct tcb *caller, enum tcp_event event, uint32_t bytes)
{
	switch (event) {
	case TCP_CONNECTED:
		caller->turn = FTP_READY;
		return;
	case TCP_RECEIVED:
		caller_received(world, caller, bytes);
		return;
	case TCP_PEER_FIN:
		caller_lost(world, caller, OUTCOME_RESET); /* after 221 all is over already */
		tcp_close(&world->tcp, caller, world->now);
		return;
	case TCP_REFUSED:
		caller_lost(world, caller, OUTCOME_REFUSED);
		return;
	case TCP_RESET_BY_PEER:
		caller_lost(world, caller, OUTCOME_RESET);
		return;
	case TCP_TIMED_OUT:
		caller_lost(world, caller, OUTCOME_TIMED_OUT);
		return;
	case TCP_ACKED:
	case TCP_DONE:
		return;
	}
}

void ftp_caller_data_event(struct world *world, struct tcb *data, enum tcp_event event)
{
	uint32_t id = data->connection;
	struct ftp_session *session = ftp_session_of(world, id);
	struct tcb *caller = ftp_control(world, id, FTP_CALLER);
	switch (event) {
	case TCP_CONNECTED:
		if (caller && !session->is_active)
			command(world, caller, ftp_transfer(ftp_script_of(world, id), session->n_done));
		return;
	case TCP_PEER_FIN:
		tcp_close(&world->tcp, data, world->now);
		session->drained = true;
		if (caller)
			transfer_moved(world, caller);
		return;
	case TCP_REFUSED:
		data_failed(world, id, OUTCOME_REFUSED);
		return;
	case TCP_RESET_BY_PEER:
		data_failed(world, id, OUTCOME_RESET);
		return;
	case TCP_TIMED_OUT:
		data_failed(world, id, OUTCOME_TIMED_OUT);
		return;
	case TCP_RECEIVED:
	case TCP_ACKED:
	case TCP_DONE:
		return;
	}
}

/* A session of FTP (host/ftp.h), for traffic/ftp*.c alone.
 *
 * DOC: a control connection from the caller to port 21, and one data connection after the other, which the caller opens
 * as well, or in active mode the server; all of them are the flow's connection. The control connection's TCBs are the
 * connection's own (ROLE_CALLER, ROLE_SERVER or ROLE_FRONT: a front end serves FTP itself). All else stands in a
 * session, and only flows of FTP have those.
 *
 * The end that waits for a data connection names its own address, and `named` is what the other end reads in that line
 * as it arrives: a NAT may have put another end there. Else an end knows what it hears by what the other end said last,
 * for TCP counts bytes. tcb->turn of the caller's control connection is the line that it expects; tcb->turn_bytes, of
 * either end, what has come of a line. */
#ifndef PKTPATH_TRAFFIC_FTP_SESSION_H
#define PKTPATH_TRAFFIC_FTP_SESSION_H
#include "host/ftp.h"
#include "traffic/ftp_ports.h"
#include "traffic/traffic.h"

enum ftp_end { FTP_CALLER, FTP_SERVER };

struct ftp_session {
	uint32_t data[2];  /* by enum ftp_end: TCBs of the data connection that is in use; POOL_NONE */
	uint32_t n_done;   /* transfers */
	uint32_t progress; /* changes with whatever the caller sees happen */
	struct ftp_ports *ports;
	uint16_t port;        /* at which the end waits that named it last, in 227 or PORT, */
	be32 own;             /* with this address */
	be32 named;           /* what the other end has read: an address, */
	uint16_t to_port;     /* a port, */
	uint16_t named_bytes; /* in a line of so many bytes; 0: it has not come */
	uint8_t command;      /* enum ftp_line: what the caller said last */
	uint8_t failure;      /* enum ftp_line: 425 or 426, which the server said in place of what was due; SILENCE */
	bool holds_port;      /* the end that named it listens there, or transfers */
	bool is_active;       /* it is the caller that named it, and the server opens the data connection */
	bool is_opening;      /* the server has said 150 */
	bool drained;         /* the caller has all that RETR brings */
	bool confirmed;       /* the caller has heard 226 */
};

/* ---- ftp.c ---- */
const struct ftp_script *ftp_script_of(const struct world *world, uint32_t connection);
struct ftp_session *ftp_session_of(const struct world *world, uint32_t connection);
struct tcb *ftp_control(const struct world *world, uint32_t connection, enum ftp_end end); /* NULL where it is gone */
/* What a line is, of this session now. NULL where memory is short, which the world remembers. */
const struct payload *ftp_line_payload(struct world *world, uint32_t connection, enum ftp_line line);
void ftp_abort_data(struct world *world, struct ftp_session *session, enum ftp_end end);
/* Of how many bytes it is as it arrives, behind NATs that may have changed it; 0: not known yet. */
uint32_t ftp_line_bytes(struct world *world, uint32_t connection, enum ftp_line line);
void ftp_give_port_back(struct ftp_session *session, uint32_t connection);

/* ---- ftp_caller.c, ftp_server.c: an end of the control connection, of the data connection in use ---- */
void ftp_caller_event(struct world *world, struct tcb *caller, enum tcp_event event, uint32_t bytes);
void ftp_caller_data_event(struct world *world, struct tcb *data, enum tcp_event event);
void ftp_server_event(struct world *world, struct tcb *server, enum tcp_event event, uint32_t bytes);
void ftp_server_data_event(struct world *world, struct tcb *data, enum tcp_event event);
#endif

/* FTP (RFC 959): what the two ends of a session say on the control connection, and in which order. Who says it when is
 * traffic/ftp.c's.
 *
 * DOC: a session, the server's lines indented:
 *
 *        220                       the server speaks first
 *   USER    331   PASS   230   TYPE I   200
 *   PASV    227   then the caller opens the data connection to the address and port that 227 names
 *   STOR    150   data from the caller, who ends them by closing the data connection     226
 *   PASV    227
 *   RETR    150   data from the server, who ends them the same way                       226
 *   QUIT    221   then the server closes
 *
 * In active mode PORT, which names an address and a port of the caller, and 200 stand in place of PASV and 227; the
 * server opens the data connection to that end, from port 20, before it says 150.
 *
 * A round stores `send` bytes and retrieves `reply` bytes, each by a PASV and a data connection of its own; a size of 0
 * leaves that half out. The caller says one thing at a time and waits for the answer. The server says no more than two
 * things in a row: 150 and what follows it. Where it can not do what was asked it says 425 in place of 227 or 150, or
 * 426 in place of 226. */
#ifndef PKTPATH_HOST_FTP_H
#define PKTPATH_HOST_FTP_H
#include "host/dialogue.h"

#define FTP_PORT 21u
#define FTP_DATA_PORT 20u /* from which a server opens data connections */

enum ftp_line {
	FTP_SILENCE, /* nothing is said, or awaited */
	/* the caller's */
	FTP_USER,
	FTP_PASS,
	FTP_TYPE,
	FTP_PASV,
	FTP_ACTIVE, /* PORT */
	FTP_STOR,
	FTP_RETR,
	FTP_QUIT,
	/* the server's */
	FTP_READY,         /* 220 */
	FTP_NEED_PASSWORD, /* 331 */
	FTP_LOGGED_IN,     /* 230 */
	FTP_BINARY,        /* 200 */
	FTP_PASSIVE,       /* 227 */
	FTP_PORT_TAKEN,    /* 200 */
	FTP_OPENING,       /* 150 */
	FTP_COMPLETE,      /* 226 */
	FTP_NO_DATA,       /* 425 */
	FTP_ABORTED,       /* 426 */
	FTP_GOODBYE,       /* 221 */
	FTP_LINE_COUNT
};
const char *ftp_line_word(enum ftp_line line); /* "PASV", "227"; "" for SILENCE */

/* What the other end says to a line: the server's answer to a command where nothing is in the way, the caller's next
 * command after an answer. SILENCE where that depends on more than the line. */
enum ftp_line ftp_after(enum ftp_line line);

/* Made once a flow. */
struct ftp_script {
	/* NULL for SILENCE, and for PASSIVE and ACTIVE, which name an address */
	const struct payload *line[FTP_LINE_COUNT];
	const struct payload *upload, *download; /* NULL where a round has none */
	uint32_t per_round, n_transfers;         /* 0 to 2 a round */
};
/* NULL where memory is short. `server_name` and `port` are not asked. */
const struct ftp_script *ftp_script_new(struct arena *arena, const struct dialogue_config *config);
/* The command of a session's n-th transfer: STOR or RETR. */
enum ftp_line ftp_transfer(const struct ftp_script *script, uint32_t n);

/* ---- lines that name an address and a port ---- */

/* "227 Entering Passive Mode (192,23,1,2,39,17).", "PORT 192,168,1,2,200,1" */
#define FTP_LINE_MAX_BYTES 128u
struct ftp_named {
	enum ftp_line line; /* PASSIVE or ACTIVE */
	be32 addr;
	uint16_t port;
	uint32_t at, n_bytes; /* where in the text the numbers stand */
};
/* What a whole line at the beginning of a segment names; false where it is no such line. */
bool ftp_read_named(const uint8_t *text, size_t size_bytes, struct ftp_named *ret);

/* Lines of this kind, made once and kept: payloads live as long as the run, and sessions are many. */
struct ftp_lines;
/* A zeroed pointer is an empty collection. NULL where memory is short. */
const struct payload *ftp_lines_get(struct ftp_lines **lines, struct arena *arena, enum ftp_line line, be32 addr,
				    uint16_t port);
/* The text with other numbers in it. */
const struct payload *ftp_lines_renamed(struct ftp_lines **lines, struct arena *arena, const uint8_t *text,
					size_t size_bytes, const struct ftp_named *named, be32 addr, uint16_t port);
#endif

/* FTP (RFC 959) in passive mode: what the two ends of a session say on the control connection, and in which order. Who
 * says it when is traffic/ftp.c's.
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
 * A round stores `send` bytes and retrieves `reply` bytes, each by a PASV and a data connection of its own; a size of 0
 * leaves that half out. The caller says one thing at a time and waits for the answer. The server says no more than two
 * things in a row: 150 and what follows it. Where it can not do what was asked it says 425 in place of 227 or 150, or
 * 426 in place of 226. */
#ifndef PKTPATH_HOST_FTP_H
#define PKTPATH_HOST_FTP_H
#include "host/dialogue.h"

#define FTP_PORT 21u

enum ftp_line {
	FTP_SILENCE, /* nothing is said, or awaited */
	/* the caller's */
	FTP_USER,
	FTP_PASS,
	FTP_TYPE,
	FTP_PASV,
	FTP_STOR,
	FTP_RETR,
	FTP_QUIT,
	/* the server's */
	FTP_READY,         /* 220 */
	FTP_NEED_PASSWORD, /* 331 */
	FTP_LOGGED_IN,     /* 230 */
	FTP_BINARY,        /* 200 */
	FTP_PASSIVE,       /* 227 */
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
	const struct payload *line[FTP_LINE_COUNT]; /* NULL for SILENCE, and for PASSIVE, which names an address */
	const struct payload *upload, *download;    /* NULL where a round has none */
	uint32_t per_round, n_transfers;            /* 0 to 2 a round */
};
/* NULL where memory is short. `server_name` and `port` are not asked. */
const struct ftp_script *ftp_script_new(struct arena *arena, const struct dialogue_config *config);
/* The command of a session's n-th transfer: STOR or RETR. */
enum ftp_line ftp_transfer(const struct ftp_script *script, uint32_t n);
/* "227 Entering Passive Mode (192,23,1,2,39,17)." */
const struct payload *ftp_passive_line(struct arena *arena, be32 addr, uint16_t port);
#endif

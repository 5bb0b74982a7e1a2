/* The sessions of what is stateful between two ends: a firewall, an appliance that filters. A session is opened by the
 * packet that a rule allowed; later packets of it, either way, pass without a look at the rules.
 *
 * DOC: a session joins the tuple as it arrives from the side that opened it with the tuple as it leaves to the other
 * side; both are the same where nothing is translated. It is found by either. It ends after a time without traffic,
 * with a reset, or some time after both sides have ended; nothing needs to happen for that: the next look-up finds it due.
 */
#ifndef PKTPATH_RULE_SESSION_H
#define PKTPATH_RULE_SESSION_H
#include "base/time.h"
#include "net/tuple.h"
#include <stdbool.h>
#include <stddef.h>

enum session_flag {
	SESSION_FIN = 1,      /* the side that opened it has sent FIN */
	SESSION_FIN_BACK = 2, /* the other side */
	SESSION_ENDED = 4,
	SESSION_ANSWERED = 8,    /* the other side has sent something */
	SESSION_TRANSLATED = 16, /* the owner's: its source is translated outside of this table */
	SESSION_RESETS = 32,     /* the owner's: both ends are reset where it is idle for too long */
	SESSION_PROXIED = 64,    /* the owner's */
};
struct session {
	struct tuple from, to;
	const void *rule; /* the owner's: what allowed it */
	void *more;       /* the owner's */
	int64_t idle_ns;
	struct instant last;
	uint32_t connection;           /* of the packet that opened it */
	uint32_t from_acked, to_acked; /* the acknowledgments that each side sent last; 0: none */
	uint32_t flags;                /* enum session_flag */
};

struct sessions;
int sessions_new(struct sessions **ret); /* 0, -ENOMEM */
struct sessions *sessions_free(struct sessions *sessions);

/* The live session of a packet that arrives with this tuple; NULL. *ret_back: it comes from the side that did not open
 * it. Serves until the next session_open(). */
struct session *session_find(const struct sessions *sessions, const struct tuple *tuple, struct instant now,
			     bool *ret_back);
/* The same, be it live or not, either way: the newest; NULL where none is known any more. */
const struct session *session_last(const struct sessions *sessions, const struct tuple *tuple);
/* A new one in place of an old one with the same tuples; NULL where memory is short. */
struct session *session_open(struct sessions *sessions, const struct tuple *from, const struct tuple *to,
			     struct instant now);
/* The other side's tuple has changed: false where memory is short. */
bool session_leaves_as(struct sessions *sessions, struct session *session, const struct tuple *to);
/* A packet of it passes. */
void session_note(struct session *session, bool back, uint8_t tcp_flags, uint32_t tcp_ack, struct instant now);
void session_end(struct session *session);
/* Is a packet with this tuple, arriving, of none yet? For choosing ports. */
bool session_is_free(const struct sessions *sessions, const struct tuple *arriving, struct instant now);
/* All of them, dead ones, too, in the order in which they were opened: *at begins with 0. NULL at the end. */
struct session *session_next(const struct sessions *sessions, size_t *at);
struct instant session_due(const struct session *session);
static inline bool session_is_live(const struct session *session, struct instant now)
{
	return (session->flags & SESSION_ENDED) == 0 && instant_before(now, session_due(session));
}
#endif

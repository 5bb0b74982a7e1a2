/* What two ends say to each other: turns that alternate, the caller first. HTTP/1.1 on port 80, TLS records on 443,
 * readable text elsewhere. A dialogue belongs to a flow and is shared by its connections.
 *
 * DOC: `send` and `reply` count bytes of TCP (UDP) payload in a round, framing included, so that a capture's arithmetic
 * is the scenario's. Where framing alone is longer (an HTTP header, a TLS record) the message is as long as that.
 * Files: dialogue.c, http.c, tls.c, text.c, dns.c. */
#ifndef PKTPATH_HOST_DIALOGUE_H
#define PKTPATH_HOST_DIALOGUE_H
#include "net/addr.h"
#include "net/payload.h"
#include <stdbool.h>

struct arena;

enum dialogue_kind { DIALOGUE_TEXT, DIALOGUE_HTTP, DIALOGUE_TLS };

struct dialogue {
	enum dialogue_kind kind;
	uint32_t n_opening; /* turns before the first round: TLS 2 (ClientHello; ServerHello...), others 0 */
	uint32_t n_turns;   /* n_opening + 2 * rounds */
	const struct payload *opening[2];
	const struct payload
		*first_request; /* of round 0: with TLS it is preceded by the client's Finished, in the same message */
	const struct payload *request; /* of later rounds */
	const struct payload *reply;
	const struct payload
		*bad_gateway; /* HTTP 502 instead of a reply; for TLS an application data record, NULL for text */
};

struct dialogue_config {
	const char *flow;        /* its name stands in every payload */
	const char *server_name; /* Host and SNI: a DNS name, or a printed address (then no SNI: RFC 6066 3) */
	uint16_t port;
	uint32_t send_bytes, reply_bytes, rounds;
	uint64_t seed; /* for random, session id and "encrypted" bytes */
};
/* By port: 80 HTTP, 443 TLS, else text. NULL where memory is short. `reply_bytes` 0 is an empty reply: text: no reply
 * turn is awaited (n_turns is then n_opening + rounds and only requests are sent); HTTP: 204 No Content. */
const struct dialogue *dialogue_new(struct arena *arena, const struct dialogue_config *config);
/* The message of turn `turn` (even: caller's, odd: the other's). */
const struct payload *dialogue_message(const struct dialogue *dialogue, uint32_t turn);
/* Whether turn `turn` is the caller's: the even ones, or all of them where no reply is awaited. */
static inline bool dialogue_is_callers(const struct dialogue *dialogue, uint32_t turn)
{
	return !dialogue->reply || turn % 2 == 0;
}

/* DNS (RFC 1035): an A query, and its answer (TTL 60 s; NXDOMAIN where addr is NULL). NULL where memory is short. */
const struct payload *dns_query(struct arena *arena, uint16_t id, const char *name);
const struct payload *dns_answer(struct arena *arena, uint16_t id, const char *name, const be32 *addr);
/* The same, `size_bytes` long: what is left over is EDNS padding. Where framing alone is longer the message is as long
 * as that. */
const struct payload *dns_padded_query(struct arena *arena, uint16_t id, const char *name, uint32_t size_bytes);
const struct payload *dns_padded_answer(struct arena *arena, uint16_t id, const char *name, const be32 *addr,
					uint32_t size_bytes);
/* Readable text that names the flow, `size_bytes` long: "pktpath flow=call-sql dir=request ..." repeated. For UDP, echo
 * and late data. */
const struct payload *text_payload(struct arena *arena, const char *flow, const char *direction, uint32_t size_bytes);
#endif

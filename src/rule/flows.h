/* Flows of a load balancer: which backend has a connection, and until when the balancer knows that.
 *
 * DOC: a flow is known by the five-tuple of what arrives. It ends after a time of silence, in both directions together;
 * each flow belongs to a lane, whose idle time it has. A lane is a list in the order of the last use, and one idle time
 * makes that the order of the ends: a packet moves its flow to the end of a list, an expired one is found at a head. So
 * a packet costs one look-up and no timer. Time is an argument; nothing here is random. */
#ifndef PKTPATH_RULE_FLOWS_H
#define PKTPATH_RULE_FLOWS_H
#include "base/time.h"
#include "net/tuple.h"
#include <stdbool.h>

struct flows;
struct balanced_flow {
	struct tuple arriving; /* as the caller sends it */
	uint32_t backend;      /* the owner's number */
	uint32_t lane;
	struct instant created, last_used;
	uint64_t packets, bytes; /* both directions */
	/* of a flow whose ends are reset: what each expects next, see flows_note() */
	uint32_t reference, caller_ack, backend_ack;
	bool caller_acked, backend_acked, closing;
};

/* A lane for each idle time. 0 or -ENOMEM. */
int flows_new(const int64_t *idle_ns, uint32_t n_lanes, struct flows **ret);
struct flows *flows_free(struct flows *flows);
/* NULL where there is none, or the flow has been silent for too long. Valid until the next call that changes. */
const struct balanced_flow *flows_find(const struct flows *flows, const struct tuple *arriving, struct instant now);
/* The same, however long it has been silent; it is forgotten for good when another flow is opened. */
const struct balanced_flow *flows_last(const struct flows *flows, const struct tuple *arriving);
/* A packet of the flow; the flow is opened where there is none, and has this backend from now on. 0 or -ENOMEM. */
int flows_open(struct flows *flows, const struct tuple *arriving, uint32_t lane, uint32_t backend, uint32_t ip_bytes,
	       struct instant now);
/* A packet of a flow that is live; false where there is none. */
bool flows_use(struct flows *flows, const struct tuple *arriving, uint32_t ip_bytes, struct instant now);
/* Flows of this lane stay until flows_take_due() takes them out. */
void flows_watch(struct flows *flows, uint32_t lane);
/* An acknowledgment that passed, of a flow that is there; `reference` is the caller's own. */
void flows_note(struct flows *flows, const struct tuple *arriving, bool by_backend, uint32_t ack, uint32_t reference);
/* A FIN or a reset passed: the connection is no longer open. Or a SYN: it opens again. */
void flows_note_closing(struct flows *flows, const struct tuple *arriving, bool closing);
/* When the next flow of the watched lanes ends; NEVER. */
struct instant flows_due(const struct flows *flows);
/* Takes one out that has ended; false where none has. */
bool flows_take_due(struct flows *flows, struct instant now, struct balanced_flow *ret);
void flows_clear(struct flows *flows);
struct instant flows_end(const struct flows *flows, const struct balanced_flow *flow); /* if nothing more passes */
/* Those that live, in the order of their lanes and last use. A negative return ends it and is returned. */
int flows_each(const struct flows *flows, struct instant now,
	       int (*each)(void *context, const struct balanced_flow *flow), void *context);
#endif

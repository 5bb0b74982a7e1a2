/* What pictures keep of a run: of chosen connections each packet with the places that it passed. */
#ifndef PKTPATH_VIEW_KEPT_PACKETS_H
#define PKTPATH_VIEW_KEPT_PACKETS_H
#include "facade/facade.h"
#include "out/explain.h"

#define RECORD_MAX_STOPS 24u /* of a packet; a loop of routes ends in ttl-expired after more than that */

struct recorded_stop {
	struct instant at;
	uint32_t node;
	enum step_kind kind;
	uint32_t flags;
	struct verdict verdict;
	struct tuple before, after;
};
struct recorded_packet {
	struct recorded_packet *before, *next;
	uint64_t id;
	char what[EXPLAIN_PACKET_BYTES];
	bool opening, retransmission, ended, lost, first; /* first: among those that are always kept */
	uint64_t n_skipped, n_skipped_lost;               /* packets before this one that were let go */
	struct recorded_stop *stops;
	size_t n, capacity;
	uint64_t n_stops_left_out; /* before the last one */
};
struct recorded_call {
	uint32_t flow, index;
	struct recorded_packet *head, *tail;
	size_t n, n_marked;         /* kept now; of them lost ones and retransmissions */
	struct recorded_call *next; /* of the same flow */
};
struct kept_packets;

/* Observes the run, which has not begun. Only connections that were added are kept. 0, -ENOMEM, -ENOSPC. */
int kept_packets_new(struct pp_run *run, struct kept_packets **ret);
int kept_packets_add(struct kept_packets *kept, uint32_t flow, uint32_t index);
const struct recorded_call *kept_packets_of(const struct kept_packets *kept, uint32_t flow,
					    uint32_t index); /* NULL: not added */
/* Has nothing of it happened after this time? */
bool kept_packets_end_by(const struct recorded_call *call, int64_t ns);
struct kept_packets *kept_packets_free(struct kept_packets *kept);
#endif

/* What pictures keep of a run: of chosen connections each packet with the places that it passed. */
#ifndef PKTPATH_VIEW_RECORDER_H
#define PKTPATH_VIEW_RECORDER_H
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
struct recorder;

/* Observes the run, which has not begun. Only connections that were added are kept. 0, -ENOMEM, -ENOSPC. */
int recorder_new(struct pp_run *run, struct recorder **ret);
int recorder_add(struct recorder *recorder, uint32_t flow, uint32_t index);
const struct recorded_call *recorder_call(const struct recorder *recorder, uint32_t flow,
					  uint32_t index); /* NULL: not added */
struct recorder *recorder_free(struct recorder *recorder);
#endif

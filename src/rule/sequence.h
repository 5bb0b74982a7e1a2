/* Sequence numbers of one direction of a connection in which a NAT lets a line grow or shrink.
 *
 * DOC: what is sent behind the changed segment is shifted by as many bytes as it grew, and what the other end
 * acknowledges is shifted back. A segment that comes again is changed as before, so one place is remembered: lines of a
 * dialogue follow each other, and what was before the last of them has arrived. */
#ifndef PKTPATH_RULE_SEQUENCE_H
#define PKTPATH_RULE_SEQUENCE_H
#include <stdbool.h>
#include <stdint.h>

struct sequence_shift {
	uint32_t at;           /* of the last segment that was changed, as its sender counts */
	int32_t before, after; /* by how much what is up to there, and behind it, is shifted */
	bool is_used;
};

/* The segment with this sequence number, as its sender counts, is `by` bytes longer when it leaves. */
void sequence_grow(struct sequence_shift *shift, uint32_t seq, int32_t by);
/* A sequence number of the sender, as the receiver gets it. */
uint32_t sequence_there(const struct sequence_shift *shift, uint32_t seq);
/* An acknowledgment of the receiver, as the sender gets it. */
uint32_t sequence_back(const struct sequence_shift *shift, uint32_t ack);
#endif

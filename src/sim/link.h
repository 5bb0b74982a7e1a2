/* A link: the only thing that takes time. One way; decides whether a packet is lost and when it arrives.
 *
 * DOC: arrival = departure + latency + jitter, where departure waits for the line to be free when the link has a rate.
 * Random choices are by counter (base/random.h): the link's identity joined with the packet's, so other packets do not
 * change them. Without jitter packets arrive in the order sent. */
#ifndef PKTPATH_SIM_LINK_H
#define PKTPATH_SIM_LINK_H
#include "base/time.h"
#include "net/reason.h"

struct link_properties {
	int64_t latency_ns;
	int64_t jitter_ns;
	uint64_t loss_parts; /* in 2^32 */
	uint64_t rate_bits_per_s;
	uint64_t queue_bytes;
	bool up;
};

/* What a link with a rate remembers. */
struct link_state {
	struct instant free_at; /* when the last packet accepted so far has left */
};

struct link_outcome {
	enum reason reason; /* REASON_NONE, LINK_DOWN, LINK_LOSS, QUEUE_FULL */
	int64_t delay_ns;
	bool constant; /* delay_ns is the latency and nothing else */
};

/* `random` identifies link and packet. `state` may be NULL where the link has no rate. */
struct link_outcome link_carry(const struct link_properties *properties, struct link_state *state, uint64_t random,
			       uint32_t frame_bytes, struct instant now);
#endif

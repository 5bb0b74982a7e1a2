/* What a link does to a packet: loses it, delays it, queues it. */
#include "sim/link.h"
#include "base/random.h"
#include "base/wide.h"

/* Bytes that wait at `now` for a line that is busy for `busy_ns` more. */
static uint64_t waiting_bytes(uint64_t rate_bits_per_s, int64_t busy_ns)
{
	return wide_quotient(wide_product((uint64_t)busy_ns, rate_bits_per_s), 8u * (uint64_t)NS_PER_S, NULL).low;
}

struct link_outcome link_carry(const struct link_properties *properties, struct link_state *state, uint64_t random,
			       uint32_t frame_bytes, struct instant now)
{
	if (!properties->up)
		return (struct link_outcome){.reason = REASON_LINK_DOWN};
	if (properties->loss_parts > 0 && random_mix(random) >> 32 < properties->loss_parts)
		return (struct link_outcome){.reason = REASON_LINK_LOSS};

	struct link_outcome outcome = {.delay_ns = properties->latency_ns, .constant = true};
	if (properties->rate_bits_per_s > 0 && state) {
		int64_t busy_ns = instant_before(now, state->free_at) ? instant_since(state->free_at, now) : 0;
		if (properties->queue_bytes > 0 && busy_ns > 0 &&
		    waiting_bytes(properties->rate_bits_per_s, busy_ns) + frame_bytes > properties->queue_bytes)
			return (struct link_outcome){.reason = REASON_QUEUE_FULL};
		/* Whole: a frame of 2^32 bytes takes more than 64 bits at 10^9 parts a second. */
		struct wide line = wide_quotient(wide_product((uint64_t)frame_bytes * 8u, (uint64_t)NS_PER_S),
						 properties->rate_bits_per_s, NULL);
		uint64_t line_ns = line.high ? UINT64_MAX : line.low;
		int64_t leaves_ns = busy_ns + (line_ns > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)line_ns);
		state->free_at = instant_add(now, leaves_ns);
		outcome.delay_ns += leaves_ns;
		outcome.constant = false;
	}
	if (properties->jitter_ns > 0) {
		outcome.delay_ns +=
			(int64_t)wide_product((uint64_t)properties->jitter_ns + 1, random_mix(random + 1)).high;
		outcome.constant = false;
	}
	return outcome;
}

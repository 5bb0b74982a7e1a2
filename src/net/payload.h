/* What a message says, as a view: packets carry (payload, offset, length), and bytes are written only where a writer
 * asks.
 *
 * DOC: a payload is a head, then a cycle of bytes repeated, then a tail, so that a message of a gigabyte takes a few
 * kilobytes. The Internet checksum of any slice comes from prefix sums in constant time, so a packet costs the same
 * with 1 byte as with 1460. A payload never changes once made; packets borrow it; it lives as long as the arena that it
 * was made in. */
#ifndef PKTPATH_NET_PAYLOAD_H
#define PKTPATH_NET_PAYLOAD_H
#include <stddef.h>
#include <stdint.h>

struct arena;

struct payload_extent {
	const uint8_t *bytes;
	const uint32_t *sums; /* sums[i]: one's complement sum, not folded below 32 bits, of big-endian words 0..i-1 */
	uint32_t size_bytes;  /* of one repetition */
	uint32_t repeat;      /* how often it stands; 0 and 1 but for the cycle */
};

#define PAYLOAD_SLICE_BYTES 1460u /* what a TCP segment on Ethernet carries */
#define PAYLOAD_MAX_SLICES 256u

struct payload {
	uint32_t size_bytes;
	uint32_t n_slices;
	const uint16_t *
		/* sums of the first slices of PAYLOAD_SLICE_BYTES, the last one shorter: most that is sent is one of
		 * them */
		slices;
	struct payload_extent part[3]; /* head, cycle, tail */
};

#define PAYLOAD_MAX_BYTES UINT32_C(1073741824)

/* All bytes given are copied. cycle_bytes may be 0. Total over PAYLOAD_MAX_BYTES or short memory: NULL. */
const struct payload *payload_new(struct arena *arena, const void *head, size_t head_bytes, const void *cycle,
				  size_t cycle_bytes, uint32_t repeat, const void *tail, size_t tail_bytes);
/* Writes bytes [offset, offset + size) to `out`. The slice lies inside the payload. */
void payload_copy(const struct payload *payload, uint32_t offset, uint32_t size_bytes, uint8_t *out);
/* The one's complement sum (folded to 16 bits, not inverted, host order of the big-endian words) of the slice, as if it
 * began at an even position of the message that is being summed. */
uint32_t payload_sum(const struct payload *payload, uint32_t offset, uint32_t size_bytes);
#endif

/* Data that arrived beyond a hole.
 *
 * DOC: ranges of sequence numbers, no bytes. They stand in the order in which they last grew, because that is the order
 * in which RFC 2018 4 wants them reported: the first SACK block is the one with the segment that just arrived. Ranges
 * neither overlap nor touch. There is room for 64 holes at once; what finds none is forgotten, which is allowed to a
 * receiver and costs the sender a retransmission. Nothing is allocated while data arrive in order. */
#include "host/tcp_internal.h"
#include <stdlib.h>
#include <string.h>

#define MAX_RANGES 64u

struct range {
	uint32_t start, end;
};

struct tcp_ranges {
	uint32_t n;
	bool fin; /* the peer's FIN is the number before fin_end */
	uint32_t fin_end;
	struct range range[MAX_RANGES];
};

static void remove_range(struct tcp_ranges *r, uint32_t i)
{
	r->n--;
	memmove(&r->range[i], &r->range[i + 1], (r->n - i) * sizeof(r->range[0]));
}

void tcp_ranges_add(struct tcp_ranges **ranges, uint32_t start, uint32_t end, bool fin)
{
	struct tcp_ranges *r = *ranges;

	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return;
		*ranges = r;
	}
	struct range grown = {start, end};
	for (uint32_t i = 0; i < r->n;) {
		const struct range *have = &r->range[i];
		if (seq_before(grown.end, have->start) || seq_before(have->end, grown.start)) {
			i++;
			continue;
		}
		if (seq_before(have->start, grown.start))
			grown.start = have->start;
		if (seq_before(grown.end, have->end))
			grown.end = have->end;
		remove_range(r, i);
	}
	if (r->n == MAX_RANGES)
		return;
	memmove(&r->range[1], &r->range[0], r->n * sizeof(r->range[0]));
	r->range[0] = grown;
	r->n++;
	if (fin) {
		r->fin = true;
		r->fin_end = end;
	}
}

uint32_t tcp_ranges_take(struct tcp_ranges **ranges, uint32_t rcv_nxt, bool *ret_fin)
{
	struct tcp_ranges *r = *ranges;

	*ret_fin = false;
	if (!r)
		return rcv_nxt;
	/* They do not touch, so one at the most continues rcv_nxt; those that a longer segment has covered go as
	 * well. */
	for (uint32_t i = 0; i < r->n;) {
		if (seq_before(rcv_nxt, r->range[i].start)) {
			i++;
			continue;
		}
		if (seq_before(rcv_nxt, r->range[i].end)) {
			rcv_nxt = r->range[i].end;
			remove_range(r, i);
			i = 0;
			continue;
		}
		remove_range(r, i);
	}
	*ret_fin = r->fin && seq_reached(rcv_nxt, r->fin_end);
	if (r->n == 0) {
		free(r);
		*ranges = NULL;
	}
	return rcv_nxt;
}

uint32_t tcp_ranges_blocks(const struct tcp_ranges *ranges, uint32_t blocks[TCP_SACK_BLOCKS][2])
{
	if (!ranges)
		return 0;
	uint32_t n = ranges->n < TCP_SACK_BLOCKS ? ranges->n : TCP_SACK_BLOCKS;
	for (uint32_t i = 0; i < n; i++) {
		blocks[i][0] = ranges->range[i].start;
		blocks[i][1] = ranges->range[i].end;
	}
	return n;
}

void tcp_deinit(struct tcb *tcb)
{
	free(tcb->out_of_order);
	tcb->out_of_order = NULL;
}

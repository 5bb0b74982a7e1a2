/* TCP and the path's MTU (RFC 1191; RFC 9293 3.7.5).
 *
 * DOC: all segments carry DF. A router that cannot pass one on drops it and says in an ICMP error what it could have
 * passed. The error is no sign of congestion: the loss is the router's rule, so neither the time-out nor the congestion
 * window suffers. What is outstanding is cut again and sent at once, as Linux does (tcp_simple_retransmit), which counts
 * these segments as retransmissions, as their sequence numbers were sent before, but not among those that lead to R2.
 * RFC 1191 6.4 would start slowly; Linux does not, and the same bytes are in flight as before.
 *
 * Each of several segments in flight has its error. The first does it all: for the others the MTU is no news. A short
 * last segment of a message was small enough and has arrived, it is not retransmitted; nor is a FIN of its own.
 *
 * Ours where the standard leaves a choice: never below 536 bytes, whatever the error says, so that a forged one cannot
 * make a connection crawl (as Linux's min_pmtu); nothing raises the size again (RFC 1191 6.3 would try after ten
 * minutes). An error that comes before the peer's MSS is known counts as well: the smaller one holds. */
#include "host/tcp_internal.h"

#define HEADERS_BYTES 40u /* IP and TCP */
#define LEAST_MSS_BYTES 536u

/* RFC 1191 7.1: sizes of common links, for routers that do not say theirs. Smaller ones are below the least anyway. */
static uint16_t plateau_below(uint16_t mtu)
{
	static const uint16_t plateaus[] = {1492, 1006, 508};
	size_t i = 0;

	while (i + 1 < sizeof plateaus / sizeof *plateaus && plateaus[i] >= mtu)
		i++;
	return plateaus[i];
}

/* Where that which has to be retransmitted ends. */
static uint32_t lost_end(const struct tcb *tcb, uint32_t old_mss)
{
	uint32_t end = tcb->message_seq + tcb->message->size_bytes;

	if (seq_before(tcb->snd_max, end))
		return tcb->snd_max;
	/* Segments of odd sizes are about once some were cut again: which of them are the last is not known. */
	if (tcb_has(tcb, TCB_CUT_ANEW) || (tcb->snd_una - tcb->message_seq) % old_mss != 0)
		return end;
	uint32_t last = (end - tcb->snd_una) % old_mss;
	return last <= tcb->mss ? end - last : end;
}

void tcp_too_big(const struct tcp_env *env, struct tcb *tcb, uint16_t mtu, struct instant now)
{
	if (tcb->state == TCP_CLOSED)
		return;
	uint32_t next_mtu = mtu == 0 ? plateau_below((uint16_t)(tcb->mss + HEADERS_BYTES)) : mtu;
	uint32_t mss = next_mtu > LEAST_MSS_BYTES + HEADERS_BYTES ? next_mtu - HEADERS_BYTES : LEAST_MSS_BYTES;
	uint32_t old_mss = tcb->mss;
	if (mss >= old_mss)
		return;
	tcb->mss = (uint16_t)mss;
	if (tcb->state < TCP_ESTABLISHED)
		return;
	tcp_congestion_cut_anew(tcb, old_mss);
	if (tcb->message && seq_before(tcb->snd_una, lost_end(tcb, old_mss)))
		tcp_output_again(env, tcb, lost_end(tcb, old_mss), now);
	tcb_set(tcb, TCB_CUT_ANEW);
	tcp_leave(env, tcb, now);
}

/* TCP timers: the round-trip time and the retransmission time-out (RFC 6298), the delayed ACK, TIME-WAIT.
 *
 * DOC: one segment is timed at a time (RFC 6298 3), none that was sent twice (Karn). The doubled time-out is kept until
 * a new segment was timed (5.5, 5.7). A TCB has one call outstanding with its environment. It is made when something
 * falls due earlier than it, and it is let run into the void where nothing is due any more, because an acknowledged
 * segment is the rule and a cancelled timer per segment would cost more than a call a second. retransmit_at serves
 * TIME-WAIT too: nothing is retransmitted there. */
#include "host/tcp_internal.h"

#define MAX_BACKOFF 6 /* doublings of the least time-out */
_Static_assert(TCP_MIN_RTO_NS << MAX_BACKOFF >= TCP_MAX_RTO_NS, "enough to reach the greatest");

int64_t tcp_timeout_ns(const struct tcb *tcb)
{
	int64_t timeout_ns;

	if (tcb->srtt_us != 0) {
		/* 2.3, with a clock whose granularity does not count */
		timeout_ns = ((int64_t)tcb->srtt_us + 4 * (int64_t)tcb->rttvar_us) * NS_PER_US;
		if (timeout_ns < TCP_MIN_RTO_NS)
			timeout_ns = TCP_MIN_RTO_NS;
	} else {
		/* 5.7: a lost SYN says that the path is worse than was thought */
		bool slow = tcb_has(tcb, TCB_SYN_LOST) && tcb->state >= TCP_ESTABLISHED;
		timeout_ns = slow ? 3 * NS_PER_S : TCP_INITIAL_RTO_NS;
	}
	timeout_ns <<= tcb->backoff;
	return timeout_ns < TCP_MAX_RTO_NS ? timeout_ns : TCP_MAX_RTO_NS;
}

static uint32_t now_us(struct instant now)
{
	return (uint32_t)((uint64_t)now.ns / (uint64_t)NS_PER_US);
}

void tcp_time_start(struct tcb *tcb, uint32_t seq_end, struct instant now)
{
	tcb_set(tcb, TCB_TIMING);
	tcb->rtt_seq = seq_end;
	tcb->rtt_start_us = now_us(now);
}

/* RFC 6298 2.2 and 2.3, in integers. */
static void take_sample(struct tcb *tcb, uint32_t rtt_us)
{
	if (rtt_us == 0)
		rtt_us = 1;
	if (tcb->srtt_us == 0) {
		tcb->srtt_us = rtt_us;
		tcb->rttvar_us = rtt_us / 2;
	} else {
		uint32_t apart = tcb->srtt_us > rtt_us ? tcb->srtt_us - rtt_us : rtt_us - tcb->srtt_us;
		tcb->rttvar_us = (uint32_t)((3 * (uint64_t)tcb->rttvar_us + apart) / 4);
		tcb->srtt_us = (uint32_t)((7 * (uint64_t)tcb->srtt_us + rtt_us) / 8);
		if (tcb->srtt_us == 0)
			tcb->srtt_us = 1;
	}
	tcb->backoff = 0;
}

void tcp_time_acked(struct tcb *tcb, struct instant now)
{
	if (tcb_has(tcb, TCB_TIMING) && seq_reached(tcb->snd_una, tcb->rtt_seq)) {
		tcb_clear(tcb, TCB_TIMING);
		take_sample(tcb, now_us(now) - tcb->rtt_start_us);
	}
	tcb->retransmissions = 0;
	/* 5.2 and 5.3 */
	tcb->retransmit_at = tcb->snd_una == tcb->snd_max ? INSTANT_NEVER : instant_add(now, tcp_timeout_ns(tcb));
}

static void retransmission_due(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	bool opening = tcb->state == TCP_SYN_SENT || tcb->state == TCP_SYN_RECEIVED;

	if (tcb->state == TCP_TIME_WAIT) {
		tcb->state = TCP_CLOSED;
		return;
	}
	if (tcb->retransmissions >= (opening ? tcb->max_syn_retries : TCP_MAX_RETRANSMISSIONS)) {
		tcp_end(env, tcb, TCP_TIMED_OUT);
		return;
	}
	if (!opening)
		tcp_congestion_timeout(tcb); /* asks whether this is the first time-out of the segment */
	tcb->retransmissions++;
	if (tcb->backoff < MAX_BACKOFF)
		tcb->backoff++;
	tcb->retransmit_at = instant_add(now, tcp_timeout_ns(tcb));
	if (opening) {
		tcb_set(tcb, TCB_SYN_LOST);
		tcp_output_syn(env, tcb, now);
	} /* else tcp_output() begins at snd_una again */
}

void tcp_timer(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	if (instant_before(now, tcb->timer_at))
		return;
	tcb->timer_at = INSTANT_NEVER;
	tcb_set(tcb, TCB_INSIDE);
	if (instant_reached(now, tcb->retransmit_at))
		retransmission_due(env, tcb, now);
	if (instant_reached(now, tcb_ack_due(tcb, now)))
		tcb_set(tcb, TCB_ACK_NOW);
	tcp_leave(env, tcb, now);
}

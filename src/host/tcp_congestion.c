/* Congestion control: slow start and congestion avoidance (RFC 5681) from ten segments (RFC 6928), NewReno fast
 * recovery (RFC 6582).
 *
 * DOC: cwnd counts bytes, ssthresh segments (a multiple of the segment is all that is ever asked of it). cwnd stops at
 * TCP_MAX_CWND_BYTES, a quarter of what the peer announces, so that the peer's window is never what holds a sender back
 * and never full in a trace.
 *   slow start       cwnd += min(acked, mss) an ACK
 *   avoidance        cwnd += mss * mss / cwnd an ACK
 *   3rd duplicate    ssthresh = half the flight, first segment again, cwnd = ssthresh + 3 (unless this flight is being
 *   repaired already) more duplicates  cwnd += mss: each is a segment that has left the network
 *   partial ACK      next hole again, cwnd less what was acknowledged, plus a segment
 *   full ACK         cwnd = min(ssthresh, flight + mss)
 *   time-out         ssthresh = half the flight, cwnd = 1, everything from snd_una again as ACKs admit
 * The retransmission timer is restarted by every partial ACK (RFC 6582 4, the "slow but steady" variant), so that a
 * window with many holes is repaired without a time-out. */
#include "host/tcp_internal.h"

#define LEAST_SSTHRESH_SEGMENTS 2u

static void set_cwnd(struct tcb *tcb, uint32_t cwnd)
{
	tcb->cwnd = cwnd < TCP_MAX_CWND_BYTES ? cwnd : TCP_MAX_CWND_BYTES;
}

void tcp_congestion_start(struct tcb *tcb)
{
	/* RFC 6928 2; one segment after more than one lost SYN, as there. */
	uint32_t least = 2u * tcb->mss, most = 14600;
	uint32_t cwnd = TCP_INITIAL_WINDOW_SEGMENTS * (uint32_t)tcb->mss;

	if (cwnd > most)
		cwnd = most > least ? most : least;
	tcb->cwnd = tcb->retransmissions > 1 ? tcb->mss : cwnd;
	tcb->ssthresh = UINT16_MAX;
}

static void halve(struct tcb *tcb)
{
	uint32_t segments = (tcb->snd_max - tcb->snd_una) / 2 / tcb->mss;

	if (segments < LEAST_SSTHRESH_SEGMENTS)
		segments = LEAST_SSTHRESH_SEGMENTS;
	tcb->ssthresh = (uint16_t)(segments < UINT16_MAX ? segments : UINT16_MAX);
}

static void recovery_acked(const struct tcp_env *env, struct tcb *tcb, uint32_t acked, struct instant now)
{
	uint32_t ssthresh = (uint32_t)tcb->ssthresh * tcb->mss;

	if (seq_reached(tcb->snd_una, tcb->recover)) {
		uint32_t flight = tcb->snd_max - tcb->snd_una;
		uint32_t gentle = (flight > tcb->mss ? flight : tcb->mss) + tcb->mss;
		tcb_clear(tcb, TCB_RECOVERY);
		set_cwnd(tcb, ssthresh < gentle ? ssthresh : gentle);
		return;
	}
	uint32_t cwnd = tcb->cwnd > acked ? tcb->cwnd - acked : 0;
	if (acked >= tcb->mss)
		cwnd += tcb->mss;
	set_cwnd(tcb, cwnd > tcb->mss ? cwnd : tcb->mss);
	tcp_output_first(env, tcb, now);
}

void tcp_congestion_acked(const struct tcp_env *env, struct tcb *tcb, uint32_t acked, struct instant now)
{
	tcb->duplicate_acks = 0;
	if (tcb_has(tcb, TCB_RECOVERY)) {
		recovery_acked(env, tcb, acked, now);
		return;
	}
	if (seq_before(tcb->recover, tcb->snd_una - 1))
		tcb->recover = tcb->snd_una - 1; /* follows, so that it is never half the sequence space away */
	if (tcb->cwnd >= TCP_MAX_CWND_BYTES)
		return;
	if (tcb->cwnd < (uint32_t)tcb->ssthresh * tcb->mss) {
		set_cwnd(tcb, tcb->cwnd + (acked < tcb->mss ? acked : tcb->mss));
		return;
	}
	uint32_t more = (uint32_t)tcb->mss * tcb->mss / tcb->cwnd;
	set_cwnd(tcb, tcb->cwnd + (more > 0 ? more : 1));
}

void tcp_congestion_duplicate(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	if (tcb->duplicate_acks < UINT8_MAX)
		tcb->duplicate_acks++;
	if (tcb_has(tcb, TCB_RECOVERY)) {
		set_cwnd(tcb, tcb->cwnd + tcb->mss);
		return;
	}
	/* 3.2 step 2: duplicates of a flight that is being retransmitted since its time-out are no sign of loss. */
	if (tcb->duplicate_acks != 3 || !seq_before(tcb->recover, tcb->snd_una))
		return;
	halve(tcb);
	tcb->recover = tcb->snd_max;
	tcb_set(tcb, TCB_RECOVERY);
	set_cwnd(tcb, ((uint32_t)tcb->ssthresh + 3) * tcb->mss);
	tcp_output_first(env, tcb, now);
}

void tcp_congestion_timeout(struct tcb *tcb)
{
	if (tcb->retransmissions == 0)
		halve(tcb);
	tcb->cwnd = tcb->mss;
	tcb->recover = tcb->snd_max;
	tcb->duplicate_acks = 0;
	tcb_clear(tcb, TCB_RECOVERY);
	tcb_clear(tcb, TCB_TIMING);
	tcb->snd_nxt = tcb->snd_una;
}

void tcp_congestion_cut_anew(struct tcb *tcb, uint32_t old_mss)
{
	if (tcb->ssthresh != UINT16_MAX) {
		uint32_t segments = (uint32_t)tcb->ssthresh * old_mss / tcb->mss;
		tcb->ssthresh = (uint16_t)(segments < UINT16_MAX ? segments : UINT16_MAX - 1);
	}
	if (tcb_has(tcb, TCB_RECOVERY)) {
		tcb_clear(tcb, TCB_RECOVERY);
		set_cwnd(tcb, (uint32_t)tcb->ssthresh * tcb->mss); /* without what duplicates had added */
	}
	/* Duplicates of what arrived before its retransmission are no sign of loss. */
	tcb->recover = tcb->snd_max;
	tcb->duplicate_acks = 0;
}

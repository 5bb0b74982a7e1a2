/* What the files of TCP share. Not to be included from elsewhere. */
#ifndef PKTPATH_HOST_TCP_INTERNAL_H
#define PKTPATH_HOST_TCP_INTERNAL_H
#include "host/tcp.h"

enum tcp_flag {
	TCB_INSIDE = 1u << 0,     /* within tcp_input(), tcp_timer(): what the owner asks for is done on the way out */
	TCB_ACK_NOW = 1u << 1,    /* an ACK is due at once, even one that repeats the last */
	TCB_CLOSING = 1u << 2,    /* tcp_close() was called: no more messages */
	TCB_FIN_SENT = 1u << 3,   /* snd_max counts our FIN */
	TCB_FIN_RIDES = 1u << 4,  /* data still waited when the owner closed: FIN goes with the last of them */
	TCB_TIMING = 1u << 5,     /* rtt_seq and rtt_start_us hold */
	TCB_SYN_LOST = 1u << 6,   /* the SYN was retransmitted: RFC 6298 5.7 */
	TCB_RECOVERY = 1u << 7,   /* RFC 6582 fast recovery */
	TCB_SCALE = 1u << 8,      /* both ends scale windows */
	TCB_SACK = 1u << 9,       /* the peer takes SACK blocks */
	TCB_CUT_ANEW = 1u << 10,  /* the path took smaller segments only: mss was lowered */
	TCB_ACK_LATER = 1u << 11, /* a delayed ACK is owed: ack_at holds */
};

/* Sequence numbers are compared modulo 2^32 (RFC 9293 3.4). */
static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}
static inline bool seq_reached(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

static inline bool tcb_has(const struct tcb *tcb, enum tcp_flag flag)
{
	return (tcb->flags & (unsigned)flag) != 0;
}
static inline void tcb_set(struct tcb *tcb, enum tcp_flag flag)
{
	tcb->flags = (uint16_t)(tcb->flags | (unsigned)flag);
}
static inline void tcb_clear(struct tcb *tcb, enum tcp_flag flag)
{
	tcb->flags = (uint16_t)(tcb->flags & ~(unsigned)flag);
}

/* When a delayed ACK is due: less than two seconds from now, so that the lower half of the time says it all. */
static inline struct instant tcb_ack_due(const struct tcb *tcb, struct instant now)
{
	if (!tcb_has(tcb, TCB_ACK_LATER))
		return INSTANT_NEVER;
	return (struct instant){now.ns + (int32_t)(tcb->ack_at - (uint32_t)now.ns)};
}
_Static_assert(TCP_DELAYED_ACK_NS < INT32_MAX, "tcb_ack_due()");

static inline uint32_t tcb_window(const struct tcb *tcb)
{
	return (uint32_t)tcb->snd_window << tcb->snd_scale;
}
/* Of our FIN, sent or yet to be sent: it follows all data. */
static inline uint32_t tcb_fin_seq(const struct tcb *tcb)
{
	if (tcb->message)
		return tcb->message_seq + tcb->message->size_bytes;
	return tcb_has(tcb, TCB_FIN_SENT) ? tcb->snd_max - 1 : tcb->snd_max;
}

/* ---- tcp_state.c ---- */
/* Reports to the owner. False where the connection is gone, before or because of it. */
bool tcp_tell(const struct tcp_env *env, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
/* CLOSED, and the last event. */
void tcp_end(const struct tcp_env *env, struct tcb *tcb, enum tcp_event event);
/* The handshake is complete: ESTABLISHED, or further where the owner has closed already. No event. */
void tcp_establish(struct tcb *tcb);
void tcp_time_wait(struct tcb *tcb, struct instant now);
/* The way out of every public function: sends what is due, sets the timer, frees where CLOSED was reached. */
void tcp_leave(const struct tcp_env *env, struct tcb *tcb, struct instant now);

/* ---- tcp_input.c ---- */
/* Takes the options of a SYN. */
void tcp_take_options(struct tcb *tcb, const struct packet *packet);

/* ---- tcp_output.c ---- */
/* SYN in SYN-SENT, SYN/ACK in SYN-RECEIVED; again where it was sent before. */
void tcp_output_syn(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* What the windows admit, and the ACK that is owed. */
void tcp_output(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* The oldest unacknowledged segment, again. */
void tcp_output_first(const struct tcp_env *env, struct tcb *tcb, struct instant now);
/* What was sent from snd_una up to `end`, again, in segments of the present size; what lies beyond has arrived. */
void tcp_output_again(const struct tcp_env *env, struct tcb *tcb, uint32_t end, struct instant now);
void tcp_output_reset(const struct tcp_env *env, struct tcb *tcb, uint32_t seq, uint8_t flags);

/* ---- tcp_timer.c ---- */
int64_t tcp_timeout_ns(const struct tcb *tcb);
/* `seq_end` is being sent for the first time. */
void tcp_time_start(struct tcb *tcb, uint32_t seq_end, struct instant now);
/* snd_una has moved: takes the sample, restarts or stops the timer. */
void tcp_time_acked(struct tcb *tcb, struct instant now);

/* ---- tcp_congestion.c ---- */
void tcp_congestion_start(struct tcb *tcb);
/* `acked` bytes are newly acknowledged; snd_una has moved. */
void tcp_congestion_acked(const struct tcp_env *env, struct tcb *tcb, uint32_t acked, struct instant now);
void tcp_congestion_duplicate(const struct tcp_env *env, struct tcb *tcb, struct instant now);
void tcp_congestion_timeout(struct tcb *tcb);
/* mss was lowered: what is kept in segments is converted, and a recovery is over, as everything is retransmitted. */
void tcp_congestion_cut_anew(struct tcb *tcb, uint32_t old_mss);

/* ---- tcp_ranges.c ---- */
#define TCP_SACK_BLOCKS 4 /* no time stamps: four fit (RFC 2018 3) */
/* Keeps [start, end); with `fin` the last number is the peer's FIN. What finds no room, or no memory, is not kept: the
 * peer sends it again. */
void tcp_ranges_add(struct tcp_ranges **ranges, uint32_t start, uint32_t end, bool fin);
/* Takes what follows `rcv_nxt` without a hole, and what lies before it; returns the new rcv_nxt. *ret_fin: the FIN was
 * taken. */
uint32_t tcp_ranges_take(struct tcp_ranges **ranges, uint32_t rcv_nxt, bool *ret_fin);
/* Blocks for a SACK option, the latest first; returns how many, at most TCP_SACK_BLOCKS. */
uint32_t tcp_ranges_blocks(const struct tcp_ranges *ranges, uint32_t blocks[TCP_SACK_BLOCKS][2]);
#endif

/* TCP states: what the owner asks for, and how a connection begins and ends (RFC 9293 3.3.2, 3.10).
 *
 * DOC: which call does what in which state. "later" means after the data that were given before.
 *   state          tcp_send        tcp_close                tcp_abort
 *   SYN-SENT       queues          CLOSED, free             CLOSED, free
 *   SYN-RECEIVED   queues          FIN-WAIT-1 once open     RST
 *   ESTABLISHED    sends           FIN later, FIN-WAIT-1    RST
 *   CLOSE-WAIT     sends           FIN later, LAST-ACK      RST
 *   the others     nothing         nothing                  RST; TIME-WAIT: free
 *
 * The owner acts from inside events. While one is being reported (TCB_INSIDE) its wishes are only noted; tcp_leave(), the
 * one way out, then sends everything at once. That is what makes a reply carry the ACK of its request, and FIN the ACK
 * of the peer's FIN. The environment's `free` is the last thing that tcp_leave() does: inside an event a TCB is always
 * there. */
#include "host/tcp_internal.h"

static const char *const state_names[] = {
	[TCP_CLOSED] = "CLOSED",           [TCP_SYN_SENT] = "SYN-SENT",     [TCP_SYN_RECEIVED] = "SYN-RECEIVED",
	[TCP_ESTABLISHED] = "ESTABLISHED", [TCP_FIN_WAIT_1] = "FIN-WAIT-1", [TCP_FIN_WAIT_2] = "FIN-WAIT-2",
	[TCP_CLOSE_WAIT] = "CLOSE-WAIT",   [TCP_CLOSING] = "CLOSING",       [TCP_LAST_ACK] = "LAST-ACK",
	[TCP_TIME_WAIT] = "TIME-WAIT",
};
_Static_assert(sizeof state_names / sizeof *state_names == TCP_STATE_COUNT, "a name for each state");

const char *tcp_state_name(enum tcp_state state)
{
	return state_names[state];
}

bool tcp_tell(const struct tcp_env *env, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	if (tcb->state == TCP_CLOSED)
		return false;
	env->event(env->context, tcb, event, bytes);
	return tcb->state != TCP_CLOSED;
}

void tcp_end(const struct tcp_env *env, struct tcb *tcb, enum tcp_event event)
{
	tcb->state = TCP_CLOSED;
	env->event(env->context, tcb, event, 0);
}

void tcp_establish(struct tcb *tcb)
{
	tcp_congestion_start(tcb);
	tcb->backoff = 0;
	tcb->state = tcb_has(tcb, TCB_CLOSING) ? TCP_FIN_WAIT_1 : TCP_ESTABLISHED;
}

void tcp_time_wait(struct tcb *tcb, struct instant now)
{
	tcb->state = TCP_TIME_WAIT;
	tcb->retransmit_at = instant_add(now, TCP_TIME_WAIT_NS);
	/* The call that is outstanding is let run into the void: asked for again, TIME-WAIT is one constant delay for
	 * every call, and an environment keeps those in order for nothing. */
	tcb->timer_at = INSTANT_NEVER;
}

void tcp_leave(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	tcb_clear(tcb, TCB_INSIDE);
	if (tcb->state == TCP_CLOSED) {
		tcp_deinit(tcb);
		env->free(env->context, tcb);
		return;
	}
	tcp_output(env, tcb, now);
	struct instant due = instant_min(tcb->retransmit_at, tcb_ack_due(tcb, now));
	if (instant_before(due, tcb->timer_at)) {
		tcb->timer_at = due;
		env->timer(env->context, tcb, due);
	}
}

/* The fields that are TCP's own, for a connection that begins. */
static void begin(struct tcb *tcb, enum tcp_state state)
{
	tcb->state = (uint8_t)state;
	tcb->flags = 0;
	tcb->snd_scale = 0;
	tcb->mss = TCP_MSS_BYTES;
	tcb->snd_window = 0;
	tcb->ssthresh = UINT16_MAX;
	tcb->retransmissions = tcb->backoff = tcb->duplicate_acks = 0;
	tcb->cwnd = 0;
	tcb->snd_una = tcb->snd_nxt = tcb->snd_max = tcb->iss; /* which is recover, too */
	tcb->rcv_nxt = tcb->rcv_acked = 0;
	tcb->message_seq = tcb->rtt_seq = tcb->rtt_start_us = 0;
	tcb->srtt_us = tcb->rttvar_us = 0;
	tcb->message = tcb->next_message = NULL;
	tcb->retransmit_at = tcb->timer_at = INSTANT_NEVER;
	tcb->out_of_order = NULL;
}

void tcp_connect(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	begin(tcb, TCP_SYN_SENT);
	tcp_output_syn(env, tcb, now);
	tcp_leave(env, tcb, now);
}

void tcp_accept(const struct tcp_env *env, struct tcb *tcb, const struct packet *syn, struct instant now)
{
	const struct tcp_header *h = packet_l4_const(syn);

	begin(tcb, TCP_SYN_RECEIVED);
	tcb->rcv_nxt = be32_to(h->seq) + 1;
	tcp_take_options(tcb, syn);
	tcp_output_syn(env, tcb, now);
	tcp_leave(env, tcb, now);
}

bool tcp_is_at_rest(const struct tcb *tcb)
{
	return tcb->state == TCP_TIME_WAIT && tcb->snd_una == tcb->snd_max && tcb->snd_nxt == tcb->snd_max &&
	       tcb->rcv_acked == tcb->rcv_nxt && !tcb->message && !tcb->next_message && !tcb->out_of_order &&
	       !tcb_has(tcb, TCB_ACK_NOW) && !tcb_has(tcb, TCB_ACK_LATER);
}

void tcp_wake(struct tcb *tcb, uint32_t snd_max, uint32_t rcv_nxt, uint16_t flags, struct instant due)
{
	tcb->iss = snd_max;
	begin(tcb, TCP_TIME_WAIT);
	tcb->flags = flags;
	tcb->rcv_nxt = tcb->rcv_acked = rcv_nxt;
	tcb->retransmit_at = tcb->timer_at = due;
}

void tcp_unreachable(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	if (tcb->state != TCP_SYN_SENT)
		return;
	tcb_set(tcb, TCB_INSIDE);
	tcp_end(env, tcb, TCP_REFUSED);
	tcp_leave(env, tcb, now);
}

void tcp_send(const struct tcp_env *env, struct tcb *tcb, const struct payload *message, struct instant now)
{
	if (tcb->state == TCP_CLOSED || tcb_has(tcb, TCB_CLOSING) || message->size_bytes == 0)
		return;
	if (!tcb->message) {
		tcb->message = message;
		tcb->message_seq = tcb->snd_max;
	} else {
		tcb->next_message = message;
	}
	if (!tcb_has(tcb, TCB_INSIDE))
		tcp_leave(env, tcb, now);
}

void tcp_close(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	if (tcb->state == TCP_CLOSED || tcb_has(tcb, TCB_CLOSING))
		return;
	tcb_set(tcb, TCB_CLOSING);
	if (tcb->state == TCP_SYN_SENT)
		tcb->state = TCP_CLOSED;
	else if (tcb->state == TCP_ESTABLISHED)
		tcb->state = TCP_FIN_WAIT_1;
	else if (tcb->state == TCP_CLOSE_WAIT)
		tcb->state = TCP_LAST_ACK;
	if (!tcb_has(tcb, TCB_INSIDE))
		tcp_leave(env, tcb, now);
}

void tcp_abort(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	if (tcb->state == TCP_CLOSED)
		return;
	if (tcb->state != TCP_SYN_SENT && tcb->state != TCP_TIME_WAIT)
		tcp_output_reset(env, tcb, tcb->snd_max, TCP_RST | TCP_ACK);
	tcb->state = TCP_CLOSED;
	if (!tcb_has(tcb, TCB_INSIDE))
		tcp_leave(env, tcb, now);
}

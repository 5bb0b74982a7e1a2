/* TCP input (RFC 9293 3.10.7), with the checks of RFC 5961.
 *
 * DOC: the order is the standard's: sequence number, RST, SYN, ACK, text, FIN. A segment is taken whole (states and
 * rcv_nxt have moved) before the owner hears of its data and FIN, as an application reads only what its kernel is done
 * with.
 *
 * Ours where the standard leaves a choice:
 *   - An unacceptable segment without a sequence length is not answered, but for the shape of a keep-alive (RFC 9293
 *   3.8.4). Two
 *     ends that disagree would otherwise answer each other's answers for ever; real stacks limit the rate instead.
 *   - The window is taken from every ACK that is not old, without SND.WL1 and WL2: all windows here are constant once
 *   scaled.
 *   - In SYN-RECEIVED another SYN of the peer brings the SYN/ACK again; its SYN/ACK (simultaneous open) counts as an
 *   ACK.
 *   - Urgent data are data. */
#include "host/tcp_internal.h"
#include <string.h>

#define TCP_HEADER_BYTES 20u
#define DEFAULT_MSS_BYTES 536 /* RFC 9293 3.7.1: where the peer names none */
#define LEAST_MSS_BYTES 88    /* as Linux: a smaller one is taken for this */
#define MAX_SCALE 14          /* RFC 7323 2.3 */
enum tcp_option { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_SCALE = 3, OPTION_SACK_PERMITTED = 4 };

struct segment {
	uint32_t seq, ack;
	uint32_t bytes;
	uint16_t window;
	uint8_t flags;
};

static uint32_t receive_window(const struct tcb *tcb)
{
	return tcb_has(tcb, TCB_SCALE) ? TCP_RECEIVE_WINDOW_BYTES : UINT16_MAX;
}

void tcp_take_options(struct tcb *tcb, const struct packet *packet)
{
	const struct tcp_header *h = packet_l4_const(packet);
	const uint8_t *at = (const uint8_t *)h + TCP_HEADER_BYTES;
	size_t left = (size_t)(h->data_offset >> 4) * 4;
	size_t room = (size_t)packet->header_bytes + PACKET_PAD_BYTES - PACKET_L4_AT;
	uint16_t mss = DEFAULT_MSS_BYTES;

	left = left > room ? room : left;
	left = left > TCP_HEADER_BYTES ? left - TCP_HEADER_BYTES : 0;
	while (left > 0 && at[0] != OPTION_END) {
		size_t bytes = at[0] == OPTION_NOP ? 1 : left >= 2 ? at[1] : 0;
		if (bytes == 0 || bytes > left || (at[0] != OPTION_NOP && bytes < 2))
			break; /* malformed: what was read so far counts */
		if (at[0] == OPTION_MSS && bytes == 4)
			mss = (uint16_t)(at[2] << 8 | at[3]);
		if (at[0] == OPTION_SCALE && bytes == 3) {
			tcb_set(tcb, TCB_SCALE);
			tcb->snd_scale = at[2] < MAX_SCALE ? at[2] : MAX_SCALE;
		}
		if (at[0] == OPTION_SACK_PERMITTED && bytes == 2)
			tcb_set(tcb, TCB_SACK);
		at += bytes;
		left -= bytes;
	}
	if (mss < LEAST_MSS_BYTES)
		mss = LEAST_MSS_BYTES;
	if (mss < tcb->mss) /* it began with the most there is */
		tcb->mss = mss;
	/* The window of a SYN is not scaled (RFC 7323 2.2); kept in the units of the others it loses 31 bytes at the
	 * most. */
	tcb->snd_window = (uint16_t)(be16_to(h->window) >> tcb->snd_scale);
}

static void input_syn_sent(const struct tcp_env *env, struct tcb *tcb, const struct packet *packet,
			   const struct segment *s, struct instant now)
{
	bool acks = (s->flags & TCP_ACK) != 0;

	if (acks && s->ack != tcb->snd_max) {
		if (!(s->flags & TCP_RST))
			tcp_output_reset(env, tcb, s->ack, TCP_RST);
		return;
	}
	if (s->flags & TCP_RST) {
		if (acks)
			tcp_end(env, tcb, TCP_REFUSED);
		return;
	}
	if (!(s->flags & TCP_SYN))
		return;
	tcb->rcv_nxt = s->seq + 1;
	tcp_take_options(tcb, packet);
	if (!acks) {
		/* Simultaneous open. */
		tcb->state = TCP_SYN_RECEIVED;
		tcp_output_syn(env, tcb, now);
		return;
	}
	tcb->snd_una = s->ack;
	tcp_establish(tcb);
	tcp_time_acked(tcb, now);
	/* The kernel completes the handshake by itself, before the application can say anything. */
	tcb_set(tcb, TCB_ACK_NOW);
	tcp_output(env, tcb, now);
	tcp_tell(env, tcb, TCP_CONNECTED, 0);
}

/* Step 1. RFC 9293 table 6; the receive window is never zero. */
static bool is_acceptable(const struct tcb *tcb, const struct segment *s)
{
	uint32_t window = receive_window(tcb);
	uint32_t length = s->bytes + (s->flags & TCP_SYN ? 1 : 0) + (s->flags & TCP_FIN ? 1 : 0);

	return s->seq - tcb->rcv_nxt < window || (length > 0 && s->seq + length - 1 - tcb->rcv_nxt < window);
}

static void input_unacceptable(struct tcb *tcb, const struct segment *s, struct instant now)
{
	if (s->flags & TCP_RST)
		return;
	if (s->bytes > 0 || (s->flags & (TCP_SYN | TCP_FIN)) || s->seq == tcb->rcv_nxt - 1)
		tcb_set(tcb, TCB_ACK_NOW);
	if (tcb->state == TCP_TIME_WAIT && (s->flags & TCP_FIN))
		tcp_time_wait(tcb, now); /* the peer has not seen our last ACK: 2 MSL from now */
}

/* Step 2, RFC 5961 3: only the exact number resets; others in the window are asked to prove themselves. */
static void input_reset(const struct tcp_env *env, struct tcb *tcb, const struct segment *s)
{
	if (s->seq != tcb->rcv_nxt)
		tcb_set(tcb, TCB_ACK_NOW);
	else if (tcb->state == TCP_TIME_WAIT)
		tcb->state = TCP_CLOSED; /* its last event was reported */
	else
		tcp_end(env, tcb, tcb->state == TCP_SYN_RECEIVED && tcb->caller ? TCP_REFUSED : TCP_RESET_BY_PEER);
}

/* The end of what was sent is acknowledged: our FIN, too. */
static bool fin_acked(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	if (tcb->state == TCP_FIN_WAIT_1) {
		tcb->state = TCP_FIN_WAIT_2;
	} else if (tcb->state == TCP_CLOSING) {
		tcp_time_wait(tcb, now);
		return tcp_tell(env, tcb, TCP_DONE, 0);
	} else if (tcb->state == TCP_LAST_ACK) {
		tcp_end(env, tcb, TCP_DONE);
		return false;
	}
	return true;
}

static bool input_new_ack(const struct tcp_env *env, struct tcb *tcb, const struct segment *s, struct instant now)
{
	uint32_t acked = s->ack - tcb->snd_una;

	tcb->snd_una = s->ack;
	if (seq_before(tcb->snd_nxt, tcb->snd_una))
		tcb->snd_nxt = tcb->snd_una;
	tcb->snd_window = s->window;
	tcp_time_acked(tcb, now);
	tcp_congestion_acked(env, tcb, acked, now);
	if (tcb->message) {
		uint32_t end = tcb->message_seq + tcb->message->size_bytes;
		if (seq_reached(tcb->snd_una, end)) {
			tcb->message = tcb->next_message;
			tcb->next_message = NULL;
			tcb->message_seq = end;
			if (!tcp_tell(env, tcb, TCP_ACKED, 0))
				return false;
		}
	}
	if (tcb_has(tcb, TCB_FIN_SENT) && tcb->snd_una == tcb->snd_max)
		return fin_acked(env, tcb, now);
	return true;
}

/* SYN-RECEIVED to ESTABLISHED; false where the segment does not acknowledge our SYN. */
static bool input_handshake_ack(const struct tcp_env *env, struct tcb *tcb, const struct segment *s, struct instant now)
{
	if (s->ack != tcb->snd_max) {
		tcp_output_reset(env, tcb, s->ack, TCP_RST);
		return false;
	}
	tcb->snd_una = s->ack;
	if (!(s->flags & TCP_SYN))
		tcb->snd_window = s->window;
	tcp_establish(tcb);
	tcp_time_acked(tcb, now);
	return tcp_tell(env, tcb, TCP_CONNECTED, 0);
}

/* Step 5. False: go no further. */
static bool input_ack(const struct tcp_env *env, struct tcb *tcb, const struct segment *s, struct instant now)
{
	if (tcb->state == TCP_SYN_RECEIVED)
		return input_handshake_ack(env, tcb, s, now);
	if (seq_before(tcb->snd_max, s->ack)) {
		tcb_set(tcb, TCB_ACK_NOW);
		return false;
	}
	if (seq_before(tcb->snd_una, s->ack))
		return input_new_ack(env, tcb, s, now);
	if (s->ack != tcb->snd_una) {
		/* RFC 5961 5.2: a little old is harmless, very old is a guess. */
		if (tcb->snd_una - s->ack <= TCP_RECEIVE_WINDOW_BYTES)
			return true;
		tcb_set(tcb, TCB_ACK_NOW);
		return false;
	}
	/* RFC 5681 2: the five marks of a duplicate ACK. */
	if (s->bytes == 0 && !(s->flags & TCP_FIN) && tcb->snd_una != tcb->snd_max && s->window == tcb->snd_window)
		tcp_congestion_duplicate(env, tcb, now);
	tcb->snd_window = s->window;
	return true;
}

/* The peer sends no more: where that leads, by state. */
static void take_fin(struct tcb *tcb, struct instant now)
{
	tcb_set(tcb, TCB_ACK_NOW);
	if (tcb->state == TCP_ESTABLISHED)
		tcb->state = TCP_CLOSE_WAIT;
	else if (tcb->state == TCP_FIN_WAIT_1)
		tcb->state = TCP_CLOSING;
	else if (tcb->state == TCP_FIN_WAIT_2)
		tcp_time_wait(tcb, now);
}

/* Steps 7 and 8: text and FIN. */
static void input_text(const struct tcp_env *env, struct tcb *tcb, const struct segment *s, struct instant now)
{
	uint32_t start = s->seq, end = s->seq + s->bytes + (s->flags & TCP_FIN ? 1 : 0);
	bool fin = (s->flags & TCP_FIN) != 0;

	if (start == end)
		return;
	if (seq_before(start, tcb->rcv_nxt)) {
		tcb_set(tcb, TCB_ACK_NOW); /* a part came before */
		start = tcb->rcv_nxt;
	}
	uint32_t edge = tcb->rcv_nxt + receive_window(tcb);
	if (seq_before(edge, end)) {
		end = edge;
		fin = false;
	}
	if (start != tcb->rcv_nxt) {
		tcp_ranges_add(&tcb->out_of_order, start, end, fin);
		tcb_set(tcb, TCB_ACK_NOW);
		return;
	}
	if (tcb->out_of_order) {
		bool kept_fin;
		end = tcp_ranges_take(&tcb->out_of_order, end, &kept_fin);
		fin = fin || kept_fin;
		tcb_set(tcb, TCB_ACK_NOW); /* RFC 5681 4.2: a hole was filled */
	}
	uint32_t bytes = end - start - (fin ? 1 : 0);
	tcb->rcv_nxt = end;
	if (fin)
		take_fin(tcb, now);
	if (bytes > 0 && !tcp_tell(env, tcb, TCP_RECEIVED, bytes))
		return;
	if (fin && tcp_tell(env, tcb, TCP_PEER_FIN, 0) && tcb->state == TCP_TIME_WAIT)
		tcp_tell(env, tcb, TCP_DONE, 0);
}

static bool takes_text(const struct tcb *tcb)
{
	return tcb->state == TCP_ESTABLISHED || tcb->state == TCP_FIN_WAIT_1 || tcb->state == TCP_FIN_WAIT_2;
}

static void input_synchronized(const struct tcp_env *env, struct tcb *tcb, struct segment *s, struct instant now)
{
	if (tcb->state == TCP_SYN_RECEIVED && (s->flags & TCP_SYN) && s->seq + 1 == tcb->rcv_nxt &&
	    !(s->flags & TCP_RST)) {
		if (!(s->flags & TCP_ACK)) {
			tcp_output_syn(env, tcb, now);
			return;
		}
		if (!input_handshake_ack(env, tcb, s, now))
			return;
		s->flags &= (uint8_t)~TCP_SYN;
		s->seq++;
		s->window = tcb->snd_window; /* that of a SYN is not scaled */
	}
	if (s->seq != tcb->rcv_nxt && !is_acceptable(tcb, s)) {
		input_unacceptable(tcb, s, now);
		return;
	}
	if (s->flags & TCP_RST) {
		input_reset(env, tcb, s);
		return;
	}
	if (s->flags & TCP_SYN) {
		tcb_set(tcb, TCB_ACK_NOW); /* RFC 5961 4 */
		return;
	}
	if (!(s->flags & TCP_ACK) || !input_ack(env, tcb, s, now))
		return;
	if (takes_text(tcb))
		input_text(env, tcb, s, now);
}

void tcp_input(const struct tcp_env *env, struct tcb *tcb, const struct packet *packet, struct instant now)
{
	const struct tcp_header *h = packet_l4_const(packet);
	struct segment s = {be32_to(h->seq), be32_to(h->ack), packet->payload_bytes, be16_to(h->window), h->flags};

	if (tcb->state == TCP_CLOSED)
		return;
	tcb_set(tcb, TCB_INSIDE);
	if (tcb->state == TCP_SYN_SENT)
		input_syn_sent(env, tcb, packet, &s, now);
	else
		input_synchronized(env, tcb, &s, now);
	tcp_leave(env, tcb, now);
}

static void make_reset(const struct craft *craft, struct packet *p, const struct tuple *tuple, uint8_t ttl,
		       uint8_t flags, uint32_t seq, uint32_t ack)
{
	craft_start(p, &craft->tcp);
	struct ipv4_header *ip = packet_ip(p);
	struct tcp_header *tcp = packet_l4(p);
	ip->src = tuple->src;
	ip->dst = tuple->dst;
	ip->ttl = ttl;
	tcp->src_port = tuple->src_port;
	tcp->dst_port = tuple->dst_port;
	tcp->seq = be32_from(seq);
	tcp->ack = be32_from(ack);
	tcp->window = be16_from(0);
	tcp->flags = flags;
	packet_finish(p);
}

bool tcp_refuse(const struct craft *craft, const struct packet *segment, uint8_t ttl, struct packet *reply)
{
	const struct tcp_header *in = packet_l4_const(segment);
	const struct tuple back = tuple_reverse(packet_tuple(segment));

	if (in->flags & TCP_RST)
		return false;
	reply->flags = segment->flags & PACKET_FROM_CALLER ? 0 : PACKET_FROM_CALLER;
	if (in->flags & TCP_ACK) {
		make_reset(craft, reply, &back, ttl, TCP_RST, be32_to(in->ack), 0);
		return true;
	}
	uint32_t length = segment->payload_bytes + (in->flags & TCP_SYN ? 1 : 0) + (in->flags & TCP_FIN ? 1 : 0);
	make_reset(craft, reply, &back, ttl, TCP_RST | TCP_ACK, 0, be32_to(in->seq) + length);
	return true;
}

void tcp_reset_make(const struct craft *craft, struct packet *p, const struct tuple *tuple, uint32_t seq, uint8_t ttl)
{
	make_reset(craft, p, tuple, ttl, TCP_RST, seq, 0);
}

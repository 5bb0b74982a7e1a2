/* TCP output: what may be sent now, and the segments themselves.
 *
 * DOC: a segment is the template of net/craft.h with its fields patched in. Checksums are computed once, from the
 * fields while they are still in registers and from the prefix sums of the payload; nothing is read back from the
 * packet. All fields enter the sum as they lie in memory (RFC 1071 2 B: the sum does not depend on byte order), 32 bits
 * at a time in a 64-bit word.
 *
 * When FIN rides on data. An application writes and then closes: the kernel has sent the data by the time that close()
 * is called, so FIN leaves by itself, unless the congestion window still held data back; then it goes with the last of
 * them. TCB_FIN_RIDES is therefore set at the end of a pass that could not send everything.
 *
 * A pure ACK carries snd_max, not snd_nxt: after a time-out snd_nxt lies behind what the peer has, and the ACK would be
 * refused. There is no persist timer: what has arrived counts as read at once, so that no receiver here ever closes its
 * window; and no Nagle delay: a message is given whole, its last segment is the only short one (Minshall's variant
 * would send it as well). */
#include "host/tcp_internal.h"
#include <string.h>

#define TCP_HEADER_BYTES 20u
#define SYN_OPTIONS_BYTES 12u
#define SYN_SCALE_AT 4u
#define SYN_OPTION_BYTES 4u /* of window scale and of SACK permitted, with their NOPs */
#define TCP_OPTION_NOP 1
#define TCP_OPTION_SACK 5

struct segment {
	uint32_t seq, ack;
	uint32_t options_bytes; /* in place already */
	uint32_t payload_bytes;
	uint32_t payload_offset;
	uint16_t window;
	uint8_t flags;
	uint8_t packet_flags;
};

static be16 sum_finish(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16); /* at most 0x1fffe + carry of the line above: two folds to go */
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (be16){(uint16_t)~sum};
}

/* The options' sum as it lies in memory, to be added to the others. */
static uint64_t sum_options(const uint8_t *at, uint32_t size_bytes)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < size_bytes; i += 4) {
		uint32_t word;
		memcpy(&word, at + i, sizeof word);
		sum += word;
	}
	return sum;
}

/* Fills in the IP and TCP headers of a packet that was started from a template. */
static void segment_finish(struct tcb *tcb, struct packet *p, const struct segment *s)
{
	struct ipv4_header *ip = packet_ip(p);
	struct tcp_header *tcp = packet_l4(p);
	uint32_t tcp_bytes = TCP_HEADER_BYTES + s->options_bytes + s->payload_bytes;
	uint64_t addresses = (uint64_t)tcb->local_addr.raw + tcb->remote_addr.raw;
	be16 total = be16_from((uint16_t)(sizeof *ip + tcp_bytes));
	be16 id = be16_from(tcb->ip_id);
	be16 ttl_proto = be16_from((uint16_t)(tcb->ttl << 8 | PROTO_TCP));

	tcb->ip_id++;
	ip->total_bytes = total;
	ip->id = id;
	ip->ttl = tcb->ttl;
	ip->src = tcb->local_addr;
	ip->dst = tcb->remote_addr;
	ip->check = sum_finish(addresses + be16_from(0x4500).raw + be16_from(IPV4_DF).raw + total.raw + id.raw +
			       ttl_proto.raw);

	be32 seq = be32_from(s->seq), ack = be32_from(s->ack);
	be16 window = be16_from(s->window);
	uint8_t data_offset = (uint8_t)((TCP_HEADER_BYTES + s->options_bytes) << 2);
	be16 offset_flags = be16_from((uint16_t)(data_offset << 8 | s->flags));
	uint64_t sum = addresses + be16_from(PROTO_TCP).raw + be16_from((uint16_t)tcp_bytes).raw + tcb->local_port.raw +
		       tcb->remote_port.raw + seq.raw + ack.raw + offset_flags.raw + window.raw;
	if (s->options_bytes > 0)
		sum += sum_options(p->header + PACKET_L4_AT + TCP_HEADER_BYTES, s->options_bytes);
	if (s->payload_bytes > 0) {
		p->payload = tcb->message;
		p->payload_offset = s->payload_offset;
		p->payload_bytes = s->payload_bytes;
		sum += be16_from((uint16_t)payload_sum(tcb->message, s->payload_offset, s->payload_bytes)).raw;
	}
	tcp->src_port = tcb->local_port;
	tcp->dst_port = tcb->remote_port;
	tcp->seq = seq;
	tcp->ack = ack;
	tcp->data_offset = data_offset;
	tcp->flags = s->flags;
	tcp->window = window;
	tcp->check = sum_finish(sum);
	p->header_bytes = (uint16_t)(PACKET_L4_AT - PACKET_PAD_BYTES + TCP_HEADER_BYTES + s->options_bytes);
	p->flags = (uint16_t)(s->packet_flags | (tcb->caller ? PACKET_FROM_CALLER : 0));
}

/* SACK blocks (RFC 2018 3), two NOPs before them so that they stand on words. Returns the bytes taken. */
static uint32_t put_sack(const struct tcb *tcb, uint8_t *at)
{
	uint32_t blocks[TCP_SACK_BLOCKS][2];
	uint32_t n = tcp_ranges_blocks(tcb->out_of_order, blocks);

	at[0] = TCP_OPTION_NOP;
	at[1] = TCP_OPTION_NOP;
	at[2] = TCP_OPTION_SACK;
	at[3] = (uint8_t)(2 + 8 * n);
	for (uint32_t i = 0; i < n; i++) {
		be32 edge[2] = {be32_from(blocks[i][0]), be32_from(blocks[i][1])};
		memcpy(at + 4 + 8 * (size_t)i, edge, sizeof edge);
	}
	return 4 + 8 * n;
}

static uint32_t sack_bytes(const struct tcb *tcb)
{
	uint32_t blocks[TCP_SACK_BLOCKS][2];

	if (!tcb->out_of_order || !tcb_has(tcb, TCB_SACK))
		return 0;
	return 4 + 8 * tcp_ranges_blocks(tcb->out_of_order, blocks);
}

/* Sends `bytes` of the message (0: none) at `seq`. Every segment acknowledges: nothing is owed afterwards. */
static void emit(const struct tcp_env *env, struct tcb *tcb, uint32_t seq, uint32_t bytes, uint8_t flags,
		 uint8_t packet_flags)
{
	struct segment s = {
		.seq = seq,
		.ack = tcb->rcv_nxt,
		.payload_bytes = bytes,
		.payload_offset = bytes > 0 ? seq - tcb->message_seq : 0,
		.window =
			/* TCP_RECEIVE_WINDOW_BYTES >> CRAFT_WINDOW_SCALE, and the most there is without scaling */
		UINT16_MAX,
		.flags = flags,
		.packet_flags = packet_flags,
	};
	_Static_assert(TCP_RECEIVE_WINDOW_BYTES >> CRAFT_WINDOW_SCALE == UINT16_MAX, "the window field");

	tcb_clear(tcb, TCB_ACK_NOW | TCB_ACK_LATER);
	tcb->rcv_acked = tcb->rcv_nxt;
	struct packet *p = env->packet(env->context, tcb);
	if (!p)
		return;
	craft_start(p, &env->craft->tcp);
	if (tcb->out_of_order && tcb_has(tcb, TCB_SACK))
		s.options_bytes = put_sack(tcb, p->header + PACKET_L4_AT + TCP_HEADER_BYTES);
	segment_finish(tcb, p, &s);
	env->send(env->context, tcb, p);
}

void tcp_keepalive(const struct tcp_env *env, struct tcb *tcb)
{
	emit(env, tcb, tcb->snd_nxt - 1, 0, TCP_ACK, 0);
}

void tcp_output_syn(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	bool answer = tcb->state == TCP_SYN_RECEIVED;
	struct segment s = {
		.seq = tcb->snd_una,
		.ack = answer ? tcb->rcv_nxt : 0,
		.options_bytes = SYN_OPTIONS_BYTES,
		.window = TCP_SYN_WINDOW,
		.flags = (uint8_t)(TCP_SYN | (answer ? TCP_ACK : 0)),
		.packet_flags = (uint8_t)(answer ? 0 : PACKET_OPENING),
	};

	if (tcb->snd_max == tcb->snd_una) {
		tcb->snd_nxt = tcb->snd_max = tcb->snd_una + 1;
		tcp_time_start(tcb, tcb->snd_max, now);
	} else {
		s.packet_flags |= PACKET_RETRANSMISSION;
		tcb_clear(tcb, TCB_TIMING);
	}
	tcb->rcv_acked = tcb->rcv_nxt;
	if (instant_is_never(tcb->retransmit_at))
		tcb->retransmit_at = instant_add(now, tcp_timeout_ns(tcb));
	struct packet *p = env->packet(env->context, tcb);
	if (!p)
		return;
	craft_start(p, &env->craft->tcp_syn);
	/* MSS (4), NOP, window scale (3), NOP, NOP, SACK permitted (2). An answer offers only what was asked for, and has
	 * no NOPs in place of the others: those look as if a router had removed them. */
	uint8_t *options = p->header + PACKET_L4_AT + TCP_HEADER_BYTES;
	if (answer && !tcb_has(tcb, TCB_SACK))
		s.options_bytes -= SYN_OPTION_BYTES;
	if (answer && !tcb_has(tcb, TCB_SCALE)) {
		memmove(options + SYN_SCALE_AT, options + SYN_SCALE_AT + SYN_OPTION_BYTES, SYN_OPTION_BYTES);
		s.options_bytes -= SYN_OPTION_BYTES;
	}
	segment_finish(tcb, p, &s);
	env->send(env->context, tcb, p);
}

void tcp_output_reset(const struct tcp_env *env, struct tcb *tcb, uint32_t seq, uint8_t flags)
{
	struct segment s = {.seq = seq, .ack = flags & TCP_ACK ? tcb->rcv_nxt : 0, .flags = flags};
	struct packet *p = env->packet(env->context, tcb);

	if (!p)
		return;
	craft_start(p, &env->craft->tcp);
	segment_finish(tcb, p, &s);
	env->send(env->context, tcb, p);
}

/* What stands at `seq`, as one segment: so many bytes of the message, PSH at its end, FIN where it rides or stands
 * alone. */
static uint32_t segment_at(const struct tcb *tcb, uint32_t seq, uint32_t mss, uint8_t *ret_flags)
{
	uint32_t left = tcb->message ? tcb->message_seq + tcb->message->size_bytes - seq : 0;
	bool fin = tcb_has(tcb, TCB_CLOSING) && !tcb->next_message;

	*ret_flags = TCP_ACK;
	if (!tcb->message || (int32_t)left <= 0) {
		if (fin && seq == tcb_fin_seq(tcb))
			*ret_flags = TCP_ACK | TCP_FIN;
		return 0;
	}
	if (left > mss)
		return mss;
	*ret_flags = (uint8_t)(TCP_ACK | TCP_PSH | (fin && tcb_has(tcb, TCB_FIN_RIDES) ? TCP_FIN : 0));
	return left;
}

/* Sends a segment that takes sequence numbers; keeps snd_max, the round-trip timer and the retransmission timer. */
static void send_sequence(const struct tcp_env *env, struct tcb *tcb, uint32_t seq, uint32_t bytes, uint8_t flags,
			  struct instant now)
{
	uint32_t end = seq + bytes + (flags & TCP_FIN ? 1 : 0);
	bool again = seq_before(seq, tcb->snd_max);

	if (flags & TCP_FIN)
		tcb_set(tcb, TCB_FIN_SENT);
	if (seq_before(tcb->snd_max, end))
		tcb->snd_max = end;
	if (again)
		tcb_clear(tcb, TCB_TIMING); /* Karn: an ACK could be for either */
	else if (!tcb_has(tcb, TCB_TIMING))
		tcp_time_start(tcb, end, now);
	if (instant_is_never(tcb->retransmit_at))
		tcb->retransmit_at = instant_add(now, tcp_timeout_ns(tcb));
	emit(env, tcb, seq, bytes, flags, again ? PACKET_RETRANSMISSION : 0);
}

static void send_new(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	uint32_t peer_window = tcb_window(tcb);
	uint32_t window = tcb->cwnd < peer_window ? tcb->cwnd : peer_window;

	for (;;) {
		uint8_t flags;
		uint32_t bytes = segment_at(tcb, tcb->snd_nxt, tcb->mss - sack_bytes(tcb), &flags);
		uint32_t flight = tcb->snd_nxt - tcb->snd_una;
		if (bytes == 0 && !(flags & TCP_FIN))
			break;
		if (bytes > 0 && flight + bytes > window) {
			/* Whole segments only (RFC 9293 3.8.6.2.1), unless nothing else would ever move the window. */
			if (flight > 0 || window == 0)
				break;
			bytes = window;
			flags = TCP_ACK;
		}
		uint32_t seq = tcb->snd_nxt;
		tcb->snd_nxt += bytes + (flags & TCP_FIN ? 1 : 0);
		send_sequence(env, tcb, seq, bytes, flags, now);
	}
	if (tcb_has(tcb, TCB_CLOSING) && !tcb_has(tcb, TCB_FIN_SENT))
		tcb_set(tcb, TCB_FIN_RIDES);
}

void tcp_output_first(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	uint8_t flags;
	uint32_t bytes = segment_at(tcb, tcb->snd_una, tcb->mss - sack_bytes(tcb), &flags);

	if (bytes > 0 || (flags & TCP_FIN))
		send_sequence(env, tcb, tcb->snd_una, bytes, flags, now);
}

void tcp_output_again(const struct tcp_env *env, struct tcb *tcb, uint32_t end, struct instant now)
{
	tcb->snd_nxt = tcb->snd_una;
	tcb->retransmit_at = INSTANT_NEVER; /* counts from the new first segment */
	while (seq_before(tcb->snd_nxt, end)) {
		uint8_t flags;
		uint32_t seq = tcb->snd_nxt, left = end - seq;
		uint32_t bytes = segment_at(tcb, seq, tcb->mss - sack_bytes(tcb), &flags);
		if (bytes > left) {
			/* Not mixed with what was never sent: that would take more of the window. */
			bytes = left;
			flags = TCP_ACK;
		}
		if (seq != tcb->snd_una && seq + bytes - tcb->snd_una > tcb->cwnd)
			return; /* the rest as ACKs admit */
		tcb->snd_nxt += bytes + (flags & TCP_FIN ? 1 : 0);
		send_sequence(env, tcb, seq, bytes, flags, now);
	}
	tcb->snd_nxt = tcb->snd_max;
}

void tcp_output(const struct tcp_env *env, struct tcb *tcb, struct instant now)
{
	if (tcb->state >= TCP_ESTABLISHED && (tcb->message || tcb_has(tcb, TCB_CLOSING)))
		send_new(env, tcb, now);
	/* RFC 9293 3.8.6.3: at the latest with the second full segment; as Linux, with the first byte of a second
	 * one. */
	uint32_t owed = tcb->rcv_nxt - tcb->rcv_acked;
	if (tcb_has(tcb, TCB_ACK_NOW) || owed > tcb->mss)
		emit(env, tcb, tcb->snd_max, 0, TCP_ACK, 0);
	else if (owed > 0 && !tcb_has(tcb, TCB_ACK_LATER)) {
		tcb_set(tcb, TCB_ACK_LATER);
		tcb->ack_at = (uint32_t)instant_add(now, TCP_DELAYED_ACK_NS).ns;
	}
}

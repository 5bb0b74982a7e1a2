/* What tests say about a pair's log; see pair.h. */
#include "pair.h"
#include <check.h>
#include <string.h>

void pair_assert_faultless(const struct pair *pair)
{
	uint32_t next[2] = {0, 0}, acked[2] = {0, 0}, last_ack[2] = {UINT32_MAX, UINT32_MAX};
	bool last_was_pure[2] = {false, false};

	for (uint32_t i = 0; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		uint32_t length = s->bytes + (s->flags & TCP_SYN ? 1 : 0) + (s->flags & TCP_FIN ? 1 : 0);
		ck_assert_msg(!(s->packet_flags & PACKET_RETRANSMISSION), "segment %u is retransmitted", i);
		ck_assert_msg(!(s->flags & TCP_RST), "segment %u resets", i);
		ck_assert_msg(s->seq == next[s->from], "segment %u: seq %u, not %u", i, s->seq, next[s->from]);
		ck_assert_uint_le(s->bytes, TCP_MSS_BYTES);
		if (length == 0 && i > 2)
			ck_assert_msg(s->ack != last_ack[s->from], "segment %u repeats ACK %u", i, s->ack);
		if (s->flags & TCP_ACK)
			ck_assert_msg(s->ack <= next[!s->from], "segment %u acknowledges the future", i);
		next[s->from] += length;
		if (!(s->flags & TCP_SYN))
			ck_assert_uint_eq(s->window, UINT16_MAX);
		acked[!s->from] = s->ack > acked[!s->from] ? s->ack : acked[!s->from];
		ck_assert_msg(next[s->from] - acked[s->from] < TCP_RECEIVE_WINDOW_BYTES / 2,
			      "segment %u nears the window's edge", i);
		ck_assert_uint_eq(s->n_sack, 0);
		last_ack[s->from] = s->ack;
		last_was_pure[s->from] = length == 0;
	}
	(void)last_was_pure;
}

void pair_assert_done(const struct pair *pair)
{
	for (uint32_t i = 0; i < 2; i++) {
		const struct pair_end *e = &pair->end[i];
		ck_assert_msg(e->n_event[TCP_DONE] == 1, "end %u is not done", i);
		ck_assert_uint_eq(e->n_event[TCP_CONNECTED], 1);
		ck_assert_uint_eq(e->n_event[TCP_PEER_FIN], 1);
		ck_assert_uint_eq(e->n_freed, 1);
		ck_assert_uint_eq(e->open, false);
	}
	ck_assert_uint_eq(pair->n_pending, 0);
}

const char *pair_flags_text(const struct pair *pair, uint32_t from, uint32_t to)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {{TCP_SYN, "SYN/"}, {TCP_FIN, "FIN/"}, {TCP_RST, "RST/"}, {TCP_PSH, "PSH/"}, {TCP_ACK, "ACK/"}};
	char text[2048] = "";

	for (uint32_t i = from; i < to && i < pair->n_log && strlen(text) < sizeof text - 64; i++) {
		const struct segment *s = &pair->log[i];
		strcat(text, i > from ? ", " : "");
		strcat(text, s->from == 1 ? "<" : "");
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			if (s->flags & names[k].bit)
				strcat(text, names[k].name);
		text[strlen(text) - 1] = '\0';
	}
	return arena_strdup(pair->arena, text);
}

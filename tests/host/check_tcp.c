/* TCP without loss: handshake, data both ways, delayed ACKs, queueing, sizes, time. */
#include "pair.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

static struct pair *pair;

static void setup(void)
{
	pair = pair_new(1000, 0x80000000u);
}

static void teardown(void)
{
	pair_free(pair);
}

static struct instant ms(int64_t n)
{
	return (struct instant){n * NS_PER_MS};
}

START_TEST(test_handshake)
{
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(1000));
	ck_assert_str_eq(pair_flags_text(pair, 0, 99), "SYN, <SYN/ACK, ACK");
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(pair->log[i].window, 64240);
	ck_assert_uint_eq(pair->log[2].window, UINT16_MAX);
	ck_assert_uint_eq(pair->log[0].packet_flags, PACKET_OPENING | PACKET_FROM_CALLER);
	ck_assert_uint_eq(pair->log[1].packet_flags, 0);
	ck_assert_uint_eq(pair->log[2].packet_flags, PACKET_FROM_CALLER);
	ck_assert_uint_eq(pair->log[1].ack, 1);
	ck_assert_uint_eq(pair->log[2].seq, 1);
	ck_assert_uint_eq(pair->log[2].ack, 1);
	ck_assert_int_eq(pair->end[0].tcb.state, TCP_ESTABLISHED);
	ck_assert_int_eq(pair->end[1].tcb.state, TCP_ESTABLISHED);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_CONNECTED], 1);
	ck_assert_uint_eq(pair->end[1].n_event[TCP_CONNECTED], 1);
	ck_assert_uint_eq(pair->end[1].tcb.mss, 1460);
}
END_TEST

static const uint8_t syn_options[] = {2, 4, 5, 0xb4, 1, 3, 3, CRAFT_WINDOW_SCALE, 1, 1, 4, 2};
static uint32_t n_syns_seen;

static void see_syn_options(struct pair *p, const struct packet *packet, bool lost)
{
	const struct tcp_header *h = packet_l4_const(packet);

	(void)p, (void)lost;
	if (!(h->flags & TCP_SYN))
		return;
	ck_assert_uint_eq(h->data_offset, 0x80);
	ck_assert_mem_eq((const uint8_t *)h + 20, syn_options, sizeof syn_options);
	n_syns_seen++;
}

START_TEST(test_syn_options)
{
	n_syns_seen = 0;
	pair->observe = see_syn_options;
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(1000));
	ck_assert_uint_eq(n_syns_seen, 2);
}
END_TEST

/* A peer's SYN with the options given; the SYN/ACK offers only what was asked for. */
static void accept_syn(const uint8_t *options, uint8_t options_bytes)
{
	struct packet syn;

	memset(&syn, 0, sizeof syn);
	craft_start(&syn, &pair->craft.tcp_syn);
	struct tcp_header *h = packet_l4(&syn);
	h->seq = be32_from(1000);
	h->flags = TCP_SYN;
	h->window = be16_from(8192);
	h->data_offset = (uint8_t)((20 + options_bytes) << 2);
	if (options_bytes > 0)
		memcpy(syn.header + PACKET_L4_AT + 20, options, options_bytes);
	syn.header_bytes = (uint16_t)(54 + options_bytes);
	pair->end[1].open = true;
	tcp_accept(&pair->env, &pair->end[1].tcb, &syn, pair->now);
}

static uint8_t answer_options[12];
static uint32_t answer_options_bytes;

static void keep_options(struct pair *p, const struct packet *packet, bool lost)
{
	(void)p, (void)lost;
	const struct tcp_header *h = packet_l4_const(packet);
	answer_options_bytes = (h->data_offset >> 4) * 4u - 20;
	ck_assert_uint_le(answer_options_bytes, sizeof answer_options);
	ck_assert_uint_eq(packet->header_bytes, 54 + answer_options_bytes);
	memcpy(answer_options, (const uint8_t *)h + 20, answer_options_bytes);
}

static void assert_answer(const uint8_t *options, uint32_t bytes)
{
	ck_assert_uint_eq(answer_options_bytes, bytes);
	ck_assert_mem_eq(answer_options, options, bytes);
}

START_TEST(test_options_of_others)
{
	static const uint8_t bare[] = {2, 4, 5, 0xb4};
	static const uint8_t scale[] = {2, 4, 5, 0xb4, 1, 3, 3, CRAFT_WINDOW_SCALE};
	static const uint8_t sack[] = {2, 4, 5, 0xb4, 1, 1, 4, 2};
	static const uint8_t malformed[] = {2, 4, 2, 0, 8, 0, 3, 3};

	pair->observe = keep_options;
	accept_syn(NULL, 0);
	ck_assert_uint_eq(pair->end[1].tcb.mss, 536);
	assert_answer(bare, sizeof bare);
	teardown();
	setup();
	pair->observe = keep_options;
	accept_syn(malformed, sizeof malformed); /* length 0: the MSS before it counts, the scale behind it does not */
	ck_assert_uint_eq(pair->end[1].tcb.mss, 512);
	assert_answer(bare, sizeof bare);
	teardown();
	setup();
	pair->observe = keep_options;
	accept_syn((const uint8_t[]){3, 3, 200, 0}, 4);
	ck_assert_uint_eq(pair->end[1].tcb.snd_scale, 14);
	assert_answer(scale, sizeof scale);
	teardown();
	setup();
	pair->observe = keep_options;
	accept_syn((const uint8_t[]){1, 1, 4, 2}, 4);
	assert_answer(sack, sizeof sack);
	teardown();
	setup();
	accept_syn((const uint8_t[]){2, 4, 0, 1}, 4);
	ck_assert_uint_eq(pair->end[1].tcb.mss, 88);
	teardown();
	setup();
	accept_syn((const uint8_t[]){1, 1, 1, 2}, 4); /* cut off */
	ck_assert_uint_eq(pair->end[1].tcb.mss, 536);
}
END_TEST

START_TEST(test_one_round)
{
	pair->dialogue = pair_dialogue(pair, 7, 200, 1000, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	/* The reply carries the ACK of the request, FIN that of the reply, FIN that of FIN. */
	ck_assert_str_eq(pair_flags_text(pair, 0, 99), "SYN, <SYN/ACK, ACK, PSH/ACK, <PSH/ACK, FIN/ACK, <FIN/ACK, ACK");
	ck_assert_uint_eq(pair->log[4].ack, 201);
	ck_assert_uint_eq(pair->log[5].ack, 1001);
	ck_assert_uint_eq(pair->log[6].ack, 202);
	ck_assert_uint_eq(pair->end[0].received_bytes, 1000);
	ck_assert_uint_eq(pair->end[1].received_bytes, 200);
	/* Handshake, request, reply, FIN, FIN: 7 one-way trips after SYN; TIME-WAIT then. */
	ck_assert_int_eq(pair->log[7].at.ns, 60 * NS_PER_MS);
}
END_TEST

START_TEST(test_rounds_and_sizes)
{
	static const uint32_t sizes[] = {1, 1459, 1460, 1461, 2920, 14600, 14601, 40000};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		teardown();
		setup();
		pair->dialogue = pair_dialogue(pair, 7, sizes[i], sizes[7 - i], 5);
		pair_connect(pair);
		pair_run(pair, INSTANT_NEVER);
		pair_assert_done(pair);
		pair_assert_faultless(pair);
		ck_assert_uint_eq(pair->end[1].received_bytes, 5 * sizes[i]);
		ck_assert_uint_eq(pair->end[0].received_bytes, 5 * sizes[7 - i]);
		for (uint32_t k = 0; k < pair->n_log; k++) {
			const struct segment *s = &pair->log[k];
			uint32_t size = s->from == 0 ? sizes[i] : sizes[7 - i];
			bool last = s->bytes > 0 && (s->seq - 1 + s->bytes) % size == 0;
			ck_assert_uint_eq((s->flags & TCP_PSH) != 0, last);
			ck_assert(s->bytes == 0 || s->bytes == 1460 || last);
		}
	}
}
END_TEST

START_TEST(test_one_way)
{
	pair->dialogue = pair_dialogue(pair, 7, 3000, 0, 3);
	ck_assert_uint_eq(pair->dialogue->n_turns, 3);
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(500));
	pair_assert_faultless(pair);
	/* Nothing answers, so the owner sends once; see test_queue for the rest. */
	ck_assert_uint_eq(pair->end[1].received_bytes, 3000);
}
END_TEST

static void send_three(struct pair *p, uint32_t end, enum tcp_event event, uint32_t bytes)
{
	struct pair_end *e = &p->end[end];

	(void)bytes;
	if (event == TCP_PEER_FIN)
		tcp_close(&p->env, &e->tcb, p->now);
	if (end == 1)
		return;
	if (event == TCP_CONNECTED) {
		ck_assert(tcp_can_send(&e->tcb));
		tcp_send(&p->env, &e->tcb, pair_text(p, 0), p->now); /* nothing */
		tcp_send(&p->env, &e->tcb, pair_text(p, 2000), p->now);
		ck_assert(tcp_can_send(&e->tcb));
		tcp_send(&p->env, &e->tcb, pair_text(p, 10), p->now);
		ck_assert(!tcp_can_send(&e->tcb));
	} else if (event == TCP_ACKED && e->n_event[TCP_ACKED] == 1) {
		ck_assert(tcp_can_send(&e->tcb));
		tcp_send(&p->env, &e->tcb, pair_text(p, 20), p->now);
		ck_assert(!tcp_can_send(&e->tcb));
		tcp_close(&p->env, &e->tcb, p->now);
		tcp_send(&p->env, &e->tcb, pair_text(p, 30), p->now); /* too late */
	}
}

START_TEST(test_queue)
{
	pair->owner = send_three;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	ck_assert_uint_eq(pair->end[1].received_bytes, 2030);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_ACKED], 3);
	/* 1460 and 540: more than a segment, acknowledged at once. The 10 wait for it; the 20 wait 40 ms for theirs,
	 * with FIN. */
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "ACK, PSH/ACK, <ACK, PSH/ACK, <ACK, FIN/PSH/ACK, <FIN/ACK, ACK");
	ck_assert_int_eq(pair->log[7].at.ns - pair->log[6].at.ns, pair->latency_ns + TCP_DELAYED_ACK_NS);
}
END_TEST

START_TEST(test_delayed_ack)
{
	pair->dialogue = pair_dialogue(pair, 7, 100, 200, 1);
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(60000));
	pair_assert_faultless(pair);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "PSH/ACK, <PSH/ACK, ACK");
	ck_assert_int_eq(pair->log[5].at.ns - pair->log[4].at.ns, pair->latency_ns + 40 * NS_PER_MS);
	ck_assert_uint_eq(pair->n_pending, 0);
}
END_TEST

START_TEST(test_every_second_segment)
{
	uint32_t n_acks = 0, last = 1;

	pair->dialogue = pair_dialogue(pair, 7, 1460 * 11, 1, 1);
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(60000));
	pair_assert_faultless(pair);
	for (uint32_t i = 3; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		if (s->from == 0 || s->bytes > 0)
			continue;
		ck_assert_uint_eq(s->ack - last, 2 * 1460);
		last = s->ack;
		n_acks++;
	}
	ck_assert_uint_eq(n_acks, 5);
}
END_TEST

START_TEST(test_initial_window)
{
	pair->dialogue = pair_dialogue(pair, 7, 100000, 1, 1);
	pair_connect(pair);
	pair_run(pair, ms(20));
	ck_assert_uint_eq(pair->n_log, 3 + 10);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
}
END_TEST

START_TEST(test_mss_of_a_middlebox)
{
	pair->syn_mss = 1000;
	pair->dialogue = pair_dialogue(pair, 7, 5000, 5000, 2);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	for (uint32_t i = 0; i < pair->n_log; i++)
		ck_assert_uint_le(pair->log[i].bytes, 1000);
}
END_TEST

START_TEST(test_sequence_wraps)
{
	static const uint32_t before[] = {1, 2, 100, 1460, 20000, 60000};

	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		teardown();
		pair = pair_new(0u - before[i], 0u - before[5 - i]);
		pair->dialogue = pair_dialogue(pair, 7, 30000, 50000, 3);
		pair_connect(pair);
		pair_run(pair, INSTANT_NEVER);
		pair_assert_done(pair);
		pair_assert_faultless(pair);
		ck_assert_uint_eq(pair->end[0].received_bytes, 150000);
	}
}
END_TEST

START_TEST(test_large_transfer)
{
	pair->dialogue = pair_dialogue(pair, 7, 200, 5000000, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	ck_assert_uint_eq(pair->end[0].received_bytes, 5000000);
	/* Slow start from ten segments to 512 kB takes ten round trips of 20 ms, then 4.5 MB at 512 kB each: well below
	 * a second. */
	ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, NS_PER_S);
	ck_assert_uint_lt(pair->end[0].n_timer_calls, 40);
	ck_assert_uint_lt(pair->end[1].n_timer_calls, 8);
}
END_TEST

START_TEST(test_timer_too_early)
{
	pair->hold = true;
	pair_connect(pair);
	tcp_timer(&pair->env, &pair->end[0].tcb, ms(1)); /* nothing is due */
	ck_assert_uint_eq(pair->n_log, 1);
	pair_run(pair, ms(100));
	pair_assert_faultless(pair);
}
END_TEST

START_TEST(test_ip_id_counts)
{
	pair->dialogue = pair_dialogue(pair, 7, 20000, 10, 1);
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(500));
	uint32_t n = 0;
	for (uint32_t i = 0; i < pair->n_log; i++)
		n += pair->log[i].from == 0;
	ck_assert_uint_eq(pair->end[0].tcb.ip_id, (uint16_t)(65530 + n));
}
END_TEST

START_TEST(test_state_names)
{
	ck_assert_str_eq(tcp_state_name(TCP_SYN_SENT), "SYN-SENT");
	ck_assert_str_eq(tcp_state_name(TCP_TIME_WAIT), "TIME-WAIT");
	for (int s = TCP_CLOSED; s < TCP_STATE_COUNT; s++)
		ck_assert_ptr_nonnull(tcp_state_name((enum tcp_state)s));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/tcp");
	TCase *c = tcase_create("tcp");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_handshake);
	tcase_add_test(c, test_syn_options);
	tcase_add_test(c, test_options_of_others);
	tcase_add_test(c, test_one_round);
	tcase_add_test(c, test_rounds_and_sizes);
	tcase_add_test(c, test_one_way);
	tcase_add_test(c, test_queue);
	tcase_add_test(c, test_delayed_ack);
	tcase_add_test(c, test_every_second_segment);
	tcase_add_test(c, test_initial_window);
	tcase_add_test(c, test_mss_of_a_middlebox);
	tcase_add_test(c, test_sequence_wraps);
	tcase_add_test(c, test_large_transfer);
	tcase_add_test(c, test_timer_too_early);
	tcase_add_test(c, test_ip_id_counts);
	tcase_add_test(c, test_state_names);
	suite_add_tcase(s, c);
	return suite_run(s);
}

/* TCP with loss, copies and disorder: every exchange completes, in the way that the standards describe. */
#include "base/random.h"
#include "pair.h"
#include "suite.h"

static struct pair *pair;

static void setup(void)
{
	pair = pair_new(1000, 0u - 9000u); /* the listener's numbers wrap on the way */
}

static void teardown(void)
{
	pair_free(pair);
}

static struct instant ms(int64_t n)
{
	return (struct instant){n * NS_PER_MS};
}

/* Retransmissions, and that PACKET_RETRANSMISSION says of each segment what the log says. */
static uint32_t count_again(void)
{
	uint32_t next[2] = {0, 0}, n = 0;

	for (uint32_t i = 0; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		uint32_t length = s->bytes + (s->flags & TCP_SYN ? 1 : 0) + (s->flags & TCP_FIN ? 1 : 0);
		bool again = length > 0 && s->seq < next[s->from];
		if (s->flags & TCP_RST)
			continue;
		ck_assert_msg(((s->packet_flags & PACKET_RETRANSMISSION) != 0) == again, "segment %u", i);
		ck_assert_uint_eq((s->packet_flags & PACKET_OPENING) != 0, (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN);
		n += again;
		if (s->seq + length > next[s->from])
			next[s->from] = s->seq + length;
	}
	return n;
}

static uint32_t dialogue_run(uint32_t send_bytes, uint32_t reply_bytes, uint32_t rounds, uint32_t lose_a,
			     uint32_t lose_b, bool forgets)
{
	teardown();
	setup();
	pair->forgets_timers = forgets;
	pair->loses = lose_listed;
	pair->lose[0] = lose_a;
	pair->lose[1] = lose_b;
	pair->dialogue = pair_dialogue(pair, 7, send_bytes, reply_bytes, rounds);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[1].received_bytes, (uint64_t)send_bytes * rounds);
	ck_assert_uint_eq(pair->end[0].received_bytes, (uint64_t)reply_bytes * rounds);
	uint32_t n_again = count_again();
	if (lose_a >= pair->n_log)
		ck_assert_uint_eq(n_again, 0);
	return pair->n_log;
}

START_TEST(test_each_segment_lost)
{
	uint32_t n = dialogue_run(3000, 40000, 2, UINT32_MAX, UINT32_MAX, false);

	ck_assert_uint_gt(n, 60);
	for (uint32_t i = 0; i < n; i++)
		dialogue_run(3000, 40000, 2, i, UINT32_MAX, i % 2);
}
END_TEST

START_TEST(test_each_two_segments_lost)
{
	uint32_t n = dialogue_run(200, 7000, 2, UINT32_MAX, UINT32_MAX, false);

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = i + 1; k < n + 4; k++)
			dialogue_run(200, 7000, 2, i, k, k % 2);
}
END_TEST

/* One loss in the middle of a window: three duplicates with SACK, one retransmission, no time-out. */
START_TEST(test_fast_retransmit)
{
	uint32_t n_duplicates = 0, hole;

	pair->loses = lose_listed;
	pair->lose[0] = 20;
	pair->dialogue = pair_dialogue(pair, 7, 200, 100000, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(count_again(), 1);
	ck_assert(pair->log[20].from == 1 && pair->log[20].bytes == 1460);
	hole = pair->log[20].seq;
	ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, 400 * NS_PER_MS);
	for (uint32_t i = 21; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		if (s->from == 0 && s->ack == hole && s->n_sack > 0) {
			ck_assert_uint_eq(s->n_sack, 1);
			ck_assert_uint_eq(s->sack[0][0], hole + 1460);
			ck_assert_uint_eq(s->sack[0][1], hole + 1460 * (2 + n_duplicates));
			n_duplicates++;
		} else {
			ck_assert_uint_eq(s->n_sack, 0);
		}
		if (s->packet_flags & PACKET_RETRANSMISSION)
			ck_assert_uint_eq(s->seq, hole);
	}
	ck_assert_uint_ge(n_duplicates, 3);
}
END_TEST

static bool lose_every_third_once(struct pair *p, const struct packet *packet, uint32_t index)
{
	return p->log[index].bytes == 1460 && !(packet->flags & PACKET_RETRANSMISSION) && index > 40 && index < 80 &&
	       index % 3 == 0;
}

/* Many holes in a window: NewReno repairs one a round trip, SACK reports up to four, the latest first, and nothing
 * waits for a second. */
START_TEST(test_many_holes)
{
	uint32_t most = 0, n_lost = 0;

	pair->loses = lose_every_third_once;
	pair->dialogue = pair_dialogue(pair, 7, 200, 200000, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	for (uint32_t i = 0; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		n_lost += s->lost;
		most = s->n_sack > most ? s->n_sack : most;
		for (uint32_t k = 0; k < s->n_sack; k++) {
			ck_assert_uint_gt(s->sack[k][0], s->ack);
			ck_assert_uint_gt(s->sack[k][1], s->sack[k][0]);
			for (uint32_t m = 0; m < k; m++)
				ck_assert(s->sack[k][1] < s->sack[m][0] || s->sack[m][1] < s->sack[k][0]);
		}
	}
	ck_assert_uint_ge(n_lost, 8);
	ck_assert_uint_eq(most, 4);
	ck_assert_uint_eq(count_again(), n_lost);
	ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, 800 * NS_PER_MS);
}
END_TEST

static bool lose_after(struct pair *p, const struct packet *packet, uint32_t index)
{
	(void)packet;
	return index >= p->lose[0];
}

START_TEST(test_syn_time_out)
{
	static const int64_t at_s[] = {0, 1, 3, 7, 15, 31, 63};

	pair->loses = lose_after;
	pair->lose[0] = 0;
	pair_connect(pair);
	pair_run(pair, ms(126999));
	ck_assert_uint_eq(pair->n_log, 7);
	for (uint32_t i = 0; i < 7; i++) {
		ck_assert_int_eq(pair->log[i].at.ns, at_s[i] * NS_PER_S);
		ck_assert_uint_eq(pair->log[i].packet_flags,
				  PACKET_OPENING | PACKET_FROM_CALLER | (i > 0 ? PACKET_RETRANSMISSION : 0));
	}
	ck_assert_uint_eq(pair->end[0].n_event[TCP_TIMED_OUT], 0);
	pair_run(pair, ms(127000));
	ck_assert_uint_eq(pair->end[0].n_event[TCP_TIMED_OUT], 1);
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
	ck_assert_uint_eq(pair->n_log, 7);
}
END_TEST

START_TEST(test_fewer_syns)
{
	pair->loses = lose_after;
	pair->lose[0] = 0;
	pair->end[0].tcb.max_syn_retries = 2;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_uint_eq(pair->n_log, 3);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_TIMED_OUT], 1);
	ck_assert_int_eq(pair->now.ns, 7 * NS_PER_S);
}
END_TEST

START_TEST(test_syn_ack_time_out)
{
	pair->loses = lose_after;
	pair->lose[0] = 1;
	pair->end[0].tcb.max_syn_retries = 0;
	pair->end[1].tcb.max_syn_retries = 3;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_str_eq(pair_flags_text(pair, 0, 99), "SYN, <SYN/ACK, <SYN/ACK, <SYN/ACK, <SYN/ACK");
	ck_assert_uint_eq(pair->end[1].n_event[TCP_TIMED_OUT], 1);
	ck_assert_uint_eq(pair->end[1].n_event[TCP_CONNECTED], 0);
	ck_assert_uint_eq(pair->end[1].n_freed, 1);
}
END_TEST

START_TEST(test_data_time_out)
{
	static const int64_t gap_s[] = {1, 2, 4, 8, 16, 32};

	pair->loses = lose_after;
	pair->lose[0] = 4;
	pair->dialogue = pair_dialogue(pair, 7, 5000, 10, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_TIMED_OUT], 1);
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
	/* Four segments of which the first arrives and its ACK is lost; then the first of them alone, six times. */
	uint32_t n = 0;
	int64_t at_ns = pair->log[3].at.ns;
	for (uint32_t i = 0; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		if (!(s->packet_flags & PACKET_RETRANSMISSION))
			continue;
		ck_assert_uint_lt(n, 6);
		ck_assert_uint_eq(s->seq, 1);
		ck_assert_uint_eq(s->bytes, 1460);
		ck_assert_int_eq(s->at.ns - at_ns, gap_s[n++] * NS_PER_S);
		at_ns = s->at.ns;
	}
	ck_assert_uint_eq(n, 6);
}
END_TEST

/* RFC 6298 5.7: after a lost SYN the first time-out of data is 3 s; RFC 6928: ten segments after one loss, one after
 * more. */
START_TEST(test_after_lost_syns)
{
	for (uint32_t n_lost = 1; n_lost <= 2; n_lost++) {
		teardown();
		setup();
		pair->loses = lose_listed;
		pair->lose[0] = 0;
		pair->lose[1] = n_lost == 2 ? 1 : 4; /* the second SYN, or the first data segment */
		pair->dialogue = pair_dialogue(pair, 7, 50000, 10, 1);
		pair_connect(pair);
		pair_run(pair, ms(n_lost == 2 ? 3020 : 1020));
		ck_assert_uint_eq(pair->end[0].tcb.cwnd, n_lost == 2 ? 1460 : 14600);
		ck_assert_int_eq(tcp_state_name((enum tcp_state)pair->end[0].tcb.state)[0], 'E');
		ck_assert_int_eq(pair->end[0].tcb.retransmit_at.ns - pair->now.ns, 3 * NS_PER_S);
		pair_run(pair, INSTANT_NEVER);
		pair_assert_done(pair);
	}
}
END_TEST

/* Karn: a segment sent twice gives no sample; the doubled time-out is kept until one that was sent once does. */
START_TEST(test_back_off_is_kept)
{
	pair->loses = lose_listed;
	pair->lose[0] = 3;
	pair->dialogue = pair_dialogue(pair, 7, 200, 300, 3);
	pair_connect(pair);
	pair_run(pair, ms(1039));
	ck_assert_uint_eq(pair->end[0].n_event[TCP_ACKED], 0);
	ck_assert_uint_eq(pair->end[0].tcb.backoff, 1);
	pair_run(pair, ms(1041));
	ck_assert_uint_eq(pair->end[0].n_event[TCP_ACKED], 1);
	ck_assert_uint_eq(pair->end[0].tcb.srtt_us, 20000);
	ck_assert_uint_eq(pair->end[0].tcb.backoff, 1);
	ck_assert_int_eq(pair->end[0].tcb.retransmit_at.ns, 1040 * NS_PER_MS + 2 * NS_PER_S);
	pair_run(pair, ms(1061));
	ck_assert_uint_eq(pair->end[0].n_event[TCP_ACKED], 2);
	ck_assert_uint_eq(pair->end[0].tcb.backoff, 0);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
}
END_TEST

static uint64_t chance(const struct pair *p, uint64_t purpose, uint32_t index)
{
	return random_join(random_join(p->seed, purpose), index);
}

static bool lose_by_chance(struct pair *p, const struct packet *packet, uint32_t index)
{
	(void)packet;
	return random_below(chance(p, 1, index), 1000) < p->lose[0];
}

static int64_t delay_by_chance(struct pair *p, const struct packet *packet, uint32_t index)
{
	(void)packet;
	return random_below(chance(p, 2, index), 10) < 3 ? random_below(chance(p, 3, index), 30) * NS_PER_MS : 0;
}

static bool double_by_chance(struct pair *p, const struct packet *packet, uint32_t index)
{
	(void)packet;
	return random_below(chance(p, 4, index), 10) == 0;
}

START_TEST(test_large_transfer_with_loss)
{
	pair->loses = lose_by_chance;
	pair->lose[0] = 5; /* a half percent */
	pair->seed = 42;
	pair->dialogue = pair_dialogue(pair, 7, 200, 5000000, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[0].received_bytes, 5000000);
	ck_assert_uint_lt(count_again(), 60);
}
END_TEST

/* Copies of a burst make duplicate ACKs, so something may be retransmitted without need; it does no harm. */
START_TEST(test_copies)
{
	pair->dialogue = pair_dialogue(pair, 7, 3000, 40000, 3);
	pair->doubles = double_by_chance;
	pair->seed = 4;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[0].received_bytes, 120000);
	ck_assert_uint_lt(count_again(), 10);
	ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, NS_PER_S);
}
END_TEST

START_TEST(test_chaos)
{
	for (uint32_t seed = 0; seed < 150; seed++) {
		teardown();
		pair = pair_new((uint32_t)random_mix(seed), (uint32_t)random_mix(seed + 1000));
		pair->seed = seed;
		pair->forgets_timers = seed % 2;
		pair->lose[0] = seed % 5 * 40;
		pair->loses = lose_by_chance;
		pair->delays = seed % 3 > 0 ? delay_by_chance : NULL;
		pair->doubles = seed % 2 ? double_by_chance : NULL;
		pair->dialogue = pair_dialogue(pair, 7, 1 + (uint32_t)random_mix(seed) % 9000,
					       1 + (uint32_t)random_mix(~seed) % 60000, 1 + seed % 3);
		pair_connect(pair);
		pair_run(pair, INSTANT_NEVER);
		pair_assert_done(pair);
		count_again();
	}
}
END_TEST

/* Short of memory for a packet: as if it were lost. */
START_TEST(test_no_packets)
{
	pair->n_packets_left = 5;
	pair->dialogue = pair_dialogue(pair, 7, 200, 3000, 1);
	pair_connect(pair);
	pair_run(pair, ms(500));
	ck_assert_uint_eq(pair->n_log, 5);
	pair->n_packets_left = UINT32_MAX;
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[0].received_bytes, 3000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/tcp_loss");
	TCase *c = tcase_create("loss");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_each_segment_lost);
	tcase_add_test(c, test_each_two_segments_lost);
	tcase_add_test(c, test_fast_retransmit);
	tcase_add_test(c, test_many_holes);
	tcase_add_test(c, test_syn_time_out);
	tcase_add_test(c, test_fewer_syns);
	tcase_add_test(c, test_syn_ack_time_out);
	tcase_add_test(c, test_data_time_out);
	tcase_add_test(c, test_after_lost_syns);
	tcase_add_test(c, test_back_off_is_kept);
	tcase_add_test(c, test_large_transfer_with_loss);
	tcase_add_test(c, test_copies);
	tcase_add_test(c, test_chaos);
	tcase_add_test(c, test_no_packets);
	suite_add_tcase(s, c);
	return suite_run(s);
}

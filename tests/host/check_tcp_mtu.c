/* TCP over a path whose MTU is smaller than either end's: a router drops what is too long, and says so. */
#include "pair.h"
#include "suite.h"

static struct pair *pair;

static void setup(void)
{
	pair = pair_new(1000, 0u - 5000u);
	pair->dialogue = NULL;
}

static void teardown(void)
{
	pair_free(pair);
}

static struct instant ms(int64_t n)
{
	return (struct instant){n * NS_PER_MS};
}

/* What end `from` sent, between two times. */
struct sum {
	uint32_t n, n_lost, n_again, longest, bytes_again;
};

static struct sum sum_of(uint32_t from, struct instant since, struct instant until)
{
	struct sum sum = {0};

	for (uint32_t i = 0; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		if (s->from != from || s->bytes == 0 || instant_before(s->at, since) || instant_before(until, s->at))
			continue;
		bool again = (s->packet_flags & PACKET_RETRANSMISSION) != 0;
		sum.n++;
		sum.n_lost += s->lost;
		sum.n_again += again;
		sum.bytes_again += again ? s->bytes : 0;
		sum.longest = s->bytes > sum.longest ? s->bytes : sum.longest;
	}
	return sum;
}

static struct sum sum_all(uint32_t from)
{
	return sum_of(from, INSTANT_ZERO, INSTANT_NEVER);
}

static void run_dialogue(uint32_t send_bytes, uint32_t reply_bytes, uint32_t rounds)
{
	pair->dialogue = pair_dialogue(pair, 7, send_bytes, reply_bytes, rounds);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[1].received_bytes, (uint64_t)send_bytes * rounds);
	ck_assert_uint_eq(pair->end[0].received_bytes, (uint64_t)reply_bytes * rounds);
}

/* The one way that MTU matters is that one; the other end goes on with full segments. */
START_TEST(test_one_direction)
{
	uint32_t from = (uint32_t)_i;
	pair->mtu[from] = 1400;
	run_dialogue(20000, 20000, 2);
	/* Ten segments are in flight when the first error comes; what fitted neither time is lost, nothing else. */
	struct sum sum = sum_all(from), other = sum_all(!from);
	ck_assert_uint_eq(sum.n_lost, 10);
	ck_assert_uint_eq(pair->n_errors, 10);
	ck_assert_uint_eq(sum.longest, 1460);
	ck_assert_uint_eq(sum.bytes_again, 14600);
	ck_assert_uint_eq(other.n_lost + other.n_again, 0);
	ck_assert_uint_eq(other.longest, 1460);
	bool told = false;
	for (uint32_t i = 0; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		told = told || (s->from == from && (s->packet_flags & PACKET_RETRANSMISSION));
		ck_assert_msg(!told || s->from != from || s->bytes <= 1360, "segment %u", i);
	}
}
END_TEST

/* One request of several segments: what happens, segment by segment. */
START_TEST(test_at_once)
{
	pair->mtu[0] = 1400;
	run_dialogue(4000, 10, 1);
	/* SYN, SYN/ACK, ACK, then 1460 + 1460 + 1080 at 20 ms; the last fits. */
	static const struct {
		uint32_t seq, bytes;
		int64_t at_ms;
		bool lost, again;
	} expected[] = {
		{1, 1460, 20, true, false}, {1461, 1460, 20, true, false}, {2921, 1080, 20, false, false},
		{1, 1360, 30, false, true}, {1361, 1360, 30, false, true}, {2721, 200, 30, false, true},
	};
	uint32_t n = 0;
	for (uint32_t i = 0; i < pair->n_log; i++) {
		const struct segment *s = &pair->log[i];
		if (s->from != 0 || s->bytes == 0)
			continue;
		ck_assert_uint_lt(n, sizeof expected / sizeof *expected);
		ck_assert_uint_eq(s->seq, expected[n].seq);
		ck_assert_uint_eq(s->bytes, expected[n].bytes);
		ck_assert_int_eq(s->at.ns, expected[n].at_ms * NS_PER_MS);
		ck_assert_int_eq(s->lost, expected[n].lost);
		ck_assert_int_eq((s->packet_flags & PACKET_RETRANSMISSION) != 0, expected[n].again);
		n++;
	}
	ck_assert_uint_eq(n, sizeof expected / sizeof *expected);
}
END_TEST

/* Nothing of it is congestion: the window is what it was, and goes on growing. */
START_TEST(test_not_congestion)
{
	pair->hold = true;
	pair->mtu[0] = 1300;
	pair->dialogue = pair_dialogue(pair, 7, 500000, 10, 1);
	pair_connect(pair);
	pair_run(pair, ms(35));
	const struct tcb *t = &pair->end[0].tcb;
	ck_assert_uint_eq(t->mss, 1260);
	ck_assert_uint_eq(t->cwnd, 14600);
	ck_assert_uint_eq(t->ssthresh, UINT16_MAX);
	ck_assert_uint_eq(t->backoff, 0);
	ck_assert_uint_eq(t->retransmissions, 0);
	ck_assert_uint_eq(t->snd_nxt - t->snd_una, 14600);
	pair_run(pair, ms(60));
	ck_assert_uint_gt(t->cwnd, 14600);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_uint_eq(pair->end[1].received_bytes, 500000);
	struct sum sum = sum_all(0);
	ck_assert_uint_eq(sum.n_lost, 10);
	ck_assert_uint_eq(sum.bytes_again, 14600);
}
END_TEST

START_TEST(test_any_size)
{
	static const uint16_t mtus[] = {1499, 1492, 1400, 1301, 1006, 577, 576};
	for (size_t i = 0; i < sizeof mtus / sizeof *mtus; i++)
		for (uint32_t bytes = 1; bytes < 100000; bytes = bytes * 3 + 700) {
			teardown();
			setup();
			pair->mtu[0] = pair->mtu[1] = mtus[i];
			run_dialogue(bytes, bytes + 1, 2);
			for (uint32_t from = 0; from < 2; from++) {
				struct sum sum = sum_all(from);
				ck_assert_msg(sum.n_lost <= 10, "MTU %u, %u bytes: %u lost", mtus[i], bytes,
					      sum.n_lost);
			}
			/* Without a time-out: all was said at once. */
			ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, NS_PER_S);
		}
}
END_TEST

/* A lost error costs a time-out; the next tells it. */
START_TEST(test_error_lost)
{
	pair->mtu[0] = 1400;
	pair->n_errors_to_lose = 1;
	run_dialogue(1400, 10, 1);
	ck_assert_uint_eq(pair->n_errors, 2);
	struct sum sum = sum_all(0);
	ck_assert_uint_eq(sum.n_lost, 2);
	ck_assert_uint_eq(sum.n, 4);
	/* At 20 ms, after the time-out of a second, and at once when the error is there. */
	struct sum first = sum_of(0, ms(20), ms(20)), second = sum_of(0, ms(1020), ms(1020)),
		   third = sum_of(0, ms(1030), ms(1030));
	ck_assert_uint_eq(first.n, 1);
	ck_assert_uint_eq(second.n, 1);
	ck_assert_uint_ge(third.n, 1);
	ck_assert_uint_eq(third.longest, 1360);
}
END_TEST

/* Where several are in flight the second one's error does what the first's would have done. */
START_TEST(test_one_error_of_many_lost)
{
	pair->mtu[0] = 1400;
	pair->n_errors_to_lose = 3;
	run_dialogue(14600, 10, 1);
	ck_assert_uint_eq(pair->n_errors, 10);
	ck_assert_uint_eq(sum_all(0).n_lost, 10);
	ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, NS_PER_S);
}
END_TEST

/* No error ever comes, a black hole: the connection times out as over any dead path. */
START_TEST(test_black_hole)
{
	pair->mtu[0] = 1400;
	pair->n_errors_to_lose = UINT32_MAX;
	pair->dialogue = pair_dialogue(pair, 7, 3000, 10, 1);
	pair_connect(pair);
	pair_run(pair, (struct instant){200 * NS_PER_S});
	ck_assert_uint_eq(pair->end[0].n_event[TCP_TIMED_OUT], 1);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_ACKED], 0);
}
END_TEST

/* A router that names no MTU: plateau after plateau (RFC 1191 7.1). */
START_TEST(test_plateaus)
{
	pair->mtu[0] = 1000;
	pair->mtu_is_secret = true;
	run_dialogue(6000, 10, 1);
	bool seen[1500] = {false};
	for (uint32_t i = 0; i < pair->n_log; i++)
		if (pair->log[i].from == 0)
			seen[pair->log[i].bytes] = true;
	ck_assert(seen[1460] && seen[1452] && seen[966] && seen[536]);
	ck_assert_uint_eq(sum_all(0).longest, 1460);
	ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, NS_PER_S);
}
END_TEST

static void tell(uint16_t mtu)
{
	tcp_too_big(&pair->env, &pair->end[0].tcb, mtu, pair->now);
}

START_TEST(test_what_is_believed)
{
	pair->hold = true;
	pair->dialogue = pair_dialogue(pair, 7, 10, 10, 1);
	pair_connect(pair);
	pair_run(pair, ms(500));
	const struct tcb *t = &pair->end[0].tcb;
	ck_assert_int_eq(t->state, TCP_ESTABLISHED);
	uint32_t n_log = pair->n_log;
	static const struct {
		uint16_t mtu, mss;
	} steps[] = {{1500, 1460}, {9000, 1460}, {1499, 1459}, {1500, 1459}, {0, 1452}, {0, 966},   {1007, 966},
		     {900, 860},   {575, 536},   {68, 536},    {1, 536},     {0, 536},  {1500, 536}};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		tell(steps[i].mtu);
		ck_assert_msg(t->mss == steps[i].mss, "step %zu: %u", i, t->mss);
	}
	/* Nothing was outstanding: nothing is sent. */
	ck_assert_uint_eq(pair->n_log, n_log);
	ck_assert(instant_is_never(t->retransmit_at));
}
END_TEST

/* Before the peer has named its MSS. */
START_TEST(test_while_opening)
{
	pair->dialogue = pair_dialogue(pair, 7, 5000, 10, 1);
	pair_connect(pair);
	tell(1200);
	ck_assert_uint_eq(pair->n_log, 1);
	ck_assert(!instant_is_never(pair->end[0].tcb.retransmit_at));
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	ck_assert_uint_eq(sum_all(0).longest, 1160);
	/* A peer that takes less has the last word. */
	teardown();
	setup();
	pair->syn_mss = 1000;
	pair->dialogue = pair_dialogue(pair, 7, 5000, 10, 1);
	pair_connect(pair);
	tell(1200);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_uint_eq(sum_all(0).longest, 1000);
}
END_TEST

static void close_both(struct pair *p, uint32_t end, enum tcp_event event, uint32_t bytes)
{
	(void)bytes;
	if (event == TCP_CONNECTED && end == 0) {
		tcp_send(&p->env, &p->end[0].tcb, pair_text(p, 2920), p->now);
		tcp_close(&p->env, &p->end[0].tcb, p->now);
	}
	if (event == TCP_PEER_FIN)
		tcp_close(&p->env, &p->end[end].tcb, p->now);
}

/* FIN-WAIT-1: data and FIN are outstanding; FIN went through, and is not retransmitted. */
START_TEST(test_closing)
{
	pair->mtu[0] = 1400;
	pair->owner = close_both;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[1].received_bytes, 2920);
	struct sum sum = sum_all(0);
	ck_assert_uint_eq(sum.bytes_again, 2920);
	uint32_t n_fin = 0;
	for (uint32_t i = 0; i < pair->n_log; i++)
		n_fin += pair->log[i].from == 0 && (pair->log[i].flags & TCP_FIN);
	ck_assert_uint_le(n_fin, 2);
	ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, NS_PER_S);
}
END_TEST

/* TIME-WAIT has nothing to send, and its timer stands. */
START_TEST(test_time_wait)
{
	pair->dialogue = pair_dialogue(pair, 7, 100, 100, 1);
	pair_connect(pair);
	pair_run(pair, ms(2000));
	const struct tcb *t = &pair->end[0].tcb;
	ck_assert_int_eq(t->state, TCP_TIME_WAIT);
	struct instant due = t->retransmit_at;
	uint32_t n_log = pair->n_log;
	tell(1000);
	ck_assert_int_eq(t->retransmit_at.ns, due.ns);
	ck_assert_uint_eq(pair->n_log, n_log);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
}
END_TEST

/* During fast recovery: everything is retransmitted, once, and what duplicates had added to the window is taken off. */
static bool lose_one(struct pair *p, const struct packet *packet, uint32_t index)
{
	(void)packet;
	return index == p->lose[0];
}

static void shrink(struct pair *p)
{
	p->mtu[0] = 1100;
}

START_TEST(test_with_loss)
{
	for (uint32_t lost = 3; lost < 60; lost++)
		for (int64_t at_ms = 20; at_ms <= 120; at_ms += 20) {
			teardown();
			setup();
			pair->loses = lose_one;
			pair->lose[0] = lost;
			pair_at(pair, ms(at_ms), shrink);
			run_dialogue(60000, 10, 1);
			ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, 8 * NS_PER_S);
		}
}
END_TEST

/* The MTU shrinks twice, at any times: it always ends well. */
static void shrink_more(struct pair *p)
{
	p->mtu[0] = 800;
}

START_TEST(test_twice)
{
	for (int64_t first_ms = 15; first_ms < 90; first_ms += 5)
		for (int64_t second_ms = first_ms; second_ms < 100; second_ms += 5)
			for (uint32_t bytes = 13000; bytes < 16000; bytes += 701) {
				teardown();
				setup();
				pair_at(pair, ms(first_ms), shrink);
				pair_at(pair, ms(second_ms), shrink_more);
				run_dialogue(bytes, 10, 3);
				ck_assert_int_lt(pair->log[pair->n_log - 1].at.ns, NS_PER_S);
			}
}
END_TEST

/* Memory is short when the segments are cut anew: the time-out repairs it. */
START_TEST(test_no_packets)
{
	pair->mtu[0] = 1400;
	pair->dialogue = pair_dialogue(pair, 7, 5000, 10, 1);
	pair_connect(pair);
	pair_run(pair, ms(29));
	pair->n_packets_left = 1;
	pair_run(pair, ms(500));
	pair->n_packets_left = UINT32_MAX;
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[1].received_bytes, 5000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/tcp_mtu");
	TCase *c = tcase_create("mtu");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, test_one_direction, 0, 2);
	tcase_add_test(c, test_at_once);
	tcase_add_test(c, test_not_congestion);
	tcase_add_test(c, test_any_size);
	tcase_add_test(c, test_error_lost);
	tcase_add_test(c, test_one_error_of_many_lost);
	tcase_add_test(c, test_black_hole);
	tcase_add_test(c, test_plateaus);
	tcase_add_test(c, test_what_is_believed);
	tcase_add_test(c, test_while_opening);
	tcase_add_test(c, test_closing);
	tcase_add_test(c, test_time_wait);
	tcase_add_test(c, test_with_loss);
	tcase_add_test(c, test_twice);
	tcase_add_test(c, test_no_packets);
	suite_add_tcase(s, c);
	return suite_run(s);
}

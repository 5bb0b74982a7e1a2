/* TCP's ends and odd beginnings: FIN exchanges, resets (RFC 5961), refusals, simultaneous open and close, TIME-WAIT. */
#include "pair.h"
#include "suite.h"

static struct pair *pair;

static void setup(void)
{
	pair = pair_new(0u - 5u, 77);
}

static void teardown(void)
{
	pair_free(pair);
}

static struct instant ms(int64_t n)
{
	return (struct instant){n * NS_PER_MS};
}

static void quiet_owner(struct pair *p, uint32_t end, enum tcp_event event, uint32_t bytes)
{
	(void)p, (void)end, (void)event, (void)bytes;
}

static void close_end(uint32_t end)
{
	tcp_close(&pair->env, &pair->end[end].tcb, pair->now);
}

static int state(uint32_t end)
{
	return pair->end[end].tcb.state;
}

/* An open connection whose owners do nothing, at 100 ms. */
static void open_quietly(void)
{
	pair->owner = quiet_owner;
	pair_connect(pair);
	pair_run(pair, ms(100));
	ck_assert_int_eq(state(0), TCP_ESTABLISHED);
	ck_assert_int_eq(state(1), TCP_ESTABLISHED);
	ck_assert_uint_eq(pair->n_log, 3);
}

/* The listener is the first to close. */
START_TEST(test_listener_closes)
{
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(100));
	close_end(1);
	ck_assert_int_eq(state(1), TCP_FIN_WAIT_1);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "<FIN/ACK, FIN/ACK, <ACK");
}
END_TEST

/* The owner lets the peer's FIN stand: it is acknowledged at once, half the connection stays open, data still flow. */
START_TEST(test_half_open)
{
	open_quietly();
	close_end(0);
	pair_run(pair, ms(200));
	ck_assert_int_eq(state(0), TCP_FIN_WAIT_2);
	ck_assert_int_eq(state(1), TCP_CLOSE_WAIT);
	ck_assert_uint_eq(pair->end[1].n_event[TCP_PEER_FIN], 1);
	ck_assert_int_eq(pair->log[4].at.ns - pair->log[3].at.ns, pair->latency_ns);
	tcp_send(&pair->env, &pair->end[1].tcb, pair_text(pair, 2000), pair->now);
	pair_run(pair, ms(300));
	ck_assert_uint_eq(pair->end[0].received_bytes, 2000);
	close_end(1);
	ck_assert_int_eq(state(1), TCP_LAST_ACK);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "FIN/ACK, <ACK, <ACK, <PSH/ACK, ACK, <FIN/ACK, ACK");
}
END_TEST

START_TEST(test_simultaneous_close)
{
	open_quietly();
	close_end(0);
	close_end(1);
	pair_run(pair, ms(111));
	ck_assert_int_eq(state(0), TCP_CLOSING);
	ck_assert_int_eq(state(1), TCP_CLOSING);
	pair_run(pair, ms(121));
	ck_assert_int_eq(state(0), TCP_TIME_WAIT);
	ck_assert_int_eq(state(1), TCP_TIME_WAIT);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	pair_assert_faultless(pair);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "FIN/ACK, <FIN/ACK, <ACK, ACK");
}
END_TEST

/* close() after write(): FIN by itself; close() while the window holds data back: FIN with the last of them. */
START_TEST(test_fin_and_data)
{
	open_quietly();
	tcp_send(&pair->env, &pair->end[0].tcb, pair_text(pair, 100), pair->now);
	close_end(0);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "PSH/ACK, FIN/ACK");
	teardown();
	setup();
	open_quietly();
	tcp_send(&pair->env, &pair->end[0].tcb, pair_text(pair, 1460 * 12), pair->now);
	close_end(0);
	pair_run(pair, ms(500));
	ck_assert_int_eq(state(0), TCP_FIN_WAIT_2);
	ck_assert_uint_eq(pair->end[1].received_bytes, 1460 * 12);
	uint32_t n_fins = 0;
	for (uint32_t i = 0; i < pair->n_log; i++) {
		if (!(pair->log[i].flags & TCP_FIN))
			continue;
		ck_assert_uint_eq(pair->log[i].bytes, 1460);
		ck_assert_uint_eq(pair->log[i].flags, TCP_FIN | TCP_PSH | TCP_ACK);
		n_fins++;
	}
	ck_assert_uint_eq(n_fins, 1);
	pair_assert_faultless(pair);
}
END_TEST

static bool lose_from(struct pair *p, const struct packet *packet, uint32_t index)
{
	(void)packet;
	return index >= p->lose[0];
}

START_TEST(test_time_wait)
{
	pair->dialogue = pair_dialogue(pair, 7, 10, 10, 1);
	pair_connect(pair);
	pair_run(pair, ms(60));
	ck_assert_int_eq(state(0), TCP_TIME_WAIT);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_DONE], 1);
	pair_run(pair, ms(10000));
	pair->loses = lose_from;
	pair->lose[0] = pair->n_log; /* its sender is gone, and would reset */
	/* The peer's FIN again: acknowledged, and 60 s from now on. */
	pair_inject(pair, 0, TCP_FIN | TCP_ACK, 11, 12, 0);
	ck_assert_uint_eq(pair->log[pair->n_log - 1].flags, TCP_ACK);
	pair_run(pair, ms(69999));
	ck_assert_uint_eq(pair->end[0].n_freed, 0);
	pair_run(pair, ms(70000));
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_DONE], 1);
}
END_TEST

/* A reset in TIME-WAIT ends it without a word, as its last event was reported. So does the owner. */
START_TEST(test_time_wait_cut_short)
{
	for (int by_owner = 0; by_owner < 2; by_owner++) {
		teardown();
		setup();
		pair->dialogue = pair_dialogue(pair, 7, 10, 10, 1);
		pair_connect(pair);
		pair_run(pair, ms(100));
		uint32_t n = pair->n_log;
		if (by_owner)
			tcp_abort(&pair->env, &pair->end[0].tcb, pair->now);
		else
			pair_inject(pair, 0, TCP_RST, 12, 12, 0);
		ck_assert_uint_eq(pair->end[0].n_freed, 1);
		ck_assert_uint_eq(pair->n_log, n);
	}
}
END_TEST

static bool lose_first_fins(struct pair *p, const struct packet *packet, uint32_t index)
{
	return p->log[index].flags & TCP_FIN && !(packet->flags & PACKET_RETRANSMISSION);
}

START_TEST(test_lost_fins)
{
	pair->loses = lose_first_fins;
	pair->dialogue = pair_dialogue(pair, 7, 10, 10, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_ge(pair->n_log, 10);
}
END_TEST

START_TEST(test_abort)
{
	pair->dialogue = pair_dialogue(pair, 7, 3000, 10, 1);
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, ms(100));
	tcp_abort(&pair->env, &pair->end[0].tcb, pair->now);
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_DONE], 0);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_uint_eq(pair->end[1].n_event[TCP_RESET_BY_PEER], 1);
	ck_assert_uint_eq(pair->end[1].n_freed, 1);
	ck_assert_uint_eq(pair->log[pair->n_log - 1].flags, TCP_RST | TCP_ACK);
	ck_assert_uint_eq(pair->log[pair->n_log - 1].seq, 3001);
}
END_TEST

static void abort_on_received(struct pair *p, uint32_t end, enum tcp_event event, uint32_t bytes)
{
	(void)bytes;
	if (end == 0 && event == TCP_CONNECTED)
		tcp_send(&p->env, &p->end[0].tcb, pair_text(p, 2000), p->now);
	if (end == 1 && event == TCP_RECEIVED) {
		tcp_send(&p->env, &p->end[1].tcb, pair_text(p, 10), p->now);
		tcp_abort(&p->env, &p->end[1].tcb, p->now);
		tcp_abort(&p->env, &p->end[1].tcb, p->now);
		tcp_close(&p->env, &p->end[1].tcb, p->now);
		tcp_send(&p->env, &p->end[1].tcb, pair_text(p, 10), p->now);
		ck_assert_uint_eq(p->end[1].n_freed, 0);
	}
}

/* Inside an event: RST leaves, nothing else does, the TCB lives until the event is over. The second segment finds
 * nothing. */
START_TEST(test_abort_inside)
{
	pair->owner = abort_on_received;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_uint_eq(pair->end[1].n_event[TCP_RECEIVED], 1);
	ck_assert_uint_eq(pair->end[1].n_freed, 1);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_RESET_BY_PEER], 1);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "ACK, PSH/ACK, <RST/ACK, <RST");
}
END_TEST

START_TEST(test_refused)
{
	pair->listens = false;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_str_eq(pair_flags_text(pair, 0, 99), "SYN, <RST/ACK");
	ck_assert_uint_eq(pair->log[1].ack, 1);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_REFUSED], 1);
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
}
END_TEST

START_TEST(test_unreachable)
{
	pair->loses = NULL;
	pair_connect(pair);
	tcp_unreachable(&pair->env, &pair->end[0].tcb, pair->now);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_REFUSED], 1);
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
	teardown();
	setup();
	open_quietly();
	tcp_unreachable(&pair->env, &pair->end[0].tcb, pair->now); /* a soft error once open */
	ck_assert_int_eq(state(0), TCP_ESTABLISHED);
	ck_assert_uint_eq(pair->n_log, 3);
}
END_TEST

START_TEST(test_close_before_open)
{
	pair_connect(pair);
	close_end(0);
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
	ck_assert_uint_eq(pair->n_log, 1);
	pair_run(pair, INSTANT_NEVER);
	/* The SYN/ACK finds no connection. */
	ck_assert_str_eq(pair_flags_text(pair, 0, 99), "SYN, <SYN/ACK, RST");
	ck_assert_uint_eq(pair->end[1].n_event[TCP_RESET_BY_PEER], 1);
}
END_TEST

static void close_accepted(struct pair *p)
{
	ck_assert_int_eq(p->end[1].tcb.state, TCP_SYN_RECEIVED);
	tcp_send(&p->env, &p->end[1].tcb, pair_text(p, 50), p->now);
	tcp_close(&p->env, &p->end[1].tcb, p->now);
}

/* What is asked for in SYN-RECEIVED happens once the connection is open. */
START_TEST(test_close_in_syn_received)
{
	pair_at(pair, ms(15), close_accepted);
	pair->hold = true;
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_uint_eq(pair->end[0].received_bytes, 50);
}
END_TEST

/* RFC 5961 3: the exact number resets, others in the window are answered, those outside are ignored. */
START_TEST(test_reset_check)
{
	open_quietly();
	pair_inject(pair, 0, TCP_RST, 0, 1, 0);
	pair_inject(pair, 0, TCP_RST, 1 + TCP_RECEIVE_WINDOW_BYTES, 1, 0);
	ck_assert_uint_eq(pair->n_log, 3);
	pair_inject(pair, 0, TCP_RST, 2, 1, 0);
	pair_inject(pair, 0, TCP_RST | TCP_ACK, TCP_RECEIVE_WINDOW_BYTES, 1, 0);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "ACK, ACK");
	ck_assert_int_eq(state(0), TCP_ESTABLISHED);
	pair_inject(pair, 0, TCP_RST, 1, 1, 0);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_RESET_BY_PEER], 1);
	ck_assert_uint_eq(pair->end[0].n_freed, 1);
	ck_assert_uint_eq(pair->n_log, 5);
}
END_TEST

/* RFC 5961 4 and 5; a segment without ACK; what is old, and what needs no answer. */
START_TEST(test_other_checks)
{
	open_quietly();
	pair_inject(pair, 0, TCP_SYN, 100, 0, 0);
	ck_assert_uint_eq(pair->n_log, 4);
	pair_inject(pair, 0, TCP_ACK, 1, 2, 10); /* acknowledges what was never sent: answered, not taken */
	ck_assert_uint_eq(pair->n_log, 5);
	pair_inject(pair, 0, TCP_ACK, 1, 0u - 3000000u, 10); /* far too old */
	ck_assert_uint_eq(pair->n_log, 6);
	pair_inject(pair, 0, TCP_PSH, 1, 1, 10);      /* no ACK: dropped */
	pair_inject(pair, 0, TCP_ACK, 3000000, 1, 0); /* nowhere near, and nothing in it */
	pair_inject(pair, 0, TCP_ACK, 0u - 100u, 1, 0);
	ck_assert_uint_eq(pair->n_log, 6);
	pair_inject(pair, 0, TCP_ACK, 0, 1, 0); /* a keep-alive */
	ck_assert_uint_eq(pair->n_log, 7);
	pair_inject(pair, 0, TCP_ACK, 3000000, 1, 1); /* data nowhere near */
	ck_assert_uint_eq(pair->n_log, 8);
	ck_assert_uint_eq(pair->end[0].received_bytes, 0);
	for (uint32_t i = 3; i < pair->n_log; i++)
		ck_assert_uint_eq(pair->log[i].flags, TCP_ACK);
	pair_inject(pair, 0, TCP_ACK, 1, 0, 10); /* a little old: its data are good */
	ck_assert_uint_eq(pair->end[0].received_bytes, 10);
	pair_inject(pair, 0, TCP_ACK, 6, 1, 10); /* half of it is new */
	ck_assert_uint_eq(pair->end[0].received_bytes, 15);
	ck_assert_uint_eq(pair->log[pair->n_log - 1].ack, 16);
	pair_inject(pair, 0, TCP_ACK | TCP_FIN, 16 + 100, 1, 5); /* FIN beyond a hole */
	ck_assert_int_eq(state(0), TCP_ESTABLISHED);
	ck_assert_uint_eq(pair->log[pair->n_log - 1].n_sack, 1);
	pair_inject(pair, 0, TCP_ACK, 16, 1, 100);
	ck_assert_int_eq(state(0), TCP_CLOSE_WAIT);
	ck_assert_uint_eq(pair->end[0].received_bytes, 15 + 105);
	ck_assert_uint_eq(pair->log[pair->n_log - 1].ack, 16 + 106);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_PEER_FIN], 1);
	pair_inject(pair, 0, TCP_ACK, 16 + 106, 1, 100); /* after FIN there is nothing */
	ck_assert_uint_eq(pair->end[0].received_bytes, 15 + 105);
}
END_TEST

START_TEST(test_syn_sent_checks)
{
	pair->loses = NULL;
	pair->listens = false;
	pair->owner = quiet_owner;
	pair->latency_ns = NS_PER_S;
	pair_connect(pair);
	pair_inject(pair, 0, TCP_RST, 0, 1, 0);           /* no ACK: not ours */
	pair_inject(pair, 0, TCP_RST | TCP_ACK, 0, 9, 0); /* of something else */
	pair_inject(pair, 0, TCP_ACK, 0, 1, 0);           /* neither SYN nor RST */
	ck_assert_uint_eq(pair->n_log, 1);
	pair_inject(pair, 0, TCP_ACK, 500, 600, 0); /* an old connection's: reset */
	ck_assert_uint_eq(pair->n_log, 2);
	ck_assert_uint_eq(pair->log[1].flags, TCP_RST);
	ck_assert_uint_eq(pair->log[1].seq, 600);
	ck_assert_int_eq(state(0), TCP_SYN_SENT);
	pair_inject(pair, 0, TCP_RST | TCP_ACK, 0, 1, 0);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_REFUSED], 1);
}
END_TEST

/* SYN-RECEIVED: another SYN brings the SYN/ACK again; a wrong ACK is reset and does no harm; a reset ends
 * it. */
START_TEST(test_syn_received_checks)
{
	pair->owner = quiet_owner;
	pair->loses = lose_from;
	pair->lose[0] = 1; /* the caller hears nothing */
	pair_connect(pair);
	pair_run(pair, ms(10));
	ck_assert_int_eq(state(1), TCP_SYN_RECEIVED);
	uint32_t n = pair->n_log;
	pair_inject(pair, 1, TCP_SYN, 0, 0, 0);
	ck_assert_uint_eq(pair->log[n].flags, TCP_SYN | TCP_ACK);
	ck_assert_uint_eq(pair->log[n].packet_flags, PACKET_RETRANSMISSION);
	pair_inject(pair, 1, TCP_ACK, 1, 5, 0);
	ck_assert_uint_eq(pair->log[n + 1].flags, TCP_RST);
	ck_assert_uint_eq(pair->log[n + 1].seq, 5);
	ck_assert_int_eq(state(1), TCP_SYN_RECEIVED);
	pair_inject(pair, 1, TCP_RST, 1, 0, 0);
	ck_assert_uint_eq(pair->end[1].n_event[TCP_RESET_BY_PEER], 1);
	ck_assert_uint_eq(pair->end[1].n_freed, 1);
}
END_TEST

/* Data reach SYN-RECEIVED where the handshake's last ACK was lost. */
START_TEST(test_ack_of_handshake_lost)
{
	pair->loses = lose_listed;
	pair->lose[0] = 2;
	pair->dialogue = pair_dialogue(pair, 7, 100, 100, 1);
	pair_connect(pair);
	pair_run(pair, INSTANT_NEVER);
	pair_assert_done(pair);
	ck_assert_str_eq(pair_flags_text(pair, 0, 99), "SYN, <SYN/ACK, ACK, PSH/ACK, <PSH/ACK, FIN/ACK, <FIN/ACK, ACK");
}
END_TEST

static void connect_other(struct pair *p)
{
	p->end[1].open = true;
	p->end[1].tcb.caller = 0; /* the harness names end 0 so; SYNs are openings all the same */
	tcp_connect(&p->env, &p->end[1].tcb, p->now);
}

START_TEST(test_simultaneous_open)
{
	static const uint32_t lost[] = {UINT32_MAX, 0, 1, 2, 3};

	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
		teardown();
		setup();
		pair->loses = lose_listed;
		pair->lose[0] = lost[i];
		pair->dialogue = pair_dialogue(pair, 7, 2000, 3000, 2);
		pair_at(pair, ms(5), connect_other);
		pair_connect(pair);
		pair_run(pair, ms(12));
		if (lost[i] == UINT32_MAX) {
			ck_assert_int_eq(state(1), TCP_SYN_RECEIVED);
			ck_assert_uint_eq(pair->log[1].packet_flags, PACKET_OPENING);
			ck_assert_uint_eq(pair->log[2].packet_flags, PACKET_RETRANSMISSION);
		}
		pair_run(pair, ms(8000));
		ck_assert_uint_eq(pair->end[0].received_bytes, 6000);
		ck_assert_uint_eq(pair->end[1].received_bytes, 4000);
		pair_run(pair, INSTANT_NEVER);
		pair_assert_done(pair);
		if (lost[i] == UINT32_MAX)
			ck_assert_str_eq(pair_flags_text(pair, 0, 5), "SYN, <SYN, <SYN/ACK, SYN/ACK, ACK");
	}
}
END_TEST

/* The listener's host lost its memory: data find no connection, and the caller gets a reset. */
START_TEST(test_peer_forgot)
{
	open_quietly();
	tcp_deinit(&pair->end[1].tcb);
	pair->end[1].open = false;
	pair->end[1].n_freed = 1;
	tcp_send(&pair->env, &pair->end[0].tcb, pair_text(pair, 10), pair->now);
	pair_run(pair, INSTANT_NEVER);
	ck_assert_uint_eq(pair->end[0].n_event[TCP_RESET_BY_PEER], 1);
	ck_assert_str_eq(pair_flags_text(pair, 3, 99), "PSH/ACK, <RST");
	ck_assert_uint_eq(pair->log[4].seq, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/tcp_close");
	TCase *c = tcase_create("close");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_listener_closes);
	tcase_add_test(c, test_half_open);
	tcase_add_test(c, test_simultaneous_close);
	tcase_add_test(c, test_fin_and_data);
	tcase_add_test(c, test_time_wait);
	tcase_add_test(c, test_time_wait_cut_short);
	tcase_add_test(c, test_lost_fins);
	tcase_add_test(c, test_abort);
	tcase_add_test(c, test_abort_inside);
	tcase_add_test(c, test_refused);
	tcase_add_test(c, test_unreachable);
	tcase_add_test(c, test_close_before_open);
	tcase_add_test(c, test_close_in_syn_received);
	tcase_add_test(c, test_reset_check);
	tcase_add_test(c, test_other_checks);
	tcase_add_test(c, test_syn_sent_checks);
	tcase_add_test(c, test_syn_received_checks);
	tcase_add_test(c, test_ack_of_handshake_lost);
	tcase_add_test(c, test_simultaneous_open);
	tcase_add_test(c, test_peer_forgot);
	suite_add_tcase(s, c);
	return suite_run(s);
}

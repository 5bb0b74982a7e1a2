/* When mappings end: idle, closed, reset (RFC 5382 REQ-5, RFC 7857 2, RFC 4787 REQ-5, 6), to the nanosecond, and told
 * once. */
#include "base/random.h"
#include "nat_kit.h"
#include <string.h>

static struct nat *nat;
static struct {
	unsigned n;
	enum nat_end why;
	struct instant at;
	uint16_t port;
} ended;

static void note_end(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks, enum nat_end why,
		     struct instant at)
{
	(void)context;
	(void)acks;
	ended.n++;
	ended.why = why;
	ck_assert_int_le(ended.at.ns, at.ns); /* ends are told in their order */
	ended.at = at;
	ended.port = be16_to(mapping->inside.src_port);
}

static void anew(struct nat_rules rules)
{
	nat_free(nat);
	nat = nat_of(rules);
	memset(&ended, 0, sizeof ended);
	nat_observe(nat, note_end, NULL);
}

static void setup(void)
{
	nat = NULL;
	anew(plain_rules());
}

static void teardown(void)
{
	nat_free(nat);
}

#define CALL tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 80)

static void tcp_out(uint8_t flags, int64_t at_s)
{
	ck_assert_int_eq(ask(nat, true, 0, CALL, flags, at_s).reason, REASON_NONE);
}

static void tcp_in(uint8_t flags, int64_t at_s)
{
	ck_assert_int_eq(ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE, 80, OUTSIDE, 1024), flags, at_s).reason,
			 REASON_NONE);
}

/* The mapping ends at this second, no nanosecond earlier; nat_expiry() asks for calls in time. */
static void assert_ends(int64_t at_s, enum nat_end why)
{
	struct instant just_before = {at_s * S - 1};
	ck_assert_int_eq(nat_handle(nat, just_before), 0);
	ck_assert_uint_eq(ended.n, 0);
	ck_assert_int_eq(nat_expiry(nat).ns, at_s * S);
	ck_assert_int_eq(nat_handle(nat, seconds(at_s)), 0);
	ck_assert_uint_eq(ended.n, 1);
	ck_assert_int_eq(ended.why, why);
	ck_assert_int_eq(ended.at.ns, at_s * S);
	ck_assert_uint_eq(n_mappings(nat), 0);
}

static const struct nat_mapping *the_mapping;

static void note_mapping(void *context, const struct nat_mapping *mapping)
{
	(void)context;
	the_mapping = mapping;
}

static const char *state(void)
{
	ck_assert_int_eq(nat_each(nat, note_mapping, NULL), 0);
	return nat_mapping_state(nat, the_mapping);
}

static int64_t ends_s(void)
{
	ck_assert_int_eq(nat_each(nat, note_mapping, NULL), 0);
	return nat_mapping_ends(nat, the_mapping).ns / S;
}

START_TEST(nothing_is_due_where_nothing_is)
{
	ck_assert(instant_is_never(nat_expiry(nat)));
	ck_assert_int_eq(nat_handle(nat, seconds(1000000)), 0);
}
END_TEST

/* Each packet, either way, begins the wait again. */
START_TEST(tcp_idle)
{
	tcp_out(TCP_SYN, 0);
	ck_assert_str_eq(state(), "opening");
	tcp_in(TCP_SYN | TCP_ACK, 100);
	ck_assert_str_eq(state(), "open");
	tcp_out(TCP_ACK, 200);
	ck_assert_int_eq(ends_s(), 440);
	ck_assert_int_eq(nat_handle(nat, seconds(240)), 0); /* the first look: not yet */
	tcp_in(TCP_ACK, 300);
	assert_ends(540, NAT_END_IDLE);
}
END_TEST

/* RFC 5382 REQ-5 has a shorter time for what is only partly open. */
START_TEST(what_nothing_answers_has_its_own_time)
{
	struct nat_rules rules = plain_rules();
	rules.tcp_opening_ns = 30 * S;
	anew(rules);
	tcp_out(TCP_SYN, 0);
	tcp_out(TCP_SYN, 20);
	ck_assert_int_eq(ends_s(), 50);
	assert_ends(50, NAT_END_IDLE);
	anew(rules);
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_SYN | TCP_ACK, 29);
	ck_assert_int_eq(nat_handle(nat, seconds(30)), 0); /* the first look: it is open by now */
	assert_ends(269, NAT_END_IDLE);
}
END_TEST

START_TEST(refused_and_forgotten)
{
	struct nat_rules rules = plain_rules();
	rules.forgets_refused = true;
	anew(rules);
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_RST | TCP_ACK, 1); /* it is passed on */
	ck_assert_uint_eq(ended.n, 1);
	ck_assert_int_eq(ended.why, NAT_END_RESET);
	ck_assert_uint_eq(n_mappings(nat), 0);
	ck_assert_int_eq(ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE, 80, OUTSIDE, 1024), TCP_RST, 2).reason,
			 REASON_NO_MAPPING);
	anew(rules);
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_SYN | TCP_ACK, 1);
	tcp_in(TCP_RST, 2); /* an answer came before: RFC 7857 1 */
	assert_ends(12, NAT_END_RESET);
}
END_TEST

/* RFC 7857 2: what follows a reset, and is none, takes it back; with the others' rules it does not. */
START_TEST(doubted_resets)
{
	struct nat_rules rules = plain_rules();
	rules.closing_is_idle = rules.doubts_resets = true;
	anew(rules);
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_SYN | TCP_ACK, 1);
	tcp_in(TCP_RST, 2);
	ck_assert_str_eq(state(), "reset");
	ck_assert_int_eq(ends_s(), 12);
	tcp_out(TCP_ACK, 5);
	ck_assert_str_eq(state(), "open");
	ck_assert_int_eq(nat_handle(nat, seconds(12)), 0); /* the look for the reset */
	ck_assert_int_eq(ends_s(), 245);
	tcp_out(TCP_RST, 20);
	tcp_in(TCP_RST, 21); /* a reset takes none back */
	ck_assert_int_eq(ends_s(), 31);
	assert_ends(31, NAT_END_RESET);
	rules.doubts_resets = false;
	anew(rules);
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_RST, 2);
	tcp_out(TCP_ACK, 5);
	ck_assert_str_eq(state(), "reset");
	assert_ends(15, NAT_END_RESET);
}
END_TEST

/* One FIN is a connection half open, which may go on as long as it likes. */
START_TEST(one_fin_closes_nothing)
{
	tcp_out(TCP_SYN, 0);
	tcp_out(TCP_FIN | TCP_ACK, 10);
	tcp_out(TCP_FIN | TCP_ACK, 11); /* again: still one side's */
	ck_assert_str_eq(state(), "opening");
	tcp_in(TCP_ACK, 100);
	assert_ends(340, NAT_END_IDLE);
}
END_TEST

START_TEST(both_fins_begin_the_end)
{
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_FIN | TCP_ACK, 10);
	tcp_out(TCP_FIN | TCP_ACK, 20);
	ck_assert_str_eq(state(), "closing");
	ck_assert_int_eq(ends_s(), 80);
	tcp_in(TCP_ACK, 70); /* does not move it */
	assert_ends(80, NAT_END_CLOSED);
}
END_TEST

START_TEST(a_reset_from_either_side)
{
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_RST, 10);
	ck_assert_str_eq(state(), "reset");
	tcp_in(TCP_RST, 15); /* a second one does not move it */
	assert_ends(20, NAT_END_RESET);
	anew(plain_rules());
	tcp_out(TCP_SYN, 0);
	tcp_out(TCP_RST | TCP_ACK, 3);
	assert_ends(13, NAT_END_RESET);
}
END_TEST

/* A reset brings the end of a closing connection nearer, and never puts it off. */
START_TEST(a_reset_while_closing)
{
	tcp_out(TCP_SYN, 0);
	tcp_out(TCP_FIN | TCP_ACK, 1);
	tcp_in(TCP_FIN | TCP_ACK, 2);
	tcp_out(TCP_RST, 5);
	assert_ends(15, NAT_END_RESET);
	anew(plain_rules());
	tcp_out(TCP_SYN, 0);
	tcp_out(TCP_FIN | TCP_ACK, 1);
	tcp_in(TCP_FIN | TCP_ACK, 2);
	tcp_out(TCP_RST, 60);
	ck_assert_int_eq(nat_expiry(nat).ns, 62 * S);
	ck_assert_int_eq(nat_handle(nat, seconds(62)), 0);
	ck_assert_uint_eq(ended.n, 1);
	ck_assert_int_eq(ended.at.ns, 62 * S);
}
END_TEST

/* The same end points again before the old mapping has gone: it lives as a new one does. */
START_TEST(a_syn_opens_what_was_closing)
{
	tcp_out(TCP_SYN, 0);
	tcp_out(TCP_FIN | TCP_ACK, 1);
	tcp_in(TCP_FIN | TCP_ACK, 2);
	tcp_in(TCP_SYN | TCP_ACK, 3); /* not by those outside */
	ck_assert_str_eq(state(), "closing");
	tcp_out(TCP_SYN, 30);
	ck_assert_str_eq(state(), "opening");
	ck_assert_int_eq(nat_handle(nat, seconds(62)), 0);
	ck_assert_uint_eq(n_mappings(nat), 1);
	tcp_in(TCP_SYN | TCP_ACK, 100);
	assert_ends(340, NAT_END_IDLE);
}
END_TEST

START_TEST(udp_one_way_and_both_ways)
{
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 0), 1024);
	ck_assert_str_eq(state(), "one-way");
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 30), 1024); /* RFC 4787 REQ-6: outbound refreshes */
	assert_ends(90, NAT_END_IDLE);
	anew(plain_rules());
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 0), 1024);
	ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 80, 1024, 50).reason, REASON_NONE);
	ck_assert_str_eq(state(), "both-ways");
	ck_assert_int_eq(ends_s(), 110); /* netfilter: a stream begins with the next packet out */
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 100), 1024);
	assert_ends(220, NAT_END_IDLE);
}
END_TEST

START_TEST(echo_has_a_time_of_its_own)
{
	ck_assert_uint_ne(out(nat, PROTO_ICMP, 7, REMOTE, 7, 0), 0);
	ck_assert_str_eq(state(), "query");
	assert_ends(30, NAT_END_IDLE);
}
END_TEST

/* Somebody looks at a mapping that is due before the timers ran: it has ended, and when it was due. */
START_TEST(what_is_due_is_not_used)
{
	tcp_out(TCP_SYN, 0);
	ck_assert_int_eq(ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE, 80, OUTSIDE, 1024), TCP_ACK, 240).reason,
			 REASON_NO_MAPPING);
	ck_assert_uint_eq(ended.n, 1);
	ck_assert_int_eq(ended.at.ns, 240 * S);
	tcp_out(TCP_SYN, 300);
	ck_assert_uint_eq(ended.n, 1);
	ck_assert_int_eq(ask(nat, true, 0, CALL, TCP_ACK, 600).reason, REASON_NO_MAPPING);
	ck_assert_uint_eq(ended.n, 2);
	ck_assert_int_eq(ended.at.ns, 540 * S);
	ck_assert_int_eq(nat_handle(nat, seconds(10000)), 0);
	ck_assert_uint_eq(ended.n, 2);
}
END_TEST

/* The oldest that shares a port is due, others are not: they may be answered. */
START_TEST(a_loose_filter_passes_over_what_is_due)
{
	struct nat_rules rules = symmetric_rules();
	rules.filtering = NAT_ON_ENDPOINT;
	anew(rules);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 0), 1024);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 6000, REMOTE2, 80, 30), 1024);
	struct nat_answer stranger = in(nat, PROTO_UDP, REMOTE + 9, 1, 1024, 61);
	ck_assert_int_eq(stranger.reason, REASON_NONE);
	ck_assert_uint_eq(be16_to(stranger.port), 6000);
	ck_assert_uint_eq(ended.n, 1);
}
END_TEST

/* Many at once, of all kinds, some refreshed: each ends when its own arithmetic says, in the order of time. */
START_TEST(many_end_each_at_its_own_time)
{
	enum { MOST = 3000 };
	static int64_t due[MOST];
	struct nat_rules rules = symmetric_rules();
	anew(rules);
	int64_t now = 0;
	for (uint16_t i = 0; i < MOST; i++) {
		now = i / 100;
		bool udp = i % 3 == 0;
		ck_assert_uint_ne(out(nat, udp ? PROTO_UDP : PROTO_TCP, (uint16_t)(1000 + i), REMOTE, 80, now), 0);
		due[i] = now + (udp ? 60 : 240);
	}
	for (uint16_t i = 0; i < MOST; i++) {
		bool udp = i % 3 == 0;
		uint64_t what = random_mix(i) % 4;
		int64_t at = now + i / 200;
		struct tuple tuple = tuple_make(udp ? PROTO_UDP : PROTO_TCP, INSIDE, (uint16_t)(1000 + i), REMOTE, 80);
		if (what == 0) {
			ck_assert_int_eq(ask(nat, true, 0, tuple, udp ? 0 : TCP_ACK, at).reason, REASON_NONE);
			due[i] = at + (udp ? 60 : 240);
		} else if (what == 1 && !udp) {
			ck_assert_int_eq(ask(nat, true, 0, tuple, TCP_RST, at).reason, REASON_NONE);
			due[i] = at + 10;
		}
	}
	for (int64_t at = now + MOST / 200; at < 400; at++) {
		unsigned expected = 0;
		for (size_t i = 0; i < MOST; i++)
			expected += due[i] <= at;
		ck_assert_int_eq(nat_handle(nat, seconds(at)), 0);
		ck_assert_uint_eq(ended.n, expected);
		ck_assert_uint_eq(n_mappings(nat), MOST - expected);
		ck_assert(expected == MOST || nat_expiry(nat).ns > at * S);
	}
	ck_assert_uint_eq(ended.n, MOST);
	ck_assert(instant_is_never(nat_expiry(nat)));
}
END_TEST

START_TEST(a_mapping_counts_what_passed)
{
	tcp_out(TCP_SYN, 0);
	tcp_in(TCP_ACK, 5);
	tcp_out(TCP_ACK, 9);
	(void)state();
	ck_assert_uint_eq(the_mapping->packets, 3);
	ck_assert_uint_eq(the_mapping->bytes, 120);
	ck_assert_int_eq(the_mapping->created.ns, 0);
	ck_assert_int_eq(the_mapping->last_used.ns, 9 * S);
	ck_assert_uint_eq(nat_mapping_owner(nat, the_mapping), 0);
	ck_assert_uint_eq(be32_to(nat_outside_address(nat, the_mapping)), OUTSIDE);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat_timer", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_due_where_nothing_is);
	tcase_add_test(tc, tcp_idle);
	tcase_add_test(tc, what_nothing_answers_has_its_own_time);
	tcase_add_test(tc, refused_and_forgotten);
	tcase_add_test(tc, doubted_resets);
	tcase_add_test(tc, one_fin_closes_nothing);
	tcase_add_test(tc, both_fins_begin_the_end);
	tcase_add_test(tc, a_reset_from_either_side);
	tcase_add_test(tc, a_reset_while_closing);
	tcase_add_test(tc, a_syn_opens_what_was_closing);
	tcase_add_test(tc, udp_one_way_and_both_ways);
	tcase_add_test(tc, echo_has_a_time_of_its_own);
	tcase_add_test(tc, what_is_due_is_not_used);
	tcase_add_test(tc, a_loose_filter_passes_over_what_is_due);
	tcase_add_test(tc, many_end_each_at_its_own_time);
	tcase_add_test(tc, a_mapping_counts_what_passed);
	return suite_run(suite);
}

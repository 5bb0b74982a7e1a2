/* What is judged of flows, and in which words: each claim holds and, with one value changed, does not. */
#include "judging.h"
#include "suite.h"
#include <string.h>

static struct judging judging;

static void teardown(void)
{
	judging_end(&judging);
}

struct claim {
	const char *expectation, *more;
	bool pass;
	const char *expected, *actual;
	const char *because; /* NULL: nothing made it so */
	const char *where;   /* NULL: nothing called */
};

static void check_text(const char *expectation, const char *what, const char *found, const char *text)
{
	if (!text ? !!found : !found || strcmp(found, text) != 0)
		ck_abort_msg("%s: %s is `%s`, not `%s`", expectation, what, found ? found : "nothing",
			     text ? text : "nothing");
}

static const struct judgement *check(const struct claim *claim)
{
	const struct judgement *found = judging_one(&judging, claim->expectation, claim->more ? claim->more : "");
	ck_assert_msg(found->pass == claim->pass, "%s %s", claim->expectation, found->pass ? "passed" : "failed");
	check_text(claim->expectation, "expected", found->expected, claim->expected);
	check_text(claim->expectation, "actual", found->actual, claim->actual);
	check_text(claim->expectation, "because", found->because, claim->because);
	check_text(claim->expectation, "where", found->where, claim->where);
	return found;
}

static void check_all(const struct claim *claims, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check(&claims[i]);
		judging_end(&judging);
	}
	ck_assert_int_eq(judging_begin(&judging, ""), 0); /* for teardown */
}

#define CALLER "web on one/worker-0, 10.0.1.5:49152"
#define ARRIVED "t=0.015s packet 1 arrived at api: no security group and no firewall was asked"
#define REWRITE                                                                                                        \
	"t=0s one/vip rewrote packet 1: tcp 10.0.1.5:49152 > 203.0.113.10:443 became tcp 192.23.1.2:1024 > "           \
	"203.0.113.10:443"

START_TEST(outcomes)
{
	static const struct claim claims[] = {
		{"{flow: call, outcome: delivered}", NULL, true, "delivered", "delivered", NULL, CALLER},
		{"{flow: call, outcome: refused}", NULL, false, "refused", "delivered", ARRIVED, CALLER},
		{"{flow: refused, outcome: refused, reason: no-listener, by: api}", NULL, true,
		 "refused; first loss no-listener by api", "refused, first loss no-listener by api", NULL,
		 "web on one/worker-0, 10.0.1.5:49154"},
		{"{flow: call, crosses: api}", NULL, true, "crosses api", "crosses api", NULL, CALLER},
	};
	check_all(claims, N(claims));
}
END_TEST

START_TEST(reasons_are_those_of_the_first_loss)
{
	static const char caller[] = "web on one/worker-0, 10.0.1.5:49154";
	const struct judgement *found = judging_one(&judging, "{flow: refused, reason: host-down}", "");
	ck_assert(!found->pass && found->has_packet);
	ck_assert_uint_eq(found->packet_id, 1);
	ck_assert_str_eq(judging.loading.model->flows[found->flow].name, "refused");
	ck_assert_str_eq(found->expected, "first loss host-down");
	ck_assert_str_eq(found->actual, "no-listener by api");
	ck_assert_ptr_nonnull(strstr(found->because, " api dropped packet 1: no-listener by api"));
	judging_end(&judging);
	static const struct claim claims[] = {
		{"{flow: call, reason: no-listener}", NULL, false, "first loss no-listener",
		 "no packet was lost or refused (delivered)", ARRIVED, CALLER},
		{"{flow: call, by: api, rule: r}", NULL, false, "first loss by api, rule r",
		 "no packet was lost or refused (delivered)", ARRIVED, CALLER},
		{"{flow: refused, by: api}", NULL, true, "first loss by api", "refused, first loss no-listener by api",
		 NULL, caller},
	};
	check_all(claims, N(claims));
}
END_TEST

START_TEST(addresses_are_those_of_the_opening_packet)
{
	static const struct claim claims[] = {
		{"{flow: call, seen_at: api, src: 192.23.1.2, src_port: 1024}", NULL, true,
		 "seen at api with source 192.23.1.2 with source port 1024", "api saw 192.23.1.2:1024", NULL, CALLER},
		{"{flow: call, seen_at: api, src: 10.0.1.5}", NULL, false, "seen at api with source 10.0.1.5",
		 "api saw 192.23.1.2:1024", REWRITE, CALLER},
		{"{flow: call, seen_at: api, src_port: 49152}", NULL, false, "seen at api with source port 49152",
		 "api saw 192.23.1.2:1024", REWRITE, CALLER},
		{"{flow: call, seen_at: api, src_in: [10.0.1.0/26, 10.0.2.0/24], src_not_in: 192.23.1.2/32}", NULL,
		 false, "seen at api with source in 10.0.1.0/26 or 10.0.2.0/24 with source not in 192.23.1.2/32",
		 "api saw 192.23.1.2:1024", REWRITE, CALLER},
		{"{flow: call, seen_at: api, src_in: [10.0.1.0/26, 192.23.1.0/24]}", NULL, true,
		 "seen at api with source in 10.0.1.0/26 or 192.23.1.0/24", "api saw 192.23.1.2:1024", NULL, CALLER},
		{"{flow: call, seen_at: api, dst_in: 203.0.113.0/24, dst: 203.0.113.11}", NULL, false,
		 "seen at api with destination 203.0.113.11 with destination in 203.0.113.0/24",
		 "api saw 192.23.1.2:1024 to 203.0.113.10:443", REWRITE, CALLER},
		{"{flow: call, seen_at: idle}", NULL, false, "seen at idle", "idle never saw call", NULL, CALLER},
		{"{flow: inside, seen_at: db, src: 10.0.1.5}", NULL, true, "seen at db with source 10.0.1.5",
		 "db saw 10.0.1.5:49153", NULL, "web on one/worker-0, 10.0.1.5:49153: address kept"},
		{"{flow: inside, seen_at: db, src: 10.0.1.6}", NULL, false, "seen at db with source 10.0.1.6",
		 "db saw 10.0.1.5:49153", "t=2.00045s packet 1 reached db as it was sent: no NAT on the way rewrote it",
		 "web on one/worker-0, 10.0.1.5:49153"},
	};
	check_all(claims, N(claims));
}
END_TEST

/* Whether it holds, what was expected, and what came; NULL: whatever the words. */
struct said {
	const char *expectation;
	bool pass;
	const char *expected, *actual;
};

static void said_all(const struct said *claims, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct judgement *found = judging_one(&judging, claims[i].expectation, "");
		ck_assert_msg(found->pass == claims[i].pass, "%s", claims[i].expectation);
		check_text(claims[i].expectation, "expected", found->expected, claims[i].expected);
		if (claims[i].actual)
			check_text(claims[i].expectation, "actual", found->actual, claims[i].actual);
		judging_end(&judging);
	}
	ck_assert_int_eq(judging_begin(&judging, ""), 0); /* for teardown */
}

#define FRONT_END "one/front-end-0 saw "
START_TEST(a_pass_of_a_point_can_be_named)
{
	static const struct said claims[] = {
		/* The front end takes the visitor's call, then calls a worker itself. */
		{"{flow: visit, seen_at: one/front-end-0, src: 198.51.100.7}", true,
		 "seen at one/front-end-0 with source 198.51.100.7", FRONT_END "198.51.100.7:49152"},
		{"{flow: visit, seen_at: one/front-end-0, pass: 1, src: 198.51.100.7}", true,
		 "seen at one/front-end-0 with source 198.51.100.7", FRONT_END "198.51.100.7:49152"},
		{"{flow: visit, seen_at: one/front-end-0, pass: 2, src: 10.0.1.4}", true,
		 "seen at one/front-end-0 on pass 2 with source 10.0.1.4", FRONT_END "10.0.1.4:49152"},
		{"{flow: visit, seen_at: one/front-end-0, pass: last, src: 10.0.1.4}", true,
		 "seen at one/front-end-0 on its last pass with source 10.0.1.4", FRONT_END "10.0.1.4:49152"},
		{"{flow: visit, seen_at: one/front-end-0, pass: last, src: 198.51.100.7}", false,
		 "seen at one/front-end-0 on its last pass with source 198.51.100.7", FRONT_END "10.0.1.4:49152"},
		{"{flow: visit, seen_at: one/front-end-0, pass: 3}", false, "seen at one/front-end-0 on pass 3",
		 "visit passed one/front-end-0 2 times: there is no pass 3"},
		{"{flow: call, seen_at: api, pass: last, src: 192.23.1.2}", true,
		 "seen at api on its last pass with source 192.23.1.2", "api saw 192.23.1.2:1024"},
		{"{flow: call, seen_at: idle, pass: 2}", false, "seen at idle on pass 2", "idle never saw call"},
	};
	said_all(claims, N(claims));
}
END_TEST

START_TEST(ports_and_counts_have_bounds)
{
	static const struct said claims[] = {
		{"{flow: call, seen_at: api, src_port: {min: 1024, max: 1055}}", true,
		 "seen at api with source port 1024 to 1055", "api saw 192.23.1.2:1024"},
		{"{flow: call, seen_at: api, src_port: {min: 1025}}", false,
		 "seen at api with source port at least 1025", "api saw 192.23.1.2:1024"},
		{"{flow: many, connections: {delivered: {max: 5}}}", true, "at most 5 delivered", NULL},
		{"{flow: many, connections: {delivered: {max: 3}}}", false, "at most 3 delivered", NULL},
		{"{flow: many, connections: {delivered: {min: 4, max: 4}, timed_out: {min: 1}}}", true,
		 "4 delivered, at least 1 timed_out", NULL},
		{"{flow: many, connections: {timed_out: {min: 4}}}", false, "at least 4 timed_out", NULL},
	};
	said_all(claims, N(claims));
}
END_TEST

/* All three hundred are under way before the first arrives; who rewrote the first is still known. */
START_TEST(rewrites_are_remembered_however_many_calls_are_under_way)
{
	const struct judgement *found = judging_one(&judging, "{flow: burst, seen_at: other, src: 10.0.2.11}", "");
	ck_assert(!found->pass);
	ck_assert_ptr_nonnull(strstr(found->actual, "(burst[0]; 300 of 300 connections failed this)"));
	ck_assert_ptr_nonnull(strstr(
		found->because, "contoso/outbound rewrote packet 1: tcp 10.0.2.11:49152 > 203.0.113.11:8080 became "));
}
END_TEST

/* More than are remembered: what was forgotten is not denied. */
START_TEST(what_was_forgotten_is_not_denied)
{
	const struct judgement *found = judging_one(
		&judging, "{flow: crowd, seen_at: other, src: 10.0.2.11}",
		"  crowd: {from: bulk, to: \"other:8080/tcp\", at: 30s, repeat: {count: 9000, every: 0s}}\n");
	ck_assert(!found->pass);
	ck_assert_ptr_nonnull(strstr(found->because, " packet 1 passed other: tcp "));
	ck_assert_ptr_null(strstr(found->because, "no NAT"));
}
END_TEST

/* What a tap or a point saw need not open anything to have been rewritten. */
START_TEST(rewrites_of_later_packets_are_known_too)
{
	const struct judgement *found = judging_one(&judging, "{tap: api, filter: fin, packets: 0}", "");
	ck_assert(!found->pass && found->has_packet);
	ck_assert_uint_gt(found->packet_id, 1);
	ck_assert_ptr_nonnull(strstr(found->because, "one/vip rewrote packet "));
}
END_TEST

START_TEST(ways)
{
	static const struct claim claims[] = {
		{"{flow: call, hops: [one/worker-0, one/vip, internet, api]}", NULL, true,
		 "passes in this order one/worker-0, one/vip, internet, api",
		 "passes in this order one/worker-0, one/vip, internet, api", NULL, CALLER},
		{"{flow: call, hops: [api, one/vip]}", NULL, false, "passes in this order api, one/vip",
		 "passed api, then never one/vip", NULL, CALLER},
		{"{flow: call, hops: [db]}", NULL, false, "passes in this order db", "passed none of them", NULL,
		 CALLER},
		{"{flow: call, crosses: [internet, db, idle]}", NULL, false, "crosses internet, db, idle",
		 "no packet of call passed db, idle", NULL, CALLER},
		{"{flow: call, never_crosses: [db, one/vip]}", NULL, false, "never crosses db, one/vip",
		 "packet 1 of call passed one/vip", REWRITE, CALLER},
		{"{flow: call, never_crosses: db}", NULL, true, "never crosses db", "never crosses db", NULL, CALLER},
	};
	check_all(claims, N(claims));
}
END_TEST

START_TEST(counts_of_connections)
{
	const struct judgement *found = judging_one(&judging, "{flow: many, connections: {delivered: 6}}", "");
	ck_assert(!found->pass);
	ck_assert_str_eq(found->expected, "6 delivered");
	ck_assert_str_eq(found->actual, "4 delivered, 2 timed_out");
	ck_assert_ptr_nonnull(strstr(found->because, " one/vip dropped packet "));
	ck_assert_ptr_nonnull(strstr(found->because, ": snat-ports-exhausted by one/vip"));
	judging_end(&judging);
	found = judging_one(&judging,
			    "{flow: [\"many[0..2]\", \"many[2..4]\"], connections: {delivered: 4, timed_out: 1}}", "");
	ck_assert(found->pass); /* many[2] counts once */
	ck_assert_str_eq(found->actual, "4 delivered, 1 timed_out");
	judging_end(&judging);
	found = judging_one(&judging, "{flow: [\"many[3..5]\", \"many[0..1]\"], outcome: delivered}", "");
	ck_assert(!found->pass);
	ck_assert_ptr_nonnull(strstr(found->actual, "timed_out, first loss snat-ports-exhausted by one/vip"));
	ck_assert_ptr_nonnull(strstr(found->actual, " (many[4]; 2 of 5 connections failed this)"));
	judging_end(&judging);
	found = judging_one(&judging, "{flow: \"many[0..3]\", outcome: delivered}", "");
	ck_assert(found->pass);
	ck_assert_str_eq(found->actual, "delivered (the first of 4)");
}
END_TEST

START_TEST(what_never_began_holds_nothing)
{
	static const struct claim claims[] = {
		{"{flow: refused, outcome: refused}", "stop: 3s", false, "the call is made",
		 "refused never started: the run stopped at 3s; raise `stop`", NULL, NULL},
		{"{flow: refused, never_crosses: db}", "stop: 3s", false, "the call is made",
		 "refused never started: the run stopped at 3s; raise `stop`", NULL, NULL},
		{"{flow: \"many[0]\", connections: {timed_out: 0}}", "stop: 3s", false, "the call is made",
		 "many[0] never started: the run stopped at 3s; raise `stop`", NULL, NULL},
		{"{flow: call, outcome: delivered}", "stop: 20ms", false, "delivered",
		 "unfinished: the run stopped at 20ms; raise `stop`", NULL, CALLER},
	};
	check_all(claims, N(claims));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("judge/expect_flow", &tc);
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, outcomes);
	tcase_add_test(tc, reasons_are_those_of_the_first_loss);
	tcase_add_test(tc, addresses_are_those_of_the_opening_packet);
	tcase_add_test(tc, a_pass_of_a_point_can_be_named);
	tcase_add_test(tc, ports_and_counts_have_bounds);
	tcase_add_test(tc, rewrites_are_remembered_however_many_calls_are_under_way);
	tcase_add_test(tc, what_was_forgotten_is_not_denied);
	tcase_add_test(tc, rewrites_of_later_packets_are_known_too);
	tcase_add_test(tc, ways);
	tcase_add_test(tc, counts_of_connections);
	tcase_add_test(tc, what_never_began_holds_nothing);
	return suite_run(suite);
}

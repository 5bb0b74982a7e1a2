/* What is judged of taps, NATs, names and health: counts and their bounds, instants, and what cannot be known. */
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
};

static void check_all(const struct claim *claims, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct judgement *found =
			judging_one(&judging, claims[i].expectation, claims[i].more ? claims[i].more : "");
		ck_assert_msg(found->pass == claims[i].pass, "%s %s: %s", claims[i].expectation,
			      found->pass ? "passed" : "failed", found->actual);
		ck_assert_msg(strcmp(found->expected, claims[i].expected) == 0, "%s: expected `%s`",
			      claims[i].expectation, found->expected);
		ck_assert_msg(strcmp(found->actual, claims[i].actual) == 0, "%s: actual `%s`", claims[i].expectation,
			      found->actual);
		judging_end(&judging);
	}
	ck_assert_int_eq(judging_begin(&judging, ""), 0); /* for teardown */
}

START_TEST(taps_count_what_passed)
{
	static const struct claim claims[] = {
		{"{tap: db, filter: syn, packets: 1}", NULL, true, "1 packets at db matching \"syn\"",
		 "1 of 8 packets at db"},
		{"{tap: db, filter: syn, packets: 0}", NULL, false, "0 packets at db matching \"syn\"",
		 "1 of 8 packets at db, the first is packet 1 of inside"},
		{"{tap: db, filter: none, packets: 0}", NULL, true, "0 packets at db matching \"none\"",
		 "0 of 8 packets at db"},
		{"{tap: db, filter: none, packets: {min: 1}}", NULL, false,
		 "at least 1 packets at db matching \"none\"", "0 of 8 packets at db"},
		{"{tap: db, packets: {max: 7}}", NULL, false, "at most 7 packets at db",
		 "8 of 8 packets at db, the first is packet 1 of inside"},
		{"{tap: db, packets: {max: 8}}", NULL, true, "at most 8 packets at db", "8 of 8 packets at db"},
		{"{tap: db, packets: {min: 8, max: 9}}", NULL, true, "8 to 9 packets at db", "8 of 8 packets at db"},
		{"{tap: db, packets: {min: 9, max: 10}}", NULL, false, "9 to 10 packets at db",
		 "8 of 8 packets at db, the first is packet 1 of inside"},
		{"{tap: idle, packets: 0}", NULL, true, "0 packets at idle", "no packet ever passed idle"},
		{"{tap: idle, packets: {max: 3}}", NULL, false, "at most 3 packets at idle",
		 "no packet ever passed idle"},
	};
	check_all(claims, N(claims));
}
END_TEST

/* Two expectations at one place: each counts for itself. */
START_TEST(taps_at_one_point_do_not_share)
{
	judging_run(&judging, "expect:\n  - {tap: db, filter: syn, packets: 1}\n  - {tap: db, filter: fin, packets: "
			      "2}\n  - {tap: db, packets: 8}\n");
	for (size_t i = 0; i < 3; i++)
		ck_assert_msg(judging.judgements[i].pass, "%s", judging.judgements[i].actual);
}
END_TEST

START_TEST(metrics_of_nats_at_an_instant_and_over_the_run)
{
	static const struct claim claims[] = {
		{"{nat: one, metric: ports_in_use, at: 10500ms, worker: 0, value: 4}", NULL, true,
		 "4 ports in use at one worker 0 at t=10.5s", "4 ports in use"},
		{"{nat: one, metric: ports_in_use, at: 10500ms, worker: 0, value: 3}", NULL, false,
		 "3 ports in use at one worker 0 at t=10.5s", "4 ports in use"},
		{"{nat: one, metric: ports_in_use, worker: 1, value: 0}", NULL, true, "0 ports in use at one worker 1",
		 "0 ports in use"},
		{"{nat: one, metric: ports_in_use, at: 9999s, value: 0}", NULL, true,
		 "0 ports in use at one at t=9999s", "0 ports in use"},
		{"{nat: one, metric: ports_in_use, value: 4}", NULL, true, "4 ports in use at one",
		 "4 ports in use"}, /* the most that there were */
		{"{nat: one, metric: exhausted, value: 2}", NULL, true, "2 connections without a port at one",
		 "2 connections without a port"},
		{"{nat: one, metric: exhausted, at: 10045ms, value: 1}", NULL, true,
		 "1 connections without a port at one at t=10.045s", "1 connections without a port"},
		{"{nat: one, metric: mappings, at: 1s, value: 1}", NULL, true, "1 mappings at one at t=1s",
		 "1 mappings"},
		{"{nat: one, metric: mappings, at: 9999s, value: 0}", NULL, true, "0 mappings at one at t=9999s",
		 "0 mappings"},
		{"{nat: one, metric: mappings, value: 6}", NULL, true, "6 mappings at one",
		 "6 mappings"}, /* all that were made */
		{"{nat: one, metric: expired, value: 0, at: 100s}", NULL, true, "0 mappings expired at one at t=100s",
		 "0 mappings expired"},
		{"{nat: one, metric: expired, value: {max: 3}}", NULL, false, "at most 3 mappings expired at one",
		 "4 mappings expired"},
		{"{nat: one, metric: mappings, at: 4s, value: 0}", "stop: 3s", false, "0 mappings at one at t=4s",
		 "the run stopped at 3s; raise `stop`"},
	};
	check_all(claims, N(claims));
}
END_TEST

START_TEST(a_nat_that_nothing_passed_holds_no_count_but_none)
{
	static const struct claim claims[] = {
		{"{nat: home, metric: mappings, value: {max: 5}}", NULL, false, "at most 5 mappings at home",
		 "no packet ever passed home/nat"},
		{"{nat: home, metric: mappings, value: 0}", NULL, true, "0 mappings at home", "0 mappings"},
	};
	check_all(claims, N(claims));
}
END_TEST

START_TEST(names)
{
	static const struct claim claims[] = {
		{"{resolve: api.example.net, to: 203.0.113.10}", NULL, true, "api.example.net resolves to 203.0.113.10",
		 "203.0.113.10"},
		{"{resolve: api.example.net, to: 203.0.113.11}", NULL, false,
		 "api.example.net resolves to 203.0.113.11", "203.0.113.10"},
		{"{resolve: web.one.p.azurewebsites.cn, to: 192.23.1.2}", NULL, true,
		 "web.one.p.azurewebsites.cn resolves to 192.23.1.2", "192.23.1.2"},
		{"{resolve: web.one.p.azurewebsites.cn, to: 192.23.1.9}",
		 "timeline: [{at: 9s, vip: one, to: 192.23.1.9}]", true,
		 "web.one.p.azurewebsites.cn resolves to 192.23.1.9", "192.23.1.9"},
	};
	check_all(claims, N(claims));
}
END_TEST

START_TEST(health)
{
	static const char down[] = "timeline: [{at: 20s, stop: store}]";
	static const struct claim claims[] = {
		{"{ase: one, health: ok}", NULL, true, "one ok", "one ok"},
		{"{ase: one, health: degraded}", NULL, false, "one degraded", "one ok"},
		{"{ase: one, health: degraded, because: storage}", down, true, "one degraded because of storage",
		 "one degraded because of storage"},
		{"{ase: one, health: degraded, because: [storage, sql]}", down, false,
		 "one degraded because of storage, sql", "one degraded because of storage"},
		{"{ase: one, health: degraded}", down, true, "one degraded", "one degraded because of storage"},
	};
	check_all(claims, N(claims));
	judging_end(&judging);
	const struct judgement *found = judging_one(&judging, "{ase: one, health: ok}", down);
	ck_assert(!found->pass);
	ck_assert_ptr_nonnull(found->because);
	ck_assert_ptr_nonnull(strstr(found->because, "host-down by store"));
	ck_assert(!found->has_packet);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("judge/expect_state", &tc);
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, taps_count_what_passed);
	tcase_add_test(tc, taps_at_one_point_do_not_share);
	tcase_add_test(tc, metrics_of_nats_at_an_instant_and_over_the_run);
	tcase_add_test(tc, a_nat_that_nothing_passed_holds_no_count_but_none);
	tcase_add_test(tc, names);
	tcase_add_test(tc, health);
	return suite_run(suite);
}

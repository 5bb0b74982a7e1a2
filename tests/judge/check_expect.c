/* The judge as a whole: one judgement an expectation in the order of the file, then one for each event that changed
 * nothing; when it looks; whose filters are. */
#include "judging.h"
#include "suite.h"
#include <errno.h>
#include <string.h>

static struct judging judging;

static void teardown(void)
{
	judging_end(&judging);
}

START_TEST(judgements_come_in_the_order_of_the_file)
{
	judging_run(&judging, "expect:\n"
			      "  - {flow: visit, outcome: delivered}\n"
			      "  - {tap: api, filter: syn, packets: 2, id: knocks}\n"
			      "  - {flow: [call, inside], outcome: refused}\n"
			      "  - {resolve: api.example.net, to: 203.0.113.10}\n"
			      "  - {ase: one, health: ok}\n");
	static const struct {
		const char *name;
		bool pass;
	} judgements[] = {{"visit", true},
			  {"knocks", true},
			  {"call, inside", false},
			  {"resolve api.example.net", true},
			  {"health of one", true}};
	ck_assert_uint_eq(judging.n, N(judgements));
	for (size_t i = 0; i < judging.n; i++) {
		ck_assert_str_eq(judging.judgements[i].name, judgements[i].name);
		ck_assert_msg(judging.judgements[i].pass == judgements[i].pass, "%s: %s", judgements[i].name,
			      judging.judgements[i].actual);
		ck_assert_uint_eq(judging.judgements[i].place.line, judging.judgements[0].place.line + i);
		ck_assert_ptr_nonnull(judging.judgements[i].expected);
		ck_assert_ptr_nonnull(judging.judgements[i].actual);
		if (judgements[i].pass)
			ck_assert_ptr_null(judging.judgements[i].because);
	}
}
END_TEST

START_TEST(no_expectations_are_no_judgements)
{
	judging_run(&judging, "");
	ck_assert_uint_eq(judging.n, 0);
	ck_assert_uint_eq(world_trail(judging.world)->n_observers, 0); /* and nothing looks on */
}
END_TEST

/* Where no expectation asks what passed, the packets of a run are looked at by nothing. */
START_TEST(looks_on_only_where_it_must)
{
	static const struct {
		const char *expectation;
		uint32_t n_observers;
	} cases[] = {
		{"{flow: call, outcome: delivered}", 0},
		{"{flow: refused, outcome: refused, reason: no-listener}", 1}, /* at opening packets alone */
		{"{resolve: api.example.net, to: 203.0.113.10}", 0},
		{"{ase: one, health: ok}", 0},
		{"{flow: call, crosses: api}", 1},
		{"{flow: call, never_crosses: db}", 1},
		{"{flow: call, hops: [api]}", 1},
		{"{flow: call, seen_at: api}", 1},
		{"{tap: idle, packets: 0}", 1},
		{"{nat: one, metric: expired, value: {min: 0}}", 1}, /* whether a packet came there at all */
	};
	for (size_t i = 0; i < N(cases); i++) {
		ck_assert_msg(judging_one(&judging, cases[i].expectation, "")->pass, "%s: %s", cases[i].expectation,
			      judging.judgements[0].actual);
		ck_assert_msg(world_trail(judging.world)->n_observers == cases[i].n_observers, "%s",
			      cases[i].expectation);
		judging_end(&judging);
	}
	ck_assert_int_eq(judging_begin(&judging, ""), 0);
}
END_TEST

START_TEST(samples_are_asked_for_in_the_order_of_time)
{
	ck_assert_int_eq(judging_begin(&judging, "expect:\n"
						 "  - {nat: one, metric: mappings, at: 7s, value: 0}\n"
						 "  - {nat: one, metric: exhausted, at: 0s, value: 0}\n"
						 "  - {nat: one, metric: mappings, at: 500ms, value: 1}\n"
						 "  - {nat: one, metric: exhausted, at: 7s, value: 0}\n"
						 "  - {nat: one, metric: mappings, value: 9}\n"
						 "  - {flow: call, outcome: delivered}\n"),
			 0);
	static const int64_t instants[] = {0, 500000000, 7000000000};
	struct instant next = {-1};
	for (size_t i = 0; i < N(instants); i++) {
		next = judge_next_sample(judging.judge, next);
		ck_assert_int_eq(next.ns, instants[i]);
	}
	ck_assert(instant_is_never(judge_next_sample(judging.judge, next)));
}
END_TEST

START_TEST(filters_that_cannot_be_are_refused_and_nothing_is_left)
{
	ck_assert_int_eq(
		judging_begin(
			&judging,
			"expect:\n  - {tap: api, filter: syn, packets: 1}\n  - {tap: api, filter: tcp, packets: 1}\n"),
		-EINVAL);
	ck_assert_int_eq(judging.n_filters, 0);
	judging_end(&judging);
	ck_assert_int_eq(judging_begin(&judging, "expect:\n  - {tap: api, filter: fin, packets: 1}\n  - {tap: api, "
						 "filter: memory, packets: 1}\n"),
			 -ENOMEM);
	ck_assert_int_eq(judging.n_filters, 0);
	ck_assert_ptr_null(judge_free(NULL));
}
END_TEST

START_TEST(events_that_change_nothing_fail)
{
	judging_run(&judging, "timeline:\n"
			      "  - {at: 5s, scale: one, workers: 2}\n"
			      "  - {at: 6s, scale: one, workers: 3}\n"
			      "  - {at: 7s, link: internet, latency: 15ms}\n"
			      "expect:\n"
			      "  - {flow: call, outcome: delivered}\n");
	ck_assert_uint_eq(judging.n, 3);
	ck_assert(judging.judgements[0].pass);
	for (size_t i = 1; i < 3; i++) {
		ck_assert(!judging.judgements[i].pass);
		ck_assert_str_eq(judging.judgements[i].name, "timeline");
		ck_assert_int_eq(strncmp(judging.judgements[i].actual, "it changed nothing: ", 20), 0);
	}
	ck_assert_str_eq(judging.judgements[1].expected, "t=5s scale one to 2 workers changes something");
	ck_assert_uint_eq(judging.judgements[2].place.line, judging.judgements[1].place.line + 2);
}
END_TEST

START_TEST(events_that_never_came_fail)
{
	judging_run(&judging, "stop: 1s\ntimeline:\n  - {at: 5s, scale: one, workers: 3}\nexpect:\n  - {flow: call, "
			      "outcome: delivered}\n");
	ck_assert_uint_eq(judging.n, 2);
	ck_assert(judging.judgements[0].pass && !judging.judgements[1].pass);
	ck_assert_ptr_nonnull(strstr(judging.judgements[1].actual, "it changed nothing: "));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("judge/expect", &tc);
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, judgements_come_in_the_order_of_the_file);
	tcase_add_test(tc, no_expectations_are_no_judgements);
	tcase_add_test(tc, looks_on_only_where_it_must);
	tcase_add_test(tc, samples_are_asked_for_in_the_order_of_time);
	tcase_add_test(tc, filters_that_cannot_be_are_refused_and_nothing_is_left);
	tcase_add_test(tc, events_that_change_nothing_fail);
	tcase_add_test(tc, events_that_never_came_fail);
	return suite_run(suite);
}

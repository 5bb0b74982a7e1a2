/* Observers get what they ask for, in order, until one fails. */
#include "sim/trail.h"
#include "suite.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct witness {
	uint32_t seen[STEP_KIND_COUNT];
	uint32_t n;
	int answer;
	uint32_t *clock;
	uint32_t last;
};

static int see(void *context, const struct step *step)
{
	struct witness *witness = context;
	witness->seen[step->kind]++;
	witness->n++;
	witness->last = ++*witness->clock;
	return witness->answer;
}

static struct step step_of(enum step_kind kind)
{
	struct step step = {.kind = kind,
			    .verdict = {.reason = kind == STEP_DROP ? REASON_FILTERED : REASON_NONE, .by = "x"}};
	if (kind == STEP_TRANSLATE)
		step.after.src.raw = 1;
	return step;
}

START_TEST(test_names)
{
	static const char *const expected[] = {"originate", "filter", "route",  "translate",
					       "forward",   "drop",   "deliver"};
	for (int i = 0; i < STEP_KIND_COUNT; i++)
		ck_assert_str_eq(step_kind_name((enum step_kind)i), expected[i]);
	ck_assert_str_eq(step_kind_name(STEP_KIND_COUNT), "");
}
END_TEST

START_TEST(test_only_what_is_wanted)
{
	uint32_t clock = 0;
	struct witness a = {.clock = &clock}, b = {.clock = &clock};
	struct trail trail = {0};
	struct packet other = {0}, opening = {.flags = PACKET_OPENING};
	ck_assert(!trail_wanted(&trail, STEP_DROP, &other));
	ck_assert_int_eq(
		trail_observe(&trail, (struct trail_observer){.wants = 1u << STEP_DROP, .step = see, .context = &a}),
		0);
	ck_assert_int_eq(trail_observe(&trail, (struct trail_observer){.wants = 1u << STEP_DROP | 1u << STEP_ORIGINATE,
								       .step = see,
								       .context = &b}),
			 0);
	ck_assert(trail_wanted(&trail, STEP_DROP, &other));
	ck_assert(trail_wanted(&trail, STEP_ORIGINATE, &other));
	ck_assert(!trail_wanted(&trail, STEP_DELIVER, &other));
	for (int i = 0; i < STEP_KIND_COUNT; i++) {
		struct step step = step_of((enum step_kind)i);
		trail_emit(&trail, &step);
	}
	ck_assert_uint_eq(a.n, 1);
	ck_assert_uint_eq(a.seen[STEP_DROP], 1);
	ck_assert_uint_eq(b.n, 2);
	ck_assert_uint_eq(b.seen[STEP_ORIGINATE], 1);
	ck_assert_uint_lt(a.last, b.last);

	/* An observer of openings is asked of no other packet. */
	struct witness c = {.clock = &clock};
	ck_assert_int_eq(trail_observe(&trail, (struct trail_observer){.wants = 1u << STEP_DELIVER,
								       .step = see,
								       .context = &c,
								       .openings_only = true}),
			 0);
	ck_assert(!trail_wanted(&trail, STEP_DELIVER, &other));
	ck_assert(trail_wanted(&trail, STEP_DELIVER, &opening));
	ck_assert(trail_wanted(&trail, STEP_DROP, &opening));
	struct step step = step_of(STEP_DELIVER);
	step.packet = &other;
	trail_emit(&trail, &step);
	ck_assert_uint_eq(c.n, 0);
	step.packet = &opening;
	trail_emit(&trail, &step);
	ck_assert_uint_eq(c.n, 1);
	ck_assert_uint_eq(b.n, 2);
}
END_TEST

START_TEST(test_first_failure_ends_it)
{
	uint32_t clock = 0, all = (1u << STEP_KIND_COUNT) - 1;
	struct witness a = {.clock = &clock, .answer = -ENOSPC}, b = {.clock = &clock, .answer = -ENOMEM};
	struct trail trail = {0};
	ck_assert_int_eq(trail_observe(&trail, (struct trail_observer){.wants = all, .step = see, .context = &a}), 0);
	ck_assert_int_eq(trail_observe(&trail, (struct trail_observer){.wants = all, .step = see, .context = &b}), 0);
	struct step step = step_of(STEP_FORWARD);
	trail_emit(&trail, &step);
	trail_emit(&trail, &step);
	ck_assert_int_eq(trail.error, -ENOSPC);
	ck_assert_uint_eq(a.n, 1);
	ck_assert_uint_eq(b.n, 0);
}
END_TEST

START_TEST(test_too_many)
{
	struct trail trail = {0};
	for (int i = 0; i < TRAIL_MAX_OBSERVERS; i++)
		ck_assert_int_eq(trail_observe(&trail, (struct trail_observer){.wants = 1}), 0);
	ck_assert_int_eq(trail_observe(&trail, (struct trail_observer){.wants = 2}), -ENOSPC);
	ck_assert_uint_eq(trail.wants, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trail");
	TCase *tc = tcase_create("trail");
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_only_what_is_wanted);
	tcase_add_test(tc, test_first_failure_ends_it);
	tcase_add_test(tc, test_too_many);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}

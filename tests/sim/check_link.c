/* Links: what is lost, how long what is not takes, and that a packet's chances are its own. */
#include "base/random.h"
#include "sim/link.h"
#include "suite.h"

#define MBIT UINT64_C(1000000)

static struct link_outcome carry(const struct link_properties *link, uint64_t random)
{
	return link_carry(link, NULL, random, 1000, INSTANT_ZERO);
}

START_TEST(a_plain_link_only_takes_time)
{
	struct link_properties link = {.latency_ns = 450000, .up = true};
	struct link_outcome outcome = carry(&link, 1);
	ck_assert_int_eq(outcome.reason, REASON_NONE);
	ck_assert_int_eq(outcome.delay_ns, 450000);
	ck_assert(outcome.constant);
}
END_TEST

START_TEST(a_link_that_is_down_takes_nothing)
{
	struct link_properties link = {.latency_ns = 450000};
	ck_assert_int_eq(carry(&link, 1).reason, REASON_LINK_DOWN);
}
END_TEST

START_TEST(loss_is_as_likely_as_it_says)
{
	static const uint64_t parts[] = {0, 42949672, UINT64_C(1) << 31, (UINT64_C(1) << 32) - 1, UINT64_C(1) << 32};
	enum { PACKETS = 100000 };
	for (size_t i = 0; i < N(parts); i++) {
		struct link_properties link = {.loss_parts = parts[i], .up = true};
		uint64_t n_lost = 0;
		for (uint64_t k = 0; k < PACKETS; k++)
			n_lost += carry(&link, random_mix(k)).reason == REASON_LINK_LOSS;
		uint64_t expected = parts[i] * PACKETS >> 32;
		ck_assert_uint_le(n_lost > expected ? n_lost - expected : expected - n_lost,
				  500); /* more than three standard deviations */
		if (parts[i] == 0)
			ck_assert_uint_eq(n_lost, 0);
		if (parts[i] == UINT64_C(1) << 32)
			ck_assert_uint_eq(n_lost, PACKETS);
	}
}
END_TEST

START_TEST(the_same_packet_has_the_same_chance)
{
	struct link_properties link = {
		.latency_ns = 5, .jitter_ns = 1000000, .loss_parts = UINT64_C(1) << 31, .up = true};
	for (uint64_t k = 0; k < 1000; k++) {
		struct link_outcome a = carry(&link, k), b = carry(&link, k);
		ck_assert(a.reason == b.reason && a.delay_ns == b.delay_ns);
	}
}
END_TEST

START_TEST(jitter_is_added_and_bounded)
{
	struct link_properties link = {.latency_ns = 1000, .jitter_ns = 9, .up = true};
	unsigned seen[10] = {0};
	for (uint64_t k = 0; k < 10000; k++) {
		struct link_outcome outcome = carry(&link, random_mix(k));
		ck_assert(!outcome.constant);
		ck_assert_int_ge(outcome.delay_ns, 1000);
		ck_assert_int_le(outcome.delay_ns, 1009);
		seen[outcome.delay_ns - 1000]++;
	}
	for (size_t i = 0; i < N(seen); i++)
		ck_assert_uint_ge(seen[i], 800); /* both ends among them */
	link.jitter_ns = INT64_MAX / 4;          /* the most that a scenario can say */
	for (uint64_t k = 0; k < 1000; k++)
		ck_assert_int_ge(carry(&link, random_mix(k)).delay_ns, 1000);
}
END_TEST

/* 1000 bytes at 8 Mbit/s take a millisecond, one after the other. */
START_TEST(a_rate_makes_packets_wait_for_each_other)
{
	struct link_properties link = {.latency_ns = 7 * NS_PER_MS, .rate_bits_per_s = 8 * MBIT, .up = true};
	struct link_state state = {0};
	struct instant now = {3 * NS_PER_MS};
	for (int i = 1; i <= 5; i++) {
		struct link_outcome outcome = link_carry(&link, &state, 1, 1000, now);
		ck_assert_int_eq(outcome.reason, REASON_NONE);
		ck_assert_int_eq(outcome.delay_ns, (7 + i) * NS_PER_MS);
		ck_assert(!outcome.constant);
	}
	ck_assert_int_eq(state.free_at.ns, 8 * NS_PER_MS);
	/* Half of them have left. */
	now.ns += 2500000;
	ck_assert_int_eq(link_carry(&link, &state, 1, 1000, now).delay_ns, (7 + 1) * NS_PER_MS + 2500000);
	/* A line that stood still begins at once. */
	now.ns += 100 * NS_PER_MS;
	ck_assert_int_eq(link_carry(&link, &state, 1, 500, now).delay_ns, 7 * NS_PER_MS + 500000);
}
END_TEST

START_TEST(a_full_queue_takes_no_more)
{
	struct link_properties link = {.rate_bits_per_s = 8 * MBIT, .queue_bytes = 3000, .up = true};
	struct link_state state = {0};
	struct instant now = {0};
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(link_carry(&link, &state, 1, 1000, now).reason, REASON_NONE);
	struct instant free_at = state.free_at;
	ck_assert_int_eq(link_carry(&link, &state, 1, 1000, now).reason, REASON_QUEUE_FULL);
	ck_assert_int_eq(state.free_at.ns, free_at.ns); /* what was refused takes no place */
	now.ns += NS_PER_MS;
	ck_assert_int_eq(link_carry(&link, &state, 1, 1001, now).reason, REASON_QUEUE_FULL);
	ck_assert_int_eq(link_carry(&link, &state, 1, 1000, now).reason, REASON_NONE);
	/* A packet larger than the queue passes while the line is free: it never waits. */
	now.ns += NS_PER_S;
	ck_assert_int_eq(link_carry(&link, &state, 1, 5000, now).reason, REASON_NONE);
}
END_TEST

START_TEST(extremes_do_not_overflow)
{
	struct link_properties link = {
		.latency_ns = INT64_MAX / 4, .rate_bits_per_s = 1, .queue_bytes = UINT64_MAX, .up = true};
	struct link_state state = {0};
	struct link_outcome outcome = link_carry(&link, &state, 1, 65549, INSTANT_ZERO);
	ck_assert_int_eq(outcome.delay_ns, INT64_MAX / 4 + 65549 * 8 * NS_PER_S);
	link.rate_bits_per_s = UINT64_MAX;
	state = (struct link_state){0};
	ck_assert_int_eq(link_carry(&link, &state, 1, 1500, INSTANT_ZERO).delay_ns, INT64_MAX / 4);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("sim/link", &tc);
	tcase_add_test(tc, a_plain_link_only_takes_time);
	tcase_add_test(tc, a_link_that_is_down_takes_nothing);
	tcase_add_test(tc, loss_is_as_likely_as_it_says);
	tcase_add_test(tc, the_same_packet_has_the_same_chance);
	tcase_add_test(tc, jitter_is_added_and_bounded);
	tcase_add_test(tc, a_rate_makes_packets_wait_for_each_other);
	tcase_add_test(tc, a_full_queue_takes_no_more);
	tcase_add_test(tc, extremes_do_not_overflow);
	return suite_run(suite);
}

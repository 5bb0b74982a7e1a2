/* Random choices: the published vectors of SplitMix64 and FNV-1a, so that every machine draws the same; bounds and
 * balance. */
#include "base/random.h"
#include "suite.h"

/* SplitMix64 seeded with 0 and with 1234567: its k-th output is the mix of seed + k times the golden gamma. */
START_TEST(mixing_is_splitmix64)
{
	static const uint64_t outputs[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
					   UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
					   UINT64_C(16408922859458223821)};
	ck_assert_uint_eq(random_mix(0), UINT64_C(0xe220a8397b1dcdaf));
	for (size_t i = 0; i < N(outputs); i++)
		ck_assert_uint_eq(random_mix(1234567 + i * UINT64_C(0x9e3779b97f4a7c15)), outputs[i]);
}
END_TEST

/* FNV-1a's published values, mixed. */
START_TEST(names_are_fnv_1a)
{
	ck_assert_uint_eq(random_name(""), random_mix(UINT64_C(0xcbf29ce484222325)));
	ck_assert_uint_eq(random_name("a"), random_mix(UINT64_C(0xaf63dc4c8601ec8c)));
	ck_assert_uint_eq(random_name("foobar"), random_mix(UINT64_C(0x85944171f73967e8)));
	/* Bytes are 0 to 255, whether char has a sign or not. */
	ck_assert_uint_eq(random_name("\xff"),
			  random_mix((UINT64_C(0xcbf29ce484222325) ^ 0xff) * UINT64_C(0x100000001b3)));
	ck_assert_uint_ne(random_name("ab"), random_name("ba"));
}
END_TEST

START_TEST(joining_has_an_order)
{
	ck_assert_uint_eq(random_join(3, 5), random_mix(3 ^ random_mix(5)));
	ck_assert_uint_ne(random_join(3, 5), random_join(5, 3));
	ck_assert_uint_ne(random_join(3, 5), random_join(3, 6));
	ck_assert_uint_ne(random_join(0, 0), 0);
}
END_TEST

START_TEST(below_is_below)
{
	static const uint32_t bounds[] = {1, 2, 3, 7, 100, 65536, UINT32_C(0x80000000), UINT32_MAX};
	for (size_t i = 0; i < N(bounds); i++) {
		ck_assert_uint_eq(random_below(0, bounds[i]), 0);
		ck_assert_uint_eq(random_below(UINT64_MAX, bounds[i]), bounds[i] - 1);
		for (uint64_t k = 0; k < 10000; k++)
			ck_assert_uint_lt(random_below(random_mix(k), bounds[i]), bounds[i]);
	}
}
END_TEST

/* 70000 draws from 7: each 10000 times, give or take five standard deviations (93 each). */
START_TEST(below_is_balanced)
{
	uint32_t n[7] = {0};
	for (uint64_t k = 0; k < 70000; k++)
		n[random_below(random_mix(k), 7)]++;
	for (size_t i = 0; i < N(n); i++) {
		ck_assert_uint_gt(n[i], 10000 - 465);
		ck_assert_uint_lt(n[i], 10000 + 465);
	}
}
END_TEST

/* Against the distribution itself: of 100000 draws of mean 1000 ns the mean, the share below the mean (1 - 1/e) and the
 * share above three means (1/e^3), give or take five standard deviations. The ends are those of the 64 bits. */
START_TEST(exponential_is_exponential)
{
	int64_t sum = 0;
	uint32_t below = 0, far = 0;
	for (uint64_t k = 0; k < 100000; k++) {
		int64_t ns = random_exponential_ns(random_mix(k), 1000);
		sum += ns;
		below += ns < 1000;
		far += ns > 3000;
	}
	ck_assert_int_gt(sum / 100000, 984);
	ck_assert_int_lt(sum / 100000, 1016);
	ck_assert_uint_gt(below, 63212 - 763);
	ck_assert_uint_lt(below, 63212 + 763);
	ck_assert_uint_gt(far, 4979 - 344);
	ck_assert_uint_lt(far, 4979 + 344);
	ck_assert_int_eq(random_exponential_ns(UINT64_MAX, 1000000), 0);
	ck_assert_int_eq(random_exponential_ns(UINT64_C(1) << 63, 1000000000),
			 693147182);                                                /* ln 2, as 24 bits have it */
	ck_assert_int_eq(random_exponential_ns(1, 1000000000) / 1000000, 44361);    /* 64 ln 2 */
	ck_assert_int_gt(random_exponential_ns(0, INT64_C(157680000000000000)), 0); /* five years */
	ck_assert_int_eq(random_exponential_ns(0, 0), 0);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/random", &tc);
	tcase_add_test(tc, mixing_is_splitmix64);
	tcase_add_test(tc, names_are_fnv_1a);
	tcase_add_test(tc, joining_has_an_order);
	tcase_add_test(tc, below_is_below);
	tcase_add_test(tc, below_is_balanced);
	tcase_add_test(tc, exponential_is_exponential);
	return suite_run(suite);
}

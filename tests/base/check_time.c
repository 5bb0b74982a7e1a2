/* Points in time: never is later than all others and stays never; a timer is due at its instant, not after it. */
#include "base/time.h"
#include "suite.h"

START_TEST(units_follow_each_other)
{
	ck_assert_int_eq(NS_PER_US, 1000);
	ck_assert_int_eq(NS_PER_MS, 1000 * NS_PER_US);
	ck_assert_int_eq(NS_PER_S, 1000 * NS_PER_MS);
	ck_assert_int_eq(INSTANT_ZERO.ns, 0);
}
END_TEST

START_TEST(adding_saturates)
{
	struct instant t = {5 * NS_PER_S};
	ck_assert_int_eq(instant_add(t, 7).ns, 5 * NS_PER_S + 7);
	ck_assert_int_eq(instant_add(t, 0).ns, t.ns);
	ck_assert(instant_is_never(instant_add(INSTANT_NEVER, 0)));
	ck_assert(instant_is_never(instant_add(INSTANT_NEVER, 1)));
	ck_assert(instant_is_never(instant_add(INSTANT_NEVER, INT64_MAX)));
	ck_assert(instant_is_never(instant_add(t, INT64_MAX)));
	ck_assert(instant_is_never(instant_add((struct instant){INT64_MAX - 7}, 8)));
	ck_assert_int_eq(instant_add((struct instant){INT64_MAX - 7}, 6).ns, INT64_MAX - 1);
	ck_assert(!instant_is_never(instant_add((struct instant){INT64_MAX - 7}, 6)));
}
END_TEST

START_TEST(differences_have_a_sign)
{
	ck_assert_int_eq(instant_since((struct instant){9}, (struct instant){4}), 5);
	ck_assert_int_eq(instant_since((struct instant){4}, (struct instant){9}), -5);
}
END_TEST

START_TEST(order)
{
	struct instant a = {4}, b = {5};
	ck_assert(instant_before(a, b));
	ck_assert(!instant_before(b, a));
	ck_assert(!instant_before(a, a));
	ck_assert(instant_before(b, INSTANT_NEVER));
	ck_assert(instant_reached(b, a));
	ck_assert(instant_reached(a, a));
	ck_assert(!instant_reached(a, b));
	ck_assert_int_eq(instant_min(a, b).ns, 4);
	ck_assert_int_eq(instant_min(b, a).ns, 4);
	ck_assert_int_eq(instant_min(INSTANT_NEVER, b).ns, 5);
	ck_assert(instant_is_never(INSTANT_NEVER));
	ck_assert(!instant_is_never(INSTANT_ZERO));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/time", &tc);
	tcase_add_test(tc, units_follow_each_other);
	tcase_add_test(tc, adding_saturates);
	tcase_add_test(tc, differences_have_a_sign);
	tcase_add_test(tc, order);
	return suite_run(suite);
}

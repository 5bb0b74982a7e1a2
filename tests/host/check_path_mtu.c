/* A path's MTU: per machine and address, for ten minutes, never below 576. */
#include "host/path_mtu.h"
#include "suite.h"

START_TEST(remembered_for_the_path_alone)
{
	struct path_mtus *mtus;
	be32 a = be32_from(0xc0a80105), b = be32_from(0xc0a80106);
	ck_assert_uint_eq(path_mtu(NULL, 1, a, INSTANT_ZERO), 1500);
	ck_assert_int_eq(path_mtus_new(&mtus), 0);
	ck_assert_uint_eq(path_mtu(mtus, 1, a, INSTANT_ZERO), 1500);
	ck_assert_int_eq(path_mtu_learn(mtus, 1, a, 1400, (struct instant){5}), 0);
	ck_assert_uint_eq(path_mtu(mtus, 1, a, (struct instant){6}), 1400);
	ck_assert_uint_eq(path_mtu(mtus, 1, b, (struct instant){6}), 1500);
	ck_assert_uint_eq(path_mtu(mtus, 2, a, (struct instant){6}), 1500);
	ck_assert_uint_eq(path_mtu(mtus, 1, a, (struct instant){600 * NS_PER_S + 4}), 1400);
	ck_assert_uint_eq(path_mtu(mtus, 1, a, (struct instant){600 * NS_PER_S + 5}), 1500);
	ck_assert_int_eq(path_mtu_learn(mtus, 1, a, 68, (struct instant){7}), 0);
	ck_assert_uint_eq(path_mtu(mtus, 1, a, (struct instant){8}), 576);
	ck_assert_ptr_null(path_mtus_free(mtus));
}
END_TEST

START_TEST(of_many_paths)
{
	struct path_mtus *mtus;
	ck_assert_int_eq(path_mtus_new(&mtus), 0);
	for (uint32_t i = 0; i < 3000; i++)
		ck_assert_int_eq(path_mtu_learn(mtus, i % 10, be32_from(i), 600 + i % 800, INSTANT_ZERO), 0);
	for (uint32_t i = 0; i < 3000; i++)
		ck_assert_uint_eq(path_mtu(mtus, i % 10, be32_from(i), (struct instant){1}), 600 + i % 800);
	path_mtus_free(mtus);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("host/path_mtu", &tc);
	tcase_add_test(tc, remembered_for_the_path_alone);
	tcase_add_test(tc, of_many_paths);
	return suite_run(suite);
}

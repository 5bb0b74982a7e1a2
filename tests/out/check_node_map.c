/* The map of nodes: each finds its own number, however alike the nodes' numbers are. */
#include "base/random.h"
#include "out/node_map.h"
#include "suite.h"

START_TEST(test_node_map)
{
	struct node_map map = {0};
	uint32_t value;
	ck_assert(!node_map_find(&map, 0, &value));
	for (uint32_t i = 0; i < 10000; i++)
		ck_assert_int_eq(node_map_add(&map, i * 64, i), 0);
	for (uint32_t i = 0; i < 10000; i++) {
		ck_assert(node_map_find(&map, i * 64, &value));
		ck_assert_uint_eq(value, i);
		ck_assert(!node_map_find(&map, i * 64 + 1, &value));
	}
	node_map_deinit(&map);
}
END_TEST

START_TEST(test_any_numbers)
{
	struct node_map map = {0};
	uint32_t value = 0;
	ck_assert_int_eq(node_map_add(&map, 0, 5), 0);
	ck_assert_int_eq(node_map_add(&map, UINT32_MAX - 1, 6), 0);
	for (uint32_t i = 1; i < 5000; i++)
		ck_assert_int_eq(node_map_add(&map, (uint32_t)(random_mix(i) >> 33), UINT32_MAX - i), 0);
	ck_assert(node_map_find(&map, 0, &value));
	ck_assert_uint_eq(value, 5);
	ck_assert(node_map_find(&map, UINT32_MAX - 1, &value));
	ck_assert_uint_eq(value, 6);
	for (uint32_t i = 1; i < 5000; i++) {
		ck_assert(node_map_find(&map, (uint32_t)(random_mix(i) >> 33), &value));
		ck_assert_uint_eq(value, UINT32_MAX - i);
		ck_assert(!node_map_find(&map, UINT32_C(0x80000000) + i, &value));
	}
	ck_assert_uint_eq(map.n, 5001);
	ck_assert_uint_ge(map.mask + 1, 2 * map.n); /* half full at most: a search ends */
	node_map_deinit(&map);
	ck_assert(!node_map_find(&map, 0, &value));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/node_map", &tc);
	tcase_add_test(tc, test_node_map);
	tcase_add_test(tc, test_any_numbers);
	return suite_run(suite);
}

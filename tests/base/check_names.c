/* Names: the map finds what was added and nothing else; "did you mean" means what a person would. */
#include "base/arena.h"
#include "base/names.h"
#include "suite.h"
#include <string.h>

START_TEST(an_empty_map_finds_nothing)
{
	struct names names = {0};
	uint32_t number = 7;
	ck_assert(!names_find(&names, "a", &number));
	ck_assert_uint_eq(number, 7);
	names_deinit(&names);
}
END_TEST

START_TEST(the_first_of_a_name_stays)
{
	struct names names = {0};
	uint32_t number = 0;
	ck_assert_int_eq(names_add(&names, "a", 5), 0);
	ck_assert_int_eq(names_add(&names, "", 6), 0);
	ck_assert_int_eq(names_add(&names, "a", 9), 1);
	ck_assert_uint_eq(names.n, 2);
	ck_assert(names_find(&names, "a", &number));
	ck_assert_uint_eq(number, 5);
	ck_assert(names_find(&names, "", &number));
	ck_assert_uint_eq(number, 6);
	ck_assert(!names_find(&names, "A", &number));
	ck_assert(!names_find(&names, "aa", &number));
	names_deinit(&names);
	ck_assert(!names_find(&names, "a", &number));
}
END_TEST

START_TEST(many_names_are_found_after_growth)
{
	enum { MOST = 20000 };
	struct arena *arena = arena_new();
	struct names names = {0};
	for (uint32_t i = 0; i < MOST; i++)
		ck_assert_int_eq(names_add(&names, arena_printf(arena, "flow-%u", i), i * 3), 0);
	for (uint32_t i = 0; i < MOST; i++) {
		uint32_t number;
		ck_assert(names_find(&names, arena_printf(arena, "flow-%u", i), &number));
		ck_assert_uint_eq(number, i * 3);
		ck_assert(!names_find(&names, arena_printf(arena, "flow-%u", i + MOST), &number));
	}
	ck_assert_uint_eq(names.n, MOST);
	names_deinit(&names);
	arena_free(arena);
}
END_TEST

START_TEST(distances)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{"", "", 0},
		{"abc", "abc", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"kitten", "sitting", 3},
		{"latency", "latancy", 1},
		{"lateny", "latency", 1},
		{"latencyy", "latency", 1},
		{"ltaency", "latency", 1},
		{"ab", "ba", 1},
		{"ca", "abc", 3},
		{"abcd", "badc", 2},
		{"loss", "jitter", 6}, /* nothing in common */
	};
	for (size_t i = 0; i < N(cases); i++) {
		ck_assert_uint_eq(name_distance(cases[i].a, cases[i].b), cases[i].distance);
		ck_assert_uint_eq(name_distance(cases[i].b, cases[i].a), cases[i].distance);
	}
	char longest[129], longer[130];
	memset(longest, 'a', 128);
	memset(longer, 'a', 129);
	longest[128] = longer[129] = '\0';
	ck_assert_uint_eq(name_distance(longest, longest), 0);
	ck_assert_uint_eq(name_distance(longest, "a"), 127);
	ck_assert_uint_eq(name_distance(longer, "a"), 129); /* not compared: as far as can be */
}
END_TEST

START_TEST(the_nearest_is_near)
{
	static const char *const keys[] = {"latency", "jitter", "loss", "rate", "late"};
	ck_assert_str_eq(name_nearest("latecny", keys, N(keys)), "latency");
	ck_assert_str_eq(name_nearest("los", keys, N(keys)), "loss");
	ck_assert_str_eq(name_nearest("rat", keys, N(keys)), "rate");
	ck_assert_str_eq(name_nearest("jitter", keys, N(keys)), "jitter");
	ck_assert_str_eq(name_nearest("mate", keys, N(keys)), "rate");     /* as near as late, and first */
	ck_assert_str_eq(name_nearest("jiter5", keys, N(keys)), "jitter"); /* two away of six letters */
	ck_assert_str_eq(name_nearest("rxyz", (const char *const[]){"wxyz", "rxyz"}, 2), "rxyz");
	ck_assert_ptr_null(name_nearest("bandwidth", keys, N(keys)));
	ck_assert_ptr_null(name_nearest("abcdef", (const char *const[]){"abczzzz"}, 1)); /* four away of six letters */
	ck_assert_str_eq(name_nearest("abcdef", (const char *const[]){"abczzz"}, 1),
			 "abczzz"); /* three away: just near enough */
	ck_assert_ptr_null(name_nearest("x", NULL, 0));
}
END_TEST

START_TEST(which_names_are_valid)
{
	char longest[65];
	memset(longest, 'a', sizeof longest);
	longest[63] = '\0';
	ck_assert(name_is_valid(longest));
	longest[63] = 'a';
	longest[64] = '\0';
	ck_assert(!name_is_valid(longest));
	static const char *const good[] = {"a", "0", "a-b", "9-", "ase-one", "x--y"};
	static const char *const bad[] = {"", "-", "-a", "A", "a_b", "a.b", "a b", "a/b", "\xc3\xa4", "a\n", "aB"};
	for (size_t i = 0; i < N(good); i++)
		ck_assert_msg(name_is_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < N(bad); i++)
		ck_assert_msg(!name_is_valid(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(which_names_are_azures)
{
	char longest[82];
	memset(longest, 'a', sizeof longest);
	longest[80] = '\0';
	ck_assert(name_is_azures(longest));
	longest[80] = 'a';
	longest[81] = '\0';
	ck_assert(!name_is_azures(longest));
	static const char *const good[] = {"a", "0", "A", "VM-App.01", "x_", "a..b", "AzureFirewallSubnet", "9_"};
	static const char *const bad[] = {"", "-", "-a", "_a", ".a", "a-", "a.", "a b", "a/b", "\xc3\xa4", "a\n"};
	for (size_t i = 0; i < N(good); i++)
		ck_assert_msg(name_is_azures(good[i]), "%s", good[i]);
	for (size_t i = 0; i < N(bad); i++)
		ck_assert_msg(!name_is_azures(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(case_alone_is_nearest)
{
	static const char *const names[] = {"vm-app-0", "VM-APP-01"};
	ck_assert_str_eq(name_nearest("vm-app-01", names, N(names)), "VM-APP-01");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/names", &tc);
	tcase_add_test(tc, an_empty_map_finds_nothing);
	tcase_add_test(tc, the_first_of_a_name_stays);
	tcase_add_test(tc, which_names_are_azures);
	tcase_add_test(tc, case_alone_is_nearest);
	tcase_add_test(tc, many_names_are_found_after_growth);
	tcase_add_test(tc, distances);
	tcase_add_test(tc, the_nearest_is_near);
	tcase_add_test(tc, which_names_are_valid);
	return suite_run(suite);
}

/* nat.csv against nat.csv. */
#include "compare/frame.h"
#include "compare/mappings.h"
#include "suite.h"
#include <string.h>

#define HEADING "nat,inside,outside,destination,protocol,created,last_used,ended,why,packets,bytes\n"
#define ONE "a/vip,10.0.1.6:49152,192.23.1.2:1024,203.0.113.10:443,tcp,0.0,1.0,241.0,idle,9,900\n"
#define TWO "a/vip,10.0.1.7:49152,192.23.1.2:2048,203.0.113.10:443,tcp,0.0,1.0,241.0,idle,9,900\n"

static struct difference_list list;

static void setup(void)
{
	list = (struct difference_list){.arena = arena_new()};
}

static void teardown(void)
{
	arena_free(list.arena);
}

static void compare(const char *a, const char *b, unsigned ignore)
{
	ck_assert_int_eq(compare_mappings(a, strlen(a), b, strlen(b), ignore, &list), 0);
}

static void assert_told(size_t i, const char *field, const char *before, const char *after, uint64_t more)
{
	ck_assert_uint_lt(i, list.n);
	ck_assert_str_eq(list.items[i].field, field);
	ck_assert_str_eq(list.items[i].before, before);
	ck_assert_str_eq(list.items[i].after, after);
	ck_assert_str_eq(list.items[i].point, "a/vip");
	ck_assert_uint_eq(list.items[i].more, more);
}

START_TEST(the_order_of_lines_is_nothing)
{
	compare(HEADING ONE TWO, HEADING TWO ONE, 0);
	ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(a_column_that_changed)
{
	compare(HEADING ONE TWO,
		HEADING TWO "a/vip,10.0.1.6:49152,192.23.1.2:1025,203.0.113.10:443,tcp,0.0,1.0,16.0,reset,9,900\n", 0);
	ck_assert_uint_eq(list.n, 3);
	assert_told(0, "outside", "192.23.1.2:1024", "192.23.1.2:1025", 0);
	assert_told(1, "ended", "241.0", "16.0", 0);
	assert_told(2, "why", "idle", "reset", 0);
	ck_assert_str_eq(list.items[0].what, "mapping tcp 10.0.1.6:49152 to 203.0.113.10:443");
}
END_TEST

START_TEST(the_same_of_several_is_told_once)
{
	compare(HEADING ONE TWO,
		HEADING "a/vip,10.0.1.6:49152,192.23.1.2:1024,203.0.113.10:443,tcp,0.0,1.0,242.0,idle,9,900\n"
			"a/vip,10.0.1.7:49152,192.23.1.2:2048,203.0.113.10:443,tcp,0.0,1.0,243.0,idle,9,900\n",
		0);
	ck_assert_uint_eq(list.n, 1);
	assert_told(0, "ended", "241.0", "242.0", 1);
}
END_TEST

START_TEST(gone_and_new)
{
	compare(HEADING ONE, HEADING TWO, 0);
	ck_assert_uint_eq(list.n, 2);
	assert_told(0, "gone", "192.23.1.2:1024", "", 0);
	assert_told(1, "new", "", "192.23.1.2:2048", 0);
}
END_TEST

START_TEST(one_after_the_other)
{
	/* Twice the same end points: the first is compared with the first. */
	compare(HEADING ONE "a/vip,10.0.1.6:49152,192.23.1.2:1024,203.0.113.10:443,tcp,300.0,301.0,541.0,idle,3,300\n",
		HEADING ONE "a/vip,10.0.1.6:49152,192.23.1.2:1024,203.0.113.10:443,tcp,300.0,301.0,541.0,idle,4,300\n",
		0);
	ck_assert_uint_eq(list.n, 1);
	assert_told(0, "packets", "3", "4", 0);
}
END_TEST

START_TEST(what_is_ignored)
{
	static const char other[] =
		HEADING "a/vip,10.0.1.6:50000,192.23.1.2:1030,203.0.113.10:443,tcp,0.5,1.5,241.5,idle,9,900\n";
	compare(HEADING ONE, other, COMPARE_IGNORE_PORTS | COMPARE_IGNORE_TIME);
	ck_assert_uint_eq(list.n, 0);
	compare(HEADING ONE, other, COMPARE_IGNORE_PORTS);
	ck_assert_uint_eq(list.n, 3);
	assert_told(0, "created", "0.0", "0.5", 0);
}
END_TEST

START_TEST(other_columns_and_line_ends)
{
	compare("nat,inside,destination,protocol,colour\r\na/vip,1.2.3.4:5,6.7.8.9:1,tcp,red\r\n",
		"protocol,nat,destination,inside,colour\ntcp,a/vip,6.7.8.9:1,1.2.3.4:5,blue", 0);
	ck_assert_uint_eq(list.n, 0);
	compare("", "", 0);
	compare(HEADING, "", 0);
	compare("\n\n,,,\n", HEADING, 0);
	compare(",,,,,,,,,,,,,,,,,,,,,,,,,,,,\n,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n", HEADING, 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("compare/mappings", &tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_order_of_lines_is_nothing);
	tcase_add_test(tcase, a_column_that_changed);
	tcase_add_test(tcase, the_same_of_several_is_told_once);
	tcase_add_test(tcase, gone_and_new);
	tcase_add_test(tcase, one_after_the_other);
	tcase_add_test(tcase, what_is_ignored);
	tcase_add_test(tcase, other_columns_and_line_ends);
	return suite_run(suite);
}

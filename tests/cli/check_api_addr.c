/* Values of the library as an embedder has them: addresses, a family and bytes, read and printed; durations with their
 * units. */
#include "suite.h"
#include <pktpath/tools.h>

#include <stdlib.h>
#include <string.h>

static void assert_addr(pp_addr addr, const char *expected)
{
	char text[PP_ADDR_TEXT_BYTES];
	ck_assert_str_eq(pp_addr_print(addr, text), expected);
}

START_TEST(addresses_are_read_and_printed)
{
	static const uint8_t bytes[16] = {10, 0, 1, 6};
	pp_addr addr, other;
	ck_assert_int_eq(pp_addr_parse("10.0.1.6", &addr), 0);
	ck_assert_uint_eq(addr.family, PP_FAMILY_IPV4);
	ck_assert(memcmp(addr.bytes, bytes, sizeof bytes) == 0);
	assert_addr(addr, "10.0.1.6");
	ck_assert_int_eq(pp_addr_parse("10.0.1.7", &other), 0);
	ck_assert(pp_addr_equal(addr, addr) && !pp_addr_equal(addr, other));
	ck_assert_int_eq(pp_addr_parse("10.0.1", &other), 1);
	ck_assert_uint_eq(other.family, PP_FAMILY_NONE);
	assert_addr(other, "");
	ck_assert(!pp_addr_equal(addr, other));
}
END_TEST

START_TEST(durations_have_units)
{
	int64_t ns;
	ck_assert_int_eq(pp_parse_duration("2h4m", &ns), 0);
	ck_assert_int_eq(ns, INT64_C(7440000000000));
	ck_assert_int_eq(pp_parse_duration("10", &ns), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("api/addr");
	TCase *tcase = tcase_create("addr");
	tcase_add_test(tcase, addresses_are_read_and_printed);
	tcase_add_test(tcase, durations_have_units);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}

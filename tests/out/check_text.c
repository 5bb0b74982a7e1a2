/* Text by hand against printf: the same characters, within the room that is promised. */
#include "base/random.h"
#include "base/units.h"
#include "out/text.h"
#include "suite.h"
#include "support.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

START_TEST(test_decimals)
{
	char text[TEXT_DECIMAL_BYTES + 1], expected[32];
	for (uint64_t i = 0; i < 60000; i++) {
		uint64_t number = i < 30000 ? i : i < 30020 ? UINT64_MAX - (i - 30000) : random_mix(i) >> i % 64;
		char *end = text_decimal(text, number);
		ck_assert_int_le(end - text, TEXT_DECIMAL_BYTES);
		*end = '\0';
		(void)snprintf(expected, sizeof expected, "%" PRIu64, number);
		if (strcmp(text, expected) != 0)
			ck_abort_msg("%s is not %s", text, expected);
	}
	for (uint64_t power = 10; power < UINT64_MAX / 10; power *= 10) { /* where a digit more begins */
		*text_decimal(text, power - 1) = '\0';
		ck_assert_uint_eq(strspn(text, "9"), strlen(text));
		*text_decimal(text, power) = '\0';
		ck_assert_uint_eq(strspn(text + 1, "0"), strlen(text) - 1);
	}
}
END_TEST

START_TEST(test_addresses)
{
	char text[ADDR_TEXT_BYTES], expected[ADDR_TEXT_BYTES];
	for (uint64_t i = 0; i < 20000; i++) {
		be32 addr = be32_from(i < 256 ? (uint32_t)i * UINT32_C(0x01010101) : (uint32_t)random_mix(i));
		*text_addr(text, addr) = '\0';
		ck_assert_str_eq(text, addr_print(addr, expected));
	}
}
END_TEST

START_TEST(test_end_points)
{
	char text[TEXT_END_POINT_BYTES + 1];
	be32 addr = be32_from(UINT32_MAX);
	*text_end_point(text, PROTO_ICMP, addr, be16_from(65535)) = '\0';
	ck_assert_str_eq(text, "255.255.255.255 id 65535");
	ck_assert_uint_eq(strlen(text), TEXT_END_POINT_BYTES);
	*text_end_point(text, PROTO_TCP, addr, be16_from(80)) = '\0';
	ck_assert_str_eq(text, "255.255.255.255:80");
	*text_end_point(text, PROTO_UDP, addr, be16_from(0)) = '\0';
	ck_assert_str_eq(text, "255.255.255.255");
}
END_TEST

START_TEST(test_text_agrees_with_the_slow_way)
{
	static const int64_t times_ns[] = {0,  1,           999999999, 1000000000, INT64_C(12000450000),
					   -1, -1500000000, INT64_MAX, INT64_MIN};
	char expected[UNITS_TEXT_BYTES], text[64], tuple_text[TUPLE_TEXT_BYTES];
	for (size_t i = 0; i < sizeof times_ns / sizeof *times_ns; i++) {
		*text_seconds(text, times_ns[i]) = '\0';
		ck_assert_str_eq(text, units_print_seconds(times_ns[i], expected));
	}
	struct tuple tuples[] = {tuple_of("255.255.255.255", 65535, "0.0.0.0", 1),
				 tuple_of("10.0.1.6", 7, "1.20.255.4", 7), tuple_of("0.0.0.0", 0, "0.0.0.0", 0)};
	tuples[1].proto = PROTO_ICMP;
	tuples[2].proto = PROTO_UDP;
	for (size_t i = 0; i < 2; i++) {
		*text_tuple(text, &tuples[i]) = '\0';
		ck_assert_str_eq(text, tuple_print(&tuples[i], tuple_text));
	}
	*text_tuple(text, &tuples[2]) = '\0'; /* no ports: a fragment */
	ck_assert_str_eq(text, "udp 0.0.0.0 > 0.0.0.0");
}
END_TEST

START_TEST(test_places)
{
	char text[64];
	*text_place(text, PLACE_NONE) = '\0';
	ck_assert_str_eq(text, "");
	*text_place(text, (struct place){"/a/b.yaml", 0, 0}) = '\0';
	ck_assert_str_eq(text, "b.yaml");
	*text_place(text, (struct place){"a/\033[2J\n\xe2\x80\xae\xff.yaml", 7, 1}) = '\0';
	ck_assert_str_eq(text, "\\u001b[2J\\u000a\\u202e\\xff.yaml:7");
	*text_place(text, (struct place){"b.yaml", 4000000000u, 2}) = '\0';
	ck_assert_str_eq(text, "b.yaml:4000000000");
	static const struct place places[] = {{0}, {"/a/b.yaml", 0, 0}, {"b.yaml", UINT32_MAX, 2}, {"/", 1, 1}};
	for (size_t i = 0; i < N(places); i++)
		ck_assert_uint_le((size_t)(text_place(text, places[i]) - text), text_place_bytes(places[i]));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/text", &tc);
	tcase_add_test(tc, test_decimals);
	tcase_add_test(tc, test_addresses);
	tcase_add_test(tc, test_end_points);
	tcase_add_test(tc, test_text_agrees_with_the_slow_way);
	tcase_add_test(tc, test_places);
	return suite_run(suite);
}

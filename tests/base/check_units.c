/* Quantities: read exactly, refused where they say less than they should, and printed so that they can be read
 * again. */
#include "base/random.h"
#include "base/units.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_NS (86400 * NS_PER_S)

START_TEST(durations)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{"0s", 0},
		{"1ns", 1},
		{"1us", 1000},
		{"450us", 450000},
		{"1.5ms", 1500000},
		{"0.000000001s", 1},
		{"15s", 15 * NS_PER_S},
		{"240s", 240 * NS_PER_S},
		{"4m", 240 * NS_PER_S},
		{"2h4m", 7440 * NS_PER_S},
		{"1d2h3m4s5ms6us7ns", DAY_NS + 7384 * NS_PER_S + 5006007},
		{"0.5h30m", 3600 * NS_PER_S},
		{"1m1m", 120 * NS_PER_S},
		{"007s", 7 * NS_PER_S},
		{"26687d", 26687 * DAY_NS}, /* a quarter of what fits */
	};
	for (size_t i = 0; i < N(cases); i++) {
		int64_t ns = -1;
		ck_assert_msg(units_duration(cases[i].text, &ns) == UNITS_OK, "%s", cases[i].text);
		ck_assert_msg(ns == cases[i].ns, "%s", cases[i].text);
	}
}
END_TEST

START_TEST(durations_that_are_none)
{
	static const struct {
		const char *text;
		enum units_error error;
	} cases[] = {
		{"", UNITS_NOT_A_NUMBER},
		{"s", UNITS_NOT_A_NUMBER},
		{"-1s", UNITS_NOT_A_NUMBER},
		{"+1s", UNITS_NOT_A_NUMBER},
		{".5s", UNITS_NOT_A_NUMBER},
		{" 1s", UNITS_NOT_A_NUMBER},
		{"0", UNITS_NO_UNIT},
		{"10", UNITS_NO_UNIT},
		{"1.5", UNITS_NO_UNIT},
		{"2h4", UNITS_NO_UNIT},
		{"1 s", UNITS_UNKNOWN},
		{"1s ", UNITS_UNKNOWN},
		{"1S", UNITS_UNKNOWN},
		{"1min", UNITS_UNKNOWN},
		{"1kB", UNITS_UNKNOWN},
		{"1w", UNITS_UNKNOWN},
		{"1e3s", UNITS_UNKNOWN},
		{"1.5ns", UNITS_OUT_OF_RANGE},
		{"0.0000000001s", UNITS_OUT_OF_RANGE},
		{"26689d", UNITS_OUT_OF_RANGE},
		{"18446744073709551616ns", UNITS_OUT_OF_RANGE},
		{"99999999999999999999d", UNITS_OUT_OF_RANGE},
		{"1800000000000000000ns1800000000000000000ns", UNITS_OUT_OF_RANGE},
	};
	for (size_t i = 0; i < N(cases); i++) {
		int64_t ns = -77;
		ck_assert_msg(units_duration(cases[i].text, &ns) == cases[i].error, "%s", cases[i].text);
		ck_assert_msg(ns == -77, "%s", cases[i].text);
	}
}
END_TEST

START_TEST(sizes_and_rates)
{
	uint64_t x = 0;
	ck_assert_int_eq(units_size("0B", &x), UNITS_OK);
	ck_assert_uint_eq(x, 0);
	ck_assert_int_eq(units_size("64kB", &x), UNITS_OK);
	ck_assert_uint_eq(x, 64000);
	ck_assert_int_eq(units_size("64KiB", &x), UNITS_OK);
	ck_assert_uint_eq(x, 65536);
	ck_assert_int_eq(units_size("1.5MiB", &x), UNITS_OK);
	ck_assert_uint_eq(x, 1572864);
	ck_assert_int_eq(units_size("18446744073GB", &x), UNITS_OK);
	ck_assert_uint_eq(x, UINT64_C(18446744073000000000));
	ck_assert_int_eq(units_size("18446744074GB", &x), UNITS_OUT_OF_RANGE);
	ck_assert_int_eq(units_size("1.5B", &x), UNITS_OUT_OF_RANGE);
	ck_assert_int_eq(units_size("10", &x), UNITS_NO_UNIT);
	ck_assert_int_eq(units_size("10KB", &x), UNITS_UNKNOWN);
	ck_assert_int_eq(units_size("1kB2B", &x), UNITS_UNKNOWN); /* durations alone are compounds */
	ck_assert_int_eq(units_rate("100Mbit/s", &x), UNITS_OK);
	ck_assert_uint_eq(x, 100000000);
	ck_assert_int_eq(units_rate("2.5Gbit/s", &x), UNITS_OK);
	ck_assert_uint_eq(x, UINT64_C(2500000000));
	ck_assert_int_eq(units_rate("9bit/s", &x), UNITS_OK);
	ck_assert_uint_eq(x, 9);
	ck_assert_int_eq(units_rate("100Mbit", &x), UNITS_UNKNOWN);
	ck_assert_int_eq(units_rate("100", &x), UNITS_NO_UNIT);
}
END_TEST

START_TEST(fractions)
{
	static const struct {
		const char *text;
		uint64_t parts;
	} cases[] = {
		{"0", 0},
		{"1", UINT64_C(1) << 32},
		{"0.5", UINT64_C(1) << 31},
		{"50%", UINT64_C(1) << 31},
		{"100%", UINT64_C(1) << 32},
		{"0%", 0},
		{"0.25", UINT64_C(1) << 30},
		{"1%", 42949672},
		{"0.01", 42949672},
		{"1e-2", 42949672},
		{"1E-4", 429496},
		{"0.1%", 4294967},
		{"12.5%", UINT64_C(1) << 29},
		{"1e-99", 0},
	};
	for (size_t i = 0; i < N(cases); i++) {
		uint64_t parts = 1;
		ck_assert_msg(units_fraction(cases[i].text, &parts) == UNITS_OK, "%s", cases[i].text);
		ck_assert_msg(parts == cases[i].parts, "%s", cases[i].text);
	}
	uint64_t parts = 9;
	ck_assert_int_eq(units_fraction("1.1", &parts), UNITS_OUT_OF_RANGE);
	ck_assert_int_eq(units_fraction("101%", &parts), UNITS_OUT_OF_RANGE);
	ck_assert_int_eq(units_fraction("", &parts), UNITS_NOT_A_NUMBER);
	ck_assert_int_eq(units_fraction("-1%", &parts), UNITS_NOT_A_NUMBER);
	ck_assert_int_eq(units_fraction("1%%", &parts), UNITS_UNKNOWN);
	ck_assert_int_eq(units_fraction("1e2", &parts), UNITS_UNKNOWN);
	ck_assert_int_eq(units_fraction("1e-", &parts), UNITS_UNKNOWN);
	ck_assert_int_eq(units_fraction("0.5x", &parts), UNITS_UNKNOWN);
	ck_assert_uint_eq(parts, 9);
}
END_TEST

START_TEST(wall_time)
{
	int64_t ns = 0;
	ck_assert_int_eq(units_wall_time("1970-01-01T00:00:00Z", &ns), UNITS_OK);
	ck_assert_int_eq(ns, 0);
	ck_assert_int_eq(units_wall_time("2015-12-17T00:00:00Z", &ns), UNITS_OK);
	ck_assert_int_eq(ns, 1450310400 * NS_PER_S);
	ck_assert_int_eq(units_wall_time("2000-02-29T23:59:59.000000001Z", &ns), UNITS_OK);
	ck_assert_int_eq(ns, 951868799 * NS_PER_S + 1);
	ck_assert_int_eq(units_wall_time("2038-01-19T03:14:08.5Z", &ns), UNITS_OK);
	ck_assert_int_eq(ns, 2147483648 * NS_PER_S + 500000000);
	static const struct {
		const char *text;
		enum units_error error;
	} bad[] = {
		{"", UNITS_NOT_A_NUMBER},
		{"2015-12-17", UNITS_NOT_A_NUMBER},
		{"2015-12-17 00:00:00Z", UNITS_NOT_A_NUMBER},
		{"2015-1-17T00:00:00Z", UNITS_NOT_A_NUMBER},
		{"2015-12-17T00:00:00.Z", UNITS_NOT_A_NUMBER},
		{"2015-12-17T00:00:00.1234567890Z", UNITS_NOT_A_NUMBER},
		{"2015-12-17T00:00:00", UNITS_NO_UNIT},
		{"2015-12-17T00:00:00+01:00", UNITS_NO_UNIT},
		{"2015-12-17T00:00:00Zx", UNITS_NO_UNIT},
		{"1969-12-31T23:59:59Z", UNITS_OUT_OF_RANGE},
		{"2201-01-01T00:00:00Z", UNITS_OUT_OF_RANGE},
		{"2015-00-17T00:00:00Z", UNITS_OUT_OF_RANGE},
		{"2015-13-17T00:00:00Z", UNITS_OUT_OF_RANGE},
		{"2015-12-00T00:00:00Z", UNITS_OUT_OF_RANGE},
		{"2015-02-29T00:00:00Z", UNITS_OUT_OF_RANGE},
		{"2100-02-29T00:00:00Z", UNITS_OUT_OF_RANGE},
		{"2015-04-31T00:00:00Z", UNITS_OUT_OF_RANGE},
		{"2015-12-17T24:00:00Z", UNITS_OUT_OF_RANGE},
		{"2015-12-17T00:60:00Z", UNITS_OUT_OF_RANGE},
		{"2015-12-17T00:00:60Z", UNITS_OUT_OF_RANGE},
	};
	for (size_t i = 0; i < N(bad); i++)
		ck_assert_msg(units_wall_time(bad[i].text, &ns) == bad[i].error, "%s", bad[i].text);
}
END_TEST

/* Each day from 1900 to 2200, as the C library counts it; read again from 1970 on. */
START_TEST(the_calendar_is_everybodys)
{
	char text[UNITS_TEXT_BYTES], expected[UNITS_TEXT_BYTES];
	for (int64_t day = -25567; day < 84006; day++) {
		time_t second = (time_t)(day * 86400 + (day & 0xffff));
		if (second / 86400 != day + (day < 0 && second % 86400 != 0)) /* a C library that counts in 32 bits */
			continue;
		struct tm tm;
		ck_assert_ptr_nonnull(gmtime_r(&second, &tm));
		strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm);
		ck_assert_str_eq(units_print_wall_time(second * NS_PER_S, text), expected);
		int64_t again;
		if (day < 0)
			continue;
		ck_assert_int_eq(units_wall_time(text, &again), UNITS_OK);
		ck_assert_int_eq(again, second * NS_PER_S);
	}
	ck_assert_str_eq(units_print_wall_time(-1, text), "1969-12-31T23:59:59.999999999Z");
	ck_assert_str_eq(units_print_wall_time(1, text), "1970-01-01T00:00:00.000000001Z");
}
END_TEST

START_TEST(printed_texts)
{
	char text[UNITS_TEXT_BYTES];
	ck_assert_str_eq(units_print_duration(0, text), "0s");
	ck_assert_str_eq(units_print_duration(240 * NS_PER_S, text), "4m");
	ck_assert_str_eq(units_print_duration(1500000, text), "1ms500us");
	ck_assert_str_eq(units_print_duration(-90 * NS_PER_S, text), "-1m30s");
	ck_assert_str_eq(units_print_duration(5 * DAY_NS, text), "5d");
	ck_assert_str_eq(units_print_duration(INT64_MAX, text), "106751d23h47m16s854ms775us807ns");
	ck_assert_str_eq(units_print_duration(INT64_MIN, text), "-106751d23h47m16s854ms775us808ns");
	ck_assert_str_eq(units_print_size(0, text), "0B");
	ck_assert_str_eq(units_print_size(65536, text), "65536B");
	ck_assert_str_eq(units_print_size(64000, text), "64kB");
	ck_assert_str_eq(units_print_size(3000000000, text), "3GB");
	ck_assert_str_eq(units_print_rate(1000000000, text), "1Gbit/s");
	ck_assert_str_eq(units_print_rate(1500000, text), "1500kbit/s");
	ck_assert_str_eq(units_print_rate(7, text), "7bit/s");
	ck_assert_str_eq(units_print_seconds(12000450000, text), "12.000450000");
	ck_assert_str_eq(units_print_seconds(0, text), "0.000000000");
	ck_assert_str_eq(units_print_seconds(-1, text), "-0.000000001");
	ck_assert_str_eq(units_print_seconds(INT64_MIN, text), "-9223372036.854775808");
}
END_TEST

START_TEST(what_is_printed_can_be_read)
{
	char text[UNITS_TEXT_BYTES];
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t x = random_mix(i) >> (3 + i % 60), again = 0;
		int64_t ns = 0;
		ck_assert_int_eq(units_duration(units_print_duration((int64_t)(x / 4), text), &ns), UNITS_OK);
		ck_assert_int_eq(ns, (int64_t)(x / 4));
		ck_assert_int_eq(units_size(units_print_size(x, text), &again), UNITS_OK);
		ck_assert_uint_eq(again, x);
		ck_assert_int_eq(units_rate(units_print_rate(x, text), &again), UNITS_OK);
		ck_assert_uint_eq(again, x);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/units", &tc);
	tcase_add_test(tc, durations);
	tcase_add_test(tc, durations_that_are_none);
	tcase_add_test(tc, sizes_and_rates);
	tcase_add_test(tc, fractions);
	tcase_add_test(tc, wall_time);
	tcase_add_test(tc, the_calendar_is_everybodys);
	tcase_add_test(tc, printed_texts);
	tcase_add_test(tc, what_is_printed_can_be_read);
	return suite_run(suite);
}

/* Numbers as text: the same as printf's, for numbers of every length and at each edge. */
#include "base/decimal.h"
#include "suite.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void same_as_printf(uint64_t value)
{
	char expected[64], got[64];
	(void)snprintf(expected, sizeof expected, "%" PRIu64, value);
	*decimal_put(got, value) = '\0';
	ck_assert_str_eq(got, expected);
	(void)snprintf(expected, sizeof expected, "%09" PRIu64, value);
	*decimal_put_padded(got, value, 9) = '\0';
	ck_assert_str_eq(got, expected);
}

START_TEST(numbers_of_every_length)
{
	for (uint64_t value = 0; value < 11000; value++)
		same_as_printf(value);
	uint64_t power = 1;
	for (int digits = 1; digits <= DECIMAL_MAX_BYTES; digits++, power *= 10) {
		same_as_printf(power - 1);
		same_as_printf(power);
		same_as_printf(power + 1);
		same_as_printf(power + power / 3);
	}
	same_as_printf(UINT64_MAX);
	same_as_printf(UINT64_MAX - 1);
}
END_TEST

START_TEST(text_has_its_end)
{
	char got[16];
	char *end = decimal_put_text(got, "ase-one");
	ck_assert_ptr_eq(end, got + 7);
	ck_assert_int_eq(memcmp(got, "ase-one", 7), 0);
	ck_assert_ptr_eq(decimal_put_text(got, ""), got);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/decimal", &tc);
	tcase_add_test(tc, numbers_of_every_length);
	tcase_add_test(tc, text_has_its_end);
	return suite_run(suite);
}

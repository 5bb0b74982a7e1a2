/* Sequence numbers that are shifted where a NAT lets lines grow and shrink. */
#include "rule/sequence.h"
#include "suite.h"
#include <stdlib.h>

START_TEST(test_nothing)
{
	const struct sequence_shift shift = {0};
	ck_assert_uint_eq(sequence_there(&shift, 77), 77);
	ck_assert_uint_eq(sequence_back(&shift, 77), 77);
	ck_assert_uint_eq(sequence_back(&shift, 0xfffffff0), 0xfffffff0);
}
END_TEST

/* A line of 20 bytes at 1000 leaves with 26. */
START_TEST(test_grows)
{
	struct sequence_shift shift = {0};
	sequence_grow(&shift, 1000, 6);
	ck_assert_uint_eq(sequence_there(&shift, 1000), 1000); /* the line itself, and when it comes again */
	ck_assert_uint_eq(sequence_there(&shift, 1020), 1026); /* what is behind it */
	ck_assert_uint_eq(sequence_there(&shift, 999), 999);   /* a keep-alive before it */
	ck_assert_uint_eq(sequence_back(&shift, 1000), 1000);  /* the line is not acknowledged */
	ck_assert_uint_eq(sequence_back(&shift, 1026), 1020);  /* it is */
	ck_assert_uint_eq(sequence_back(&shift, 1036), 1030);
	sequence_grow(&shift, 1000, 6); /* it comes again */
	ck_assert_uint_eq(sequence_there(&shift, 1020), 1026);
}
END_TEST

/* Shifts add up: +6, then -2. */
START_TEST(test_adds_up)
{
	struct sequence_shift shift = {0};
	sequence_grow(&shift, 1000, 6);
	sequence_grow(&shift, 1100, -2);
	ck_assert_uint_eq(sequence_there(&shift, 1100), 1106);
	ck_assert_uint_eq(sequence_there(&shift, 1120), 1124);
	ck_assert_uint_eq(sequence_back(&shift, 1106), 1100);
	ck_assert_uint_eq(sequence_back(&shift, 1124), 1120);
	sequence_grow(&shift, 1000, 6); /* late: it has arrived */
	ck_assert_uint_eq(sequence_there(&shift, 1120), 1124);
}
END_TEST

/* Numbers wrap round. */
START_TEST(test_wraps)
{
	struct sequence_shift shift = {0};
	sequence_grow(&shift, 0xfffffff8, 4);
	ck_assert_uint_eq(sequence_there(&shift, 0xfffffff8), 0xfffffff8);
	ck_assert_uint_eq(sequence_there(&shift, 12), 16);
	ck_assert_uint_eq(sequence_back(&shift, 16), 12);
	ck_assert_uint_eq(sequence_back(&shift, 0xfffffff8), 0xfffffff8);
}
END_TEST

/* A line may even shrink at the very beginning of the numbers. */
START_TEST(test_shrinks)
{
	struct sequence_shift shift = {0};
	sequence_grow(&shift, 0, -9);
	ck_assert_uint_eq(sequence_there(&shift, 0), 0);
	ck_assert_uint_eq(sequence_there(&shift, 28), 19);
	ck_assert_uint_eq(sequence_back(&shift, 19), 28);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sequence");
	TCase *tcase = tcase_create("sequence");
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_grows);
	tcase_add_test(tcase, test_adds_up);
	tcase_add_test(tcase, test_wraps);
	tcase_add_test(tcase, test_shrinks);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}

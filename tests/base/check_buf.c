/* The byte buffer: what was appended is there, in order; it grows; and once it has failed it stays as it was. */
#include "base/buf.h"
#include "base/random.h"
#include "suite.h"
#include <string.h>

static struct buf buf;

static void setup(void)
{
	buf = (struct buf){0};
}

static void teardown(void)
{
	buf_free(&buf);
	ck_assert_ptr_null(buf.data);
	ck_assert_uint_eq(buf.size_bytes, 0);
}

START_TEST(appends_stand_in_order)
{
	buf_puts(&buf, "one");
	buf_putc(&buf, ' ');
	buf_append(&buf, "two!", 3);
	buf_printf(&buf, " %03d%s", 7, "!");
	ck_assert_str_eq(buf_text(&buf), "one two 007!");
	ck_assert_uint_eq(buf.size_bytes, 12);
	ck_assert(!buf_failed(&buf));
}
END_TEST

START_TEST(nothing_is_nothing)
{
	buf_append(&buf, NULL, 0);
	buf_puts(&buf, "");
	buf_printf(&buf, "%s", "");
	ck_assert_uint_eq(buf.size_bytes, 0);
	ck_assert_str_eq(buf_text(&buf), "");
}
END_TEST

/* Any bytes, zero among them, in pieces of any length. */
START_TEST(grows_and_keeps_what_it_holds)
{
	enum { TOTAL = 300000 };
	static uint8_t bytes[TOTAL];
	for (size_t i = 0; i < TOTAL; i++)
		bytes[i] = (uint8_t)random_mix(i);
	for (size_t done = 0; done < TOTAL;) {
		size_t n = 1 + random_below(random_mix(done + 77), 1000);
		n = n < TOTAL - done ? n : TOTAL - done;
		buf_append(&buf, bytes + done, n);
		done += n;
		ck_assert_uint_eq(buf.size_bytes, done);
		ck_assert_uint_le(buf.size_bytes, buf.capacity_bytes);
	}
	ck_assert_mem_eq(buf.data, bytes, TOTAL);
}
END_TEST

/* The end of a text and a buffer that is just full: one place more for the NUL. */
START_TEST(text_ends_wherever_the_capacity_does)
{
	for (size_t n = 0; n < 1100; n++) {
		buf_putc(&buf, (char)('a' + n % 26));
		const char *text = buf_text(&buf);
		ck_assert_uint_eq(strlen(text), n + 1);
		ck_assert_int_eq(text[n], (char)('a' + n % 26));
	}
}
END_TEST

START_TEST(printing_fits_wherever_the_capacity_ends)
{
	for (int n = 0; n < 600; n++) {
		struct buf other = {0};
		buf_printf(&other, "%*s", n, "");
		buf_printf(&other, "<%d>", n);
		ck_assert_uint_eq(other.size_bytes, (size_t)n + (n < 10 ? 3 : n < 100 ? 4 : 5));
		ck_assert_uint_eq(strlen(buf_text(&other)), other.size_bytes);
		ck_assert_int_eq(other.data[n], '<');
		buf_free(&other);
	}
}
END_TEST

START_TEST(clearing_keeps_the_memory)
{
	buf_printf(&buf, "%*s", 5000, "");
	size_t capacity = buf.capacity_bytes;
	const uint8_t *data = buf.data;
	buf_clear(&buf);
	ck_assert_uint_eq(buf.size_bytes, 0);
	ck_assert_str_eq(buf_text(&buf), "");
	buf_puts(&buf, "again");
	ck_assert_uint_eq(buf.capacity_bytes, capacity);
	ck_assert_ptr_eq(buf.data, data);
}
END_TEST

START_TEST(reserved_room_is_there)
{
	buf_puts(&buf, "x");
	ck_assert(buf_reserve(&buf, 100000));
	ck_assert_uint_eq(buf.size_bytes, 1);
	ck_assert_uint_ge(buf.capacity_bytes, 100001);
	const uint8_t *data = buf.data;
	memset(buf.data + 1, 'y', 100000);
	ck_assert(buf_reserve(&buf, buf.capacity_bytes - 1));
	ck_assert_ptr_eq(buf.data, data);
	ck_assert(buf_reserve(&buf, 0));
}
END_TEST

START_TEST(failure_stays)
{
	buf_puts(&buf, "before");
	ck_assert(!buf_reserve(&buf, SIZE_MAX));
	ck_assert(buf_failed(&buf));
	ck_assert(!buf_reserve(&buf, 1));
	buf_puts(&buf, "after");
	buf_putc(&buf, 'c');
	buf_append(&buf, "a", 1);
	buf_printf(&buf, "%d", 1);
	ck_assert_uint_eq(buf.size_bytes, 6);
	ck_assert_mem_eq(buf.data, "before", 6);
	ck_assert_str_eq(buf_text(&buf), "");
	buf_clear(&buf);
	ck_assert(buf_failed(&buf));
	buf_free(&buf);
	ck_assert(!buf_failed(&buf));
	buf_puts(&buf, "fresh");
	ck_assert_str_eq(buf_text(&buf), "fresh");
}
END_TEST

/* A wide character that the C locale does not have: printf says so. */
START_TEST(a_text_that_cannot_be_printed_fails)
{
	static const wchar_t euro[] = {0x20ac, 0};
	buf_printf(&buf, "%ls", euro);
	ck_assert(buf_failed(&buf));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/buf", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, appends_stand_in_order);
	tcase_add_test(tc, nothing_is_nothing);
	tcase_add_test(tc, grows_and_keeps_what_it_holds);
	tcase_add_test(tc, text_ends_wherever_the_capacity_does);
	tcase_add_test(tc, printing_fits_wherever_the_capacity_ends);
	tcase_add_test(tc, clearing_keeps_the_memory);
	tcase_add_test(tc, reserved_room_is_there);
	tcase_add_test(tc, failure_stays);
	tcase_add_test(tc, a_text_that_cannot_be_printed_fails);
	return suite_run(suite);
}

/* JSON as it is put: layout, escapes at every place of a text, numbers at their edges. */
#include "base/json_put.h"
#include "suite.h"
#include <string.h>

static void same_text(struct buf *buf, const char *expected)
{
	ck_assert_str_eq(buf_text(buf), expected);
	buf_clear(buf);
}

START_TEST(objects_and_arrays)
{
	struct buf buf = {0};
	struct json_put json = {.out = &buf};
	json_put_open(&json, '{');
	json_put_key(&json, "empty");
	json_put_open(&json, '{');
	json_put_close(&json, '}');
	json_put_key(&json, "list");
	json_put_open(&json, '[');
	json_put_item(&json);
	json_put_open(&json, '[');
	json_put_close(&json, ']');
	json_put_item(&json);
	json_put_text(&json, NULL);
	json_put_close(&json, ']');
	json_put_key(&json, "last");
	json_put_word(&json, "true");
	json_put_close(&json, '}');
	same_text(&buf, "{\n  \"empty\": {},\n  \"list\": [\n    [],\n    null\n  ],\n  \"last\": true\n}");
	buf_free(&buf);
}
END_TEST

static void puts_as(const char *text, size_t bytes, const char *expected)
{
	struct buf buf = {0}, whole = {0};
	struct json_put json = {.out = &buf};
	/* At each place among eight bytes that are looked at together. */
	for (size_t before = 0; before < 18; before++) {
		static const char plain[] = "abcdefgh ~}zABCDE01";
		buf_append(&whole, plain, before);
		buf_append(&whole, text, bytes);
		buf_append(&whole, plain, 17 - before);
		json_put_bytes(&json, (const char *)whole.data, whole.size_bytes);
		buf_clear(&whole);
		buf_putc(&whole, '"');
		buf_append(&whole, plain, before);
		buf_puts(&whole, expected);
		buf_append(&whole, plain, 17 - before);
		buf_putc(&whole, '"');
		same_text(&buf, buf_text(&whole));
		buf_clear(&whole);
	}
	buf_free(&whole);
	buf_free(&buf);
}

START_TEST(escapes)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"\"", "\\\""},
		{"\\", "\\\\"},
		{"/", "/"},
		{" ", " "},
		{"\b\f\n\r\t", "\\b\\f\\n\\r\\t"},
		{"\x01\x1f", "\\u0001\\u001F"},
		{"\x7f", "\\u007f"},
		{"\xc2\x9b", "\\u009b"},
		{"\xe2\x80\xae", "\\u202e"},
		{"\xef\xbb\xbf", "\\ufeff"},
		{"\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80"},
		{"\xff", "\xef\xbf\xbd"},
		{"\xc3", "\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		puts_as(cases[i].text, strlen(cases[i].text), cases[i].expected);
	puts_as("\0", 1, "\\u0000");
}
END_TEST

START_TEST(numbers)
{
	struct buf buf = {0};
	struct json_put json = {.out = &buf};
	json_put_number(&json, 0);
	same_text(&buf, "0");
	json_put_number(&json, UINT64_MAX);
	same_text(&buf, "9223372036854775807");
	json_put_signed(&json, -1);
	same_text(&buf, "-1");
	json_put_signed(&json, INT64_MIN);
	same_text(&buf, "-9223372036854775808");
	buf_free(&buf);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/json_put", &tc);
	tcase_add_test(tc, objects_and_arrays);
	tcase_add_test(tc, escapes);
	tcase_add_test(tc, numbers);
	return suite_run(suite);
}

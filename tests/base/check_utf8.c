/* Characters: distinguished from bytes that are none, and shown so that no terminal obeys them. */
#include "base/utf8.h"
#include "suite.h"
#include <string.h>

START_TEST(characters_and_what_is_none)
{
	static const struct {
		const char *text;
		size_t n;
		uint32_t character;
	} rows[] = {
		{"a", 1, 'a'},
		{"\x7f", 1, 0x7f},
		{"\xc2\x80", 2, 0x80},
		{"\xdf\xbf", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800},
		{"\xe2\x80\xae", 3, 0x202e},
		{"\xf0\x9f\x98\x80", 4, 0x1f600},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
		{"\x80", 0, 0},
		{"\xc1\xbf", 0, 0},
		{"\xe0\x9f\xbf", 0, 0},
		{"\xed\xa0\x80", 0, 0},
		{"\xf4\x90\x80\x80", 0, 0},
		{"\xf5\x80\x80\x80", 0, 0},
		{"\xe2\x80", 0, 0},
		{"\xe2\x41\xae", 0, 0},
		{"\xff", 0, 0},
	};
	for (size_t i = 0; i < N(rows); i++) {
		uint32_t character = 0;
		ck_assert_msg(utf8_character(rows[i].text, strlen(rows[i].text), &character) == rows[i].n, "row %zu",
			      i);
		ck_assert_uint_eq(character, rows[i].character);
	}
}
END_TEST

START_TEST(what_is_shown)
{
	static const struct {
		const char *text, *shown;
		size_t n;
	} rows[] = {
		{"a", "a", 1},
		{"\033[31m", "\\u001b", 1},
		{"\n", "\\u000a", 1},
		{"\x7f", "\\u007f", 1},
		{"\xc2\x9b", "\\u009b", 2},
		{"\xe2\x80\xae", "\\u202e", 3},
		{"\xe2\x81\xa6", "\\u2066", 3},
		{"\xe2\x80\xa8", "\\u2028", 3},
		{"\xd8\x9c", "\\u061c", 2},
		{"\xef\xbb\xbf", "\\ufeff", 3},
		{"\xc3\xa4", "\xc3\xa4", 2},
		{"\xe2\x80\x94", "\xe2\x80\x94", 3},
		{"\xff\xff", "\\xff", 1},
		{"\xe2\x80", "\\xe2", 1},
	};
	for (size_t i = 0; i < N(rows); i++) {
		char safe[UTF8_SAFE_BYTES];
		ck_assert_uint_eq(utf8_safe(rows[i].text, strlen(rows[i].text), safe), rows[i].n);
		ck_assert_str_eq(safe, rows[i].shown);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/utf8", &tc);
	tcase_add_test(tc, characters_and_what_is_none);
	tcase_add_test(tc, what_is_shown);
	return suite_run(suite);
}

/* Diagnostics: all of them in one run, in the order of the file, each with its line and a caret below the very
 * character. */
#include "base/arena.h"
#include "base/diag.h"
#include "suite.h"
#include <string.h>

static struct arena *arena;
static struct diag_list list;

static void setup(void)
{
	arena = arena_new();
	diag_init(&list, arena);
}

static void teardown(void)
{
	diag_deinit(&list);
	ck_assert_uint_eq(list.n, 0);
	arena_free(arena);
}

static struct place at(uint32_t line, uint32_t column)
{
	return (struct place){"a.yaml", line, column};
}

static void excerpts(const char *text)
{
	diag_add_excerpts(&list, &(struct source){"a.yaml", text, strlen(text)}, 1);
	ck_assert(!list.failed);
}

/* What is drawn for one mistake in a text. */
static const char *drawn(const char *text, uint32_t line, uint32_t column)
{
	diag_deinit(&list);
	diag_init(&list, arena);
	ck_assert_ptr_nonnull(diag_error(&list, at(line, column), NULL, "wrong"));
	excerpts(text);
	return list.items[0].excerpt;
}

/* The column of the caret in the second line, from 1. */
static size_t caret_of(const char *excerpt)
{
	const char *second = strchr(excerpt, '\n') + 1;
	size_t n = strspn(second, " ");
	ck_assert_str_eq(second + n, "^\n");
	return n + 1;
}

START_TEST(errors_are_counted_and_warnings_are_not)
{
	char hint[] = "say on or off";
	diag_error(&list, at(3, 1), hint, "unknown word \"%s\" in %d places", "x", 2);
	diag_warning(&list, at(4, 1), NULL, "never used");
	memset(hint, 'z', sizeof hint - 1); /* texts are the list's own */
	ck_assert_uint_eq(list.n, 2);
	ck_assert_uint_eq(list.n_errors, 1);
	ck_assert_str_eq(list.items[0].message, "unknown word \"x\" in 2 places");
	ck_assert_str_eq(list.items[0].hint, "say on or off");
	ck_assert_int_eq(list.items[0].severity, DIAG_ERROR);
	ck_assert_int_eq(list.items[1].severity, DIAG_WARNING);
	ck_assert_ptr_null(list.items[1].hint);
	ck_assert_ptr_null(list.items[1].excerpt);
}
END_TEST

START_TEST(after_very_many_errors_no_way_out_is_searched_for)
{
	for (unsigned i = 0; i < 100; i++) {
		ck_assert(diag_may_search(&list));
		diag_error(&list, (struct place){"a.yaml", 1 + i, 1}, "look", "wrong");
	}
	ck_assert(!diag_may_search(&list));
}
END_TEST

START_TEST(a_bare_list_has_neither_ways_out_nor_excerpts)
{
	list.bare = true;
	ck_assert(!diag_may_search(&list));
	diag_error(&list, (struct place){"a.yaml", 1, 1}, "look", "wrong");
	diag_add_excerpts(&list, &(struct source){"a.yaml", "text\n", 5}, 1);
	ck_assert_ptr_null(list.items[0].hint);
	ck_assert_ptr_null(list.items[0].excerpt);
}
END_TEST

START_TEST(they_are_sorted_by_place_and_equals_stay_as_they_came)
{
	static const struct {
		uint32_t line, column;
	} places[] = {{7, 2}, {2, 9}, {2, 1}, {0, 0}, {7, 2}, {2, 9}, {1, 30}};
	for (uint32_t i = 0; i < 70; i++)
		diag_error(&list, at(places[i % 7].line, places[i % 7].column), NULL, "%03u", i);
	excerpts("");
	ck_assert_uint_eq(list.n, 70);
	for (size_t i = 1; i < list.n; i++) {
		const struct diag *a = &list.items[i - 1], *b = &list.items[i];
		ck_assert_uint_le(a->place.line, b->place.line);
		if (a->place.line == b->place.line)
			ck_assert_uint_le(a->place.column, b->place.column);
		if (a->place.line == b->place.line && a->place.column == b->place.column)
			ck_assert_int_lt(strcmp(a->message, b->message), 0);
	}
}
END_TEST

START_TEST(the_caret_stands_below_the_column)
{
	static const char text[] = "one\n  two: 2\nthree";
	ck_assert_str_eq(drawn(text, 1, 1), "one\n^\n");
	ck_assert_str_eq(drawn(text, 2, 3), "  two: 2\n  ^\n");
	ck_assert_str_eq(drawn(text, 2, 8), "  two: 2\n       ^\n");
	ck_assert_str_eq(drawn(text, 3, 5), "three\n    ^\n"); /* a last line without an end */
	ck_assert_str_eq(drawn(text, 1, 4), "one\n   ^\n");  /* behind the last character: something is missing there */
	ck_assert_str_eq(drawn(text, 1, 90), "one\n   ^\n"); /* further than the line reaches */
	ck_assert_str_eq(drawn(text, 2, 0), "  two: 2\n^\n"); /* the line alone is known */
	ck_assert_str_eq(drawn("a: 1\r\nb: 2\r\n", 2, 4), "b: 2\n   ^\n");
	ck_assert_str_eq(drawn("\n\nx", 2, 1), "\n^\n");
}
END_TEST

START_TEST(places_that_the_text_does_not_have_get_no_excerpt)
{
	ck_assert_ptr_null(drawn("one\ntwo\n", 9, 1));
	ck_assert_ptr_null(drawn("one\n", 0, 0));
	diag_deinit(&list);
	diag_init(&list, arena);
	diag_error(&list, PLACE_NONE, NULL, "of the command line");
	diag_error(&list, (struct place){"b.yaml", 1, 1}, NULL, "of another file");
	diag_error(&list, at(1, 2), NULL, "of this one");
	excerpts("abc\n");
	for (size_t i = 0; i < list.n; i++)
		ck_assert_int_eq(list.items[i].excerpt ? 1 : 0, strcmp(list.items[i].message, "of this one") == 0);
	/* Another file's turn: what is drawn stays. */
	diag_add_excerpts(&list, &(struct source){"b.yaml", "xyz\n", 4}, 1);
	for (size_t i = 0; i < list.n; i++) {
		if (strcmp(list.items[i].message, "of another file") == 0)
			ck_assert_str_eq(list.items[i].excerpt, "xyz\n^\n");
		if (strcmp(list.items[i].message, "of this one") == 0)
			ck_assert_str_eq(list.items[i].excerpt, "abc\n ^\n");
	}
}
END_TEST

START_TEST(several_mistakes_in_a_line_each_have_it)
{
	diag_error(&list, at(2, 5), NULL, "second");
	diag_error(&list, at(3, 1), NULL, "third");
	diag_error(&list, at(2, 1), NULL, "first");
	excerpts("x\nab: cd\ny\n");
	ck_assert_str_eq(list.items[0].excerpt, "ab: cd\n^\n");
	ck_assert_str_eq(list.items[1].excerpt, "ab: cd\n    ^\n");
	ck_assert_str_eq(list.items[2].excerpt, "y\n^\n");
}
END_TEST

/* Columns count characters, not bytes; tabs are as wide as four spaces; control characters cannot move the cursor. */
START_TEST(columns_are_characters)
{
	ck_assert_str_eq(drawn("n: \xc3\xa4\xe2\x82\xac x\n", 1, 7), "n: \xc3\xa4\xe2\x82\xac x\n      ^\n");
	ck_assert_str_eq(drawn("\tx\n", 1, 2), "    x\n    ^\n");
	ck_assert_str_eq(drawn("\tx\n", 1, 1), "    x\n^\n");
	ck_assert_str_eq(drawn("a\033[2Jb\n", 1, 6), "a\\u001b[2Jb\n          ^\n");
}
END_TEST

START_TEST(long_lines_are_cut_around_the_caret)
{
	char text[2000];
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = (char)('a' + i % 26);
	text[sizeof text - 1] = '\0';
	for (uint32_t column = 1; column < sizeof text; column += 7) {
		const char *excerpt = drawn(text, 1, column);
		size_t width = strcspn(excerpt, "\n"), caret = caret_of(excerpt);
		ck_assert_uint_le(width, 126); /* 120, and three dots at either end */
		ck_assert_uint_le(caret, width);
		ck_assert_int_eq(excerpt[caret - 1], text[column - 1]);
		ck_assert_int_eq(strncmp(excerpt, "...", 3) == 0, column > 100);
	}
}
END_TEST

/* A file may be anything, and it is then that its line is shown: tabs only, or bytes that are no UTF-8. */
START_TEST(any_bytes_are_drawn_within_bounds)
{
	static char text[5000];
	static const char fills[] = {'\t', '\x80', '\xff', '\0', '\xe2'};
	for (size_t k = 0; k < N(fills); k++) {
		memset(text, fills[k], sizeof text);
		text[0] = 'a';
		for (uint32_t column = 1; column <= sizeof text; column += 499) {
			diag_deinit(&list);
			diag_init(&list, arena);
			const struct diag *diag = diag_error(&list, at(1, column), NULL, "wrong");
			ck_assert_ptr_nonnull(diag);
			diag_add_excerpts(&list, &(struct source){"a.yaml", text, sizeof text}, 1);
			ck_assert_ptr_nonnull(list.items[0].excerpt);
			ck_assert_uint_lt(strlen(list.items[0].excerpt), 2048);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/diag", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, errors_are_counted_and_warnings_are_not);
	tcase_add_test(tc, after_very_many_errors_no_way_out_is_searched_for);
	tcase_add_test(tc, a_bare_list_has_neither_ways_out_nor_excerpts);
	tcase_add_test(tc, they_are_sorted_by_place_and_equals_stay_as_they_came);
	tcase_add_test(tc, the_caret_stands_below_the_column);
	tcase_add_test(tc, places_that_the_text_does_not_have_get_no_excerpt);
	tcase_add_test(tc, several_mistakes_in_a_line_each_have_it);
	tcase_add_test(tc, columns_are_characters);
	tcase_add_test(tc, long_lines_are_cut_around_the_caret);
	tcase_add_test(tc, any_bytes_are_drawn_within_bounds);
	return suite_run(suite);
}

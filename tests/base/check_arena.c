/* Memory of an arena: zeroed, aligned, apart from all other memory of it, and refused where no size could be right. */
#include "base/arena.h"
#include "suite.h"
#include <stdint.h>
#include <string.h>

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
	ck_assert_ptr_nonnull(arena);
}

static void teardown(void)
{
	arena = arena_free(arena);
	ck_assert_ptr_null(arena);
}

static void assert_all(const unsigned char *bytes, size_t n, unsigned char value)
{
	size_t same = 0;
	while (same < n && bytes[same] == value)
		same++;
	ck_assert_uint_eq(same, n);
}

/* Each piece is filled with a number of its own; none has changed when all are there. */
START_TEST(pieces_are_zeroed_aligned_and_apart)
{
	enum { MOST = 900 };
	unsigned char *piece[MOST];
	size_t size[MOST];
	for (size_t i = 0; i < MOST; i++) {
		size[i] = i % 100 == 99 ? i * 5000 : i * 7 % 301;
		piece[i] = arena_alloc(arena, size[i]);
		ck_assert_ptr_nonnull(piece[i]);
		ck_assert_uint_eq((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
		assert_all(piece[i], size[i], 0);
		memset(piece[i], (int)(i % 251 + 1), size[i]);
	}
	for (size_t i = 0; i < MOST; i++)
		assert_all(piece[i], size[i], (unsigned char)(i % 251 + 1));
}
END_TEST

START_TEST(nothing_is_a_piece_too)
{
	ck_assert_ptr_nonnull(arena_alloc(arena, 0));
	ck_assert_ptr_nonnull(arena_array(arena, 0, 8));
	ck_assert_ptr_nonnull(arena_array(arena, 8, 0));
	ck_assert_ptr_null(arena_free(NULL));
}
END_TEST

/* Small pieces go on where they were, whatever was asked for between them. */
START_TEST(a_large_request_has_memory_of_its_own)
{
	const char *before = arena_alloc(arena, 16);
	char *large = arena_alloc(arena, 10000000);
	ck_assert_ptr_nonnull(large);
	const char *after = arena_alloc(arena, 16);
	ck_assert_uint_eq((uintptr_t)after, (uintptr_t)before + 16);
	memset(large, 1, 10000000);
	assert_all((const unsigned char *)after, 16, 0);
}
END_TEST

START_TEST(a_first_request_may_be_large)
{
	memset(arena_alloc(arena, 100000), 1, 100000);
	assert_all(arena_alloc(arena, 5000), 5000, 0);
}
END_TEST

/* What one fills to the end is followed by a new chunk, not by memory of another owner. */
START_TEST(a_chunk_is_used_to_its_end)
{
	for (size_t i = 0; i < 4096 / 16; i++)
		memset(arena_alloc(arena, 16), 2, 16);
	ck_assert_ptr_nonnull(arena_alloc(arena, 0));
	assert_all(arena_alloc(arena, 16), 16, 0);
}
END_TEST

START_TEST(sizes_that_cannot_be_are_refused)
{
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX - 16));
	ck_assert_ptr_null(arena_array(arena, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(arena_array(arena, 3, SIZE_MAX / 2));
	/* With half = 2^(bits / 2): half + 1 times half is half where overflow is not checked. */
	const size_t half = (SIZE_MAX >> (sizeof(size_t) * 4)) + 1;
	ck_assert_ptr_null(arena_array(arena, half + 1, half));
	ck_assert_ptr_nonnull(arena_alloc(arena, 1));
}
END_TEST

START_TEST(arrays_have_room_for_all)
{
	uint32_t *numbers = arena_array(arena, 5000, sizeof *numbers);
	const unsigned char *next = arena_alloc(arena, 8);
	for (uint32_t i = 0; i < 5000; i++) {
		ck_assert_uint_eq(numbers[i], 0);
		numbers[i] = UINT32_MAX;
	}
	assert_all(next, 8, 0);
}
END_TEST

START_TEST(texts_are_copies_with_an_end)
{
	char text[] = "call-internet";
	char *copy = arena_strdup(arena, text), *part = arena_strndup(arena, text, 4),
	     *none = arena_strndup(arena, text, 0);
	memset(text, 'x', sizeof text - 1);
	ck_assert_str_eq(copy, "call-internet");
	ck_assert_str_eq(part, "call");
	ck_assert_str_eq(none, "");
	ck_assert_str_eq(arena_strdup(arena, ""), "");
}
END_TEST

START_TEST(printed_texts_are_as_long_as_they_are)
{
	ck_assert_str_eq(arena_printf(arena, "%s:%d", "a", -7), "a:-7");
	ck_assert_str_eq(arena_printf(arena, "%s", ""), "");
	for (int width = 0; width < 9000; width += 13) {
		const char *text = arena_printf(arena, "%*s%c", width, "", '!');
		ck_assert_uint_eq(strlen(text), (size_t)width + 1);
		ck_assert_int_eq(text[width], '!');
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/arena", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pieces_are_zeroed_aligned_and_apart);
	tcase_add_test(tc, nothing_is_a_piece_too);
	tcase_add_test(tc, a_large_request_has_memory_of_its_own);
	tcase_add_test(tc, a_first_request_may_be_large);
	tcase_add_test(tc, a_chunk_is_used_to_its_end);
	tcase_add_test(tc, sizes_that_cannot_be_are_refused);
	tcase_add_test(tc, arrays_have_room_for_all);
	tcase_add_test(tc, texts_are_copies_with_an_end);
	tcase_add_test(tc, printed_texts_are_as_long_as_they_are);
	return suite_run(suite);
}

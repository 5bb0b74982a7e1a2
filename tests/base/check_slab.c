/* The slab: pieces lie on lines of the cache, apart from each other, and stay where they are. */
#include "base/slab.h"
#include "suite.h"
#include <string.h>

START_TEST(pieces_lie_on_lines_and_apart)
{
	enum { MOST = 3000 };
	static uint8_t *piece[MOST];
	static size_t size[MOST];
	struct slab slab = {0};
	for (size_t i = 0; i < MOST; i++) {
		size[i] = SLAB_LINE_BYTES * (1 + i * 7 % 40) * (i % 500 == 499 ? 1000 : 1);
		piece[i] = slab_take(&slab, size[i]);
		ck_assert_ptr_nonnull(piece[i]);
		ck_assert_uint_eq((uintptr_t)piece[i] % SLAB_LINE_BYTES, 0);
		memset(piece[i], (int)(i % 251), size[i]);
	}
	for (size_t i = 0; i < MOST; i++) {
		size_t same = 0;
		while (same < size[i] && piece[i][same] == i % 251)
			same++;
		ck_assert_uint_eq(same, size[i]);
	}
	slab_deinit(&slab);
	ck_assert_ptr_null(slab.blocks);
	ck_assert_uint_eq(slab.total_bytes, 0);
}
END_TEST

/* What is taken beyond what was asked for is a sixteenth at most, and less than 16 MiB. */
START_TEST(the_waste_is_bounded)
{
	struct slab slab = {0};
	size_t asked = 0;
	for (size_t i = 0; i < 4000; i++) {
		ck_assert_ptr_nonnull(slab_take(&slab, 131072));
		asked += 131072;
		ck_assert_uint_eq(slab.total_bytes - slab.left_bytes, asked);
		ck_assert_uint_le(slab.left_bytes, asked / 16);
		ck_assert_uint_lt(slab.left_bytes, (size_t)16 << 20);
	}
	slab_deinit(&slab);
}
END_TEST

START_TEST(an_emptied_slab_serves_again)
{
	struct slab slab = {0};
	slab_deinit(&slab);
	ck_assert_ptr_nonnull(slab_take(&slab, 64));
	slab_deinit(&slab);
	memset(slab_take(&slab, 4096), 1, 4096);
	slab_deinit(&slab);
}
END_TEST

START_TEST(short_memory_is_told_and_harmless)
{
	struct slab slab = {0};
	uint8_t *piece = slab_take(&slab, 64);
	ck_assert_ptr_nonnull(piece);
	*piece = 42;
	ck_assert_ptr_null(slab_take(&slab, SIZE_MAX / 2 / 64 * 64));
	ck_assert_uint_eq(*piece, 42);
	ck_assert_ptr_nonnull(slab_take(&slab, 64));
	slab_deinit(&slab);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/slab", &tc);
	tcase_add_test(tc, pieces_lie_on_lines_and_apart);
	tcase_add_test(tc, the_waste_is_bounded);
	tcase_add_test(tc, an_emptied_slab_serves_again);
	tcase_add_test(tc, short_memory_is_told_and_harmless);
	return suite_run(suite);
}

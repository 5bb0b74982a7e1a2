/* Readable text: as long as asked for, line after line of the same, and a gigabyte of it for the price of a line. */
#include "base/arena.h"
#include "host/dialogue.h"
#include "suite.h"
#include <string.h>

START_TEST(test_any_length)
{
	static const char line[] = "pktpath flow=call-sql dir=late\n";
	struct arena *arena = arena_new();
	for (uint32_t n = 0; n < 400; n++) {
		char got[401] = "";
		const struct payload *p = text_payload(arena, "call-sql", "late", n);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(p->size_bytes, n);
		payload_copy(p, 0, n, (uint8_t *)got);
		for (uint32_t i = 0; i < n; i++)
			if (got[i] != line[i % (sizeof line - 1)])
				ck_abort_msg("byte %u of %u is '%c'", i, n, got[i]);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_a_gigabyte)
{
	struct arena *arena = arena_new();
	const struct payload *p = text_payload(arena, "f", "request", PAYLOAD_MAX_BYTES);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->size_bytes, PAYLOAD_MAX_BYTES);
	char got[30];
	uint32_t line_bytes = (uint32_t)strlen("pktpath flow=f dir=request\n"),
		 whole = PAYLOAD_MAX_BYTES / line_bytes - 3;
	payload_copy(p, whole * line_bytes, line_bytes, (uint8_t *)got);
	ck_assert_mem_eq(got, "pktpath flow=f dir=request\n", line_bytes);
	ck_assert_ptr_null(text_payload(arena, "f", "request", PAYLOAD_MAX_BYTES + 1));
	arena_free(arena);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("host/text", &tc);
	tcase_add_test(tc, test_any_length);
	tcase_add_test(tc, test_a_gigabyte);
	return suite_run(suite);
}

/* Payloads: any slice has the bytes, and the checksum, of the message written out in full. */
#include "base/arena.h"
#include "base/random.h"
#include "net/payload.h"
#include "suite.h"
#include <string.h>

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static uint16_t slow_sum(const uint8_t *bytes, size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* 0000 and ffff are the same number to a checksum. */
static uint32_t same_zero(uint32_t sum)
{
	return sum == 0xffff ? 0 : sum;
}

static void assert_slices(const struct payload *payload, const uint8_t *whole, uint32_t n, uint32_t step)
{
	static uint8_t out[8192];
	ck_assert_uint_eq(payload->size_bytes, n);
	for (uint32_t from = 0; from <= n; from += from < 40 ? 1 : step)
		for (uint32_t size = 0; size <= n - from; size += size < 40 ? 1 : step) {
			memset(out, 0xaa, (size_t)size + 1);
			payload_copy(payload, from, size, out);
			if (memcmp(out, whole + from, size) != 0 || out[size] != 0xaa)
				ck_abort_msg("%u bytes at %u of %u differ", size, from, n);
			uint32_t sum = payload_sum(payload, from, size);
			if (sum > 0xffff || same_zero(sum) != same_zero(slow_sum(whole + from, size)))
				ck_abort_msg("%u bytes at %u of %u: sum %x, not %x", size, from, n, sum,
					     slow_sum(whole + from, size));
		}
}

/* Odd and even sizes of all three parts, each part missing too. */
START_TEST(slices_of_head_cycle_and_tail)
{
	static const uint32_t sizes[][4] = {/* head, cycle, repeat, tail */
					    {0, 0, 0, 0},   {7, 0, 0, 0},  {0, 0, 0, 8}, {1, 0, 0, 1},  {0, 1, 33, 0},
					    {0, 2, 40, 0},  {5, 3, 17, 2}, {4, 7, 9, 5}, {3, 8, 8, 3},  {6, 21, 11, 7},
					    {0, 30, 5, 29}, {9, 1, 1, 9},  {2, 5, 0, 2}, {1, 100, 2, 0}};
	static uint8_t bytes[512], whole[8192];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)random_mix(i + 5);
	for (size_t i = 0; i < N(sizes); i++) {
		const uint32_t *s = sizes[i];
		uint32_t n = 0;
		memcpy(whole, bytes, s[0]);
		n += s[0];
		for (uint32_t k = 0; k < s[2]; k++, n += s[1])
			memcpy(whole + n, bytes + 100, s[1]);
		memcpy(whole + n, bytes + 300, s[3]);
		n += s[3];
		const struct payload *payload =
			payload_new(arena, bytes, s[0], bytes + 100, s[1], s[2], bytes + 300, s[3]);
		ck_assert_ptr_nonnull(payload);
		assert_slices(payload, whole, n, 3);
	}
}
END_TEST

START_TEST(all_ones_do_not_overflow)
{
	static uint8_t ones[4096];
	memset(ones, 0xff, sizeof ones);
	const struct payload *payload = payload_new(arena, ones, 1001, ones, 333, 3, ones, 1000);
	assert_slices(payload, ones, 1001 + 999 + 1000, 97);
}
END_TEST

START_TEST(bytes_given_are_copied)
{
	char head[] = "head", tail[] = "tail";
	uint8_t out[9];
	const struct payload *payload = payload_new(arena, head, 4, NULL, 0, 0, tail, 4);
	memset(head, 'x', 4);
	memset(tail, 'x', 4);
	payload_copy(payload, 0, 8, out);
	ck_assert_mem_eq(out, "headtail", 8);
}
END_TEST

/* A gigabyte costs a line of memory; its parity goes on through an odd cycle. */
START_TEST(a_gigabyte_is_cheap)
{
	const struct payload *payload = payload_new(arena, NULL, 0, "abc", 3, PAYLOAD_MAX_BYTES / 3, "d", 1);
	ck_assert_ptr_nonnull(payload);
	ck_assert_uint_eq(payload->size_bytes, PAYLOAD_MAX_BYTES);
	uint8_t out[5];
	payload_copy(payload, PAYLOAD_MAX_BYTES - 5, 5, out);
	ck_assert_mem_eq(out, "cabcd", 5);
	/* Two cycles are the words 6162 6361 6263: of the whole there are half as many as cycles, then an odd cycle,
	 * then the last byte. */
	uint64_t pairs = PAYLOAD_MAX_BYTES / 3 / 2, left = PAYLOAD_MAX_BYTES / 3 % 2;
	uint64_t sum = pairs * (0x6162 + 0x6361 + 0x6263) + (left ? 0x6162 + (0x63 << 8 | 'd') : 'd' << 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	ck_assert_uint_eq(payload_sum(payload, 0, PAYLOAD_MAX_BYTES), sum);
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
	ck_assert_ptr_null(payload_new(arena, NULL, 0, "abcd", 4, PAYLOAD_MAX_BYTES / 4, "d", 1));
	ck_assert_ptr_null(payload_new(arena, NULL, 0, "abcd", 4, UINT32_MAX, NULL, 0));
	ck_assert_ptr_null(payload_new(arena, "x", (size_t)PAYLOAD_MAX_BYTES + 1, NULL, 0, 0, NULL, 0));
	ck_assert_ptr_null(payload_new(arena, "x", SIZE_MAX, NULL, 0, 0, "x", 2));
	ck_assert_ptr_nonnull(payload_new(arena, NULL, 0, "abcd", 4, PAYLOAD_MAX_BYTES / 4, NULL, 0));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("net/payload", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, slices_of_head_cycle_and_tail);
	tcase_add_test(tc, all_ones_do_not_overflow);
	tcase_add_test(tc, bytes_given_are_copied);
	tcase_add_test(tc, a_gigabyte_is_cheap);
	tcase_add_test(tc, what_is_too_long_is_refused);
	return suite_run(suite);
}

/* Ranges beyond a hole: merging, order of SACK blocks, FIN, wrap-around, no room. The model is a plain bitmap. */
#include "base/random.h"
#include "host/tcp_internal.h"
#include "suite.h"
#include <string.h>

static struct tcp_ranges *ranges;

static void setup(void)
{
	ranges = NULL;
}

static void teardown(void)
{
	struct tcb tcb = {.out_of_order = ranges};

	tcp_deinit(&tcb);
	ck_assert_ptr_null(tcb.out_of_order);
}

static void assert_blocks(uint32_t n, const uint32_t expected[][2])
{
	uint32_t blocks[TCP_SACK_BLOCKS][2];

	ck_assert_uint_eq(tcp_ranges_blocks(ranges, blocks), n);
	for (uint32_t i = 0; i < n; i++) {
		ck_assert_uint_eq(blocks[i][0], expected[i][0]);
		ck_assert_uint_eq(blocks[i][1], expected[i][1]);
	}
}

START_TEST(test_latest_first)
{
	tcp_ranges_add(&ranges, 100, 200, false);
	tcp_ranges_add(&ranges, 300, 400, false);
	tcp_ranges_add(&ranges, 500, 600, false);
	assert_blocks(3, (const uint32_t[][2]){{500, 600}, {300, 400}, {100, 200}});
	tcp_ranges_add(&ranges, 200, 250, false); /* grows the oldest: now the latest */
	assert_blocks(3, (const uint32_t[][2]){{100, 250}, {500, 600}, {300, 400}});
	tcp_ranges_add(&ranges, 250, 300, false); /* joins two */
	assert_blocks(2, (const uint32_t[][2]){{100, 400}, {500, 600}});
	tcp_ranges_add(&ranges, 510, 520, false); /* again */
	assert_blocks(2, (const uint32_t[][2]){{500, 600}, {100, 400}});
	for (uint32_t i = 0; i < 4; i++)
		tcp_ranges_add(&ranges, 1000 + 100 * i, 1010 + 100 * i, false);
	assert_blocks(4, (const uint32_t[][2]){{1300, 1310}, {1200, 1210}, {1100, 1110}, {1000, 1010}});
}
END_TEST

START_TEST(test_take)
{
	bool fin;

	ck_assert_uint_eq(tcp_ranges_take(&ranges, 7, &fin), 7);
	ck_assert(!fin);
	tcp_ranges_add(&ranges, 100, 200, false);
	tcp_ranges_add(&ranges, 300, 401, true);
	ck_assert_uint_eq(tcp_ranges_take(&ranges, 99, &fin), 99);
	ck_assert_uint_eq(tcp_ranges_take(&ranges, 100, &fin), 200);
	ck_assert(!fin);
	ck_assert_uint_eq(tcp_ranges_take(&ranges, 350, &fin), 401);
	ck_assert(fin);
	ck_assert_ptr_null(ranges);
	/* A segment that covers a whole range, and more. */
	tcp_ranges_add(&ranges, 500, 510, false);
	tcp_ranges_add(&ranges, 520, 530, false);
	ck_assert_uint_eq(tcp_ranges_take(&ranges, 515, &fin), 515);
	assert_blocks(1, (const uint32_t[][2]){{520, 530}});
}
END_TEST

START_TEST(test_wraps)
{
	bool fin;

	tcp_ranges_add(&ranges, 0u - 10u, 0u - 5u, false);
	tcp_ranges_add(&ranges, 5, 10, false);
	tcp_ranges_add(&ranges, 0u - 5u, 5, false);
	assert_blocks(1, (const uint32_t[][2]){{0u - 10u, 10}});
	ck_assert_uint_eq(tcp_ranges_take(&ranges, 0u - 10u, &fin), 10);
}
END_TEST

START_TEST(test_no_room)
{
	uint32_t blocks[TCP_SACK_BLOCKS][2];
	bool fin;

	for (uint32_t i = 0; i < 80; i++)
		tcp_ranges_add(&ranges, 100 + 10 * i, 105 + 10 * i, i == 79);
	tcp_ranges_blocks(ranges, blocks);
	ck_assert_uint_eq(blocks[0][0], 100 + 10 * 63);
	/* Growing one still works, and what was forgotten is not taken, FIN included. */
	tcp_ranges_add(&ranges, 100, 2000, false);
	ck_assert_uint_eq(tcp_ranges_take(&ranges, 100, &fin), 2000);
	ck_assert(!fin);
	ck_assert_ptr_null(ranges);
}
END_TEST

START_TEST(test_against_a_bitmap)
{
	for (uint32_t seed = 0; seed < 200; seed++) {
		bool have[1100] = {false};
		uint32_t base = 0u - 512u, next = 0;
		uint64_t x = seed;
		while (next < 1000) {
			bool fin;
			uint32_t start, end;
			x = random_mix(x);
			start = random_below(x, 1000);
			end = start + 1 + random_below(x << 20, 40);
			if (start < next || random_below(x << 40, 3) == 0)
				start = next;
			if (end <= start)
				end = start + 1;
			memset(have + start, 1, end - start);
			if (start > next) {
				tcp_ranges_add(&ranges, base + start, base + end, false);
				continue;
			}
			next = tcp_ranges_take(&ranges, base + end, &fin) - base;
			uint32_t expected = 0;
			while (expected < 1100 && have[expected])
				expected++;
			ck_assert_uint_eq(next, expected);
		}
		teardown();
		setup();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/tcp_ranges");
	TCase *c = tcase_create("ranges");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_latest_first);
	tcase_add_test(c, test_take);
	tcase_add_test(c, test_wraps);
	tcase_add_test(c, test_no_room);
	tcase_add_test(c, test_against_a_bitmap);
	suite_add_tcase(s, c);
	return suite_run(s);
}

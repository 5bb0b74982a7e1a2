/* The pool of packets: one owner each, the warmest first, and no memory left behind. */
#include "sim/packets.h"
#include "suite.h"
#include <string.h>

static struct packets packets;

static void setup(void)
{
	packets_init(&packets);
}

static void teardown(void)
{
	packets_deinit(&packets);
	ck_assert_uint_eq(packets.n_live, 0);
}

START_TEST(packets_are_apart_and_aligned)
{
	enum { MOST = 2000 };
	static struct packet *p[MOST];
	for (size_t i = 0; i < MOST; i++) {
		p[i] = packets_get(&packets);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq((uintptr_t)p[i]->header % 8, 0);
		memset(p[i], (int)(i % 251), sizeof *p[i]);
		p[i]->id = i;
	}
	ck_assert_uint_eq(packets.n_live, MOST);
	for (size_t i = 0; i < MOST; i++) {
		ck_assert_uint_eq(p[i]->id, i);
		ck_assert_uint_eq(p[i]->header[PACKET_HEADER_BYTES - 1], i % 251);
	}
}
END_TEST

START_TEST(the_last_that_came_back_goes_first)
{
	struct packet *a = packets_get(&packets), *b = packets_get(&packets), *c = packets_get(&packets);
	packets_put(&packets, a);
	packets_put(&packets, c);
	ck_assert_uint_eq(packets.n_live, 1);
	ck_assert_ptr_eq(packets_get(&packets), c);
	ck_assert_ptr_eq(packets_get(&packets), a);
	struct packet *d = packets_get(&packets);
	ck_assert(d != a && d != b && d != c);
	ck_assert_uint_eq(packets.n_live, 4);
}
END_TEST

/* A warm pool allocates nothing: whatever was there once serves again. */
START_TEST(a_warm_pool_does_not_grow)
{
	static struct packet *p[600];
	for (size_t i = 0; i < N(p); i++)
		p[i] = packets_get(&packets);
	for (size_t i = 0; i < N(p); i++)
		packets_put(&packets, p[i]);
	const void *chunks = packets.chunks;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < N(p); i++)
			p[i] = packets_get(&packets);
		for (size_t i = N(p); i-- > 0;)
			packets_put(&packets, p[i]);
	}
	ck_assert_ptr_eq(packets.chunks, chunks);
	ck_assert_uint_eq(packets.n_live, 0);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("sim/packets", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, packets_are_apart_and_aligned);
	tcase_add_test(tc, the_last_that_came_back_goes_first);
	tcase_add_test(tc, a_warm_pool_does_not_grow);
	return suite_run(suite);
}

/* The pool: handles are unique while they live, pointers stay, index 0 belongs to no object. */
#include "base/pool.h"
#include "base/random.h"
#include "suite.h"
#include <stdbool.h>
#include <string.h>

#define CHUNK_OBJECTS (1u << POOL_CHUNK_SHIFT)

struct object {
	uint64_t number;
	uint8_t more[13];
};

static struct pool pool;

static void setup(void)
{
	pool_init(&pool, sizeof(struct object));
}

static void teardown(void)
{
	pool_deinit(&pool);
}

START_TEST(zero_is_never_given_out)
{
	pool_deinit(&pool); /* nothing was taken yet */
	for (uint32_t i = 0; i < 2 * CHUNK_OBJECTS; i++)
		ck_assert_uint_ne(pool_get(&pool), POOL_NONE);
	ck_assert_uint_eq(pool.n_live, 2 * CHUNK_OBJECTS);
}
END_TEST

START_TEST(objects_have_their_size_and_place)
{
	struct pool odd;
	pool_init(&odd, 5);
	uint32_t a = pool_get(&odd), b = pool_get(&odd);
	ck_assert_int_eq((uint8_t *)pool_at(&odd, b) - (uint8_t *)pool_at(&odd, a), 8);
	ck_assert_uint_eq((uintptr_t)pool_at(&odd, a) % 8, 0);
	pool_deinit(&odd);
	pool_init(&odd, 16);
	a = pool_get(&odd);
	b = pool_get(&odd);
	ck_assert_int_eq((uint8_t *)pool_at(&odd, b) - (uint8_t *)pool_at(&odd, a), 16);
	pool_deinit(&odd);
}
END_TEST

/* Growth by many chunks (and of the table of chunks) moves no object. */
START_TEST(pointers_stay)
{
	enum { MOST = 40 * 4096 };
	static struct object *object[MOST];
	for (uint32_t i = 0; i < MOST; i++) {
		uint32_t index = pool_get(&pool);
		ck_assert_uint_eq(index, i + 1);
		object[i] = pool_at(&pool, index);
		memset(object[i], 0xff, sizeof *object[i]);
		object[i]->number = i;
	}
	for (uint32_t i = 0; i < MOST; i++) {
		ck_assert_ptr_eq(pool_at(&pool, i + 1), object[i]);
		ck_assert_uint_eq(object[i]->number, i);
	}
}
END_TEST

START_TEST(what_was_put_back_comes_first_and_last_in_first_out)
{
	uint32_t a = pool_get(&pool), b = pool_get(&pool), c = pool_get(&pool);
	pool_put(&pool, a);
	pool_put(&pool, c);
	ck_assert_uint_eq(pool.n_live, 1);
	ck_assert_uint_eq(pool_get(&pool), c);
	ck_assert_uint_eq(pool_get(&pool), a);
	uint32_t fresh = pool_get(&pool);
	ck_assert(fresh != a && fresh != b && fresh != c && fresh != POOL_NONE);
	ck_assert_uint_eq(pool.n_live, 4);
}
END_TEST

/* A free object keeps what stood behind its first four bytes: those who look at stale handles rely on it. */
START_TEST(a_free_object_keeps_its_rest)
{
	uint32_t a = pool_get(&pool);
	struct object *object = pool_at(&pool, a);
	memset(object, 0x5a, sizeof *object);
	pool_put(&pool, a);
	for (size_t i = 4; i < sizeof *object; i++)
		ck_assert_uint_eq(((uint8_t *)object)[i], 0x5a);
}
END_TEST

/* Against a list: a handle that lives is given to nothing else, and its object is untouched. */
START_TEST(random_gets_and_puts)
{
	enum { MOST = 9000 };
	static uint32_t live[MOST];
	static bool taken[MOST + 2];
	uint32_t n = 0, peak = 0;
	for (uint64_t i = 0; i < 200000; i++) {
		bool get = n == 0 || (n < MOST && random_below(random_mix(i), 100) < (i / 20000 % 2 ? 40 : 65));
		if (get) {
			uint32_t index = pool_get(&pool);
			ck_assert_uint_le(index, MOST + 1);
			ck_assert(!taken[index]);
			taken[index] = true;
			((struct object *)pool_at(&pool, index))->number = ~(uint64_t)index;
			live[n++] = index;
		} else {
			uint32_t k = random_below(random_mix(i ^ UINT64_C(0x123456789)), n), index = live[k];
			ck_assert_uint_eq(((struct object *)pool_at(&pool, index))->number, ~(uint64_t)index);
			pool_put(&pool, index);
			taken[index] = false;
			live[k] = live[--n];
		}
		peak = n > peak ? n : peak;
		ck_assert_uint_eq(pool.n_live, n);
	}
	ck_assert_uint_gt(peak, CHUNK_OBJECTS);
	/* Nothing was wasted: the indices reach as far as the most that ever lived. */
	ck_assert_uint_eq(pool.n_used, peak + 1);
}
END_TEST

START_TEST(an_emptied_pool_is_as_new)
{
	for (uint32_t i = 0; i < 5000; i++)
		(void)pool_get(&pool);
	pool_put(&pool, 17);
	pool_deinit(&pool);
	ck_assert_uint_eq(pool.n_live, 0);
	ck_assert_uint_eq(pool_get(&pool), 1);
	ck_assert_uint_eq(pool_get(&pool), 2);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("base/pool", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, zero_is_never_given_out);
	tcase_add_test(tc, objects_have_their_size_and_place);
	tcase_add_test(tc, pointers_stay);
	tcase_add_test(tc, what_was_put_back_comes_first_and_last_in_first_out);
	tcase_add_test(tc, a_free_object_keeps_its_rest);
	tcase_add_test(tc, random_gets_and_puts);
	tcase_add_test(tc, an_emptied_pool_is_as_new);
	return suite_run(suite);
}

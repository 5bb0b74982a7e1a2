/* Alignment: the shortest edit, told in order, against a slow and simple way to find it. */
#include "base/random.h"
#include "compare/align.h"
#include "suite.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX 64

struct told {
	char text[4096];
	size_t n, n_same, next_a, next_b;
	const uint64_t *a, *b;
};

static int tell(void *context, size_t a, size_t b)
{
	struct told *told = context;
	ck_assert(a != ALIGN_NONE || b != ALIGN_NONE);
	if (a != ALIGN_NONE)
		ck_assert_uint_eq(a, told->next_a++);
	if (b != ALIGN_NONE)
		ck_assert_uint_eq(b, told->next_b++);
	char sign = a == ALIGN_NONE ? '+' : b == ALIGN_NONE ? '-' : told->a[a] == told->b[b] ? '=' : '~';
	told->n_same += sign == '=';
	if (told->n + 2 < sizeof(told->text))
		told->text[told->n++] = sign;
	return 0;
}

static struct told align_text(const char *a, const char *b)
{
	uint64_t keys_a[MAX], keys_b[MAX];
	for (size_t i = 0; a[i]; i++)
		keys_a[i] = (uint64_t)a[i];
	for (size_t i = 0; b[i]; i++)
		keys_b[i] = (uint64_t)b[i];
	struct told told = {.a = keys_a, .b = keys_b};
	ck_assert_int_eq(align(keys_a, strlen(a), keys_b, strlen(b), tell, &told), 0);
	ck_assert_uint_eq(told.next_a, strlen(a));
	ck_assert_uint_eq(told.next_b, strlen(b));
	return told;
}

START_TEST(the_shortest_edit)
{
	static const struct {
		const char *a, *b, *told;
	} cases[] = {
		{"", "", ""},
		{"abc", "abc", "==="},
		{"", "ab", "++"},
		{"ab", "", "--"},
		{"abc", "abxc", "==+="},
		{"abxc", "abc", "==-="},
		{"abc", "xyzabc", "+++==="},
		{"abcdef", "abef", "==--=="},
		{"aXb", "aYYb", "=-++="},
		{"aXb", "aYb", "=~="}, /* as many on both sides: one was changed into the other */
		{"aXYb", "aPQb", "=~~="},
		{"abc", "xyz", "~~~"},
	};
	const char *expected = cases[_i].told;
	struct told told = align_text(cases[_i].a, cases[_i].b);
	ck_assert_str_eq(told.text, expected);
}
END_TEST

static size_t longest_common(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
	static size_t best[MAX + 1][MAX + 1];
	for (size_t i = 0; i <= n_a; i++)
		for (size_t k = 0; k <= n_b; k++) {
			best[i][k] = 0;
			if (i > 0 && k > 0)
				best[i][k] = a[i - 1] == b[k - 1]              ? best[i - 1][k - 1] + 1
					     : best[i - 1][k] > best[i][k - 1] ? best[i - 1][k]
									       : best[i][k - 1];
		}
	return best[n_a][n_b];
}

START_TEST(nothing_common_is_missed)
{
	for (uint64_t round = 0; round < 3000; round++) {
		uint64_t a[MAX], b[MAX];
		size_t n_a = random_below(random_join(round, 1), MAX), n_b = random_below(random_join(round, 2), MAX);
		uint32_t letters = 1 + random_below(random_join(round, 3), 6);
		for (size_t i = 0; i < n_a; i++)
			a[i] = random_below(random_join(round, 100 + i), letters);
		for (size_t i = 0; i < n_b; i++)
			b[i] = random_below(random_join(round, 300 + i), letters);
		struct told told = {.a = a, .b = b};
		ck_assert_int_eq(align(a, n_a, b, n_b, tell, &told), 0);
		ck_assert_uint_eq(told.next_a, n_a);
		ck_assert_uint_eq(told.next_b, n_b);
		ck_assert_msg(told.n_same == longest_common(a, n_a, b, n_b), "round %d: %zu are the same", (int)round,
			      told.n_same);
	}
}
END_TEST

START_TEST(what_has_little_in_common_is_paired_nevertheless)
{
	enum { LONG = 6000 };
	static uint64_t a[LONG], b[LONG + 10];
	for (size_t i = 0; i < LONG; i++)
		a[i] = i;
	for (size_t i = 0; i < LONG + 10; i++)
		b[i] = 1000000 + i;
	struct told told = {.a = a, .b = b};
	ck_assert_int_eq(align(a, LONG, b, LONG + 10, tell, &told), 0);
	ck_assert_uint_eq(told.next_a, LONG);
	ck_assert_uint_eq(told.next_b, LONG + 10);
	ck_assert(told.text[0] == '~');
}
END_TEST

static int stop(void *context, size_t a, size_t b)
{
	(void)context;
	(void)a;
	(void)b;
	return -EIO;
}

START_TEST(who_listens_can_stop_it)
{
	const uint64_t a[] = {1, 2}, b[] = {1, 3, 4};
	ck_assert_int_eq(align(a, 2, b, 3, stop, NULL), -EIO);
	ck_assert_int_eq(align(a + 1, 1, b + 1, 2, stop, NULL), -EIO);
	ck_assert_int_eq(align(a, 0, b, 0, stop, NULL), 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("compare/align", &tcase);
	tcase_add_loop_test(tcase, the_shortest_edit, 0, 12);
	tcase_add_test(tcase, nothing_common_is_missed);
	tcase_add_test(tcase, what_has_little_in_common_is_paired_nevertheless);
	tcase_add_test(tcase, who_listens_can_stop_it);
	return suite_run(suite);
}

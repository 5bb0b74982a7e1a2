/* The greedy algorithm of Myers ("An O(ND) Difference Algorithm and Its Variations", 1986).
 *
 * DOC: two captures are mostly the same, so D, the number of items that only one has, is small and the cost that of one
 * pass. The way back needs what each round knew, D^2 / 2 numbers; beyond ALIGN_MAX_EDITS that is not worth it, and what
 * is left is paired item by item. */
#include "compare/align.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN_MAX_EDITS 2048

/* What only one list has, gathered until both go on together. */
struct gap {
	size_t a, n_a, b, n_b;
	align_pair *pair;
	void *context;
};

static int close_gap(struct gap *gap)
{
	int r = 0;
	if (gap->n_a == gap->n_b) {
		for (size_t i = 0; r == 0 && i < gap->n_a; i++)
			r = gap->pair(gap->context, gap->a + i, gap->b + i);
	} else {
		for (size_t i = 0; r == 0 && i < gap->n_a; i++)
			r = gap->pair(gap->context, gap->a + i, ALIGN_NONE);
		for (size_t i = 0; r == 0 && i < gap->n_b; i++)
			r = gap->pair(gap->context, ALIGN_NONE, gap->b + i);
	}
	gap->a += gap->n_a;
	gap->b += gap->n_b;
	gap->n_a = gap->n_b = 0;
	return r;
}

static int same(struct gap *gap, size_t n)
{
	int r = close_gap(gap);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = gap->pair(gap->context, gap->a++, gap->b++);
	return r;
}

/* Of round d, the furthest place in a on each diagonal -d, -d + 2, ..., d. */
struct rounds {
	size_t *furthest;        /* rounds one after the other: round d begins at d (d + 1) / 2 */
	size_t n, last_diagonal; /* rounds known; the index of the diagonal in the last that reached the end */
};

static size_t round_at(size_t d)
{
	return d * (d + 1) / 2;
}

/* The place on diagonal i of round d before its run of equal items; *ret_down: it came by an item of b. */
static size_t step_to(const size_t *furthest, size_t d, size_t i, bool *ret_down)
{
	if (d == 0) {
		*ret_down = false;
		return 0;
	}
	const size_t *before =
		furthest + round_at(d - 1); /* diagonal i of round d lies between i - 1 and i of the round before */
	*ret_down = i == 0 || (i < d && before[i - 1] < before[i]);
	return *ret_down ? before[i] : before[i - 1] + 1;
}

/* True where the end was reached within the rounds that are allowed: of both lists; or of either, where they go on. */
static int explore(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b, bool go_on, struct rounds *rounds)
{
	size_t capacity = 0;
	for (size_t d = 0; d <= ALIGN_MAX_EDITS; d++) {
		if (round_at(d + 1) > capacity) {
			capacity = capacity == 0 ? 256 : capacity * 2 + d + 1;
			size_t *grown = realloc(rounds->furthest, capacity * sizeof *grown);
			if (!grown)
				return -ENOMEM;
			rounds->furthest = grown;
		}
		rounds->n = d + 1;
		for (size_t i = 0; i <= d; i++) {
			bool down;
			size_t x = step_to(rounds->furthest, d, i, &down),
			       y = x + d - 2 * i; /* diagonal k = x - y = 2 i - d */
			while (x < n_a && y < n_b && a[x] == b[y]) {
				x++;
				y++;
			}
			rounds->furthest[round_at(d) + i] = x;
			if (go_on ? x >= n_a || y >= n_b : x >= n_a && y >= n_b) {
				rounds->last_diagonal = i;
				return 1;
			}
		}
	}
	return 0;
}

/* The path's steps, from its end to its beginning: for each round whether it went down, and the run that followed. */
struct step {
	bool down;
	size_t run;
};

static void trace_back(const struct rounds *rounds, struct step *steps)
{
	size_t i = rounds->last_diagonal;
	for (size_t d = rounds->n - 1;; d--) {
		size_t begin = step_to(rounds->furthest, d, i, &steps[d].down);
		steps[d].run = rounds->furthest[round_at(d) + i] - begin;
		if (d == 0)
			return;
		i = steps[d].down ? i : i - 1;
	}
}

static int show(const struct rounds *rounds, struct gap *gap)
{
	struct step *steps = malloc(rounds->n * sizeof *steps);
	if (!steps)
		return -ENOMEM;
	trace_back(rounds, steps);
	int r = 0;
	for (size_t d = 0; r == 0 && d < rounds->n; d++) {
		if (d > 0 && steps[d].down)
			gap->n_b++;
		else if (d > 0)
			gap->n_a++;
		if (steps[d].run > 0)
			r = same(gap, steps[d].run);
	}
	free(steps);
	return r;
}

/* Where no short edit was found: one by one. */
static int pair_one_by_one(struct gap *gap, size_t n_a, size_t n_b)
{
	size_t common = n_a < n_b ? n_a : n_b;
	gap->n_a = gap->n_b = common;
	int r = close_gap(gap);
	gap->n_a = n_a - common;
	gap->n_b = n_b - common;
	return r;
}

static int align_middle(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b, bool go_on, struct gap *gap)
{
	struct rounds rounds = {0};
	int reached = n_a > 0 && n_b > 0 ? explore(a, n_a, b, n_b, go_on, &rounds) : 0;
	int r = reached < 0 ? reached : reached > 0 ? show(&rounds, gap) : pair_one_by_one(gap, n_a, n_b);
	free(rounds.furthest);
	return r;
}

int align(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b, align_pair *pair, void *context)
{
	struct gap gap = {.pair = pair, .context = context};
	size_t first = 0, last = 0;
	while (first < n_a && first < n_b && a[first] == b[first])
		first++;
	while (last < n_a - first && last < n_b - first && a[n_a - 1 - last] == b[n_b - 1 - last])
		last++;
	int r = same(&gap, first);
	if (r == 0)
		r = align_middle(a + first, n_a - first - last, b + first, n_b - first - last, false, &gap);
	if (r == 0)
		r = same(&gap, last);
	return r == 0 ? close_gap(&gap) : r;
}

int align_begun(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b, align_pair *pair, void *context,
		size_t *ret_a, size_t *ret_b)
{
	struct gap gap = {.pair = pair, .context = context};
	size_t first = 0;
	while (first < n_a && first < n_b && a[first] == b[first])
		first++;
	int r = same(&gap, first);
	if (r == 0 && first < n_a && first < n_b)
		r = align_middle(a + first, n_a - first, b + first, n_b - first, true, &gap);
	*ret_a = gap.a;
	*ret_b = gap.b;
	return r;
}

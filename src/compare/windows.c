/* DOC: captures are compared in windows, so that a file may be larger than the memory. A window holds the next records of
 * both; what of them has no counterpart yet, at the end of an interface, stays for the next window. The capture that is
 * behind in time is read on. What the other capture has passed by a whole piece, or what fills the window, is let go: it
 * counts as gone, new or changed, and as standing outside the window. Files that fit into one window are compared
 * whole. */
#include "compare/windows.h"
#include "compare/capture.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_BYTES 64u

struct window_side {
	struct reading_source *source;
	struct arena *arena; /* of the records */
	struct reading reading;
	struct reading_record *records;
	bool *open; /* it has no counterpart yet */
	size_t open_bytes;
	/* Of the last record that was read, and of the one before that piece; since the first. */
	int64_t first_ns, end_ns, end_before_ns;
	bool has_begun, reads;
};

static bool is_over(const struct window_side *side)
{
	return !side->source || reading_is_over(side->source);
}

static size_t bytes_of(const struct reading_record *record)
{
	return RECORD_BYTES + record->captured_bytes + record->comment_bytes;
}

static bool is_full(const struct window_side *side, size_t window_bytes)
{
	return side->open_bytes > window_bytes - window_bytes / 8;
}

/* ---- the next window ---- */

static int keep(struct arena *arena, const struct reading_record *from, struct reading_record *ret)
{
	uint8_t *frame = arena_alloc(arena, from->captured_bytes);
	char *comment = !from->comment ? NULL : arena_strndup(arena, from->comment, from->comment_bytes);
	if (!frame || (from->comment && !comment))
		return -ENOMEM;
	if (from->captured_bytes > 0)
		memcpy(frame, from->frame, from->captured_bytes);
	*ret = *from;
	ret->frame = frame;
	ret->comment = comment;
	return 0;
}

/* What is open of the last window, then `next`. */
static int join(const struct window_side *side, const struct reading *next, struct window_side *ret)
{
	size_t n_open = 0, n = 0;
	int r = 0;
	for (size_t i = 0; i < side->reading.n_records; i++)
		n_open += side->open[i];
	size_t n_all = n_open + next->n_records;
	ret->records = arena_array(ret->arena, n_all, sizeof *ret->records);
	ret->open = arena_array(ret->arena, n_all, sizeof *ret->open);
	if (!ret->records || !ret->open)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < side->reading.n_records; i++) {
		if (!side->open[i])
			continue;
		r = keep(ret->arena, &side->records[i], &ret->records[n++]);
	}
	if (next->n_records > 0)
		memcpy(ret->records + n_open, next->records, next->n_records * sizeof *ret->records);
	ret->reading = *next;
	ret->reading.records = ret->records;
	ret->reading.n_records = n_all;
	return r;
}

static int64_t since_first(const struct window_side *side, const struct reading_record *record)
{
	return (int64_t)((uint64_t)record->unix_ns - (uint64_t)side->first_ns);
}

static void note_time(struct window_side *side, const struct reading *read)
{
	if (read->n_records == 0)
		return;
	if (!side->has_begun)
		side->first_ns = read->records[0].unix_ns;
	side->has_begun = true;
	side->end_before_ns = side->end_ns;
	side->end_ns = since_first(side, &read->records[read->n_records - 1]);
}

/* The side that is behind reads on; where it cannot, the other. */
static void choose_reads(struct window_side sides[static 2], size_t window_bytes)
{
	bool can[2];
	for (int i = 0; i < 2; i++)
		can[i] = !is_over(&sides[i]) && !is_full(&sides[i], window_bytes);
	int64_t ahead_ns = sides[0].end_ns - sides[1].end_ns;
	sides[0].reads = can[0] && (ahead_ns <= 0 || !can[1]);
	sides[1].reads = can[1] && (ahead_ns >= 0 || !can[0]);
}

static int load(struct window_side *side, size_t window_bytes, bool takes_damaged, struct reading *damaged)
{
	struct window_side next = *side;
	next.arena = arena_new();
	struct reading read = {.interfaces = side->reading.interfaces, .n_interfaces = side->reading.n_interfaces};
	int r = next.arena ? 0 : -ENOMEM;
	if (r == 0 && side->reads)
		r = reading_next(side->source, next.arena, window_bytes - side->open_bytes, &read);
	if (r > 0) {
		*damaged = read;
		r = takes_damaged ? 0 : 1;
	}
	note_time(&next, &read);
	if (r == 0)
		r = join(side, &read, &next);
	if (r == 1) { /* the problem is text of the new arena */
		arena_free(side->arena);
		*side = (struct window_side){.source = side->source, .arena = next.arena};
		return r;
	}
	if (r < 0) {
		arena_free(next.arena);
		return r;
	}
	arena_free(side->arena);
	*side = next;
	return 0;
}

/* ---- what is let go ---- */

struct unpaired {
	const char *point;
	size_t record;
};

static int compare_unpaired_items(const void *a, const void *b)
{
	const struct unpaired *x = a, *y = b;
	int order = strcmp(x->point, y->point);
	return order != 0 ? order : x->record < y->record ? -1 : x->record > y->record;
}

struct unpaired_list {
	struct unpaired *items;
	size_t *records; /* the same in order, for the comparison */
	size_t n;
};

/* Up to this time. */
static int take_unpaired(struct window_side *side, int64_t until_ns, struct unpaired_list *ret)
{
	size_t n = side->reading.n_records;
	*ret = (struct unpaired_list){malloc((n + 1) * sizeof *ret->items), malloc((n + 1) * sizeof *ret->records), 0};
	if (!ret->items || !ret->records)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (!side->open[i] || since_first(side, &side->records[i]) > until_ns)
			continue;
		side->open[i] = false;
		ret->items[ret->n++] = (struct unpaired){side->reading.interfaces[side->records[i].interface], i};
	}
	if (ret->n > 1)
		qsort(ret->items, ret->n, sizeof *ret->items, compare_unpaired_items);
	for (size_t i = 0; i < ret->n; i++)
		ret->records[i] = ret->items[i].record;
	return 0;
}

static size_t of_one_point(const struct unpaired_list *list, size_t from, const char *point)
{
	size_t n = 0;
	while (from + n < list->n && strcmp(list->items[from + n].point, point) == 0)
		n++;
	return n;
}

static int tell_unpaired(const struct capture_pair *pair, const struct unpaired_list *a, const struct unpaired_list *b,
			 struct difference_list *list)
{
	int r = 0;
	for (size_t i = 0, k = 0; r == 0 && (i < a->n || k < b->n);) {
		bool by_a = k == b->n || (i < a->n && strcmp(a->items[i].point, b->items[k].point) <= 0);
		const char *point = by_a ? a->items[i].point : b->items[k].point;
		size_t n_a = of_one_point(a, i, point), n_b = of_one_point(b, k, point);
		r = compare_unpaired(pair, point, a->records + i, n_a, b->records + k, n_b, list);
		i += n_a;
		k += n_b;
	}
	return r;
}

static void weigh(struct window_side *side)
{
	side->open_bytes = 0;
	for (size_t i = 0; i < side->reading.n_records; i++)
		side->open_bytes += side->open[i] ? bytes_of(&side->records[i]) : 0;
}

/* What of each side stands before a time; then there is room again. */
static int let_go(struct capture_windows *windows, const struct capture_pair *pair, struct window_side sides[static 2],
		  const int64_t until_ns[static 2], struct difference_list *list)
{
	struct unpaired_list unpaired[2] = {{0}, {0}};
	int r = take_unpaired(&sides[0], until_ns[0], &unpaired[0]);
	if (r == 0)
		r = take_unpaired(&sides[1], until_ns[1], &unpaired[1]);
	if (r == 0)
		r = tell_unpaired(pair, &unpaired[0], &unpaired[1], list);
	for (int i = 0; i < 2; i++) {
		windows->n_outside += unpaired[i].n;
		free(unpaired[i].items);
		free(unpaired[i].records);
		weigh(&sides[i]);
	}
	return r;
}

static bool is_stuck(const struct window_side sides[static 2], size_t window_bytes)
{
	bool stops[2];
	for (int i = 0; i < 2; i++)
		stops[i] = is_over(&sides[i]) || is_full(&sides[i], window_bytes);
	return stops[0] && stops[1];
}

/* What the other side has passed by a piece; where nothing could be read on then, what it has passed at all; and where
 * that is not enough, everything. */
static int make_room(struct capture_windows *windows, const struct capture_pair *pair,
		     struct window_side sides[static 2], struct difference_list *list)
{
	const int64_t passed_by_a_piece[2] = {sides[1].end_before_ns, sides[0].end_before_ns};
	const int64_t passed[2] = {sides[1].end_ns, sides[0].end_ns}, everything[2] = {INT64_MAX, INT64_MAX};
	int r = let_go(windows, pair, sides, passed_by_a_piece, list);
	if (r == 0 && is_stuck(sides, windows->window_bytes))
		r = let_go(windows, pair, sides, passed, list);
	if (r == 0 && is_stuck(sides, windows->window_bytes))
		r = let_go(windows, pair, sides, everything, list);
	return r;
}

/* ---- all windows ---- */

static int compare_window(struct capture_windows *windows, struct window_side sides[static 2], size_t first,
			  struct difference_list *list)
{
	bool is_last = is_over(&sides[0]) && is_over(&sides[1]);
	struct capture_pair pair = {.flow = windows->flow,
				    .a = &sides[0].reading,
				    .b = &sides[1].reading,
				    .drops_b = windows->are_drops ? &sides[1].reading : windows->drops,
				    .ignore = windows->ignore,
				    .first = first,
				    .open_a = is_last ? NULL : sides[0].open,
				    .open_b = is_last ? NULL : sides[1].open};
	for (int i = 0; i < 2; i++)
		if (sides[i].reading.n_records > 0)
			memset(sides[i].open, 0, sides[i].reading.n_records * sizeof *sides[i].open);
	int r = compare_captures(&pair, list);
	if (r < 0 || is_last)
		return r;
	weigh(&sides[0]);
	weigh(&sides[1]);
	return make_room(windows, &pair, sides, list);
}

int compare_windows(struct capture_windows *windows, struct difference_list *list)
{
	struct window_side sides[2] = {{.source = windows->sources[0], .end_before_ns = -1},
				       {.source = windows->sources[1], .end_before_ns = -1}};
	size_t first = list->n;
	bool is_last = false;
	int r = 0;
	while (r == 0 && !is_last) {
		choose_reads(sides, windows->window_bytes);
		for (int i = 0; r >= 0 && i < 2; i++) {
			int loaded = load(&sides[i], windows->window_bytes, windows->are_drops, &windows->damaged[i]);
			r = loaded < 0 || r == 0 ? loaded : r;
		}
		is_last = is_over(&sides[0]) && is_over(&sides[1]);
		if (r == 0)
			r = compare_window(windows, sides, first, list);
	}
	for (int i = 0; i < 2; i++) {
		struct reading *damaged = &windows->damaged[i];
		bool is_damaged = damaged->problem;
		if (is_damaged)
			damaged->problem = arena_strdup(list->arena, damaged->problem); /* of the window's arena */
		if (is_damaged && !damaged->problem)
			r = -ENOMEM;
		arena_free(sides[i].arena);
	}
	if (list->n > first)
		difference_sort_by_time(list, first);
	return r;
}

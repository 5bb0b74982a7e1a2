/* Captures compared in windows: as if they were compared whole, wherever a window ends; and what stands too far apart is
 * counted. */
#include "../out/support.h"
#include "compare/windows.h"
#include "net/craft.h"
#include "out/pcapng.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PACKETS 3000u
#define SMALL ((size_t)65536)

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
	(void)directory_new();
}

static void teardown(void)
{
	arena_free(arena);
	directory_remove();
}

struct shape { /* of a capture: packets by number */
	uint32_t first, n;
	uint32_t missing_every; /* of the second interface; 0: none */
	uint32_t longer_every;  /* another length */
	uint32_t late_from;     /* numbers from here on come a millisecond later */
	bool stops;             /* the second interface has the first half alone */
};

static void write_capture(const char *name, const struct shape *shape)
{
	struct buf file = {0};
	pcapng_section(&file, "test", NULL);
	pcapng_interface(&file, "left", NULL, PCAPNG_SNAPLEN);
	pcapng_interface(&file, "right", NULL, PCAPNG_SNAPLEN);
	for (uint32_t i = shape->first; i < shape->first + shape->n; i++) {
		struct packet packet;
		char note[64];
		int64_t at_ns = INT64_C(1450310400000000000) + (int64_t)i * 10000;
		uint32_t bytes = 20 + i % 7 + (shape->longer_every && i % shape->longer_every == 5 ? 100 : 0);
		struct arena *of_packet = arena_new();
		make_packet(&packet, of_packet, tuple_of("10.0.1.6", (uint16_t)(49152 + i % 9), "203.0.113.10", 443), i,
			    bytes);
		(void)snprintf(note, sizeof note, "sent by 10.0.1.6, call[%u] packet %u", i / 3, i);
		at_ns += shape->late_from > 0 && i >= shape->late_from ? 1000000 : 0;
		pcapng_packet(&file, 0, at_ns, &packet, PCAPNG_SNAPLEN, PCAPNG_OUTBOUND, note);
		bool missing = (shape->missing_every && i % shape->missing_every == 3) ||
			       (shape->stops && i > shape->first + shape->n / 2);
		if (!missing)
			pcapng_packet(&file, 1, at_ns + 5000, &packet, PCAPNG_SNAPLEN, PCAPNG_INBOUND, note);
		arena_free(of_packet);
	}
	FILE *out = fopen(path_in(name), "wb");
	ck_assert(out && fwrite(file.data, 1, file.size_bytes, out) == file.size_bytes && fclose(out) == 0);
	buf_free(&file);
}

static int compare(size_t window_bytes, struct difference_list *ret, uint64_t *ret_outside)
{
	struct capture_windows windows = {.flow = "call", .window_bytes = window_bytes};
	*ret = (struct difference_list){.arena = arena};
	ck_assert_int_eq(reading_open(arena, arena_strdup(arena, path_in("a")), &windows.sources[0]), 0);
	ck_assert_int_eq(reading_open(arena, arena_strdup(arena, path_in("b")), &windows.sources[1]), 0);
	int r = compare_windows(&windows, ret);
	reading_close(windows.sources[0]);
	reading_close(windows.sources[1]);
	*ret_outside = windows.n_outside;
	return r;
}

static const char *text(const char *value)
{
	return value ? value : "-";
}

static void check_same(const struct difference_list *a, const struct difference_list *b)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct difference *x = &a->items[i], *y = &b->items[i];
		ck_assert_int_eq(x->kind, y->kind);
		ck_assert_str_eq(text(x->point), text(y->point));
		ck_assert_str_eq(text(x->flow), text(y->flow));
		ck_assert_str_eq(text(x->what), text(y->what));
		ck_assert_str_eq(text(x->field), text(y->field));
		ck_assert_uint_eq(x->packet, y->packet);
		ck_assert_uint_eq(x->more, y->more);
	}
}

static const struct shape shapes[] = {
	{.n = PACKETS},
	{.n = PACKETS, .missing_every = 97},
	{.n = PACKETS, .longer_every = 211},
	{.n = PACKETS, .missing_every = 301, .longer_every = 211, .late_from = 1500},
	{.first = 40, .n = PACKETS - 40},
	{.n = PACKETS / 2},
};

START_TEST(windows_do_not_show)
{
	struct difference_list whole, in_windows;
	uint64_t outside;
	write_capture("a", &shapes[0]);
	write_capture("b", &shapes[_i]);
	ck_assert_int_eq(compare(SIZE_MAX, &whole, &outside), 0);
	ck_assert_uint_eq(outside, 0);
	ck_assert_int_eq(compare(SMALL, &in_windows, &outside), 0);
	check_same(&whole, &in_windows);
	ck_assert_int_eq(whole.n > 0, _i > 0);
}
END_TEST

START_TEST(what_stands_outside_is_counted)
{
	struct difference_list list;
	uint64_t outside;
	const struct shape stops = {.n = PACKETS, .stops = true};
	write_capture("a", &shapes[0]);
	write_capture("b", &stops);
	ck_assert_int_eq(compare(SMALL, &list, &outside), 0);
	ck_assert_uint_gt(outside, 0);
	ck_assert_uint_le(outside, PACKETS / 2);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_int_eq(list.items[0].kind, DIFFERENCE_GONE);
	ck_assert_str_eq(list.items[0].point, "right");
	ck_assert_uint_eq(list.items[0].more, PACKETS / 2 - 2);
}
END_TEST

/* Damage in a later window: what was found before stays, and the byte is that of the file. */
START_TEST(damage_is_reported)
{
	struct difference_list list;
	uint64_t outside;
	write_capture("a", &shapes[0]);
	write_capture("b", &shapes[0]);
	FILE *file = fopen(path_in("b"), "r+b");
	ck_assert(file && fseek(file, 0, SEEK_END) == 0);
	long end = ftell(file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(truncate(path_in("b"), end - 10), 0);
	ck_assert_int_eq(compare(SMALL, &list, &outside), 1);
	ck_assert_uint_eq(list.n, 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("compare/windows", &tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, windows_do_not_show, 0, (int)(sizeof shapes / sizeof *shapes));
	tcase_add_test(tcase, what_stands_outside_is_counted);
	tcase_add_test(tcase, damage_is_reported);
	return suite_run(suite);
}

/* Ladders: lanes far enough apart for what stands between them, addresses once for each way, losses in their place. */
#include "draw/ladder.h"
#include "draw/svg.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ladder_lane lanes[] = {
	{"worker", LADDER_END_POINT}, {"vip", LADDER_NAT}, {"internet", LADDER_FABRIC}, {"api", LADDER_END_POINT}};
#define LEFT "10.0.1.6:49152 to 203.0.113.10:443"
#define RIGHT "192.23.1.2:1024 to 203.0.113.10:443"
static const struct ladder_stop there[] = {{0, LEFT, false}, {1, RIGHT, true}, {2, RIGHT, false}, {3, RIGHT, false}};
static const struct ladder_stop half[] = {{0, LEFT, false}, {1, LEFT, false}};

static struct ladder ladder_of(const struct ladder_row *rows, size_t n)
{
	return (struct ladder){
		.title = "t", .subtitle = "s", .lanes = lanes, .n_lanes = N(lanes), .rows = rows, .n_rows = n};
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static int lane_x(const char *text, const char *name)
{
	char pattern[64];
	(void)snprintf(pattern, sizeof pattern, ">%s</text>", name);
	const char *at = strstr(text, pattern);
	ck_assert_ptr_nonnull(at);
	while (strncmp(at, " x=\"", 4) != 0)
		at--;
	return atoi(at + 4);
}

START_TEST(test_addresses_stand_on_both_sides_of_a_rewrite_once)
{
	struct buf out = {0};
	const struct ladder_row rows[] = {{.time = "0 s", .what = "SYN", .hover = "h", .stops = there, .n_stops = 4},
					  {.time = "1 s", .what = "ACK", .hover = "h", .stops = there, .n_stops = 4}};
	struct ladder ladder = ladder_of(rows, N(rows));
	ck_assert_int_eq(ladder_svg(&ladder, false, &out), 0);
	const char *text = buf_text(&out);
	ck_assert_uint_eq(count(text, ">" LEFT "<"), 1);
	ck_assert_uint_eq(count(text, ">" RIGHT "<"), 1);
	ck_assert_uint_eq(count(text, "class=\"rewrite\""), 2);
	ck_assert_uint_eq(count(text, "class=\"arrow-head\""), 2);
	ck_assert_int_gt(lane_x(text, "vip") - lane_x(text, "worker"), svg_text_width(LEFT, SVG_MONO, 11));
	ck_assert_int_gt(lane_x(text, "api") - lane_x(text, "vip"), svg_text_width(RIGHT, SVG_MONO, 11));
	buf_free(&out);
}
END_TEST

START_TEST(test_a_loss_in_its_place)
{
	struct buf out = {0};
	const struct ladder_row rows[] = {{.time = "0 s",
					   .what = "SYN",
					   .hover = "h",
					   .stops = half,
					   .n_stops = 2,
					   .loss = "snat-ports-exhausted: by which rule and where, a long text"},
					  {.time = "1 s",
					   .what = "SYN",
					   .hover = "h",
					   .stops = half,
					   .n_stops = 1,
					   .loss = "at once",
					   .again = true}};
	struct ladder ladder = ladder_of(rows, N(rows));
	ck_assert_int_eq(ladder_svg(&ladder, false, &out), 0);
	const char *text = buf_text(&out);
	ck_assert_uint_eq(count(text, "class=\"lost-cross\""), 2);
	ck_assert_uint_eq(count(text, "class=\"dead\""), 1); /* the second never left its place */
	ck_assert_uint_eq(count(text, "class=\"arrow-head\""), 0);
	buf_free(&out);
}
END_TEST

/* A NAT sends a packet back: source rewritten on the way out, destination on the way in. What is between has addresses
 * of its own. */
START_TEST(test_a_packet_that_turns_round)
{
	struct buf out = {0};
	static const struct ladder_stop back[] = {
		{0, "one", false}, {1, "two", true}, {2, "two", false}, {1, "three", true}, {3, "three", false}};
	const struct ladder_row rows[] = {
		{.time = "0 s", .what = "SYN", .hover = "h", .stops = back, .n_stops = N(back)}};
	struct ladder ladder = ladder_of(rows, N(rows));
	ck_assert_int_eq(ladder_svg(&ladder, false, &out), 0);
	ck_assert_uint_eq(count(buf_text(&out), ">one</text>"), 1);
	ck_assert_uint_eq(count(buf_text(&out), ">two</text>"), 1);
	ck_assert_uint_eq(count(buf_text(&out), ">three</text>"), 1);
	ck_assert_uint_eq(count(buf_text(&out), "class=\"rewrite\""), 2);
	ck_assert_uint_eq(count(buf_text(&out), "class=\"arrow\""), 6); /* four pieces, and two steps down */
	buf_free(&out);
}
END_TEST

START_TEST(test_a_reason_is_told_once)
{
	struct buf out = {0};
	const struct ladder_row lost = {
		.time = "0 s", .what = "SYN", .hover = "h", .stops = half, .n_stops = 2, .loss = "denied"};
	const struct ladder_row rows[] = {
		lost,
		lost,
		{.time = "1 s", .what = "SYN", .hover = "h", .stops = half, .n_stops = 1, .loss = "denied"}};
	struct ladder ladder = ladder_of(rows, N(rows));
	ck_assert_int_eq(ladder_svg(&ladder, false, &out), 0);
	ck_assert_uint_eq(count(buf_text(&out), "class=\"lost-cross\""), 3);
	ck_assert_uint_eq(count(buf_text(&out), ">denied</text>"), 2); /* again where it was lost elsewhere */
	buf_free(&out);
}
END_TEST

START_TEST(test_silence_and_what_is_skipped)
{
	struct buf out = {0};
	const struct ladder_row rows[] = {
		{.time_ns = 0, .time = "0 s", .what = "A", .hover = "h", .stops = half, .n_stops = 2},
		{.time_ns = INT64_C(240000000000),
		 .time = "240 s",
		 .what = "B",
		 .hover = "h",
		 .stops = half,
		 .n_stops = 2},
		{.time_ns = INT64_C(999000000000),
		 .time = "999 s",
		 .what = "C",
		 .hover = "h",
		 .stops = half,
		 .n_stops = 2,
		 .skipped = "7 more"}};
	struct ladder ladder = ladder_of(rows, N(rows));
	ck_assert_int_eq(ladder_svg(&ladder, false, &out), 0);
	ck_assert_uint_eq(count(buf_text(&out), ">4 min 0 s of silence<"), 1);
	ck_assert_uint_eq(count(buf_text(&out), ">7 more<"), 1);
	ck_assert_uint_eq(count(buf_text(&out), "of silence"), 1); /* packets were skipped: it was not silent */
	buf_free(&out);
}
END_TEST

START_TEST(test_nothing_to_draw)
{
	struct buf out = {0};
	struct ladder ladder = {.title = "t", .subtitle = "never made"};
	ck_assert_int_eq(ladder_svg(&ladder, false, &out), 0);
	ck_assert_uint_eq(count(buf_text(&out), ">never made</text>"), 1);
	ck_assert_uint_eq(count(buf_text(&out), ">It sent no packet.</text>"), 1);
	buf_clear(&out);
	ladder_mermaid(&ladder, &out);
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "sequenceDiagram"));
	buf_free(&out);
}
END_TEST

START_TEST(test_mermaid)
{
	struct buf out = {0};
	const struct ladder_row rows[] = {{.time = "0 s", .what = "SYN", .hover = "h", .stops = there, .n_stops = 4},
					  {.time = "1 s",
					   .what = "SYN",
					   .hover = "h",
					   .stops = half,
					   .n_stops = 2,
					   .loss = "gone",
					   .again = true}};
	struct ladder ladder = ladder_of(rows, N(rows));
	ladder_mermaid(&ladder, &out);
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "  l0->>l1: SYN<br/>10.0.1.6#58;49152 to 203.0.113.10#58;443\n"));
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "  l0--xl1: SYN"));
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "  Note over l1: gone\n"));
	buf_free(&out);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("draw/ladder", &tcase);
	tcase_add_test(tcase, test_addresses_stand_on_both_sides_of_a_rewrite_once);
	tcase_add_test(tcase, test_a_loss_in_its_place);
	tcase_add_test(tcase, test_a_packet_that_turns_round);
	tcase_add_test(tcase, test_a_reason_is_told_once);
	tcase_add_test(tcase, test_silence_and_what_is_skipped);
	tcase_add_test(tcase, test_nothing_to_draw);
	tcase_add_test(tcase, test_mermaid);
	return suite_run(suite);
}

/* Pictures over time: bars where they belong, curves as stairs, budgets where they matter. */
#include "draw/plot.h"
#include "draw/plot_lines.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S INT64_C(1000000000)
static struct buf out;

static void teardown(void)
{
	buf_free(&out);
}

/* The number behind the n-th `key`. */
static int number(const char *key, unsigned n)
{
	const char *at = buf_text(&out);
	for (unsigned i = 0; i <= n; i++) {
		at = strstr(at, key);
		ck_assert_ptr_nonnull(at);
		at += strlen(key);
	}
	return atoi(at);
}

static bool has(const char *text)
{
	return strstr(buf_text(&out), text);
}

START_TEST(test_bars_stand_at_their_time)
{
	const struct plot_bar bars[] = {{"a", "idle", "h", 0, 50 * S, 100 * S},
					{"b", "closed", "h", 50 * S, 50 * S, 50 * S},
					{"c", "later", "h", 0, 1, 999 * S}};
	plot_bars(bars, N(bars), 100 * S, "nat", "3 mappings", &out);
	int left = number("class=\"idle\" x=\"", 0), whole = number("class=\"idle\" x=\"270\" y=\"33\" width=\"", 0);
	ck_assert_int_eq(number("class=\"used\" x=\"", 0), left);
	ck_assert_int_gt(whole, 700);
	ck_assert_int_eq(number("class=\"used\" x=\"", 1), left + whole / 2); /* in the middle of the axis */
	ck_assert(has("width=\"2\""));                                        /* however short, it is seen */
	ck_assert_int_eq(number("class=\"idle\" x=\"", 2), left);
	ck_assert(has(">0 s</text>") && has(">1:30 min</text>") && has(">3 mappings</text>"));
	char clipped[96];
	(void)snprintf(clipped, sizeof clipped, "class=\"idle\" x=\"%d\" y=\"65\" width=\"%d\"", left,
		       whole); /* the axis ends, and so does the bar */
	ck_assert_msg(has(clipped), "%s", buf_text(&out));
}
END_TEST

START_TEST(test_labels_are_cut_not_spilled)
{
	const struct plot_bar bars[] = {{"a label that is so long that nothing can read it all, nor should",
					 "an end as long as the label", "h", 0, S, S}};
	plot_bars(bars, 1, S, "nat", "3 mappings", &out);
	ck_assert(!has("nor should"));
	ck_assert(has("\xe2\x80\xa6"));
	const uint64_t samples[] = {0, 1};
	const struct plot_lines plot = {.title = "a-name-that-reaches-over-the-axis-and-what-stands-there/worker-0",
					.lines = {{"a", samples, 1}},
					.n_lines = 1,
					.n_samples = N(samples),
					.budget = 1024,
					.end_ns = S};
	buf_clear(&out);
	plot_lines_svg(&plot, &out);
	ck_assert(!has("/worker-0</text>"));
	ck_assert(has("a-name-that"));
}
END_TEST

START_TEST(test_lines_and_their_budget)
{
	const uint64_t web[] = {0, 100, 128, 128, 0}, jobs[] = {0, 3, 3, 0, 0}, refused[] = {0, 0, 22, 0, 0};
	struct plot_lines plot = {.title = "worker-0",
				  .lines = {{"one/web", web, 128}, {"one/jobs", jobs, 3}},
				  .n_lines = 2,
				  .refused = refused,
				  .n_samples = N(web),
				  .budget = 128,
				  .end_ns = 40 * S};
	plot_lines_svg(&plot, &out);
	ck_assert(has("class=\"budget\""));
	ck_assert(has("most at once, of 128 ports"));
	ck_assert(has("(a) one/web: 128") && has("(b) one/jobs: 3"));
	ck_assert(has("class=\"curve line0\"") && has("class=\"curve line1\""));
	ck_assert(has("until 20 s: 22 calls found no free port"));
	ck_assert(!has("until 10 s"));
	buf_clear(&out);
	plot.budget = 64512;
	plot_lines_svg(&plot, &out);
	ck_assert(!has("class=\"budget\"")); /* the lines would be flat below it */
	ck_assert(has("of 64512"));
	buf_clear(&out);
	plot.budget = 0;
	plot.n_left_out = 2;
	plot_lines_picture(&plot, 1, "all", &out);
	ck_assert(has("no budget") && has("and 2 more with fewer ports"));
	buf_clear(&out);
	plot_lines_picture(NULL, 0, "all", &out);
	ck_assert(has("No NAT made a mapping."));
}
END_TEST

START_TEST(test_all_of_virtual_time)
{
	static const int64_t ends[] = {0, 1, 1000, 3 * S / 1000, 59 * S, 3600 * S, 5 * 86400 * S, INT64_MAX};
	for (size_t i = 0; i < N(ends); i++) {
		const struct plot_bar bar = {"a", "idle", "h", 0, ends[i] / 2, ends[i]};
		buf_clear(&out);
		plot_bars(&bar, 1, ends[i], "nat", "3 mappings", &out);
		int x = number("class=\"used\" x=\"", 0),
		    width = number("class=\"idle\" x=\"270\" y=\"33\" width=\"", 0);
		ck_assert_int_eq(x, 270);
		ck_assert_int_ge(width, 2);
		ck_assert_int_le(width, PLOT_WIDTH);
		ck_assert_uint_lt(out.size_bytes, 8000); /* not a line for each second */
	}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("draw/plot", &tcase);
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, test_bars_stand_at_their_time);
	tcase_add_test(tcase, test_labels_are_cut_not_spilled);
	tcase_add_test(tcase, test_lines_and_their_budget);
	tcase_add_test(tcase, test_all_of_virtual_time);
	return suite_run(suite);
}

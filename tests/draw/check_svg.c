/* Drawing primitives: measured text, escaping, and shapes. */
#include "draw/svg.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_widths)
{
	ck_assert_int_eq(svg_text_width("", SVG_PLAIN, 12), 0);
	ck_assert_int_eq(svg_text_width("0000000000", SVG_MONO, 10), 61); /* 10 times 6.03, rounded up */
	ck_assert_int_gt(svg_text_width("W", SVG_BOLD, 12), svg_text_width("i", SVG_BOLD, 12));
	ck_assert_int_ge(svg_text_width("ase-one/worker-0", SVG_BOLD, 12),
			 svg_text_width("ase-one/worker-0", SVG_PLAIN, 12));
	/* One character of several bytes is as wide as one. */
	ck_assert_int_eq(svg_text_width("\xe2\x86\x92", SVG_PLAIN, 10), 10);
	ck_assert_int_eq(svg_text_width("\xc3\xa9\xc3\xa9", SVG_PLAIN, 10), 20);
}
END_TEST

START_TEST(test_a_text_is_cut_to_fit)
{
	char text[64];
	ck_assert_str_eq(svg_fit("worker-0", SVG_PLAIN, 12, 200, text, sizeof text), "worker-0");
	ck_assert_str_eq(svg_fit("0123456789", SVG_MONO, 10, 45, text, sizeof text), "01234\xe2\x80\xa6");
	for (int width = 10; width < 80; width++)
		ck_assert_int_le(svg_text_width(svg_fit("a rather long name", SVG_BOLD, 10, width, text, sizeof text),
						SVG_BOLD, 10),
				 width);
	/* Never within a character. */
	ck_assert_str_eq(svg_fit("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", SVG_PLAIN, 10, 35, text, sizeof text),
			 "\xc3\xa9\xc3\xa9\xe2\x80\xa6");
	ck_assert_str_eq(svg_fit("abcdefgh", SVG_PLAIN, 10, 1000, text, 6), "ab\xe2\x80\xa6");
}
END_TEST

static const char *escaped(const char *text)
{
	static struct buf out;
	buf_clear(&out);
	svg_escape(&out, text);
	return buf_text(&out);
}

START_TEST(test_escaping)
{
	ck_assert_str_eq(escaped("<script>alert(\"a\" & 'b')</script>"),
			 "&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;");
	ck_assert_str_eq(escaped("gr\xc3\xbc\xc3\x9f \xe2\x86\x92 \xf0\x9f\x98\x80"),
			 "gr\xc3\xbc\xc3\x9f \xe2\x86\x92 \xf0\x9f\x98\x80");
	ck_assert_str_eq(escaped("a\nb\tc"), "a\nb\tc");
}
END_TEST

START_TEST(test_what_xml_cannot_hold_is_replaced)
{
	static const char *const broken[] = {
		"\x01",             /* a control character */
		"\x1b",             /* escape */
		"\x7f",             /* delete */
		"\xff",             /* no UTF-8 */
		"\x80",             /* a continuation that continues nothing */
		"\xc3",             /* cut short */
		"\xc0\xaf",         /* longer than need be */
		"\xed\xa0\x80",     /* a surrogate */
		"\xef\xbf\xbe",     /* no character */
		"\xf4\x90\x80\x80", /* beyond the last */
	};
	for (size_t i = 0; i < N(broken); i++) {
		const char *text = escaped(broken[i]);
		ck_assert_msg(strlen(text) == 3 * strlen(broken[i]), "%zu: %s", i, text);
		ck_assert_uint_eq(strspn(text, "\xef\xbf\xbd"), strlen(text));
	}
}
END_TEST

START_TEST(test_a_picture)
{
	struct buf out = {0};
	const struct svg_point points[] = {{0, 0}, {50, 0}, {50, 40}};
	svg_begin(&out, 100, 50, "a & b", "it shows <nothing>", false);
	svg_open(&out, "box");
	svg_polyline(&out, "way", points, N(points));
	svg_text(&out, "strong", 1, 2, SVG_END, "x<y");
	svg_close(&out);
	svg_end(&out);
	const char *text = buf_text(&out);
	ck_assert_ptr_nonnull(strstr(text, "viewBox=\"0 0 100 50\""));
	ck_assert_ptr_nonnull(strstr(text, "<title>a &amp; b</title>"));
	ck_assert_ptr_nonnull(strstr(text, "<desc>it shows &lt;nothing&gt;</desc>"));
	ck_assert_ptr_nonnull(strstr(text, "d=\"M0 0L43 0Q50 0 50 7L50 40\""));
	ck_assert_ptr_nonnull(strstr(text, "text-anchor=\"end\">x&lt;y</text>"));
	ck_assert_ptr_nonnull(strstr(text, "prefers-color-scheme:dark"));
	buf_clear(&out);
	svg_begin(&out, 100, 50, "a", "b", true);
	ck_assert_ptr_null(strstr(buf_text(&out), "<style>")); /* the page has it */
	buf_free(&out);
}
END_TEST

START_TEST(test_short_pieces_keep_their_corner_inside)
{
	struct buf out = {0};
	const struct svg_point points[] = {{0, 0}, {4, 0}, {4, 4}};
	svg_polyline(&out, "way", points, N(points));
	ck_assert_str_eq(buf_text(&out), "<path class=\"way\" d=\"M0 0L2 0Q4 0 4 2L4 4\"/>\n");
	buf_clear(&out);
	svg_polyline(&out, "way", points, 1);
	ck_assert_uint_eq(out.size_bytes, 0);
	buf_free(&out);
}
END_TEST

/* The number behind the first `key` behind `from`. */
static int number_behind(const char *from, const char *key)
{
	const char *at = strstr(from, key);
	ck_assert_msg(at, "%s in %s", key, from);
	return atoi(at + strlen(key));
}

/* At the top, in the middle, at the bottom, in a corner: always inside the picture. */
START_TEST(test_details_stay_inside_their_picture)
{
	static const struct svg_tip places[] = {{"packet 1: \"SYN\"\nsent", 10, 4, 280, 20, 3},
						{"packet 2\na\nb\nc\nd", 10, 90, 280, 20, 3},
						{"packet 3\na\nb\nc\nd", 10, 175, 280, 20, 3},
						{"packet 4\na rather long line in a corner", 280, 180, 18, 18, 3}};
	for (size_t i = 0; i < N(places); i++) {
		struct buf out = {0};
		struct svg_tips tips = {0};
		svg_tip_add(&tips, places[i]);
		svg_tips_end(&tips, &out, 300, 200);
		const char *box = strstr(buf_text(&out), "class=\"tip-box\"");
		ck_assert_ptr_nonnull(box);
		int x = number_behind(box, " x=\""), y = number_behind(box, " y=\""),
		    width = number_behind(box, " width=\""), height = number_behind(box, " height=\"");
		ck_assert_int_gt(x, 0);
		ck_assert_int_gt(y, 0);
		ck_assert_int_lt(x + width, 300);
		ck_assert_int_lt(y + height, 200);
		struct svg_point frame = svg_tip_frame(places[i].text);
		ck_assert_int_le(width, frame.x);
		ck_assert_int_le(height, frame.y);
		buf_free(&out);
	}
}
END_TEST

START_TEST(test_details_are_told_to_the_last_word)
{
	char text[1400] = "a heading";
	for (unsigned i = 0; i < 60; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "%sword-%u", i == 0 ? "\n" : " ", i);
	(void)snprintf(text + strlen(text), sizeof text - strlen(text), "\n%0200d", 7); /* no place to break it */
	struct buf out = {0};
	struct svg_tips tips = {0};
	svg_tip_add(&tips, (struct svg_tip){text, 0, 0, 10, 10, 0});
	svg_tip_add(&tips, (struct svg_tip){NULL, 0, 0, 10, 10, 0}); /* nothing to show */
	svg_tip_add(&tips, (struct svg_tip){"", 0, 0, 10, 10, 0});
	svg_tips_end(&tips, &out, 2000, 1000);
	const char *made = buf_text(&out);
	ck_assert_ptr_nonnull(strstr(made, "<tspan class=\"strong\""));
	ck_assert_ptr_nonnull(strstr(made, "word-59</tspan>"));
	ck_assert_ptr_nonnull(strstr(made, "07</tspan>"));
	ck_assert_ptr_null(strstr(strstr(made, "tabindex") + 1, "tabindex"));
	ck_assert_int_le(number_behind(strstr(made, "tip-box"), " width=\""), 600);
	ck_assert_int_eq(svg_tip_frame(NULL).x, 0);
	ck_assert_int_eq(svg_tip_frame("").y, 0);
	buf_free(&out);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("draw/svg", &tcase);
	tcase_add_test(tcase, test_widths);
	tcase_add_test(tcase, test_a_text_is_cut_to_fit);
	tcase_add_test(tcase, test_escaping);
	tcase_add_test(tcase, test_what_xml_cannot_hold_is_replaced);
	tcase_add_test(tcase, test_a_picture);
	tcase_add_test(tcase, test_short_pieces_keep_their_corner_inside);
	tcase_add_test(tcase, test_details_stay_inside_their_picture);
	tcase_add_test(tcase, test_details_are_told_to_the_last_word);
	return suite_run(suite);
}

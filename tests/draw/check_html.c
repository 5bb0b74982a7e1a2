/* The elements of a page: nothing that a scenario says becomes markup. */
#include "draw/html.h"
#include "suite.h"
#include <string.h>

static struct buf out;

static void teardown(void)
{
	buf_free(&out);
}

START_TEST(test_a_page_fetches_and_runs_nothing)
{
	html_begin(&out, "<title> & \"co\"");
	html_end(&out);
	const char *text = buf_text(&out);
	ck_assert_ptr_nonnull(strstr(text, "<title>&lt;title&gt; &amp; &quot;co&quot;</title>"));
	ck_assert_ptr_nonnull(strstr(text, "default-src 'none'"));
	ck_assert_ptr_null(strstr(text, "script-src"));
	ck_assert_ptr_null(strstr(text, "<script"));
	ck_assert_ptr_null(strstr(text, "url("));
	ck_assert_ptr_nonnull(strstr(text, "@media screen and (prefers-color-scheme:dark)"));
	ck_assert_ptr_nonnull(strstr(text, "@media print"));
	/* What is opened is closed. */
	int depth = 0;
	for (const char *at = strstr(text, "<style>"); at < strstr(text, "</style>"); at++)
		depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
	ck_assert_int_eq(depth, 0);
}
END_TEST

START_TEST(test_text_is_text)
{
	html_text(&out, "p", "dim", "<b>");
	html_textf(&out, "p", NULL, "%s is %d", "a&b", 3);
	html_item(&out, "<t>", NULL, "'x'");
	struct html_table table = {.out = &out, .heads = (const char *const[]){"<h>"}, .n_heads = 1, .labelled = true};
	html_cell(&table, "mono", 3, "\" onmouseover=\"x", "</td>");
	html_cell(&table, NULL, 1, NULL, "beyond the heads");
	html_tile(&out, NULL, "<7>", "'s");
	html_fold(&out, "l-1", true, NULL, "</summary>");
	ck_assert_str_eq(buf_text(&out), "<p class=\"dim\">&lt;b&gt;</p>\n"
					 "<p>a&amp;b is 3</p>\n"
					 "<dt>&lt;t&gt;</dt>\n<dd>&#39;x&#39;</dd>\n"
					 "<td class=\"mono\" rowspan=\"3\" data-h=\"&lt;h&gt;\" title=\"&quot; "
					 "onmouseover=&quot;x\">&lt;/td&gt;</td>\n"
					 "<td>beyond the heads</td>\n"
					 "<li><strong>&lt;7&gt;</strong> &#39;s</li>\n"
					 "<details id=\"l-1\" open>\n<summary>&lt;/summary&gt;</summary>\n");
}
END_TEST

START_TEST(test_what_is_not_known_is_not_told)
{
	html_item(&out, "because", NULL, NULL);
	ck_assert_uint_eq(out.size_bytes, 0);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("draw/html", &tcase);
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, test_a_page_fetches_and_runs_nothing);
	tcase_add_test(tcase, test_text_is_text);
	tcase_add_test(tcase, test_what_is_not_known_is_not_told);
	return suite_run(suite);
}

/* Reports are read back: the scenario as it was, or nothing. */
#include "out/report_read.h"
#include "suite.h"
#include <errno.h>
#include <string.h>

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

START_TEST(test_what_was_written_is_read)
{
	static const char text[] = "scenario: 1\nabout: \"\xe2\x86\x92 <&>\"\n\ttabs\n";
	const struct report_setting overrides[] = {{"a.b", "[1, 2]"}, {"c.0", NULL}};
	const struct source sources[] = {{"dir/s.yaml", text, strlen(text)}, {"dir/parts.yaml", "seed: 2\n", 8}};
	struct report report = {.program = "p",
				.scenario = "s",
				.file = "dir/s.yaml",
				.start = "",
				.sources = sources,
				.n_sources = 2,
				.overrides = overrides,
				.n_overrides = 2};
	struct report_source source;
	struct buf out = {0};
	ck_assert_int_eq(report_write(&report, &out), 0);
	ck_assert_int_eq(report_source_read(arena, buf_text(&out), out.size_bytes, &source), 0);
	ck_assert_str_eq(source.source.file, "dir/s.yaml");
	ck_assert_uint_eq(source.source.text_bytes, strlen(text));
	ck_assert_str_eq(source.source.text, text);
	ck_assert_uint_eq(source.n_included, 1);
	ck_assert_str_eq(source.included[0].file, "dir/parts.yaml");
	ck_assert_str_eq(source.included[0].text, "seed: 2\n");
	ck_assert_uint_eq(source.n_overrides, 2);
	ck_assert_str_eq(source.overrides[0].path, "a.b");
	ck_assert_str_eq(source.overrides[0].value, "[1, 2]");
	ck_assert_str_eq(source.overrides[1].path, "c.0");
	ck_assert_ptr_null(source.overrides[1].value); /* it takes an item away */
	buf_free(&out);
}
END_TEST

START_TEST(test_what_is_no_report)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"scenario\": {}}",
		"{\"scenario\": {\"file\": \"f\", \"text\": null, \"set\": []}}", /* of a scenario that was not kept */
		"{\"scenario\": {\"file\": \"f\", \"text\": \"t\"}}",
		"{\"scenario\": {\"text\": \"t\", \"set\": []}}",
		"{\"scenario\": {\"file\": \"f\", \"text\": \"t\", \"set\": [{\"path\": \"p\"}]}}",
		"{\"scenario\": {\"file\": \"f\", \"text\": \"t\", \"set\": [{\"path\": \"p\", \"value\": 1}]}}",
		"{\"scenario\": {\"file\": \"f\", \"text\": \"t\", \"set\": [1]}}"};
	struct report_source source;
	for (size_t i = 0; i < N(texts); i++)
		ck_assert_msg(report_source_read(arena, texts[i], strlen(texts[i]), &source) == 1, "%s", texts[i]);
}
END_TEST

static bool same(const char *a, const char *b)
{
	return report_same(a, strlen(a), b, strlen(b));
}

START_TEST(test_sameness)
{
	ck_assert(same("{\"a\": 1, \"b\": [2]}", "{\"b\": [2], \"a\": 1}"));
	ck_assert(!same("{\"a\": 1}", "{\"a\": 2}"));
	ck_assert(same("{\"a\": 1, \"files\": [\"x\"], \"program\": \"old\"}",
		       "{\"a\": 1, \"files\": [], \"program\": \"new\"}"));
	ck_assert(same("{\"expectations\": [{\"packet\": {\"id\": 1, \"capture\": \"x\"}}, {\"packet\": null}]}",
		       "{\"expectations\": [{\"packet\": {\"id\": 1, \"capture\": null}}, {\"packet\": null}]}"));
	ck_assert(!same("{\"expectations\": [{\"packet\": {\"id\": 1}}]}",
			"{\"expectations\": [{\"packet\": {\"id\": 2}}]}"));
	ck_assert(!same("{", "{"));
	ck_assert(!same("{}", "nothing"));
}
END_TEST

START_TEST(test_a_file_that_is_not_there)
{
	struct buf out = {0};
	ck_assert_int_eq(report_slurp("/nonexistent/report.json", &out), -ENOENT);
	ck_assert_int_eq(report_slurp("/", &out), -EISDIR);
	buf_free(&out);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("out/report_read", &tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_what_was_written_is_read);
	tcase_add_test(tcase, test_what_is_no_report);
	tcase_add_test(tcase, test_sameness);
	tcase_add_test(tcase, test_a_file_that_is_not_there);
	return suite_run(suite);
}

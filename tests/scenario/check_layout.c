/* The house style: what it makes of files is what is written beside them; it changes nothing that it made; and every
 * file of the corpus, and every shipped scenario, loads equal afterwards. */
#include "base/buf.h"
#include "scenario/layout.h"
#include "scenario/load.h"
#include "suite.h"
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#ifndef CORPUS
#error "CORPUS names the directory of good/ and layout/"
#endif

static struct arena *arena;
static struct diag_list diags;

static struct source slurp(const char *path)
{
	char *text;
	struct source source = {.file = arena_strdup(arena, path)};
	ck_assert_msg(scenario_slurp(arena, path, &text, &source.text_bytes) == 0, "%s", path);
	source.text = text;
	return source;
}

static struct source formatted(const struct source *source)
{
	struct source ret;
	int r = scenario_format(arena, source, &diags, &ret);
	ck_assert_msg(r == 0, "%s: %s in\n%s", source->file, diags.n > 0 ? diags.items[0].message : "memory",
		      source->text);
	return ret;
}

static void is_settled(const struct source *source)
{
	struct source once = formatted(source), twice = formatted(&once);
	ck_assert_msg(layout_same(source, &once) == 0, "%s says something else", source->file);
	ck_assert_msg(once.text_bytes == twice.text_bytes && memcmp(once.text, twice.text, once.text_bytes) == 0,
		      "%s changes again:\n%s\n---\n%s", source->file, once.text, twice.text);
}

static void each_of(const char *folder, const char *ending, void (*try)(const char *path), unsigned at_least)
{
	unsigned n = 0;
	DIR *directory = opendir(folder);
	ck_assert_ptr_nonnull(directory);
	for (struct dirent *entry; (entry = readdir(directory));) {
		size_t length = strlen(entry->d_name), tail = strlen(ending);
		if (length < tail || strcmp(entry->d_name + length - tail, ending) != 0)
			continue;
		try(arena_printf(arena, "%s/%s", folder, entry->d_name));
		n++;
	}
	closedir(directory);
	ck_assert_uint_ge(n, at_least);
}

static void as_expected(const char *path)
{
	struct source source = slurp(path), out = formatted(&source);
	struct source expected =
		slurp(arena_printf(arena, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path));
	ck_assert_msg(out.text_bytes == expected.text_bytes && memcmp(out.text, expected.text, out.text_bytes) == 0,
		      "%s becomes\n%s\nand not\n%s", path, out.text, expected.text);
	is_settled(&source);
	is_settled(&expected);
}

static void in_style(const char *path)
{
	struct source source = slurp(path), out = formatted(&source);
	ck_assert_msg(out.text_bytes == source.text_bytes && memcmp(out.text, source.text, out.text_bytes) == 0,
		      "%s is not in the house style: pktpath fmt -i", path);
}

static void settled(const char *path)
{
	struct source source = slurp(path);
	is_settled(&source);
}

START_TEST(files_become_what_is_expected)
{
	each_of(CORPUS "/layout", ".yaml", as_expected, 5);
}
END_TEST

START_TEST(the_corpus_says_the_same)
{
	each_of(CORPUS "/good", ".yaml", settled, 5);
	each_of(CORPUS "/good", ".json", settled, 1);
}
END_TEST

START_TEST(shipped_scenarios_are_in_the_style)
{
	each_of(CORPUS "/../../scenarios", ".yaml", in_style, 3);
	each_of(CORPUS "/../../scenarios/laws", ".yaml", in_style, 20);
	each_of(CORPUS "/../../scenarios/nat", ".yaml", in_style, 10);
	each_of(CORPUS "/../../docs", ".yaml", in_style, 1);
}
END_TEST

/* A file that was laid out, cut behind each of its bytes, is laid out or refused, and never says something else. */
START_TEST(any_beginning_of_a_file_is_safe)
{
	struct source whole = slurp(CORPUS "/layout/everything.yaml");
	unsigned n_laid_out = 0;
	for (size_t n = 0; n < whole.text_bytes; n++) {
		struct source part = {whole.file, arena_strndup(arena, whole.text, n), n}, out;
		if (scenario_format(arena, &part, &diags, &out) != 0) {
			const struct diag *last = &diags.items[diags.n - 1];
			ck_assert_msg(!strstr(last->message, "layout of this file cannot"), "%zu bytes: %s", n,
				      part.text);
			continue;
		}
		is_settled(&part);
		n_laid_out++;
	}
	ck_assert_uint_ge(n_laid_out, 100);
}
END_TEST

START_TEST(what_is_no_yaml_is_refused)
{
	static const char *const texts[] = {"a: [", "a: 1\n b: 2\n", "? [a]\n: b\n", "a: 1\n---\nb: 2\n", "a: \"\n"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct source source = {"wrong.yaml", texts[i], strlen(texts[i])}, out;
		ck_assert_int_eq(scenario_format(arena, &source, &diags, &out), 1);
		ck_assert_uint_eq(diags.n_errors, i + 1);
		ck_assert_ptr_nonnull(diags.items[i].hint);
	}
}
END_TEST

static void setup(void)
{
	arena = arena_new();
	ck_assert_ptr_nonnull(arena);
	diag_init(&diags, arena);
}

static void teardown(void)
{
	diag_deinit(&diags);
	arena_free(arena);
}

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("scenario/layout", &tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, files_become_what_is_expected);
	tcase_add_test(tcase, the_corpus_says_the_same);
	tcase_add_test(tcase, shipped_scenarios_are_in_the_style);
	tcase_add_test(tcase, any_beginning_of_a_file_is_safe);
	tcase_add_test(tcase, what_is_no_yaml_is_refused);
	return suite_run(suite);
}

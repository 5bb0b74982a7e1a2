/* The list of files in an earlier run's report: read where it is one, and nothing else harms. */
#include "out/manifest.h"
#include "suite.h"
#include "support.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fd;
static char **names;
static size_t n;

static void setup(void)
{
	fd = open(directory_new(), O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
}

static void teardown(void)
{
	close(fd);
	directory_remove();
}

static size_t read_names(const char *report)
{
	write_file(MANIFEST_FILE, report);
	ck_assert_int_eq(manifest_read(fd, &names, &n), 0);
	return n;
}

START_TEST(test_names_in_their_order)
{
	ck_assert_uint_eq(
		read_names("{\"version\": 1, \"files\": [\"b.pcap\", \"a.pcap\", \"\\u00e4\"], \"flows\": []}"), 4);
	ck_assert_str_eq(names[0], "b.pcap");
	ck_assert_str_eq(names[1], "a.pcap");
	ck_assert_str_eq(names[2], "\xc3\xa4");
	ck_assert_str_eq(names[3], MANIFEST_PAGE); /* the page that was made of that report */
	manifest_free(names, n);
}
END_TEST

START_TEST(test_what_is_no_text_is_passed_over)
{
	ck_assert_uint_eq(read_names("{\"files\": [1, \"a\", null, {\"files\": [\"x\"]}, [\"y\"], \"b\", true]}"), 3);
	ck_assert_str_eq(names[0], "a");
	ck_assert_str_eq(names[1], "b");
	manifest_free(names, n);
}
END_TEST

START_TEST(test_what_is_no_list_gives_none)
{
	static const char *const reports[] = {"",
					      "{",
					      "[]",
					      "[\"a\"]",
					      "\"files\"",
					      "{}",
					      "{\"files\": []}",
					      "{\"files\": \"a\"}",
					      "{\"files\": {\"a\": 1}}",
					      "{\"files\": [\"a\"",
					      "{\"files\": [\"a\"]} more",
					      "\xff\xfe",
					      "{\"Files\": [\"a\"]}"};
	for (size_t i = 0; i < N(reports); i++) {
		ck_assert_msg(read_names(reports[i]) == 0, "%s", reports[i]);
		manifest_free(names, n);
	}
}
END_TEST

START_TEST(test_what_is_no_file_gives_none)
{
	ck_assert_int_eq(manifest_read(fd, &names, &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(mkdir(path_in(MANIFEST_FILE), 0777), 0);
	ck_assert_int_eq(manifest_read(fd, &names, &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(rmdir(path_in(MANIFEST_FILE)), 0);
	ck_assert_int_eq(mkfifo(path_in(MANIFEST_FILE), 0666), 0); /* does not wait for somebody to write into it */
	ck_assert_int_eq(manifest_read(fd, &names, &n), 0);
	ck_assert_uint_eq(n, 0);
	manifest_free(NULL, 0);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/manifest", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_names_in_their_order);
	tcase_add_test(tc, test_what_is_no_text_is_passed_over);
	tcase_add_test(tc, test_what_is_no_list_gives_none);
	tcase_add_test(tc, test_what_is_no_file_gives_none);
	return suite_run(suite);
}

/* The list of files in an earlier run's report: read where it is one, and nothing else harms. */
#include "out/manifest.h"
#include "suite.h"
#include "support.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fd;
static struct manifest manifest;

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

static enum manifest_kind kind_of(const char *report)
{
	manifest_free(&manifest);
	write_file(MANIFEST_FILE, report);
	ck_assert_int_eq(manifest_read(fd, MANIFEST_FILE, &manifest), 0);
	return manifest.kind;
}

#define MARK "\"kind\": \"pktpath report\""

START_TEST(test_names_sorted_each_once)
{
	ck_assert_int_eq(kind_of("{" MARK
				 ", \"report\": 1, \"files\": [\"b.pcap\", \"a.pcap\", \"\\u00e4\", \"b.pcap\", "
				 "\"\\ud83d\\ude00\\n\\\"\", \"report.json\"], \"flows\": []}"),
			 MANIFEST_OURS);
	static const char *const expected[] = {"a.pcap", "b.pcap", "report.json", "\xc3\xa4", "\xf0\x9f\x98\x80\n\""};
	ck_assert_uint_eq(manifest.n, N(expected));
	for (size_t i = 0; i < N(expected); i++) {
		ck_assert_str_eq(manifest.names[i], expected[i]);
		ck_assert(manifest_has(&manifest, expected[i]));
	}
	ck_assert(!manifest_has(&manifest, "c.pcap"));
	manifest_free(&manifest);
}
END_TEST

START_TEST(test_what_is_no_text_is_passed_over)
{
	ck_assert_int_eq(
		kind_of("{" MARK
			", \"files\": [1, \"a\", null, {\"files\": [\"x\"]}, [\"y\"], \"report.json\", true]}"),
		MANIFEST_OURS);
	ck_assert_uint_eq(manifest.n, 2);
	manifest_free(&manifest);
}
END_TEST

#define OLD_REST                                                                                                       \
	"\"scenario\": {\"name\": \"[\\\"}\"}, \"simulated_ns\": 1, \"result\": {}, \"counts\": {}, "                  \
	"\"expectations\": [{}], "                                                                                     \
	"\"flows\": {}, \"nats\": {}, \"environments\": {}, \"timeline\": [], \"warnings\": [], "

/* Reports of 0.1.0 bear no marker: their whole shape is asked for. */
START_TEST(test_reports_of_0_1_0)
{
	ck_assert_int_eq(kind_of("{\"report\": 1, \"program\": \"pktpath 0.1.0\", " OLD_REST
				 "\"files\": [\"a\", \"report.json\"]}\n"),
			 MANIFEST_OURS);
	ck_assert_uint_eq(manifest.n, 2);
	static const char *const foreign[] = {
		"{\"report\": 1, \"program\": \"pktpath 0.1.0\", \"files\": [\"a\", \"report.json\"]}",
		"{\"report\": 2, \"program\": \"pktpath 0.1.0\", " OLD_REST "\"files\": [\"a\", \"report.json\"]}",
		"{\"report\": 1, \"program\": \"another 0.1.0\", " OLD_REST "\"files\": [\"a\", \"report.json\"]}",
		"{\"report\": 1, \"program\": \"pktpath 0.1.0\", " OLD_REST "\"files\": [\"a\"]}",
		"{\"report\": 1, \"program\": \"pktpath 0.1.0\", " OLD_REST
		"\"more\": 1, \"files\": [\"report.json\"]}",
	};
	for (size_t i = 0; i < N(foreign); i++)
		ck_assert_msg(kind_of(foreign[i]) == MANIFEST_FOREIGN && manifest.n == 0, "%s", foreign[i]);
}
END_TEST

START_TEST(test_foreign_or_damaged)
{
	static const char *const foreign[] = {
		"{}",
		"{\"files\": [\"Makefile\"]}",
		"{\"files\": [\"report.json\"]}",
		"{\"kind\": \"report of pktpath\", \"files\": [\"report.json\"]}",
		"{\"kind\": {\"kind\": \"pktpath report\"}, \"files\": [\"report.json\"]}",
		"{" MARK ", \"files\": []}",
		"{" MARK ", \"files\": {\"report.json\": 1}}",
		"{" MARK "}"};
	static const char *const damaged[] = {"",
					      "{",
					      "[]",
					      "\"files\"",
					      "{" MARK ", \"files\": [\"report.json\"",
					      "{" MARK ", \"flows\": {]}, \"files\": [\"report.json\"]}",
					      "{\"files\": [\"a\"]} more",
					      "{\"program\": \"\\u12\"}",
					      "{\"files\": [\"\\ud800\"]}",
					      "\xff\xfe"};
	for (size_t i = 0; i < N(foreign); i++)
		ck_assert_msg(kind_of(foreign[i]) == MANIFEST_FOREIGN && manifest.n == 0, "%s", foreign[i]);
	for (size_t i = 0; i < N(damaged); i++)
		ck_assert_msg(kind_of(damaged[i]) == MANIFEST_UNREADABLE && manifest.n == 0, "%s", damaged[i]);
}
END_TEST

START_TEST(test_what_is_no_file)
{
	ck_assert_int_eq(manifest_read(fd, MANIFEST_FILE, &manifest), 0);
	ck_assert_int_eq(manifest.kind, MANIFEST_NONE);
	ck_assert_int_eq(mkdir(path_in(MANIFEST_FILE), 0777), 0);
	ck_assert_int_eq(manifest_read(fd, MANIFEST_FILE, &manifest), 0);
	ck_assert_int_eq(manifest.kind, MANIFEST_FOREIGN);
	ck_assert_int_eq(rmdir(path_in(MANIFEST_FILE)), 0);
	ck_assert_int_eq(mkfifo(path_in(MANIFEST_FILE), 0666), 0); /* opening it does not block */
	ck_assert_int_eq(manifest_read(fd, MANIFEST_FILE, &manifest), 0);
	ck_assert_int_eq(manifest.kind, MANIFEST_FOREIGN);
}
END_TEST

START_TEST(test_pages)
{
	ck_assert(!manifest_page_is_ours(fd));
	write_file(MANIFEST_PAGE, "<!DOCTYPE html>\n<html><title>mine</title>");
	ck_assert(!manifest_page_is_ours(fd));
	write_file(MANIFEST_PAGE, "<!DOCTYPE html>\n<html><head><meta name=\"generator\" content=\"pktpath\">");
	ck_assert(manifest_page_is_ours(fd));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/manifest", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_names_sorted_each_once);
	tcase_add_test(tc, test_what_is_no_text_is_passed_over);
	tcase_add_test(tc, test_reports_of_0_1_0);
	tcase_add_test(tc, test_foreign_or_damaged);
	tcase_add_test(tc, test_what_is_no_file);
	tcase_add_test(tc, test_pages);
	return suite_run(suite);
}

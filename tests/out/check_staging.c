/* Staging: directories made and taken away again, files moved in all together or not at all. */
#include "out/staging.h"
#include "suite.h"
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct staging staging;
static char *path;

static void setup(void)
{
	directory_new();
}

static int begin(const char *directory)
{
	free(path);
	path = NULL;
	return staging_begin(&staging, directory, &path);
}

static void stage(const char *name, const char *text)
{
	int fd = openat(staging.fd, name, O_WRONLY | O_CREAT | O_EXCL, 0666);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void assert_text(const char *name, const char *expected)
{
	char *text = read_file(name, NULL);
	ck_assert_msg(text, "%s", name);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(test_plain_names)
{
	static const char *const good[] = {"a", "call.pcapng", "a@b.pcap", "...", ".hidden", ".pktpat", "-"};
	static const char *const bad[] = {"", ".", "..", "a/b", "/", "/a", "a/", ".pktpath-", ".pktpath-1-abcdef"};
	for (size_t i = 0; i < N(good); i++)
		ck_assert_msg(install_name_is_plain(good[i]), "%s", good[i]);
	for (size_t i = 0; i < N(bad); i++)
		ck_assert_msg(!install_name_is_plain(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(test_parents_are_made_and_taken_away)
{
	ck_assert_int_eq(mkdir(path_in("there"), 0777), 0);
	ck_assert_int_eq(begin(path_in("there/a/b//c/")), 0);
	ck_assert(exists("there/a/b/c"));
	ck_assert_int_eq(strncmp(staging.path, path_in("there/a/b//c/"), strlen(path_in("there/a/b//c/"))), 0);
	staging_end(&staging, true);
	ck_assert(exists("there"));
	ck_assert(!exists("there/a"));
	/* What another program put there meanwhile stays, and so do the directories above it. */
	ck_assert_int_eq(begin(path_in("there/a/b/c")), 0);
	write_file("there/a/mine", "x");
	staging_end(&staging, true);
	ck_assert(exists("there/a/mine"));
	ck_assert(!exists("there/a/b"));
	/* After a run that ended well they stay. */
	ck_assert_int_eq(begin(path_in("there/a/b/c")), 0);
	staging_end(&staging, false);
	ck_assert(exists("there/a/b/c"));
	char command_text[] = "ls -A there/a/b/c";
	int status;
	char *left = output_of(command_text, &status);
	ck_assert_str_eq(left, "");
	free(left);
}
END_TEST

START_TEST(test_a_directory_of_the_present)
{
	ck_assert_int_eq(chdir(path_in("")), 0);
	ck_assert_int_eq(begin("."), 0);
	staging_end(&staging, true);
	ck_assert_int_eq(begin("new"), 0);
	staging_end(&staging, true);
	ck_assert(!exists("new"));
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(test_why_a_directory_cannot_be_made)
{
	write_file("file", "x");
	ck_assert_int_eq(begin(path_in("new/../file/below")), -ENOTDIR);
	ck_assert(!exists("new")); /* what had been made is gone again */
	ck_assert_int_eq(symlink("nowhere", path_in("dangling")), 0);
	ck_assert_int_lt(begin(path_in("dangling")), 0);
	char name[400];
	memset(name, 'n', sizeof name);
	name[399] = '\0';
	ck_assert_int_eq(begin(path_in(name)), -ENAMETOOLONG);
	/* The kernel's own file systems take nothing new, be it that they are read-only or that they say so: it is not
	 * that something is missing. */
	if (access("/sys/kernel", F_OK) != 0)
		return;
	int r = begin("/sys/pktpath-check/below");
	ck_assert_msg(r == -EPERM || r == -EROFS || r == -EACCES, "%s", strerror(-r));
	ck_assert_str_eq(path, "/sys/pktpath-check");
}
END_TEST

/* A user without permission to write gets a message; root may always. */
START_TEST(test_who_may_not_write)
{
	if (geteuid() == 0 && seteuid(65534) != 0)
		return;
	int r = begin("/pktpath-check");
	if (geteuid() == 65534)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_msg(r == -EACCES || r == -EROFS, "%s", strerror(-r));
	ck_assert_str_eq(path, "/pktpath-check");
}
END_TEST

static void report_of(const char *files)
{
	char text[300];
	(void)snprintf(text, sizeof text, "{\"kind\": \"pktpath report\", \"report\": 1, \"files\": [%s]}", files);
	write_file("run/report.json", text);
}

static int install(const char *const *names, size_t n, const char **ret_fault)
{
	return staging_install(&staging, names, n, ret_fault);
}

START_TEST(test_files_move_in_and_old_ones_out)
{
	ck_assert_int_eq(begin(path_in("run")), 0);
	write_file("run/a", "old a");
	write_file("run/gone", "old");
	write_file("run/mine", "mine");
	ck_assert_int_eq(mkdir(path_in("run/folder"), 0777), 0);
	ck_assert_int_eq(symlink("mine", path_in("run/link")), 0);
	write_file("outside", "outside");
	report_of("\"a\", \"gone\", \"folder\", \"link\", \"../outside\", \"missing\", \"..\", \"\", \"report.json\"");
	stage("a", "new a");
	stage("b", "new b");
	stage("report.json", "{}");
	const char *fault;
	ck_assert_int_eq(install((const char *const[]){"a", "b", "report.json"}, 3, &fault), 0);
	ck_assert_uint_eq(staging.notes.size_bytes, 0);
	staging_end(&staging, true);
	assert_text("run/a", "new a");
	assert_text("run/b", "new b");
	assert_text("run/report.json", "{}");
	assert_text("run/mine", "mine");
	assert_text("run/link", "mine");
	assert_text("outside", "outside");
	ck_assert(!exists("run/gone"));
	ck_assert(exists("run/folder"));
}
END_TEST

/* What no marked report lists belongs to another program: it gets another name, and a note says so. */
START_TEST(test_files_of_others_are_kept)
{
	const char *fault;
	ck_assert_int_eq(begin(path_in("run")), 0);
	write_file("run/a", "another's");
	write_file("run/a.kept", "another's, too");
	write_file("run/b", "the same");
	write_file("run/Makefile", "all:");
	write_file("run/report.json", "{\"files\": [\"a\", \"Makefile\", \"report.json\"]}");
	stage("a", "new a");
	stage("b", "the same");
	stage("report.json", "{}");
	ck_assert_int_eq(install((const char *const[]){"a", "b", "report.json"}, 3, &fault), 0);
	const char *notes = buf_text(&staging.notes);
	ck_assert(strstr(notes, "report.json is not a report of pktpath"));
	ck_assert(strstr(notes, "a is not of an earlier run; it was renamed to a.kept-2\n"));
	staging_end(&staging, true);
	assert_text("run/a", "new a");
	assert_text("run/a.kept", "another's, too");
	assert_text("run/a.kept-2", "another's");
	assert_text("run/b", "the same");
	ck_assert(!exists("run/b.kept"));
	assert_text("run/Makefile", "all:");
	assert_text("run/report.json.kept", "{\"files\": [\"a\", \"Makefile\", \"report.json\"]}");
}
END_TEST

START_TEST(test_all_or_nothing)
{
	ck_assert_int_eq(begin(path_in("run")), 0);
	write_file("run/a", "old a");
	write_file("run/b", "another's");
	write_file("run/z", "old z");
	report_of("\"a\", \"z\", \"report.json\"");
	ck_assert_int_eq(mkdir(path_in("run/c"), 0777), 0);
	stage("a", "new a");
	stage("b", "new b");
	stage("c", "new c");
	const char *fault;
	ck_assert_int_eq(install((const char *const[]){"a", "b", "c"}, 3, &fault), -EISDIR);
	ck_assert_str_eq(fault, "c");
	ck_assert_uint_eq(staging.notes.size_bytes, 0);
	assert_text("run/a", "old a");
	assert_text("run/b", "another's");
	assert_text("run/z", "old z");
	ck_assert(exists("run/report.json"));
	ck_assert(!exists("run/b.kept"));
	ck_assert_int_eq(rmdir(path_in("run/c")), 0);
	/* A file that was never staged. */
	ck_assert_int_eq(install((const char *const[]){"c", "d"}, 2, &fault), -ENOENT);
	ck_assert_str_eq(fault, "d");
	ck_assert(!exists("run/c"));
	assert_text("run/z", "old z");
	staging_end(&staging, true);
	ck_assert(exists("run")); /* it is not empty */
}
END_TEST

START_TEST(test_nothing_to_install)
{
	const char *fault;
	ck_assert_int_eq(begin(path_in("run")), 0);
	ck_assert_int_eq(install(NULL, 0, &fault), 0);
	staging_end(&staging, true);
	ck_assert(!exists("run"));
}
END_TEST

/* A directory has one run at a time. What a dead run has left in it goes, also where its process number is ours, as in
 * a container. */
START_TEST(test_stale_or_at_work)
{
	struct staging first;
	char *none, name[64], file[80];
	ck_assert_int_eq(staging_begin(&first, path_in("run"), &none), 0);
	ck_assert_int_eq(begin(path_in("run")), -EBUSY);
	ck_assert_int_eq(access(first.path, F_OK), 0);
	staging_end(&first, false);
	(void)snprintf(name, sizeof name, "run/.pktpath-%ld-abcdef", (long)getpid());
	ck_assert_int_eq(mkdir(path_in(name), 0777), 0);
	(void)snprintf(file, sizeof file, "%s/half", name);
	write_file(file, "written");
	ck_assert_int_eq(begin(path_in("run")), 0);
	ck_assert(!exists(name));
	staging_end(&staging, false);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/staging", &tc);
	tcase_add_checked_fixture(tc, setup, directory_remove);
	tcase_add_test(tc, test_plain_names);
	tcase_add_test(tc, test_parents_are_made_and_taken_away);
	tcase_add_test(tc, test_a_directory_of_the_present);
	tcase_add_test(tc, test_why_a_directory_cannot_be_made);
	tcase_add_test(tc, test_who_may_not_write);
	tcase_add_test(tc, test_files_move_in_and_old_ones_out);
	tcase_add_test(tc, test_files_of_others_are_kept);
	tcase_add_test(tc, test_all_or_nothing);
	tcase_add_test(tc, test_nothing_to_install);
	tcase_add_test(tc, test_stale_or_at_work);
	return suite_run(suite);
}

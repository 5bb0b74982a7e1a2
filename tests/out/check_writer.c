/* Files whole or not at all: what is there after a commit, an abort, a crash, a full disk. */
#include "base/buf.h"
#include "out/writer.h"
#include "suite.h"
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void setup(void)
{
	directory_new();
}

static struct output *begin(void)
{
	struct output *output;
	char *path;
	int r = output_begin(path_in("run"), &output, &path);
	ck_assert_int_eq(r, 0);
	ck_assert_ptr_null(path);
	return output;
}

static struct output_file *open_file(struct output *output, const char *name, const char *text)
{
	struct output_file *file;
	ck_assert_int_eq(output_open(output, name, &file), 0);
	ck_assert_int_eq(output_write(file, text, strlen(text)), 0);
	return file;
}

static void commit(struct output *output)
{
	char *path;
	int r = output_commit(output, &path);
	ck_assert_int_eq(r, 0);
	ck_assert_ptr_null(path);
}

static void assert_text(const char *name, const char *expected)
{
	char *text = read_file(name, NULL);
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

static size_t entries_of_run(void)
{
	int status;
	char *text = output_of("ls -A run | wc -l", &status);
	size_t n = strtoul(text, NULL, 10);
	free(text);
	return n;
}

START_TEST(test_commit_shows_all)
{
	struct output *output = begin();
	struct output_file *file = open_file(output, "b.txt", "hello ");
	ck_assert_int_eq(output_write(file, "world\n", 6), 0);
	open_file(output, "a.txt", "first\n");
	struct output_file *empty;
	ck_assert_int_eq(output_open(output, "c.txt", &empty), 0);
	ck_assert_uint_eq(output_file_bytes(file), 12);
	ck_assert(!exists("run/b.txt"));
	ck_assert_uint_eq(entries_of_run(), 1); /* the staging directory */
	size_t n;
	const char *const *names = output_names(output, &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(names[0], "a.txt");
	ck_assert_str_eq(names[2], "c.txt");
	commit(output);
	assert_text("run/a.txt", "first\n");
	assert_text("run/b.txt", "hello world\n");
	assert_text("run/c.txt", "");
	ck_assert_uint_eq(entries_of_run(), 3);
	struct stat st;
	mode_t mask = umask(0);
	umask(mask);
	ck_assert_int_eq(stat(path_in("run/a.txt"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0666 & ~mask);
}
END_TEST

/* Sizes around those of the buffers, in one piece and in many, by copy and in place. */
START_TEST(test_large_files)
{
	static const size_t sizes[] = {1, 2495, 2496, 2497, 4096, 65536, 262143, 262144, 300000, 3000001};
	size_t n = sizes[sizeof sizes / sizeof *sizes - 1];
	uint8_t *data = malloc(n);
	for (size_t i = 0; i < n; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	struct output *output = begin();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "%zu", sizes[i]);
		struct output_file *file = open_file(output, name, "");
		ck_assert_int_eq(output_write(file, data, sizes[i]), 0);
		size_t step = 1 + sizes[i] / 700;
		for (size_t k = 0; k < sizes[i]; k += step)
			ck_assert_int_eq(output_write(file, data + k, step < sizes[i] - k ? step : sizes[i] - k), 0);
		for (size_t k = 0; k < sizes[i]; k += step) {
			buf_append(output_buffer(file), data + k, step < sizes[i] - k ? step : sizes[i] - k);
			ck_assert_int_eq(output_checkpoint(file), 0);
		}
		ck_assert_uint_eq(output_file_bytes(file), 3 * sizes[i]);
	}
	commit(output);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char name[32];
		size_t bytes;
		(void)snprintf(name, sizeof name, "run/%zu", sizes[i]);
		char *text = read_file(name, &bytes);
		ck_assert_uint_eq(bytes, 3 * sizes[i]);
		for (int k = 0; k < 3; k++)
			ck_assert_int_eq(memcmp(text + (size_t)k * sizes[i], data, sizes[i]), 0);
		free(text);
	}
	free(data);
}
END_TEST

/* 3 MB in lines of 100 bytes, to two files in turn; returns what first went wrong. */
static int write_lines(void)
{
	struct output *output;
	struct output_file *files[2];
	char *path, line[101];
	int r = output_begin(path_in("run"), &output, &path);
	for (int i = 0; r == 0 && i < 2; i++)
		r = output_open(output, i == 0 ? "even" : "odd", &files[i]);
	for (int i = 0; r == 0 && i < 60000; i++) {
		(void)snprintf(line, sizeof line, "%099d\n", i);
		r = output_write(files[i % 2], line, 100);
	}
	return r < 0 ? r : output_commit(output, &path);
}

static void assert_lines(void)
{
	for (int k = 0; k < 2; k++) {
		size_t bytes;
		char *text = read_file(k == 0 ? "run/even" : "run/odd", &bytes), line[101];
		ck_assert_uint_eq(bytes, 3000000);
		for (int i = 0; i < 30000; i++) {
			(void)snprintf(line, sizeof line, "%099d\n", 2 * i + k);
			ck_assert_int_eq(memcmp(text + 100 * i, line, 100), 0);
		}
		free(text);
	}
}

START_TEST(test_lines_in_order)
{
	ck_assert_int_eq(write_lines(), 0);
	assert_lines();
}
END_TEST

/* A file is closed, or its last byte written, while blocks of it are still under way. */
START_TEST(test_end_while_blocks_are_under_way)
{
	static char block[65536];
	memset(block, 'x', sizeof block);
	for (size_t tail = 0; tail < 2; tail++) {
		struct output *output = begin();
		struct output_file *file = open_file(output, "a", "");
		for (int i = 0; i < 256; i++)
			ck_assert_int_eq(output_write(file, block, sizeof block), 0);
		ck_assert_int_eq(output_write(file, "y", tail), 0);
		commit(output);
		size_t bytes;
		char *text = read_file("run/a", &bytes);
		ck_assert_uint_eq(bytes, 16777216 + tail);
		ck_assert_uint_eq(strspn(text, "x"), 16777216);
		free(text);
	}
}
END_TEST

/* Where no thread is to be had the writer does it all by itself, with the same bytes. The limit on processes does not
 * hold for root. */
START_TEST(test_without_a_thread)
{
	ck_assert_int_eq(chmod(path_in("."), 0777), 0);
	pid_t child = fork();
	if (child == 0) {
		struct rlimit limit = {0, 0};
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(100);
		_exit(setrlimit(RLIMIT_NPROC, &limit) != 0 ? 101 : -write_lines());
	}
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	assert_lines();
}
END_TEST

START_TEST(test_many_files_few_descriptors)
{
	struct rlimit limit = {24, 24}; /* fewer than the writer would like to hold */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	enum { FILES = 300, ROUNDS = 40 };
	static struct output_file *files[FILES];
	char line[128];
	struct output *output = begin();
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(line, sizeof line, "f%03d", i);
		files[i] = open_file(output, line, "");
	}
	for (int k = 0; k < ROUNDS; k++) {
		for (int i = 0; i < FILES; i++) {
			(void)snprintf(line, sizeof line, "%0*d %d\n", 100, k, i);
			ck_assert_int_eq(output_write(files[i], line, strlen(line)), 0);
		}
	}
	commit(output);
	for (int i = 0; i < FILES; i += 37) {
		(void)snprintf(line, sizeof line, "run/f%03d", i);
		char *text = read_file(line, NULL), *at = text;
		for (int k = 0; k < ROUNDS; k++) {
			(void)snprintf(line, sizeof line, "%0*d %d\n", 100, k, i);
			ck_assert_int_eq(strncmp(at, line, strlen(line)), 0);
			at += strlen(line);
		}
		ck_assert_int_eq(*at, '\0');
		free(text);
	}
}
END_TEST

/* 20,000 files of 16 KiB each pass the bound on memory: buffers are taken and given back. */
START_TEST(test_buffers_are_bounded)
{
	enum { FILES = 20000 };
	static struct output_file *files[FILES];
	static char block[1800];
	memset(block, 'x', sizeof block);
	char name[32];
	struct output *output = begin();
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof name, "f%05d", i);
		ck_assert_int_eq(output_open(output, name, &files[i]), 0);
	}
	for (int k = 0; k < 3; k++) {
		for (int i = 0; i < FILES; i++) {
			block[0] = (char)('a' + k);
			ck_assert_int_eq(output_write(files[i], block, sizeof block), 0);
		}
	}
	size_t held = 0;
	for (int i = 0; i < FILES; i++)
		held += output_buffer(files[i])->capacity_bytes;
	ck_assert_uint_le(held, (size_t)65 << 20);
	commit(output);
	for (int i = 0; i < FILES; i += 997) {
		(void)snprintf(name, sizeof name, "run/f%05d", i);
		size_t bytes;
		char *text = read_file(name, &bytes);
		ck_assert_uint_eq(bytes, 3 * sizeof block);
		for (size_t k = 0; k < 3; k++)
			ck_assert_int_eq(text[k * sizeof block], 'a' + (int)k);
		free(text);
	}
}
END_TEST

START_TEST(test_names)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "/etc/passwd", ".pktpath-1-abcdef"};
	struct output_file *file;
	char *path;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct output *output = begin();
		ck_assert_int_eq(output_open(output, bad[i], &file), -EINVAL);
		ck_assert_ptr_null(file);
		output_abort(output);
	}
	struct output *output = begin();
	open_file(output, "twice", "x");
	ck_assert_int_eq(output_open(output, "twice", &file), -EEXIST);
	ck_assert_str_eq(output_fault(output), path_in("run/twice"));
	ck_assert_int_eq(output_commit(output, &path), -EEXIST);
	ck_assert_str_eq(path, path_in("run/twice"));
	free(path);
	ck_assert(!exists("run"));
}
END_TEST

START_TEST(test_name_too_long_is_told)
{
	char name[300];
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	struct output *output = begin();
	open_file(output, name, "x");
	char *path;
	ck_assert_int_eq(output_commit(output, &path), -ENAMETOOLONG);
	ck_assert_ptr_nonnull(strstr(path, "nnn"));
	free(path);
}
END_TEST

START_TEST(test_abort_leaves_no_trace)
{
	struct output *output;
	char *path;
	ck_assert_int_eq(output_begin(path_in("x/y//z/"), &output, &path), 0);
	open_file(output, "a", "text");
	output_abort(output);
	ck_assert(!exists("x"));
	ck_assert_int_eq(mkdir(path_in("empty"), 0777), 0); /* was there before: stays */
	ck_assert_int_eq(output_begin(path_in("empty"), &output, &path), 0);
	output_abort(output);
	ck_assert(exists("empty"));
	output = begin();
	open_file(output, "a", "old");
	commit(output);
	output = begin();
	open_file(output, "a", "new");
	open_file(output, "b", "new");
	output_abort(output);
	assert_text("run/a", "old");
	ck_assert_uint_eq(entries_of_run(), 1);
}
END_TEST

START_TEST(test_begin_names_what_cannot_be_made)
{
	struct output *output;
	char *path;
	write_file("file", "x");
	ck_assert_int_eq(output_begin(path_in("file"), &output, &path), -ENOTDIR);
	ck_assert_str_eq(path, path_in("file"));
	free(path);
	ck_assert_int_eq(output_begin(path_in("file/below/it"), &output, &path), -ENOTDIR);
	ck_assert_str_eq(path, path_in("file/below"));
	ck_assert_ptr_null(output);
	free(path);
}
END_TEST

START_TEST(test_files_of_the_run_before_go)
{
	struct output *output = begin();
	open_file(output, "kept.pcap", "old");
	open_file(output, "gone.pcap", "old");
	open_file(output, "report.json",
		  "{\"kind\": \"pktpath report\", \"files\": [\"kept.pcap\", \"gone.pcap\", \"report.json\", "
		  "\"../outside\", \"folder\", "
		  "\"folder/x\", \"missing\", 7, "
		  "null]}");
	commit(output);
	write_file("outside", "not ours");
	write_file("run/mine.txt", "not ours");
	ck_assert_int_eq(mkdir(path_in("run/folder"), 0777), 0);
	write_file("run/folder/x", "not ours");
	output = begin();
	open_file(output, "kept.pcap", "new");
	open_file(output, "report.json", "{}");
	commit(output);
	assert_text("run/kept.pcap", "new");
	assert_text("run/report.json", "{}");
	ck_assert(!exists("run/gone.pcap"));
	ck_assert(exists("outside"));
	ck_assert(exists("run/mine.txt"));
	ck_assert(exists("run/folder/x"));
	ck_assert_uint_eq(entries_of_run(), 4);
}
END_TEST

START_TEST(test_damaged_report_is_no_obstacle)
{
	static const char *const reports[] = {"",
					      "{",
					      "[]",
					      "{\"files\": 3}",
					      "{\"files\": [",
					      "\xff\xfe",
					      "{\"files\": [\"a\\u0000b\", \"\", \".\"]}"};
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		struct output *output = begin();
		write_file("run/report.json", reports[i]);
		open_file(output, "a", "x");
		commit(output);
		assert_text("run/a", "x");
	}
	(void)unlink(path_in("run/report.json"));
	ck_assert_int_eq(mkfifo(path_in("run/report.json"), 0666), 0);
	struct output *output = begin();
	open_file(output, "a", "y");
	commit(output);
	assert_text("run/a", "y");
}
END_TEST

/* The third of four renames fails: what was replaced comes back, what was new goes, what was to go stays. */
START_TEST(test_commit_fails_half_way)
{
	struct output *output = begin();
	open_file(output, "a", "old a");
	open_file(output, "z", "old z");
	open_file(output, "report.json", "{\"kind\": \"pktpath report\", \"files\": [\"a\", \"z\", \"report.json\"]}");
	commit(output);
	ck_assert_int_eq(mkdir(path_in("run/c"), 0777), 0);
	write_file("run/c/x", "in the way");
	output = begin();
	open_file(output, "a", "new a");
	open_file(output, "b", "new b");
	open_file(output, "c", "new c");
	open_file(output, "d", "new d");
	char *path;
	ck_assert_int_eq(output_commit(output, &path), -EISDIR);
	ck_assert_str_eq(path, path_in("run/c"));
	free(path);
	assert_text("run/a", "old a");
	assert_text("run/z", "old z");
	ck_assert(!exists("run/b"));
	ck_assert(!exists("run/d"));
	ck_assert_uint_eq(entries_of_run(), 4);
}
END_TEST

static int write_until_full(struct output_file *file)
{
	static char block[1000];
	int r = 0;
	for (int i = 0; r == 0 && i < 4000; i++)
		r = output_write(file, block, sizeof block);
	return r;
}

/* A limit on the size of files stands for a disk that is full. */
START_TEST(test_full_disk)
{
	struct output *output = begin();
	open_file(output, "a", "old");
	commit(output);
	(void)signal(SIGXFSZ, SIG_IGN);
	struct rlimit limit = {100000, 100000};
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	output = begin();
	struct output_file *small = open_file(output, "a", "new"), *file = open_file(output, "large", "");
	ck_assert_int_eq(write_until_full(file), -EFBIG);
	ck_assert_str_eq(output_fault(output), path_in("run/large"));
	ck_assert_int_eq(output_write(small, "x", 1), -EFBIG); /* the first failure stays */
	ck_assert_int_eq(output_open(output, "other", &file), -EFBIG);
	char *path;
	ck_assert_int_eq(output_commit(output, &path), -EFBIG);
	ck_assert_str_eq(path, path_in("run/large"));
	free(path);
	assert_text("run/a", "old");
	ck_assert_uint_eq(entries_of_run(), 1);
}
END_TEST

/* The same at the last moment: everything fitted into buffers, and only the commit meets the disk. */
START_TEST(test_full_disk_at_commit)
{
	ck_assert_int_eq(mkdir(path_in("small"), 0777), 0);
	if (mount("none", path_in("small"), "tmpfs", 0, "size=64k") != 0) {
		(void)fprintf(stderr, "skipped: a file system of its own needs root\n");
		return;
	}
	struct output *output;
	char name[16], *path;
	static char block[2000];
	ck_assert_int_eq(output_begin(path_in("small/run"), &output, &path), 0);
	for (int i = 0; i < 40; i++) {
		struct output_file *file;
		(void)snprintf(name, sizeof name, "f%d", i);
		ck_assert_int_eq(output_open(output, name, &file), 0);
		ck_assert_int_eq(output_write(file, block, sizeof block), 0);
	}
	int r = output_commit(output, &path);
	bool left = exists("small/run");
	(void)umount(path_in("small"));
	ck_assert_int_eq(r, -ENOSPC);
	ck_assert_ptr_nonnull(strstr(path, "run/f"));
	ck_assert(!left);
	free(path);
}
END_TEST

START_TEST(test_staging_of_dead_runs_goes)
{
	struct output *output = begin();
	output_abort(output);
	pid_t dead = fork();
	if (dead == 0) { /* dies in the middle of a run */
		output = begin();
		open_file(output, "half", "written");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(dead, NULL, 0), dead);
	ck_assert_uint_eq(entries_of_run(), 1);
	/* Of a run that ended (another process has its number), of one that cannot be, and what only looks like ours. */
	char name[64];
	(void)snprintf(name, sizeof name, "run/.pktpath-%ld-abcdef", (long)getppid());
	ck_assert_int_eq(mkdir(path_in(name), 0777), 0);
	ck_assert_int_eq(mkdir(path_in("run/.pktpath-0-abcdef"), 0777), 0);
	(void)snprintf(name, sizeof name, "run/.pktpath-%ld-notes", (long)dead);
	ck_assert_int_eq(mkdir(path_in(name), 0777), 0);
	struct output *first = begin(), *second;
	open_file(first, "a", "1");
	char *path;
	ck_assert_int_eq(output_begin(path_in("run"), &second, &path), -EBUSY); /* one run at a time */
	free(path);
	commit(first);
	assert_text("run/a", "1");
	ck_assert_uint_eq(entries_of_run(), 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("writer");
	TCase *tc = tcase_create("writer");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, directory_remove);
	tcase_add_test(tc, test_commit_shows_all);
	tcase_add_test(tc, test_large_files);
	tcase_add_test(tc, test_lines_in_order);
	tcase_add_test(tc, test_end_while_blocks_are_under_way);
	tcase_add_test(tc, test_without_a_thread);
	tcase_add_test(tc, test_many_files_few_descriptors);
	tcase_add_test(tc, test_buffers_are_bounded);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_name_too_long_is_told);
	tcase_add_test(tc, test_abort_leaves_no_trace);
	tcase_add_test(tc, test_begin_names_what_cannot_be_made);
	tcase_add_test(tc, test_files_of_the_run_before_go);
	tcase_add_test(tc, test_damaged_report_is_no_obstacle);
	tcase_add_test(tc, test_commit_fails_half_way);
	tcase_add_test(tc, test_full_disk);
	tcase_add_test(tc, test_full_disk_at_commit);
	tcase_add_test(tc, test_staging_of_dead_runs_goes);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}

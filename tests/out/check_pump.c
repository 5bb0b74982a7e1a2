/* The pump: bytes of a file stay in their order whichever thread writes them, memory is bounded, and a failure is reported with its
 * owner. */
#include "base/random.h"
#include "out/pump.h"
#include "suite.h"
#include "support.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct pump *pump;
static struct buf buf;

static void setup(void)
{
	directory_new();
	buf = (struct buf){0};
	ck_assert_int_eq(pump_new(&pump), 0);
}

static void teardown(void)
{
	pump = pump_free(pump);
	ck_assert_ptr_null(pump);
	buf_free(&buf);
	directory_remove();
}

static int open_file(const char *name)
{
	int fd = open(path_in(name), O_WRONLY | O_CREAT, 0666);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* `n` bytes that follow each other wherever they stand in a file; some more behind them that are not to be written. */
static void fill(size_t at, size_t n)
{
	buf_clear(&buf);
	ck_assert(buf_reserve(&buf, n + 10));
	for (size_t i = 0; i < n + 10; i++)
		buf.data[i] = i < n ? (uint8_t)((at + i) % 251) : 0xff;
	buf.size_bytes = n + 10;
}

START_TEST(test_files_side_by_side)
{
	enum { FILES = 5 };
	int fd[FILES];
	size_t written[FILES] = {0};
	const void *owner;
	for (size_t i = 0; i < FILES; i++)
		fd[i] = open_file((const char[]){(char)('a' + i), '\0'});
	for (uint64_t k = 0; k < 600; k++) {
		size_t i = random_below(random_mix(k), FILES), n = random_below(random_mix(~k), 40000);
		fill(written[i], n);
		ck_assert_int_eq(pump_push(pump, &fd[i], fd[i], &buf, n), 0);
		ck_assert_uint_eq(buf.size_bytes, 0); /* a fresh one, or one that came back */
		ck_assert(!buf_failed(&buf));
		written[i] += n;
		if (k % 50 == 0)
			ck_assert_int_eq(pump_wait(pump, fd[i], &owner), 0);
		if (k % 50 == 0)
			ck_assert_int_eq(lseek(fd[i], 0, SEEK_CUR),
					 (off_t)written[i]); /* all of this file is written */
	}
	ck_assert_int_eq(pump_wait(pump, -1, &owner), 0);
	ck_assert_ptr_null(owner);
	for (size_t i = 0; i < FILES; i++) {
		size_t n, same = 0;
		char *got = read_file((const char[]){(char)('a' + i), '\0'}, &n);
		ck_assert_uint_eq(n, written[i]);
		while (same < n && (uint8_t)got[same] == same % 251)
			same++;
		ck_assert_uint_eq(same, n);
		free(got);
		close(fd[i]);
	}
}
END_TEST

START_TEST(test_the_end_writes_what_is_left)
{
	int fd = open_file("a");
	for (size_t i = 0; i < 8; i++) {
		fill(i * 300000, 300000);
		ck_assert_int_eq(pump_push(pump, NULL, fd, &buf, 300000), 0);
	}
	pump = pump_free(pump);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 8 * 300000);
	close(fd);
}
END_TEST

/* Who is slower than we are holds us up, rather than that memory grows. */
START_TEST(test_a_slow_reader)
{
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	pid_t reader = fork();
	if (reader == 0) {
		static uint8_t bytes[65536];
		size_t at = 0;
		close(ends[1]);
		for (ssize_t n; (n = read(ends[0], bytes, sizeof bytes)) > 0; usleep(200))
			for (ssize_t i = 0; i < n; i++)
				if (bytes[i] != at++ % 251)
					_exit(1);
		_exit(at == 100 * 50000 ? 0 : 2);
	}
	close(ends[0]);
	for (size_t i = 0; i < 100; i++) {
		fill(i * 50000, 50000);
		ck_assert_int_eq(pump_push(pump, NULL, ends[1], &buf, 50000), 0);
	}
	pump = pump_free(pump);
	close(ends[1]);
	int status;
	ck_assert_int_eq(waitpid(reader, &status, 0), reader);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(test_a_failure_is_its_owners)
{
	int good = open_file("a"), full = open("/dev/full", O_WRONLY);
	const void *owner;
	ck_assert_int_ge(full, 0);
	fill(0, 10);
	ck_assert_int_eq(pump_push(pump, "good", good, &buf, 10), 0);
	ck_assert_int_eq(pump_wait(pump, good, &owner), 0);
	static const char culprit[] = "full";
	fill(0, 10);
	ck_assert_int_eq(pump_push(pump, culprit, full, &buf, 10), 0);
	ck_assert_int_eq(pump_wait(pump, full, &owner), -ENOSPC);
	ck_assert_ptr_eq(owner, culprit);
	/* From then on nothing is taken, and what was to be written stays with its owner. */
	fill(10, 20);
	ck_assert_int_eq(pump_push(pump, "good", good, &buf, 20), -ENOSPC);
	ck_assert_uint_eq(buf.size_bytes, 30);
	ck_assert_int_eq(pump_wait(pump, -1, &owner), -ENOSPC);
	ck_assert_ptr_eq(owner, culprit);
	ck_assert_int_eq(lseek(good, 0, SEEK_CUR), 10);
	close(good);
	close(full);
}
END_TEST

START_TEST(test_writing_all)
{
	int fd = open_file("a");
	ck_assert_int_eq(pump_write_all(fd, (const uint8_t *)"abc", 3), 0);
	ck_assert_int_eq(pump_write_all(fd, NULL, 0), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 3);
	close(fd);
	ck_assert_int_eq(pump_write_all(fd, (const uint8_t *)"abc", 3), -EBADF);
	ck_assert_ptr_null(pump_free(NULL));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/pump", &tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_files_side_by_side);
	tcase_add_test(tc, test_the_end_writes_what_is_left);
	tcase_add_test(tc, test_a_slow_reader);
	tcase_add_test(tc, test_a_failure_is_its_owners);
	tcase_add_test(tc, test_writing_all);
	return suite_run(suite);
}

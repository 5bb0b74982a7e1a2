/* A preloaded shim: one allocation of a program fails, also those inside libraries.
 *
 * DOC: all functions of the C library that give memory call the ones here, since those are looked up by name. They count
 * from the start of main()'s libraries on; the one whose number is PKTPATH_FAIL_AT gives NULL, with PKTPATH_FAIL_ON also
 * all that follow. At the end the count is written to the file PKTPATH_FAIL_COUNT. PKTPATH_FAIL_TRACE names a file for
 * the call stack of the one that failed. */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

/* A shim has no one to pass its state to it. */
static atomic_long count;
static long fail_at;
static bool fails_on;
static char trace_path[256], count_path[256];

static void trace(void)
{
	void *frames[40];
	long at = fail_at;
	fail_at = 0; /* backtrace() may ask for memory */
	int n = backtrace(frames, 40), fd = open(trace_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0) {
		backtrace_symbols_fd(frames, n, fd);
		(void)close(fd);
	}
	fail_at = at;
}

static bool fails(void)
{
	long number = atomic_fetch_add(&count, 1) + 1;
	if (fail_at == 0 || number < fail_at || (number > fail_at && !fails_on))
		return false;
	if (trace_path[0] && number == fail_at)
		trace();
	errno = ENOMEM;
	return true;
}

void *malloc(size_t bytes)
{
	return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
	return fails() ? NULL : __libc_calloc(n, bytes);
}

void *realloc(void *old, size_t bytes)
{
	return fails() ? NULL : __libc_realloc(old, bytes);
}

void *reallocarray(void *old, size_t n, size_t bytes)
{
	if (bytes > 0 && n > SIZE_MAX / bytes) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, n * bytes);
}

void *memalign(size_t alignment, size_t bytes);
void *memalign(size_t alignment, size_t bytes)
{
	return fails() ? NULL : __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
	return memalign(alignment, bytes);
}

int posix_memalign(void **ret, size_t alignment, size_t bytes)
{
	*ret = memalign(alignment, bytes);
	return *ret ? 0 : ENOMEM;
}

static void copy_setting(char *to, size_t size, const char *name)
{
	const char *value = getenv(name);
	if (value)
		(void)snprintf(to, size, "%s", value);
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("PKTPATH_FAIL_AT");
	copy_setting(trace_path, sizeof trace_path, "PKTPATH_FAIL_TRACE");
	copy_setting(count_path, sizeof count_path, "PKTPATH_FAIL_COUNT");
	fails_on = getenv("PKTPATH_FAIL_ON");
	atomic_store(&count, 0);
	fail_at = at ? strtol(at, NULL, 10) : 0;
	(void)unsetenv("LD_PRELOAD"); /* programs that are started have memory enough */
}

__attribute__((destructor)) static void end(void)
{
	char text[32];
	int fd = count_path[0] ? open(count_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
	if (fd < 0)
		return;
	int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&count));
	if (write(fd, text, (size_t)n) != n)
		(void)unlink(count_path);
	(void)close(fd);
}

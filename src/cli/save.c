/* Files that a command writes: whole or not at all. Written beside, flushed, then renamed; what stood there before
 * stays as it was where that fails. */
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(fd, text, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* A pipe, a terminal or /dev/null is written to, not replaced. */
static bool is_stream(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int write_stream(const char *path, const char *text, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = write_all(fd, text, bytes);
	return close(fd) < 0 && r == 0 ? -errno : r;
}

static int replace(const char *path, char *beside, const char *text, size_t bytes)
{
	int fd = mkstemp(beside);
	if (fd < 0)
		return -errno;
	mode_t mask = umask(0);
	(void)umask(mask);
	int r = write_all(fd, text, bytes);
	if (r == 0 && (fchmod(fd, 0666 & ~mask) < 0 || fsync(fd) < 0))
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(beside);
	return r;
}

int save_file(const char *path, const char *text, size_t bytes)
{
	static const char suffix[] = ".XXXXXX";
	int r;
	if (is_stream(path)) {
		r = write_stream(path, text, bytes);
	} else {
		size_t n = strlen(path);
		char *beside = malloc(n + sizeof suffix);
		if (beside) {
			memcpy(beside, path, n);
			memcpy(beside + n, suffix, sizeof suffix);
		}
		r = beside ? replace(path, beside, text, bytes) : -ENOMEM;
		free(beside);
	}
	if (r == 0)
		return STATUS_OK;
	fprintf(stderr, "pktpath: %s: %s; it was not written, what stood there is as it was\n", path, strerror(-r));
	return STATUS_SYSTEM;
}

/* Files that a command writes: whole or not at all. Written beside, flushed, then renamed; what stood there before
 * stays as it was where that fails. What a killed command has left beside is removed first. */
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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
	(void)flock(fd, LOCK_EX | LOCK_NB); /* where there are no locks the process number has to do */
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

/* The directory of a path and its end: "out/" of "out/x", "" of "x". */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
}

static int save_beside(const char *path, const char *text, size_t bytes)
{
	char *directory = directory_of(path), *beside = NULL;
	int r = -ENOMEM;
	if (directory && asprintf(&beside, "%s" LEFTOVER_PREFIX "%ld-XXXXXX", directory, (long)getpid()) >= 0) {
		leftovers_remove(*directory ? directory : ".", LEFTOVER_PREFIX);
		r = replace(path, beside, text, bytes);
		free(beside);
	}
	free(directory);
	return r;
}

int save_file(const char *path, const char *text, size_t bytes)
{
	/* The C library says nothing where a stream in memory gets no memory for its end. */
	int r = !text ? -ENOMEM : is_stream(path) ? write_stream(path, text, bytes) : save_beside(path, text, bytes);
	if (r == 0)
		return STATUS_OK;
	fprintf(stderr, "pktpath: %s: %s; it was not written; its earlier content is unchanged\n", path, strerror(-r));
	return STATUS_SYSTEM;
}

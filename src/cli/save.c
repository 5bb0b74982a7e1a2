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

/* What comes into a file: a text, or what `print` prints. */
struct content {
	const char *text;
	size_t bytes;
	int (*print)(FILE *out, const void *context);
	const void *context;
};

static int print_all(int fd, const struct content *content)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *out = own < 0 ? NULL : fdopen(own, "w");
	if (!out) {
		int error = errno;
		if (own >= 0)
			(void)close(own);
		return -error;
	}
	errno = 0;
	int r = content->print(out, content->context);
	if (r == 0 && (fflush(out) != 0 || ferror(out)))
		r = errno ? -errno : -EIO;
	if (fclose(out) != 0 && r == 0)
		r = -errno;
	return r;
}

static int fill(int fd, const struct content *content)
{
	return content->print ? print_all(fd, content) : write_all(fd, content->text, content->bytes);
}

/* A pipe, a terminal or /dev/null is written to, not replaced. */
static bool is_stream(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int write_stream(const char *path, const struct content *content)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = fill(fd, content);
	return close(fd) < 0 && r == 0 ? -errno : r;
}

static int replace(const char *path, char *beside, const struct content *content)
{
	int fd = mkstemp(beside);
	if (fd < 0)
		return -errno;
	(void)flock(fd, LOCK_EX | LOCK_NB); /* where there are no locks the process number has to do */
	mode_t mask = umask(0);
	(void)umask(mask);
	int r = fill(fd, content);
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

static int save_beside(const char *path, const struct content *content)
{
	char *directory = directory_of(path), *beside = NULL;
	int r = -ENOMEM;
	if (directory && asprintf(&beside, "%s" LEFTOVER_PREFIX "%ld-XXXXXX", directory, (long)getpid()) >= 0) {
		leftovers_remove(*directory ? directory : ".", LEFTOVER_PREFIX);
		r = replace(path, beside, content);
		free(beside);
	}
	free(directory);
	return r;
}

static int save(const char *path, const struct content *content)
{
	return is_stream(path) ? write_stream(path, content) : save_beside(path, content);
}

static int status_of(const char *path, int r)
{
	if (r == 0)
		return STATUS_OK;
	fprintf(stderr, "pktpath: %s: %s; it was not written; its earlier content is unchanged\n", path, strerror(-r));
	return STATUS_SYSTEM;
}

int save_file(const char *path, const char *text, size_t bytes)
{
	/* The C library says nothing where a stream in memory gets no memory for its end. */
	return status_of(path, text ? save(path, &(struct content){.text = text, .bytes = bytes}) : -ENOMEM);
}

int save_printed(const char *path, int (*print)(FILE *out, const void *context), const void *context)
{
	return status_of(path, save(path, &(struct content){.print = print, .context = context}));
}

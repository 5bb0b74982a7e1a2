/* What killed commands have left: files written beside, and work directories.
 *
 * DOC: each is named PREFIXPID-XXXXXX and is locked (flock) as long as its process lives. It is left over where there is
 * no such process and the lock is free. Either alone would be wrong: a process number may stand for another process in
 * another container, and a lock is taken a moment after the name is there. */
#include "cli/cli.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 8

/* The process in PREFIXPID-XXXXXX; 0 where the name is none of these. */
static long owner_of(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);
	if (strncmp(name, prefix, n) != 0 || name[n] < '1' || name[n] > '9')
		return 0;
	char *end;
	errno = 0;
	long pid = strtol(name + n, &end, 10);
	return errno == 0 && pid <= INT32_MAX && strlen(end) == 7 && *end == '-' ? pid : 0;
}

/* Opened; -1 where it is none of these, or in use. */
static int open_leftover(int at, const char *name, const char *prefix)
{
	long pid = owner_of(name, prefix);
	struct stat st;
	/* Our own number is no proof of life: in a container it is the same each time. */
	if (pid == 0 || (pid != getpid() && (kill((pid_t)pid, 0) == 0 || errno != ESRCH)) ||
	    fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_uid != geteuid() ||
	    !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
		return -1;
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void remove_below(int at, const char *name, int depth)
{
	int fd = unlinkat(at, name, 0) == 0 || depth == 0
			 ? -1
			 : openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_below(fd, entry->d_name, depth - 1);
	(void)closedir(dir);
	(void)unlinkat(at, name, AT_REMOVEDIR);
}

void remove_tree(const char *path)
{
	remove_below(AT_FDCWD, path, MAX_DEPTH);
}

void leftovers_remove(const char *directory, const char *prefix)
{
	DIR *dir = opendir(directory);
	if (!dir)
		return;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		int fd = open_leftover(dirfd(dir), entry->d_name, prefix);
		if (fd < 0)
			continue;
		remove_below(dirfd(dir), entry->d_name, MAX_DEPTH);
		(void)close(fd);
	}
	(void)closedir(dir);
}

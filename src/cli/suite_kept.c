/* Where a suite keeps the captures of scenarios that failed, unless --keep or --report name a directory: `pktpath-failed`, beside where it runs.
 *
 * DOC: the directory has a marker, and each directory in it the report.json of a run, or what a killed run leaves. The next suite removes the directories of runs, and the
 * marker with the directory where nothing else is left; without the marker nothing is removed and nothing kept. It is made when the first
 * scenario fails. A suite holds a lock on it, so two at once do not take each other's captures away. */
#include "cli/suite.h"
#include "cli/work.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER ".pktpath-failed"
#define STAGED ".pktpath-" /* files of a run on their way into place */
#define MARKER_TEXT "Made by pktpath test: its next run removes the captures in this directory.\n"

static bool is_there(int at, const char *name)
{
	struct stat st;
	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Nothing can be kept: a reason that leaves the results of the suite as they are, or an error of the system. */
static void give_up(struct suite_kept *kept, const char *why, int error)
{
	bool may_not = error == 0 || error == EACCES || error == EPERM || error == EROFS;
	kept->why = why ? why : strerror(error);
	kept->status = may_not ? STATUS_OK : STATUS_SYSTEM;
	if (kept->fd >= 0)
		(void)close(kept->fd);
	kept->fd = -1;
}

/* Opened and locked, where it is there and has the marker. */
static void take_hold(struct suite_kept *kept)
{
	kept->fd = open(SUITE_KEPT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (kept->fd < 0)
		give_up(kept, errno == ENOTDIR || errno == ELOOP ? "it is no directory" : NULL,
			errno == ENOTDIR || errno == ELOOP ? 0 : errno);
	else if (!is_there(kept->fd, MARKER))
		give_up(kept, errno == ENOENT ? "it was not made by pktpath test" : NULL, errno == ENOENT ? 0 : errno);
	else if (flock(kept->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		give_up(kept, "another suite uses it", 0);
}

/* Does a directory have the files of a run, or those of one that was killed while they moved into place? */
static bool is_of_a_run(int at, const char *name)
{
	bool is = false;
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir && fd >= 0)
		(void)close(fd);
	for (const struct dirent *entry; dir && !is && (entry = readdir(dir));)
		is = strcmp(entry->d_name, "report.json") == 0 || strncmp(entry->d_name, STAGED, strlen(STAGED)) == 0;
	if (dir)
		(void)closedir(dir);
	return is;
}

/* Directories of runs; *ret_others: something else is there besides the marker. */
static void remove_runs(const struct suite_kept *kept, bool *ret_others)
{
	int fd = openat(kept->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	*ret_others = !dir;
	if (!dir && fd >= 0)
		(void)close(fd);
	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, MARKER) == 0)
			continue;
		char *path = path_in(SUITE_KEPT, name);
		if (path && is_of_a_run(kept->fd, name))
			remove_tree(path);
		*ret_others |= is_there(kept->fd, name);
		free(path);
	}
	if (dir)
		(void)closedir(dir);
}

static void remove_if_empty(const struct suite_kept *kept, bool others)
{
	if (others)
		return;
	(void)unlinkat(kept->fd, MARKER, 0);
	(void)rmdir(SUITE_KEPT);
}

void suite_kept_begin(struct suite_kept *kept)
{
	bool others;
	*kept = (struct suite_kept){.fd = -1};
	(void)pthread_mutex_init(&kept->mutex, NULL);
	if (!is_there(AT_FDCWD, SUITE_KEPT))
		return;
	take_hold(kept);
	if (kept->fd < 0)
		return;
	remove_runs(kept, &others);
	remove_if_empty(kept, others);
	if (others)
		return; /* it stays, and is held */
	(void)close(kept->fd);
	kept->fd = -1;
}

static void make(struct suite_kept *kept)
{
	if (mkdir(SUITE_KEPT, 0777) < 0) {
		give_up(kept, errno == EEXIST ? "another suite uses it" : NULL, errno == EEXIST ? 0 : errno);
		return;
	}
	int at = open(SUITE_KEPT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = at < 0 ? -1 : openat(at, MARKER, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	bool good = fd >= 0 && write(fd, MARKER_TEXT, strlen(MARKER_TEXT)) == (ssize_t)strlen(MARKER_TEXT);
	int error = errno;
	if (fd >= 0)
		(void)close(fd);
	if (at >= 0)
		(void)close(at);
	if (good)
		take_hold(kept);
	else
		give_up(kept, NULL, error != 0 ? error : EIO);
}

bool suite_kept_claim(struct suite_kept *kept)
{
	(void)pthread_mutex_lock(&kept->mutex);
	if (kept->fd < 0 && !kept->why)
		make(kept);
	bool good = kept->fd >= 0;
	(void)pthread_mutex_unlock(&kept->mutex);
	return good;
}

int suite_kept_end(struct suite_kept *kept, bool has_failed)
{
	bool others;
	if (kept->fd >= 0 && !has_failed) {
		remove_runs(kept, &others);
		remove_if_empty(kept, others);
	}
	if (kept->fd >= 0)
		(void)close(kept->fd);
	(void)pthread_mutex_destroy(&kept->mutex);
	if (!kept->why || !has_failed)
		return STATUS_OK;
	fprintf(stderr,
		"pktpath: " SUITE_KEPT ": %s; captures of what failed are not kept\nhint: --keep DIR names another "
		"directory, --no-keep keeps nothing\n",
		kept->why);
	return kept->status;
}

/* Whole or not at all: where a run's files are written before they are shown.
 *
 * DOC: the staging directory stands inside the output directory, so that a rename never crosses a file system. It is
 * named .pktpath-PID-XXXXXX and its descriptor holds a lock (flock), which the kernel lets go when the process dies,
 * however it dies. The next run into the same directory removes a staging directory when its process is gone and its
 * lock is free: either alone would be wrong, because a process number may stand for another process in another
 * container, and a lock is taken a moment after the directory is made.
 *
 * Installing renames file after file. Before a file is replaced its old version is kept by a hard link in the staging
 * directory, and files that are to go are moved there; so a failure half way is undone by moving them back, in reverse.
 * Where hard links are not to be had, replaced files cannot be brought back. Nothing is forced to the disk: it is other
 * processes that must not see half a run; a power cut is left to the file system. */
#include "out/staging.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool staging_name_is_plain(const char *name)
{
	return name[0] != '\0' && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strncmp(name, STAGING_PREFIX, strlen(STAGING_PREFIX)) != 0;
}

static bool is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* mkdir -p. On failure `path` is cut after the part at fault. */
static int make_parents(char *path, size_t *ret_made_at)
{
	size_t length = strlen(path);
	*ret_made_at = SIZE_MAX;
	for (size_t i = 1; i <= length; i++) {
		if (i != length && path[i] != '/')
			continue;
		char kept = path[i];
		path[i] = '\0';
		if (mkdir(path, 0777) == 0) {
			if (*ret_made_at == SIZE_MAX)
				*ret_made_at = i;
		} else {
			int error = errno; /* is_directory() has errors of its own */
			if (error != EEXIST && !is_directory(path))
				return -error;
		}
		path[i] = kept;
	}
	return 0;
}

/* Removes what make_parents() made, deepest first, as far as it is empty. Cuts the path. */
static void remove_made(char *path, size_t made_at)
{
	for (size_t i = strlen(path); i > 0 && i >= made_at; i--) {
		if (path[i] != '\0' && path[i] != '/')
			continue;
		path[i] = '\0';
		(void)rmdir(path);
	}
}

/* Removes a directory that holds files only. */
static void remove_flat(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(fd, entry->d_name, 0);
	}
	closedir(dir);
	(void)unlinkat(at, name, AT_REMOVEDIR);
}

/* The process in .pktpath-PID-XXXXXX; 0 where the name is none of ours. */
static pid_t staging_owner(const char *name)
{
	if (strncmp(name, STAGING_PREFIX, strlen(STAGING_PREFIX)) != 0)
		return 0;
	const char *digits = name + strlen(STAGING_PREFIX);
	char *end;
	errno = 0;
	long pid = strtol(digits, &end, 10);
	if (end == digits || *digits < '1' || *digits > '9' || strlen(end) != 7 || *end != '-' || errno != 0 ||
	    pid > INT32_MAX)
		return 0;
	return (pid_t)pid;
}

static bool staging_is_stale(int at, const char *name)
{
	pid_t pid = staging_owner(name);
	/* Our own number is no proof of life: in a container it is the same each time. */
	if (pid == 0 || (pid != getpid() && (kill(pid, 0) == 0 || errno != ESRCH)))
		return false;
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool stale = flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return stale;
}

static void remove_stale(int directory_fd)
{
	int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (staging_is_stale(directory_fd, entry->d_name))
			remove_flat(directory_fd, entry->d_name);
	}
	closedir(dir);
}

static void staging_free(struct staging *staging)
{
	if (staging->fd >= 0)
		close(staging->fd);
	if (staging->directory_fd >= 0)
		close(staging->directory_fd);
	free(staging->path);
	free(staging->directory);
	*staging = (struct staging){.directory_fd = -1, .fd = -1};
}

static int make_staging(struct staging *staging)
{
	if (!mkdtemp(staging->path))
		return -errno;
	staging->fd = open(staging->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (staging->fd < 0) {
		int r = -errno;
		(void)rmdir(staging->path);
		return r;
	}
	/* Where locks are not to be had, the process number has to do. */
	(void)flock(staging->fd, LOCK_SH | LOCK_NB);
	return 0;
}

int staging_begin(struct staging *staging, const char *directory, char **ret_path)
{
	*staging = (struct staging){.directory_fd = -1, .fd = -1};
	*ret_path = NULL;
	staging->directory = strdup(directory);
	if (!staging->directory ||
	    asprintf(&staging->path, "%s/" STAGING_PREFIX "%ld-XXXXXX", directory, (long)getpid()) < 0) {
		staging->path = NULL;
		staging_free(staging);
		return -ENOMEM;
	}
	int r = make_parents(staging->directory, &staging->made_at);
	if (r < 0) {
		*ret_path = strdup(staging->directory);
		remove_made(staging->directory, staging->made_at);
		staging_free(staging);
		return r;
	}
	staging->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (staging->directory_fd < 0) {
		r = -errno;
	} else {
		remove_stale(staging->directory_fd);
		r = make_staging(staging);
	}
	if (r < 0) {
		*ret_path = strdup(directory);
		remove_made(staging->directory, staging->made_at);
		staging_free(staging);
	}
	return r;
}

enum moved { MOVED_NOT, MOVED_NEW, MOVED_OVER, MOVED_OVER_UNSAVED, MOVED_AWAY };

#define SAVED_NAME_BYTES 48
static const char *saved_name(char text[SAVED_NAME_BYTES], size_t i)
{
	(void)snprintf(text, SAVED_NAME_BYTES, STAGING_PREFIX "saved-%zu", i);
	return text;
}

static int move_in(struct staging *staging, const char *name, size_t i, enum moved *ret)
{
	char saved[SAVED_NAME_BYTES];
	enum moved moved = MOVED_OVER;
	if (linkat(staging->directory_fd, name, staging->fd, saved_name(saved, i), 0) != 0)
		moved = errno == ENOENT ? MOVED_NEW : MOVED_OVER_UNSAVED;
	if (renameat(staging->fd, name, staging->directory_fd, name) != 0)
		return -errno;
	*ret = moved;
	return 0;
}

/* Only plain files go: a report.json of foreign origin cannot make us touch a directory or a device. */
static int move_away(struct staging *staging, const char *name, size_t i, enum moved *ret)
{
	char saved[SAVED_NAME_BYTES];
	struct stat st;
	if (fstatat(staging->directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return 0;
	if (renameat(staging->directory_fd, name, staging->fd, saved_name(saved, i)) != 0)
		return errno == ENOENT ? 0 : -errno;
	*ret = MOVED_AWAY;
	return 0;
}

static void move_back(struct staging *staging, const char *name, size_t i, enum moved moved)
{
	char saved[SAVED_NAME_BYTES];
	switch (moved) {
	case MOVED_NOT:
	case MOVED_OVER_UNSAVED:
		return;
	case MOVED_NEW:
		(void)unlinkat(staging->directory_fd, name, 0);
		return;
	case MOVED_OVER:
	case MOVED_AWAY:
		(void)renameat(staging->fd, saved_name(saved, i), staging->directory_fd, name);
		return;
	}
}

static int compare_names(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

int staging_install(struct staging *staging, const char *const *names, size_t n, char *const *old, size_t n_old,
		    const char **ret_name)
{
	size_t n_all = n + n_old;
	enum moved *moved = calloc(n_all + 1, sizeof *moved);
	int r = !moved ? -ENOMEM : 0;
	*ret_name = "";
	for (size_t i = 0; r == 0 && i < n_all; i++) {
		const char *name = i < n ? names[i] : old[i - n];
		if (i < n)
			r = move_in(staging, name, i, &moved[i]);
		else if (staging_name_is_plain(name) &&
			 (n == 0 || !bsearch(name, names, n, sizeof *names, compare_names)))
			r = move_away(staging, name, i, &moved[i]);
		if (r < 0)
			*ret_name = name;
	}
	for (size_t i = n_all; r < 0 && moved && i-- > 0;)
		move_back(staging, i < n ? names[i] : old[i - n], i, moved[i]);
	free(moved);
	return r;
}

void staging_end(struct staging *staging, bool made)
{
	remove_flat(staging->directory_fd, staging->path + strlen(staging->directory) + 1);
	if (made)
		remove_made(staging->directory, staging->made_at);
	staging_free(staging);
}

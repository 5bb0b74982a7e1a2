/* Where a run's files are written before they are shown, and what runs that were killed have left.
 *
 * DOC: the staging directory stands inside the output directory, so that a rename never crosses a file system. It is
 * named .pktpath-PID-XXXXXX. Two locks (flock) are held as long as the run lives; the kernel lets them go when the
 * process dies, however it dies. The lock of the output directory refuses a second run into it; the lock of the staging
 * directory says that its run is alive. Where there are no locks the process number has to do: a staging directory is
 * left alone as long as there is such a process. The next run completes an installation that was cut short (install.c)
 * and removes all other staging directories and files of that name. */
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

static struct installation installation_of(struct staging *staging, int staging_fd)
{
	return (struct installation){staging->directory_fd, staging_fd, staging->directory, &staging->notes};
}

/* Opens what a dead run has left, a directory or a file of its name; -1 where it is none, or is in use. `exclusive`:
 * no other run is at work in the directory. */
static int open_stale(int at, const char *name, bool exclusive)
{
	struct stat st;
	pid_t pid = staging_owner(name);
	if (pid == 0 || fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
		return -1;
	/* Our own number is no proof of life: in a container it is the same each time. */
	bool known_dead = exclusive && S_ISDIR(st.st_mode);
	if (!known_dead && pid != getpid() && (kill(pid, 0) == 0 || errno != ESRCH))
		return -1;
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int clear_stale(struct staging *staging, const char *name, bool exclusive)
{
	int fd = open_stale(staging->directory_fd, name, exclusive);
	if (fd < 0)
		return 0;
	struct installation at = installation_of(staging, fd);
	struct stat st;
	int r = 0;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		r = install_recover(&at);
		if (r >= 0)
			remove_flat(staging->directory_fd, name);
	} else {
		(void)unlinkat(staging->directory_fd, name, 0);
	}
	(void)close(fd);
	if (r > 0)
		buf_printf(&staging->notes,
			   "%s: an earlier run was killed while its files moved into place; that was "
			   "completed first\n",
			   staging->directory);
	return r < 0 ? r : 0;
}

static int clear_all_stale(struct staging *staging, bool exclusive)
{
	int fd = openat(staging->directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	for (const struct dirent *entry; r == 0 && (errno = 0, entry = readdir(dir));)
		r = clear_stale(staging, entry->d_name, exclusive);
	if (r == 0)
		r = -errno; /* of readdir() */
	closedir(dir);
	return r;
}

static void staging_free(struct staging *staging)
{
	if (staging->fd >= 0)
		close(staging->fd);
	if (staging->directory_fd >= 0)
		close(staging->directory_fd);
	free(staging->path);
	free(staging->directory);
	buf_free(&staging->notes);
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
		/* Where locks are not to be had, process numbers have to do. */
		bool locked = flock(staging->directory_fd, LOCK_EX | LOCK_NB) == 0;
		r = locked || errno != EWOULDBLOCK ? clear_all_stale(staging, locked) : -EBUSY;
		r = r == 0 ? make_staging(staging) : r;
	}
	if (r < 0) {
		*ret_path = strdup(directory);
		remove_made(staging->directory, staging->made_at);
		staging_free(staging);
	}
	return r;
}

int staging_install(struct staging *staging, const char *const *names, size_t n, const char **ret_name)
{
	struct installation at = installation_of(staging, staging->fd);
	return install_files(&at, names, n, ret_name);
}

void staging_end(struct staging *staging, bool made)
{
	remove_flat(staging->directory_fd, staging->path + strlen(staging->directory) + 1);
	if (made)
		remove_made(staging->directory, staging->made_at);
	staging_free(staging);
}

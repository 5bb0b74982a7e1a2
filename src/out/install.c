/* Installing a run's files: to a reader, a directory is the old whole, or the new whole, or has no report.json.
 *
 * DOC: the files are complete in the staging directory. Then, in this order:
 *   1. an empty file in the staging directory says that the installation has begun;
 *   2. the old report.json moves into the staging directory;
 *   3. file after file moves in; what stood there moves into the staging directory;
 *   4. what the old run wrote and the new one did not moves into the staging directory;
 *   5. the new report.json moves in.
 * A failure half way is undone in reverse order. Killed before 2 the directory is as it was; killed after 5 it is new;
 * in between it has no report.json, and the next run finds the staging directory and does 2 to 5 again for what is left
 * in it. So undoing, too, moves a new file back and removes nothing.
 *
 * A file counts as pktpath's where the old report, which bears the marker, lists it, or where it is equal to the new
 * one. Others are never overwritten: one in the way is renamed, and a note says so. report.json reaches the disk before
 * it is shown, and the directory after it; other files are left to the file system, which writes them soon. */
#include "out/install.h"
#include "out/manifest.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEGUN STAGING_PREFIX "begun"
#define OLD_REPORT STAGING_PREFIX "report"
#define NAME_BYTES 320
#define MAX_KEPT 1000u

struct move {
	const char *name;
	char aside[NAME_BYTES]; /* where what stood there went; "" where nothing stood there */
	bool kept;              /* aside is in the directory itself */
	bool in;                /* a new file is in its place */
};

struct moves {
	const struct installation *at;
	const struct manifest *old;
	bool resumed; /* after a kill: what is not staged any more is in its place */
	struct move *items;
	size_t n;
};

bool install_name_is_plain(const char *name)
{
	return name[0] != '\0' && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strncmp(name, STAGING_PREFIX, strlen(STAGING_PREFIX)) != 0;
}

static int rename_at(int from_fd, const char *from, int to_fd, const char *to)
{
	return renameat(from_fd, from, to_fd, to) < 0 ? -errno : 0;
}

static bool is_there(int fd, const char *name)
{
	return faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- foreign files ---- */

static ssize_t read_block(int fd, void *block, size_t bytes)
{
	ssize_t n;
	do
		n = read(fd, block, bytes);
	while (n < 0 && errno == EINTR);
	return n;
}

static bool same_bytes(int a, int b)
{
	char x[4096], y[4096];
	struct stat of_a, of_b;
	if (fstat(a, &of_a) < 0 || fstat(b, &of_b) < 0 || !S_ISREG(of_a.st_mode) || of_a.st_size != of_b.st_size)
		return false;
	for (off_t left = of_a.st_size; left > 0;) {
		ssize_t n = read_block(a, x, sizeof x);
		if (n <= 0 || read_block(b, y, (size_t)n) != n || memcmp(x, y, (size_t)n) != 0)
			return false;
		left -= n;
	}
	return true;
}

static bool is_equal(const struct installation *at, const char *name)
{
	int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;
	int a = openat(at->directory_fd, name, flags), b = openat(at->staging_fd, name, flags);
	bool equal = a >= 0 && b >= 0 && same_bytes(a, b);
	if (a >= 0)
		(void)close(a);
	if (b >= 0)
		(void)close(b);
	return equal;
}

/* Renames a file that is not pktpath's, within the directory. */
static int keep(const struct installation *at, struct move *move, const char *why)
{
	for (unsigned i = 1; i <= MAX_KEPT; i++) {
		struct stat st;
		int n = i == 1 ? snprintf(move->aside, sizeof move->aside, "%s.kept", move->name)
			       : snprintf(move->aside, sizeof move->aside, "%s.kept-%u", move->name, i);
		if (n < 0 || (size_t)n >= sizeof move->aside)
			break;
		if (fstatat(at->directory_fd, move->aside, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (errno != ENOENT)
			break;
		int r = rename_at(at->directory_fd, move->name, at->directory_fd, move->aside);
		move->kept = r == 0;
		if (r == 0)
			buf_printf(at->notes, "%s/%s %s; it was renamed to %s\n", at->directory, move->name, why,
				   move->aside);
		return r;
	}
	return -EEXIST;
}

/* ---- moves ---- */

static int put_aside(struct moves *moves, struct move *move)
{
	(void)snprintf(move->aside, sizeof move->aside, STAGING_PREFIX "saved-%zu", moves->n);
	return rename_at(moves->at->directory_fd, move->name, moves->at->staging_fd, move->aside);
}

static struct move *begin_move(struct moves *moves, const char *name)
{
	struct move *move = &moves->items[moves->n++];
	*move = (struct move){.name = name};
	return move;
}

/* Where a step failed `aside` names nothing. */
static int settle(struct move *move, int r)
{
	if (r < 0)
		move->aside[0] = '\0';
	return r;
}

static int move_in(struct moves *moves, const char *name)
{
	const struct installation *at = moves->at;
	if (moves->resumed && !is_there(at->staging_fd, name))
		return 0;
	struct move *move = begin_move(moves, name);
	struct stat st;
	int r = 0;
	if (fstatat(at->directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = errno == ENOENT ? 0 : -errno;
	else if (S_ISDIR(st.st_mode))
		r = -EISDIR;
	else if (manifest_has(moves->old, name) || is_equal(at, name))
		r = settle(move, put_aside(moves, move));
	else
		r = settle(move, keep(at, move, "is not of an earlier run"));
	if (r == 0)
		r = rename_at(at->staging_fd, name, at->directory_fd, name);
	move->in = r == 0;
	return r;
}

/* Only plain files go. */
static int move_away(struct moves *moves, const char *name)
{
	struct stat st;
	if (!install_name_is_plain(name) || strcmp(name, MANIFEST_FILE) == 0)
		return 0;
	if (fstatat(moves->at->directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	struct move *move = begin_move(moves, name);
	int r = settle(move, put_aside(moves, move));
	return r == -ENOENT ? 0 : r;
}

static const char *why_not_ours(const struct manifest *old, char *text, size_t size)
{
	if (old->kind == MANIFEST_FOREIGN)
		return "is not a report of pktpath, so no file that it lists was removed";
	(void)snprintf(text, size, "cannot be read (%s), so files of an earlier run may be left beside the new ones",
		       old->error ? strerror(old->error) : "it is damaged");
	return text;
}

static int move_report_away(struct moves *moves)
{
	const struct installation *at = moves->at;
	struct move *move = begin_move(moves, MANIFEST_FILE);
	struct stat st;
	char why[256];
	if (fstatat(at->directory_fd, MANIFEST_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (moves->old->kind != MANIFEST_OURS)
		return settle(move, keep(at, move, why_not_ours(moves->old, why, sizeof why)));
	(void)snprintf(move->aside, sizeof move->aside, OLD_REPORT);
	return settle(move, rename_at(at->directory_fd, MANIFEST_FILE, at->staging_fd, OLD_REPORT));
}

static void undo(const struct installation *at, const struct move *move)
{
	if (move->in)
		(void)rename_at(at->directory_fd, move->name, at->staging_fd, move->name);
	if (move->aside[0] != '\0')
		(void)rename_at(move->kept ? at->directory_fd : at->staging_fd, move->aside, at->directory_fd,
				move->name);
}

/* ---- all of it ---- */

/* An empty file; once it is there a kill is followed by install_recover(). */
static int begin(const struct installation *at)
{
	int fd = openat(at->staging_fd, BEGUN, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

/* Some file systems cannot; a disk that is full or broken may say so only here. */
static int force_report(const struct installation *at)
{
	int fd = openat(at->staging_fd, MANIFEST_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r;
	do
		r = fsync(fd) < 0 ? -errno : 0;
	while (r == -EINTR);
	(void)close(fd);
	return r == -EIO || r == -ENOSPC || r == -EDQUOT ? r : 0;
}

static bool is_among(const char *name, const char *const *names, size_t n)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(names[middle], name);
		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int move_all(struct moves *moves, const char *const *names, size_t n, const char **ret_name)
{
	const struct manifest *old = moves->old;
	*ret_name = MANIFEST_FILE;
	int r = move_report_away(moves);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (strcmp(names[i], MANIFEST_FILE) != 0) {
			*ret_name = names[i];
			r = move_in(moves, names[i]);
		}
	for (size_t i = 0; r == 0 && i < old->n; i++)
		if (!is_among(old->names[i], names, n)) {
			*ret_name = old->names[i];
			r = move_away(moves, old->names[i]);
		}
	/* The page shows the old run and no other. */
	if (r == 0 && old->kind == MANIFEST_OURS && !is_among(MANIFEST_PAGE, names, n) &&
	    manifest_page_is_ours(moves->at->directory_fd)) {
		*ret_name = MANIFEST_PAGE;
		r = move_away(moves, MANIFEST_PAGE);
	}
	if (r == 0 && is_among(MANIFEST_FILE, names, n)) {
		*ret_name = MANIFEST_FILE;
		r = rename_at(moves->at->staging_fd, MANIFEST_FILE, moves->at->directory_fd, MANIFEST_FILE);
	}
	return r;
}

static int install(const struct installation *at, const char *const *names, size_t n, const struct manifest *old,
		   bool resumed, const char **ret_name)
{
	struct moves moves = {at, old, resumed, NULL, 0};
	moves.items = calloc(n + old->n + 2, sizeof *moves.items);
	size_t notes_bytes = at->notes->size_bytes;
	int r = moves.items ? begin(at) : -ENOMEM;
	if (r == 0)
		r = move_all(&moves, names, n, ret_name);
	if (r < 0) {
		for (size_t i = moves.n; i-- > 0;)
			undo(at, &moves.items[i]);
		at->notes->size_bytes = notes_bytes;
		if (!resumed)
			(void)unlinkat(at->staging_fd, BEGUN, 0);
	} else {
		(void)fsync(at->directory_fd);
	}
	free(moves.items);
	return r;
}

int install_files(const struct installation *at, const char *const *names, size_t n, const char **ret_name)
{
	struct manifest old;
	*ret_name = "";
	int r = is_among(MANIFEST_FILE, names, n) ? force_report(at) : 0;
	if (r < 0) {
		*ret_name = MANIFEST_FILE;
		return r;
	}
	r = manifest_read(at->directory_fd, MANIFEST_FILE, &old);
	if (r == 0)
		r = install(at, names, n, &old, false, ret_name);
	manifest_free(&old);
	return r;
}

/* ---- after a kill ---- */

int install_recover(const struct installation *at)
{
	if (!is_there(at->staging_fd, BEGUN) || !is_there(at->staging_fd, MANIFEST_FILE))
		return 0;
	struct manifest old = {0}, new = {0};
	const char *name;
	int r = manifest_read(at->staging_fd, MANIFEST_FILE, &new);
	if (r == 0)
		r = is_there(at->staging_fd, OLD_REPORT) ? manifest_read(at->staging_fd, OLD_REPORT, &old)
							 : manifest_read(at->directory_fd, MANIFEST_FILE, &old);
	if (r == 0)
		r = install(at, (const char *const *)new.names, new.n, &old, true, &name);
	manifest_free(&old);
	manifest_free(&new);
	return r < 0 ? r : 1;
}

/* Files whose saves are waited for.
 *
 * DOC: editors save in many ways: in place, by a rename over the old file, or by taking the file away and writing it
 * again. So files are looked at by path, several times a second. A change counts once the file has stayed as it is from
 * one look to the next: it is whole then. */
#include "cli/cli.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LOOK_NS 100000000

struct looked {
	bool there;
	dev_t device;
	ino_t inode;
	off_t bytes;
	struct timespec changed;
};

struct watched {
	char *path;
	struct looked first; /* when it was added */
	struct looked last;
};

struct watch {
	struct watched *items;
	size_t n;
};

static struct looked look(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return (struct looked){0};
	return (struct looked){true, st.st_dev, st.st_ino, st.st_size, st.st_mtim};
}

static bool same(const struct looked *a, const struct looked *b)
{
	return a->there == b->there && a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

struct watch *watch_new(void)
{
	struct watch *watch = calloc(1, sizeof *watch);
	return watch;
}

void watch_free(struct watch *watch)
{
	for (size_t i = 0; watch && i < watch->n; i++)
		free(watch->items[i].path);
	if (watch)
		free(watch->items);
	free(watch);
}

int watch_add(struct watch *watch, const char *path)
{
	struct watched *items = realloc(watch->items, (watch->n + 1) * sizeof *items);
	if (!items)
		return say_short_memory();
	watch->items = items;
	struct looked now = look(path);
	items[watch->n] = (struct watched){strdup(path), now, now};
	if (!items[watch->n].path)
		return say_short_memory();
	watch->n++;
	return STATUS_OK;
}

static bool has(const struct watch *watch, const char *path)
{
	for (size_t i = 0; i < watch->n; i++)
		if (strcmp(watch->items[i].path, path) == 0)
			return true;
	return false;
}

int watch_add_all(struct watch *watch, const struct watch *other)
{
	int status = STATUS_OK;
	for (size_t i = 0; status == STATUS_OK && i < other->n; i++)
		if (!has(watch, other->items[i].path))
			status = watch_add(watch, other->items[i].path);
	return status;
}

/* Whether a file is there, differs from what it was, and is whole. */
static bool saved(struct watched *watched)
{
	struct looked now = look(watched->path);
	bool rests = same(&now, &watched->last);
	watched->last = now;
	return now.there && rests && !same(&now, &watched->first);
}

bool watch_wait(struct watch *watch)
{
	while (!signals_caught()) {
		(void)nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
		for (size_t i = 0; i < watch->n; i++)
			if (saved(&watch->items[i]))
				return true;
	}
	return false;
}

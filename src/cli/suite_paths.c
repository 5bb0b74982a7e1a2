/* Which scenarios a suite has. */
#include "cli/suite.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_DIRECTORY "scenarios"
#define MAX_DEPTH 16 /* of directories; more is a loop of links */

static bool is_scenario(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && dot != name && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static int keep(struct suite_paths *paths, char *path)
{
	if (paths->n == paths->capacity) {
		size_t capacity = paths->capacity ? 2 * paths->capacity : 32;
		char **grown = realloc(paths->paths, capacity * sizeof *grown);
		if (!grown)
			return STATUS_SYSTEM;
		paths->paths = grown;
		paths->capacity = capacity;
	}
	paths->paths[paths->n++] = path;
	return STATUS_OK;
}

static int cannot_read(const char *path)
{
	int error = errno;
	fprintf(stderr, "pktpath: %s: %s\n", path, strerror(error));
	return error == ENOENT || error == ENOTDIR ? STATUS_USAGE : STATUS_SYSTEM;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int walk(struct suite_paths *paths, const char *directory, int depth)
{
	struct dirent **entries;
	int n = scandir(directory, &entries, visible, by_name);
	if (n < 0)
		return cannot_read(directory);
	int status = STATUS_OK;
	for (int i = 0; i < n; i++) {
		char *path = NULL;
		struct stat st;
		size_t end = strlen(directory);
		while (end > 1 && directory[end - 1] == '/')
			end--;
		if (status == STATUS_OK && asprintf(&path, "%.*s/%s", (int)end, directory, entries[i]->d_name) < 0) {
			path = NULL;
			status = STATUS_SYSTEM;
		}
		if (status == STATUS_OK && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			status = depth < MAX_DEPTH ? walk(paths, path, depth + 1) : STATUS_OK;
		else if (status == STATUS_OK && is_scenario(path) && (status = keep(paths, path)) == STATUS_OK)
			path = NULL;
		free(path);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int suite_paths_add(const struct command *command, struct suite_paths *paths, const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return cannot_read(path);
	if (S_ISDIR(st.st_mode)) {
		size_t before = paths->n;
		int status = walk(paths, path, 0);
		if (status == STATUS_OK && paths->n == before)
			return usage_error(command, "`%s` holds no scenario (no file that ends in .yaml or .yml)",
					   path);
		return status;
	}
	char *copy = strdup(path);
	int status = copy ? keep(paths, copy) : STATUS_SYSTEM;
	if (status != STATUS_OK)
		free(copy);
	return status;
}

int suite_paths_add_default(const struct command *command, struct suite_paths *paths)
{
	if (access(DEFAULT_DIRECTORY, F_OK) < 0 && errno == ENOENT)
		return usage_error(command, "no PATH is given, and there is no directory `" DEFAULT_DIRECTORY
					    "` here; name the scenarios, or the directories that hold them");
	return suite_paths_add(command, paths, DEFAULT_DIRECTORY);
}

void suite_paths_free(struct suite_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->paths[i]);
	free(paths->paths);
}

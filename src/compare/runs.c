/* Directories compared, file by file.
 *
 * DOC: the merged capture of a flow holds what its classic captures hold, and drops.pcapng what happened to those of
 * all flows that came to nothing. The latter two are therefore reported only where the flow's own capture is the same:
 * a person or a program changed one of them. */
#include "compare/runs.h"
#include "base/file.h"
#include "compare/mappings.h"
#include "compare/outcomes.h"
#include "compare/windows.h"
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DROPS_FILE "drops.pcapng"
#define MERGED_SUFFIX ".pcapng"
#define CLASSIC_SUFFIX ".pcap"

struct runs {
	const char *directories[2];
	unsigned ignore;
	struct difference_list *list;
	struct arena *arena; /* of the readings of drops */
	struct reading drops[2];
	bool has_drops[2];
	const char *path; /* at fault */
};

struct listing {
	struct dirent **entries;
	int n;
};

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), n_suffix = strlen(suffix);
	return n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0;
}

static int is_output(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       (has_suffix(entry->d_name, MERGED_SUFFIX) || has_suffix(entry->d_name, CLASSIC_SUFFIX) ||
		strcmp(entry->d_name, "nat.csv") == 0 || strcmp(entry->d_name, "report.json") == 0);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_names(struct listing *names)
{
	for (int i = 0; i < names->n; i++)
		free(names->entries[i]);
	free(names->entries);
}

static int list_names(struct runs *runs, const char *directory, struct listing *ret)
{
	ret->n = scandir(directory, &ret->entries, is_output, by_name);
	if (ret->n > 0)
		return 0;
	runs->path = directory;
	int r = ret->n < 0 ? -errno : 1;
	ret->n = 0;
	return r;
}

static int compare_to_name(const void *key, const void *item)
{
	return strcmp(key, (*(struct dirent *const *)item)->d_name);
}

static bool holds(const struct listing *names, const char *name)
{
	if (names->n > 0 && bsearch(name, names->entries, (size_t)names->n, sizeof *names->entries, compare_to_name))
		return true;
	return false;
}

static const char *path_of(struct runs *runs, int which, const char *name)
{
	runs->path = arena_printf(runs->list->arena, "%s/%s", runs->directories[which], name);
	return runs->path;
}

static int tell_file(struct runs *runs, const char *flow, const char *name, const char *problem)
{
	struct difference like = {.kind = DIFFERENCE_FILE, .field = "file", .flow = flow, .after = problem},
			  *difference;
	bool show;
	like.what = arena_strdup(runs->list->arena, name);
	return !like.what || !problem ? -ENOMEM : difference_add(runs->list, runs->list->n, &like, &difference, &show);
}

static int tell_damage(struct runs *runs, const char *flow, int which, const char *name, const struct reading *reading)
{
	const char *path = path_of(runs, which, name);
	return !path ? -ENOMEM
		     : tell_file(runs, flow, path,
				 arena_printf(runs->list->arena, "cannot be read at byte %llu: %s",
					      (unsigned long long)reading->problem_at, reading->problem));
}

#define BLOCK_BYTES ((size_t)65536)

static int read_block(int fd, uint8_t *data, size_t *ret_bytes)
{
	*ret_bytes = 0;
	while (*ret_bytes < BLOCK_BYTES) {
		ssize_t n = file_read(fd, data + *ret_bytes, BLOCK_BYTES - *ret_bytes);
		if (n <= 0)
			return (int)n;
		*ret_bytes += (size_t)n;
	}
	return 0;
}

static int compare_bytes(struct runs *runs, const int fds[static 2], const char *name, uint8_t *data, bool *ret)
{
	size_t n[2] = {BLOCK_BYTES, 0};
	for (*ret = true; *ret && n[0] > 0;) {
		for (int i = 0; i < 2; i++) {
			int r = path_of(runs, i, name) ? read_block(fds[i], data + BLOCK_BYTES * (size_t)i, &n[i])
						       : -ENOMEM;
			if (r < 0)
				return r;
		}
		*ret = n[0] == n[1] && memcmp(data, data + BLOCK_BYTES, n[0]) == 0;
	}
	return 0;
}

static int same_bytes(struct runs *runs, const char *name, bool *ret)
{
	uint8_t *data = malloc(2 * BLOCK_BYTES);
	int fds[2] = {-1, -1}, r = data ? 0 : -ENOMEM;
	for (int i = 0; r == 0 && i < 2; i++) {
		const char *path = path_of(runs, i, name);
		fds[i] = !path ? -ENOMEM : file_open(path);
		r = fds[i] < 0 ? fds[i] : 0;
	}
	if (r == 0)
		r = compare_bytes(runs, fds, name, data, ret);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	free(data);
	return r;
}

static int tell_outside(struct runs *runs, const char *flow, const char *name, uint64_t n)
{
	return n == 0 ? 0
		      : tell_file(
				runs, flow, name,
				arena_printf(runs->list->arena,
					     "is large: %llu packets of it have no counterpart within %zu MB, and were "
					     "not compared with what stands further away",
					     (unsigned long long)n, COMPARE_WINDOW_BYTES >> 20));
}

static int compare_opened(struct runs *runs, const char *flow, const char *name, struct capture_windows *windows)
{
	int r = compare_windows(windows, runs->list);
	for (int i = 0; r > 0 && i < 2; i++) {
		int added = windows->damaged[i].problem ? tell_damage(runs, flow, i, name, &windows->damaged[i]) : 0;
		r = added < 0 ? added : r;
	}
	return r < 0 ? r : tell_outside(runs, flow, name, windows->n_outside);
}

static int open_captures(struct runs *runs, struct arena *arena, const char *name, struct reading_source *ret[static 2])
{
	int r = 0;
	for (int i = 0; r == 0 && i < 2; i++) {
		const char *path = path_of(runs, i, name);
		r = !path ? -ENOMEM : reading_open(arena, path, &ret[i]);
	}
	return r;
}

static int compare_file(struct runs *runs, const char *flow, const char *name)
{
	bool same = false;
	struct arena *arena = arena_new();
	struct capture_windows windows = {
		.flow = flow,
		.drops = runs->has_drops[1] ? &runs->drops[1] : NULL,
		.ignore = runs->ignore,
		.window_bytes = COMPARE_WINDOW_BYTES,
	};
	int r = !arena ? -ENOMEM : same_bytes(runs, name, &same);
	if (r == 0 && !same)
		r = open_captures(runs, arena, name, windows.sources);
	if (r == 0 && !same)
		r = compare_opened(runs, flow, name, &windows);
	reading_close(windows.sources[0]);
	reading_close(windows.sources[1]);
	arena_free(arena);
	return r;
}

/* "call" of "call.pcapng" and "call@web.pcap". */
static const char *flow_of(struct runs *runs, const char *name)
{
	size_t n = strcspn(name, "@");
	if (name[n] == '\0')
		n -= has_suffix(name, MERGED_SUFFIX) ? sizeof(MERGED_SUFFIX) - 1 : sizeof(CLASSIC_SUFFIX) - 1;
	return arena_strndup(runs->list->arena, name, n);
}

static bool flow_differs(const struct runs *runs, const char *flow)
{
	size_t n = strlen(flow);
	for (size_t i = 0; i < runs->list->n; i++) {
		const struct difference *difference = &runs->list->items[i];
		if (difference->kind != DIFFERENCE_OUTCOME && difference->flow &&
		    strncmp(difference->flow, flow, n) == 0 &&
		    (difference->flow[n] == '\0' || difference->flow[n] == '['))
			return true;
	}
	return false;
}

static int compare_merged(struct runs *runs, const struct listing *a, const struct listing *b)
{
	int r = 0;
	for (int i = 0; r == 0 && i < a->n; i++) {
		const char *name = a->entries[i]->d_name, *flow;
		if (!has_suffix(name, MERGED_SUFFIX) || strcmp(name, DROPS_FILE) == 0)
			continue;
		flow = flow_of(runs, name);
		if (!flow)
			r = -ENOMEM;
		else if (holds(b, name))
			r = compare_file(runs, flow, name);
		else
			r = tell_file(runs, flow, name, "is no longer written: the flow is gone, or has no packets");
	}
	for (int i = 0; r == 0 && i < b->n; i++) {
		const char *name = b->entries[i]->d_name, *flow;
		if (!has_suffix(name, MERGED_SUFFIX) || strcmp(name, DROPS_FILE) == 0 || holds(a, name))
			continue;
		flow = flow_of(runs, name);
		r = !flow ? -ENOMEM
			  : tell_file(runs, flow, name, "is new: the flow was not there before, or had no packets");
	}
	return r;
}

static int compare_classic(struct runs *runs, const struct listing *a, const struct listing *b)
{
	int r = 0;
	for (int i = 0; r == 0 && i < a->n; i++) {
		const char *name = a->entries[i]->d_name, *flow;
		if (!has_suffix(name, CLASSIC_SUFFIX))
			continue;
		flow = flow_of(runs, name);
		if (!flow)
			r = -ENOMEM;
		else if (!flow_differs(runs, flow))
			r = holds(b, name) ? compare_file(runs, flow, name)
					   : tell_file(runs, flow, name, "is no longer written");
	}
	return r;
}

/* As many as a window has: they say why packets of other captures were lost. */
static int load_drops(struct runs *runs, const struct listing names[static 2])
{
	int r = 0;
	for (int i = 0; r >= 0 && i < 2; i++) {
		struct reading_source *source = NULL;
		const char *path = path_of(runs, i, DROPS_FILE);
		if (!holds(&names[i], DROPS_FILE))
			continue;
		r = !path ? -ENOMEM : reading_open(runs->arena, path, &source);
		if (r == 0)
			r = reading_next(source, runs->arena, COMPARE_WINDOW_BYTES, &runs->drops[i]);
		runs->has_drops[i] = r == 0;
		if (r > 0)
			r = tell_damage(runs, NULL, i, DROPS_FILE, &runs->drops[i]);
		reading_close(source);
	}
	return r;
}

static int tell_drops(struct runs *runs, const struct difference_list *found)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < found->n; i++) {
		const struct difference *item = &found->items[i];
		const char *flow = arena_strndup(runs->list->arena, item->flow, strcspn(item->flow, "["));
		struct difference *difference;
		bool show;
		if (!flow)
			return -ENOMEM;
		if (!flow_differs(runs, flow))
			r = difference_add(runs->list, runs->list->n, item, &difference, &show);
	}
	return r;
}

static int compare_drops(struct runs *runs, const struct listing names[static 2])
{
	struct capture_windows windows = {
		.flow = "", .are_drops = true, .ignore = runs->ignore, .window_bytes = COMPARE_WINDOW_BYTES};
	struct difference_list found = {.arena = runs->list->arena};
	struct arena *arena = arena_new();
	int r = arena ? 0 : -ENOMEM;
	for (int i = 0; r == 0 && i < 2; i++) {
		const char *path = path_of(runs, i, DROPS_FILE);
		if (holds(&names[i], DROPS_FILE))
			r = !path ? -ENOMEM : reading_open(arena, path, &windows.sources[i]);
	}
	if (r == 0)
		r = compare_windows(&windows, &found);
	if (r >= 0)
		r = tell_drops(runs, &found);
	if (r == 0)
		r = tell_outside(runs, NULL, DROPS_FILE, windows.n_outside);
	reading_close(windows.sources[0]);
	reading_close(windows.sources[1]);
	arena_free(arena);
	return r;
}

/* nat.csv and report.json: what both have. */
static int compare_text(struct runs *runs, const struct listing names[static 2], const char *name,
			int (*compare)(struct runs *runs, const char *a, size_t a_bytes, const char *b, size_t b_bytes))
{
	const uint8_t *data[2];
	size_t n[2];
	struct arena *arena = arena_new();
	int r = !arena ? -ENOMEM : 0;
	bool both = holds(&names[0], name) && holds(&names[1], name);
	for (int i = 0; both && r == 0 && i < 2; i++) {
		const char *path = path_of(runs, i, name);
		r = !path ? -ENOMEM : reading_bytes(arena, path, &data[i], &n[i]);
	}
	if (both && r == 0)
		r = compare(runs, (const char *)data[0], n[0], (const char *)data[1], n[1]);
	arena_free(arena);
	return r;
}

static int mappings(struct runs *runs, const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	return compare_mappings(a, a_bytes, b, b_bytes, runs->ignore, runs->list);
}

static int outcomes(struct runs *runs, const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	int r = compare_outcomes(a, a_bytes, b, b_bytes, runs->list);
	return r > 0 ? tell_file(runs, NULL, "report.json",
				 "cannot be read in one of the directories: it is no report of a run")
		     : r;
}

static int compare_all(struct runs *runs, const struct listing names[static 2])
{
	int r = load_drops(runs, names);
	if (r == 0)
		r = compare_text(runs, names, "report.json", outcomes);
	if (r == 0)
		r = compare_merged(runs, &names[0], &names[1]);
	if (r == 0)
		r = compare_classic(runs, &names[0], &names[1]);
	if (r == 0)
		r = compare_drops(runs, names);
	return r == 0 ? compare_text(runs, names, "nat.csv", mappings) : r;
}

int compare_runs(const char *a, const char *b, unsigned ignore, struct difference_list *list, const char **ret_path)
{
	struct runs runs = {.directories = {a, b}, .ignore = ignore, .list = list, .arena = arena_new()};
	struct listing names[2] = {{NULL, 0}, {NULL, 0}};
	int r = !runs.arena ? -ENOMEM : list_names(&runs, a, &names[0]);
	if (r == 0)
		r = list_names(&runs, b, &names[1]);
	if (r == 0)
		r = compare_all(&runs, names);
	*ret_path = r == 0 ? NULL : runs.path;
	free_names(&names[0]);
	free_names(&names[1]);
	arena_free(runs.arena);
	return r;
}

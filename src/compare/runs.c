/* Directories compared, file by file.
 *
 * DOC: the merged capture of a flow holds what its classic captures hold, and drops.pcapng what happened to those of
 * all flows that came to nothing. The latter two are therefore reported only where the flow's own capture is the same:
 * a person or a program changed one of them. */
#include "compare/runs.h"
#include "compare/capture.h"
#include "compare/mappings.h"
#include "compare/outcomes.h"
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

struct names {
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

static void free_names(struct names *names)
{
	for (int i = 0; i < names->n; i++)
		free(names->entries[i]);
	free(names->entries);
}

static int list_names(struct runs *runs, const char *directory, struct names *ret)
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

static bool holds(const struct names *names, const char *name)
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

/* Loads a capture of one side. *ret_read is false where it could not be read, and that was reported. */
static int load_capture(struct runs *runs, struct arena *arena, int which, const char *flow, const char *name,
			struct reading *ret, bool *ret_read)
{
	const char *path = path_of(runs, which, name);
	int r = !path ? -ENOMEM : reading_load(arena, path, ret);
	*ret_read = r == 0;
	if (r <= 0)
		return r;
	return tell_file(runs, flow, path,
			 arena_printf(runs->list->arena, "cannot be read at byte %llu: %s",
				      (unsigned long long)ret->problem_at, ret->problem));
}

static int same_bytes(struct runs *runs, struct arena *arena, const char *name, bool *ret)
{
	const uint8_t *data[2];
	size_t n[2];
	for (int i = 0; i < 2; i++) {
		const char *path = path_of(runs, i, name);
		int r = !path ? -ENOMEM : reading_bytes(arena, path, &data[i], &n[i]);
		if (r < 0)
			return r;
	}
	*ret = n[0] == n[1] && memcmp(data[0], data[1], n[0]) == 0;
	return 0;
}

static int compare_loaded(struct runs *runs, struct arena *arena, const char *flow, const char *name)
{
	struct reading readings[2];
	bool read[2];
	for (int i = 0; i < 2; i++) {
		int r = load_capture(runs, arena, i, flow, name, &readings[i], &read[i]);
		if (r < 0)
			return r;
	}
	if (!read[0] || !read[1])
		return 0;
	struct capture_pair pair = {
		.flow = flow,
		.a = &readings[0],
		.b = &readings[1],
		.drops_a = runs->has_drops[0] ? &runs->drops[0] : NULL,
		.drops_b = runs->has_drops[1] ? &runs->drops[1] : NULL,
		.ignore = runs->ignore,
	};
	return compare_captures(&pair, runs->list);
}

static int compare_file(struct runs *runs, const char *flow, const char *name)
{
	struct arena *arena = arena_new();
	bool same = false;
	int r = !arena ? -ENOMEM : same_bytes(runs, arena, name, &same);
	if (r == 0 && !same)
		r = compare_loaded(runs, arena, flow, name);
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

static int compare_merged(struct runs *runs, const struct names *a, const struct names *b)
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

static int compare_classic(struct runs *runs, const struct names *a, const struct names *b)
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

static int load_drops(struct runs *runs, const struct names names[static 2])
{
	for (int i = 0; i < 2; i++) {
		int r = holds(&names[i], DROPS_FILE) ? load_capture(runs, runs->arena, i, NULL, DROPS_FILE,
								    &runs->drops[i], &runs->has_drops[i])
						     : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_drops(struct runs *runs)
{
	struct capture_pair pair = {
		.flow = "",
		.a = &runs->drops[0],
		.b = &runs->drops[1],
		.drops_b = &runs->drops[1],
		.ignore = runs->ignore,
	};
	struct difference_list found = {.arena = runs->list->arena};
	int r = compare_captures(&pair, &found);
	for (size_t i = 0; r == 0 && i < found.n; i++) {
		const struct difference *item = &found.items[i];
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

/* nat.csv and report.json: what both have. */
static int compare_text(struct runs *runs, const struct names names[static 2], const char *name,
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

static int compare_all(struct runs *runs, const struct names names[static 2])
{
	int r = load_drops(runs, names);
	if (r == 0)
		r = compare_text(runs, names, "report.json", outcomes);
	if (r == 0)
		r = compare_merged(runs, &names[0], &names[1]);
	if (r == 0)
		r = compare_classic(runs, &names[0], &names[1]);
	if (r == 0)
		r = compare_drops(runs);
	return r == 0 ? compare_text(runs, names, "nat.csv", mappings) : r;
}

int compare_runs(const char *a, const char *b, unsigned ignore, struct difference_list *list, const char **ret_path)
{
	struct runs runs = {.directories = {a, b}, .ignore = ignore, .list = list, .arena = arena_new()};
	struct names names[2] = {{NULL, 0}, {NULL, 0}};
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

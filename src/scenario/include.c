/* DOC: a file names others, relative to itself; their maps are joined with its own, key by key, as if all stood in one
 * file. A key that stands in two of them is an error that names both places, as it is one in a single file; `scenario`
 * alone may stand in each. A file that is included twice is named once as such, not key by key. Each text is kept, for
 * excerpts and for the report, from which a run can be replayed without the files. */
#include "scenario/include.h"
#include <errno.h>
#include <string.h>

#define MAX_FILES 256u
#define MAX_DEPTH 16u

struct reading { /* the file that is being read, and those that led to it */
	const char *file;
	const struct reading *by;
	unsigned depth;
};

/* ---- names of files ---- */

/* As a file's name is written in messages: beside the file that includes it. */
static const char *beside(struct arena *arena, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	while (strncmp(path, "./", 2) == 0)
		path += 2 + strspn(path + 2, "/");
	if (!slash || path[0] == '/')
		return arena_strdup(arena, path);
	return arena_printf(arena, "%.*s%s", (int)(slash + 1 - file), file, path);
}

/* Without `.` and with `x/..` left out, so that two spellings of one path are the same text. */
static const char *plain_path(struct arena *arena, const char *path)
{
	char *plain = arena_alloc(arena, strlen(path) + 2);
	size_t n = 0;
	if (!plain)
		return NULL;
	if (path[0] == '/')
		plain[n++] = '/';
	const size_t root = n;
	while (*path) {
		size_t part = strcspn(path, "/");
		size_t last = n;
		while (last > root && plain[last - 1] != '/')
			last--;
		bool is_up = part == 2 && strncmp(path, "..", 2) == 0;
		bool may_go_up = n > root && strcmp(plain + last, "..") != 0;
		if (is_up && may_go_up) {
			n = last > root ? last - 1 : root;
		} else if (part > 0 && !(part == 1 && path[0] == '.')) {
			if (n > root)
				plain[n++] = '/';
			memcpy(plain + n, path, part);
			n += part;
		}
		plain[n] = '\0';
		path += part + (path[part] == '/');
	}
	plain[n] = '\0';
	return plain;
}

/* ---- reading ---- */

static int note_source(struct includer *includer, const struct source *source, struct place place)
{
	if (includer->n == includer->capacity) {
		size_t capacity = includer->capacity ? 2 * includer->capacity : 4;
		struct source *sources = arena_array(includer->arena, capacity, sizeof *sources);
		struct place *places = arena_array(includer->arena, capacity, sizeof *places);
		if (!sources || !places)
			return -ENOMEM;
		for (size_t i = 0; i < includer->n; i++) {
			sources[i] = includer->sources[i];
			places[i] = includer->places[i];
		}
		includer->sources = sources;
		includer->places = places;
		includer->capacity = capacity;
	}
	includer->sources[includer->n] = *source;
	includer->places[includer->n++] = place;
	return 0;
}

int include_begin(struct includer *includer, const struct source *source)
{
	return note_source(includer, source, PLACE_NONE);
}

/* 0, 1 where it cannot be read, which diags say, or -ENOMEM. */
static int read_text(struct includer *includer, const char *file, struct place place, struct source *ret)
{
	const struct scenario_input *input = includer->input;
	*ret = (struct source){.file = file};
	for (size_t i = 0; i < input->n_stored; i++)
		if (strcmp(input->stored[i].file, file) == 0) {
			ret->text = input->stored[i].text;
			ret->text_bytes = input->stored[i].text_bytes;
			return 0;
		}
	if (input->stored) {
		diag_error(includer->diags, place, "run its scenario again: pktpath run SCENARIO",
			   "the text of `%s` is not stored with this one", file);
		return 1;
	}
	char *text;
	int r = scenario_slurp(includer->arena, file, &text, &ret->text_bytes);
	ret->text = text;
	if (r == 0 || r == -ENOMEM)
		return r;
	diag_error(includer->diags, place, "name files relative to the file that includes them", "cannot read `%s`: %s",
		   file, r == -ESPIPE ? "it is no regular file" : strerror(-r));
	return 1;
}

/* ---- joining ---- */

static void given_twice(struct includer *includer, const struct tree *again, const struct tree *first)
{
	diag_error(includer->diags, again->key_place, "remove one of the two",
		   "`%s` stands here again, it was given at %s", again->key,
		   diag_where(includer->arena, again->key_place, first->key_place));
}

static int join(struct includer *includer, struct tree *into, struct tree *from);

/* A key that both have. */
static int join_key(struct includer *includer, struct tree *there, struct tree *child)
{
	if (tree_is_null(child))
		return 0;
	if (tree_is_null(there)) {
		tree_become(there, child);
		there->place = child->place;
		there->key_place = child->key_place;
		return 0;
	}
	if (there->kind == TREE_MAP && child->kind == TREE_MAP)
		return join(includer, there, child);
	given_twice(includer, child, there);
	return 0;
}

/* What is new is moved in the end, all at once: until then `into` is sorted, so that looking a key up is quick. */
static int join(struct includer *includer, struct tree *into, struct tree *from)
{
	struct tree *new = NULL, **last = &new;
	for (struct tree *child = from->first, *next; child; child = next) {
		struct tree *there = tree_get(into, child->key);
		int r = there ? join_key(includer, there, child) : 0;
		if (r < 0)
			return r;
		next = child->next;
		if (there)
			continue;
		*last = child;
		last = &child->next;
		child->next = NULL;
	}
	for (struct tree *next; new; new = next) {
		next = new->next;
		tree_move(into, new);
	}
	return tree_sort(includer->arena, into);
}

/* What a file says of itself alone is not joined: what it includes, and the version of the language. */
static void drop_own_keys(struct includer *includer, struct tree *from)
{
	struct tree *child = from->first;
	from->first = from->last = NULL;
	from->sorted = NULL;
	from->n = 0;
	for (struct tree *next; child; child = next) {
		next = child->next;
		bool is_version = strcmp(child->key, "scenario") == 0;
		if (is_version && (child->kind != TREE_SCALAR || strcmp(child->text, "1") != 0))
			diag_error(includer->diags, child->place, "write `scenario: 1`, or leave it out",
				   "an included file has the version of the language of the file that includes it");
		/* Of a key that stands twice in the file, which the reader reported, the first counts. */
		if (!is_version && strcmp(child->key, "include") != 0 && !tree_get(from, child->key))
			tree_move(from, child);
	}
}

/* ---- a file ---- */

static int join_files_of(struct includer *includer, struct tree *root, const struct tree *tree,
			 const struct reading *reading);

/* False where this file cannot be included here, which diags say. */
static bool may_include(struct includer *includer, const struct reading *reading, const char *file, struct place place)
{
	const char *plain = plain_path(includer->arena, file);
	for (const struct reading *outer = reading; outer; outer = outer->by) {
		const char *other = plain_path(includer->arena, outer->file);
		if (plain && other && strcmp(plain, other) == 0) {
			diag_error(includer->diags, place, "leave it out", "`%s` includes itself", file);
			return false;
		}
	}
	for (size_t i = 1; i < includer->n; i++) {
		const char *other = plain_path(includer->arena, includer->sources[i].file);
		if (plain && other && strcmp(plain, other) == 0) {
			diag_error(includer->diags, place, "include it once",
				   "`%s` is included again, it was included at %s", file,
				   diag_where(includer->arena, place, includer->places[i]));
			return false;
		}
	}
	if (reading->depth >= MAX_DEPTH || includer->n > MAX_FILES) {
		diag_error(includer->diags, place, "put what belongs together into one file",
			   reading->depth >= MAX_DEPTH ? "files include one another more than %u levels deep"
						       : "a scenario includes more than %u files",
			   reading->depth >= MAX_DEPTH ? MAX_DEPTH : MAX_FILES);
		return false;
	}
	return true;
}

static int join_file(struct includer *includer, struct tree *root, const struct reading *reading, const char *path,
		     struct place place)
{
	const char *file = beside(includer->arena, reading->file, path);
	struct source source;
	struct tree *tree;
	if (!file)
		return -ENOMEM;
	if (!may_include(includer, reading, file, place))
		return 0;
	int r = read_text(includer, file, place, &source);
	if (r != 0)
		return r < 0 ? r : 0;
	r = note_source(includer, &source, place);
	if (r == 0)
		r = tree_read(includer->arena, file, source.text, source.text_bytes, includer->diags, &tree);
	if (r < 0 || tree_is_null(tree))
		return r;
	if (tree->kind != TREE_MAP) {
		diag_error(includer->diags, tree->place, "such as `network: {...}`",
			   "an included file is a map of keys");
		return 0;
	}
	size_t n_errors = includer->diags->n_errors;
	r = join_files_of(includer, root, tree, &(struct reading){file, reading, reading->depth + 1});
	if (r < 0 || includer->diags->n_errors > n_errors)
		return r; /* what is joined after that might be there twice */
	drop_own_keys(includer, tree);
	return join(includer, root, tree);
}

static int join_files_of(struct includer *includer, struct tree *root, const struct tree *tree,
			 const struct reading *reading)
{
	const struct tree *include = tree_get(tree, "include");
	if (tree_is_null(include))
		return 0;
	if (include->kind == TREE_MAP) {
		diag_error(includer->diags, include->place, "include: [network.yaml, flows.yaml]",
			   "`include` is a list of files");
		return 0;
	}
	if (include->kind == TREE_SCALAR)
		return join_file(includer, root, reading, include->text, include->place);
	int r = 0;
	for (const struct tree *item = include->first; r == 0 && item; item = item->next) {
		if (item->kind == TREE_SCALAR && item->text[0] != '\0')
			r = join_file(includer, root, reading, item->text, item->place);
		else
			diag_error(includer->diags, item->place, "include: [network.yaml, flows.yaml]",
				   "`include` is a list of files");
	}
	return r;
}

int include_join(struct includer *includer, struct tree *root)
{
	if (root->kind != TREE_MAP)
		return 0;
	return join_files_of(includer, root, root, &(struct reading){.file = includer->sources[0].file});
}

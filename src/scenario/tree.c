/* DOC: libfyaml parses, event by event; this file builds the tree and guards it: nesting, control characters (messages
 * show what files say, on terminals), duplicate keys, and the parts of YAML that a scenario has no use for.
 *
 * libfyaml has marks on scalars only: a container stands where its key stands, or, in a list, where its first scalar
 * does. */
#include "scenario/tree.h"
#include "scenario/load.h"
#include "scenario/yaml.h"
#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#define SMALL_MAP 8u /* up to so many children are looked through one by one */

struct reader {
	struct arena *arena;
	const char *file;
	struct diag_list *diags;
	struct tree *root;
	struct tree *at; /* the container being filled; NULL at the top */
	const char *key; /* read, its value is still to come */
	struct place key_place;
	struct place last_place; /* of the last token that had one */
	unsigned depth;
	unsigned n_documents;
	bool stop;
};

/* ---- the tree ---- */

struct tree *tree_add(struct arena *arena, struct tree *parent, enum tree_kind kind, const char *key,
		      struct place place)
{
	struct tree *tree = arena_alloc(arena, sizeof *tree);
	if (!tree)
		return NULL;
	*tree = (struct tree){.kind = kind, .place = place, .key = key, .key_place = place, .parent = parent};
	if (!parent)
		return tree;
	if (parent->last)
		parent->last->next = tree;
	else
		parent->first = tree;
	parent->last = tree;
	parent->n++;
	parent->sorted = NULL;
	return tree;
}

void tree_move(struct tree *parent, struct tree *child)
{
	child->parent = parent;
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->n++;
	parent->sorted = NULL;
}

void tree_become(struct tree *node, const struct tree *value)
{
	node->kind = value->kind;
	node->text = value->text;
	node->quoted = value->quoted;
	node->first = value->first;
	node->last = value->last;
	node->n = value->n;
	node->sorted = value->sorted;
	for (struct tree *child = node->first; child; child = child->next)
		child->parent = node;
}

struct tree *tree_copy(struct arena *arena, const struct tree *tree)
{
	struct tree *copy = arena_alloc(arena, sizeof *copy);
	if (!copy)
		return NULL;
	*copy = *tree;
	copy->first = copy->last = copy->next = copy->parent = NULL;
	copy->sorted = NULL;
	copy->n = 0;
	for (const struct tree *child = tree->first; child; child = child->next) {
		struct tree *copied = tree_copy(arena, child);
		if (!copied)
			return NULL;
		tree_move(copy, copied);
	}
	return tree_sort(arena, copy) == 0 ? copy : NULL;
}

/* By key; equal keys in the order of the file. */
static int compare_keys(const void *a, const void *b)
{
	const struct tree *x = *(struct tree *const *)a, *y = *(struct tree *const *)b;
	int order = strcmp(x->key, y->key);
	if (order != 0)
		return order;
	if (x->key_place.line != y->key_place.line)
		return x->key_place.line < y->key_place.line ? -1 : 1;
	return x->key_place.column < y->key_place.column ? -1 : x->key_place.column > y->key_place.column;
}

int tree_sort(struct arena *arena, struct tree *map)
{
	map->sorted = NULL;
	if (map->kind != TREE_MAP || map->n <= SMALL_MAP)
		return 0;
	struct tree **sorted = arena_array(arena, map->n, sizeof *sorted);
	if (!sorted)
		return -ENOMEM;
	size_t n = 0;
	for (struct tree *child = map->first; child; child = child->next)
		sorted[n++] = child;
	qsort(sorted, n, sizeof *sorted, compare_keys);
	map->sorted = sorted;
	return 0;
}

struct tree *tree_get(const struct tree *map, const char *key)
{
	if (!map || map->kind != TREE_MAP)
		return NULL;
	if (map->sorted) {
		size_t low = 0, high = map->n; /* the first whose key is not less */
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (strcmp(map->sorted[middle]->key, key) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		return low < map->n && strcmp(map->sorted[low]->key, key) == 0 ? map->sorted[low] : NULL;
	}
	for (struct tree *child = map->first; child; child = child->next)
		if (child->key[0] == key[0] && strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

size_t tree_part(const struct tree *node, const char *path)
{
	size_t first = strcspn(path, "."), best = first;
	if (!node || node->kind != TREE_MAP)
		return first;
	for (const struct tree *child = node->first; child; child = child->next) {
		size_t n = strlen(child->key);
		if (n > best && strncmp(path, child->key, n) == 0 && (path[n] == '.' || path[n] == '\0'))
			best = n;
	}
	return best;
}

bool tree_is_null(const struct tree *tree)
{
	return !tree || (tree->kind == TREE_SCALAR && !tree->quoted &&
			 (tree->text[0] == '\0' || strcmp(tree->text, "~") == 0 || strcmp(tree->text, "null") == 0));
}

/* ---- events ---- */

static struct place place_of(struct reader *reader, struct fy_token *token)
{
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
	if (mark)
		reader->last_place = (struct place){reader->file, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
	return reader->last_place;
}

static void refuse(struct reader *reader, struct place place, const char *hint, const char *what)
{
	diag_error(reader->diags, place, hint, "%s", what);
	reader->stop = true;
}

static void check_plain(struct reader *reader, struct fy_token *anchor, struct fy_token *tag)
{
	struct place last = reader->last_place;
	if (anchor)
		diag_error(reader->diags, place_of(reader, anchor), "write it out",
			   "anchors are not used in scenarios");
	if (tag)
		diag_error(reader->diags, place_of(reader, tag), "leave it out", "tags are not used in scenarios");
	reader->last_place = last;
}

static int new_node(struct reader *reader, enum tree_kind kind, struct place place, struct tree **ret)
{
	struct place where = reader->key ? reader->key_place : place;
	struct tree *tree = tree_add(reader->arena, reader->at, kind, reader->key, where);
	if (!tree)
		return -ENOMEM;
	if (kind == TREE_SCALAR)
		tree->place = place;
	if (!reader->at)
		reader->root = tree;
	reader->key = NULL;
	*ret = tree;
	return 0;
}

static int on_container(struct reader *reader, enum tree_kind kind, struct fy_token *token, struct fy_token *anchor,
			struct fy_token *tag)
{
	struct place place = place_of(reader, token);
	check_plain(reader, anchor, tag);
	if (reader->at && reader->at->kind == TREE_MAP && !reader->key) {
		refuse(reader, place, "keys are plain words", "a map or a list cannot be a key");
		return 0;
	}
	if (++reader->depth > SCENARIO_MAX_DEPTH) {
		refuse(reader, place, "no scenario needs more than a dozen levels",
		       "the file nests deeper than 64 levels");
		return 0;
	}
	struct tree *tree;
	int r = new_node(reader, kind, place, &tree);
	if (r == 0)
		reader->at = tree;
	return r;
}

static void duplicate_key(struct reader *reader, const struct tree *again, const struct tree *first)
{
	diag_error(reader->diags, again->key_place, "remove one of the two",
		   "`%s` stands here again, it was given at %s", again->key,
		   diag_where(reader->arena, again->key_place, first->key_place));
}

static void check_duplicates(struct reader *reader, const struct tree *map)
{
	for (size_t i = 1; map->sorted && i < map->n; i++)
		if (strcmp(map->sorted[i]->key, map->sorted[i - 1]->key) == 0)
			duplicate_key(reader, map->sorted[i], map->sorted[i - 1]);
	for (const struct tree *child = map->sorted ? NULL : map->first; child; child = child->next) {
		const struct tree *first = tree_get(map, child->key);
		if (first != child)
			duplicate_key(reader, child, first);
	}
}

static int on_container_end(struct reader *reader)
{
	struct tree *tree = reader->at;
	reader->depth--;
	if (!tree)
		return 0;
	reader->at = tree->parent;
	if (tree->kind != TREE_MAP)
		return 0;
	int r = tree_sort(reader->arena, tree);
	if (r == 0)
		check_duplicates(reader, tree);
	return r;
}

static int on_key(struct reader *reader, const char *text, struct place place)
{
	struct tree *map = reader->at;
	if (strcmp(text, "<<") == 0)
		refuse(reader, place, "write the keys out", "merge keys are not used in scenarios");
	if (map->n == 0 && !map->key)
		map->place = place; /* an item of a list is where its first key is */
	reader->key = text;
	reader->key_place = place;
	return 0;
}

/* C0 (NUL among them, by an escape) but for tab and line feed, DEL, and C1, whose UTF-8 is c2 80 to c2 9f. */
static bool has_control(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i], next = i + 1 < n ? (unsigned char)text[i + 1] : 0;
		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
			return true;
	}
	return false;
}

static int on_scalar(struct reader *reader, struct fy_event *event)
{
	struct fy_token *token = event->scalar.value;
	struct place place = place_of(reader, token);
	check_plain(reader, event->scalar.anchor, event->scalar.tag);
	size_t n = 0;
	const char *raw = token ? fy_token_get_text(token, &n) : "";
	char *text = raw ? arena_strndup(reader->arena, raw, n) : NULL;
	/* Where libfyaml has no memory for a text it gives an empty one. */
	if (!text || (n == 0 && token && fy_token_get_text_length(token) > 0))
		return -ENOMEM;
	if (has_control(text, n)) {
		refuse(reader, place, "remove it", "a control character in a text");
		return 0;
	}
	if (reader->at && reader->at->kind == TREE_MAP && !reader->key)
		return on_key(reader, text, place);
	struct tree *tree;
	int r = new_node(reader, TREE_SCALAR, place, &tree);
	if (r < 0)
		return r;
	tree->text = text;
	tree->quoted = token && fy_token_scalar_style(token) != FYSS_PLAIN;
	return 0;
}

static int on_event(struct reader *reader, struct fy_event *event)
{
	switch (event->type) {
	case FYET_DOCUMENT_START:
		if (++reader->n_documents == 2)
			refuse(reader, place_of(reader, event->document_start.document_start), "one scenario a file",
			       "a second document begins here");
		return 0;
	case FYET_MAPPING_START:
		return on_container(reader, TREE_MAP, event->mapping_start.mapping_start, event->mapping_start.anchor,
				    event->mapping_start.tag);
	case FYET_SEQUENCE_START:
		return on_container(reader, TREE_LIST, event->sequence_start.sequence_start,
				    event->sequence_start.anchor, event->sequence_start.tag);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		return on_container_end(reader);
	case FYET_SCALAR:
		return on_scalar(reader, event);
	case FYET_ALIAS:
		refuse(reader, place_of(reader, event->alias.anchor), "write it out",
		       "aliases are not used in scenarios");
		return 0;
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
	case FYET_DOCUMENT_END:
		break;
	}
	return 0;
}

/* ---- reading ---- */

static int read_events(struct reader *reader, struct yaml *yaml)
{
	int r = 0;
	while (r == 0 && !reader->stop) {
		struct fy_event *event = fy_parser_parse(yaml->parser);
		if (!event) {
			r = yaml_complain(yaml, reader->last_place, reader->diags);
			reader->stop = r != 0 || reader->stop;
			r = r < 0 ? r : 0;
			break;
		}
		r = on_event(reader, event);
		fy_parser_event_free(yaml->parser, event);
	}
	return r;
}

int tree_read(struct arena *arena, const char *file, const char *text, size_t text_bytes, struct diag_list *diags,
	      struct tree **ret)
{
	*ret = NULL;
	struct yaml yaml;
	struct reader reader = {.arena = arena, .file = file, .diags = diags, .last_place = {file, 1, 1}};
	int r = yaml_begin(&yaml, &(struct source){file, text, text_bytes}, diags);
	if (r != 0)
		return r < 0 ? r : 0;
	r = read_events(&reader, &yaml);
	yaml_end(&yaml);
	if (r == 0 && !reader.stop)
		*ret = reader.root;
	return r;
}

/* Items below the key, before keys are compared with those that are known: where it is misspelt, as many as it may turn out to have. */
size_t tree_count(const struct tree *node, const char *key)
{
	const struct tree *child = tree_get(node, key);
	size_t n = child ? child->n : 0;
	for (const struct tree *other = child || !node ? NULL : node->first; other; other = other->next)
		n = other->n > n ? other->n : n;
	return n;
}

/* DOC: libfyaml parses, event by event; this file builds the tree and guards it: size, nesting, UTF-8 and NUL (which libfyaml 0.7.12 lets pass), duplicate keys, and the parts
 * of YAML that a scenario has no use for. libfyaml's own complaints are collected and become diagnostics like all others; it prints nothing. */
#include "scenario/tree.h"
#include "scenario/load.h"
#include <errno.h>
#include <libfyaml.h>
#include <string.h>

struct reader {
	struct arena *arena;
	const char *file;
	struct diag_list *diags;
	struct tree *root;
	struct tree *at;         /* the container being filled; NULL at the top */
	const char *key;         /* read, its value is still to come */
	struct place key_place;
	struct place last_place; /* of the last token that had one */
	unsigned depth;
	unsigned n_documents;
	bool stop;
};

/* ---- the text ---- */

static struct place place_at(const char *file, const char *text, size_t offset)
{
	struct place place = {file, 1, 1};
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

/* Length of the UTF-8 sequence at `p` (RFC 3629: no overlong forms, no surrogates), 0 where it is none. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool wrong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
	return wrong ? 0 : n;
}

static bool text_is_sound(const char *file, const char *text, size_t text_bytes, struct diag_list *diags)
{
	for (size_t i = 0; i < text_bytes;) {
		size_t n = utf8_length((const unsigned char *)text + i, text_bytes - i);
		if (n == 0 || text[i] == '\0') {
			diag_error(diags, place_at(file, text, i), n ? "remove it" : "save the file as UTF-8",
				   n ? "a NUL byte in the file" : "the file is not valid UTF-8");
			return false;
		}
		i += n;
	}
	return true;
}

/* ---- the tree ---- */

struct tree *tree_add(struct arena *arena, struct tree *parent, enum tree_kind kind, const char *key, struct place place)
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
	return tree;
}

struct tree *tree_get(const struct tree *map, const char *key)
{
	if (!map || map->kind != TREE_MAP)
		return NULL;
	for (struct tree *child = map->first; child; child = child->next)
		if (strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

bool tree_is_null(const struct tree *tree)
{
	return !tree || (tree->kind == TREE_SCALAR && !tree->quoted && (tree->text[0] == '\0' || strcmp(tree->text, "~") == 0 || strcmp(tree->text, "null") == 0));
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

static int on_container(struct reader *reader, enum tree_kind kind, struct fy_token *token, struct fy_token *anchor, struct fy_token *tag)
{
	struct place place = place_of(reader, token);
	if (anchor || tag) {
		refuse(reader, place_of(reader, anchor ? anchor : tag), "write it out", anchor ? "anchors are not used in scenarios" : "tags are not used in scenarios");
		return 0;
	}
	if (reader->at && reader->at->kind == TREE_MAP && !reader->key) {
		refuse(reader, place, "keys are plain words", "a map or a list cannot be a key");
		return 0;
	}
	if (++reader->depth > SCENARIO_MAX_DEPTH) {
		refuse(reader, place, "no scenario needs more than a dozen levels", "the file nests deeper than 64 levels");
		return 0;
	}
	struct tree *tree;
	int r = new_node(reader, kind, place, &tree);
	if (r == 0)
		reader->at = tree;
	return r;
}

static void on_container_end(struct reader *reader)
{
	if (reader->at)
		reader->at = reader->at->parent;
	reader->depth--;
}

static int on_key(struct reader *reader, const char *text, struct place place)
{
	struct tree *map = reader->at;
	struct tree *other = tree_get(map, text);
	if (other)
		diag_error(reader->diags, place, "remove one of the two", "`%s` stands here again, it was given at line %u", text, other->key_place.line);
	if (strcmp(text, "<<") == 0)
		refuse(reader, place, "write the keys out", "merge keys are not used in scenarios");
	if (map->n == 0 && !map->key)
		map->place = place; /* an item of a list is where its first key is */
	reader->key = text;
	reader->key_place = place;
	return 0;
}

static int on_scalar(struct reader *reader, struct fy_event *event)
{
	struct fy_token *token = event->scalar.value;
	struct place place = place_of(reader, token);
	if (event->scalar.anchor || event->scalar.tag) {
		refuse(reader, place, "write it out", event->scalar.anchor ? "anchors are not used in scenarios" : "tags are not used in scenarios");
		return 0;
	}
	size_t n = 0;
	const char *raw = token ? fy_token_get_text(token, &n) : "";
	char *text = arena_strndup(reader->arena, raw ? raw : "", n);
	if (!text)
		return -ENOMEM;
	if (strlen(text) != n) {
		refuse(reader, place, "remove the \\0", "a NUL character in a text");
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
			refuse(reader, place_of(reader, event->document_start.document_start), "one scenario a file", "a second document begins here");
		return 0;
	case FYET_MAPPING_START:
		return on_container(reader, TREE_MAP, event->mapping_start.mapping_start, event->mapping_start.anchor, event->mapping_start.tag);
	case FYET_SEQUENCE_START:
		return on_container(reader, TREE_LIST, event->sequence_start.sequence_start, event->sequence_start.anchor, event->sequence_start.tag);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		on_container_end(reader);
		return 0;
	case FYET_SCALAR:
		return on_scalar(reader, event);
	case FYET_ALIAS:
		refuse(reader, place_of(reader, event->alias.anchor), "write it out", "aliases are not used in scenarios");
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

static void take_complaints(struct reader *reader, struct fy_diag *fy)
{
	void *previous = NULL;
	const struct fy_diag_error *error;
	bool any = false;
	while ((error = fy_diag_errors_iterate(fy, &previous))) {
		struct place place = {reader->file, (uint32_t)(error->line > 0 ? error->line : 1), (uint32_t)(error->column > 0 ? error->column : 1)};
		diag_error(reader->diags, place, "check indentation, brackets and quotes near here", "YAML: %s", error->msg ? error->msg : "syntax error");
		any = true;
	}
	if (!any)
		diag_error(reader->diags, reader->last_place, "check indentation, brackets and quotes near here", "YAML: syntax error");
}

static int read_events(struct reader *reader, struct fy_parser *parser, struct fy_diag *fy)
{
	int r = 0;
	while (r == 0 && !reader->stop) {
		struct fy_event *event = fy_parser_parse(parser);
		if (!event) {
			if (fy_parser_get_stream_error(parser))
				take_complaints(reader, fy);
			break;
		}
		r = on_event(reader, event);
		fy_parser_event_free(parser, event);
	}
	return r;
}

int tree_read(struct arena *arena, const char *file, const char *text, size_t text_bytes, struct diag_list *diags, struct tree **ret)
{
	*ret = NULL;
	size_t errors_before = diags->n_errors;
	if (text_bytes > SCENARIO_MAX_BYTES) {
		diag_error(diags, (struct place){file, 1, 1}, "split it, or use `repeat`", "the file is larger than 16 MiB");
		return 0;
	}
	if (!text_is_sound(file, text, text_bytes, diags))
		return 0;
	struct fy_diag_cfg diag_config;
	fy_diag_cfg_default(&diag_config);
	diag_config.fp = NULL;
	diag_config.level = FYET_ERROR;
	struct fy_diag *fy = fy_diag_create(&diag_config);
	if (!fy)
		return -ENOMEM;
	fy_diag_set_collect_errors(fy, true);
	struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_DISABLE_RECYCLING, .diag = fy};
	struct fy_parser *parser = fy_parser_create(&config);
	int r = parser && fy_parser_set_string(parser, text, text_bytes) == 0 ? 0 : -ENOMEM;
	struct reader reader = {.arena = arena, .file = file, .diags = diags, .last_place = {file, 1, 1}};
	if (r == 0)
		r = read_events(&reader, parser, fy);
	fy_parser_destroy(parser);
	fy_diag_destroy(fy);
	if (r < 0)
		return r;
	if (diags->n_errors > errors_before)
		return 0;
	if (!reader.root || tree_is_null(reader.root)) {
		diag_error(diags, (struct place){file, 1, 1}, "begin with `scenario: 1`", "the file is empty");
		return 0;
	}
	*ret = reader.root;
	return 0;
}

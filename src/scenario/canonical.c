/* DOC: the scenario as it was loaded, as text: every value that the model has, defaults and what was set included, in
 * the order of the table of keys; what only the file has stands as it was written. It loads equal. */
#include "scenario/values.h"
#include <string.h>

static void indent(struct buf *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		buf_puts(out, "  ");
}

/* Whether a text may stand without quotes wherever a scalar may, also inside of brackets. */
static bool is_plain(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	if (!*text || strcmp(text, "null") == 0 || !strchr(letters, *text))
		return false;
	for (const char *at = text; *at; at++)
		if (!strchr(letters, *at) && !strchr("._/%+()-", *at))
			return false;
	return true;
}

static void put_text(struct buf *out, const char *text, bool is_quoted)
{
	if (!is_quoted && is_plain(text)) {
		buf_puts(out, text);
		return;
	}
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '\n')
			buf_puts(out, "\\n");
		else if (*text == '\t')
			buf_puts(out, "\\t");
		else if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

/* ---- as written ---- */

static void put_tree(struct buf *out, const struct tree *tree)
{
	if (tree->kind == TREE_SCALAR) {
		if (!tree_is_null(tree))
			put_text(out, tree->text, tree->quoted && strcmp(tree->text, "~") == 0);
		else
			buf_putc(out, '~');
		return;
	}
	buf_putc(out, tree->kind == TREE_MAP ? '{' : '[');
	for (const struct tree *child = tree->first; child; child = child->next) {
		if (child != tree->first)
			buf_puts(out, ", ");
		if (child->key) {
			put_text(out, child->key, false);
			buf_puts(out, ": ");
		}
		put_tree(out, child);
	}
	buf_putc(out, tree->kind == TREE_MAP ? '}' : ']');
}

/* A list of maps has a line an item, a map of maps a line a name. */
static void put_written(struct buf *out, const struct tree *tree, unsigned depth)
{
	if (tree->kind == TREE_SCALAR || !tree->first || tree->first->kind != TREE_MAP) {
		buf_putc(out, ' ');
		put_tree(out, tree);
		buf_putc(out, '\n');
		return;
	}
	buf_putc(out, '\n');
	for (const struct tree *child = tree->first; child; child = child->next) {
		indent(out, depth);
		if (child->key) {
			put_text(out, child->key, false);
			buf_puts(out, ": ");
		} else {
			buf_puts(out, "- ");
		}
		put_tree(out, child);
		buf_putc(out, '\n');
	}
}

/* ---- as loaded ---- */

static void put_inline(struct buf *out, const struct resolved *value)
{
	if (value->kind == TREE_SCALAR) {
		put_text(out, value->text, value->is_quoted);
		return;
	}
	buf_putc(out, value->kind == TREE_MAP ? '{' : '[');
	for (const struct resolved *item = value->first; item; item = item->next) {
		if (item != value->first)
			buf_puts(out, ", ");
		if (item->name)
			buf_printf(out, "%s: ", item->name);
		put_inline(out, item);
	}
	buf_putc(out, value->kind == TREE_MAP ? '}' : ']');
}

static void put_map(struct buf *out, const struct resolved *map, unsigned depth);

static void put_value(struct buf *out, const struct resolved *value, unsigned depth)
{
	indent(out, depth);
	put_text(out, value->name, false);
	buf_putc(out, ':');
	if (value->written) {
		put_written(out, value->written, depth + 1);
	} else if (value->kind == TREE_MAP && value->first) {
		buf_putc(out, '\n');
		put_map(out, value, depth + 1);
	} else if (value->kind == TREE_LIST && value->first && value->first->kind == TREE_MAP) {
		buf_putc(out, '\n');
		for (const struct resolved *item = value->first; item; item = item->next) {
			indent(out, depth + 1);
			buf_puts(out, "- ");
			put_inline(out, item);
			buf_putc(out, '\n');
		}
	} else {
		buf_putc(out, ' ');
		put_inline(out, value);
		buf_putc(out, '\n');
	}
}

/* What the file need not say: a section without anything in it. */
static bool is_empty(const struct resolved *value)
{
	return value->kind == TREE_MAP && value->key && !value->first;
}

static void put_map(struct buf *out, const struct resolved *map, unsigned depth)
{
	for (const struct resolved *value = map->first; value; value = value->next)
		if (!value->is_implied && !is_empty(value))
			put_value(out, value, depth);
}

const char *scenario_print(struct arena *arena, const struct model *model, const struct tree *tree, size_t *ret_bytes)
{
	const struct resolved *root = values_resolve(arena, model, tree);
	struct buf out = {0};
	if (root)
		put_map(&out, root, 0);
	const char *text = root && !buf_failed(&out) ? arena_strndup(arena, buf_text(&out), out.size_bytes) : NULL;
	*ret_bytes = out.size_bytes;
	buf_free(&out);
	return text;
}

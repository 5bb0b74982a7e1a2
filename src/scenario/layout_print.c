/* DOC: the house style. Two columns a level, items of lists one level below their key; one blank around what stands in
 * brackets and behind a colon or comma, none inside brackets; line breaks inside brackets stay where the file has them,
 * one level below the line that opens them; at most one empty line in a row, and none below a key; comments in lines of
 * their own are indented like what they stand above. Comments behind something keep their column where there is room,
 * and stay below one another where they were. */
#include "scenario/layout.h"
#include <errno.h>
#include <string.h>

#define STEP 2u

struct printed_line {
	size_t from, n; /* in `text` */
	const struct comment *comment;
};

struct printer {
	struct arena *arena;
	struct buf text; /* of all lines, without their comments behind and line breaks */
	struct printed_line *lines;
	size_t n, capacity;
	size_t begin; /* where the current line begins in `text` */
	bool failed;
};

/* ---- lines ---- */

static void end_line(struct printer *printer, const struct comment *comment)
{
	if (printer->n == printer->capacity) {
		size_t capacity = printer->capacity ? 2 * printer->capacity : 256;
		struct printed_line *lines = arena_array(printer->arena, capacity, sizeof *lines);
		if (!lines) {
			printer->failed = true;
			return;
		}
		for (size_t i = 0; i < printer->n; i++)
			lines[i] = printer->lines[i];
		printer->lines = lines;
		printer->capacity = capacity;
	}
	printer->lines[printer->n++] =
		(struct printed_line){printer->begin, printer->text.size_bytes - printer->begin, comment};
	printer->begin = printer->text.size_bytes;
}

static bool is_at_line_start(const struct printer *printer)
{
	return printer->text.size_bytes == printer->begin;
}

static void put(struct printer *printer, const char *text, size_t n)
{
	buf_append(&printer->text, text, n);
}

static void put_slice(struct printer *printer, struct slice slice)
{
	put(printer, slice.at, slice.n);
}

static void indent(struct printer *printer, uint32_t column)
{
	for (uint32_t i = 0; i < column; i++)
		buf_putc(&printer->text, ' ');
}

static void empty_line(struct printer *printer)
{
	if (printer->n > 0 && printer->lines[printer->n - 1].n > 0)
		end_line(printer, NULL);
}

static void put_comments(struct printer *printer, const struct comments *comments, uint32_t column, bool is_first)
{
	for (const struct comment *comment = comments->first; comment; comment = comment->next) {
		if (comment->blank_before && !is_first)
			empty_line(printer);
		is_first = false;
		indent(printer, column);
		put_slice(printer, comment->text);
		end_line(printer, NULL);
	}
}

/* ---- scalars ---- */

/* A text of several lines: YAML takes no notice of how further ones are indented, nor of blanks at their ends. */
static void put_text(struct printer *printer, struct slice text, uint32_t column)
{
	const char *at = text.at, *end = text.at + text.n;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((newline ? newline : end) - at);
		if (newline)
			while (n > 0 && strchr(" \t\r", at[n - 1]) && !(n > 1 && at[n - 2] == '\\'))
				n--;
		put(printer, at, n);
		if (!newline)
			return;
		end_line(printer, NULL);
		at = newline + 1;
		at += strspn(at, " \t\r");
		if (*at != '\n')
			indent(printer, column);
	}
}

static bool has_digit(struct slice header)
{
	size_t n = strcspn(header.at, "123456789# \n");
	return n < header.n && header.at[n] >= '1' && header.at[n] <= '9';
}

/* `column`: of the block that the scalar stands in. */
static void put_block(struct printer *printer, const struct layout_node *node, uint32_t column)
{
	put_slice(printer, node->header);
	uint32_t step = STEP;
	if (has_digit(node->header))
		step = (uint32_t)(node->header.at[strcspn(node->header.at, "123456789")] - '0');
	end_line(printer, NULL);
	const char *at = node->text.at, *end = at + node->text.n;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((newline ? newline : end) - at);
		size_t blanks = 0;
		if (n > 0 && at[n - 1] == '\r')
			n--;
		while (blanks < n && blanks < node->text_column && at[blanks] == ' ')
			blanks++;
		if (blanks < n) {
			indent(printer, column + step);
			put(printer, at + blanks, n - blanks);
		}
		end_line(printer, NULL);
		at = newline ? newline + 1 : end;
	}
}

/* blank: there is one before them. Returns whether there is one due before what follows. */
static bool put_properties(struct printer *printer, const struct layout_node *node, bool blank)
{
	const struct slice properties[] = {node->anchor, node->tag};
	for (size_t i = 0; i < 2; i++) {
		if (!properties[i].n)
			continue;
		if (blank)
			buf_putc(&printer->text, ' ');
		put_slice(printer, properties[i]);
		blank = true;
	}
	return blank;
}

/* ---- in brackets ---- */

/* Where lines inside of brackets begin, and one that begins with the closing bracket. */
struct inside {
	uint32_t entries, close;
};
static void put_flow(struct printer *printer, const struct layout_node *node, struct inside inside);

/* A value in brackets, or a scalar, behind a blank where it does not begin a line. */
static void put_inline(struct printer *printer, const struct layout_node *node, struct inside inside, bool blank)
{
	bool has_text = node->kind == LAYOUT_MAP || node->kind == LAYOUT_LIST || node->text.n > 0;
	if (put_properties(printer, node, blank) && has_text)
		buf_putc(&printer->text, ' ');
	if (node->kind == LAYOUT_MAP || node->kind == LAYOUT_LIST)
		put_flow(printer, node, inside);
	else
		put_text(printer, node->text, inside.close);
}

/* A key without a value. */
static bool is_absent(const struct layout_node *node)
{
	return node->kind == LAYOUT_SCALAR && !node->text.n && !node->header.n && !node->anchor.n && !node->tag.n;
}

static void put_flow_entry(struct printer *printer, const struct layout_entry *entry, uint32_t column)
{
	struct inside inside = {column + STEP, column};
	if (!entry->key) {
		put_inline(printer, entry->value, inside, false);
		return;
	}
	put_inline(printer, entry->key, inside, false);
	if (!entry->has_colon)
		return;
	if (entry->key->kind == LAYOUT_ALIAS)
		buf_putc(&printer->text, ' '); /* a colon may be a part of its name */
	buf_putc(&printer->text, ':');
	bool breaks = entry->key->comment && !is_absent(entry->value);
	if (breaks) {
		end_line(printer, entry->key->comment);
		indent(printer, column);
	}
	put_inline(printer, entry->value, inside, !breaks);
}

/* The comment behind an entry in brackets, which stands behind its comma. */
static const struct comment *comment_behind(const struct layout_entry *entry)
{
	const struct layout_node *last = entry->value;
	while (last->is_bare && last->last)
		last = last->last->value;
	if (!last->comment && entry->key && is_absent(last))
		return entry->key->comment;
	return last->comment;
}

static void put_flow(struct printer *printer, const struct layout_node *node, struct inside inside)
{
	const struct comment *behind = node->open_comment;
	uint32_t inner = node->is_bare ? inside.close : inside.entries;
	if (!node->is_bare)
		buf_putc(&printer->text, node->kind == LAYOUT_MAP ? '{' : '[');
	for (const struct layout_entry *entry = node->first; entry; entry = entry->next) {
		bool is_first = entry == node->first;
		if (behind || entry->above.first || (entry->begins_line && !node->is_bare)) {
			if (!is_at_line_start(printer) || behind)
				end_line(printer, behind);
			if (entry->blank_before && !is_first)
				empty_line(printer);
			put_comments(printer, &entry->above, inner, is_first);
			indent(printer, inner);
		} else if (!is_first) {
			buf_putc(&printer->text, ' ');
		}
		put_flow_entry(printer, entry, inner);
		if (entry->next)
			buf_putc(&printer->text, ',');
		behind = node->is_bare ? NULL : comment_behind(entry);
	}
	if (node->is_bare)
		return;
	if (behind || node->end.first || node->closes_on_line) {
		end_line(printer, behind);
		put_comments(printer, &node->end, inner, !node->first);
		indent(printer, inside.close);
	}
	buf_putc(&printer->text, node->kind == LAYOUT_MAP ? '}' : ']');
}

/* ---- in lines ---- */

static void put_entries(struct printer *printer, const struct layout_node *node, uint32_t column, bool in_line);

/* Behind a colon or a hyphen. `column`: of the block that it stands in; `key`: whose value it is, or NULL. */
static void put_value(struct printer *printer, const struct layout_node *node, uint32_t column,
		      const struct layout_node *key)
{
	const struct comment *behind_key = key ? key->comment : NULL;
	bool is_block = (node->kind == LAYOUT_MAP || node->kind == LAYOUT_LIST) && !node->is_flow;
	bool has_properties = node->anchor.n || node->tag.n;
	if (is_block && (key || has_properties)) {
		(void)put_properties(printer, node, true);
		end_line(printer, behind_key);
		put_entries(printer, node, column + STEP, false);
		return;
	}
	if (is_block) {
		buf_putc(&printer->text, ' ');
		put_entries(printer, node, column + STEP, true);
		return;
	}
	if (node->header.n) {
		(void)put_properties(printer, node, true);
		buf_putc(&printer->text, ' ');
		put_block(printer, node, column);
		return;
	}
	bool breaks = behind_key && !is_absent(node);
	/* YAML wants all of it deeper than the block, the closing bracket too. */
	struct inside inside = {column + (key ? STEP : 2 * STEP), column + STEP};
	if (breaks) {
		end_line(printer, behind_key);
		indent(printer, column + STEP);
	}
	put_inline(printer, node, inside, !breaks);
	end_line(printer, is_absent(node) && !node->comment ? behind_key : node->comment);
}

/* in_line: the first entry goes on with the line. */
static void put_entries(struct printer *printer, const struct layout_node *node, uint32_t column, bool in_line)
{
	for (const struct layout_entry *entry = node->first; entry; entry = entry->next) {
		bool is_first = entry == node->first;
		bool is_top = column == 0 && is_first;
		put_comments(printer, &entry->above, column, is_first && !is_top);
		if (entry->blank_before && (!is_first || is_top))
			empty_line(printer);
		if (!(is_first && in_line))
			indent(printer, column);
		if (entry->key) {
			put_inline(printer, entry->key, (struct inside){column + STEP, column + STEP}, false);
			if (entry->key->kind == LAYOUT_ALIAS)
				buf_putc(&printer->text, ' ');
			buf_putc(&printer->text, ':');
		} else {
			buf_putc(&printer->text, '-');
		}
		put_value(printer, entry->value, column, entry->key);
	}
	put_comments(printer, &node->end, column, !node->first);
}

/* ---- the whole ---- */

/* In characters. */
static size_t width(const uint8_t *text, size_t n)
{
	size_t columns = 0;
	for (size_t i = 0; i < n; i++)
		columns += (text[i] & 0xc0) != 0x80;
	return columns;
}

/* Lines one below the other whose comments stood in one column keep them in one column. */
static size_t column_for(const struct printer *printer, size_t first, size_t *ret_n)
{
	size_t column = printer->lines[first].comment->column, n = 0;
	while (first + n < printer->n && printer->lines[first + n].comment &&
	       printer->lines[first + n].comment->column == printer->lines[first].comment->column) {
		const struct printed_line *line = &printer->lines[first + n++];
		size_t end = width(printer->text.data + line->from, line->n) + 2;
		column = end > column ? end : column;
	}
	*ret_n = n;
	return column;
}

static void write_lines(struct printer *printer, struct buf *out)
{
	size_t column = 0, n_aligned = 0;
	for (size_t i = 0; i < printer->n; i++) {
		const struct printed_line *line = &printer->lines[i];
		buf_append(out, printer->text.data + line->from, line->n);
		if (line->comment) {
			if (n_aligned == 0)
				column = column_for(printer, i, &n_aligned);
			n_aligned--;
			for (size_t k = width(printer->text.data + line->from, line->n); k < column; k++)
				buf_putc(out, ' ');
			buf_append(out, line->comment->text.at, line->comment->text.n);
		}
		buf_putc(out, '\n');
	}
}

int layout_print(struct arena *arena, const struct layout *layout, struct buf *out)
{
	struct printer printer = {.arena = arena};
	put_comments(&printer, &layout->above, 0, true);
	if (layout->has_start) {
		put(&printer, "---", 3);
		end_line(&printer, layout->start_comment);
	}
	const struct layout_node *root = layout->root;
	if (root && !root->is_flow && (root->kind == LAYOUT_MAP || root->kind == LAYOUT_LIST)) {
		put_entries(&printer, root, 0, false);
	} else if (root && (root->text.n || root->kind == LAYOUT_MAP || root->kind == LAYOUT_LIST)) {
		put_comments(&printer, &layout->above_root, 0, printer.n == 0);
		put_inline(&printer, root, (struct inside){STEP, 0}, false);
		end_line(&printer, root->comment);
	}
	put_comments(&printer, &layout->below, 0, printer.n == 0);
	write_lines(&printer, out);
	bool failed = printer.failed || buf_failed(&printer.text) || buf_failed(out);
	buf_free(&printer.text);
	return failed ? -ENOMEM : 0;
}

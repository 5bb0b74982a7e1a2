/* Building the scenario of an import, and printing it as YAML. */
#include "import/doc.h"
#include <string.h>

#define COMMENT_COLUMN 60u

static struct doc *add(struct store *store, struct doc *parent, const char *key, enum doc_kind kind, bool flow)
{
	struct doc *doc = store_array(store, 1, sizeof *doc);
	if (!doc)
		return parent; /* the import has failed, and says so at its end */
	*doc = (struct doc){
		.kind = kind, .flow = flow || (parent && parent->flow), .key = key, .text = "", .parent = parent};
	if (!parent)
		return doc;
	if (parent->last)
		parent->last->next = doc;
	else
		parent->first = doc;
	parent->last = doc;
	return doc;
}

struct doc *doc_root(struct store *store)
{
	return add(store, NULL, NULL, DOC_MAP, false);
}

struct doc *doc_map(struct store *store, struct doc *parent, const char *key, bool flow)
{
	return add(store, parent, key, DOC_MAP, flow);
}

struct doc *doc_list(struct store *store, struct doc *parent, const char *key, bool flow)
{
	return add(store, parent, key, DOC_LIST, flow);
}

struct doc *doc_scalar(struct store *store, struct doc *parent, const char *key, const char *text)
{
	struct doc *doc = add(store, parent, key, DOC_SCALAR, false);
	if (doc != parent)
		doc->text = text;
	return doc;
}

struct doc *doc_get(const struct doc *map, const char *key)
{
	for (struct doc *at = map->first; at; at = at->next)
		if (!at->dropped && at->key && strcmp(at->key, key) == 0)
			return at;
	return NULL;
}

bool doc_is_empty(const struct doc *doc)
{
	for (const struct doc *at = doc->first; at; at = at->next)
		if (!at->dropped)
			return false;
	return doc->kind != DOC_SCALAR;
}

/* ---- printing ---- */

struct printer {
	struct buf *out;
	uint32_t line;
	size_t line_start;
};

static uint32_t column(const struct printer *printer)
{
	return (uint32_t)(printer->out->size_bytes - printer->line_start) + 1;
}

static void end_line(struct printer *printer)
{
	buf_putc(printer->out, '\n');
	printer->line++;
	printer->line_start = printer->out->size_bytes;
}

/* Comments hold what inputs say: one line, no control characters. */
static void put_clean(struct printer *printer, const char *text)
{
	for (; *text; text++)
		buf_putc(printer->out, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
}

static void put_comment(struct printer *printer, const char *comment)
{
	if (comment) {
		buf_putc(printer->out, ' ');
		do
			buf_putc(printer->out, ' ');
		while (column(printer) < COMMENT_COLUMN);
		buf_puts(printer->out, "# ");
		put_clean(printer, comment);
	}
	end_line(printer);
}

static void put_lead(struct printer *printer, const char *lead, unsigned indent)
{
	while (lead && *lead) {
		size_t n = strcspn(lead, "\n");
		buf_printf(printer->out, "%*s%.*s", (int)(indent * 2), "", (int)n, lead);
		end_line(printer);
		lead += n + (lead[n] == '\n');
	}
}

enum { PLAIN_LETTER = 1, PLAIN_DIGIT, PLAIN_HYPHEN, PLAIN_OTHER }; /* 0: needs quotes */

static unsigned class_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return PLAIN_LETTER;
	if (c >= '0' && c <= '9')
		return PLAIN_DIGIT;
	if (c == '-')
		return PLAIN_HYPHEN;
	if (c >= 'A' && c <= 'Z')
		return PLAIN_LETTER;
	return c == '_' || c == '.' || c == '/' ? PLAIN_OTHER : 0;
}

static bool is_plain(const char *text, size_t n)
{
	unsigned seen = 0, first = class_of(*text);
	for (size_t i = 0; i < n; i++) {
		unsigned class = class_of(text[i]);
		if (class == 0)
			return false;
		seen |= 1u << class;
	}
	bool range = seen == (1u << PLAIN_DIGIT | 1u << PLAIN_HYPHEN);
	return (first == PLAIN_LETTER || first == PLAIN_DIGIT) && strcmp(text, "null") != 0 && !range;
}

/* Whether it needed no quotes. */
static bool put_scalar(struct printer *printer, const char *text)
{
	size_t n = strlen(text);
	if (is_plain(text, n)) {
		buf_append(printer->out, text, n);
		return true;
	}
	buf_putc(printer->out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(printer->out, '\\');
		buf_putc(printer->out, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
	}
	buf_putc(printer->out, '"');
	return false;
}

static void begin(const struct printer *printer, struct doc *doc)
{
	doc->line = printer->line;
	doc->column = column(printer);
}

static void end(const struct printer *printer, struct doc *doc)
{
	doc->end_line = printer->line;
	doc->end_column = column(printer);
}

/* On one line. The depth is that of the mapping, which is small. */
static void put_flow(struct printer *printer, struct doc *doc)
{
	bool any = false;
	begin(printer, doc);
	if (doc->key) {
		(void)put_scalar(printer, doc->key);
		buf_puts(printer->out, ": ");
	}
	if (doc->kind == DOC_SCALAR) {
		doc->plain = put_scalar(printer, doc->text);
		end(printer, doc);
		return;
	}
	buf_putc(printer->out, doc->kind == DOC_MAP ? '{' : '[');
	for (struct doc *at = doc->first; at; at = at->next) {
		if (at->dropped)
			continue;
		buf_puts(printer->out, any ? ", " : "");
		put_flow(printer, at);
		any = true;
	}
	buf_putc(printer->out, doc->kind == DOC_MAP ? '}' : ']');
	end(printer, doc);
}

static void put_block(struct printer *printer, struct doc *doc, unsigned indent)
{
	put_lead(printer, doc->lead, indent);
	for (unsigned i = 0; i < indent; i++)
		buf_append(printer->out, "  ", 2);
	buf_puts(printer->out, doc->key ? "" : "- ");
	if (doc->kind == DOC_SCALAR || doc->flow || doc_is_empty(doc)) {
		put_flow(printer, doc);
		put_comment(printer, doc->comment);
		return;
	}
	begin(printer, doc);
	(void)put_scalar(printer, doc->key ? doc->key : "");
	buf_putc(printer->out, ':');
	put_comment(printer, doc->comment);
	for (struct doc *at = doc->first; at; at = at->next)
		if (!at->dropped)
			put_block(printer, at, indent + 1);
	end(printer, doc);
}

void doc_print(struct doc *root, struct buf *out)
{
	struct printer printer = {out, 1, 0};
	for (size_t i = 0; i < out->size_bytes; i++)
		if (out->data[i] == '\n') {
			printer.line++;
			printer.line_start = i + 1;
		}
	for (struct doc *at = root->first; at; at = at->next)
		if (!at->dropped && !doc_is_empty(at))
			put_block(&printer, at, 0);
}

static bool holds(const struct doc *doc, uint32_t line, uint32_t at)
{
	if (line < doc->line || line > doc->end_line || doc->line == 0)
		return false;
	return (line > doc->line || at >= doc->column) && (line < doc->end_line || at <= doc->end_column);
}

/* Errors come in the order of their places: each container is gone through once, from the child that was found last. */
static struct doc *first_to_look_at(const struct doc *doc, uint32_t line, uint32_t at)
{
	struct doc *sought = doc->sought;
	bool before = sought && (sought->line < line || (sought->line == line && sought->column <= at));
	return before ? sought : doc->first;
}

struct doc *doc_at(struct doc *root, uint32_t line, uint32_t at)
{
	struct doc *found = NULL, *above = root, *inside = first_to_look_at(root, line, at);
	while (inside) {
		if (inside->dropped || !holds(inside, line, at)) {
			inside = inside->next;
			continue;
		}
		found = inside->what ? inside : found;
		above->sought = inside;
		above = inside;
		inside = first_to_look_at(inside, line, at);
	}
	return found;
}

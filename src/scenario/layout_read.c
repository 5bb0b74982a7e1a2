/* DOC: libfyaml says of each node where its token stands in the text; what lies between two tokens can only be blanks,
 * comments, punctuation and line breaks, and is looked through here. A comment behind a token in the same line belongs
 * to that token; one in a line of its own stands above what comes next, or, where it is indented deeper than that, at
 * the end of the block that ends there. */
#include "scenario/layout.h"
#include "scenario/load.h"
#include "scenario/yaml.h"
#include <errno.h>
#include <libfyaml.h>
#include <string.h>

struct layout_reader {
	struct arena *arena;
	struct diag_list *diags;
	const struct source *source;
	struct yaml yaml;
	struct fy_event *event;     /* the next one; NULL at the end */
	size_t at;                  /* all before this was looked through */
	struct comments pending;    /* in lines of their own, above what comes next */
	struct layout_node *behind; /* the token that was read last; a comment in its line belongs to it */
	struct comment **open;      /* the same of an opening bracket or `---` */
	unsigned n_breaks;          /* line breaks since that token */
	bool blank;                 /* an empty line since then, with no comment after it */
	bool colon;                 /* a colon since then */
	unsigned depth;
	int error; /* -ENOMEM, or 1 with a diagnostic */
};

/* ---- the text between tokens ---- */

static uint32_t column_of(const struct layout_reader *reader, size_t at)
{
	const char *text = reader->source->text;
	uint32_t column = 0;
	for (; at > 0 && text[at - 1] != '\n'; at--)
		column += ((unsigned char)text[at - 1] & 0xc0) != 0x80;
	return column;
}

static void add_comment(struct layout_reader *reader, size_t at, size_t n)
{
	struct comment *comment = arena_alloc(reader->arena, sizeof *comment);
	if (!comment) {
		reader->error = -ENOMEM;
		return;
	}
	while (n > 0 && strchr(" \t\r", reader->source->text[at + n - 1]))
		n--;
	*comment = (struct comment){.text = {reader->source->text + at, n}, .column = column_of(reader, at)};
	if (reader->n_breaks == 0 && (reader->behind || reader->open) && !reader->pending.first) {
		struct comment **place = reader->behind ? &reader->behind->comment : reader->open;
		if (!*place) {
			*place = comment;
			return;
		}
	}
	comment->blank_before = reader->blank;
	reader->blank = false;
	if (reader->pending.last)
		reader->pending.last->next = comment;
	else
		reader->pending.first = comment;
	reader->pending.last = comment;
}

/* Goes on to `to`. */
static void pass(struct layout_reader *reader, size_t to)
{
	const char *text = reader->source->text;
	bool is_line_empty = reader->n_breaks > 0;
	while (reader->at < to) {
		char c = text[reader->at];
		if (c == '#') {
			const char *end = memchr(text + reader->at, '\n', to - reader->at);
			size_t n = end ? (size_t)(end - text) - reader->at : to - reader->at;
			add_comment(reader, reader->at, n);
			reader->at += n;
			is_line_empty = false;
			continue;
		}
		if (c == '\n') {
			reader->blank = reader->blank || (is_line_empty && reader->n_breaks > 0);
			reader->n_breaks++;
			is_line_empty = true;
		} else if (c == ':') {
			reader->colon = true;
		}
		if (c != '\n' && c != ' ' && c != '\t' && c != '\r')
			is_line_empty = false;
		reader->at++;
	}
}

/* A token from `from` to `to` was read. */
static struct slice take(struct layout_reader *reader, size_t from, size_t to)
{
	pass(reader, from);
	reader->at = to;
	return (struct slice){reader->source->text + from, to - from};
}

static void begin_after(struct layout_reader *reader, struct layout_node *behind, struct comment **open)
{
	reader->behind = behind;
	reader->open = open;
	reader->n_breaks = 0;
	reader->blank = false;
	reader->colon = false;
}

static struct comments take_comments(struct layout_reader *reader)
{
	struct comments comments = reader->pending;
	reader->pending = (struct comments){0};
	return comments;
}

/* Those at the end of a block whose entries stand at `column`: its own, and not of what comes next. */
static struct comments take_deeper(struct layout_reader *reader, uint32_t column)
{
	struct comments deeper = {0};
	while (reader->pending.first && reader->pending.first->column >= column) {
		struct comment *comment = reader->pending.first;
		reader->pending.first = comment->next;
		comment->next = NULL;
		if (deeper.last)
			deeper.last->next = comment;
		else
			deeper.first = comment;
		deeper.last = comment;
	}
	if (!reader->pending.first)
		reader->pending.last = NULL;
	return deeper;
}

/* ---- events ---- */

static void next_event(struct layout_reader *reader)
{
	if (reader->event)
		fy_parser_event_free(reader->yaml.parser, reader->event);
	reader->event = fy_parser_parse(reader->yaml.parser);
	struct place last = {reader->source->file, 1, 1};
	int error = reader->event ? 0 : yaml_complain(&reader->yaml, last, reader->diags);
	if (error != 0)
		reader->error = error;
}

static void refuse(struct layout_reader *reader, const struct fy_token *token, const char *hint, const char *what)
{
	const struct fy_mark *mark = token ? fy_token_start_mark((struct fy_token *)(uintptr_t)token) : NULL;
	struct place place = {reader->source->file, mark ? (uint32_t)mark->line + 1 : 1,
			      mark ? (uint32_t)mark->column + 1 : 1};
	diag_error(reader->diags, place, hint, "%s", what);
	reader->error = 1;
}

static size_t start_of(struct fy_token *token)
{
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
	return mark ? mark->input_pos : 0;
}

static size_t end_of(struct fy_token *token)
{
	const struct fy_mark *mark = token ? fy_token_end_mark(token) : NULL;
	return mark ? mark->input_pos : 0;
}

/* An anchor's token has no mark, a tag's has. */
static void take_properties(struct layout_reader *reader, struct layout_node *node, struct fy_token *anchor,
			    struct fy_token *tag)
{
	bool anchor_first = anchor && (!tag || start_of(anchor) < start_of(tag));
	for (int i = 0; i < 2; i++) {
		bool is_anchor = (i == 0) == anchor_first;
		struct fy_token *token = is_anchor ? anchor : tag;
		if (!token)
			continue;
		size_t from = start_of(token) - (is_anchor ? 1 : 0);
		if (!node->anchor.n && !node->tag.n) {
			pass(reader, from);
			node->column = column_of(reader, from);
		}
		struct slice slice = take(reader, from, end_of(token));
		if (is_anchor)
			node->anchor = slice;
		else
			node->tag = slice;
	}
}

static struct layout_node *new_node(struct layout_reader *reader, enum layout_kind kind)
{
	struct layout_node *node = arena_alloc(reader->arena, sizeof *node);
	if (!node) {
		reader->error = -ENOMEM;
		return NULL;
	}
	*node = (struct layout_node){.kind = kind};
	return node;
}

/* ---- scalars ---- */

/* The header stands before the token, which begins with the next line. */
static void take_block(struct layout_reader *reader, struct layout_node *node, size_t from, size_t to)
{
	const char *text = reader->source->text;
	size_t header = reader->at;
	while (header < from && text[header] != '|' && text[header] != '>') {
		if (text[header] == '#') /* a comment may have such signs */
			header += strcspn(text + header, "\n");
		header++;
	}
	pass(reader, header);
	size_t n = strcspn(text + header, "\n");
	while (n > 0 && strchr(" \t\r", text[header + n - 1]))
		n--;
	node->header = (struct slice){text + header, n};
	size_t line = header + strcspn(text + header, "\n");
	line += text[line] == '\n';
	size_t blanks = to; /* the token may have the next line's indentation */
	while (blanks > line && text[blanks - 1] == ' ')
		blanks--;
	if (blanks > line && text[blanks - 1] == '\n')
		to = blanks;
	node->text = (struct slice){text + line, to > line ? to - line : 0};
	reader->at = to > line ? to : line;
}

/* By how much a block scalar's lines are indented: as the first with something in it, or as its header says. */
static void measure_block(struct layout_node *node, uint32_t parent)
{
	size_t digit = strcspn(node->header.at, "123456789# \n");
	if (digit < node->header.n && node->header.at[digit] >= '1' && node->header.at[digit] <= '9') {
		node->text_column = parent + (uint32_t)(node->header.at[digit] - '0');
		return;
	}
	const char *at = node->text.at, *end = at + node->text.n;
	node->text_column = UINT32_MAX; /* of empty lines alone blanks are no part */
	while (at < end) {
		size_t blanks = strspn(at, " ");
		if (at[blanks] != '\n' && at[blanks] != '\r' && at + blanks < end) {
			node->text_column = (uint32_t)blanks;
			return;
		}
		at += strcspn(at, "\n") + 1;
	}
}

/* Blank lines below a block scalar are a part of it with `+` alone; otherwise they are the layout's. */
static void give_back_blank_lines(struct layout_reader *reader, struct layout_node *node)
{
	if (memchr(node->header.at, '+', strcspn(node->header.at, "# \n")))
		return;
	const char *text = node->text.at;
	size_t n = node->text.n, breaks = 0;
	while (n > 0) { /* a line without its break, whose beginning is sought */
		size_t end = n - (text[n - 1] == '\n'), start = end;
		while (start > 0 && text[start - 1] != '\n')
			start--;
		size_t blanks = strspn(text + start, " ");
		bool is_empty = start + blanks + (text[start + blanks] == '\r') >= end && blanks <= node->text_column;
		breaks += end < n;
		n = is_empty ? start : end;
		if (!is_empty)
			break;
	}
	reader->n_breaks = 1;
	reader->blank = breaks > (n > 0); /* the first ends the last line that has something */
	node->text.n = n;
}

static struct layout_node *read_scalar(struct layout_reader *reader, uint32_t parent)
{
	struct fy_event *event = reader->event;
	struct fy_token *token = event->scalar.value;
	struct layout_node *node = new_node(reader, LAYOUT_SCALAR);
	if (!node)
		return NULL;
	take_properties(reader, node, event->scalar.anchor, event->scalar.tag);
	bool has_properties = node->anchor.n || node->tag.n;
	if (has_properties)
		begin_after(reader, node, NULL);
	if (!token || (end_of(token) == start_of(token) && fy_token_scalar_style(token) == FYSS_PLAIN)) {
		next_event(reader);
		return node;
	}
	enum fy_scalar_style style = fy_token_scalar_style(token);
	bool is_block = style == FYSS_LITERAL || style == FYSS_FOLDED;
	size_t quote = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
	size_t from = start_of(token) - quote, to = end_of(token) + quote;
	if (is_block) {
		take_block(reader, node, from, to);
		measure_block(node, parent);
	} else {
		pass(reader, from);
		if (!has_properties)
			node->column = column_of(reader, from);
		node->text = take(reader, from, to);
	}
	begin_after(reader, is_block ? NULL : node, NULL);
	if (is_block)
		give_back_blank_lines(reader, node);
	next_event(reader);
	return node;
}

static struct layout_node *read_alias(struct layout_reader *reader)
{
	struct layout_node *node = new_node(reader, LAYOUT_ALIAS);
	if (!node)
		return NULL;
	size_t from = start_of(reader->event->alias.anchor) - 1;
	pass(reader, from);
	node->column = column_of(reader, from);
	node->text = take(reader, from, end_of(reader->event->alias.anchor));
	begin_after(reader, node, NULL);
	next_event(reader);
	return node;
}

/* ---- containers ---- */

static struct layout_node *read_node(struct layout_reader *reader, uint32_t parent);

/* The place of the next event's first token, for what stands before it. */
static void pass_to_next(struct layout_reader *reader)
{
	struct fy_event *event = reader->event;
	struct fy_token *token = NULL, *anchor = NULL, *tag = NULL;
	size_t quote = 0;
	if (event->type == FYET_SCALAR) {
		token = event->scalar.value;
		anchor = event->scalar.anchor;
		tag = event->scalar.tag;
		enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
		quote = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
		if (style == FYSS_LITERAL || style == FYSS_FOLDED)
			token = NULL;
	} else if (event->type == FYET_MAPPING_START) {
		token = event->mapping_start.mapping_start;
		anchor = event->mapping_start.anchor;
		tag = event->mapping_start.tag;
	} else if (event->type == FYET_SEQUENCE_START) {
		token = event->sequence_start.sequence_start;
		anchor = event->sequence_start.anchor;
		tag = event->sequence_start.tag;
	} else if (event->type == FYET_ALIAS) {
		anchor = event->alias.anchor;
	}
	size_t to = token ? start_of(token) - quote : SIZE_MAX;
	if (anchor && start_of(anchor) - 1 < to)
		to = start_of(anchor) - 1;
	if (tag && start_of(tag) < to)
		to = start_of(tag);
	if (to != SIZE_MAX)
		pass(reader, to);
}

static struct layout_entry *new_entry(struct layout_reader *reader, struct layout_node *node)
{
	struct layout_entry *entry = arena_alloc(reader->arena, sizeof *entry);
	if (!entry) {
		reader->error = -ENOMEM;
		return NULL;
	}
	pass_to_next(reader);
	*entry = (struct layout_entry){.begins_line = reader->n_breaks > 0, .blank_before = reader->blank};
	reader->blank = false;
	entry->above = take_comments(reader);
	if (node->last)
		node->last->next = entry;
	else
		node->first = entry;
	node->last = entry;
	return entry;
}

/* A comment between `-` and the first key of its map stands above the item. */
static void hoist(struct layout_entry *entry)
{
	const struct layout_node *value = entry->value;
	if (entry->key || value->is_flow || !value->first || value->anchor.n || value->tag.n)
		return;
	struct layout_entry *first = value->first;
	if (!first->above.first)
		return;
	if (entry->above.last)
		entry->above.last->next = first->above.first;
	else
		entry->above.first = first->above.first;
	entry->above.last = first->above.last;
	first->above = (struct comments){0};
}

/* Behind a key without a value. */
static void pass_colon(struct layout_reader *reader)
{
	size_t at = reader->at + strspn(reader->source->text + reader->at, " \t\r\n");
	if (reader->source->text[at] == ':')
		pass(reader, at + 1);
}

static void read_entries(struct layout_reader *reader, struct layout_node *node, enum fy_event_type end)
{
	while (reader->error == 0 && reader->event && reader->event->type != end) {
		struct layout_entry *entry = new_entry(reader, node);
		if (!entry)
			return;
		if (node->kind == LAYOUT_MAP) {
			if (reader->event->type != FYET_SCALAR && reader->event->type != FYET_ALIAS) {
				refuse(reader, NULL, "keys are plain words", "a map or a list cannot be a key");
				return;
			}
			entry->key = read_node(reader, node->column);
			if (!entry->key || !reader->event)
				return;
			if (!entry->key->text.n) {
				refuse(reader, NULL, "keys are plain words", "a key is empty");
				return;
			}
			pass_to_next(reader);
		}
		entry->value = read_node(reader, node->column);
		if (!entry->value || reader->error)
			return;
		bool is_absent = entry->value->kind == LAYOUT_SCALAR && !entry->value->text.n &&
				 !entry->value->header.n && !entry->value->anchor.n && !entry->value->tag.n;
		if (is_absent && node->is_flow && !reader->colon)
			pass_colon(reader);
		entry->has_colon = !is_absent || reader->colon || !node->is_flow;
		hoist(entry);
	}
}

static void close_flow(struct layout_reader *reader, struct layout_node *node, struct fy_token *token)
{
	if (node->is_bare)
		return;
	pass(reader, start_of(token));
	node->closes_on_line = reader->n_breaks > 0;
	node->end = take_comments(reader);
	(void)take(reader, start_of(token), end_of(token));
	begin_after(reader, node, NULL);
}

static void close_block(struct layout_reader *reader, struct layout_node *node, struct fy_token *token, uint32_t parent)
{
	pass(reader, start_of(token));
	/* The items of a list may stand right below their key: a comment in that column is the next key's. */
	node->end = take_deeper(reader, node->column > parent ? node->column : node->column + 1);
}

static struct layout_node *read_container(struct layout_reader *reader, uint32_t parent)
{
	struct fy_event *event = reader->event;
	bool is_map = event->type == FYET_MAPPING_START;
	struct fy_token *token = is_map ? event->mapping_start.mapping_start : event->sequence_start.sequence_start;
	struct layout_node *node = new_node(reader, is_map ? LAYOUT_MAP : LAYOUT_LIST);
	if (!node)
		return NULL;
	if (++reader->depth > SCENARIO_MAX_DEPTH) {
		refuse(reader, token, "no scenario needs more than a dozen levels",
		       "the file nests deeper than 64 levels");
		return NULL;
	}
	take_properties(reader, node, is_map ? event->mapping_start.anchor : event->sequence_start.anchor,
			is_map ? event->mapping_start.tag : event->sequence_start.tag);
	size_t from = start_of(token);
	node->is_flow = fy_event_get_node_style(event) == FYNS_FLOW;
	node->is_bare = node->is_flow && is_map && reader->source->text[from] != '{';
	if (node->is_flow && !node->is_bare) {
		pass(reader, from);
		if (!node->anchor.n && !node->tag.n)
			node->column = column_of(reader, from);
		(void)take(reader, from, end_of(token));
		begin_after(reader, NULL, &node->open_comment);
	} else if (!node->is_flow) {
		pass(reader, from);
		node->column = column_of(reader, from);
	}
	next_event(reader);
	enum fy_event_type end = is_map ? FYET_MAPPING_END : FYET_SEQUENCE_END;
	read_entries(reader, node, end);
	if (reader->error || !reader->event)
		return NULL;
	token = is_map ? reader->event->mapping_end.mapping_end : reader->event->sequence_end.sequence_end;
	if (node->is_flow)
		close_flow(reader, node, token);
	else
		close_block(reader, node, token, parent);
	reader->depth--;
	next_event(reader);
	return node;
}

static struct layout_node *read_node(struct layout_reader *reader, uint32_t parent)
{
	switch ((int)reader->event->type) {
	case FYET_SCALAR:
		return read_scalar(reader, parent);
	case FYET_ALIAS:
		return read_alias(reader);
	case FYET_MAPPING_START:
	case FYET_SEQUENCE_START:
		return read_container(reader, parent);
	}
	refuse(reader, NULL, "check the file", "the file is no plain YAML");
	return NULL;
}

/* ---- the document ---- */

/* libfyaml 0.8 has a token for a document that begins without a marker, too. */
static bool is_marker(const struct layout_reader *reader, struct fy_token *start)
{
	return start && end_of(start) - start_of(start) == 3 &&
	       memcmp(reader->source->text + start_of(start), "---", 3) == 0;
}

static void read_document(struct layout_reader *reader, struct layout *layout)
{
	struct fy_token *start = reader->event->document_start.document_start;
	if (is_marker(reader, start)) {
		const char *text = reader->source->text;
		for (size_t at = 0; at < start_of(start); at += strcspn(text + at, "\n") + 1)
			if (text[at] == '%') {
				refuse(reader, start, "leave it out", "directives of YAML are not used in scenarios");
				return;
			}
		pass(reader, start_of(start));
		layout->has_start = true;
		layout->above = take_comments(reader);
		(void)take(reader, start_of(start), end_of(start));
		begin_after(reader, NULL, &layout->start_comment);
	}
	next_event(reader);
	if (reader->error || !reader->event)
		return;
	bool is_map = reader->event->type == FYET_MAPPING_START || reader->event->type == FYET_SEQUENCE_START;
	if (!is_map || fy_event_get_node_style(reader->event) == FYNS_FLOW) {
		pass_to_next(reader);
		layout->above_root = take_comments(reader);
	}
	layout->root = read_node(reader, UINT32_MAX);
	if (reader->error || !reader->event)
		return;
	next_event(reader); /* the document's end */
	if (reader->error == 0 && reader->event && reader->event->type == FYET_DOCUMENT_START)
		refuse(reader, reader->event->document_start.document_start, "one scenario a file",
		       "a second document begins here");
}

int layout_read(struct arena *arena, const struct source *source, struct diag_list *diags, struct layout **ret)
{
	struct layout_reader reader = {.arena = arena, .diags = diags, .source = source};
	*ret = NULL;
	struct layout *layout = arena_alloc(arena, sizeof *layout);
	if (!layout)
		return -ENOMEM;
	*layout = (struct layout){0};
	int r = yaml_begin(&reader.yaml, source, diags);
	if (r != 0)
		return r;
	reader.at = source->text_bytes >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	reader.n_breaks = 1; /* what stands in the first line is no comment of a token */
	next_event(&reader); /* the stream's start */
	if (reader.error == 0)
		next_event(&reader);
	if (reader.error == 0 && reader.event && reader.event->type == FYET_DOCUMENT_START)
		read_document(&reader, layout);
	if (reader.error == 0)
		pass(&reader, source->text_bytes);
	layout->below = take_comments(&reader);
	if (reader.event)
		fy_parser_event_free(reader.yaml.parser, reader.event);
	yaml_end(&reader.yaml);
	*ret = reader.error == 0 ? layout : NULL;
	return reader.error;
}

/* A scenario as tokens: keys and scalars with their paths and places, of block style by indentation and of flow style by brackets. What is
 * no YAML yet, since it is being typed, gives the tokens before it, and those behind it as far as indentation shows. */
#include "cli/lsp.h"
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32

struct level {        /* a map or list around the place of reading */
	char *path;   /* of the map or list itself */
	int indent;   /* of its keys, of its dashes; -1 in brackets */
	char bracket; /* '{', '[' or 0 */
	unsigned n;   /* items so far, of a list */
	bool list;
	char *key;       /* path of the key whose value is due; NULL */
	int line_indent; /* of brackets: of the line in which they were opened */
};

struct reader {
	struct tokens *tokens;
	const char *at, *line_start;
	unsigned line;
	struct level levels[MAX_DEPTH];
	size_t depth;
	int cursor_line, cursor_column;
	int block_indent; /* of a `|` scalar: deeper lines are its text; -1 */
};

/* ---- places ---- */

/* Editors count UTF-16 units: a letter beyond U+FFFF is two. */
static unsigned units(const char *from, const char *to)
{
	unsigned n = 0;
	for (; from < to; from++) {
		unsigned char c = (unsigned char)*from;
		n += (c & 0xc0) != 0x80;
		n += c >= 0xf0;
	}
	return n;
}

static char *join(const char *path, const char *part, size_t n)
{
	return memory_printed("%s%s%.*s", path, *path ? "." : "", (int)n, part);
}

static void keep(struct reader *reader, const char *path, const char *from, const char *to, bool is_key)
{
	struct tokens *tokens = reader->tokens;
	if (tokens->n == tokens->capacity) {
		size_t capacity = tokens->capacity ? 2 * tokens->capacity : 256;
		tokens->items = memory_grown(tokens->items, capacity * sizeof *tokens->items);
		tokens->capacity = capacity;
	}
	tokens->items[tokens->n++] = (struct token){memory_text(path, strlen(path)),
						    memory_text(from, (size_t)(to - from)),
						    is_key,
						    reader->line,
						    units(reader->line_start, from),
						    units(from, to)};
}

/* ---- levels ---- */

static struct level *top(struct reader *reader)
{
	return &reader->levels[reader->depth - 1];
}

static void push(struct reader *reader, const char *path, int indent, char bracket, bool list)
{
	if (reader->depth == MAX_DEPTH) {
		reader->tokens->failed = true;
		return;
	}
	reader->levels[reader->depth++] =
		(struct level){memory_text(path, strlen(path)), indent, bracket, 0, list, NULL, 0};
}

static void pop(struct reader *reader)
{
	struct level *level = top(reader);
	free(level->path);
	free(level->key);
	reader->depth--;
}

/* The path of what is due next: the value of a key, an item of a list, or the map itself. */
static char *path_due(struct reader *reader)
{
	struct level *level = top(reader);
	char number[16];
	if (level->key)
		return memory_text(level->key, strlen(level->key));
	if (!level->list)
		return memory_text(level->path, strlen(level->path));
	(void)snprintf(number, sizeof number, "%u", level->n);
	return join(level->path, number, strlen(number));
}

static void value_done(struct reader *reader)
{
	struct level *level = top(reader);
	if (!level->list) {
		free(level->key);
		level->key = NULL;
	}
}

static void note_cursor(struct reader *reader, const char *upto)
{
	struct tokens *tokens = reader->tokens;
	if (tokens->cursor || (int)reader->line != reader->cursor_line ||
	    (int)units(reader->line_start, upto) < reader->cursor_column)
		return;
	tokens->cursor = path_due(reader);
	tokens->cursor_in_value = top(reader)->key || (top(reader)->list && top(reader)->bracket);
}

/* ---- scalars ---- */

static const char *end_of_scalar(const char *at, bool in_brackets)
{
	if (*at == '"' || *at == '\'') {
		char quote = *at++;
		while (*at && *at != '\n' && *at != quote)
			at += *at == '\\' && quote == '"' && at[1] && at[1] != '\n' ? 2 : 1;
		return at + (*at == quote);
	}
	const char *begin = at;
	for (; *at && *at != '\n'; at++)
		if ((in_brackets && strchr(",{}[]", *at)) ||
		    (*at == ':' &&
		     (at[1] == '\0' || strchr(" \n", at[1]) || (in_brackets && strchr(",{}[]", at[1])))) ||
		    (*at == '#' && at > begin && at[-1] == ' '))
			break;
	while (at > begin && at[-1] == ' ')
		at--;
	return at;
}

static void read_scalar(struct reader *reader, int indent)
{
	struct level *level = top(reader);
	bool in_brackets = level->bracket != '\0';
	const char *from = reader->at, *to = end_of_scalar(from, in_brackets), *behind = to + strspn(to, " ");
	bool quoted = *from == '"' || *from == '\'';
	const char *text = from + quoted, *text_end = to - (quoted && to > from + 1);
	bool is_key = *behind == ':' && (behind[1] == '\0' || strchr(" \n,{}[]", behind[1]));
	note_cursor(reader, from);
	if (is_key && !in_brackets) {
		while (reader->depth > 1 && (top(reader)->bracket || indent < top(reader)->indent))
			pop(reader);
		if (top(reader)->list ? top(reader)->indent < indent
				      : top(reader)->key && top(reader)->indent < indent) {
			char *path = path_due(reader);
			push(reader, path ? path : "", indent, '\0', false);
			free(path);
		}
		level = top(reader);
	}
	if (is_key && !level->list) {
		char *path = join(level->path, text, (size_t)(text_end - text));
		keep(reader, path ? path : "", text, text_end, true);
		free(level->key);
		level->key = path;
		note_cursor(reader, to); /* behind the last letter of a key */
		reader->at = behind + 1;
		return;
	}
	char *path = path_due(reader);
	keep(reader, path ? path : "", text, text_end, false);
	free(path);
	note_cursor(reader, to);
	if ((*from == '|' || *from == '>') && !in_brackets)
		reader->block_indent = level->indent;
	value_done(reader);
	reader->at = to > from ? to : from + 1;
}

/* ---- lines ---- */

static void read_dash(struct reader *reader, int indent)
{
	while (reader->depth > 1 && (top(reader)->bracket || indent < top(reader)->indent ||
				     (!top(reader)->list && top(reader)->indent > indent)))
		pop(reader);
	/* The dashes of a list may stand right below its key. */
	while (reader->depth > 1 && !top(reader)->list && !top(reader)->key && top(reader)->indent >= indent)
		pop(reader);
	struct level *level = top(reader);
	if (level->list && level->indent == indent) {
		level->n++;
	} else {
		char *path = path_due(reader);
		push(reader, path ? path : "", indent, '\0', true);
		free(path);
	}
	reader->at++;
}

static void open_bracket(struct reader *reader)
{
	note_cursor(reader, reader->at);
	char *path = path_due(reader);
	push(reader, path ? path : "", -1, *reader->at, *reader->at == '[');
	top(reader)->line_indent = (int)strspn(reader->line_start, " ");
	free(path);
	reader->at++;
}

static void close_bracket(struct reader *reader)
{
	note_cursor(reader, reader->at);
	if (top(reader)->bracket && reader->depth > 1) {
		pop(reader);
		value_done(reader);
	}
	reader->at++;
}

static void read_comma(struct reader *reader)
{
	note_cursor(reader, reader->at);
	value_done(reader);
	top(reader)->n++;
	reader->at++;
}

static int indent_of(const struct reader *reader)
{
	return (int)(reader->at - reader->line_start);
}

/* A line that stands further left ends what was open; a blank one, where the cursor is, says by its column where it belongs. */
static void begin_line(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t");
	int indent = indent_of(reader);
	/* What goes on in brackets stands further right; what does not, ends brackets that were never closed. */
	while (top(reader)->bracket && !strchr("]},\n", *reader->at) && indent <= top(reader)->line_indent) {
		pop(reader);
		value_done(reader);
	}
	bool blank = *reader->at == '\n' || *reader->at == '\0', cursor_here = (int)reader->line == reader->cursor_line;
	if (blank && cursor_here && !top(reader)->bracket) {
		while (reader->depth > 1 && reader->cursor_column < top(reader)->indent)
			pop(reader);
		struct level *level = top(reader);
		if (!level->list && level->key && reader->cursor_column <= level->indent)
			value_done(reader);
		note_cursor(reader, reader->at);
	} else if (!blank && !top(reader)->bracket && *reader->at != '#') {
		while (reader->depth > 1 && indent < top(reader)->indent)
			pop(reader);
		if (top(reader)->key && !top(reader)->list && indent <= top(reader)->indent && *reader->at != '-')
			value_done(reader);
	}
}

static bool skip_block_text(struct reader *reader)
{
	size_t blanks = strspn(reader->at, " ");
	if (reader->block_indent < 0)
		return false;
	if (reader->at[blanks] != '\n' && (int)blanks <= reader->block_indent) {
		reader->block_indent = -1;
		return false;
	}
	reader->at += strcspn(reader->at, "\n");
	return true;
}

static void read_line(struct reader *reader)
{
	reader->line_start = reader->at;
	if (skip_block_text(reader))
		return;
	begin_line(reader);
	while (*reader->at && *reader->at != '\n' && !reader->tokens->failed) {
		char c = *reader->at;
		if (c == ' ' || c == '\t')
			reader->at++;
		else if (c == '#')
			reader->at += strcspn(reader->at, "\n");
		else if (c == '-' && !top(reader)->bracket &&
			 (reader->at[1] == ' ' || reader->at[1] == '\n' || !reader->at[1]))
			read_dash(reader, indent_of(reader));
		else if (c == '{' || c == '[')
			open_bracket(reader);
		else if (c == '}' || c == ']')
			close_bracket(reader);
		else if (c == ',' && top(reader)->bracket)
			read_comma(reader);
		else
			read_scalar(reader, indent_of(reader));
	}
	note_cursor(reader, reader->at);
	/* The cursor stands behind the text of its line. */
	if (!reader->tokens->cursor && (int)reader->line == reader->cursor_line) {
		reader->tokens->cursor = path_due(reader);
		reader->tokens->cursor_in_value = top(reader)->key;
	}
}

struct tokens tokens_of(const char *text, int line, int column)
{
	struct tokens tokens = {0};
	struct reader reader = {
		.tokens = &tokens, .at = text, .cursor_line = line, .cursor_column = column, .block_indent = -1};
	push(&reader, "", 0, '\0', false);
	while (!tokens.failed) {
		read_line(&reader);
		if (!*reader.at)
			break;
		reader.at++;
		reader.line++;
	}
	while (reader.depth > 0)
		pop(&reader);
	return tokens;
}

void tokens_free(struct tokens *tokens)
{
	for (size_t i = 0; i < tokens->n; i++) {
		free(tokens->items[i].path);
		free(tokens->items[i].text);
	}
	free(tokens->items);
	free(tokens->cursor);
	*tokens = (struct tokens){0};
}

const struct token *token_at(const struct tokens *tokens, unsigned line, unsigned column)
{
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *token = &tokens->items[i];
		if (token->line == line && column >= token->column && column <= token->column + token->columns)
			return token;
	}
	return NULL;
}

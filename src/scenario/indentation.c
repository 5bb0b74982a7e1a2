/* DOC: a line may be indented like an earlier line whose block is still open, or deeper where the line before opens a
 * block (it ends with a colon, or is an item of a list). A line that is neither is wrong, unless more lines that follow
 * have its indentation than had that of the block that it leaves: then the first line of that block is. */
#include "scenario/indentation.h"
#include <stdbool.h>
#include <string.h>

#define LEVELS_MAX 64

struct line {
	const char *text; /* without what indents it */
	size_t n;         /* without blanks and a comment at its end */
	uint32_t columns, number;
};

struct level {
	uint32_t columns;
	uint32_t line;    /* of its first line */
	uint32_t n_lines; /* that have this indentation */
};

struct scan {
	const char *at, *end;
	uint32_t number; /* of lines read */
	struct level levels[LEVELS_MAX];
	size_t n_levels;
	bool opens;         /* the last line opens a block */
	int n_open;         /* brackets */
	uint32_t open_line; /* of the first of them */
};

/* The quotes of a text hide brackets and a comment's sign. Counts open brackets and finds the end of what counts. */
static size_t weigh(const char *text, size_t n, int *n_open)
{
	char quote = '\0';
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		if (quote) {
			quote = c == quote ? '\0' : quote;
		} else if (c == '#' && (i == 0 || text[i - 1] == ' ')) {
			break;
		} else if ((c == '"' || c == '\'') && (i == 0 || strchr(" [{,:", text[i - 1]))) {
			quote = c;
		} else if (c == '{' || c == '[') {
			++*n_open;
		} else if (c == '}' || c == ']') {
			--*n_open;
		}
		if (c != ' ' && c != '\r')
			used = i + 1;
	}
	return used;
}

/* The next line that holds anything; false at the end. Lines within brackets belong to the line that opens them. */
static bool next_line(struct scan *scan, struct line *ret)
{
	while (scan->at < scan->end) {
		const char *newline = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
		const char *text = scan->at;
		size_t n = (size_t)((newline ? newline : scan->end) - text), columns = 0;
		bool inside = scan->n_open > 0;
		scan->at = newline ? newline + 1 : scan->end;
		scan->number++;
		while (columns < n && text[columns] == ' ')
			columns++;
		size_t used = weigh(text + columns, n - columns, &scan->n_open);
		if (!inside && scan->n_open > 0)
			scan->open_line = scan->number;
		if (inside || used == 0)
			continue;
		*ret = (struct line){text + columns, used, (uint32_t)columns, scan->number};
		return true;
	}
	return false;
}

static bool is_item(const struct line *line)
{
	return line->text[0] == '-' && (line->n == 1 || line->text[1] == ' ');
}

static void push(struct scan *scan, uint32_t columns, uint32_t number)
{
	if (scan->n_levels < LEVELS_MAX)
		scan->levels[scan->n_levels++] = (struct level){columns, number, 0};
}

static bool has_colon(const struct line *line)
{
	for (size_t i = 0; i < line->n; i++)
		if (line->text[i] == ':')
			return true;
	return false;
}

/* "- {a: 1}" and "- a: 1": what stands behind the hyphen is indented deeper. */
static void take(struct scan *scan, const struct line *line)
{
	struct line rest = *line;
	while (is_item(&rest)) {
		size_t n = 1;
		while (n < rest.n && rest.text[n] == ' ')
			n++;
		rest.text += n;
		rest.n -= n;
		rest.columns += (uint32_t)n;
		if (rest.n > 0 && (has_colon(&rest) || is_item(&rest)) && !strchr("{['\"", rest.text[0]))
			push(scan, rest.columns, line->number);
	}
	scan->levels[scan->n_levels - 1].n_lines++;
	scan->opens = rest.n == 0 || rest.text[rest.n - 1] == ':' || rest.text[rest.n - 1] == '|' ||
		      rest.text[rest.n - 1] == '>';
}

/* Lines from here on that are indented so, up to one that is indented by `outer` or less. */
static uint32_t count_further(struct scan scan, uint32_t columns, uint32_t outer)
{
	struct line line;
	uint32_t n = 0;
	while (next_line(&scan, &line) && line.columns > outer)
		n += line.columns == columns;
	return n;
}

/* A line that leaves a block and begins none that is open. */
static struct indentation blame(const struct scan *scan, const struct line *line, const struct level *left)
{
	const struct level *outer = scan->n_levels > 0 ? &scan->levels[scan->n_levels - 1] : NULL;
	if (left && outer && 1 + count_further(*scan, line->columns, outer->columns) > left->n_lines)
		return (struct indentation){left->line, left->columns, line->number, line->columns, 0};
	const struct level *like = left ? left : outer;
	return (struct indentation){line->number, line->columns, like ? like->line : 1, like ? like->columns : 0, 0};
}

struct indentation indentation_find(const char *text, size_t text_bytes, uint32_t until)
{
	struct scan scan = {.at = text, .end = text + text_bytes};
	struct line line;
	while (next_line(&scan, &line) && line.number <= until + 1) {
		struct level left, *top = scan.n_levels > 0 ? &scan.levels[scan.n_levels - 1] : NULL;
		bool leaves = false;
		if (top && line.columns > top->columns && !scan.opens)
			return blame(&scan, &line, NULL);
		while (scan.n_levels > 0 && scan.levels[scan.n_levels - 1].columns > line.columns) {
			left = scan.levels[--scan.n_levels];
			leaves = true;
		}
		top = scan.n_levels > 0 ? &scan.levels[scan.n_levels - 1] : NULL;
		if (leaves && (!top || top->columns != line.columns))
			return blame(&scan, &line, &left);
		if (!top || line.columns > top->columns)
			push(&scan, line.columns, line.number);
		take(&scan, &line);
	}
	return (struct indentation){.open_line = scan.n_open > 0 ? scan.open_line : 0};
}

/* What a terminal has and a pipe has not: colours, and a width.
 *
 * DOC: prose is broken into lines; where the width is not known, after PROSE_COLUMNS. A table keeps a row to
 * a line in a pipe, where it is searched and compared; on a terminal that is too narrow for that, each table has a
 * shape of its own with shorter lines. */
#include "cli/cli.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PROSE_COLUMNS 80
#define FEWEST_COLUMNS 40 /* what is narrower is treated like this: lines stick out */
#define MOST_COLUMNS 1000
#define LEFTMOST 2

bool overwrites(FILE *stream)
{
	const char *term = getenv("TERM");
	return isatty(descriptor_of(stream)) && !(term && strcmp(term, "dumb") == 0);
}

struct paint paint_for(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");
	if ((no_color && *no_color) || !overwrites(stream))
		return (struct paint){"", "", "", "", ""};
	return (struct paint){"\033[32m", "\033[31m", "\033[2m", "\033[1m", "\033[0m"};
}

static int within_bounds(uint64_t columns)
{
	return columns < FEWEST_COLUMNS ? FEWEST_COLUMNS : columns > MOST_COLUMNS ? MOST_COLUMNS : (int)columns;
}

int columns_of(FILE *stream)
{
	struct winsize size;
	const char *text = getenv("COLUMNS");
	uint64_t columns;
	int fd = descriptor_of(stream);
	if (fd < 0) /* memory */
		return COLUMNS_UNKNOWN;
	if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return within_bounds(size.ws_col);
	if (text && parse_number(text, UINT32_MAX, &columns) && columns > 0)
		return within_bounds(columns);
	return COLUMNS_UNKNOWN;
}

/* ---- lines ---- */

static struct lines begin(FILE *out, int column, size_t columns_if_unknown)
{
	int columns = columns_of(out);
	return (struct lines){out, column, columns == COLUMNS_UNKNOWN ? columns_if_unknown : (size_t)columns,
			      (size_t)column, true};
}

struct lines lines_at(FILE *out, int column)
{
	return begin(out, column, PROSE_COLUMNS);
}

struct lines cell_at(FILE *out, int column)
{
	return begin(out, column, SIZE_MAX);
}

static bool fits(const struct lines *lines, size_t n)
{
	return lines->at + n <= lines->columns;
}

/* What has no room where lines begin gets it by beginning further left. */
void lines_break_for(struct lines *lines, size_t n)
{
	size_t column = (size_t)lines->column, room = lines->columns > n ? lines->columns - n : 0;
	size_t start = column <= room ? column : room > LEFTMOST ? room : LEFTMOST;
	fprintf(lines->out, "\n%*s", (int)start, "");
	lines->at = start;
	lines->empty = true;
}

void lines_break(struct lines *lines)
{
	lines_break_for(lines, 0);
}

static void put_word(struct lines *lines, const char *word, size_t n)
{
	if (!lines->empty && !fits(lines, n + 1))
		lines_break_for(lines, n);
	fprintf(lines->out, "%s%.*s", lines->empty ? "" : " ", (int)n, word);
	lines->at += n + (lines->empty ? 0 : 1);
	lines->empty = false;
}

void lines_put(struct lines *lines, const char *paint, const char *text)
{
	const char *off = *paint ? paint_for(lines->out).off : "";
	size_t n = strlen(text);
	if (!lines->empty && !fits(lines, n + 1) && n > 0)
		lines_break_for(lines, strcspn(text, " "));
	fputs(paint, lines->out);
	while (*text) {
		n = strcspn(text, " ");
		put_word(lines, text, n);
		text += n;
		text += strspn(text, " ");
	}
	fputs(off, lines->out);
}

void put_made_from(struct lines *lines, const struct paint *paint, const char *made_from)
{
	char text[4352];
	(void)snprintf(text, sizeof text, "(from %s)", made_from);
	lines_put(lines, paint->dim, text);
}

void lines_end(struct lines *lines)
{
	putc('\n', lines->out);
}

void print_broken(FILE *out, int at, int column, const char *text)
{
	int width = columns_of(out);
	if (width == COLUMNS_UNKNOWN || at + text_columns(text) <= width) {
		fprintf(out, "%s\n", text); /* every space of it */
		return;
	}
	struct lines lines = lines_at(out, column);
	size_t blanks = strspn(text, " "), first = strcspn(text + blanks, " ");
	lines.at = (size_t)at + blanks;
	if (blanks > 0 && !fits(&lines, first))
		lines_break_for(&lines, first);
	else
		fprintf(out, "%*s", (int)blanks, "");
	lines_put(&lines, "", text + blanks);
	lines_end(&lines);
}

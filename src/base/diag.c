/* Diagnostics: the list, and the drawing of a line with its caret. */
#include "base/diag.h"
#include "base/arena.h"
#include "base/utf8.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define EXCERPT_COLUMNS 120
#define MAX_SEARCHED 100u /* errors with a search for a way out */

void diag_init(struct diag_list *list, struct arena *arena)
{
	*list = (struct diag_list){.arena = arena};
}

void diag_deinit(struct diag_list *list)
{
	free(list->items);
	*list = (struct diag_list){0};
}

static __attribute__((format(printf, 5, 0))) struct diag *add(struct diag_list *list, enum diag_severity severity,
							      struct place place, const char *hint, const char *format,
							      va_list args)
{
	if (list->n == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 16;
		struct diag *items = realloc(list->items, capacity * sizeof *items);
		if (!items) {
			list->failed = true;
			return NULL;
		}
		list->items = items;
		list->capacity = capacity;
	}
	const char *message = arena_vprintf(list->arena, format, args);
	hint = list->bare ? NULL : hint;
	const char *copied = hint ? arena_strdup(list->arena, hint) : NULL;
	if (!message || (hint && !copied)) {
		list->failed = true;
		return NULL;
	}
	struct diag *diag = &list->items[list->n++];
	*diag = (struct diag){.severity = severity, .place = place, .message = message, .hint = copied};
	list->n_errors += severity == DIAG_ERROR;
	return diag;
}

struct diag *diag_error(struct diag_list *list, struct place place, const char *hint, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct diag *diag = add(list, DIAG_ERROR, place, hint, format, args);
	va_end(args);
	return diag;
}

struct diag *diag_warning(struct diag_list *list, struct place place, const char *hint, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct diag *diag = add(list, DIAG_WARNING, place, hint, format, args);
	va_end(args);
	return diag;
}

bool diag_may_search(const struct diag_list *list)
{
	return !list->bare && list->n_errors < MAX_SEARCHED;
}

/* ---- excerpts ---- */

/* A byte that goes on with a character of UTF-8. Of bytes that are none (a broken file is shown too) at most three do:
 * a character has four. */
static bool continues(const char *line, size_t i)
{
	size_t n = 0;
	while (n < 4 && n <= i && ((unsigned char)line[i - n] & 0xc0) == 0x80)
		n++;
	return n > 0 && n < 4;
}

/* How far a line was looked through. Diagnostics come in the order of their columns, so a file of one long line is
 * looked through once. */
struct cursor {
	const char *line;
	size_t line_bytes;
	uint32_t number; /* of the line */
	size_t i;        /* the byte behind what was counted */
	uint32_t at;     /* columns counted */
};

/* To the byte with which the column begins, or to the end. */
static void go_to(struct cursor *cursor, uint32_t column)
{
	while (cursor->i < cursor->line_bytes) {
		bool begins = !continues(cursor->line, cursor->i);
		if (begins && cursor->at + 1 >= column)
			return;
		cursor->at += begins;
		cursor->i++;
	}
}

/* Writes the line with tabs as spaces and what is not safe to show as its number, at most EXCERPT_COLUMNS around the
 * caret, then the caret. */
static const char *draw(struct arena *arena, struct cursor *cursor, uint32_t column)
{
	uint32_t first = column > EXCERPT_COLUMNS - 20 ? column - (EXCERPT_COLUMNS - 20) : 1;
	char *text = arena_alloc(arena, (size_t)EXCERPT_COLUMNS * UTF8_SAFE_BYTES * 2 + 64);
	if (!text)
		return NULL;
	char *out = text;
	size_t width = first > 1 ? 3 : 0, caret = width, n;
	memcpy(out, "...", width);
	out += width;
	go_to(cursor, first);
	uint32_t at = cursor->at;
	for (size_t i = cursor->i; i < cursor->line_bytes; i += n) {
		char safe[UTF8_SAFE_BYTES];
		n = utf8_safe(cursor->line + i, cursor->line_bytes - i, safe);
		bool begins = !continues(cursor->line, i);
		at += begins;
		if (at >= first + EXCERPT_COLUMNS) {
			out = stpcpy(out, "...");
			break;
		}
		if (at == column && begins)
			caret = width;
		const char *shown = cursor->line[i] == '\t' ? "    " : safe;
		width += n > 1 && shown[0] != '\\' ? 1 : strlen(shown);
		out = stpcpy(out, shown);
	}
	if (column > at)
		caret = width;
	*out++ = '\n';
	memset(out, ' ', caret);
	out += caret;
	memcpy(out, "^\n", 3);
	return text;
}

struct sortable {
	struct diag diag;
	size_t rank; /* 0: of no file; else that of its file */
	size_t position;
};

static int compare(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->diag.place.line != y->diag.place.line)
		return x->diag.place.line < y->diag.place.line ? -1 : 1;
	if (x->diag.place.column != y->diag.place.column)
		return x->diag.place.column < y->diag.place.column ? -1 : 1;
	return x->position < y->position ? -1 : 1;
}

static size_t rank_of(struct place place, const struct source *sources, size_t n)
{
	for (size_t i = 0; i < n && place.file && place.line > 0; i++)
		if (place.file == sources[i].file || strcmp(place.file, sources[i].file) == 0)
			return i + 1;
	return 0;
}

static void sort(struct diag_list *list, const struct source *sources, size_t n)
{
	struct sortable *items = malloc((list->n ? list->n : 1) * sizeof *items);
	if (!items) {
		list->failed = true;
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		items[i] = (struct sortable){list->items[i], rank_of(list->items[i].place, sources, n), i};
	qsort(items, list->n, sizeof *items, compare);
	for (size_t i = 0; i < list->n; i++)
		list->items[i] = items[i].diag;
	free(items);
}

static void begin_line(struct cursor *cursor, const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));
	size_t n = (size_t)((newline ? newline : end) - line);
	*cursor = (struct cursor){.line = line, .line_bytes = n, .number = cursor->number + 1};
	if (n > 0 && line[n - 1] == '\r')
		cursor->line_bytes--;
}

/* Those of one file: the list is sorted, so that its text is gone through once. */
static void add_excerpts(struct diag_list *list, const struct source *source)
{
	const char *end = source->text + source->text_bytes;
	struct cursor cursor = {0};
	begin_line(&cursor, source->text, end);
	for (size_t i = 0; i < list->n; i++) {
		struct diag *diag = &list->items[i];
		if (diag->excerpt || rank_of(diag->place, source, 1) == 0)
			continue;
		while (cursor.number < diag->place.line) {
			const char *from = cursor.line + cursor.line_bytes;
			const char *newline = memchr(from, '\n', (size_t)(end - from));
			if (!newline)
				break;
			begin_line(&cursor, newline + 1, end);
		}
		if (cursor.number != diag->place.line || source->text_bytes == 0)
			continue;
		diag->excerpt = draw(list->arena, &cursor, diag->place.column ? diag->place.column : 1);
		if (!diag->excerpt)
			list->failed = true;
	}
}

void diag_add_excerpts(struct diag_list *list, const struct source *sources, size_t n)
{
	sort(list, sources, n);
	for (size_t i = 0; i < n && !list->bare; i++)
		add_excerpts(list, &sources[i]);
}

const char *diag_where(struct arena *arena, struct place place, struct place other)
{
	bool same = !other.file || (place.file && strcmp(place.file, other.file) == 0);
	return same ? arena_printf(arena, "line %u", other.line) : arena_printf(arena, "%s:%u", other.file, other.line);
}

/* A page as text: one file, nothing to fetch, no scripts. Every text goes through svg_escape(). */
#ifndef PKTPATH_DRAW_HTML_H
#define PKTPATH_DRAW_HTML_H
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>

/* html_style.c: how pages look. */
void html_style(struct buf *out);

void html_begin(struct buf *out, const char *title);
void html_end(struct buf *out);
/* `id` is one of our own names, never a scenario's. */
void html_section(struct buf *out, const char *id, const char *title);
void html_section_end(struct buf *out);
/* An element around text; `classes` NULL: none. */
void html_text(struct buf *out, const char *tag, const char *classes, const char *text);
__attribute__((format(printf, 4, 5))) void html_textf(struct buf *out, const char *tag, const char *classes,
						      const char *format, ...);
/* A term and what it is, in a list between html_list() and html_list_end(); nothing where the text is NULL. */
void html_list(struct buf *out);
void html_item(struct buf *out, const char *term, const char *classes, const char *text);
void html_list_end(struct buf *out);
/* A few numbers that one wants first, between html_tiles() and html_tiles_end(). */
void html_tiles(struct buf *out);
void html_tile(struct buf *out, const char *classes, const char *value, const char *what);
void html_tiles_end(struct buf *out);
/* A table; rows of cells in between. The head of a column of numbers begins with `>`. Cells span `n_rows` rows.
 * `classes` is for a table with a form of its own in a narrow window; of one without, each cell brings the head of its
 * column. */
struct html_table {
	struct buf *out;
	const char *const *heads;
	size_t n_heads, column;
	bool labelled;
};
void html_table(struct html_table *table, struct buf *out, const char *classes, const char *const *heads,
		size_t n_heads);
void html_row(struct html_table *table, const char *classes);
void html_cell(struct html_table *table, const char *classes, size_t n_rows, const char *hover, const char *text);
void html_table_end(struct html_table *table);
/* What can be folded away. `id`: one of our own names; NULL: none. */
void html_fold(struct buf *out, const char *id, bool open, const char *classes, const char *summary);
void html_fold_end(struct buf *out);
/* Around an SVG. One that is much wider than the page is scrolled. */
void html_picture(struct buf *out);
void html_picture_end(struct buf *out);
#endif

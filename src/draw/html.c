/* DOC: the elements of a page. The page must be readable in any browser, in mail, on paper, and be harmless whatever a
 * scenario is called: its policy lets it fetch and run nothing, and no text reaches it but through svg_escape().
 * Folding is the browser's own. */
#include "draw/html.h"
#include "draw/svg.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void html_begin(struct buf *out, const char *title)
{
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		      "'unsafe-inline'; base-uri "
		      "'none'; form-action 'none'\">\n"
		      "<meta name=\"generator\" content=\"pktpath\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		      "<meta name=\"referrer\" content=\"no-referrer\">\n");
	html_text(out, "title", NULL, title);
	buf_puts(out, "<style>\n");
	html_style(out);
	svg_style(out);
	buf_puts(out, "</style>\n</head>\n<body>\n");
}

void html_end(struct buf *out)
{
	buf_puts(out, "</body>\n</html>\n");
}

void html_section(struct buf *out, const char *id, const char *title)
{
	buf_printf(out, "<section id=\"%s\">\n", id);
	html_text(out, "h2", NULL, title);
}

void html_section_end(struct buf *out)
{
	buf_puts(out, "</section>\n");
}

static void open_element(struct buf *out, const char *tag, const char *classes)
{
	buf_printf(out, "<%s", tag);
	if (classes)
		buf_printf(out, " class=\"%s\"", classes);
	buf_putc(out, '>');
}

void html_text(struct buf *out, const char *tag, const char *classes, const char *text)
{
	open_element(out, tag, classes);
	svg_escape(out, text);
	buf_printf(out, "</%s>\n", tag);
}

void html_textf(struct buf *out, const char *tag, const char *classes, const char *format, ...)
{
	va_list args;
	char *text = NULL;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		out->failed = true;
		return;
	}
	html_text(out, tag, classes, text);
	free(text);
}

void html_list(struct buf *out)
{
	buf_puts(out, "<dl>\n");
}

void html_item(struct buf *out, const char *term, const char *classes, const char *text)
{
	if (!text)
		return;
	html_text(out, "dt", NULL, term);
	html_text(out, "dd", classes, text);
}

void html_list_end(struct buf *out)
{
	buf_puts(out, "</dl>\n");
}

void html_tiles(struct buf *out)
{
	buf_puts(out, "<ul class=\"tiles\">\n");
}

void html_tile(struct buf *out, const char *classes, const char *value, const char *what)
{
	buf_puts(out, "<li>");
	open_element(out, "strong", classes);
	svg_escape(out, value);
	buf_puts(out, "</strong> ");
	svg_escape(out, what);
	buf_puts(out, "</li>\n");
}

void html_tiles_end(struct buf *out)
{
	buf_puts(out, "</ul>\n");
}

/* ---- tables ---- */

void html_table(struct html_table *table, struct buf *out, const char *classes, const char *const *heads,
		size_t n_heads)
{
	*table = (struct html_table){.out = out, .heads = heads, .n_heads = n_heads, .labelled = true};
	buf_puts(out, "<div class=\"scroll\">");
	open_element(out, "table", classes);
	buf_puts(out, "\n<thead><tr>");
	for (size_t i = 0; i < n_heads; i++)
		html_text(out, "th", heads[i][0] == '>' ? "number" : NULL, heads[i] + (heads[i][0] == '>'));
	buf_puts(out, "</tr></thead>\n<tbody>\n");
}

void html_row(struct html_table *table, const char *classes)
{
	table->column = 0;
	open_element(table->out, "tr", classes); /* the end tag may be left out, and is: pages are large */
}

void html_cell(struct html_table *table, const char *classes, size_t n_rows, const char *hover, const char *text)
{
	struct buf *out = table->out;
	const char *head = table->labelled && table->column < table->n_heads ? table->heads[table->column] : "";
	table->column++;
	head += *head == '>';
	buf_puts(out, "<td");
	if (classes)
		buf_printf(out, " class=\"%s\"", classes);
	if (n_rows > 1)
		buf_printf(out, " rowspan=\"%zu\"", n_rows);
	if (*head != '\0') {
		buf_puts(out, " data-h=\"");
		svg_escape(out, head);
		buf_putc(out, '"');
	}
	if (hover) {
		buf_puts(out, " title=\"");
		svg_escape(out, hover);
		buf_putc(out, '"');
	}
	buf_putc(out, '>');
	svg_escape(out, text);
	buf_puts(out, "</td>\n");
}

void html_table_end(struct html_table *table)
{
	buf_puts(table->out, "</tbody></table></div>\n");
}

void html_fold(struct buf *out, const char *id, bool open, const char *classes, const char *summary)
{
	buf_puts(out, "<details");
	if (id)
		buf_printf(out, " id=\"%s\"", id);
	buf_puts(out, open ? " open>\n" : ">\n");
	html_text(out, "summary", classes, summary);
}

void html_fold_end(struct buf *out)
{
	buf_puts(out, "</details>\n");
}

void html_picture(struct buf *out)
{
	buf_puts(out, "<div class=\"picture\">\n");
}

void html_picture_end(struct buf *out)
{
	buf_puts(out, "</div>\n");
}

/* DOC: a page that a program fills piece by piece: texts, tables, charts, source with a colour for each line. It is as harmless as
 * the page about a run (draw/html.c): it fetches and runs nothing. Whether memory was short is asked once, at the end. */
#include "base/buf.h"
#include "draw/chart.h"
#include "draw/html.h"
#include "draw/svg.h"
#include "pktpath/tools.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pp_sheet {
	struct buf out;
	bool in_section;
	unsigned n_sections;
};

int pp_sheet_new(const char *title, pp_sheet **ret)
{
	*ret = calloc(1, sizeof **ret);
	if (!*ret)
		return -ENOMEM;
	html_begin(&(*ret)->out, title);
	html_text(&(*ret)->out, "h1", NULL, title);
	return 0;
}

void pp_sheet_free(pp_sheet *sheet)
{
	if (!sheet)
		return;
	buf_free(&sheet->out);
	free(sheet);
}

static void end_section(struct pp_sheet *sheet)
{
	if (sheet->in_section)
		html_section_end(&sheet->out);
	sheet->in_section = false;
}

void pp_sheet_section(pp_sheet *sheet, const char *title)
{
	char id[32];
	end_section(sheet);
	(void)snprintf(id, sizeof id, "part-%u", ++sheet->n_sections);
	html_section(&sheet->out, id, title);
	sheet->in_section = true;
}

void pp_sheet_text(pp_sheet *sheet, const char *text)
{
	html_text(&sheet->out, "p", NULL, text);
}

void pp_sheet_verdict(pp_sheet *sheet, bool pass, const char *text)
{
	html_text(&sheet->out, "p", pass ? "verdict pass" : "verdict fail", text);
}

/* ---- tables ---- */

/* A link leads to a file beside the page: whatever else it says is escaped. */
static void put_link(struct buf *out, const char *classes, const char *link, const char *text)
{
	buf_printf(out, "<td%s%s%s><a href=\"", classes ? " class=\"" : "", classes ? classes : "",
		   classes ? "\"" : "");
	svg_escape(out, link);
	buf_puts(out, "\">");
	svg_escape(out, text);
	buf_puts(out, "</a></td>\n");
}

void pp_sheet_table(pp_sheet *sheet, const char *const *heads, size_t n_heads, const pp_cell *cells, size_t n_rows)
{
	struct html_table table;
	html_table(&table, &sheet->out, NULL, heads, n_heads);
	for (size_t row = 0; row < n_rows; row++) {
		html_row(&table, NULL);
		for (size_t i = 0; i < n_heads; i++) {
			const pp_cell *cell = &cells[row * n_heads + i];
			const char *classes = cell->bad            ? "bad"
					      : cell->good         ? "good"
					      : heads[i][0] == '>' ? "number"
								   : NULL;
			if (cell->link)
				put_link(&sheet->out, classes, cell->link, cell->text);
			else
				html_cell(&table, classes, 1, NULL, cell->text);
		}
	}
	html_table_end(&table);
}

void pp_sheet_source(pp_sheet *sheet, const char *name, bool open, const pp_source_line *lines, size_t n)
{
	static const char *const classes[] = {
		[PP_LINE_PLAIN] = "", [PP_LINE_USED] = "used", [PP_LINE_PASSED] = "passed", [PP_LINE_NEVER] = "never"};
	struct buf *out = &sheet->out;
	html_fold(out, NULL, open, NULL, name);
	buf_puts(out, "<pre class=\"source\">");
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "<span class=\"line %s\"><b>%8s</b> <i>%5zu</i>  ", classes[lines[i].state],
			   lines[i].count ? lines[i].count : "", i + 1);
		svg_escape(out, lines[i].text);
		buf_puts(out, "\n</span>");
	}
	buf_puts(out, "</pre>\n");
	html_fold_end(out);
}

/* ---- charts ---- */

_Static_assert((int)PP_MEASURE_COUNT == (int)CHART_COUNT && (int)PP_MEASURE_SHARE == (int)CHART_SHARE &&
		       (int)PP_MEASURE_TIME == (int)CHART_TIME && PP_CHART_UNKNOWN == CHART_UNKNOWN,
	       "public units are those of charts");

static void put_bands(const pp_bands *bands, bool embedded, struct buf *out)
{
	struct chart_band *items = calloc(bands->n + 1, sizeof *items);
	if (!items) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < bands->n; i++) {
		const pp_band *from = &bands->items[i];
		items[i] = (struct chart_band){from->label, from->min, from->p5, from->p50, from->p95, from->max};
	}
	chart_bands(items, bands->n, (enum chart_unit)bands->kind, bands->mark, bands->title, bands->x_title, embedded,
		    out);
	free(items);
}

static void put_heat(const pp_heat *heat, bool embedded, struct buf *out)
{
	struct chart_heat chart = {heat->title,   heat->x_title, heat->y_title,
				   heat->columns, heat->rows,    heat->n_columns,
				   heat->n_rows,  heat->values,  (enum chart_unit)heat->kind};
	chart_heat(&chart, embedded, out);
}

void pp_sheet_bands(pp_sheet *sheet, const pp_bands *bands)
{
	html_picture(&sheet->out);
	put_bands(bands, true, &sheet->out);
	html_picture_end(&sheet->out);
}

void pp_sheet_heat(pp_sheet *sheet, const pp_heat *heat)
{
	html_picture(&sheet->out);
	put_heat(heat, true, &sheet->out);
	html_picture_end(&sheet->out);
}

/* The text becomes the caller's. */
static char *take_text(struct buf *out)
{
	char *text = buf_failed(out) ? NULL : strdup(buf_text(out));
	buf_free(out);
	return text;
}

char *pp_draw_bands(const pp_bands *bands)
{
	struct buf out = {0};
	put_bands(bands, false, &out);
	return take_text(&out);
}

char *pp_draw_heat(const pp_heat *heat)
{
	struct buf out = {0};
	put_heat(heat, false, &out);
	return take_text(&out);
}

int pp_sheet_finish(pp_sheet *sheet, const char **ret_text, size_t *ret_bytes)
{
	end_section(sheet);
	html_end(&sheet->out);
	*ret_text = buf_text(&sheet->out);
	*ret_bytes = sheet->out.size_bytes;
	return buf_failed(&sheet->out) ? -ENOMEM : 0;
}

char *pp_print_measure(int64_t value, pp_measure_kind kind, char *text)
{
	return chart_text(value, (enum chart_unit)kind, text);
}

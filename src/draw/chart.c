/* DOC: charts of a measure. Values of a setting stand at equal distances in the order in which they were tried, whatever they
 * are: numbers, durations or words. The axis of the measure begins at 0 and is cut at round numbers. Whatever is drawn can be
 * read as text, too: each place has a tip with its numbers. */
#include "draw/chart.h"
#include "draw/svg.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 960
#define LEFT 100
#define RIGHT 24
#define TOP 40
#define HEIGHT 260 /* of the plot itself */
#define BOTTOM 54
#define HOVER_BYTES 320

/* A fixed number of parts, without zeros at its end. */
static void decimal_text(int64_t value, int64_t parts, int digits, const char *unit, char text[CHART_TEXT_BYTES])
{
	char fraction[24];
	(void)snprintf(fraction, sizeof fraction, "%0*" PRId64, digits, value % parts);
	size_t n = strlen(fraction);
	while (n > 0 && fraction[n - 1] == '0')
		fraction[--n] = '\0';
	(void)snprintf(text, CHART_TEXT_BYTES, "%" PRId64 "%s%.9s%s", value / parts, n > 0 ? "." : "", fraction, unit);
}

char *chart_text(int64_t value, enum chart_unit unit, char text[CHART_TEXT_BYTES])
{
	if (value == CHART_UNKNOWN) {
		(void)snprintf(text, CHART_TEXT_BYTES, "-");
		return text;
	}
	switch (unit) {
	case CHART_COUNT:
		(void)snprintf(text, CHART_TEXT_BYTES, "%" PRId64, value);
		break;
	case CHART_SHARE:
		decimal_text(value / 1000, 10000, 4, " %", text);
		break;
	case CHART_TIME:
		if (value >= 1000000000)
			decimal_text(value / 1000000, 1000, 3, " s", text);
		else if (value >= 1000000)
			decimal_text(value / 1000, 1000, 3, " ms", text);
		else
			decimal_text(value, 1000, 3, " us", text);
		break;
	}
	return text;
}

/* ---- axes ---- */

/* 1, 2 or 5 times a power of ten; at most six of them reach the largest value. */
static int64_t round_step(int64_t largest)
{
	static const int64_t factors[] = {1, 2, 5};
	int64_t power = 1;
	while (power < INT64_MAX / 100) {
		for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
			if (largest / (power * factors[i]) < 6)
				return power * factors[i];
		power *= 10;
	}
	return power;
}

/* Without overflow for whatever a measure may be. */
static int y_of(int64_t value, int64_t top)
{
	while (top > INT64_MAX / HEIGHT) {
		top /= 2;
		value /= 2;
	}
	return TOP + HEIGHT - (int)(value * HEIGHT / top);
}

static int x_of(size_t i, size_t n)
{
	int room = WIDTH - LEFT - RIGHT;
	return LEFT + (int)((2 * i + 1) * (size_t)room / (2 * n));
}

static void draw_value_axis(int64_t step, int64_t top, enum chart_unit unit, struct buf *out)
{
	for (int64_t value = 0; value <= top; value += step) {
		char text[CHART_TEXT_BYTES];
		int y = y_of(value, top);
		svg_line(out, "grid", LEFT, y, WIDTH - RIGHT, y);
		svg_text(out, "small dim", LEFT - 8, y + 4, SVG_END, chart_text(value, unit, text));
		if (value > INT64_MAX - step)
			break;
	}
	svg_line(out, "axis", LEFT, TOP + HEIGHT, WIDTH - RIGHT, TOP + HEIGHT);
}

static void draw_labels(const struct chart_band *bands, size_t n, const char *x_title, struct buf *out)
{
	int free_from = 0;
	for (size_t i = 0; i < n; i++) {
		char label[96];
		const char *text = svg_fit(bands[i].label, SVG_PLAIN, 11, 160, label, sizeof label);
		int half = svg_text_width(text, SVG_PLAIN, 11) / 2, x = x_of(i, n);
		if (x - half < free_from)
			continue;
		svg_text(out, "small dim", x, TOP + HEIGHT + 16, SVG_MIDDLE, text);
		free_from = x + half + 8;
	}
	char title[256];
	svg_text(out, "small", (LEFT + WIDTH - RIGHT) / 2, TOP + HEIGHT + 38, SVG_MIDDLE,
		 svg_fit(x_title, SVG_PLAIN, 11, WIDTH - LEFT - RIGHT, title, sizeof title));
}

/* ---- bands ---- */

static int64_t largest_of(const struct chart_band *bands, size_t n, int64_t mark)
{
	int64_t largest = mark == CHART_UNKNOWN ? 0 : mark;
	for (size_t i = 0; i < n; i++)
		if (bands[i].max != CHART_UNKNOWN && bands[i].max > largest)
			largest = bands[i].max;
	return largest > 0 ? largest : 1;
}

/* From the left along the upper edge, back along the lower one; places without a value are left out. */
static void draw_area(const struct chart_band *bands, size_t n, int64_t top, struct buf *out)
{
	const char *command = "M";
	buf_puts(out, "<path class=\"idle\" d=\"");
	for (size_t i = 0; i < n; i++) {
		if (bands[i].p95 == CHART_UNKNOWN)
			continue;
		buf_printf(out, "%s%d %d", command, x_of(i, n), y_of(bands[i].p95, top));
		command = "L";
	}
	for (size_t i = n; i-- > 0;)
		if (bands[i].p5 != CHART_UNKNOWN)
			buf_printf(out, "%s%d %d", command, x_of(i, n), y_of(bands[i].p5, top));
	buf_puts(out, *command == 'L' ? "Z\"/>\n" : "\"/>\n");
}

static void draw_middle(const struct chart_band *bands, size_t n, int64_t top, struct buf *out)
{
	const char *command = "M";
	buf_puts(out, "<path class=\"curve\" d=\"");
	for (size_t i = 0; i < n; i++) {
		if (bands[i].p50 == CHART_UNKNOWN)
			continue;
		buf_printf(out, "%s%d %d", command, x_of(i, n), y_of(bands[i].p50, top));
		command = "L";
	}
	buf_puts(out, "\"/>\n");
}

static void draw_place(const struct chart_band *band, int x, int width, int64_t top, enum chart_unit unit, char *hover,
		       struct svg_tips *tips, struct buf *out)
{
	char p5[CHART_TEXT_BYTES], p50[CHART_TEXT_BYTES], p95[CHART_TEXT_BYTES], min[CHART_TEXT_BYTES],
		max[CHART_TEXT_BYTES];
	if (band->p50 == CHART_UNKNOWN)
		return;
	svg_line(out, "axis", x, y_of(band->min, top), x, y_of(band->max, top));
	buf_printf(out, "<circle class=\"dot\" cx=\"%d\" cy=\"%d\" r=\"3\"/>\n", x, y_of(band->p50, top));
	(void)snprintf(hover, HOVER_BYTES, "%.80s\nmedian %s, P5 %s, P95 %s\nleast %s, most %s", band->label,
		       chart_text(band->p50, unit, p50), chart_text(band->p5, unit, p5),
		       chart_text(band->p95, unit, p95), chart_text(band->min, unit, min),
		       chart_text(band->max, unit, max));
	svg_tip_add(tips, (struct svg_tip){hover, x - width / 2, TOP, width, HEIGHT, 0});
}

void chart_bands(const struct chart_band *bands, size_t n, enum chart_unit unit, int64_t mark, const char *title,
		 const char *x_title, bool embedded, struct buf *out)
{
	int64_t largest = largest_of(bands, n, mark), step = round_step(largest),
		top = largest > INT64_MAX - step ? largest : (largest + step - 1) / step * step;
	int width = (WIDTH - LEFT - RIGHT) / (int)(n > 0 ? n : 1);
	char head[256];
	svg_begin(out, WIDTH, TOP + HEIGHT + BOTTOM, title,
		  "The median as a line, P5 to P95 as a band, the least and the most as thin lines.", embedded);
	svg_text(out, "strong", 0, 16, SVG_START, svg_fit(title, SVG_BOLD, 12, WIDTH - 260, head, sizeof head));
	svg_text(out, "small dim", WIDTH - RIGHT, 16, SVG_END, "line: median; band: P5 to P95; thin: all");
	draw_value_axis(step, top, unit, out);
	draw_area(bands, n, top, out);
	char *hovers = calloc(n + 1, HOVER_BYTES);
	struct svg_tips tips = {.failed = !hovers};
	for (size_t i = 0; hovers && i < n; i++)
		draw_place(&bands[i], x_of(i, n), width > 4 ? width : 4, top, unit, hovers + i * HOVER_BYTES, &tips,
			   out);
	draw_middle(bands, n, top, out);
	if (mark != CHART_UNKNOWN)
		svg_line(out, "budget", LEFT, y_of(mark, top), WIDTH - RIGHT, y_of(mark, top));
	draw_labels(bands, n, x_title, out);
	svg_tips_end(&tips, out, WIDTH, TOP + HEIGHT + BOTTOM);
	free(hovers);
	svg_end(out);
}

/* ---- heat maps ---- */

#define ROW_LABELS 180
#define CELL_HEIGHT 26

static unsigned percent_of(int64_t value, int64_t largest)
{
	while (largest > INT64_MAX / 100) {
		largest /= 2;
		value /= 2;
	}
	return largest > 0 ? (unsigned)(value * 100 / largest) : 0;
}

static void draw_cell(const struct chart_heat *heat, size_t row, size_t column, int64_t largest, int width, char *hover,
		      struct svg_tips *tips, struct buf *out)
{
	int64_t value = heat->values[row * heat->n_columns + column];
	int x = ROW_LABELS + (int)column * width, y = TOP + (int)row * CELL_HEIGHT;
	char text[CHART_TEXT_BYTES];
	unsigned share = value == CHART_UNKNOWN ? 0 : percent_of(value, largest);
	buf_printf(out,
		   "<rect class=\"used\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill-opacity=\"%u.%02u\"/>\n", x,
		   y, width - 1, CELL_HEIGHT - 1, share / 100, share % 100);
	(void)chart_text(value, heat->unit, text);
	if (svg_text_width(text, SVG_PLAIN, 11) + 6 <= width)
		svg_text(out, "small halo", x + width / 2, y + 17, SVG_MIDDLE, text);
	(void)snprintf(hover, HOVER_BYTES, "%.80s = %.40s\n%.80s = %.40s\n%s", heat->x_title, heat->columns[column],
		       heat->y_title, heat->rows[row], text);
	svg_tip_add(tips, (struct svg_tip){hover, x, y, width - 1, CELL_HEIGHT - 1, 0});
}

static void draw_heat_labels(const struct chart_heat *heat, int width, struct buf *out)
{
	char label[128];
	int free_from = 0, bottom = TOP + (int)heat->n_rows * CELL_HEIGHT;
	for (size_t i = 0; i < heat->n_rows; i++)
		svg_text(out, "small dim", ROW_LABELS - 8, TOP + (int)i * CELL_HEIGHT + 17, SVG_END,
			 svg_fit(heat->rows[i], SVG_PLAIN, 11, ROW_LABELS - 12, label, sizeof label));
	for (size_t i = 0; i < heat->n_columns; i++) {
		const char *text = svg_fit(heat->columns[i], SVG_PLAIN, 11, 160, label, sizeof label);
		int half = svg_text_width(text, SVG_PLAIN, 11) / 2, x = ROW_LABELS + (int)i * width + width / 2;
		if (x - half < free_from)
			continue;
		svg_text(out, "small dim", x, bottom + 16, SVG_MIDDLE, text);
		free_from = x + half + 8;
	}
	svg_text(out, "small", 0, TOP - 8, SVG_START,
		 svg_fit(heat->y_title, SVG_PLAIN, 11, WIDTH / 2, label, sizeof label));
	svg_text(out, "small", WIDTH - RIGHT, bottom + 36, SVG_END,
		 svg_fit(heat->x_title, SVG_PLAIN, 11, WIDTH / 2, label, sizeof label));
}

void chart_heat(const struct chart_heat *heat, bool embedded, struct buf *out)
{
	int64_t largest = 1;
	size_t n = heat->n_columns * heat->n_rows;
	int room = WIDTH - ROW_LABELS - RIGHT, width = room / (int)(heat->n_columns ? heat->n_columns : 1),
	    height = TOP + (int)heat->n_rows * CELL_HEIGHT + BOTTOM;
	char head[256];
	for (size_t i = 0; i < n; i++)
		if (heat->values[i] != CHART_UNKNOWN && heat->values[i] > largest)
			largest = heat->values[i];
	width = width > 120 ? 120 : width < 3 ? 3 : width;
	svg_begin(out, WIDTH, height, heat->title, "A cell for each pair of values, the darker the larger.", embedded);
	svg_text(out, "strong", 0, 16, SVG_START, svg_fit(heat->title, SVG_BOLD, 12, WIDTH - 20, head, sizeof head));
	char *hovers = calloc(n + 1, HOVER_BYTES);
	struct svg_tips tips = {.failed = !hovers};
	for (size_t i = 0; hovers && i < n; i++)
		draw_cell(heat, i / heat->n_columns, i % heat->n_columns, largest, width, hovers + i * HOVER_BYTES,
			  &tips, out);
	draw_heat_labels(heat, width, out);
	svg_tips_end(&tips, out, WIDTH, height);
	free(hovers);
	svg_end(out);
}

/* DOC: several things of one measure over virtual time: ports in use by worker, app or destination, as stairs, with the
 * budget as a broken line and refused calls as crosses. A line has a colour, a pattern of dashes and a letter, so that
 * they differ without colours, too; the legend stands to the left, the largest first. */
#include "draw/plot_lines.h"
#include "draw/plot_time.h"
#include "draw/svg.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TOP 30
#define HEIGHT 150
#define LEGEND_LINE 16
#define REFUSED_BYTES 96
#define LABEL_ROOM 40 /* between numbers */
#define MARGIN 16     /* of a picture of its own */

/* Of the lines behind the first, which is a curve as any. */
static const char style[] = "<style>"
			    ".pp .line1{stroke:#b35a00;stroke-dasharray:9 3}"
			    ".pp .line2{stroke:#17703a;stroke-dasharray:3 2}"
			    ".pp .line3{stroke:#7a3fb0;stroke-dasharray:12 3 3 3}"
			    ".pp .line4{stroke:#00808a;stroke-dasharray:1 2}"
			    ".pp .line5{stroke:#8a1f5c;stroke-dasharray:6 2 1 2}"
			    ".pp .line6{stroke:#5a6a7a;stroke-dasharray:5 5}"
			    ".pp .line7{stroke:#4c5a00;stroke-dasharray:2 6}"
			    "@media screen and (prefers-color-scheme:dark){"
			    ".pp .line1{stroke:#ffb066}"
			    ".pp .line2{stroke:#5fd08a}"
			    ".pp .line3{stroke:#c79bff}"
			    ".pp .line4{stroke:#5fd5df}"
			    ".pp .line5{stroke:#ff8ac4}"
			    ".pp .line6{stroke:#a9b8c8}"
			    ".pp .line7{stroke:#c5d36a}}"
			    "</style>\n";

static int y_of(uint64_t value, uint64_t top_value)
{
	return TOP + HEIGHT - (int)(value * HEIGHT / top_value);
}

static int x_of_sample(size_t i, size_t n, int64_t end_ns)
{
	return plot_x(n > 1 ? end_ns / (int64_t)(n - 1) * (int64_t)i : 0, end_ns);
}

static void draw_stairs(const struct plot_lines *plot, const struct plot_line *line, size_t number, uint64_t top_value,
			struct buf *out)
{
	int y = y_of(line->samples[0], top_value);
	buf_printf(out, "<path class=\"curve line%zu\" d=\"M%d %d", number, PLOT_LEFT, y);
	for (size_t i = 1; i < plot->n_samples; i++) {
		int next = y_of(line->samples[i], top_value);
		if (next != y || i + 1 == plot->n_samples)
			buf_printf(out, "H%dV%d", x_of_sample(i, plot->n_samples, plot->end_ns), next);
		y = next;
	}
	buf_puts(out, "\"/>\n");
}

/* The letter of a line stands where the line is highest. */
static void draw_letter(const struct plot_lines *plot, const struct plot_line *line, size_t number, uint64_t top_value,
			struct buf *out)
{
	size_t at = 0;
	char letter[2] = {(char)('a' + number), '\0'};
	for (size_t i = 1; i < plot->n_samples; i++)
		at = line->samples[i] > line->samples[at] ? i : at;
	svg_text(out, "small halo", x_of_sample(at, plot->n_samples, plot->end_ns) + 3 + 9 * (int)number,
		 y_of(line->samples[at], top_value) - 3, SVG_START, letter);
}

static uint64_t refused_in_all(const struct plot_lines *plot)
{
	uint64_t refused = 0;
	for (size_t i = 0; plot->refused && i < plot->n_samples; i++)
		refused += plot->refused[i];
	return refused;
}

static int draw_legend(const struct plot_lines *plot, struct buf *out)
{
	int y = TOP + 12;
	char text[256], fitted[256];
	svg_text(out, "strong", 0, y, SVG_START,
		 svg_fit(plot->title, SVG_BOLD, 12, PLOT_LEFT - 50, fitted, sizeof fitted));
	if (plot->budget > 0)
		(void)snprintf(text, sizeof text, "most at once, of %" PRIu64 " ports", plot->budget);
	else
		(void)snprintf(text, sizeof text, "most ports at once, no budget");
	svg_text(out, "small dim", 0, y += LEGEND_LINE, SVG_START, text);
	if (refused_in_all(plot) > 0) {
		(void)snprintf(text, sizeof text, "%" PRIu64 " refused", refused_in_all(plot));
		svg_text(out, "small strong bad", 0, y += LEGEND_LINE, SVG_START, text);
	}
	for (size_t i = 0; i < plot->n_lines; i++) {
		const struct plot_line *line = &plot->lines[i];
		(void)snprintf(text, sizeof text, "(%c) %.160s: %" PRIu64, (char)('a' + (int)i), line->label,
			       line->peak);
		y += LEGEND_LINE;
		buf_printf(out, "<path class=\"curve line%zu\" d=\"M0 %dh22\"/>\n", i, y - 4);
		svg_text(out, plot->budget > 0 && line->peak >= plot->budget ? "small bad" : "small", 28, y, SVG_START,
			 svg_fit(text, SVG_PLAIN, 11, PLOT_LEFT - 40, fitted, sizeof fitted));
	}
	if (plot->n_left_out > 0) {
		(void)snprintf(text, sizeof text, "and %zu more with fewer ports", plot->n_left_out);
		svg_text(out, "small dim", 28, y += LEGEND_LINE, SVG_START, text);
	}
	return y;
}

/* `hovers` has REFUSED_BYTES for each sample. */
static void draw_refused(const struct plot_lines *plot, char *hovers, struct svg_tips *tips, struct buf *out)
{
	int labelled = -LABEL_ROOM;
	for (size_t i = 0; plot->refused && i < plot->n_samples; i++) {
		char time[48], *hover = hovers + i * REFUSED_BYTES;
		int x = x_of_sample(i, plot->n_samples, plot->end_ns);
		if (plot->refused[i] == 0)
			continue;
		plot_time(plot->end_ns / (int64_t)(plot->n_samples - 1) * (int64_t)i, time, sizeof time);
		(void)snprintf(hover, REFUSED_BYTES, "until %s: %" PRIu64 " call%s found no free port", time,
			       plot->refused[i], plot->refused[i] == 1 ? "" : "s");
		buf_printf(out, "<path class=\"tick\" d=\"M%d %dl6 8M%d %dl-6 8\"/>\n", x - 3, TOP - 14, x + 3,
			   TOP - 14);
		if (x - labelled >= LABEL_ROOM) { /* how many, where it has room */
			char number[24];
			(void)snprintf(number, sizeof number, "%" PRIu64, plot->refused[i]);
			svg_text(out, "small bad", x + 6, TOP - 6, SVG_START, number);
			labelled = x;
		}
		svg_tip_add(tips, (struct svg_tip){hover, x - 6, TOP - 17, 12, 14, 3});
	}
}

int plot_lines_height(const struct plot_lines *plot)
{
	int legend = TOP + 12 +
		     LEGEND_LINE * (int)(1 + (plot->refused ? 1u : 0u) + plot->n_lines + (plot->n_left_out > 0)) + 8;
	int chart = TOP + HEIGHT + 24;
	return legend > chart ? legend : chart;
}

void plot_lines(const struct plot_lines *plot, struct buf *out)
{
	char text[64];
	uint64_t peak = 1;
	int bottom = TOP + HEIGHT;
	for (size_t i = 0; i < plot->n_lines; i++)
		peak = plot->lines[i].peak > peak ? plot->lines[i].peak : peak;
	/* The budget is drawn where use comes near it; a few ports of 64512 would be a flat line below it. */
	bool near = plot->budget > 0 && peak >= plot->budget / 20;
	uint64_t top_value = near && plot->budget > peak ? plot->budget : peak;
	plot_axis(plot->end_ns, TOP, bottom, out);
	(void)draw_legend(plot, out);
	(void)snprintf(text, sizeof text, "%" PRIu64, top_value);
	svg_text(out, "small dim", PLOT_LEFT - 8, TOP - 2, SVG_END, text);
	svg_text(out, "small dim", PLOT_LEFT - 8, bottom, SVG_END, "0");
	if (near) {
		int y = y_of(plot->budget, top_value);
		svg_line(out, "budget", PLOT_LEFT, y, PLOT_WIDTH - PLOT_RIGHT, y);
		svg_text(out, "small bad", PLOT_WIDTH - PLOT_RIGHT + 8, y + 4, SVG_START, "budget");
	}
	for (size_t i = plot->n_lines; i-- > 0;)
		draw_stairs(plot, &plot->lines[i], i, top_value, out);
	for (size_t i = 0; plot->n_lines > 1 && i < plot->n_lines; i++)
		draw_letter(plot, &plot->lines[i], i, top_value, out);
	char *hovers = calloc(plot->n_samples, REFUSED_BYTES);
	struct svg_tips tips = {.failed = !hovers};
	if (hovers)
		draw_refused(plot, hovers, &tips, out);
	svg_tips_end(&tips, out, PLOT_WIDTH, plot_lines_height(plot));
	free(hovers);
}

#define PLOT_DESCRIPTION "Ports in use over time, the budget as a broken line, refused calls as crosses."

void plot_lines_svg(const struct plot_lines *plot, struct buf *out)
{
	svg_begin(out, PLOT_WIDTH, plot_lines_height(plot), plot->title, PLOT_DESCRIPTION, true);
	buf_puts(out, style);
	plot_lines(plot, out);
	svg_end(out);
}

void plot_lines_picture(const struct plot_lines *plots, size_t n, const char *title, struct buf *out)
{
	int height = 56, y = 44;
	char fitted[256];
	for (size_t i = 0; i < n; i++)
		height += plot_lines_height(&plots[i]) + 10;
	if (n == 0)
		height += 24;
	svg_begin(out, PLOT_WIDTH + 2 * MARGIN, height, title, PLOT_DESCRIPTION, false);
	buf_puts(out, style);
	buf_printf(out, "<rect class=\"paper\" x=\"0\" y=\"0\" width=\"%d\" height=\"%d\"/>\n", PLOT_WIDTH + 2 * MARGIN,
		   height);
	svg_text(out, "big", MARGIN, 30, SVG_START,
		 svg_fit(title, SVG_BOLD, 18, PLOT_WIDTH - 20, fitted, sizeof fitted));
	if (n == 0)
		svg_text(out, "dim", MARGIN, 54, SVG_START, "No NAT made a mapping.");
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "<g transform=\"translate(%d %d)\">\n", MARGIN, y);
		plot_lines(&plots[i], out);
		buf_puts(out, "</g>\n");
		y += plot_lines_height(&plots[i]) + 10;
	}
	svg_end(out);
}

/* DOC: things over virtual time. The axis is cut at round numbers of seconds, minutes or hours; a bar that would be too
 * thin to see is two pixels wide, so that a mapping of a millisecond in an hour is still there. */
#include "draw/plot.h"
#include "draw/svg.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LEFT 240
#define RIGHT 110
#define TOP 30
#define LEGEND 190 /* wide */
#define BAR 16
#define CURVE_HEIGHT 120
#define S INT64_C(1000000000)

/* In microseconds, so that the product stays in range for all of virtual time. */
static int x_of(int64_t ns, int64_t end_ns)
{
	int64_t end_us = end_ns / 1000 > 0 ? end_ns / 1000 : 1, at_us = ns / 1000 < end_us ? ns / 1000 : end_us;
	return LEFT + (int)(at_us * (PLOT_WIDTH - LEFT - RIGHT) / end_us);
}

static void time_text(int64_t ns, char *text, size_t size)
{
	int64_t ms = ns / 1000000, s = ms / 1000;
	if (s >= 3600)
		(void)snprintf(text, size, "%" PRId64 ":%02" PRId64 " h", s / 3600, s / 60 % 60);
	else if (s >= 60 && s % 60 == 0)
		(void)snprintf(text, size, "%" PRId64 " min", s / 60);
	else if (s >= 60)
		(void)snprintf(text, size, "%" PRId64 ":%02" PRId64 " min", s / 60, s % 60);
	else if (ms % 1000 != 0)
		(void)snprintf(text, size, "%" PRId64 ".%03" PRId64 " s", s, ms % 1000);
	else
		(void)snprintf(text, size, "%" PRId64 " s", s);
}

/* The round interval that gives at most eight cuts. */
static int64_t interval(int64_t end_ns)
{
	static const int64_t steps[] = {S / 1000,
					S / 500,
					S / 200,
					S / 100,
					S / 50,
					S / 20,
					S / 10,
					S / 5,
					S / 2,
					S,
					2 * S,
					5 * S,
					10 * S,
					30 * S,
					60 * S,
					120 * S,
					300 * S,
					600 * S,
					1800 * S,
					3600 * S,
					7200 * S,
					21600 * S,
					86400 * S,
					7 * 86400 * S,
					30 * 86400 * S,
					365 * 86400 * S,
					3650 * 86400 * S,
					INT64_C(36500) * 86400 * S};
	size_t i = 0;
	while (i + 1 < sizeof steps / sizeof *steps && end_ns / steps[i] > 8)
		i++;
	return steps[i];
}

static void draw_axis(int64_t end_ns, int top, int bottom, struct buf *out)
{
	int64_t step = interval(end_ns);
	int last = -1000;
	for (int64_t i = 0; i <= end_ns / step; i++) {
		char text[48];
		int64_t at = i * step;
		int x = x_of(at, end_ns);
		time_text(at, text, sizeof text);
		svg_line(out, "grid", x, top, x, bottom);
		if (x - last > svg_text_width(text, SVG_PLAIN, 11) + 12) {
			svg_text(out, "small dim", x, bottom + 15, SVG_MIDDLE, text);
			last = x;
		}
	}
	svg_line(out, "axis", LEFT, bottom, PLOT_WIDTH - RIGHT, bottom);
}

static void draw_legend(struct buf *out)
{
	static const char *const words[] = {"packets pass", "it waits"}, *const classes[] = {"used", "idle"};
	int x = PLOT_WIDTH - RIGHT - LEGEND;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		svg_box(out, classes[i], x, 7, 18, 10, 2);
		svg_text(out, "small dim", x + 24, 16, SVG_START, words[i]);
		x += 24 + svg_text_width(words[i], SVG_PLAIN, 11) + 18;
	}
}

void plot_bars(const struct plot_bar *bars, size_t n, int64_t end_ns, const char *title, const char *note,
	       struct buf *out)
{
	int bottom = TOP + (int)n * BAR + 4, height = bottom + 24;
	struct svg_tips tips = {0};
	for (size_t i = 0; i < n; i++)
		height = svg_tip_frame(bars[i].hover).y > height ? svg_tip_frame(bars[i].hover).y : height;
	svg_begin(out, PLOT_WIDTH, height, title,
		  "A bar for each mapping: dark while packets pass, light while it waits, and why it ended.", true);
	char head[256];
	int room = PLOT_WIDTH - RIGHT - LEGEND - 40, taken;
	svg_text(out, "strong", 0, 16, SVG_START, svg_fit(title, SVG_BOLD, 12, room / 2, head, sizeof head));
	taken = svg_text_width(head, SVG_BOLD, 12) + 14;
	svg_text(out, "small dim", taken, 16, SVG_START, svg_fit(note, SVG_PLAIN, 11, room - taken, head, sizeof head));
	draw_axis(end_ns, TOP - 4, bottom, out);
	for (size_t i = 0; i < n; i++) {
		const struct plot_bar *bar = &bars[i];
		char label[128];
		int y = TOP + (int)i * BAR, from = x_of(bar->from_ns, end_ns), used = x_of(bar->used_ns, end_ns),
		    to = x_of(bar->to_ns, end_ns);
		svg_tip_add(&tips, (struct svg_tip){bar->hover, 0, y, PLOT_WIDTH, BAR, 3});
		svg_text(out, "mono", LEFT - 10, y + 12, SVG_END,
			 svg_fit(bar->label, SVG_MONO, 11, LEFT - 14, label, sizeof label));
		svg_box(out, "idle", from, y + 3, to - from > 2 ? to - from : 2, BAR - 6, 2);
		svg_box(out, "used", from, y + 3, used - from > 2 ? used - from : 2, BAR - 6, 2);
		svg_text(out, "small dim", (to > from + 2 ? to : from + 2) + 6, y + 12, SVG_START,
			 svg_fit(bar->end, SVG_PLAIN, 11, RIGHT - 10, label, sizeof label));
	}
	draw_legend(out);
	svg_tips_end(&tips, out, PLOT_WIDTH, height);
	svg_end(out);
}

/* ---- curves ---- */

#define REFUSED_BYTES 96

static int y_of(uint64_t value, uint64_t top_value)
{
	return TOP + CURVE_HEIGHT - (int)(value * CURVE_HEIGHT / top_value);
}

/* Stairs: it stays as it was, then it is what it is. Once as an area down to the axis, once as a line. */
static void draw_stairs(const struct plot_sample *samples, size_t n, uint64_t top_value, int64_t end_ns, bool area,
			struct buf *out)
{
	int y = y_of(samples[0].value, top_value);
	buf_printf(out, "<path class=\"%s\" d=\"M%d %d", area ? "under" : "curve", LEFT, area ? TOP + CURVE_HEIGHT : y);
	if (area)
		buf_printf(out, "V%d", y);
	for (size_t i = 1; i < n; i++) {
		int x = x_of(end_ns / (int64_t)(n - 1) * (int64_t)i, end_ns), next = y_of(samples[i].value, top_value);
		if (next != y || i + 1 == n)
			buf_printf(out, "H%dV%d", x, next);
		y = next;
	}
	buf_puts(out, area ? "V" : "");
	if (area)
		buf_printf(out, "%dZ", TOP + CURVE_HEIGHT);
	buf_puts(out, "\"/>\n");
}

#define LABEL_ROOM 40 /* between numbers */

/* `hovers` has REFUSED_BYTES for each sample. */
static void draw_refused(const struct plot_sample *samples, size_t n, int64_t end_ns, char *hovers,
			 struct svg_tips *tips, struct buf *out)
{
	int labelled = -LABEL_ROOM;
	for (size_t i = 1; i < n; i++) {
		char time[48], *hover = hovers + i * REFUSED_BYTES;
		int x = x_of(end_ns / (int64_t)(n - 1) * (int64_t)i, end_ns);
		if (samples[i].refused == 0)
			continue;
		time_text(end_ns / (int64_t)(n - 1) * (int64_t)i, time, sizeof time);
		(void)snprintf(hover, REFUSED_BYTES, "until %s: %" PRIu64 " calls found no free port", time,
			       samples[i].refused);
		buf_printf(out, "<path class=\"tick\" d=\"M%d %dl6 8M%d %dl-6 8\"/>\n", x - 3, TOP - 14, x + 3,
			   TOP - 14);
		if (x - labelled >= LABEL_ROOM) { /* how many, where it has room */
			char number[24];
			(void)snprintf(number, sizeof number, "%" PRIu64, samples[i].refused);
			svg_text(out, "small bad", x + 6, TOP - 6, SVG_START, number);
			labelled = x;
		}
		svg_tip_add(tips, (struct svg_tip){hover, x - 6, TOP - 17, 12, 14, 3});
	}
}

void plot_curve(const struct plot_sample *samples, size_t n, uint64_t budget, uint64_t peak, int64_t end_ns,
		const char *title, struct buf *out)
{
	char text[64], head[256];
	/* The budget is drawn where use comes near it; a few ports of 64512 would be a flat line below it. */
	bool near = budget > 0 && peak >= budget / 20;
	uint64_t top_value = near && budget > peak ? budget : peak > 0 ? peak : 1;
	int bottom = TOP + CURVE_HEIGHT;
	svg_begin(out, PLOT_WIDTH, bottom + 24, title,
		  "Ports in use over time, the budget as a broken line, refused calls as crosses.", true);
	draw_stairs(samples, n, top_value, end_ns, true, out);
	draw_axis(end_ns, TOP, bottom, out);
	svg_text(out, "strong", 0, TOP + 12, SVG_START, svg_fit(title, SVG_BOLD, 12, LEFT - 16, head, sizeof head));
	(void)snprintf(text, sizeof text, "at most %" PRIu64 " in use", peak);
	svg_text(out, "small", 0, TOP + 30, SVG_START, text);
	(void)snprintf(text, sizeof text, "of %" PRIu64 " ports", budget);
	svg_text(out, peak >= budget && budget > 0 ? "small bad" : "small dim", 0, TOP + 46, SVG_START,
		 budget > 0 ? text : "no budget");
	(void)snprintf(text, sizeof text, "%" PRIu64, top_value);
	svg_text(out, "small dim", LEFT - 8, TOP - 2, SVG_END, text);
	svg_text(out, "small dim", LEFT - 8, bottom, SVG_END, "0");
	if (near) {
		int y = y_of(budget, top_value);
		svg_line(out, "budget", LEFT, y, PLOT_WIDTH - RIGHT, y);
		svg_text(out, "small bad", PLOT_WIDTH - RIGHT + 8, y + 4, SVG_START, "budget");
	}
	uint64_t refused = 0;
	for (size_t i = 0; i < n; i++)
		refused += samples[i].refused;
	if (refused > 0) {
		(void)snprintf(text, sizeof text, "%" PRIu64 " refused", refused);
		svg_text(out, "small strong bad", 0, TOP + 62, SVG_START, text);
	}
	draw_stairs(samples, n, top_value, end_ns, false, out);
	char *hovers = calloc(n, REFUSED_BYTES);
	struct svg_tips tips = {.failed = !hovers};
	if (hovers)
		draw_refused(samples, n, end_ns, hovers, &tips, out);
	svg_tips_end(&tips, out, PLOT_WIDTH, bottom + 24);
	free(hovers);
	svg_end(out);
}

/* DOC: things over virtual time. The axis is cut at round numbers of seconds, minutes or hours; a bar that would be too
 * thin to see is two pixels wide, so that a mapping of a millisecond in an hour is still there. */
#include "draw/plot_time.h"
#include "draw/svg.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TOP 30
#define LEGEND 190 /* wide */
#define BAR 16

static void draw_legend(struct buf *out)
{
	static const char *const words[] = {"packets pass", "idle"}, *const classes[] = {"used", "idle"};
	int x = PLOT_WIDTH - PLOT_RIGHT - LEGEND;
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
		  "A bar for the mappings of a flow: dark while packets pass, light while they are idle, and why they "
		  "ended.",
		  true);
	char head[256];
	int room = PLOT_WIDTH - PLOT_RIGHT - LEGEND - 40, taken;
	svg_text(out, "strong", 0, 16, SVG_START, svg_fit(title, SVG_BOLD, 12, room / 2, head, sizeof head));
	taken = svg_text_width(head, SVG_BOLD, 12) + 14;
	svg_text(out, "small dim", taken, 16, SVG_START, svg_fit(note, SVG_PLAIN, 11, room - taken, head, sizeof head));
	plot_axis(end_ns, TOP - 4, bottom, out);
	for (size_t i = 0; i < n; i++) {
		const struct plot_bar *bar = &bars[i];
		char label[128];
		int y = TOP + (int)i * BAR, from = plot_x(bar->from_ns, end_ns), used = plot_x(bar->used_ns, end_ns),
		    to = plot_x(bar->to_ns, end_ns);
		svg_tip_add(&tips, (struct svg_tip){bar->hover, 0, y, PLOT_WIDTH, BAR, 3});
		svg_text(out, "mono", PLOT_LEFT - 10, y + 12, SVG_END,
			 svg_fit(bar->label, SVG_MONO, 11, PLOT_LEFT - 14, label, sizeof label));
		svg_box(out, "idle", from, y + 3, to - from > 2 ? to - from : 2, BAR - 6, 2);
		svg_box(out, "used", from, y + 3, used - from > 2 ? used - from : 2, BAR - 6, 2);
		svg_text(out, "small dim", (to > from + 2 ? to : from + 2) + 6, y + 12, SVG_START,
			 svg_fit(bar->end, SVG_PLAIN, 11, PLOT_RIGHT - 10, label, sizeof label));
	}
	draw_legend(out);
	svg_tips_end(&tips, out, PLOT_WIDTH, height);
	svg_end(out);
}

/* The axis of virtual time: cut at round numbers of seconds, minutes or hours. */
#include "draw/plot_time.h"
#include "draw/svg.h"
#include <inttypes.h>
#include <stdio.h>

#define S INT64_C(1000000000)

/* In microseconds, so that the product stays in range for all of virtual time. */
int plot_x(int64_t ns, int64_t end_ns)
{
	int64_t end_us = end_ns / 1000 > 0 ? end_ns / 1000 : 1, at_us = ns / 1000 < end_us ? ns / 1000 : end_us;
	return PLOT_LEFT + (int)(at_us * (PLOT_WIDTH - PLOT_LEFT - PLOT_RIGHT) / end_us);
}

void plot_time(int64_t ns, char *text, size_t size)
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

void plot_axis(int64_t end_ns, int top, int bottom, struct buf *out)
{
	int64_t step = interval(end_ns);
	int last = -1000;
	for (int64_t i = 0; i <= end_ns / step; i++) {
		char text[48];
		int64_t at = i * step;
		int x = plot_x(at, end_ns);
		plot_time(at, text, sizeof text);
		svg_line(out, "grid", x, top, x, bottom);
		if (x - last > svg_text_width(text, SVG_PLAIN, 11) + 12) {
			svg_text(out, "small dim", x, bottom + 15, SVG_MIDDLE, text);
			last = x;
		}
	}
	svg_line(out, "axis", PLOT_LEFT, bottom, PLOT_WIDTH - PLOT_RIGHT, bottom);
}

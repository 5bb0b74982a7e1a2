/* Pictures over time: mappings as bars; plot_lines.h: ports in use as lines. Plain values in, SVG out. */
#ifndef PKTPATH_DRAW_PLOT_H
#define PKTPATH_DRAW_PLOT_H
#include "base/buf.h"
#include <stddef.h>
#include <stdint.h>

#define PLOT_WIDTH 1320

struct plot_bar {          /* mappings of one kind */
	const char *label; /* "10.0.1.6:49152" */
	const char *end;   /* "idle" */
	const char *hover;
	int64_t from_ns, used_ns, to_ns; /* made, last used, gone */
};
/* Bars from 0 to `end_ns`; the note stands beside the title. */
void plot_bars(const struct plot_bar *bars, size_t n, int64_t end_ns, const char *title, const char *note,
	       struct buf *out);
#endif

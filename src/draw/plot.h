/* Pictures over time: mappings as bars, ports in use as a curve. Plain values in, SVG out. */
#ifndef PKTPATH_DRAW_PLOT_H
#define PKTPATH_DRAW_PLOT_H
#include "base/buf.h"
#include <stddef.h>
#include <stdint.h>

#define PLOT_WIDTH 1320

struct plot_bar {          /* a mapping */
	const char *label; /* "10.0.1.6:49152" */
	const char *end;   /* "idle" */
	const char *hover;
	int64_t from_ns, used_ns, to_ns; /* made, last used, gone */
};
/* Bars from 0 to `end_ns`; the note stands beside the title. */
void plot_bars(const struct plot_bar *bars, size_t n, int64_t end_ns, const char *title, const char *note,
	       struct buf *out);

struct plot_sample {
	uint64_t value;
	uint64_t refused; /* since the sample before */
};
/* Samples stand at equal distances, the first at 0, the last at `end_ns`. The budget is a line, what was refused are
 * ticks. `peak`: the largest value ever. */
void plot_curve(const struct plot_sample *samples, size_t n, uint64_t budget, uint64_t peak, int64_t end_ns,
		const char *title, struct buf *out);
#endif

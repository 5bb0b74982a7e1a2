/* Several lines of one measure over virtual time: ports in use, by worker, app or destination. Values in, SVG out. */
#ifndef PKTPATH_DRAW_PLOT_LINES_H
#define PKTPATH_DRAW_PLOT_LINES_H
#include "base/buf.h"
#include <stddef.h>
#include <stdint.h>

#define PLOT_MAX_LINES 8u

struct plot_line {
	const char *label;
	const uint64_t *samples; /* at equal distances, the first at 0, the last at `end_ns` */
	uint64_t peak;           /* the largest value ever */
};
struct plot_lines {
	const char *title;
	struct plot_line lines[PLOT_MAX_LINES]; /* the largest first */
	size_t n_lines, n_left_out;
	const uint64_t *refused; /* at each sample: since the one before; NULL: none were */
	size_t n_samples;        /* at least 2 */
	uint64_t budget;         /* 0: there is none */
	int64_t end_ns;
};
/* A picture for a page; the inside of one; all of them below one another, as a picture of its own. */
void plot_lines_svg(const struct plot_lines *plot, struct buf *out);
void plot_lines(const struct plot_lines *plot, struct buf *out);
int plot_lines_height(const struct plot_lines *plot);
void plot_lines_picture(const struct plot_lines *plots, size_t n, const char *title, struct buf *out);
#endif

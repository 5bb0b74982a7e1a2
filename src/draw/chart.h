/* Pictures of many runs: a measure over one setting as bands of percentiles, over two settings as a heat map. Plain values in, SVG
 * out. */
#ifndef PKTPATH_DRAW_CHART_H
#define PKTPATH_DRAW_CHART_H
#include "base/buf.h"
#include <stddef.h>
#include <stdint.h>

#define CHART_UNKNOWN INT64_MIN
enum chart_unit { CHART_COUNT, CHART_SHARE /* parts of 10^9 */, CHART_TIME /* ns */ };
/* "1234", "2.5 %", "12.5 ms"; "-" where it is unknown. */
#define CHART_TEXT_BYTES 32
char *chart_text(int64_t value, enum chart_unit unit, char text[CHART_TEXT_BYTES]);

struct chart_band { /* at one value of the setting, over the seeds */
	const char *label;
	int64_t min, p5, p50, p95, max;
};
/* `mark`: a line at this value, CHART_UNKNOWN where there is none. */
void chart_bands(const struct chart_band *bands, size_t n, enum chart_unit unit, int64_t mark, const char *title,
		 const char *x_title, bool embedded, struct buf *out);

struct chart_heat {
	const char *title, *x_title, *y_title;
	const char *const *columns, *const *rows;
	size_t n_columns, n_rows;
	const int64_t *values; /* row by row */
	enum chart_unit unit;
};
void chart_heat(const struct chart_heat *heat, bool embedded, struct buf *out);
#endif

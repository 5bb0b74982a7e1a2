/* What a report says of the scenario that was run, so that it can be replayed. */
#ifndef PKTPATH_OUT_REPORT_READ_H
#define PKTPATH_OUT_REPORT_READ_H
#include "base/arena.h"
#include "out/report.h"

struct report_source {
	struct source source;          /* the scenario, as it was named */
	const struct source *included; /* never NULL */
	size_t n_included;
	const struct report_setting *overrides;
	size_t n_overrides;
};

/* The whole file. 0, -ENOMEM, or -errno of reading it. */
int report_slurp(const char *path, struct buf *out);
/* All in `arena`. 0, -ENOMEM, or 1 where it is no report, or one without its scenario. */
int report_source_read(struct arena *arena, const char *text, size_t bytes, struct report_source *ret);
/* 1 where two reports show the same of a run, 0 where they do not, -ENOMEM. What files it wrote, and by which program,
 * does not count. What is no report is never the same. */
int report_same(const char *a, size_t a_bytes, const char *b, size_t b_bytes);
#endif

/* Two captures of one flow, packet by packet. */
#ifndef PKTPATH_COMPARE_CAPTURE_H
#define PKTPATH_COMPARE_CAPTURE_H
#include "compare/difference.h"
#include "out/reading.h"

struct capture_pair {
	const char *flow;                        /* by the name of its file */
	const struct reading *a, *b;             /* the flow's own, before and after */
	const struct reading *drops_a, *drops_b; /* all that was dropped in the run; NULL where nothing was */
	unsigned ignore;                         /* enum compare_ignore */
};

/* Adds what differs, in the order of virtual time. 0 or -ENOMEM. */
int compare_captures(const struct capture_pair *pair, struct difference_list *list);
#endif

/* Two captures of one flow, packet by packet. */
#ifndef PKTPATH_COMPARE_CAPTURE_H
#define PKTPATH_COMPARE_CAPTURE_H
#include "compare/difference.h"
#include "out/reading.h"

struct capture_pair {
	const char *flow;              /* by the name of its file */
	const struct reading *a, *b;   /* the flow's own, before and after */
	const struct reading *drops_b; /* all that was dropped in the second run; NULL where nothing was */
	unsigned ignore;               /* enum compare_ignore */
	size_t first;                  /* its differences in the list begin here */
	/* Where both captures go on: by record, which have no counterpart yet, and an interface that both have. NULL where they
	 * are whole. */
	bool *open_a, *open_b;
};

/* Adds what differs. 0 or -ENOMEM. */
int compare_captures(const struct capture_pair *pair, struct difference_list *list);
/* Records of one interface whose counterparts will not come: as many as both have changed, the others are gone, or new. */
int compare_unpaired(const struct capture_pair *pair, const char *point, const size_t *a, size_t n_a, const size_t *b,
		     size_t n_b, struct difference_list *list);
#endif

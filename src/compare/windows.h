/* Two captures of one flow, whatever their size. */
#ifndef PKTPATH_COMPARE_WINDOWS_H
#define PKTPATH_COMPARE_WINDOWS_H
#include "compare/difference.h"
#include "out/reading.h"

#define COMPARE_WINDOW_BYTES ((size_t)8 << 20)

struct capture_windows {
	const char *flow;                  /* by the name of its file */
	struct reading_source *sources[2]; /* before and after; NULL: there is no capture */
	const struct reading *drops;       /* all that was dropped in the second run; NULL where nothing was */
	bool are_drops;                    /* these are: compared as far as they can be read */
	unsigned ignore;                   /* enum compare_ignore */
	size_t window_bytes;
	struct reading damaged[2]; /* where a capture cannot be read: its problem; else without one */
	uint64_t n_outside; /* packets that had no counterpart within the window, and were not compared beyond it */
};

/* Adds what differs, in the order of virtual time. 0; 1 where a capture is damaged; -ENOMEM or another negative errno. */
int compare_windows(struct capture_windows *windows, struct difference_list *list);
#endif

/* What is not the same in two runs: one entry for each kind of change, reported by its first packet. */
#ifndef PKTPATH_COMPARE_DIFFERENCE_H
#define PKTPATH_COMPARE_DIFFERENCE_H
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum difference_kind {
	DIFFERENCE_OUTCOME, /* of a flow: `field` is "outcome" */
	DIFFERENCE_CHANGED, /* a packet's field */
	DIFFERENCE_GONE,    /* a packet that only the first run has */
	DIFFERENCE_NEW,     /* a packet that only the second has */
	DIFFERENCE_MAPPING, /* a line of nat.csv: its field, or "gone", "new" */
	DIFFERENCE_FILE,    /* a file that only one run has, or that cannot be read: `after` says which */
};

struct difference { /* strings of the list's arena; NULL where they do not apply */
	enum difference_kind kind;
	const char *flow;  /* "call[3]": where there are notes, the connection; else the flow by the name of its file */
	const char *point; /* of a loss the interface of the capture, of a mapping its NAT: it distinguishes these */
	const char *shown_at; /* of a change: the interface where it was seen first */
	const char *what;     /* "SYN", "mapping 10.0.1.6:49152 -> 203.0.113.10:443" */
	const char *field, *before, *after;
	const char *because; /* what the second run's notes, or else the first's, say was decided on it */
	uint64_t packet;     /* its number: in the first run where it is gone, else in the second; 0 */
	int64_t unix_ns;     /* of the packet; 0 */
	uint64_t more;       /* of the same kind: changes of one field in one flow, losses at one point */
};

struct difference_list {
	struct arena *arena;
	struct difference *items; /* in the order in which they are listed */
	size_t n, capacity;
};

/* The entry of this kind, point and field, behind `from`; made where there is none (strings borrowed, but `field`), and
 * counted up where there is. *ret_tell: the caller fills it in, because it is new, or because what it shows of came
 * later than `unix_ns`. 0 or -ENOMEM. */
int difference_add(struct difference_list *list, size_t from, const struct difference *like, struct difference **ret,
		   bool *ret_tell);
/* From `first` on: in the order of virtual time. */
void difference_sort_by_time(struct difference_list *list, size_t first);
#endif

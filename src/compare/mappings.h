/* Two nat.csv, mapping by mapping. */
#ifndef PKTPATH_COMPARE_MAPPINGS_H
#define PKTPATH_COMPARE_MAPPINGS_H
#include "compare/difference.h"

/* The text of both files. Adds what differs, in the order of the NATs and inside addresses. 0 or -ENOMEM. */
int compare_mappings(const char *a, size_t a_bytes, const char *b, size_t b_bytes, unsigned ignore,
		     struct difference_list *list);
#endif

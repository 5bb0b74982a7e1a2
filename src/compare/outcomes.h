/* Two report.json: what became of each flow. */
#ifndef PKTPATH_COMPARE_OUTCOMES_H
#define PKTPATH_COMPARE_OUTCOMES_H
#include "compare/difference.h"

/* The text of both files. Adds an entry for each flow whose outcomes changed, by name. 0; 1 where one of them is no
 * report of a run;
 * -ENOMEM. */
int compare_outcomes(const char *a, size_t a_bytes, const char *b, size_t b_bytes, struct difference_list *list);
#endif

/* The output of two runs: what changed. */
#ifndef PKTPATH_COMPARE_RUNS_H
#define PKTPATH_COMPARE_RUNS_H
#include "compare/difference.h"

/* Directories as runs write them. Compared are, flow by flow, the captures, then nat.csv, and what report.json says
 * became of each flow; where a file is in one directory alone, that is a difference of flows, and otherwise (a user
 * does not keep it) passed over. Notes, comments and names are not compared: they change with every line that is added
 * to a scenario. 0; 1 where one directory holds no output of a run; negative errno. In both cases *ret_path (of the
 * list's arena, or NULL) is what is at fault. */
int compare_runs(const char *a, const char *b, unsigned ignore, struct difference_list *list, const char **ret_path);
#endif

/* Variables: `vars: {NAME: VALUE}`, and `${NAME}` where a whole value stands. */
#ifndef PKTPATH_SCENARIO_VARS_H
#define PKTPATH_SCENARIO_VARS_H
#include "scenario/tree.h"

/* Replaces each whole value `${NAME}` below `root`. What is wrong goes to diags; *ret_whole: nothing was. 0 or
 * -ENOMEM. */
int vars_replace(struct arena *arena, struct tree *root, struct diag_list *diags, bool *ret_whole);
/* What to do about a variable that the scenario does not have. */
const char *vars_hint(struct arena *arena, const struct tree *root, const char *name);
#endif

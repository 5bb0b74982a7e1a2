/* --set PATH=VALUE: changes the tree before it is decoded, so that a value from the command line meets the same checks
 * as one from the file. */
#ifndef PKTPATH_SCENARIO_OVERRIDE_H
#define PKTPATH_SCENARIO_OVERRIDE_H
#include "scenario/load.h"
#include "scenario/tree.h"

/* The variable that it sets, its path being "vars.NAME" as `--var NAME=VALUE` has it; NULL where it sets something
 * else. */
const char *override_variable(const struct scenario_override *override);
/* 0 or -ENOMEM; what is wrong with the path or the value goes to diags. */
int override_apply(struct arena *arena, struct tree *root, const struct scenario_override *override,
		   struct diag_list *diags);
#endif

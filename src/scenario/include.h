/* `include: [FILES]`: a scenario in several files. */
#ifndef PKTPATH_SCENARIO_INCLUDE_H
#define PKTPATH_SCENARIO_INCLUDE_H
#include "scenario/load.h"
#include "scenario/tree.h"

struct includer {
	struct arena *arena;
	struct diag_list *diags;
	const struct scenario_input *input;
	struct source *sources; /* all files that were read: the scenario itself, then what it includes */
	struct place *places;   /* of the item that names each */
	size_t n, capacity;
};
/* Notes the scenario's own text. 0 or -ENOMEM. */
int include_begin(struct includer *includer, const struct source *source);
/* Reads what `root`, the first of the sources, includes, and joins it to `root`. What is wrong goes to the includer's
 * diags. 0 or -ENOMEM. */
int include_join(struct includer *includer, struct tree *root);
#endif

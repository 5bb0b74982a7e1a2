/* A text on its way through libfyaml: what every reader of YAML here has in common. */
#ifndef PKTPATH_SCENARIO_YAML_H
#define PKTPATH_SCENARIO_YAML_H
#include "base/diag.h"
#include <stdbool.h>

struct fy_parser;
struct fy_diag;
struct yaml {
	const struct source *source; /* lent */
	struct fy_parser *parser;
	struct fy_diag *fy;
};

/* 0, 1 where the text is none that a scenario may have, which diags say, or -ENOMEM. */
int yaml_begin(struct yaml *yaml, const struct source *source, struct diag_list *diags);
/* After the parser gave no event: whether that is an error, which becomes a diagnostic. `last`: the place of what was
 * read last, for an error without a place. 0: the text is over; 1: complained; -EBADMSG: memory was short, or the syntax
 * is wrong where libfyaml cannot say how. */
int yaml_complain(struct yaml *yaml, struct place last, struct diag_list *diags);
void yaml_end(struct yaml *yaml);
#endif

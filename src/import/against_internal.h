/* Inside the comparison of an imported model with what the cloud says is in force. */
#ifndef PKTPATH_IMPORT_AGAINST_INTERNAL_H
#define PKTPATH_IMPORT_AGAINST_INTERNAL_H
#include "import/against.h"
#include "network/world.h"

struct comparing {
	struct import *import;
	const struct model *model;
	struct world *world;
	struct finding_list *out;
};

void against_find(struct comparing *c, const struct js *at, const char *text);
/* One rule of an answer; `tags`: what the tags mean where the group is, NULL: not known. */
void against_rule(struct comparing *c, struct js *answer, const struct nsg_config *group, const struct nsg_tags *tags);
#endif

/* The imported model held against what the cloud says is in force. */
#ifndef PKTPATH_IMPORT_AGAINST_H
#define PKTPATH_IMPORT_AGAINST_H
#include "import/import.h"
#include "model/model.h"

struct against_finding {
	const char *file; /* of the answer; NULL: it has nothing of this */
	uint32_t line;
	const char *text;
};
struct finding_list {
	struct against_finding *items;
	size_t n;
};
/* 0; 1 where the answers are neither effective routes nor effective rules; -ENOMEM. */
int against_compare(struct import *import, struct js *answers, const struct model *model, struct finding_list *ret);
#endif

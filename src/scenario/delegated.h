/* What stands in a subnet, for those that have it to themselves. */
#ifndef PKTPATH_SCENARIO_DELEGATED_H
#define PKTPATH_SCENARIO_DELEGATED_H
#include "scenario/decode.h"

struct occupant {
	const char *what; /* "host", "environment", "frontend", "firewall" */
	const char *name;
	struct place place;
};
/* All of them, in the decoder's arena; of each thing once. */
size_t subnet_occupants(struct decoder *d, uint32_t subnet, struct occupant **ret);
/* Web apps: the subnet is empty, of their region, a /28 or larger. Once all that stands in subnets is known. */
void check_integration(struct decoder *d);
#endif

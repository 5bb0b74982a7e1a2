/* Between the two files of load balancers: how they are read, and what does not go together. */
#ifndef PKTPATH_SCENARIO_BALANCERS_H
#define PKTPATH_SCENARIO_BALANCERS_H
#include "scenario/decode.h"

#define BALANCER_PORTS 64000u /* of an address for source NAT (load-balancer-outbound-connections) */

const struct tree *balancer_node(const struct decoder *d, const struct balancer_config *balancer);
/* The item of a list of the balancer that stands there; the list where there is none. */
const struct tree *balancer_rule_node(const struct decoder *d, const struct balancer_config *balancer, const char *list,
				      struct place place);
/* Reports what is impossible, and says whose calls leave by which frontend. */
void check_balancer(struct decoder *d, struct balancer_config *balancer);
#endif

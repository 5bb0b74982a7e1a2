/* Azure Firewall: a machine in a subnet, to which routes lead by its name; stateful, with rules that allow, and its own
 * translation (azure: firewall, rule-processing, snat-private-range). */
#ifndef PKTPATH_MODEL_FIREWALL_H
#define PKTPATH_MODEL_FIREWALL_H
#include "model/kind_item.h"
#include "rule/firewall.h"
#include "rule/nat.h"

struct firewall_config {
	const char *name;
	struct place place;
	uint32_t subnet; /* NONE where it is wrong */
	be32 addr;
	struct prefix *private_ranges; /* towards which a source is kept */
	size_t n_private_ranges;
	struct nat_rules nat; /* its public addresses */
	struct firewall_rules rules;
};
register_item register_firewall;
#endif

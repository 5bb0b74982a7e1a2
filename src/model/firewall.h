/* Azure Firewall: a machine in a subnet, to which routes lead by its name; stateful, with rules that allow, and its own
 * translation (azure: firewall, rule-processing, snat-private-range). */
#ifndef PKTPATH_MODEL_FIREWALL_H
#define PKTPATH_MODEL_FIREWALL_H
#include "base/time.h"
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
/* Is it an address of the firewall, its own or a public one? */
bool firewall_is_at(const struct firewall_config *config, be32 addr);
/* Its rules as the timeline has made them by then. */
struct model;
const struct firewall_rules *firewall_rules_at(const struct model *model, uint32_t firewall, struct instant at);
#endif

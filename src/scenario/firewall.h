/* Rules of firewalls, for their section and for the timeline. */
#ifndef PKTPATH_SCENARIO_FIREWALL_H
#define PKTPATH_SCENARIO_FIREWALL_H
#include "scenario/decode.h"

/* A rule of this name by the keys of the node. */
void firewall_new_rule(struct decoder *d, const struct tree *node, const struct firewall_collection *collection,
		       const char *name, struct place place, struct firewall_rule *ret);
/* What the node gives, in place of what the rule had. */
void firewall_change_rule(struct decoder *d, const struct tree *node, const struct firewall_collection *collection,
			  struct firewall_rule *rule);
/* Its event of the timeline, as timeline.h has those of others. */
bool decode_firewall_event(struct decoder *d, const struct tree *node, struct event_config *event);
void apply_firewall_event(struct decoder *d, const struct tree *node, size_t index);
#endif

/* What the files of the timeline share. Not to be included from elsewhere. */
#ifndef PKTPATH_SCENARIO_TIMELINE_H
#define PKTPATH_SCENARIO_TIMELINE_H
#include "scenario/decode.h"

/* ---- timeline_rules.c ---- */
/* What an event says, but for its rule or route. False where that is not enough to go on. */
bool decode_nsg_event(struct decoder *d, const struct tree *node, struct event_config *event);
bool decode_route_event(struct decoder *d, const struct tree *node, struct event_config *event);
/* timeline_network.c */
bool decode_address_event(struct decoder *d, const struct tree *node, struct event_config *event);
bool decode_peer_event(struct decoder *d, const struct tree *node, struct event_config *event);
/* When all events stand in the order of time; nodes[i] is where event i was read. */
void apply_rule_events(struct decoder *d, const struct tree *const *nodes);
#endif

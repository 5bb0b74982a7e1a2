/* What the timeline has made of things by an instant: the event behind a verdict, and rules and routes as they are then.
 * Only explanations ask, so a scan will do. */
#ifndef PKTPATH_MODEL_EVENTS_H
#define PKTPATH_MODEL_EVENTS_H
#include "base/time.h"
#include "model/model.h"

/* The latest event that made a link, a machine or a peering what the verdict says of it, `element` being where it was
 * spoken; NULL where it was so from the beginning, or another thing decided. */
const struct event_config *event_behind(const struct model *model, const struct verdict *verdict, uint32_t element,
					struct instant at);
/* The event that brought the user's route of a verdict into its table; NULL where the table has it from the beginning. */
const struct event_config *event_with_route(const struct model *model, const struct verdict *verdict,
					    struct instant at);
/* Of a group, as they are then. */
const struct nsg_rules *nsg_rules_at(const struct model *model, uint32_t nsg, struct instant at);
#endif

/* What a verdict names as the one that decided: an element, a group, a subnet, routes, a side of a peering. The register
 * gives each its name once ("nsg/NAME", "subnet/VNET/SUBNET", "route/TABLE", "peering/VNET/VNET"); the model's groups,
 * subnets, tables and peerings have it as `by`. What a name stands for is asked here, so no reader takes names apart.
 * Classes of links and single links, "A--B", are no part of it. */
#ifndef PKTPATH_MODEL_DECIDED_BY_H
#define PKTPATH_MODEL_DECIDED_BY_H
#include "base/arena.h"
#include "model/model.h"

#define BY_SYSTEM_ROUTES "route/system"
#define BY_GATEWAY_ROUTES "route/gateway"

enum decided_by_kind {
	BY_ELEMENT,
	BY_GROUP,
	BY_SUBNET,
	BY_ROUTE_TABLE,
	BY_SYSTEM,  /* routes of the platform */
	BY_GATEWAY, /* routes that a gateway teaches */
	BY_PEERING,
};
struct decided_by {
	const char *name;
	enum decided_by_kind kind;
	uint32_t index;     /* element, group, subnet, route table; of a peering the network whose side it is */
	uint32_t other;     /* of a peering the network on the other side */
	struct place place; /* PLACE_NONE where the file has no key of it */
};

/* Names all of them, once the elements are registered. 0, -ENOMEM. */
int decided_by_register(struct arena *arena, struct model *model);
const struct decided_by *decided_by_find(const struct model *model, const char *name); /* NULL */
/* The index of what has the name, where it is of this kind; NONE. */
uint32_t decided_by(const struct model *model, enum decided_by_kind kind, const char *name);
/* A route, and no rule of another kind: of a table, of the platform, or one that a gateway teaches. */
bool decided_by_route(const struct model *model, const char *name);
/* The nearest name of this kind, for "did you mean"; NULL. */
const char *decided_by_nearest(const struct model *model, struct arena *arena, enum decided_by_kind kind,
			       const char *name);
#endif

/* DOC: by which way a call with a private source came to a platform service (network/private_calls.c): two networks may
 * have its address, and two such calls the same ports. The service's end of a connection keeps the origin of the SYN, a
 * segment without a connection of its own is for the end with the same origin, and what a service sends has its origin. Only
 * packets that say so cost anything here. */
#include "traffic/traffic.h"
#include <errno.h>
#include <stdlib.h>

void origin_keep(struct world *world, struct tcb *tcb, uint32_t origin)
{
	if (tcb->index >= world->capacity_origins) {
		uint32_t capacity = world->capacity_origins ? world->capacity_origins : 64;
		while (capacity <= tcb->index)
			capacity *= 2;
		uint32_t *grown = realloc(world->origins, capacity * sizeof *grown);
		if (!grown) {
			world_fail(world, -ENOMEM);
			return;
		}
		world->origins = grown;
		world->capacity_origins = capacity;
	}
	world->origins[tcb->index] = origin;
	world->sends_differ = true;
	tcb->has_origin = 1;
}

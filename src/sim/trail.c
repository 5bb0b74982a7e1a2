/* Telling observers what happened.
 *
 * DOC: observers are called in the order in which they were added, and none of them can change what happens: they borrow
 * the packet for the length of a call. The first that fails ends the telling; the run finds the error in the trail and
 * stops. What the architecture promises of a step is asserted here, where every step passes: a packet ends only for a
 * reason, and only a translation changes addresses.
 */
#include "sim/trail.h"
#include <assert.h>
#include <errno.h>

static const char *const KIND_NAMES[] = {"originate", "filter", "route", "translate", "forward", "drop", "deliver"};
_Static_assert(sizeof(KIND_NAMES) / sizeof(KIND_NAMES[0]) == STEP_KIND_COUNT, "a name for each kind");
_Static_assert(STEP_KIND_COUNT <= 32, "kinds fit into the bits of wants");

const char *step_kind_name(enum step_kind kind)
{
	return (unsigned)kind < STEP_KIND_COUNT ? KIND_NAMES[kind] : "";
}

int trail_observe(struct trail *trail, struct trail_observer observer)
{
	if (trail->n_observers == TRAIL_MAX_OBSERVERS)
		return -ENOSPC;
	uint32_t below = observer.below > 0 ? observer.below : UINT32_MAX;
	trail->observers[trail->n_observers++] = observer;
	if (observer.watched_only)
		trail->watched_wants |= observer.wants;
	else if (observer.openings_only)
		trail->opening_wants |= observer.wants;
	else
		trail->wants |= observer.wants;
	if (observer.openings_only && below > trail->opening_below)
		trail->opening_below = below;
	return 0;
}

void trail_watch(struct trail *trail, uint32_t connection)
{
	trail->watched[connection % TRAIL_WATCH_BITS / 64] |= UINT64_C(1) << connection % 64;
}

void trail_emit(struct trail *trail, const struct step *step)
{
	assert(step->kind != STEP_DROP || step->verdict.reason != REASON_NONE);
	assert((step->kind == STEP_TRANSLATE) == !tuple_equal(&step->before, &step->after));
	for (uint32_t i = 0; i < trail->n_observers && trail->error == 0; i++) {
		const struct trail_observer *observer = &trail->observers[i];
		if (((observer->wants >> step->kind) & 1u) == 0 ||
		    (observer->openings_only &&
		     (!(step->packet->flags & PACKET_OPENING) ||
		      (observer->below > 0 && step->packet->connection >= observer->below))) ||
		    (observer->watched_only && !trail_is_watched(trail, step->packet->connection)))
			continue;
		int r = observer->step(observer->context, step);
		if (r < 0)
			trail->error = r;
	}
}

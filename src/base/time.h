/* A point in virtual time, and durations.
 *
 * DOC: a point in time is a struct, a duration an int64_t whose name ends in _ns; the compiler keeps them apart.
 * Virtual time 0 is the start of the run; where it stands on the wall clock is the scenario's `start`. */
#ifndef PKTPATH_BASE_TIME_H
#define PKTPATH_BASE_TIME_H
#include <stdbool.h>
#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

struct instant {
	int64_t ns;
};

#define INSTANT_ZERO ((struct instant){0})
#define INSTANT_NEVER ((struct instant){INT64_MAX})

static inline struct instant instant_add(struct instant t, int64_t duration_ns)
{
	/* Saturates: "never" plus anything stays never. */
	return t.ns > INT64_MAX - duration_ns ? INSTANT_NEVER : (struct instant){t.ns + duration_ns};
}

static inline int64_t instant_since(struct instant later, struct instant earlier)
{
	return later.ns - earlier.ns;
}

static inline bool instant_before(struct instant a, struct instant b)
{
	return a.ns < b.ns;
}

static inline bool instant_reached(struct instant now, struct instant due)
{
	return now.ns >= due.ns;
}

static inline bool instant_is_never(struct instant t)
{
	return t.ns == INT64_MAX;
}

static inline struct instant instant_min(struct instant a, struct instant b)
{
	return a.ns < b.ns ? a : b;
}
#endif

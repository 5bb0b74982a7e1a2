/* The trail: every step that every packet takes, reported to its observers. It is the product; captures, notes,
 * explanations, expectations and reports are observers of the same steps. What nothing observes costs one test of a
 * word. */
#ifndef PKTPATH_SIM_TRAIL_H
#define PKTPATH_SIM_TRAIL_H
#include "base/time.h"
#include "net/packet.h"
#include "net/reason.h"

enum step_kind {
	STEP_ORIGINATE, /* an end point sends the packet */
	STEP_FILTER,    /* a rule of a security group, or of a firewall, let it pass */
	STEP_ROUTE,     /* a route was chosen */
	STEP_TRANSLATE, /* addresses were rewritten: before and after differ; in every other kind they are equal */
	STEP_FORWARD,   /* it passes a point unchanged (a fabric), or arrives at one from outside (a VIP) */
	STEP_DROP,      /* it ends here, for verdict.reason */
	STEP_DELIVER,   /* an end point took it */
	STEP_KIND_COUNT
};
const char *step_kind_name(enum step_kind kind);

enum step_flag {
	STEP_SEEN =
		/* a capture at this node records the packet now: set once a packet and passage of a node; never on
		 * FILTER and ROUTE */
	1,
	STEP_REALM = 2,   /* a new address realm: originated or just translated; a merged capture records it now */
	STEP_INBOUND = 4, /* the packet comes into the node (deliver, arrival at a VIP); otherwise it leaves it */
	/* FORWARD at a NAT that keeps the source, the verdict's detail says why; DROP of what a NAT has let out so */
	STEP_UNTRANSLATED = 8,
};

struct step {
	struct instant at;
	const struct packet *packet; /* borrowed, with the bytes it has after the step */
	uint32_t flow;               /* index of the flow in the model */
	uint32_t index_in_flow;      /* the I of FLOW[I] */
	uint32_t node;               /* index of the point, see the node names of the world */
	enum step_kind kind;
	uint32_t flags; /* enum step_flag */
	struct verdict verdict;
	struct tuple before;
	struct tuple after;
};

struct trail_observer {
	/* Bit (1 << kind) for each kind that it wants. */
	uint32_t wants;
	/* Negative: fatal (-ENOSPC, -ENOMEM, ...); the run stops and forwards it. */
	int (*step)(void *context, const struct step *step);
	void *context;
	/* Only steps of packets that open a leg (PACKET_OPENING): steps of others are not made for it. */
	bool openings_only;
	uint32_t below; /* then: only of connections with a number below this; 0: of all */
	/* Only steps of packets of the connections that trail_watch() named: nearly all steps of others are not made for
	 * it. The observer looks whose they are. */
	bool watched_only;
};

#define TRAIL_MAX_OBSERVERS 16
#define TRAIL_WATCH_BITS 4096u /* a power of two */
struct trail {
	uint32_t wants;         /* of all observers together, of any packet */
	uint32_t opening_wants; /* of packets that open a leg, besides, */
	uint32_t opening_below; /* of connections below this number */
	uint32_t watched_wants; /* of packets of the connections watched, besides */
	uint32_t n_observers;
	int error; /* first negative return of an observer */
	struct trail_observer observers[TRAIL_MAX_OBSERVERS];
	uint64_t watched[TRAIL_WATCH_BITS / 64]; /* by the last bits of their numbers */
};

/* -ENOSPC where there are too many. */
int trail_observe(struct trail *trail, struct trail_observer observer);
/* A connection by its number over all flows, for the observers of watched ones. */
void trail_watch(struct trail *trail, uint32_t connection);
static inline bool trail_is_watched(const struct trail *trail, uint32_t connection)
{
	return trail->watched[connection % TRAIL_WATCH_BITS / 64] >> connection % 64 & 1;
}
static inline bool trail_wanted(const struct trail *trail, enum step_kind kind, const struct packet *packet)
{
	bool opens = (packet->flags & PACKET_OPENING) != 0 && packet->connection < trail->opening_below;
	uint32_t wants = trail->wants | (opens ? trail->opening_wants : 0);
	if (__builtin_expect(trail->watched_wants != 0, 0) && trail_is_watched(trail, packet->connection))
		wants |= trail->watched_wants;
	return __builtin_expect((wants >> kind) & 1u, 0);
}
void trail_emit(struct trail *trail, const struct step *step);
#endif

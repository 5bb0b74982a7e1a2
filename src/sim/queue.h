/* The event queue: what happens next.
 *
 * DOC: most delays of a simulation are one of a few constants: the latency of a class of link, the first retransmission
 * timeout, the delayed ACK, TIME-WAIT. What is scheduled with a constant delay comes due in the order in which it was
 * scheduled, so each such constant has a lane, a first-in-first-out ring, and costs O(1) whatever the number of
 * connections. Everything else goes to a heap, O(log n). Events are taken from one lane as long as its head comes
 * before all other heads; only then are the heads compared again.
 *
 * Ties are broken by (destination, source, the source's own order), never by who was scheduled first across nodes. An
 * event that is scheduled for the time of the lane's last one is moved forward to its place, a few steps as a rule;
 * where it would be many, the lane remembers the time and sorts when that comes. */
#ifndef PKTPATH_SIM_QUEUE_H
#define PKTPATH_SIM_QUEUE_H
#include "base/fetch.h"
#include "base/time.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event {
	struct instant at;
	uint64_t key;  /* event_key(): destination, source */
	uint32_t kind; /* the owner's */
	uint32_t a;
	union {
		void *object;
		uint64_t b;
	};
};

static inline uint64_t event_key(uint32_t destination, uint32_t source)
{
	return (uint64_t)destination << 32 | source;
}

#define QUEUE_MAX_LANES 24
#define QUEUE_MAX_STEPS 24         /* that an event is moved forward in a lane; beyond, sorting is cheaper */
#define QUEUE_FETCH 24             /* events ahead that a lane's ring is fetched */
#define QUEUE_HEAP QUEUE_MAX_LANES /* not a lane: for delays that are no constant */

struct queue_lane {
	int64_t delay_ns;
	struct event *ring;
	uint32_t size; /* a power of two; 0 where nothing was scheduled yet */
	uint32_t head;
	uint32_t n;
	uint32_t n_sorted; /* events from head on that were brought into the order of their keys */
	/* No event that comes due later stands out of order. */
	int64_t disordered_ns;
};

struct queue {
	int64_t head_ns[QUEUE_MAX_LANES +
			1]; /* due time of each lane's head, the heap's behind them; INT64_MAX where empty */
	uint32_t current;   /* the lane (or the heap) from which events are being taken */
	int64_t others_ns;  /* the heads of all others come due at this time or later */
	struct queue_lane lanes[QUEUE_MAX_LANES];
	uint32_t n_lanes;
	struct queue_entry *heap;
	size_t n_heap, capacity_heap;
	uint64_t n_pushed; /* to the heap: the last tie breaker */
};

void queue_init(struct queue *queue);
void queue_deinit(struct queue *queue);
/* The lane for a constant delay; makes it where there is none yet; QUEUE_HEAP where there are too many. */
uint32_t queue_lane(struct queue *queue, int64_t delay_ns);
/* Schedules at event.at. 0 or -ENOMEM. */
int queue_push(struct queue *queue, struct event event);
struct instant queue_next(const struct queue *queue); /* NEVER where empty */
/* queue_pop_until()'s: makes the lane (or the heap) whose head comes first the current one; of several that come due
 * with it, the one with the least key; brings the events that are due with a lane's head into order; takes the heap's
 * head. */
void queue_choose(struct queue *queue);
void queue_choose_of_equals(struct queue *queue);
void queue_sort_head(struct queue_lane *lane);
void queue_pop_heap(struct queue *queue, struct event *ret);
/* queue_push_lane()'s: makes room for an event; moves the last one forward, past those of its time with greater keys. */
int queue_grow_lane(struct queue_lane *lane);
void queue_move_last(struct queue_lane *lane);

/* What follows stands here for the compiler's sake: it is called for every event. */

/* A lane, or the heap, has another head. */
static inline void queue_set_head(struct queue *queue, uint32_t source, int64_t due_ns)
{
	queue->head_ns[source] = due_ns;
	if (source != queue->current && due_ns < queue->others_ns)
		queue->others_ns = due_ns;
}

/* Schedules at now + the lane's delay. `now` never goes backwards. 0 or -ENOMEM. */
static inline int queue_push_lane(struct queue *queue, uint32_t lane_index, struct instant now, struct event event)
{
	struct queue_lane *lane = &queue->lanes[lane_index];
	if (__builtin_expect(lane->n == lane->size, 0)) {
		int r = queue_grow_lane(lane);
		if (r < 0)
			return r;
	}
	event.at = instant_add(now, lane->delay_ns);
	uint32_t mask = lane->size - 1, at = lane->head + lane->n;
	lane->ring[at & mask] = event;
	if (lane->n++ == 0) {
		queue_set_head(queue, lane_index, event.at.ns);
		return 0;
	}
	const struct event *previous = &lane->ring[(at - 1) & mask];
	if (previous->at.ns == event.at.ns && previous->key > event.key)
		queue_move_last(lane);
	return 0;
}

/* Takes the first event if it comes due at `end` or before; false where there is none. */
static inline bool queue_pop_until(struct queue *queue, struct instant end, struct event *ret)
{
	if (queue->head_ns[queue->current] >= queue->others_ns)
		queue_choose(queue);
	int64_t due_ns = queue->head_ns[queue->current];
	if (due_ns > end.ns || due_ns == INT64_MAX)
		return false;
	if (due_ns == queue->others_ns)
		queue_choose_of_equals(queue);
	if (queue->current == QUEUE_HEAP) {
		queue_pop_heap(queue, ret);
		return true;
	}
	struct queue_lane *lane = &queue->lanes[queue->current];
	uint32_t mask = lane->size - 1, next = (lane->head + 1) & mask;
	int64_t next_ns = lane->n > 1 ? lane->ring[next].at.ns : INT64_MAX;
	if (__builtin_expect(due_ns <= lane->disordered_ns && lane->n_sorted == 0, 0))
		queue_sort_head(lane);
	*ret = lane->ring[lane->head];
	lane->head = next;
	lane->n--;
	lane->n_sorted -= lane->n_sorted > 0;
	queue->head_ns[queue->current] = next_ns;
	/* A long delay's ring is larger than the cache: before queue_ahead() looks there. */
	fetch_line(&lane->ring[(next + QUEUE_FETCH) & mask]);
	return true;
}

/* The heap's first event; NULL where it is empty. Valid until the next push or pop. */
const struct event *queue_ahead_in_heap(const struct queue *queue);
/* What will come about `n` events after the one popped last (the next ones of its lane, n < QUEUE_FETCH): to fetch
 * early what they will touch. NULL where it is not known. Valid until the next push or pop. */
static inline const struct event *queue_ahead(const struct queue *queue, uint32_t n)
{
	if (queue->current == QUEUE_HEAP)
		return NULL;
	const struct queue_lane *lane = &queue->lanes[queue->current];
	return n < lane->n ? &lane->ring[(lane->head + n) & (lane->size - 1)] : NULL;
}
#endif

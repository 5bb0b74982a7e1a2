/* The event queue: what happens next.
 *
 * DOC: most delays of a simulation are one of a few constants: the latency of a class of link, the first retransmission
 * timeout, the delayed ACK, TIME-WAIT. What is scheduled with a constant delay comes due in the order in which it was
 * scheduled, so each such constant has a lane, a first-in-first-out ring, and costs O(1) whatever the number of
 * connections. What is scheduled far ahead with no constant delay nearly does: a lane takes it where it comes due after
 * all that is there. Everything else goes to a heap, O(log n).
 *
 * Ties are broken by (destination, source, the source's own order), never by who was scheduled first across nodes. The
 * lanes whose heads come due at the present moment are chosen once for all its events; the least key among their heads
 * is next. An event that is scheduled for the time of the lane's last one, and comes before it, goes to the lane's twin,
 * which has the same delay: two nodes that answer each other fill both in order. Where it comes before the twin's last
 * one, too, it is moved forward to its place, a few steps as a rule; where it would be many, the lane remembers the time
 * and sorts when that comes. */
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
#define QUEUE_MAX_SOURCES 32 /* lanes in use, their twins, and the heap: bits of a word */
#define QUEUE_MAX_STEPS 24   /* that an event is moved forward in a lane; beyond, sorting is cheaper */
#define QUEUE_FETCH 24       /* events ahead that a lane's ring is fetched */
#define QUEUE_HEAP 0u        /* not a lane: for delays that are no constant */

struct queue_lane {
	int64_t delay_ns; /* 0: what comes due after all that is there */
	struct event *ring;
	uint32_t size; /* a power of two; 0 where nothing was scheduled yet */
	uint32_t head;
	uint32_t n;
	uint32_t n_sorted; /* events from head on that were brought into the order of their keys */
	/* No event that comes due later stands out of order. */
	int64_t disordered_ns;
	uint32_t source; /* its number among the sources, once something was scheduled */
	uint32_t rank;   /* of equal keys the lesser one's goes first: the heap's and late lanes', then lane by lane */
	uint32_t twin;   /* another lane for the same delay; QUEUE_HEAP where there is none yet */
};

struct queue {
	/* By source, the heap's being the first: due time of the head, INT64_MAX where it is empty; and its key, where it is
	 * due now. */
	int64_t head_ns[QUEUE_MAX_SOURCES];
	uint64_t head_key[QUEUE_MAX_SOURCES];
	int64_t now_ns;   /* the moment whose events are being taken */
	uint32_t due;     /* bits of the sources whose heads come due then; 0: they are to be chosen */
	uint32_t current; /* lane from which the last event was taken, or the heap */
	uint32_t n_sources;
	uint8_t lane_of[QUEUE_MAX_SOURCES];
	struct queue_lane lanes[2 * QUEUE_MAX_LANES + 1]; /* none at QUEUE_HEAP */
	uint32_t n_lanes, n_twins;                        /* twins stand behind QUEUE_MAX_LANES */
	struct queue_entry *heap;
	size_t n_heap, capacity_heap;
	uint64_t n_pushed; /* to the heap and to late lanes: the last tie breaker */
};

void queue_init(struct queue *queue);
void queue_deinit(struct queue *queue);
/* The lane for a constant delay; makes it where there is none yet; QUEUE_HEAP where there are too many. */
uint32_t queue_lane(struct queue *queue, int64_t delay_ns);
/* A lane for what comes due in the order of scheduling, as a rule: for queue_push_late(). */
uint32_t queue_lane_late(struct queue *queue);
/* Schedules at event.at. 0 or -ENOMEM. */
int queue_push(struct queue *queue, struct event event);
/* The same, by the lane where it comes due after all that is there: nothing else is different, ties included. It comes due
 * later than the present moment, and leaves event.b to the queue. */
int queue_push_late(struct queue *queue, uint32_t lane, struct event event);
struct instant queue_next(const struct queue *queue); /* NEVER where empty */
/* queue_pop_until()'s: chooses the sources that come due first, and brings the events of that moment in their lanes into
 * order; false where that is after `end`. Takes the heap's head. */
bool queue_choose(struct queue *queue, struct instant end);
void queue_pop_heap(struct queue *queue, struct event *ret);
/* queue_push_lane()'s: makes room for an event; puts one before others of its time. */
int queue_grow_lane(struct queue *queue, struct queue_lane *lane);
int queue_push_before(struct queue *queue, struct queue_lane *lane, struct event event);
/* queue_least()'s: of two sources whose heads have one time and key. */
bool queue_goes_first(const struct queue *queue, uint32_t source, uint32_t other);

/* What follows stands here for the compiler's sake: it is called for every event. */

/* A source has another head. */
static inline void queue_set_head(struct queue *queue, uint32_t source, int64_t due_ns)
{
	queue->head_ns[source] = due_ns;
	if (due_ns <= queue->now_ns)
		queue->due = 0;
}

static inline int queue_append(struct queue *queue, struct queue_lane *lane, struct event event)
{
	if (__builtin_expect(lane->n == lane->size, 0)) {
		int r = queue_grow_lane(queue, lane);
		if (r < 0)
			return r;
	}
	lane->ring[(lane->head + lane->n) & (lane->size - 1)] = event;
	if (lane->n++ == 0)
		queue_set_head(queue, lane->source, event.at.ns);
	return 0;
}

/* Does the event come before the last one of the lane, which comes due with it? */
static inline bool queue_comes_before_last(const struct queue_lane *lane, const struct event *event)
{
	if (lane->n == 0)
		return false;
	const struct event *last = &lane->ring[(lane->head + lane->n - 1) & (lane->size - 1)];
	return last->at.ns == event->at.ns && last->key > event->key;
}

/* Schedules at now + the lane's delay. `now` never goes backwards. 0 or -ENOMEM. */
static inline int queue_push_lane(struct queue *queue, uint32_t lane_index, struct instant now, struct event event)
{
	struct queue_lane *lane = &queue->lanes[lane_index];
	event.at = instant_add(now, lane->delay_ns);
	if (queue_comes_before_last(lane, &event))
		return queue_push_before(queue, lane, event);
	return queue_append(queue, lane, event);
}

/* The source among those due whose head has the least key. */
static inline uint32_t queue_least(const struct queue *queue)
{
	uint32_t best = (uint32_t)__builtin_ctz(queue->due);
	uint64_t best_key = queue->head_key[best];
	for (uint32_t left = queue->due & (queue->due - 1); left != 0; left &= left - 1) {
		uint32_t source = (uint32_t)__builtin_ctz(left);
		uint64_t key = queue->head_key[source];
		if (key > best_key || (key == best_key && !queue_goes_first(queue, source, best)))
			continue;
		best = source;
		best_key = key;
	}
	return best;
}

/* Takes the first event if it comes due at `end` or before; false where there is none. */
static inline bool queue_pop_until(struct queue *queue, struct instant end, struct event *ret)
{
	if (queue->due == 0 && !queue_choose(queue, end))
		return false;
	uint32_t source = queue_least(queue);
	queue->current = queue->lane_of[source];
	if (queue->current == QUEUE_HEAP) {
		queue_pop_heap(queue, ret);
		return true;
	}
	struct queue_lane *lane = &queue->lanes[queue->current];
	uint32_t mask = lane->size - 1, next = (lane->head + 1) & mask;
	*ret = lane->ring[lane->head];
	lane->head = next;
	lane->n--;
	lane->n_sorted -= lane->n_sorted > 0;
	queue->head_ns[source] = lane->n > 0 ? lane->ring[next].at.ns : INT64_MAX;
	queue->head_key[source] = lane->ring[next].key;
	if (queue->head_ns[source] != queue->now_ns)
		queue->due &= ~(1u << source);
	/* A long delay's ring is larger than the cache: before queue_ahead() looks there. */
	fetch_line(&lane->ring[(next + QUEUE_FETCH) & mask]);
	return true;
}

/* The heap's first event; NULL where it is empty. Valid until the next push or pop. */
const struct event *queue_ahead_in_heap(const struct queue *queue);
/* The lane from which the last event was taken, and what will come about `n` events after that (n < QUEUE_FETCH): to fetch
 * early what they will touch. NULL where it is not known. Valid until the next push or pop. */
static inline const struct queue_lane *queue_present_lane(const struct queue *queue)
{
	return queue->current == QUEUE_HEAP ? NULL : &queue->lanes[queue->current];
}
static inline const struct event *queue_ahead(const struct queue_lane *lane, uint32_t n)
{
	return n < lane->n ? &lane->ring[(lane->head + n) & (lane->size - 1)] : NULL;
}
#endif

/* The event queue: lanes for constant delays, a heap for the rest. The idea stands in queue.h. */
#include "sim/queue.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct queue_entry {
	struct event event;
	uint64_t order;
};

void queue_init(struct queue *queue)
{
	memset(queue, 0, sizeof *queue);
	queue->n_sources = 1;
	queue->lane_of[0] = QUEUE_HEAP;
	queue->head_ns[0] = INT64_MAX;
	queue->now_ns = INT64_MIN;
	queue->current = QUEUE_HEAP;
}

void queue_deinit(struct queue *queue)
{
	for (size_t i = 0; i < sizeof queue->lanes / sizeof *queue->lanes; i++)
		free(queue->lanes[i].ring);
	free(queue->heap);
	queue_init(queue);
}

/* ---- lanes ---- */

static uint32_t add_lane(struct queue *queue, int64_t delay_ns)
{
	if (queue->n_lanes == QUEUE_MAX_LANES)
		return QUEUE_HEAP;
	uint32_t lane = ++queue->n_lanes;
	queue->lanes[lane] =
		(struct queue_lane){.delay_ns = delay_ns, .disordered_ns = -1, .rank = delay_ns > 0 ? 2 * lane : 0};
	return lane;
}

uint32_t queue_lane(struct queue *queue, int64_t delay_ns)
{
	if (delay_ns <= 0)
		return QUEUE_HEAP; /* a run of equal times would still grow while it is being popped */
	for (uint32_t i = 1; i <= queue->n_lanes; i++)
		if (queue->lanes[i].delay_ns == delay_ns)
			return i;
	return add_lane(queue, delay_ns);
}

uint32_t queue_lane_late(struct queue *queue)
{
	return add_lane(queue, 0);
}

static struct event *event_at(const struct queue_lane *lane, uint32_t i)
{
	return &lane->ring[(lane->head + i) & (lane->size - 1)];
}

/* What has no room among the sources yet gets it. */
static void join_sources(struct queue *queue, struct queue_lane *lane)
{
	lane->source = queue->n_sources++;
	queue->lane_of[lane->source] = (uint8_t)(lane - queue->lanes);
	queue->head_ns[lane->source] = INT64_MAX;
}

int queue_grow_lane(struct queue *queue, struct queue_lane *lane)
{
	uint32_t size = lane->size ? lane->size * 2 : 64;
	if (size < lane->size)
		return -ENOMEM;
	struct event *ring = malloc((size_t)size * sizeof *ring);
	if (!ring)
		return -ENOMEM;
	for (uint32_t i = 0; i < lane->n; i++)
		ring[i] = *event_at(lane, i);
	if (lane->size == 0)
		join_sources(queue, lane);
	free(lane->ring);
	lane->ring = ring;
	lane->size = size;
	lane->head = 0;
	return 0;
}

/* The last event, to its place among those of its time. */
static void move_last(struct queue_lane *lane)
{
	uint32_t i = lane->n - 1, last = i > QUEUE_MAX_STEPS ? i - QUEUE_MAX_STEPS : 0;
	struct event event = *event_at(lane, i);
	for (; i > last && event_at(lane, i - 1)->at.ns == event.at.ns && event_at(lane, i - 1)->key > event.key; i--)
		*event_at(lane, i) = *event_at(lane, i - 1);
	*event_at(lane, i) = event;
	if (i > 0 && i == last && event_at(lane, i - 1)->at.ns == event.at.ns && event_at(lane, i - 1)->key > event.key)
		lane->disordered_ns = event.at.ns;
}

/* Lanes join the sources when something is scheduled: those that have not yet shall find room beside the twins. */
static bool has_room_for_twin(const struct queue *queue)
{
	return QUEUE_MAX_LANES + 1 + queue->n_twins < QUEUE_MAX_SOURCES;
}

int queue_push_before(struct queue *queue, struct queue_lane *lane, struct event event)
{
	if (lane->twin == QUEUE_HEAP && has_room_for_twin(queue)) {
		lane->twin = QUEUE_MAX_LANES + ++queue->n_twins;
		queue->lanes[lane->twin] =
			(struct queue_lane){.delay_ns = lane->delay_ns, .disordered_ns = -1, .rank = lane->rank + 1};
	}
	struct queue_lane *to = lane->twin == QUEUE_HEAP ? lane : &queue->lanes[lane->twin];
	bool is_moved = queue_comes_before_last(to, &event);
	int r = queue_append(queue, to, event);
	if (r == 0 && is_moved)
		move_last(to);
	return r;
}

struct run_item {
	struct event event;
	uint32_t position;
};

static int run_item_compare(const void *a, const void *b)
{
	const struct run_item *x = a, *y = b;
	if (x->event.key != y->event.key)
		return x->event.key < y->event.key ? -1 : 1;
	return x->position < y->position ? -1 : 1;
}

/* When a lane's head is looked at, all events of that time are in it: they were scheduled one delay earlier, and time
 * has passed that (a delay of zero has no lane). Where memory is short they stay in the order of scheduling; the
 * allocation that ends the run is not far. */
static void sort_run(struct queue_lane *lane)
{
	int64_t due_ns = event_at(lane, 0)->at.ns;
	uint32_t run = 1;
	bool in_order = true;
	while (run < lane->n) {
		const struct event *previous = event_at(lane, run - 1);
		const struct event *event = event_at(lane, run);
		if (event->at.ns != due_ns)
			break;
		in_order = in_order && previous->key <= event->key;
		run++;
	}
	if (!in_order) {
		struct run_item *items = malloc(run * sizeof *items);
		for (uint32_t i = 0; items && i < run; i++)
			items[i] = (struct run_item){*event_at(lane, i), i};
		if (items)
			qsort(items, run, sizeof *items, run_item_compare);
		for (uint32_t i = 0; items && i < run; i++)
			*event_at(lane, i) = items[i].event;
		free(items);
	}
	lane->n_sorted = run;
}

static void sort_head(struct queue_lane *lane)
{
	/* Alone with its due time, as most are, it is in order. */
	if (lane->n > 1 && event_at(lane, 1)->at.ns == event_at(lane, 0)->at.ns)
		sort_run(lane);
	else
		lane->n_sorted = 1;
}

/* ---- heap, four children a node ---- */

static bool entry_before(const struct queue_entry *a, const struct queue_entry *b)
{
	if (a->event.at.ns != b->event.at.ns)
		return a->event.at.ns < b->event.at.ns;
	if (a->event.key != b->event.key)
		return a->event.key < b->event.key;
	return a->order < b->order;
}

int queue_push(struct queue *queue, struct event event)
{
	if (queue->n_heap == queue->capacity_heap) {
		size_t capacity = queue->capacity_heap ? queue->capacity_heap * 2 : 64;
		struct queue_entry *heap = realloc(queue->heap, capacity * sizeof *heap);
		if (!heap)
			return -ENOMEM;
		queue->heap = heap;
		queue->capacity_heap = capacity;
	}
	struct queue_entry entry = {event, queue->n_pushed++};
	size_t i = queue->n_heap++;
	while (i > 0 && entry_before(&entry, &queue->heap[(i - 1) / 4])) {
		queue->heap[i] = queue->heap[(i - 1) / 4];
		i = (i - 1) / 4;
	}
	queue->heap[i] = entry;
	queue_set_head(queue, 0, queue->heap[0].event.at.ns);
	return 0;
}

int queue_push_late(struct queue *queue, uint32_t lane_index, struct event event)
{
	struct queue_lane *lane = &queue->lanes[lane_index];
	event.b = queue->n_pushed;
	if (lane_index == QUEUE_HEAP || (lane->n > 0 && event_at(lane, lane->n - 1)->at.ns > event.at.ns))
		return queue_push(queue, event);
	queue->n_pushed++;
	if (queue_comes_before_last(lane, &event))
		return queue_push_before(queue, lane, event);
	return queue_append(queue, lane, event);
}

void queue_pop_heap(struct queue *queue, struct event *ret)
{
	*ret = queue->heap[0].event;
	struct queue_entry last = queue->heap[--queue->n_heap];
	size_t i = 0;
	for (;;) {
		size_t best = 4 * i + 1;
		if (best >= queue->n_heap)
			break;
		size_t end = best + 4 < queue->n_heap ? best + 4 : queue->n_heap;
		for (size_t child = best + 1; child < end; child++)
			if (entry_before(&queue->heap[child], &queue->heap[best]))
				best = child;
		if (!entry_before(&queue->heap[best], &last))
			break;
		queue->heap[i] = queue->heap[best];
		i = best;
	}
	if (queue->n_heap)
		queue->heap[i] = last;
	queue->head_ns[0] = queue->n_heap ? queue->heap[0].event.at.ns : INT64_MAX;
	queue->head_key[0] = queue->n_heap ? queue->heap[0].event.key : 0;
	if (queue->head_ns[0] != queue->now_ns)
		queue->due &= ~1u;
}

const struct event *queue_ahead_in_heap(const struct queue *queue)
{
	return queue->n_heap ? &queue->heap[0].event : NULL;
}

/* ---- both ---- */

/* When the source's head was scheduled, among what the heap and late lanes have. */
static uint64_t order_of_head(const struct queue *queue, uint32_t source)
{
	return source == 0 ? queue->heap[0].order : event_at(&queue->lanes[queue->lane_of[source]], 0)->b;
}

bool queue_goes_first(const struct queue *queue, uint32_t source, uint32_t other)
{
	const struct queue_lane *a = &queue->lanes[queue->lane_of[source]], *b = &queue->lanes[queue->lane_of[other]];
	if (a->delay_ns == 0 && b->delay_ns == 0)
		return order_of_head(queue, source) < order_of_head(queue, other);
	return a->rank < b->rank;
}

static int64_t first_ns(const struct queue *queue)
{
	int64_t first_ns = queue->head_ns[0];
	/* Which source is first changes from moment to moment: choices without jumps, since no processor would guess
	 * them. */
	for (uint32_t i = 1; i < queue->n_sources; i++)
		first_ns = queue->head_ns[i] < first_ns ? queue->head_ns[i] : first_ns;
	return first_ns;
}

struct instant queue_next(const struct queue *queue)
{
	return (struct instant){first_ns(queue)};
}

bool queue_choose(struct queue *queue, struct instant end)
{
	int64_t due_ns = first_ns(queue);
	if (due_ns > end.ns || due_ns == INT64_MAX)
		return false;
	uint32_t due = 0;
	for (uint32_t i = 0; i < queue->n_sources; i++)
		due |= (uint32_t)(queue->head_ns[i] == due_ns) << i;
	queue->now_ns = due_ns;
	queue->due = due;
	if (due & 1)
		queue->head_key[0] = queue->heap[0].event.key;
	for (uint32_t left = due & ~1u; left != 0; left &= left - 1) {
		uint32_t source = (uint32_t)__builtin_ctz(left);
		struct queue_lane *lane = &queue->lanes[queue->lane_of[source]];
		if (__builtin_expect(due_ns <= lane->disordered_ns && lane->n_sorted == 0, 0))
			sort_head(lane);
		queue->head_key[source] = lane->ring[lane->head].key;
	}
	return true;
}

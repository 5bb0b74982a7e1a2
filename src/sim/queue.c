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
	for (size_t i = 0; i <= QUEUE_HEAP; i++)
		queue->head_ns[i] = INT64_MAX;
	queue->current = QUEUE_HEAP;
	queue->others_ns = INT64_MAX;
}

void queue_deinit(struct queue *queue)
{
	for (uint32_t i = 0; i < queue->n_lanes; i++)
		free(queue->lanes[i].ring);
	free(queue->heap);
	queue_init(queue);
}

/* ---- lanes ---- */

uint32_t queue_lane(struct queue *queue, int64_t delay_ns)
{
	if (delay_ns <= 0)
		return QUEUE_HEAP; /* a run of equal times would still grow while it is being popped */
	for (uint32_t i = 0; i < queue->n_lanes; i++)
		if (queue->lanes[i].delay_ns == delay_ns)
			return i;
	if (queue->n_lanes == QUEUE_MAX_LANES)
		return QUEUE_HEAP;
	queue->lanes[queue->n_lanes] = (struct queue_lane){.delay_ns = delay_ns, .disordered_ns = -1};
	return queue->n_lanes++;
}

static struct event *event_at(const struct queue_lane *lane, uint32_t i)
{
	return &lane->ring[(lane->head + i) & (lane->size - 1)];
}

int queue_grow_lane(struct queue_lane *lane)
{
	uint32_t size = lane->size ? lane->size * 2 : 64;
	if (size < lane->size)
		return -ENOMEM;
	struct event *ring = malloc((size_t)size * sizeof *ring);
	if (!ring)
		return -ENOMEM;
	for (uint32_t i = 0; i < lane->n; i++)
		ring[i] = *event_at(lane, i);
	free(lane->ring);
	lane->ring = ring;
	lane->size = size;
	lane->head = 0;
	return 0;
}

void queue_move_last(struct queue_lane *lane)
{
	uint32_t i = lane->n - 1, last = i > QUEUE_MAX_STEPS ? i - QUEUE_MAX_STEPS : 0;
	struct event event = *event_at(lane, i);
	for (; i > last && event_at(lane, i - 1)->at.ns == event.at.ns && event_at(lane, i - 1)->key > event.key; i--)
		*event_at(lane, i) = *event_at(lane, i - 1);
	*event_at(lane, i) = event;
	if (i > 0 && i == last && event_at(lane, i - 1)->at.ns == event.at.ns && event_at(lane, i - 1)->key > event.key)
		lane->disordered_ns = event.at.ns;
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

void queue_sort_head(struct queue_lane *lane)
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
	queue_set_head(queue, QUEUE_HEAP, queue->heap[0].event.at.ns);
	return 0;
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
	queue->head_ns[QUEUE_HEAP] = queue->n_heap ? queue->heap[0].event.at.ns : INT64_MAX;
}

const struct event *queue_ahead_in_heap(const struct queue *queue)
{
	return queue->n_heap ? &queue->heap[0].event : NULL;
}

/* ---- both ---- */

struct instant queue_next(const struct queue *queue)
{
	return (struct instant){queue->head_ns[queue->current] < queue->others_ns ? queue->head_ns[queue->current]
										  : queue->others_ns};
}

void queue_choose(struct queue *queue)
{
	int64_t first_ns = queue->head_ns[QUEUE_HEAP], second_ns = INT64_MAX;
	uint32_t best = QUEUE_HEAP;
	/* Which lane is first changes from event to event: choices without jumps, since no processor would guess
	 * them. */
	for (uint32_t i = 0; i < queue->n_lanes; i++) {
		int64_t head_ns = queue->head_ns[i];
		bool before = head_ns < first_ns;
		int64_t later_ns = before ? first_ns : head_ns;
		second_ns = later_ns < second_ns ? later_ns : second_ns;
		first_ns = before ? head_ns : first_ns;
		best = before ? i : best;
	}
	queue->current = best;
	queue->others_ns = second_ns;
}

/* Of equal keys the heap's goes before a lane's. */
void queue_choose_of_equals(struct queue *queue)
{
	int64_t due_ns = queue->head_ns[queue->current];
	uint32_t best = QUEUE_HEAP;
	uint64_t best_key = UINT64_MAX;
	bool found = false;
	if (queue->head_ns[QUEUE_HEAP] == due_ns) {
		best_key = queue->heap[0].event.key;
		found = true;
	}
	for (uint32_t i = 0; i < queue->n_lanes; i++) {
		if (queue->head_ns[i] != due_ns)
			continue;
		struct queue_lane *lane = &queue->lanes[i];
		if (due_ns <= lane->disordered_ns && lane->n_sorted == 0)
			queue_sort_head(lane);
		uint64_t key = lane->ring[lane->head].key;
		if (!found || key < best_key) {
			best = i;
			best_key = key;
			found = true;
		}
	}
	queue->current = best;
}

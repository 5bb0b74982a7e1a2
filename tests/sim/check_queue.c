/* The queue gives what a list gives that is searched for its first entry each time, whatever goes through lanes and
 * what through the heap. */
#include "base/random.h"
#include "sim/queue.h"
#include "suite.h"
#include <stdlib.h>

#define MOST 4096
#define STEPS 60000

static const int64_t delays_ns[] = {5, 7, 100, 1000, 5};
#define N_DELAYS (sizeof delays_ns / sizeof *delays_ns)

/* An event as it was scheduled: of equals, the heap's and the late lane's come first, then lane after lane, each in its own
 * order. */
struct expected {
	struct event event;
	uint32_t lane;
	uint64_t order;
};

struct lab {
	struct queue queue;
	uint32_t lanes[N_DELAYS], late;
	struct expected list[MOST];
	size_t n;
	uint64_t random, order;
	struct instant now;
};

static uint32_t draw(struct lab *lab, uint32_t bound)
{
	return random_below(random_mix(lab->random++), bound);
}

static void schedule(struct lab *lab)
{
	struct expected *e = &lab->list[lab->n++];
	/* Few keys and few times, so that there are ties of all sorts. */
	*e = (struct expected){
		.event = {.key = event_key(draw(lab, 3), draw(lab, 3)), .kind = 1, .a = (uint32_t)lab->order},
		.order = lab->order};
	lab->order++;
	uint32_t choice = draw(lab, N_DELAYS + 2);
	if (choice == N_DELAYS) {
		e->lane = 0;
		e->event.at = instant_add(lab->now, draw(lab, 20) * (int64_t)draw(lab, 20));
		ck_assert_int_eq(queue_push(&lab->queue, e->event), 0);
		return;
	}
	if (choice > N_DELAYS) {
		e->lane = 0;
		e->event.at = instant_add(lab->now, 1 + draw(lab, 40));
		ck_assert_int_eq(queue_push_late(&lab->queue, lab->late, e->event), 0);
		return;
	}
	e->lane = 1 + lab->lanes[choice];
	e->event.at = instant_add(lab->now, delays_ns[choice]);
	ck_assert_int_eq(queue_push_lane(&lab->queue, lab->lanes[choice], lab->now, e->event), 0);
}

static bool comes_before(const struct expected *a, const struct expected *b)
{
	if (a->event.at.ns != b->event.at.ns)
		return a->event.at.ns < b->event.at.ns;
	if (a->event.key != b->event.key)
		return a->event.key < b->event.key;
	return a->lane != b->lane ? a->lane < b->lane : a->order < b->order;
}

static void take(struct lab *lab, struct instant end)
{
	size_t first = 0;
	for (size_t i = 1; i < lab->n; i++)
		if (comes_before(&lab->list[i], &lab->list[first]))
			first = i;
	struct event event;
	bool due = lab->n > 0 && lab->list[first].event.at.ns <= end.ns;
	ck_assert_int_eq(queue_next(&lab->queue).ns, lab->n > 0 ? lab->list[first].event.at.ns : INT64_MAX);
	ck_assert(queue_pop_until(&lab->queue, end, &event) == due);
	if (!due) {
		lab->now = instant_is_never(end) ? lab->now : end;
		return;
	}
	ck_assert_uint_eq(event.a, lab->list[first].event.a);
	ck_assert_int_eq(event.at.ns, lab->list[first].event.at.ns);
	lab->now = event.at;
	lab->list[first] = lab->list[--lab->n];
}

/* What is scheduled with a constant delay at one moment is known when time has passed it: taking never stops within a
 * moment. */
START_TEST(events_come_in_order)
{
	struct lab *lab = calloc(1, sizeof *lab);
	ck_assert_ptr_nonnull(lab);
	lab->random = (uint64_t)_i << 32;
	queue_init(&lab->queue);
	for (size_t i = 0; i < 2; i++)
		lab->lanes[i] = queue_lane(&lab->queue, delays_ns[i]);
	lab->late = queue_lane_late(&lab->queue);
	for (size_t i = 2; i < N_DELAYS; i++)
		lab->lanes[i] = queue_lane(&lab->queue, delays_ns[i]);
	ck_assert_uint_eq(lab->lanes[0], lab->lanes[4]);
	for (size_t i = 0; i < STEPS; i++) {
		/* Swings between nearly empty and a few hundred. */
		bool fills = i / 700 % 2 == 0;
		if (lab->n < MOST && (lab->n == 0 || draw(lab, 8) < (fills ? 5u : 3u)))
			schedule(lab);
		else
			take(lab, draw(lab, 16) == 0 ? instant_add(lab->now, draw(lab, 4)) : INSTANT_NEVER);
	}
	while (lab->n > 0)
		take(lab, INSTANT_NEVER);
	take(lab, INSTANT_NEVER);
	queue_deinit(&lab->queue);
	free(lab);
}
END_TEST

START_TEST(no_lane_for_no_delay_and_none_beyond_the_last)
{
	struct queue queue;
	queue_init(&queue);
	ck_assert_uint_eq(queue_lane(&queue, 0), QUEUE_HEAP);
	for (uint32_t i = 1; i <= QUEUE_MAX_LANES; i++)
		ck_assert_uint_eq(queue_lane(&queue, i), i);
	ck_assert_uint_eq(queue_lane(&queue, QUEUE_MAX_LANES + 1), QUEUE_HEAP);
	ck_assert_uint_eq(queue_lane(&queue, 3), 3);
	queue_deinit(&queue);
}
END_TEST

START_TEST(what_comes_next_in_a_lane_can_be_seen)
{
	struct queue queue;
	queue_init(&queue);
	uint32_t lane = queue_lane(&queue, 10);
	for (uint32_t i = 0; i < 5; i++)
		ck_assert_int_eq(queue_push_lane(&queue, lane, (struct instant){i}, (struct event){.a = i}), 0);
	ck_assert_int_eq(queue_push(&queue, (struct event){.at = {11}, .a = 100}), 0);
	struct event event;
	ck_assert(queue_pop_until(&queue, INSTANT_NEVER, &event) && event.a == 0);
	ck_assert_uint_eq(queue_ahead(queue_present_lane(&queue), 0)->a, 1);
	ck_assert_uint_eq(queue_ahead(queue_present_lane(&queue), 3)->a, 4);
	ck_assert_ptr_null(queue_ahead(queue_present_lane(&queue), 4));
	ck_assert(queue_pop_until(&queue, INSTANT_NEVER, &event) && event.a == 100);
	ck_assert_ptr_null(queue_present_lane(&queue));
	queue_deinit(&queue);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("queue");
	TCase *tc = tcase_create("queue");
	tcase_add_loop_test(tc, events_come_in_order, 0, 4);
	tcase_add_test(tc, no_lane_for_no_delay_and_none_beyond_the_last);
	tcase_add_test(tc, what_comes_next_in_a_lane_can_be_seen);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}

/* The table: buckets of chains over an array of flows; freed places are kept in a list. What has expired is taken out
 * from the heads of the lanes when a flow is opened, so the table holds about as many flows as live at once. */
#include "rule/flows.h"
#include "base/random.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX
#define MIN_BUCKETS 64u

struct place_of_flow {
	struct balanced_flow flow;
	uint32_t chain;          /* of the bucket, or of free places */
	uint32_t earlier, later; /* of the lane */
};

struct lane {
	int64_t idle_ns;
	bool watched;
	uint32_t head, tail; /* the flow that was silent for the longest time, and the one used last */
};

struct flows {
	struct place_of_flow *places;
	uint32_t n_places, capacity, n_free, free;
	uint32_t *buckets;
	uint32_t mask;
	struct lane *lanes;
	uint32_t n_lanes;
};

int flows_new(const int64_t *idle_ns, uint32_t n_lanes, struct flows **ret)
{
	struct flows *flows = calloc(1, sizeof *flows);
	if (!flows)
		return -ENOMEM;
	flows->free = NOWHERE;
	flows->mask = MIN_BUCKETS - 1;
	flows->buckets = malloc(MIN_BUCKETS * sizeof *flows->buckets);
	flows->lanes = calloc(n_lanes, sizeof *flows->lanes);
	flows->n_lanes = n_lanes;
	if (!flows->buckets || !flows->lanes) {
		flows_free(flows);
		return -ENOMEM;
	}
	memset(flows->buckets, 0xff, MIN_BUCKETS * sizeof *flows->buckets);
	for (uint32_t i = 0; i < n_lanes; i++)
		flows->lanes[i] = (struct lane){idle_ns[i], false, NOWHERE, NOWHERE};
	*ret = flows;
	return 0;
}

struct flows *flows_free(struct flows *flows)
{
	if (flows) {
		free(flows->places);
		free(flows->buckets);
		free(flows->lanes);
		free(flows);
	}
	return NULL;
}

void flows_clear(struct flows *flows)
{
	flows->n_places = flows->n_free = 0;
	flows->free = NOWHERE;
	memset(flows->buckets, 0xff, ((size_t)flows->mask + 1) * sizeof *flows->buckets);
	for (uint32_t i = 0; i < flows->n_lanes; i++)
		flows->lanes[i].head = flows->lanes[i].tail = NOWHERE;
}

static uint32_t *bucket_of(const struct flows *flows, const struct tuple *t)
{
	uint64_t ends = (uint64_t)be32_key(t->src) << 32 | be32_key(t->dst);
	uint64_t rest = (uint64_t)t->proto << 32 | (uint64_t)be16_key(t->src_port) << 16 | be16_key(t->dst_port);
	return &flows->buckets[(random_join(ends, rest) >> 32) & flows->mask];
}

static uint32_t find(const struct flows *flows, const struct tuple *arriving)
{
	uint32_t i = *bucket_of(flows, arriving);
	while (i != NOWHERE && !tuple_equal(&flows->places[i].flow.arriving, arriving))
		i = flows->places[i].chain;
	return i;
}

struct instant flows_end(const struct flows *flows, const struct balanced_flow *flow)
{
	return instant_add(flow->last_used, flows->lanes[flow->lane].idle_ns);
}

static bool is_live(const struct flows *flows, const struct balanced_flow *flow, struct instant now)
{
	return instant_before(now, flows_end(flows, flow));
}

const struct balanced_flow *flows_find(const struct flows *flows, const struct tuple *arriving, struct instant now)
{
	uint32_t i = find(flows, arriving);
	return i != NOWHERE && is_live(flows, &flows->places[i].flow, now) ? &flows->places[i].flow : NULL;
}

const struct balanced_flow *flows_last(const struct flows *flows, const struct tuple *arriving)
{
	uint32_t i = find(flows, arriving);
	return i == NOWHERE ? NULL : &flows->places[i].flow;
}

/* ---- lanes ---- */

static void leave_lane(struct flows *flows, uint32_t i)
{
	struct place_of_flow *place = &flows->places[i];
	struct lane *lane = &flows->lanes[place->flow.lane];
	if (place->earlier == NOWHERE)
		lane->head = place->later;
	else
		flows->places[place->earlier].later = place->later;
	if (place->later == NOWHERE)
		lane->tail = place->earlier;
	else
		flows->places[place->later].earlier = place->earlier;
}

static void join_lane(struct flows *flows, uint32_t i)
{
	struct place_of_flow *place = &flows->places[i];
	struct lane *lane = &flows->lanes[place->flow.lane];
	place->earlier = lane->tail;
	place->later = NOWHERE;
	if (lane->tail == NOWHERE)
		lane->head = i;
	else
		flows->places[lane->tail].later = i;
	lane->tail = i;
}

static void take_out(struct flows *flows, uint32_t i)
{
	uint32_t *at = bucket_of(flows, &flows->places[i].flow.arriving);
	while (*at != i)
		at = &flows->places[*at].chain;
	*at = flows->places[i].chain;
	leave_lane(flows, i);
	flows->places[i].chain = flows->free;
	flows->free = i;
	flows->n_free++;
}

static void take_out_expired(struct flows *flows, struct instant now)
{
	for (uint32_t lane = 0; lane < flows->n_lanes; lane++)
		while (!flows->lanes[lane].watched && flows->lanes[lane].head != NOWHERE &&
		       !is_live(flows, &flows->places[flows->lanes[lane].head].flow, now))
			take_out(flows, flows->lanes[lane].head);
}

/* ---- opening ---- */

static bool grow(struct flows *flows)
{
	uint32_t capacity = flows->capacity ? 2 * flows->capacity : MIN_BUCKETS;
	struct place_of_flow *places = realloc(flows->places, capacity * sizeof *places);
	if (!places)
		return false;
	flows->places = places;
	flows->capacity = capacity;
	if (capacity <= flows->mask + 1)
		return true;
	uint32_t *buckets = malloc(capacity * sizeof *buckets);
	if (!buckets)
		return false;
	free(flows->buckets);
	flows->buckets = buckets;
	flows->mask = capacity - 1;
	memset(buckets, 0xff, capacity * sizeof *buckets);
	for (uint32_t lane = 0; lane < flows->n_lanes; lane++)
		for (uint32_t i = flows->lanes[lane].head; i != NOWHERE; i = flows->places[i].later) {
			uint32_t *bucket = bucket_of(flows, &flows->places[i].flow.arriving);
			flows->places[i].chain = *bucket;
			*bucket = i;
		}
	return true;
}

static uint32_t new_place(struct flows *flows)
{
	uint32_t i = flows->free;
	if (i != NOWHERE) {
		flows->free = flows->places[i].chain;
		flows->n_free--;
		return i;
	}
	if (flows->n_places == flows->capacity && !grow(flows))
		return NOWHERE;
	return flows->n_places++;
}

static void touch(struct flows *flows, uint32_t i, uint32_t ip_bytes, struct instant now)
{
	struct balanced_flow *flow = &flows->places[i].flow;
	leave_lane(flows, i);
	flow->last_used = now;
	flow->packets++;
	flow->bytes += ip_bytes;
	join_lane(flows, i);
}

bool flows_use(struct flows *flows, const struct tuple *arriving, uint32_t ip_bytes, struct instant now)
{
	uint32_t i = find(flows, arriving);
	if (i == NOWHERE || !is_live(flows, &flows->places[i].flow, now))
		return false;
	touch(flows, i, ip_bytes, now);
	return true;
}

int flows_open(struct flows *flows, const struct tuple *arriving, uint32_t lane, uint32_t backend, uint32_t ip_bytes,
	       struct instant now)
{
	take_out_expired(flows, now);
	uint32_t i = find(flows, arriving);
	if (i != NOWHERE && flows->places[i].flow.lane == lane) {
		flows->places[i].flow.backend = backend;
		touch(flows, i, ip_bytes, now);
		return 0;
	}
	if (i != NOWHERE)
		take_out(flows, i);
	i = new_place(flows);
	if (i == NOWHERE)
		return -ENOMEM;
	uint32_t *bucket = bucket_of(flows, arriving);
	flows->places[i] = (struct place_of_flow){.flow = {.arriving = *arriving,
							   .backend = backend,
							   .lane = lane,
							   .created = now,
							   .last_used = now,
							   .packets = 1,
							   .bytes = ip_bytes},
						  .chain = *bucket};
	*bucket = i;
	join_lane(flows, i);
	return 0;
}

/* ---- flows whose end matters ---- */

void flows_watch(struct flows *flows, uint32_t lane)
{
	flows->lanes[lane].watched = true;
}

void flows_note(struct flows *flows, const struct tuple *arriving, bool by_backend, uint32_t ack, uint32_t reference)
{
	uint32_t i = find(flows, arriving);
	if (i == NOWHERE)
		return;
	struct balanced_flow *flow = &flows->places[i].flow;
	flow->reference = reference;
	if (by_backend) {
		flow->backend_ack = ack;
		flow->backend_acked = true;
	} else {
		flow->caller_ack = ack;
		flow->caller_acked = true;
	}
}

void flows_note_closing(struct flows *flows, const struct tuple *arriving, bool closing)
{
	uint32_t i = find(flows, arriving);
	if (i != NOWHERE)
		flows->places[i].flow.closing = closing;
}

struct instant flows_due(const struct flows *flows)
{
	struct instant due = INSTANT_NEVER;
	for (uint32_t lane = 0; lane < flows->n_lanes; lane++)
		if (flows->lanes[lane].watched && flows->lanes[lane].head != NOWHERE)
			due = instant_min(due, flows_end(flows, &flows->places[flows->lanes[lane].head].flow));
	return due;
}

bool flows_take_due(struct flows *flows, struct instant now, struct balanced_flow *ret)
{
	for (uint32_t lane = 0; lane < flows->n_lanes; lane++) {
		uint32_t head = flows->lanes[lane].head;
		if (!flows->lanes[lane].watched || head == NOWHERE || is_live(flows, &flows->places[head].flow, now))
			continue;
		*ret = flows->places[head].flow;
		take_out(flows, head);
		return true;
	}
	return false;
}

int flows_each(const struct flows *flows, struct instant now,
	       int (*each)(void *context, const struct balanced_flow *flow), void *context)
{
	int r = 0;
	for (uint32_t lane = 0; r >= 0 && lane < flows->n_lanes; lane++)
		for (uint32_t i = flows->lanes[lane].head; r >= 0 && i != NOWHERE; i = flows->places[i].later)
			if (is_live(flows, &flows->places[i].flow, now))
				r = each(context, &flows->places[i].flow);
	return r < 0 ? r : 0;
}

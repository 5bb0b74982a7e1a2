/* DOC: mappings that ended: the latest PAST_MAX of a run, in a ring. A packet that met no mapping is rare, so a look goes
 * through the ring, the latest first; what has fallen out of it is not known any more, and a cause then says less. */
#include "cause/maker.h"
#include <errno.h>
#include <stdlib.h>

#define PAST_MAX 32768u

struct past {
	struct past_mapping *items;
	uint32_t n, capacity; /* n grows on; the slot of a mapping is its number, modulo PAST_MAX */
};

struct past *past_new(void)
{
	struct past *past = calloc(1, sizeof *past);
	return past;
}

struct past *past_free(struct past *past)
{
	if (past)
		free(past->items);
	free(past);
	return NULL;
}

int past_add(struct past *past, const struct world_mapping *mapping)
{
	if (past->n == past->capacity && past->capacity < PAST_MAX) {
		uint32_t capacity = past->capacity ? past->capacity * 2 : 64;
		struct past_mapping *items = realloc(past->items, capacity * sizeof *items);
		if (!items)
			return -ENOMEM;
		past->items = items;
		past->capacity = capacity;
	}
	past->items[past->n++ % PAST_MAX] = (struct past_mapping){
		.inside = mapping->inside,
		.outside_addr = mapping->outside_addr,
		.outside_port = mapping->outside_port,
		.node = mapping->node,
		.flow = mapping->flow,
		.index_in_flow = mapping->index_in_flow,
		.created = mapping->created,
		.last_used = mapping->last_used,
		.ended = mapping->ended,
		.why = mapping->why,
		.timer = mapping->timer,
		.timer_ns = mapping->timer_ns,
	};
	return 0;
}

static bool fits(const struct past_mapping *item, const struct tuple *tuple, bool by_endpoint)
{
	if (item->inside.proto != tuple->proto)
		return false;
	bool from_inside =
		be32_equal(item->inside.src, tuple->src) && be16_equal(item->inside.src_port, tuple->src_port);
	bool to_outside = be32_equal(item->outside_addr, tuple->dst) &&
			  (tuple->proto == PROTO_ICMP || item->outside_port == be16_to(tuple->dst_port));
	if (by_endpoint)
		return from_inside || to_outside;
	return (from_inside && be32_equal(item->inside.dst, tuple->dst) &&
		(tuple->proto == PROTO_ICMP || be16_equal(item->inside.dst_port, tuple->dst_port))) ||
	       (to_outside && be32_equal(item->inside.dst, tuple->src) &&
		(tuple->proto == PROTO_ICMP || be16_equal(item->inside.dst_port, tuple->src_port)));
}

static uint32_t n_kept(const struct past *past)
{
	return past->n < PAST_MAX ? past->n : PAST_MAX;
}

/* The latest is number 1. */
static const struct past_mapping *latest(const struct past *past, uint32_t number)
{
	return &past->items[(past->n - number) % PAST_MAX];
}

const struct past_mapping *past_of_connection(const struct past *past, uint32_t node, uint32_t flow, uint32_t index)
{
	for (uint32_t i = 1; i <= n_kept(past); i++) {
		const struct past_mapping *item = latest(past, i);
		if ((node == NONE || item->node == node) && item->flow == flow && item->index_in_flow == index)
			return item;
	}
	return NULL;
}

const struct past_mapping *past_of_inside(const struct past *past, const struct tuple *inside)
{
	for (uint32_t i = 1; i <= n_kept(past); i++)
		if (tuple_equal(&latest(past, i)->inside, inside))
			return latest(past, i);
	return NULL;
}

const struct past_mapping *past_of_port(const struct past *past, const struct past_mapping *before)
{
	for (uint32_t i = n_kept(past); i >= 1; i--) {
		const struct past_mapping *item = latest(past, i);
		if (item != before && item->node == before->node && item->outside_port == before->outside_port &&
		    be32_equal(item->outside_addr, before->outside_addr) &&
		    item->inside.proto == before->inside.proto && !instant_before(item->created, before->ended))
			return item;
	}
	return NULL;
}

const struct past_mapping *past_find(const struct past *past, const struct tuple *tuple, uint32_t node,
				     bool by_endpoint)
{
	for (uint32_t i = 1; i <= n_kept(past); i++) {
		const struct past_mapping *item = latest(past, i);
		if ((node == NONE || item->node == node) && fits(item, tuple, by_endpoint))
			return item;
	}
	return NULL;
}

/* Open addressing with linear probing, as rule/record.c has it: places that are over stay until the table is
 * rebuilt. */
#include "rule/order.h"
#include "base/random.h"
#include <errno.h>
#include <stdlib.h>

#define MIN_SLOTS 64u
#define FRAGMENT_TIMEOUT_NS (30 * NS_PER_S) /* as reassembly has (RFC 791, RFC 1122 3.3.2) */

struct slot {
	be32 src, dst;
	uint32_t machine;
	uint32_t next_byte;
	struct instant ends; /* 0: an empty slot */
	be16 ip_id;
	uint8_t proto;
};

struct order {
	struct slot *slots;
	uint32_t mask, n;
};

int order_new(struct order **ret)
{
	struct order *order = malloc(sizeof *order);
	if (!order)
		return -ENOMEM;
	*order = (struct order){.slots = calloc(MIN_SLOTS, sizeof *order->slots), .mask = MIN_SLOTS - 1};
	if (!order->slots) {
		free(order);
		return -ENOMEM;
	}
	*ret = order;
	return 0;
}

struct order *order_free(struct order *order)
{
	if (order)
		free(order->slots);
	free(order);
	return NULL;
}

static bool is_of(const struct slot *slot, const struct order_fragment *fragment)
{
	return be32_equal(slot->src, fragment->src) && be32_equal(slot->dst, fragment->dst) &&
	       slot->machine == fragment->machine && be16_equal(slot->ip_id, fragment->ip_id) &&
	       slot->proto == fragment->proto;
}

/* The datagram's slot, or the empty one where it belongs. */
static struct slot *find(const struct order *order, const struct order_fragment *fragment)
{
	uint64_t ends = (uint64_t)be32_key(fragment->src) << 32 | be32_key(fragment->dst);
	uint64_t rest = (uint64_t)fragment->machine << 32 | (uint64_t)fragment->proto << 16 | be16_key(fragment->ip_id);
	uint32_t i = (uint32_t)(random_join(ends, rest) >> 32) & order->mask;
	while (order->slots[i].ends.ns != 0 && !is_of(&order->slots[i], fragment))
		i = (i + 1) & order->mask;
	return &order->slots[i];
}

bool order_holds(const struct order *order, const struct order_fragment *fragment, struct instant now)
{
	const struct slot *slot = find(order, fragment);
	return fragment->first_byte == 0 ||
	       (instant_before(now, slot->ends) && slot->next_byte == fragment->first_byte);
}

static int rebuild(struct order *order, struct instant now)
{
	uint32_t n_live = 0, size = MIN_SLOTS;
	for (uint32_t i = 0; i <= order->mask; i++)
		n_live += instant_before(now, order->slots[i].ends);
	while (size < 2 * n_live + 2)
		size *= 2;
	struct order made = {calloc(size, sizeof *made.slots), size - 1, n_live};
	if (!made.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i <= order->mask; i++) {
		const struct slot *slot = &order->slots[i];
		const struct order_fragment fragment = {slot->machine, slot->src, slot->dst, slot->ip_id,
							slot->proto,   false,     0,         0};
		if (instant_before(now, slot->ends))
			*find(&made, &fragment) = *slot;
	}
	free(order->slots);
	*order = made;
	return 0;
}

int order_note(struct order *order, const struct order_fragment *fragment, struct instant now)
{
	int r = order->n > (order->mask + 1) / 4 * 3 ? rebuild(order, now) : 0;
	if (r < 0)
		return r;
	struct slot *slot = find(order, fragment);
	order->n += slot->ends.ns == 0;
	*slot = (struct slot){.src = fragment->src,
			      .dst = fragment->dst,
			      .machine = fragment->machine,
			      .next_byte = fragment->end_byte,
			      .ends = fragment->is_last ? (struct instant){1} : instant_add(now, FRAGMENT_TIMEOUT_NS),
			      .ip_id = fragment->ip_id,
			      .proto = fragment->proto};
	return 0;
}

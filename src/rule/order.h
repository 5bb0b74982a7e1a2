/* The order of fragments in a virtual network: one that does not come in the order in which its datagram was sent is
 * dropped (azure: virtual-network-tcpip-performance-tuning).
 *
 * DOC: at each machine a datagram that comes in pieces has a place in the table: the offset at which its next fragment
 * must begin. The first fragment makes the place, the last one gives it back, and half a minute without a fragment
 * ends it. */
#ifndef PKTPATH_RULE_ORDER_H
#define PKTPATH_RULE_ORDER_H
#include "base/time.h"
#include "net/tuple.h"
#include <stdbool.h>

struct order;
struct order_fragment {
	uint32_t machine;
	be32 src, dst;
	be16 ip_id;
	uint8_t proto;
	bool is_last;
	uint32_t first_byte, end_byte; /* of the datagram's payload */
};

int order_new(struct order **ret); /* 0 or -ENOMEM */
struct order *order_free(struct order *order);
/* Does it come in its order? */
bool order_holds(const struct order *order, const struct order_fragment *fragment, struct instant now);
/* It came, and in its order. 0 or -ENOMEM. */
int order_note(struct order *order, const struct order_fragment *fragment, struct instant now);
#endif

/* The five-tuple: source and destination. For ICMP echo both ports hold the identifier. */
#ifndef PKTPATH_NET_TUPLE_H
#define PKTPATH_NET_TUPLE_H
#include "net/addr.h"

enum ip_proto { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17 };

struct tuple {
	be32 src;
	be32 dst;
	be16 src_port;
	be16 dst_port;
	uint8_t proto; /* enum ip_proto */
};

static inline struct tuple tuple_reverse(struct tuple t)
{
	return (struct tuple){t.dst, t.src, t.dst_port, t.src_port, t.proto};
}
static inline bool tuple_equal(const struct tuple *a, const struct tuple *b)
{
	return a->src.raw == b->src.raw && a->dst.raw == b->dst.raw && a->src_port.raw == b->src_port.raw &&
	       a->dst_port.raw == b->dst_port.raw && a->proto == b->proto;
}
#define TUPLE_TEXT_BYTES 64
/* "tcp 10.0.1.6:49152 > 203.0.113.10:443"; "icmp 10.0.1.6 > 10.0.2.4 id 7". */
char *tuple_print(const struct tuple *tuple, char text[TUPLE_TEXT_BYTES]);
const char *proto_name(uint8_t proto); /* "tcp", "udp", "icmp"; "ip" for others */
#endif

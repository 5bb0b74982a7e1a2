/* An IPv4 prefix such as 10.0.1.0/26. */
#ifndef PKTPATH_NET_PREFIX_H
#define PKTPATH_NET_PREFIX_H
#include "net/addr.h"

struct prefix {
	be32 addr; /* host bits are zero */
	uint8_t length;
};

enum prefix_error { PREFIX_OK = 0, PREFIX_SYNTAX = 1, PREFIX_HOST_BITS = 2 };
#define PREFIX_TEXT_BYTES 20

/* `1.2.3.4` alone is not a prefix (PREFIX_SYNTAX). With PREFIX_HOST_BITS *ret is the prefix without them. */
enum prefix_error prefix_parse(const char *text, struct prefix *ret);
char *prefix_print(struct prefix prefix, char text[PREFIX_TEXT_BYTES]);

static inline uint32_t prefix_mask(struct prefix prefix)
{
	return prefix.length == 0 ? 0 : ~UINT32_C(0) << (32 - prefix.length);
}
static inline bool prefix_contains(struct prefix prefix, be32 addr)
{
	return ((be32_to(addr) ^ be32_to(prefix.addr)) & prefix_mask(prefix)) == 0;
}
static inline bool prefix_overlaps(struct prefix a, struct prefix b)
{
	uint32_t mask = prefix_mask(a) & prefix_mask(b);
	return ((be32_to(a.addr) ^ be32_to(b.addr)) & mask) == 0;
}
static inline bool prefix_within(struct prefix inner, struct prefix outer)
{
	return inner.length >= outer.length && prefix_contains(outer, inner.addr);
}
static inline uint64_t prefix_size(struct prefix prefix)
{
	return UINT64_C(1) << (32 - prefix.length);
}
static inline be32 prefix_nth(struct prefix prefix, uint32_t n)
{
	return be32_from(be32_to(prefix.addr) + n);
}
#endif

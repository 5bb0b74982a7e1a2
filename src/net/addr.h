/* IPv4 addresses, ports and numbers in network byte order as types of their own: a be16 cannot be added to by
 * accident. */
#ifndef PKTPATH_NET_ADDR_H
#define PKTPATH_NET_ADDR_H
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	uint16_t raw;
} be16;
typedef struct {
	uint32_t raw;
} be32;

static inline be16 be16_from(uint16_t host)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (be16){__builtin_bswap16(host)};
#else
	return (be16){host};
#endif
}
static inline uint16_t be16_to(be16 net)
{
	return be16_from(net.raw).raw;
}
static inline be32 be32_from(uint32_t host)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (be32){__builtin_bswap32(host)};
#else
	return (be32){host};
#endif
}
static inline uint32_t be32_to(be32 net)
{
	return be32_from(net.raw).raw;
}
static inline bool be32_equal(be32 a, be32 b)
{
	return a.raw == b.raw;
}
/* Of private use (RFC 1918). */
static inline bool addr_is_private(be32 addr)
{
	uint32_t host = be32_to(addr);
	return host >> 24 == 10 || host >> 20 == 0xac1 || host >> 16 == 0xc0a8;
}
static inline bool be16_equal(be16 a, be16 b)
{
	return a.raw == b.raw;
}

/* A number for hashes and keys: the same on every machine, and no work on a little-endian one. */
static inline uint16_t be16_key(be16 net)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return net.raw;
#else
	return __builtin_bswap16(net.raw);
#endif
}
static inline uint32_t be32_key(be32 net)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return net.raw;
#else
	return __builtin_bswap32(net.raw);
#endif
}

#define ADDR_NONE ((be32){0}) /* 0.0.0.0 */
#define ADDR_TEXT_BYTES 16

/* Dotted quad, all four parts, no leading zeros. */
bool addr_parse(const char *text, be32 *ret);
char *addr_print(be32 addr, char text[ADDR_TEXT_BYTES]);

struct mac {
	uint8_t octet[6];
};
#endif

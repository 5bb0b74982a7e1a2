/* The Internet checksum (RFC 1071) and its incremental update (RFC 1624, equation 3: HC' = ~(~HC + ~m + m')). */
#ifndef PKTPATH_NET_CHECKSUM_H
#define PKTPATH_NET_CHECKSUM_H
#include "net/addr.h"
#include <stddef.h>

/* Adds the bytes as big-endian words; an odd last byte is padded with zero. `sum` carries over; fold at the end. */
uint32_t checksum_add(uint32_t sum, const void *data, size_t size_bytes);
static inline uint32_t checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}
/* The value to put into a header for the sum of everything with the field at zero. */
static inline be16 checksum_finish(uint32_t sum)
{
	return be16_from((uint16_t)~checksum_fold(sum));
}
/* Pseudo header of RFC 9293 3.1 / RFC 768. */
static inline uint32_t checksum_pseudo(be32 src, be32 dst, uint8_t proto, uint32_t l4_bytes)
{
	uint32_t s = be32_to(src), d = be32_to(dst);
	return (s >> 16) + (s & 0xffff) + (d >> 16) + (d & 0xffff) + proto + l4_bytes;
}
static inline be16 checksum_replace16(be16 check, be16 old, be16 new_value)
{
	uint32_t sum = (uint16_t)~be16_to(check);
	sum += (uint16_t)~be16_to(old);
	sum += be16_to(new_value);
	return checksum_finish(sum);
}
static inline be16 checksum_replace32(be16 check, be32 old, be32 new_value)
{
	uint32_t o = be32_to(old), n = be32_to(new_value);
	uint32_t sum = (uint16_t)~be16_to(check);
	sum += (uint16_t)~(o >> 16);
	sum += (uint16_t)~(o & 0xffff);
	sum += n >> 16;
	sum += n & 0xffff;
	return checksum_finish(sum);
}
#endif

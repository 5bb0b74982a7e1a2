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
/* What a field's change does to a checksum; changes add up. A sum does not depend on the order of bytes (RFC 1071 2 B):
 * all stays as it lies in memory. */
static inline uint32_t checksum_change16(be16 old, be16 new_value)
{
	return (uint32_t)(uint16_t)~old.raw + new_value.raw;
}
static inline uint32_t checksum_change32(be32 old, be32 new_value)
{
	return (~old.raw >> 16) + (~old.raw & 0xffff) + (new_value.raw >> 16) + (new_value.raw & 0xffff);
}
static inline be16 checksum_apply(be16 check, uint32_t change)
{
	return (be16){(uint16_t)~checksum_fold((uint16_t)~check.raw + change)};
}
static inline be16 checksum_replace16(be16 check, be16 old, be16 new_value)
{
	return checksum_apply(check, checksum_change16(old, new_value));
}
static inline be16 checksum_replace32(be16 check, be32 old, be32 new_value)
{
	return checksum_apply(check, checksum_change32(old, new_value));
}
#endif

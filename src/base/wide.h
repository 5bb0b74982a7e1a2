/* Products of two 64-bit numbers, whole: 128 bits, also where the compiler has no such type (32-bit machines). */
#ifndef PKTPATH_BASE_WIDE_H
#define PKTPATH_BASE_WIDE_H
#include <stdint.h>

struct wide {
	uint64_t high, low;
};

static inline struct wide wide_product(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 product = (unsigned __int128)a * b;
	return (struct wide){(uint64_t)(product >> 64), (uint64_t)product};
#else
	uint64_t low = (a & 0xffffffff) * (b & 0xffffffff);
	uint64_t middle = (a >> 32) * (b & 0xffffffff) + (low >> 32);
	uint64_t other = (a & 0xffffffff) * (b >> 32) + (middle & 0xffffffff);
	return (struct wide){(a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32), other << 32 | (low & 0xffffffff)};
#endif
}

/* Divides by `divisor`, which is not 0; `*ret_rest`, where it is not NULL, is what is left. */
static inline struct wide wide_quotient(struct wide n, uint64_t divisor, uint64_t *ret_rest)
{
	struct wide ret = {n.high / divisor, 0};
	uint64_t rest = n.high % divisor;
#ifdef __SIZEOF_INT128__
	unsigned __int128 left = (unsigned __int128)rest << 64 | n.low;
	ret.low = (uint64_t)(left / divisor);
	rest = (uint64_t)(left % divisor);
#else
	for (unsigned bit = 64; bit-- > 0;) {
		uint64_t carry = rest >> 63;
		rest = rest << 1 | (n.low >> bit & 1);
		if (carry || rest >= divisor) {
			rest -= divisor;
			ret.low |= UINT64_C(1) << bit;
		}
	}
#endif
	if (ret_rest)
		*ret_rest = rest;
	return ret;
}

/* The low 64 bits of n / 2^bits; `bits` is at most 63. */
static inline uint64_t wide_shifted(struct wide n, unsigned bits)
{
	return bits == 0 ? n.low : n.high << (64 - bits) | n.low >> bits;
}
#endif

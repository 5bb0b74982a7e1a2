/* DOC: the hash of a name, and exponential durations. If U is uniform on (0, 1], then -ln U has the exponential
 * distribution of mean 1. The logarithm to base 2 of a 64-bit number is its leading zeros and the logarithm of what is
 * left, found bit by bit by squaring: each squaring doubles the logarithm, and its integer part is the next bit.
 * Everything fits into 64 bits, so that machines of 32 bits and without a floating point unit draw the same. */
#include "base/random.h"

uint64_t random_name(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	return random_mix(hash);
}

#define FRACTION_BITS 24
#define LN2 UINT64_C(11629080) /* ln 2 in parts of 2^24 */

/* -log2(x / 2^64), in parts of 2^24; x > 0. */
static uint64_t negative_log2(uint64_t x)
{
	unsigned zeros = (unsigned)__builtin_clzll(x);
	uint64_t mantissa = (x << zeros) >> 32, fraction = 0; /* 1 to 2, in parts of 2^31 */
	for (unsigned i = 0; i < FRACTION_BITS; i++) {
		mantissa = mantissa * mantissa >> 31;
		uint64_t bit = mantissa >> 32;
		mantissa >>= bit;
		fraction = fraction << 1 | bit;
	}
	return ((uint64_t)(zeros + 1) << FRACTION_BITS) - fraction;
}

int64_t random_exponential_ns(uint64_t random, int64_t mean_ns)
{
	uint64_t log2 = negative_log2(random ? random : 1), mean = (uint64_t)mean_ns;
	uint64_t times = log2 * LN2 >> FRACTION_BITS; /* -ln U in parts of 2^24: below 45 of them */
	uint64_t whole = mean >> FRACTION_BITS, rest = mean & ((UINT64_C(1) << FRACTION_BITS) - 1);
	uint64_t product = whole * times, more = rest * times >> FRACTION_BITS;
	return (int64_t)(product + more);
}

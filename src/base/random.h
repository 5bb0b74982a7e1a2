/* Random choices by counter, not by state: each is a pure function of the scenario's seed, a purpose and the identity
 * of what it is for. Adding a flow therefore changes no other flow's choices.
 *
 * random_mix() is the finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection of 64 bits. */
#ifndef PKTPATH_BASE_RANDOM_H
#define PKTPATH_BASE_RANDOM_H
#include <stdint.h>

static inline uint64_t random_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static inline uint64_t random_join(uint64_t a, uint64_t b)
{
	return random_mix(a ^ random_mix(b));
}

/* A 64-bit hash of a name (FNV-1a, then mixed), the same on every machine. */
uint64_t random_name(const char *name);

/* A number in [0, bound), bound > 0, without the bias of a modulus (Lemire's multiply-shift; bias < 2^-32). */
static inline uint32_t random_below(uint64_t random, uint32_t bound)
{
	return (uint32_t)(((random >> 32) * bound) >> 32);
}

/* A duration with an exponential distribution of this mean (0 to some 290 years). Integers alone: the same on every
 * machine, whatever its mathematical library. */
int64_t random_exponential_ns(uint64_t random, int64_t mean_ns);
#endif

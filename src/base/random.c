/* Random choices by counter: the hash of a name. */
#include "base/random.h"

uint64_t random_name(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	return random_mix(hash);
}

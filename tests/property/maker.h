/* Scenarios made by chance, from a seed: the same seed gives the same text. */
#ifndef PKTPATH_TESTS_MAKER_H
#define PKTPATH_TESTS_MAKER_H
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

struct maker_wish {
	uint64_t seed;
	/* 0: entries of maps in the order in which they were made; otherwise another order, chosen by this number. It
	 * is the same scenario.
	 */
	uint64_t order;
	/* Adds a flow between two hosts of their own, which share nothing with the rest. Its name is BYSTANDER. */
	bool with_bystander;
};
#define BYSTANDER "flow-3-and-a-half"

/* The text, in `arena`; NULL where memory is short. */
const char *scenario_make(struct arena *arena, const struct maker_wish *wish);
#endif

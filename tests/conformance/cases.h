/* The cases: what is sent, step by step; what comes out is whatever both systems agree on. */
#ifndef TESTS_CONFORMANCE_CASES_H
#define TESTS_CONFORMANCE_CASES_H
#include "bed.h"

enum bed_kind {
	BED_ROUTER,
	BED_PLAIN,
	BED_PLAIN_STRICT,
	BED_DROP,
	BED_DROP_STRICT,
	BED_FOUR_PORTS,
	BED_SHORT_TIMERS,
	BED_ENVIRONMENT,
	BED_COUNT
};
extern const struct setup setups[BED_COUNT];

#define CASE_MAX_STEPS 16
struct conformance_case {
	const char *name;
	enum bed_kind bed;
	const char *steps[CASE_MAX_STEPS]; /* of script.h */
};
extern const struct conformance_case cases[];
extern const size_t n_cases;

/* The random case of this number: steps, in `ret`, of which at most CASE_MAX_STEPS are used. */
struct random_case {
	char texts[CASE_MAX_STEPS][128];
	struct conformance_case item;
};
void random_case_make(uint64_t seed, enum bed_kind bed, struct random_case *ret);
#endif

/* A scenario that was run and judged for a test. Its filters are words of the test, so that nothing here depends on
 * libpcap. */
#ifndef PKTPATH_TESTS_SCENARIO_JUDGING_H
#define PKTPATH_TESTS_SCENARIO_JUDGING_H
#include "../scenario/loading.h"
#include "judge/expect.h"

struct judging {
	struct loading loading;
	struct world *world;
	struct judge *judge;
	const struct judgement *judgements;
	size_t n;
	int n_filters; /* compiled and not yet released */
};

/* The network of all these tests, then `rest`: lines of the file that begin with "expect:" or before it. Runs to the
 * end, looks whenever the judge asks to, and judges. Filters: "syn" (opens), "fin" (has the flag), "none". */
void judging_run(struct judging *judging, const char *rest);
/* The same with one expectation, written in braces, and more lines ("" for none). */
const struct judgement *judging_one(struct judging *judging, const char *expectation, const char *more);
void judging_end(struct judging *judging);
/* Loads, and makes world and judge, or fails as judge_new() did. */
int judging_begin(struct judging *judging, const char *rest);
#endif

/* A scenario loaded for a test, with all that was said of it. */
#ifndef PKTPATH_TESTS_SCENARIO_LOADING_H
#define PKTPATH_TESTS_SCENARIO_LOADING_H
#include "scenario/load.h"

struct loading {
	struct arena *arena;
	struct diag_list diags;
	struct model *model; /* NULL where it is wrong */
};

/* From memory, as file "t.yaml". Fails the test where memory is short. */
void loading_text(struct loading *loading, const char *text);
void loading_text_set(struct loading *loading, const char *text, const struct scenario_override *overrides, size_t n);
void loading_end(struct loading *loading);
/* The only error; fails the test where there are others or none. */
const struct diag *loading_error(const struct loading *loading);
#endif

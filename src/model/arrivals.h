/* When the connections of a repeated flow start, and how long each is held open. */
#ifndef PKTPATH_MODEL_ARRIVALS_H
#define PKTPATH_MODEL_ARRIVALS_H
#include "model/model.h"

/* An exponential duration is at most this many times its mean: -ln 2^-64. */
#define ARRIVALS_MAX_TIMES 45

/* From the start of connection `index` to that of the next one. */
int64_t arrivals_gap_ns(const struct flow_config *flow, uint64_t seed, uint32_t index);
/* When connection `index` starts, from the start of the run. Of Poisson arrivals the gaps before it are added up. */
int64_t arrivals_start_ns(const struct flow_config *flow, uint64_t seed, uint32_t index);
/* How long connection `index` is held open once its last answer is there. */
int64_t arrivals_hold_ns(const struct flow_config *flow, uint64_t seed, uint32_t index);
#endif

/* DOC: three ways to spread the connections of a flow over time, all with the mean distance `every`.
 *   constant   connection I starts at `at` + I * `every`
 *   poisson    the gaps are independent and exponential: what many callers that know nothing of each other do
 *   burst      the connections of each second start together, at its beginning: what timers do
 * Each choice is a function of the seed, the flow's name and the number of the connection (base/random.h), so that
 * another flow changes none of them. */
#include "model/arrivals.h"
#include "base/random.h"
#include "base/time.h"

#define PURPOSE_GAP UINT64_C(0x6172726976616c73)
#define PURPOSE_HOLD UINT64_C(0x686f6c64)

static uint64_t draw(const struct flow_config *flow, uint64_t seed, uint64_t purpose, uint32_t index)
{
	return random_join(random_join(random_join(seed, purpose), random_name(flow->name)), index);
}

/* The loader has bounded the product. */
static int64_t even_ns(const struct flow_config *flow, uint32_t index)
{
	return (int64_t)index * flow->every_ns;
}

static int64_t burst_ns(const struct flow_config *flow, uint32_t index)
{
	int64_t ns = even_ns(flow, index);
	return flow->every_ns < NS_PER_S ? ns - ns % NS_PER_S : ns;
}

int64_t arrivals_gap_ns(const struct flow_config *flow, uint64_t seed, uint32_t index)
{
	switch (flow->arrivals) {
	case ARRIVALS_CONSTANT:
		return flow->every_ns;
	case ARRIVALS_POISSON:
		return random_exponential_ns(draw(flow, seed, PURPOSE_GAP, index), flow->every_ns);
	case ARRIVALS_BURST:
		return burst_ns(flow, index + 1) - burst_ns(flow, index);
	}
	return 0;
}

int64_t arrivals_start_ns(const struct flow_config *flow, uint64_t seed, uint32_t index)
{
	int64_t at_ns = flow->at_ns;
	switch (flow->arrivals) {
	case ARRIVALS_CONSTANT:
		return at_ns + even_ns(flow, index);
	case ARRIVALS_POISSON:
		for (uint32_t i = 0; i < index; i++)
			at_ns += arrivals_gap_ns(flow, seed, i);
		return at_ns;
	case ARRIVALS_BURST:
		return at_ns + burst_ns(flow, index);
	}
	return at_ns;
}

int64_t arrivals_hold_ns(const struct flow_config *flow, uint64_t seed, uint32_t index)
{
	if (!flow->hold_is_exponential)
		return flow->hold_ns;
	return random_exponential_ns(draw(flow, seed, PURPOSE_HOLD, index), flow->hold_ns);
}

/* Flows of a balancer: found while they live, ended by silence to the nanosecond, in lanes of their own. */
#include "base/random.h"
#include "rule/flows.h"
#include "suite.h"
#include <stdlib.h>

#define S NS_PER_S
static const int64_t idle_ns[] = {240 * S, 60 * S};

static struct tuple flow_tuple(uint32_t n)
{
	return (struct tuple){be32_from(0xcb007100 + n / 60000), be32_from(0xc0170102),
			      be16_from((uint16_t)(n % 60000)), be16_from(443), PROTO_TCP};
}

START_TEST(silence_ends_a_flow)
{
	struct flows *flows;
	struct tuple t = flow_tuple(1);
	ck_assert_int_eq(flows_new(idle_ns, 2, &flows), 0);
	ck_assert_ptr_null(flows_find(flows, &t, INSTANT_ZERO));
	ck_assert(!flows_use(flows, &t, 40, INSTANT_ZERO));
	ck_assert_int_eq(flows_open(flows, &t, 0, 7, 40, (struct instant){S}), 0);
	ck_assert_uint_eq(flows_find(flows, &t, (struct instant){241 * S - 1})->backend, 7);
	ck_assert_ptr_null(flows_find(flows, &t, (struct instant){241 * S}));
	ck_assert(flows_use(flows, &t, 60, (struct instant){200 * S}));
	ck_assert_int_eq(flows_end(flows, flows_find(flows, &t, (struct instant){201 * S})).ns, 440 * S);
	ck_assert_uint_eq(flows_find(flows, &t, (struct instant){201 * S})->packets, 2);
	ck_assert_uint_eq(flows_find(flows, &t, (struct instant){201 * S})->bytes, 100);
	ck_assert(!flows_use(flows, &t, 40, (struct instant){440 * S}));
	ck_assert_int_eq(flows_open(flows, &t, 0, 8, 40, (struct instant){441 * S}), 0);
	ck_assert_uint_eq(flows_find(flows, &t, (struct instant){441 * S})->backend, 8);
	ck_assert_uint_eq(flows_find(flows, &t, (struct instant){441 * S})->packets, 1);
	flows_clear(flows);
	ck_assert_ptr_null(flows_find(flows, &t, (struct instant){441 * S}));
	ck_assert_ptr_null(flows_free(flows));
}
END_TEST

static int count(void *context, const struct balanced_flow *flow)
{
	(void)flow;
	++*(uint32_t *)context;
	return 0;
}

/* Against a model that keeps the last use of each flow. */
START_TEST(many_flows_as_the_model_has_them)
{
	enum { N = 5000 };
	struct flows *flows;
	int64_t *used = calloc(N, sizeof *used), now_ns = 0;
	ck_assert_int_eq(flows_new(idle_ns, 2, &flows), 0);
	for (uint32_t i = 0; i < N; i++)
		used[i] = -1;
	for (uint64_t step = 0; step < 60000; step++) {
		uint64_t random = random_mix(step);
		uint32_t n = (uint32_t)(random % N), lane = n % 2;
		struct tuple t = flow_tuple(n);
		now_ns += (int64_t)(random >> 40) * 3;
		struct instant now = {now_ns};
		bool live = used[n] >= 0 && now_ns < used[n] + idle_ns[lane];
		const struct balanced_flow *found = flows_find(flows, &t, now);
		ck_assert(live == (found != NULL));
		if (found)
			ck_assert_uint_eq(found->backend, n);
		if (random >> 63)
			ck_assert_int_eq(flows_open(flows, &t, lane, n, 40, now), 0);
		else
			ck_assert(flows_use(flows, &t, 40, now) == live);
		if (live || random >> 63)
			used[n] = now_ns;
	}
	uint32_t n_live = 0, n_found = 0;
	for (uint32_t i = 0; i < N; i++)
		n_live += used[i] >= 0 && now_ns < used[i] + idle_ns[i % 2];
	ck_assert_int_eq(flows_each(flows, (struct instant){now_ns}, count, &n_found), 0);
	ck_assert_uint_eq(n_found, n_live);
	ck_assert_uint_gt(n_live, 0);
	flows_free(flows);
	free(used);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/flows", &tc);
	tcase_add_test(tc, silence_ends_a_flow);
	tcase_add_test(tc, many_flows_as_the_model_has_them);
	return suite_run(suite);
}

/* What must be true of every run, tried on scenarios made by chance.
 *
 * DOC: each property runs once a seed, in a process of its own, so that a failure names its seed;
 * PKTPATH_PROPERTY_FIRST and PKTPATH_PROPERTY_COUNT choose others than the few that a normal run of the suite takes. A
 * failure prints the scenario. A property that held because nothing happened would be worth nothing: the last test asks
 * that over the seeds much did happen. */
#include "base/arena.h"
#include "maker.h"
#include "network/world.h"
#include "scenario/layout.h"
#include "scenario/load.h"
#include "scenario/values.h"
#include "suite.h"
#include "watcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_COUNT 110

struct run { /* a scenario, its world and its watcher */
	struct arena *arena;
	const char *text;
	struct diag_list diags;
	struct model *model;
	const struct tree *tree;
	struct world *world;
	struct watcher *watcher;
};

static uint64_t seed_of(int i)
{
	const char *first = getenv("PKTPATH_PROPERTY_FIRST");

	return (!first ? UINT64_C(1) : (uint64_t)strtoull(first, NULL, 10)) + (uint64_t)(unsigned int)i;
}

/* In the arena of `r`. */
static void load_text(struct run *r, uint64_t seed)
{
	struct scenario_read read;
	struct scenario_input input = {.source = {"made-by-chance.yaml", r->text, strlen(r->text)}};
	diag_init(&r->diags, r->arena);
	ck_assert_int_eq(scenario_read(r->arena, &input, &r->diags, &read), 0);
	r->model = r->diags.n_errors > 0 ? NULL : read.model;
	r->tree = read.tree;
	for (size_t i = 0; i < r->diags.n && !r->model; i++)
		fprintf(stderr, "%u:%u: %s\n%s", r->diags.items[i].place.line, r->diags.items[i].place.column,
			r->diags.items[i].message, !r->diags.items[i].excerpt ? "" : r->diags.items[i].excerpt);
	ck_assert_msg(r->model, "the scenario of seed %llu does not load:\n%s", (unsigned long long)seed, r->text);
	ck_assert_int_eq(world_new(r->model, r->model->seed, &r->world), 0);
}

static void run_load(struct run *r, const struct maker_wish *wish)
{
	*r = (struct run){.arena = arena_new()};
	ck_assert_ptr_nonnull(r->arena);
	r->text = scenario_make(r->arena, wish);
	ck_assert_ptr_nonnull(r->text);
	load_text(r, wish->seed);
}

/* Runs to the end in slices of `slice_events` and `slice_ns`. Worlds end by themselves: thirty days of virtual time are
 * far beyond the longest timer of a profile, five days of Linux's. */
static void run_to_the_end(struct run *r, uint64_t slice_events, int64_t slice_ns)
{
	struct instant until = INSTANT_ZERO;
	int status = 0;

	while (status == 0 && until.ns < 30 * 24 * 3600 * NS_PER_S) {
		until = instant_add(world_now(r->world), slice_ns);
		status = world_run(r->world, until, slice_events);
	}
	ck_assert_msg(status == 1, "world_run() gave %d at %lld ns", status, (long long)world_now(r->world).ns);
}

static void run_all(struct run *r, const struct maker_wish *wish)
{
	run_load(r, wish);
	r->watcher = watcher_new(r->model, r->world);
	run_to_the_end(r, UINT64_MAX, 24 * 3600 * NS_PER_S - 1);
	watcher_finish(r->watcher, true);
}

static void run_end(struct run *r)
{
	if (r->watcher)
		watcher_free(r->watcher);
	world_free(r->world);
	diag_deinit(&r->diags);
	arena_free(r->arena);
}

static void expect_no_complaint(const struct run *r, uint64_t seed)
{
	const char *complaint = watcher_complaint(r->watcher);

	if (complaint)
		fprintf(stderr, "%s", r->text);
	ck_assert_msg(!complaint, "seed %llu: %s", (unsigned long long)seed, complaint);
}

static uint32_t flow_named(const struct model *model, const char *name)
{
	for (uint32_t f = 0; f < model->n_flows; f++) {
		if (strcmp(model->flows[f].name, name) == 0)
			return f;
	}
	return NONE;
}

/* Every flow of `a` went the same way in `b`. */
static void expect_same_trails(const struct run *a, const struct run *b, uint64_t seed)
{
	for (uint32_t f = 0; f < a->model->n_flows; f++) {
		uint32_t other = flow_named(b->model, a->model->flows[f].name);
		ck_assert_uint_ne(other, NONE);
		ck_assert_msg(watcher_digest(a->watcher, f) == watcher_digest(b->watcher, other),
			      "seed %llu: %s went another way\n%s", (unsigned long long)seed, a->model->flows[f].name,
			      a->text);
	}
}

START_TEST(every_packet_is_accounted_for)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run r;

	run_all(&r, &wish);
	expect_no_complaint(&r, wish.seed);
	run_end(&r);
}
END_TEST

START_TEST(accounts_hold_in_the_middle)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run r;

	run_load(&r, &wish);
	r.watcher = watcher_new(r.model, r.world);
	int status = world_run(r.world, (struct instant){20 * NS_PER_S + 7 * NS_PER_MS}, UINT64_MAX);
	ck_assert_int_ge(status, 0);
	watcher_finish(r.watcher, status == 1);
	expect_no_complaint(&r, wish.seed);
	run_end(&r);
}
END_TEST

START_TEST(same_seed_same_trail)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run a, b;

	run_all(&a, &wish);
	run_all(&b, &wish);
	ck_assert_uint_eq(watcher_n_steps(a.watcher), watcher_n_steps(b.watcher));
	expect_same_trails(&a, &b, wish.seed);
	run_end(&a);
	run_end(&b);
}
END_TEST

START_TEST(slices_change_nothing)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run whole, sliced;

	run_all(&whole, &wish);
	run_load(&sliced, &wish);
	sliced.watcher = watcher_new(sliced.model, sliced.world);
	run_to_the_end(&sliced, 13, 3 * NS_PER_S);
	watcher_finish(sliced.watcher, true);
	expect_no_complaint(&sliced, wish.seed);
	expect_same_trails(&whole, &sliced, wish.seed);
	run_end(&whole);
	run_end(&sliced);
}
END_TEST

START_TEST(order_of_keys_means_nothing)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run a, b;

	run_all(&a, &wish);
	wish.order = wish.seed + 1;
	run_all(&b, &wish);
	expect_same_trails(&a, &b, wish.seed);
	run_end(&a);
	run_end(&b);
}
END_TEST

START_TEST(a_flow_more_disturbs_no_other)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run without, with;
	struct world_connection connection;

	run_all(&without, &wish);
	wish.with_bystander = true;
	run_all(&with, &wish);
	expect_no_complaint(&with, wish.seed);
	world_connection(with.world, flow_named(with.model, BYSTANDER), 4, &connection);
	ck_assert(connection.started);
	expect_same_trails(&without, &with, wish.seed);
	run_end(&without);
	run_end(&with);
}
END_TEST

START_TEST(who_looks_on_changes_nothing)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run watched, alone;

	run_all(&watched, &wish);
	run_load(&alone, &wish);
	run_to_the_end(&alone, UINT64_MAX, 24 * 3600 * NS_PER_S - 1);
	ck_assert_int_eq(world_now(watched.world).ns, world_now(alone.world).ns);
	for (uint32_t f = 0; f < watched.model->n_flows; f++) {
		struct world_counts a, b;
		world_flow_counts(watched.world, f, &a);
		world_flow_counts(alone.world, f, &b);
		ck_assert_mem_eq(&a, &b, sizeof a);
		for (uint32_t i = 0; i < watched.model->flows[f].count; i++) {
			struct world_connection x, y;
			world_connection(watched.world, f, i, &x);
			world_connection(alone.world, f, i, &y);
			ck_assert_int_eq(x.outcome, y.outcome);
			ck_assert_int_eq(x.ended_at.ns, y.ended_at.ns);
			ck_assert_uint_eq(x.from_port, y.from_port);
		}
	}
	run_end(&watched);
	run_end(&alone);
}
END_TEST

/* What the properties above were tried on: over the seeds, enough of everything took place. */
START_TEST(much_happened)
{
	uint64_t steps = 0, translations = 0, restored = 0, mappings = 0;
	uint64_t outcomes[OUTCOME_COUNT] = {0}, reasons[REASON_COUNT] = {0};

	for (int i = 0; i < DEFAULT_COUNT; i++) {
		struct maker_wish wish = {.seed = (uint64_t)i + 1};
		struct run r;
		run_all(&r, &wish);
		steps += watcher_n_steps(r.watcher);
		translations += watcher_n_translations(r.watcher);
		restored += watcher_n_replies_restored(r.watcher);
		mappings += watcher_n_mappings(r.watcher);
		for (uint32_t f = 0; f < r.model->n_flows; f++) {
			for (uint32_t n = 0; n < r.model->flows[f].count; n++) {
				struct world_connection c;
				world_connection(r.world, f, n, &c);
				outcomes[c.outcome]++;
				if (c.loss)
					reasons[c.loss->verdict.reason]++;
			}
		}
		run_end(&r);
	}
	ck_assert_uint_gt(steps, 50000);
	ck_assert_uint_gt(translations, 10000);
	ck_assert_uint_gt(restored, 5000);
	ck_assert_uint_gt(mappings, 500);
	ck_assert_uint_gt(outcomes[OUTCOME_DELIVERED], 500);
	ck_assert_uint_gt(outcomes[OUTCOME_REFUSED], 10);
	ck_assert_uint_gt(outcomes[OUTCOME_RESET], 5);
	ck_assert_uint_gt(outcomes[OUTCOME_TIMED_OUT], 50);
	ck_assert_uint_gt(reasons[REASON_SNAT_PORTS_EXHAUSTED], 5);
	ck_assert_uint_gt(reasons[REASON_NO_MAPPING], 5);
	ck_assert_uint_gt(reasons[REASON_LINK_LOSS], 20);
	ck_assert_uint_gt(reasons[REASON_LINK_DOWN], 5);
	ck_assert_uint_gt(reasons[REASON_VIP_PORT_CLOSED], 5);
	ck_assert_uint_gt(reasons[REASON_NO_LISTENER], 5);
	ck_assert_uint_gt(reasons[REASON_HOST_DOWN], 1);
	ck_assert_uint_gt(reasons[REASON_NSG_DENY], 5);
	ck_assert_uint_gt(reasons[REASON_ROUTE_NONE], 5);
	ck_assert_uint_gt(reasons[REASON_NO_ROUTE], 5);
	ck_assert_uint_gt(reasons[REASON_NOT_PEERED], 1);
	ck_assert_uint_gt(reasons[REASON_FILTERED], 1);
	ck_assert_uint_gt(reasons[REASON_FRAGMENTATION_NEEDED], 1);
	ck_assert_uint_gt(reasons[REASON_ICMP_NOT_TRANSLATED], 1);
	ck_assert_uint_gt(reasons[REASON_FRAGMENT_NOT_TRANSLATED], 1);
}
END_TEST

/* ---- what `fmt` prints ---- */

static void expect_same_settings(const struct run *a, const struct run *b, const char *text)
{
	size_t n_a, n_b;
	const struct scenario_setting *of_a = scenario_settings(a->arena, a->model, &n_a),
				      *of_b = scenario_settings(b->arena, b->model, &n_b);
	ck_assert(of_a && of_b && n_a > 0);
	for (size_t i = 0; i < n_a && i < n_b; i++)
		ck_assert_msg(strcmp(of_a[i].path, of_b[i].path) == 0 && strcmp(of_a[i].value, of_b[i].value) == 0,
			      "%s was %s, and %s is %s in\n%s", of_a[i].path, of_a[i].value, of_b[i].path,
			      of_b[i].value, text);
	ck_assert_uint_eq(n_a, n_b);
}

static void expect_loads_equal(const struct run *r, const char *text, uint64_t seed)
{
	struct run again = {.arena = arena_new(), .text = text};
	load_text(&again, seed);
	expect_same_settings(r, &again, text);
	ck_assert_uint_eq(r->model->n_events, again.model->n_events);
	again.watcher = watcher_new(again.model, again.world);
	run_to_the_end(&again, UINT64_MAX, 24 * 3600 * NS_PER_S - 1);
	watcher_finish(again.watcher, true);
	expect_same_trails(r, &again, seed);
	run_end(&again);
}

START_TEST(what_is_printed_loads_equal)
{
	struct maker_wish wish = {.seed = seed_of(_i)};
	struct run r;
	size_t n;
	run_all(&r, &wish);
	const char *loaded = scenario_print(r.arena, r.model, r.tree, &n);
	ck_assert_ptr_nonnull(loaded);
	expect_loads_equal(&r, loaded, wish.seed);
	struct source source = {"made-by-chance.yaml", r.text, strlen(r.text)}, once, twice;
	ck_assert_int_eq(scenario_format(r.arena, &source, &r.diags, &once), 0);
	ck_assert_int_eq(scenario_format(r.arena, &once, &r.diags, &twice), 0);
	ck_assert_str_eq(once.text, twice.text);
	expect_loads_equal(&r, once.text, wish.seed);
	/* What was loaded is in the style already. */
	source = (struct source){"loaded.yaml", loaded, n};
	ck_assert_int_eq(scenario_format(r.arena, &source, &r.diags, &once), 0);
	ck_assert_str_eq(once.text, loaded);
	run_end(&r);
}
END_TEST

int main(void)
{
	const char *wanted = getenv("PKTPATH_PROPERTY_COUNT");
	int count = !wanted ? DEFAULT_COUNT : atoi(wanted);
	Suite *suite = suite_create("property");
	TCase *tc = tcase_create("generated scenarios");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_packet_is_accounted_for, 0, count);
	tcase_add_loop_test(tc, accounts_hold_in_the_middle, 0, count);
	tcase_add_loop_test(tc, same_seed_same_trail, 0, count);
	tcase_add_loop_test(tc, slices_change_nothing, 0, count);
	tcase_add_loop_test(tc, order_of_keys_means_nothing, 0, count);
	tcase_add_loop_test(tc, a_flow_more_disturbs_no_other, 0, count);
	tcase_add_loop_test(tc, who_looks_on_changes_nothing, 0, count);
	tcase_add_loop_test(tc, what_is_printed_loads_equal, 0, count);
	tcase_add_test(tc, much_happened);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}

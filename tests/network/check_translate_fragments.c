/* Fragments through a NAT (RFC 4787 REQ-14): in any order, those whose first comes late, within bounds of memory and
 * time; and what is reported where none pass. */
#include "base/arena.h"
#include "network/world.h"
#include "scenario/load.h"
#include "suite.h"
#include <string.h>

static struct arena *arena;
static struct diag_list diags;
static struct model *model;
static struct world *world;
static struct {
	uint64_t translated_inbound, too_many, no_first, dropped;
	struct instant last_no_first;
} seen;

static int note_step(void *context, const struct step *step)
{
	(void)context;
	if (step->kind == STEP_TRANSLATE)
		seen.translated_inbound += (step->flags & STEP_INBOUND) != 0;
	if (step->kind != STEP_DROP || step->verdict.reason != REASON_FRAGMENT_NOT_TRANSLATED)
		return 0;
	seen.dropped++;
	const char *detail = step->verdict.detail ? step->verdict.detail : "";
	seen.too_many += !!strstr(detail, "too many fragments");
	if (strstr(detail, "its first fragment did not come")) {
		seen.no_first++;
		seen.last_no_first = step->at;
	}
	return 0;
}

static void run(const char *links, const char *fragments, const char *flow)
{
	arena = arena_new();
	memset(&seen, 0, sizeof seen);
	diag_init(&diags, arena);
	const char *text =
		arena_printf(arena,
			     "scenario: 1\n"
			     "network:\n"
			     "  links: {internet: {%s}}\n"
			     "  vnets: {contoso: {space: [10.0.0.0/16], subnets: {one: {cidr: 10.0.1.0/26}}}}\n"
			     "  ases: {one: {subnet: contoso/one, vip: 192.23.1.2, workers: 2, apps: {web: {}}, snat: "
			     "{fragments: %s}}}\n"
			     "  hosts: {api: {internet: true, ip: 203.0.113.10, listen: [7/udp]}}\n"
			     "flows: {f: {from: one/web, to: \"api:7/udp\", %s}}\n",
			     links, fragments, flow);
	ck_assert_int_eq(scenario_load_text(arena, "fragments.yaml", text, strlen(text), NULL, 0, &diags, &model), 0);
	ck_assert_msg(model, "%s", diags.n ? diags.items[0].message : "");
	ck_assert_int_eq(world_new(model, model->seed, &world), 0);
	ck_assert_int_eq(trail_observe(world_trail(world),
				       (struct trail_observer){.wants = 1u << STEP_TRANSLATE | 1u << STEP_DROP,
							       .step = note_step}),
			 0);
	ck_assert_int_eq(world_run(world, INSTANT_NEVER, UINT64_MAX), 1);
	struct world_counts counts;
	world_counts(world, &counts);
	ck_assert_uint_eq(counts.originated, counts.delivered + counts.dropped); /* none is held for ever */
	ck_assert_uint_eq(counts.in_flight, 0);
}

static void teardown(void)
{
	world_free(world);
	diag_deinit(&diags);
	arena_free(arena);
}

static uint32_t n_of(enum outcome outcome)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < model->flows[0].count; i++) {
		struct world_connection c;
		world_connection(world, 0, i, &c);
		n += c.outcome == outcome;
	}
	return n;
}

/* 4000 bytes and UDP's header are three pieces. */
START_TEST(in_order)
{
	run("", "translate", "send: 4000B, reply: 4000B, rounds: 2");
	ck_assert_uint_eq(n_of(OUTCOME_DELIVERED), 1);
	ck_assert_uint_eq(seen.translated_inbound, 6);
	ck_assert_uint_eq(seen.dropped, 0);
}
END_TEST

/* Pieces overtake each other on the way: those that come before their first are held until it comes. The NAT passes all
 * of them; the network behind it drops what is out of order. */
START_TEST(in_any_order)
{
	run("jitter: 20ms", "translate", "send: 4000B, reply: 8000B, repeat: {count: 300, every: 100ms}");
	ck_assert_uint_lt(n_of(OUTCOME_DELIVERED), 300);
	ck_assert_uint_eq(seen.translated_inbound, 300 * 6);
	ck_assert_uint_eq(seen.dropped, 0);
}
END_TEST

/* Where the first is lost the rest waits 30 s, and is dropped then, each piece reported. */
START_TEST(without_their_first)
{
	run("loss: 30%, jitter: 5ms", "translate", "send: 100B, reply: 4000B, repeat: {count: 200, every: 1s}");
	ck_assert_uint_lt(n_of(OUTCOME_DELIVERED), 150);
	ck_assert_uint_gt(seen.no_first, 20);
	ck_assert_uint_eq(seen.no_first, seen.dropped);
	ck_assert_int_gt(seen.last_no_first.ns, 200 * NS_PER_S);
}
END_TEST

/* More than may wait: what finds no room is dropped, what waits is not. */
START_TEST(too_many)
{
	static const char *const flows[] = {
		"send: 100B, reply: 40000B, repeat: {count: 60, every: 1us}",  /* more pieces than may wait */
		"send: 100B, reply: 4000B, repeat: {count: 900, every: 1us}"}; /* of more datagrams than are known */
	run("jitter: 25s", "translate", flows[_i]);
	ck_assert_uint_gt(seen.too_many, 0);
	ck_assert_uint_eq(seen.too_many + seen.no_first, seen.dropped);
	ck_assert_uint_gt(seen.translated_inbound, 300); /* the first of each, and who waited */
}
END_TEST

START_TEST(where_none_pass)
{
	run("", "drop", "send: 4000B, reply: 100B");
	ck_assert_uint_eq(n_of(OUTCOME_DELIVERED), 0);
	ck_assert_uint_ge(seen.dropped, 3);
	ck_assert_uint_eq(seen.dropped % 3, 0); /* all pieces, the first too */
	struct world_connection c;
	world_connection(world, 0, 0, &c);
	ck_assert_ptr_nonnull(c.loss);
	ck_assert_int_eq(c.loss->verdict.reason, REASON_FRAGMENT_NOT_TRANSLATED);
	ck_assert_str_eq(c.loss->verdict.by, "one/vip");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/translate_fragments", &tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, in_order);
	tcase_add_test(tc, in_any_order);
	tcase_add_test(tc, without_their_first);
	tcase_add_loop_test(tc, too_many, 0, 2);
	tcase_add_test(tc, where_none_pass);
	return suite_run(suite);
}

/* A packet that turns round at a site's NAT: it takes time, so that a conversation of any length is a row of events and
 * not a depth of calls; and nothing answers an answer. */
#include "base/arena.h"
#include "net/header.h"
#include "net/packet.h"
#include "network/world.h"
#include "scenario/load.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct diag_list diags;
static struct model *model;
static struct world *world;

static void open_text(const char *text)
{
	arena = arena_new();
	diag_init(&diags, arena);
	ck_assert_int_eq(scenario_load_text(arena, "hairpin.yaml", text, strlen(text), NULL, 0, &diags, &model), 0);
	ck_assert_msg(model, "%s", model ? "" : diags.items[0].message);
	ck_assert_int_eq(world_new(model, model->seed, &world), 0);
}

static void open_world(const char *nat, const char *flows)
{
	char text[2048];
	(void)snprintf(text, sizeof text,
		       "scenario: 1\n"
		       "network:\n"
		       "  sites: {home: {prefixes: [192.168.1.0/24], nat: {address: 198.51.100.1, filtering: "
		       "endpoint-independent%s}}}\n"
		       "  hosts:\n"
		       "    a: {site: home, ip: 192.168.1.10, listen: [49152/tcp, 49152/udp]}\n"
		       "    b: {site: home, ip: 192.168.1.11, listen: [49152/udp]}\n"
		       "    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp, 7/udp]}\n"
		       "flows:\n%s",
		       nat, flows);
	open_text(text);
}

static void teardown(void)
{
	world_free(world);
	diag_deinit(&diags);
	arena_free(arena);
}

/* Ends the test where the run has not ended after so many events. */
static void run_to_its_end(uint64_t max_events)
{
	ck_assert_int_eq(world_run(world, INSTANT_NEVER, max_events), 1);
}

static struct world_connection connection_of(const char *flow)
{
	struct world_connection c = {0};
	for (uint32_t i = 0; i < model->n_flows; i++)
		if (strcmp(model->flows[i].name, flow) == 0)
			world_connection(world, i, 0, &c);
	return c;
}

START_TEST(a_long_transfer_turns_round)
{
	open_world("", "  first: {from: a, to: api:443/tcp, then: hold}\n"
		       "  big: {from: b, to: 198.51.100.1:49152/tcp, at: 1s, send: 30MB, reply: 30MB, rounds: 2}\n");
	run_to_its_end(10 * 1000 * 1000);
	struct world_connection big = connection_of("big");
	ck_assert_int_eq(big.outcome, OUTCOME_DELIVERED);
	ck_assert_ptr_null(big.loss);
	/* b's wire to the router, at least, for each of the segments that a window holds. */
	ck_assert_int_gt(big.ended_at.ns - big.started_at.ns, 900 * 1000);
}
END_TEST

START_TEST(many_datagrams_turn_round)
{
	open_world("", "  first: {from: a, to: api:7/udp}\n"
		       "  many: {from: b, to: 198.51.100.1:49152/udp, at: 1s, rounds: 200000}\n");
	run_to_its_end(10 * 1000 * 1000);
	ck_assert_int_eq(connection_of("many").outcome, OUTCOME_DELIVERED);
}
END_TEST

/* With a mapping for each destination b's own call could get the port that it calls, and come back to b: RFC 4787 knows
 * no such mapping. */
START_TEST(a_call_to_the_outside_address_does_not_become_a_call_to_itself)
{
	open_world(", mapping: address-and-port-dependent, reuse: per-destination",
		   "  first: {from: a, to: api:7/udp}\n"
		   "  across: {from: b, to: 198.51.100.1:49152/udp, at: 1s}\n");
	run_to_its_end(1000);
	struct world_connection across = connection_of("across");
	ck_assert_int_eq(across.outcome, OUTCOME_DELIVERED);
	struct world_counts counts;
	for (uint32_t i = 0; i < model->n_flows; i++)
		if (strcmp(model->flows[i].name, "across") == 0)
			world_flow_counts(world, i, &counts);
	ck_assert_uint_eq(counts.originated, 2); /* a call, and a's answer */
}
END_TEST

/* The answer takes another way, through an appliance that makes it come from an address that nothing called; and who
 * called listens on the port where it arrives. */
START_TEST(nobody_answers_an_answer)
{
	open_text("scenario: 1\n"
		  "network:\n"
		  "  vnets: {v: {space: [10.0.0.0/16], subnets: {near: {cidr: 10.0.1.0/24}, far: {cidr: 10.0.2.0/24, "
		  "routes: by-box}, dmz: {cidr: 10.0.3.0/24}}}}\n"
		  "  route_tables: {by-box: {routes: {back: {prefix: 10.0.1.0/24, next_hop: box}}}}\n"
		  "  hosts:\n"
		  "    b: {subnet: v/near, listen: [49152/udp]}\n"
		  "    a: {subnet: v/far, listen: [49152/udp]}\n"
		  "    box: {subnet: v/dmz, forwards: true, nat: {}}\n"
		  "flows:\n"
		  "  across: {from: b, to: a:49152/udp}\n");
	run_to_its_end(1000);
	ck_assert_int_eq(connection_of("across").outcome, OUTCOME_TIMED_OUT);
}
END_TEST

static unsigned n_resets[2]; /* that a and b got */

static int count_resets(void *context, const struct step *step)
{
	(void)context;
	if (step->after.proto == PROTO_TCP &&
	    (((const struct tcp_header *)packet_l4_const(step->packet))->flags & TCP_RST) != 0) {
		n_resets[0] += be32_to(step->after.dst) == 0xc0a8010a;
		n_resets[1] += be32_to(step->after.dst) == 0xc0a8010b;
	}
	return 0;
}

/* Both ends of a hairpin are inside. */
START_TEST(an_idle_hairpin_is_reset_at_both_ends)
{
	open_world(", reset_on_idle: true, tcp_idle: 60s",
		   "  first: {from: a, to: api:443/tcp, rounds: 10, pause: 30s}\n"
		   "  across: {from: b, to: 198.51.100.1:49152/tcp, at: 1s, then: hold}\n");
	n_resets[0] = n_resets[1] = 0;
	ck_assert_int_eq(trail_observe(world_trail(world),
				       (struct trail_observer){.wants = 1u << STEP_DELIVER, .step = count_resets}),
			 0);
	run_to_its_end(10000);
	ck_assert_int_eq(connection_of("first").outcome, OUTCOME_DELIVERED);
	ck_assert_uint_eq(n_resets[0], 1);
	ck_assert_uint_eq(n_resets[1], 1);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("hairpin", &tcase);
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, a_long_transfer_turns_round);
	tcase_add_test(tcase, many_datagrams_turn_round);
	tcase_add_test(tcase, a_call_to_the_outside_address_does_not_become_a_call_to_itself);
	tcase_add_test(tcase, nobody_answers_an_answer);
	tcase_add_test(tcase, an_idle_hairpin_is_reset_at_both_ends);
	return suite_run(suite);
}

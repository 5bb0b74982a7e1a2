/* End points' ephemeral ports: 16384 towards one far end, each used by one connection at a time, given again when it
 * has ended. */
#include "base/arena.h"
#include "network/world.h"
#include "scenario/load.h"
#include "suite.h"
#include <string.h>

#define EPHEMERAL_PORTS 16384u
#define EPHEMERAL_FIRST 49152u

static struct arena *arena;
static struct diag_list diags;
static struct model *model;
static struct world *world;

static void run(const char *flows)
{
	static const char network[] =
		"scenario: 1\n"
		"network:\n"
		"  vnets: {contoso: {space: [10.0.0.0/16], subnets: {data: {cidr: 10.0.2.0/24}}}}\n"
		"  hosts:\n"
		"    web: {subnet: contoso/data, ip: 10.0.2.4}\n"
		"    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp, 1434/tcp]}\n"
		"    other: {subnet: contoso/data, ip: 10.0.2.11, listen: [1433/tcp]}\n";
	arena = arena_new();
	diag_init(&diags, arena);
	const char *text = arena_printf(arena, "%s%s", network, flows);
	ck_assert_int_eq(scenario_load_text(arena, "ports.yaml", text, strlen(text), NULL, 0, &diags, &model), 0);
	ck_assert_msg(model, "%s", diags.n ? diags.items[0].message : "");
	ck_assert_int_eq(world_new(model, model->seed, &world), 0);
	ck_assert_int_eq(world_run(world, INSTANT_NEVER, UINT64_MAX), 1);
}

static void teardown(void)
{
	world_free(world);
	diag_deinit(&diags);
	arena_free(arena);
}

static struct world_connection connection(const char *flow, uint32_t index)
{
	struct world_connection c;
	uint32_t i = 0;
	while (strcmp(model->flows[i].name, flow) != 0)
		i++;
	world_connection(world, i, index, &c);
	return c;
}

static uint32_t n_delivered(const char *flow, uint32_t first, uint32_t last)
{
	uint32_t n = 0;
	for (uint32_t i = first; i <= last; i++)
		n += connection(flow, i).outcome == OUTCOME_DELIVERED;
	return n;
}

/* A caller that calls when all are taken has none, however many they are: no call looks at each port again. */
START_TEST(when_all_ports_are_taken)
{
	run("flows: {call: {from: web, to: \"sql:1433/tcp\", repeat: {count: 400000, every: 1us}}}\n");
	ck_assert_uint_eq(n_delivered("call", 0, EPHEMERAL_PORTS - 1), EPHEMERAL_PORTS);
	ck_assert_uint_eq(n_delivered("call", EPHEMERAL_PORTS, 399999), 0);
}
END_TEST

/* Another address, and another port of the same, have ports of their own meanwhile; TIME-WAIT keeps a port for 60 s,
 * and then it serves again. */
START_TEST(ports_come_back)
{
	run("flows:\n"
	    "  fill: {from: web, to: \"sql:1433/tcp\", repeat: {count: 16384, every: 1us}}\n"
	    "  full: {from: web, to: \"sql:1433/tcp\", at: 30s, repeat: {count: 100, every: 1us}}\n"
	    "  port: {from: web, to: \"sql:1434/tcp\", at: 31s, repeat: {count: 100, every: 1us}}\n"
	    "  still: {from: web, to: \"sql:1433/tcp\", at: 32s}\n"
	    "  address: {from: web, to: \"other:1433/tcp\", at: 33s}\n"
	    "  later: {from: web, to: \"sql:1433/tcp\", at: 70s, repeat: {count: 16384, every: 1us}}\n");
	ck_assert_uint_eq(n_delivered("fill", 0, EPHEMERAL_PORTS - 1), EPHEMERAL_PORTS);
	ck_assert_uint_eq(n_delivered("full", 0, 99), 0);
	ck_assert_uint_eq(n_delivered("port", 0, 99), 100);
	ck_assert_uint_eq(n_delivered("still", 0, 0), 0);
	ck_assert_uint_eq(n_delivered("address", 0, 0), 1);
	ck_assert_uint_eq(n_delivered("later", 0, EPHEMERAL_PORTS - 1), EPHEMERAL_PORTS);
}
END_TEST

/* A connection that was reset leaves no TIME-WAIT behind: its port serves at once, and one more than that does not. */
START_TEST(a_port_that_is_free_is_found)
{
	run("flows:\n"
	    "  one: {from: web, to: \"sql:1433/tcp\", then: reset}\n"
	    "  fill: {from: web, to: \"sql:1433/tcp\", at: 1s, repeat: {count: 16383, every: 1us}}\n"
	    "  last: {from: web, to: \"sql:1433/tcp\", at: 2s}\n"
	    "  none: {from: web, to: \"sql:1433/tcp\", at: 3s}\n");
	ck_assert_uint_eq(n_delivered("one", 0, 0), 1);
	ck_assert_uint_eq(n_delivered("fill", 0, EPHEMERAL_PORTS - 2), EPHEMERAL_PORTS - 1);
	ck_assert_uint_eq(n_delivered("last", 0, 0), 1);
	ck_assert_uint_eq(n_delivered("none", 0, 0), 0);
	ck_assert_uint_eq(connection("one", 0).from_port, EPHEMERAL_FIRST);
	ck_assert_uint_eq(connection("last", 0).from_port, EPHEMERAL_FIRST);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("traffic/stack", &tc);
	tcase_set_timeout(tc, 15); /* a second is much; looking at each port for each call took a minute and more */
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, when_all_ports_are_taken);
	tcase_add_test(tc, ports_come_back);
	tcase_add_test(tc, a_port_that_is_free_is_found);
	return suite_run(suite);
}

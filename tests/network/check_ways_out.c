/* The ways out of a subnet: of each pair that a machine has the earlier of the table is its way, as a packet meets it
 * (docs/model.md has the table). */
#include "base/arena.h"
#include "model/elements.h"
#include "network/drive.h"
#include "scenario/load.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>

enum way { BY_ROUTE, BY_LEARNED, BY_NAT_GATEWAY, BY_PUBLIC_IP, BY_LENT, N_WAYS };
static const uint32_t seen_as[N_WAYS] = {0xcb007107, 0xcb00714d, 0xcb007105, 0xcb007109, 0xc6120100};

/* From which address the Internet sees a machine that has these ways, a bit each. */
static be32 seen(unsigned ways)
{
	char text[4096];
	bool has[N_WAYS];
	for (unsigned i = 0; i < N_WAYS; i++)
		has[i] = (ways >> i & 1) != 0;
	(void)snprintf(text, sizeof text,
		       "scenario: 1\n"
		       "network:\n"
		       "  vnets: {hub: {space: [10.0.0.0/16], subnets: {app: {cidr: 10.0.1.0/24%s%s%s}, "
		       "fw: {cidr: 10.0.2.0/24, routes: direct}}}}\n"
		       "  route_tables:\n"
		       "    by-fw: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}\n"
		       "    direct: {gateway_routes: false}\n"
		       "  nat_gateways: {gw: {address: 203.0.113.5}}\n"
		       "  sites: {hq: {prefixes: [192.168.0.0/16], nat: {address: 203.0.113.77}%s}}\n"
		       "  hosts:\n"
		       "    vm: {subnet: hub/app%s}\n"
		       "    fw: {subnet: hub/fw, forwards: true, nat: {profile: linux}, public_ip: 203.0.113.7}\n",
		       has[BY_ROUTE] ? ", routes: by-fw" : "", has[BY_NAT_GATEWAY] ? ", nat_gateway: gw" : "",
		       has[BY_LENT] ? "" : ", private: true",
		       has[BY_LEARNED] ? ", gateway: {vnet: hub, kind: vpn, advertises: [192.168.0.0/16, 0.0.0.0/0]}"
				       : "",
		       has[BY_PUBLIC_IP] ? ", public_ip: 203.0.113.9" : "");
	struct arena *arena = arena_new();
	struct diag_list diags;
	struct model *model;
	struct world *world;
	uint32_t by;
	diag_init(&diags, arena);
	ck_assert_int_eq(scenario_load_text(arena, "ways.yaml", text, strlen(text), NULL, 0, &diags, &model), 0);
	ck_assert_msg(model, "%s", model ? "" : diags.items[0].message);
	ck_assert_int_eq(world_new(model, 1, &world), 0);
	be32 addr = world_seen_from_outside(world, element_find(model, "vm"), &by);
	world_free(world);
	diag_deinit(&diags);
	arena_free(arena);
	return addr;
}

START_TEST(of_each_pair_the_earlier)
{
	for (unsigned first = 0; first < N_WAYS; first++)
		for (unsigned second = first + 1; second < N_WAYS; second++)
			ck_assert_msg(be32_to(seen(1u << first | 1u << second)) == seen_as[first], "%u and %u", first,
				      second);
}
END_TEST

START_TEST(one_alone_is_the_way)
{
	for (unsigned way = 0; way < N_WAYS; way++)
		ck_assert_msg(be32_to(seen(1u << way)) == seen_as[way], "%u", way);
	ck_assert_uint_eq(be32_to(seen(0)), 0);
	ck_assert_uint_eq(be32_to(seen((1u << N_WAYS) - 1)), seen_as[BY_ROUTE]);
}
END_TEST

/* An environment's machines have their VIP, below routes. */
START_TEST(an_environment_has_its_vip)
{
	static const char *const routed[] = {"", ", routes: by-fw"};
	static const uint32_t seen_then[] = {0xc0170102, 0xcb007107};
	for (size_t i = 0; i < 2; i++) {
		char text[1024];
		(void)snprintf(text, sizeof text,
			       "scenario: 1\n"
			       "network:\n"
			       "  vnets: {hub: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/24%s}, fw: {cidr: "
			       "10.0.2.0/24}}}}\n"
			       "  route_tables: {by-fw: {routes: {all: {prefix: 0.0.0.0/0, next_hop: fw}}}}\n"
			       "  ases: {one: {subnet: hub/ase, vip: 192.23.1.2}}\n"
			       "  hosts: {fw: {subnet: hub/fw, forwards: true, nat: {profile: linux}, public_ip: "
			       "203.0.113.7}}\n",
			       routed[i]);
		struct arena *arena = arena_new();
		struct diag_list diags;
		struct model *model;
		struct world *world;
		uint32_t by;
		diag_init(&diags, arena);
		ck_assert_int_eq(scenario_load_text(arena, "vip.yaml", text, strlen(text), NULL, 0, &diags, &model), 0);
		ck_assert_msg(model, "%s", model ? "" : diags.items[0].message);
		ck_assert_int_eq(world_new(model, 1, &world), 0);
		be32 addr = world_seen_from_outside(world, element_find(model, "one/worker-0"), &by);
		ck_assert_uint_eq(be32_to(addr), seen_then[i]);
		world_free(world);
		diag_deinit(&diags);
		arena_free(arena);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/ways_out", &tc);
	tcase_add_test(tc, of_each_pair_the_earlier);
	tcase_add_test(tc, one_alone_is_the_way);
	tcase_add_test(tc, an_environment_has_its_vip);
	return suite_run(suite);
}

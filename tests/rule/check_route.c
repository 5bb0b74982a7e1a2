/* Routes: Microsoft's walk-through, longest prefix, ties, the VNet before the gateway, and the order of those that did
 * not win. */
#include "rule/route.h"
#include "suite.h"
#include <stdlib.h>

static be32 addr(const char *text)
{
	be32 ret;
	ck_assert_msg(addr_parse(text, &ret), "%s", text);
	return ret;
}

static struct route route(const char *prefix, enum route_source source, enum route_hop hop)
{
	struct route ret = {.source = source, .hop = hop, .target = UINT32_MAX, .table = UINT32_MAX, .id = UINT32_MAX};
	ck_assert_msg(prefix_parse(prefix, &ret.prefix) == PREFIX_OK, "%s", prefix);
	return ret;
}

static void assert_hop(const struct route *routes, size_t n, const char *dst, enum route_source source,
		       enum route_hop hop)
{
	const struct route *won = route_choose(routes, n, addr(dst));
	ck_assert_msg(won, "no route to %s", dst);
	ck_assert_msg(won->source == source && won->hop == hop, "%s: %s route to %s", dst,
		      route_source_name(won->source), route_hop_name(won->hop));
}

START_TEST(test_names)
{
	static const char *const sources[] = {"user", "gateway", "system"};
	static const char *const hops[] = {"internet", "vnet", "peering", "gateway", "none", "appliance"};
	for (size_t i = 0; i < N(sources); i++)
		ck_assert_str_eq(route_source_name((enum route_source)i), sources[i]);
	for (size_t i = 0; i < N(hops); i++)
		ck_assert_str_eq(route_hop_name((enum route_hop)i), hops[i]);
}
END_TEST

/* The system's routes of a subnet in 10.0.0.0/16. */
START_TEST(test_walk_through)
{
	const struct route routes[] = {
		route("10.0.0.0/16", ROUTE_SYSTEM, HOP_VNET),    route("0.0.0.0/0", ROUTE_SYSTEM, HOP_INTERNET),
		route("10.0.0.0/8", ROUTE_SYSTEM, HOP_NONE),     route("172.16.0.0/12", ROUTE_SYSTEM, HOP_NONE),
		route("192.168.0.0/16", ROUTE_SYSTEM, HOP_NONE), route("100.64.0.0/10", ROUTE_SYSTEM, HOP_NONE),
	};
	assert_hop(routes, N(routes), "13.107.21.200", ROUTE_SYSTEM, HOP_INTERNET);
	assert_hop(routes, N(routes), "172.31.0.100", ROUTE_SYSTEM, HOP_NONE);
	assert_hop(routes, N(routes), "10.0.0.5", ROUTE_SYSTEM, HOP_VNET);
	assert_hop(routes, N(routes), "10.1.0.5", ROUTE_SYSTEM, HOP_NONE);
	assert_hop(routes, N(routes), "192.23.1.2", ROUTE_SYSTEM, HOP_INTERNET);
	ck_assert_ptr_null(route_choose(routes, 1, addr("13.107.21.200")));
	ck_assert_ptr_null(route_choose(NULL, 0, addr("13.107.21.200")));
}
END_TEST

START_TEST(test_longest_prefix)
{
	struct route routes[] = {
		route("0.0.0.0/0", ROUTE_USER, HOP_APPLIANCE),
		route("203.0.113.64/26", ROUTE_SYSTEM, HOP_NONE),
		route("203.0.113.64/32", ROUTE_GATEWAY, HOP_GATEWAY),
		route("203.0.113.0/24", ROUTE_USER, HOP_INTERNET),
	};
	/* Length comes before the source, and neither looks at where a route stands. */
	for (int turn = 0; turn < 2; turn++) {
		assert_hop(routes, N(routes), "203.0.113.64", ROUTE_GATEWAY, HOP_GATEWAY);
		assert_hop(routes, N(routes), "203.0.113.65", ROUTE_SYSTEM, HOP_NONE);
		assert_hop(routes, N(routes), "203.0.113.63", ROUTE_USER, HOP_INTERNET);
		assert_hop(routes, N(routes), "203.0.112.1", ROUTE_USER, HOP_APPLIANCE);
		struct route first = routes[0];
		for (size_t i = 1; i < N(routes); i++)
			routes[i - 1] = routes[i];
		routes[N(routes) - 1] = first;
	}
}
END_TEST

/* Forced tunnelling, and the user's route that undoes it. */
START_TEST(test_ties)
{
	const struct route routes[] = {
		route("0.0.0.0/0", ROUTE_SYSTEM, HOP_INTERNET),
		route("0.0.0.0/0", ROUTE_GATEWAY, HOP_GATEWAY),
		route("0.0.0.0/0", ROUTE_USER, HOP_APPLIANCE),
		route("0.0.0.0/0", ROUTE_USER, HOP_INTERNET),
	};
	assert_hop(routes, 1, "13.107.21.200", ROUTE_SYSTEM, HOP_INTERNET);
	assert_hop(routes, 2, "13.107.21.200", ROUTE_GATEWAY, HOP_GATEWAY);
	assert_hop(routes, 4, "13.107.21.200", ROUTE_USER, HOP_APPLIANCE);
	assert_hop(routes + 1, 1, "13.107.21.200", ROUTE_GATEWAY, HOP_GATEWAY);
	/* A more specific prefix from on premises wins over the user's default. */
	const struct route forced[] = {route("0.0.0.0/0", ROUTE_USER, HOP_INTERNET),
				       route("13.107.0.0/16", ROUTE_GATEWAY, HOP_GATEWAY)};
	assert_hop(forced, 2, "13.107.21.200", ROUTE_GATEWAY, HOP_GATEWAY);
}
END_TEST

START_TEST(test_network_before_gateway)
{
	const struct route routes[] = {
		route("10.0.1.0/24", ROUTE_GATEWAY, HOP_GATEWAY), route("10.0.0.0/16", ROUTE_SYSTEM, HOP_VNET),
		route("10.1.0.0/16", ROUTE_SYSTEM, HOP_PEERING),  route("10.1.1.1/32", ROUTE_GATEWAY, HOP_GATEWAY),
		route("10.0.0.0/16", ROUTE_GATEWAY, HOP_GATEWAY), route("10.0.0.0/8", ROUTE_SYSTEM, HOP_NONE),
		route("10.2.0.0/16", ROUTE_GATEWAY, HOP_GATEWAY),
	};
	assert_hop(routes, N(routes), "10.0.1.4", ROUTE_SYSTEM, HOP_VNET);
	assert_hop(routes, N(routes), "10.0.2.4", ROUTE_SYSTEM, HOP_VNET);
	assert_hop(routes, N(routes), "10.1.1.1", ROUTE_SYSTEM, HOP_PEERING);
	/* Other system routes have no such right. */
	assert_hop(routes, N(routes), "10.2.0.1", ROUTE_GATEWAY, HOP_GATEWAY);
	/* A user's route to the VNet is not the system's. */
	const struct route user[] = {route("10.0.0.0/16", ROUTE_USER, HOP_VNET),
				     route("10.0.1.0/24", ROUTE_GATEWAY, HOP_GATEWAY)};
	assert_hop(user, 2, "10.0.1.4", ROUTE_GATEWAY, HOP_GATEWAY);
}
END_TEST

/* VNet before gateway, gateway before user by length, user before VNet by length: no circle, in any order of the
 * list. */
START_TEST(test_no_circle)
{
	const struct route vnet = route("10.0.0.0/16", ROUTE_SYSTEM, HOP_VNET),
			   gateway = route("10.0.1.0/24", ROUTE_GATEWAY, HOP_GATEWAY),
			   user = route("10.0.0.0/20", ROUTE_USER, HOP_APPLIANCE);
	const struct route orders[][3] = {{vnet, gateway, user}, {vnet, user, gateway}, {gateway, vnet, user},
					  {gateway, user, vnet}, {user, vnet, gateway}, {user, gateway, vnet}};
	for (size_t i = 0; i < N(orders); i++) {
		assert_hop(orders[i], 3, "10.0.1.4", ROUTE_USER, HOP_APPLIANCE);
		const struct route *rank[3];
		ck_assert_uint_eq(route_rank(orders[i], 3, addr("10.0.1.4"), rank, 3), 3);
		ck_assert_int_eq(rank[0]->source, ROUTE_USER);
		ck_assert_int_eq(rank[1]->source, ROUTE_SYSTEM);
		ck_assert_int_eq(rank[2]->source, ROUTE_GATEWAY);
	}
}
END_TEST

START_TEST(test_rank)
{
	const struct route routes[] = {
		route("0.0.0.0/0", ROUTE_SYSTEM, HOP_INTERNET),     route("0.0.0.0/0", ROUTE_GATEWAY, HOP_GATEWAY),
		route("10.0.0.0/8", ROUTE_SYSTEM, HOP_NONE),        route("203.0.113.0/24", ROUTE_USER, HOP_NONE),
		route("0.0.0.0/0", ROUTE_USER, HOP_INTERNET),       route("203.0.113.0/28", ROUTE_GATEWAY, HOP_GATEWAY),
		route("203.0.113.0/24", ROUTE_USER, HOP_APPLIANCE),
	};
	static const size_t expected[] = {5, 3, 6, 4, 1, 0};
	const struct route *rank[N(routes)];
	size_t n = route_rank(routes, N(routes), addr("203.0.113.9"), rank, N(routes));
	ck_assert_uint_eq(n, N(expected));
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(rank[i] == &routes[expected[i]], "place %zu", i);
	ck_assert_ptr_eq(route_choose(routes, N(routes), addr("203.0.113.9")), rank[0]);
	/* No more than there is room for. */
	const struct route *two[3] = {NULL, NULL, NULL};
	ck_assert_uint_eq(route_rank(routes, N(routes), addr("203.0.113.9"), two, 2), 2);
	ck_assert_ptr_eq(two[1], &routes[3]);
	ck_assert_ptr_null(two[2]);
	ck_assert_uint_eq(route_rank(routes, N(routes), addr("203.0.113.9"), two, 0), 0);
	ck_assert_uint_eq(route_rank(&routes[3], 1, addr("198.51.100.1"), two, 2), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rule/route");
	TCase *c = tcase_create("route");
	tcase_add_test(c, test_names);
	tcase_add_test(c, test_walk_through);
	tcase_add_test(c, test_longest_prefix);
	tcase_add_test(c, test_ties);
	tcase_add_test(c, test_network_before_gateway);
	tcase_add_test(c, test_no_circle);
	tcase_add_test(c, test_rank);
	suite_add_tcase(s, c);
	return suite_run(s);
}

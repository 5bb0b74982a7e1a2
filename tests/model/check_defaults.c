/* Azure's numbers as they were published, and that each default is a text which the loader reads. */
#include "base/units.h"
#include "model/defaults.h"
#include "model/snat_ports.h"
#include "net/prefix.h"
#include "suite.h"
#include <string.h>

static const char *default_of(const char *key, enum nat_profile profile)
{
	size_t n;
	const struct nat_default *defaults = default_nat(&n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(defaults[i].key, key) == 0)
			return defaults[i].value[profile];
	ck_abort_msg("no default of %s", key);
}

/* The table of load-balancer-outbound-connections-classic, "Ephemeral port preallocation for port masquerading
 * SNAT". */
START_TEST(ports_by_the_size_of_the_pool)
{
	static const struct {
		uint32_t first, last, ports;
	} rows[] = {{1, 50, 1024}, {51, 100, 512}, {101, 200, 256}, {201, 400, 128}, {401, 800, 64}, {801, 1000, 32}};
	for (size_t i = 0; i < N(rows); i++)
		for (uint32_t n = rows[i].first; n <= rows[i].last; n++)
			ck_assert_uint_eq(azure_snat_ports(n), rows[i].ports);
	ck_assert_uint_eq(azure_snat_ports(UINT32_MAX), 32);
}
END_TEST

START_TEST(latencies_are_durations_and_grow_with_the_way)
{
	int64_t before_ns = 0, ns = 0;
	static const enum link_class classes[] = {LINK_SUBNET,  LINK_VNET,     LINK_REGION,
						  LINK_GATEWAY, LINK_BACKBONE, LINK_INTERNET};
	for (size_t i = 0; i < N(classes); i++) {
		ck_assert_int_eq(units_duration(default_latency(classes[i]), &ns), UNITS_OK);
		ck_assert_int_ge(ns, before_ns);
		before_ns = ns;
	}
	ck_assert_uint_eq(N(classes), LINK_CLASS_COUNT);
}
END_TEST

START_TEST(time_outs_of_each_kind_of_nat)
{
	static const char *const keys[] = {"tcp_idle", "tcp_transitory", "tcp_reset", "udp_idle", "icmp_idle"};
	for (enum nat_profile profile = NAT_PROFILE_AZURE; profile < NAT_PROFILE_COUNT; profile++) {
		int64_t ns = 0, idle_ns = 0;
		for (size_t i = 0; i < N(keys); i++) {
			ck_assert_int_eq(units_duration(default_of(keys[i], profile), &ns), UNITS_OK);
			ck_assert_int_gt(ns, 0);
		}
		/* A stream lives as long as a one-way exchange at least. */
		ck_assert_int_eq(units_duration(default_of("udp_idle", profile), &idle_ns), UNITS_OK);
		ck_assert_int_eq(units_duration(default_of("udp_stream", profile), &ns), UNITS_OK);
		ck_assert_int_ge(ns, idle_ns);
	}
	int64_t ns = 0;
	ck_assert_int_eq(units_duration(default_of("tcp_idle", NAT_PROFILE_AZURE), &ns), UNITS_OK);
	ck_assert_int_eq(ns, 240 * NS_PER_S); /* four minutes */
	ck_assert_int_eq(units_duration(default_of("tcp_idle", NAT_PROFILE_HOME), &ns), UNITS_OK);
	ck_assert_int_ge(ns, 7440 * NS_PER_S); /* RFC 5382 REQ-5: not less than 2 hours 4 minutes */
	ck_assert_int_eq(units_duration(default_of("tcp_transitory", NAT_PROFILE_HOME), &ns), UNITS_OK);
	ck_assert_int_ge(ns, 240 * NS_PER_S); /* the same: 4 minutes */
	ck_assert_int_eq(units_duration(default_of("udp_idle", NAT_PROFILE_HOME), &ns), UNITS_OK);
	ck_assert_int_ge(ns, 120 * NS_PER_S); /* RFC 4787 REQ-5: 2 minutes, 5 recommended */
	ck_assert_int_eq(units_duration(default_of("icmp_idle", NAT_PROFILE_HOME), &ns), UNITS_OK);
	ck_assert_int_ge(ns, 60 * NS_PER_S);                                               /* RFC 5508 REQ-2 */
	ck_assert_str_eq(default_of("mapping", NAT_PROFILE_HOME), "endpoint-independent"); /* RFC 4787 REQ-1 */
	ck_assert_str_eq(default_of("icmp", NAT_PROFILE_AZURE), "drop");
	ck_assert(default_udp_by_address(NAT_PROFILE_AZURE));
	ck_assert(!default_udp_by_address(NAT_PROFILE_LINUX) && !default_udp_by_address(NAT_PROFILE_HOME));
}
END_TEST

START_TEST(each_key_once)
{
	size_t n;
	const struct nat_default *defaults = default_nat(&n);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_gt(strlen(defaults[i].source), 0);
		for (enum nat_profile profile = NAT_PROFILE_AZURE; profile < NAT_PROFILE_COUNT; profile++)
			ck_assert_ptr_nonnull(defaults[i].value[profile]);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(defaults[i].key, defaults[k].key);
	}
}
END_TEST

/* "Controlling inbound traffic to an App Service Environment": 21 and 10001-10020, the debuggers', 454 and 455; none in
 * two groups. */
START_TEST(ports_of_a_vip)
{
	static const uint16_t expected[][2] = {
		{21, VIP_PORTS_FTP},     {10001, VIP_PORTS_FTP},      {10020, VIP_PORTS_FTP},
		{4016, VIP_PORTS_DEBUG}, {4018, VIP_PORTS_DEBUG},     {4020, VIP_PORTS_DEBUG},
		{4022, VIP_PORTS_DEBUG}, {454, VIP_PORTS_MANAGEMENT}, {455, VIP_PORTS_MANAGEMENT}};
	size_t n;
	const struct vip_ports *ports = default_vip_ports(false, &n);
	unsigned n_open = 0;
	for (uint32_t port = 0; port <= 65535; port++) {
		unsigned n_groups = 0;
		for (size_t i = 0; i < n; i++)
			n_groups += port >= ports[i].first && port <= ports[i].last;
		ck_assert_uint_le(n_groups, 1);
		n_open += n_groups;
	}
	ck_assert_uint_eq(n_open, 1 + 20 + 4 + 2);
	for (size_t k = 0; k < N(expected); k++) {
		bool there = false;
		for (size_t i = 0; i < n; i++)
			there |= ports[i].first <= expected[k][0] && ports[i].last >= expected[k][0] &&
				 ports[i].group == expected[k][1];
		ck_assert_msg(there, "%u", expected[k][0]);
	}
}
END_TEST

START_TEST(management_addresses_of_azure_china)
{
	static const char *const addresses[] = {"42.159.4.236", "42.159.80.125"};
	size_t n;
	const uint32_t *listed = default_management_addresses(&n);
	ck_assert_uint_eq(n, N(addresses));
	for (size_t i = 0; i < n; i++) {
		be32 addr;
		ck_assert(addr_parse(addresses[i], &addr));
		ck_assert_uint_eq(listed[i], be32_to(addr));
		ck_assert(default_is_management_address(addr));
		ck_assert(!default_is_management_address(be32_from(be32_to(addr) + 1)));
	}
	ck_assert(!default_is_management_address(ADDR_NONE));
}
END_TEST

START_TEST(space_that_no_vnet_may_have)
{
	static const char *const inside[] = {"224.0.0.1", "239.255.255.255", "255.255.255.255",
					     "127.0.0.1", "169.254.1.1",     "168.63.129.16"};
	size_t n;
	const char *const *texts = default_forbidden_space(&n);
	for (size_t k = 0; k < N(inside); k++) {
		be32 addr;
		bool there = false;
		ck_assert(addr_parse(inside[k], &addr));
		for (size_t i = 0; i < n; i++) {
			struct prefix prefix;
			ck_assert_int_eq(prefix_parse(texts[i], &prefix), PREFIX_OK);
			there |= prefix_contains(prefix, addr);
			ck_assert(!prefix_contains(prefix, be32_from(0x0a000001))); /* RFC 1918's are allowed */
		}
		ck_assert_msg(there, "%s", inside[k]);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("model/defaults", &tc);
	tcase_add_test(tc, ports_by_the_size_of_the_pool);
	tcase_add_test(tc, latencies_are_durations_and_grow_with_the_way);
	tcase_add_test(tc, time_outs_of_each_kind_of_nat);
	tcase_add_test(tc, each_key_once);
	tcase_add_test(tc, ports_of_a_vip);
	tcase_add_test(tc, management_addresses_of_azure_china);
	tcase_add_test(tc, space_that_no_vnet_may_have);
	return suite_run(suite);
}

/* RFC 6888, what is asked of a carrier's NAT, as far as it applies to one that is simulated, on the bed of nat_bed.h. A
 * subscriber is an inside address of a site, or a worker with ports of its own. A test is named after the requirement;
 * docs/nat.md lists them, and what the profiles do otherwise on purpose. */
#include "nat_bed.h"
#include <stdio.h>

/* ---- REQ-1: protocols ---- */

/* UDP, TCP and ICMP behave as their own RFCs have it where the keys say so: at a VIP as at a home router. */
START_TEST(rfc6888_req_1_a_vip_that_keeps_the_other_rfcs)
{
	open_vip("profile: home, ports_per_worker: 64");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53"); /* of its block, as even as it was */
	passes("udp w:5000 > y:53", "udp N:1024 > y:53");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp x:80 > N:1024 S", "tcp x:80 > w:5000 S");
	passes("echo w:7 > x", "echo N:1024 > x");
	passes("error 3.3 y > N (udp N:1024 > y:53)", "error 3.3 y > w (udp w:5000 > y:53)");
	ck_assert_uint_eq(mappings(), 3);
}
END_TEST

/* ---- REQ-2: "paired" pooling ---- */

START_TEST(rfc6888_req_2_a_worker_keeps_its_address)
{
	open_vip("profile: azure, icmp: translate, address: [198.51.100.1, 198.51.100.2]");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	passes("udp v:5000 > x:53", "udp M:1024 > x:53");
	passes("tcp v:5000 > y:80 S", "tcp M:1024 > y:80 S");
	passes("tcp w:5000 > y:80 S", "tcp N:1024 > y:80 S");
	passes("echo v:5 > z", "echo M:1024 > z");
	waits_s(600);
	passes("udp v:6000 > x:53", "udp M:1024 > x:53");
	passes("udp w:6000 > x:53", "udp N:1024 > x:53");
	passes("udp x:53 > M:1024", "udp x:53 > v:6000");
}
END_TEST

/* ---- REQ-3: the pool ---- */

/* Any addresses, next to each other or not. */
START_TEST(rfc6888_req_3_a_pool_in_pieces)
{
	open_site("profile: home, address: [198.51.100.1, 192.0.2.77, 198.51.100.2]");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp b:5000 > x:53", "udp P:5000 > x:53");
	passes("udp c:5000 > x:53", "udp M:5000 > x:53");
	passes("udp x:53 > P:5000", "udp x:53 > b:5000");
	passes("udp x:53 > M:5000", "udp x:53 > c:5000");
	passes("error 3.3 x > P (udp P:5000 > x:53)", "error 3.3 x > b (udp b:5000 > x:53)");
	passes("error 11.0 R > x (udp x:53 > b:5000 ttl 1)", "error 11.0 P > x (udp x:53 > P:5000 ttl 1)");
}
END_TEST

/* ---- REQ-4: a limit for each subscriber ---- */

/* `ports_per_worker`: a host that has used up its own takes no ports of others, protocol by protocol (REQ-4b), identifiers
 * included. */
START_TEST(rfc6888_req_4_ports_of_a_worker)
{
	open_vip("profile: azure, icmp: translate, reuse: never, ports_per_worker: 2");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	passes("udp w:5001 > y:53", "udp N:1025 > y:53");
	sends("udp w:5002 > z:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("udp v:5000 > z:53", "udp N:1026 > z:53");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp w:5001 > x:80 S", "tcp N:1025 > x:80 S");
	sends("tcp w:5002 > y:80 S");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("echo w:1 > x", "echo N:1024 > x");
	passes("echo w:2 > x", "echo N:1025 > x");
	sends("echo w:3 > x");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("echo v:3 > x", "echo N:1026 > x");
}
END_TEST

/* Behind a site's NAT and an appliance the subscribers are inside addresses, in the order in which they first open
 * something; their blocks are those of the outside address that each has (REQ-2). */
START_TEST(rfc6888_req_4_ports_of_a_machine)
{
	open_site("profile: home, allocation: sequential, ports_per_worker: 2");
	passes("udp b:5000 > x:53", "udp N:1024 > x:53");
	passes("udp a:5000 > x:53", "udp N:1026 > x:53");
	passes("udp b:5001 > y:53", "udp N:1025 > y:53");
	sends("udp b:5002 > z:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("udp a:5001 > z:53", "udp N:1027 > z:53");
	passes("udp c:5000 > z:53", "udp N:1028 > z:53");
	passes("udp z:53 > N:1027", "udp z:53 > a:5001");
	passes("tcp b:5000 > x:80 S", "tcp N:1024 > x:80 S");
	waits_s(600); /* a block is kept */
	passes("udp a:6000 > x:53", "udp N:1026 > x:53");
	close_bed();
	open_site("profile: home, allocation: sequential, ports_per_worker: 2, address: [198.51.100.1, 198.51.100.2]");
	passes("udp a:5000 > x:53", "udp N:1024 > x:53"); /* 172.16.0.10 has the first address, .12 too */
	passes("udp b:5000 > x:53", "udp M:1024 > x:53");
	passes("udp c:5000 > x:53", "udp N:1026 > x:53");
}
END_TEST

START_TEST(rfc6888_req_4_no_block_is_left)
{
	open_site(LINUX_FILTERED ", ports_per_worker: 2, port_range: \"5000-5003\"");
	passes("udp a:5001 > x:53", "udp N:5001 > x:53");
	passes("udp b:5001 > x:53", "udp N:5003 > x:53"); /* another's port is none of its own */
	sends("udp c:5000 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("udp a:5002 > x:53", "udp N:5000 > x:53");
}
END_TEST

START_TEST(rfc6888_req_4_ports_behind_an_appliance)
{
	open_appliance("allocation: sequential, reuse: never, ports_per_worker: 1");
	passes("udp g:5000 > x:53", "udp I:1024 > x:53");
	sends("udp g:5001 > y:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("udp x:53 > I:1024", "udp x:53 > g:5000");
}
END_TEST

/* Azure counts towards each destination: there the limit is one of connections to one end point. */
START_TEST(rfc6888_req_4_towards_each_destination)
{
	open_vip("profile: azure, ports_per_worker: 2");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp w:5001 > x:80 S", "tcp N:1025 > x:80 S");
	sends("tcp w:5002 > x:80 S");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("tcp w:5002 > x:81 S", "tcp N:1024 > x:81 S");
	passes("tcp v:5000 > x:80 S", "tcp N:1026 > x:80 S");
	ck_assert_uint_eq(mappings(), 4); /* REQ-5: and by that of its part of the table */
}
END_TEST

/* What Azure gives: 1024 to each worker of up to 50. */
START_TEST(rfc6888_req_4_azures_1024)
{
	open_vip("profile: azure");
	for (unsigned i = 0; i < 1024; i++) {
		sends("udp w:%u > x:53", 10000 + i);
		comes("udp N:%u > x:53", 1024 + i);
	}
	sends("udp w:9999 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("udp v:5000 > x:53", "udp N:2048 > x:53");
}
END_TEST

/* ---- REQ-7: filtering ---- */

START_TEST(rfc6888_req_7_endpoint_independent_where_the_scenario_says_so)
{
	open_vip("profile: home, ports_per_worker: 64, filtering: endpoint-independent");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	passes("udp y:99 > N:1024", "udp y:99 > w:5000");
}
END_TEST

START_TEST(rfc6888_req_7_departure_profiles_filter_by_address_and_port)
{
	open_vip("profile: azure");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	sends("udp x:54 > N:1024");
	dropped(REASON_FILTERED);
	sends("udp y:53 > N:1024");
	dropped(REASON_FILTERED);
}
END_TEST

/* ---- REQ-8: ports that were in use ---- */

/* REQ-8a, c: TCP is tracked, and the filter of the profiles knows the sender: such a port may be given out again at
 * once. */
START_TEST(rfc6888_req_8_at_once_where_the_filter_is_strict)
{
	open_site("profile: home, port_range: \"5000-5000\"");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_s(300);
	passes("udp b:5000 > y:53", "udp N:5000 > y:53");
	sends("udp x:53 > N:5000"); /* what is late for a does not reach b */
	dropped(REASON_FILTERED);
	passes("udp y:53 > N:5000", "udp y:53 > b:5000");
}
END_TEST

/* With a loose filter it should rest for 120 s. It does not: no profile has such a filter, and no NAT that they are
 * like does so. */
START_TEST(rfc6888_req_8_departure_at_once_where_it_is_loose)
{
	open_site("profile: home, filtering: endpoint-independent, port_range: \"5000-5000\"");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_s(300);
	passes("udp b:5000 > y:53", "udp N:5000 > y:53");
	passes("udp x:53 > N:5000", "udp x:53 > b:5000");
}
END_TEST

/* ---- REQ-11: when there is no mapping to be had ---- */

/* REQ-11a: the packet is dropped; REQ-11d: no other mapping makes room; REQ-11c: it is counted, for who watches. */
START_TEST(rfc6888_req_11_existing_mappings_stay)
{
	open_vip("profile: azure, ports_per_worker: 4");
	for (unsigned i = 0; i < 4; i++) {
		sends("udp w:%u > x:53", 5000 + i);
		comes("udp N:%u > x:53", 1024 + i);
	}
	ck_assert_uint_eq(exhausted(), 0);
	for (unsigned i = 0; i < 100; i++) {
		sends("udp w:%u > x:53", 6000 + i);
		dropped(REASON_SNAT_PORTS_EXHAUSTED);
	}
	ck_assert_uint_eq(exhausted(), 1); /* of one connection, whose packets they all are here */
	ck_assert_uint_eq(mappings(), 4);
	ck_assert_ptr_null(logged(0));
	for (unsigned i = 0; i < 4; i++) {
		sends("udp x:53 > N:%u", 1024 + i);
		comes("udp x:53 > w:%u", 5000 + i);
	}
	nothing_comes();
	waits_s(240); /* room comes by itself */
	passes("udp w:6000 > x:53", "udp N:1024 > x:53");
}
END_TEST

/* REQ-11b: the sender should get an error, host unreachable. Azure's callers time out. */
START_TEST(rfc6888_req_11_departure_nobody_is_told)
{
	open_vip("profile: azure, icmp: translate, ports_per_worker: 1");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	sends("tcp w:5001 > x:80 S");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	waits_s(2);
	nothing_comes();
}
END_TEST

/* ---- REQ-12, section 4: the log ---- */

/* A line a mapping (nat.csv): protocol, inside and outside address and port, from when to when. */
START_TEST(rfc6888_req_12_a_line_for_each_mapping)
{
	open_vip("profile: azure");
	waits_ms(999);
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	waits_s(1);
	passes("udp x:53 > N:1024", "udp x:53 > w:5000");
	passes("tcp v:6000 > y:80 S", "tcp N:2048 > y:80 S");
	passes("tcp y:80 > N:2048 RA", "tcp y:80 > v:6000 RA");
	ck_assert_ptr_null(logged(0));
	waits_s(300);
	const struct world_mapping *tcp = logged(0), *udp = logged(1); /* as they end */
	ck_assert_ptr_nonnull(udp);
	ck_assert_ptr_null(logged(2));
	ck_assert_uint_eq(udp->inside.proto, PROTO_UDP);
	ck_assert_uint_eq(be32_to(udp->inside.src), 0x0a000105);
	ck_assert_uint_eq(be16_to(udp->inside.src_port), 5000);
	ck_assert_uint_eq(be32_to(udp->outside_addr), 0xc6336401);
	ck_assert_uint_eq(udp->outside_port, 1024);
	ck_assert_int_eq(udp->created.ns, 1000000000);
	ck_assert_int_eq(udp->last_used.ns, 2000000000);
	ck_assert_int_eq(udp->ended.ns, 242000000000);
	ck_assert_str_eq(udp->why, "idle");
	ck_assert_uint_eq(udp->packets, 2);
	ck_assert_uint_eq(udp->worker, 0);
	ck_assert_uint_eq(tcp->inside.proto, PROTO_TCP);
	ck_assert_uint_eq(tcp->outside_port, 2048);
	ck_assert_str_eq(tcp->why, "reset");
	ck_assert_uint_eq(tcp->worker, 1);
}
END_TEST

/* It should not say which hosts they spoke with; this one does, as it is for those who look for a mistake, and not for
 * subscribers. */
START_TEST(rfc6888_req_12_departure_destinations_are_told)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_s(300);
	ck_assert_ptr_nonnull(logged(0));
	ck_assert_uint_eq(be32_to(logged(0)->inside.dst), 0xcb00710a);
	ck_assert_uint_eq(be16_to(logged(0)->inside.dst_port), 53);
}
END_TEST

/* ---- REQ-13, REQ-14, REQ-15: which ports ---- */

/* All of them are used before there is none, whatever the order. */
START_TEST(rfc6888_req_13_every_port_is_used)
{
	static const char *const allocations[] = {"sequential", "preserve", "random"};
	char keys[128];
	bool seen[64] = {false};
	(void)snprintf(keys, sizeof keys, "profile: home, allocation: %s, port_range: \"4000-4063\"", allocations[_i]);
	open_site(keys);
	for (unsigned i = 0; i < 64; i++) {
		sends("udp a:%u > x:53", 40000 + 3 * i);
		comes("udp N:%u > x:53", outside_port());
		ck_assert_uint_ge(outside_port(), 4000);
		ck_assert_uint_le(outside_port(), 4063);
		ck_assert(!seen[outside_port() - 4000]);
		seen[outside_port() - 4000] = true;
	}
	sends("udp a:39999 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
}
END_TEST

/* A worker's ports lie in one block: to know whose a port was it is enough to know the blocks. */
START_TEST(rfc6888_req_14_ports_of_a_worker_lie_together)
{
	static const char *const allocations[] = {"sequential", "preserve", "random"};
	char keys[128];
	(void)snprintf(keys, sizeof keys, "profile: azure, allocation: %s, ports_per_worker: 128", allocations[_i]);
	open_vip(keys);
	for (unsigned i = 0; i < 128; i++) {
		sends("tcp %c:%u > x:80 S", "wv"[i % 2], 1024 + 7 * i);
		comes("tcp N:%u > x:80 S", outside_port());
		ck_assert_uint_eq((outside_port() - 1024u) / 128, i % 2);
	}
}
END_TEST

/* Hard to guess with `allocation: random` (RFC 7857 section 9); the profiles keep the source's port, or count. */
START_TEST(rfc6888_req_15_departure_ports_that_can_be_guessed)
{
	open_vip("profile: azure");
	for (unsigned i = 0; i < 10; i++) {
		sends("tcp w:%u > x:80 S", 5000 + 111 * i);
		comes("tcp N:%u > x:80 S", 1024 + i);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc6888", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_test(tc, rfc6888_req_1_a_vip_that_keeps_the_other_rfcs);
	tcase_add_test(tc, rfc6888_req_2_a_worker_keeps_its_address);
	tcase_add_test(tc, rfc6888_req_3_a_pool_in_pieces);
	tcase_add_test(tc, rfc6888_req_4_ports_of_a_worker);
	tcase_add_test(tc, rfc6888_req_4_ports_of_a_machine);
	tcase_add_test(tc, rfc6888_req_4_no_block_is_left);
	tcase_add_test(tc, rfc6888_req_4_ports_behind_an_appliance);
	tcase_add_test(tc, rfc6888_req_4_towards_each_destination);
	tcase_add_test(tc, rfc6888_req_4_azures_1024);
	tcase_add_test(tc, rfc6888_req_7_endpoint_independent_where_the_scenario_says_so);
	tcase_add_test(tc, rfc6888_req_7_departure_profiles_filter_by_address_and_port);
	tcase_add_test(tc, rfc6888_req_8_at_once_where_the_filter_is_strict);
	tcase_add_test(tc, rfc6888_req_8_departure_at_once_where_it_is_loose);
	tcase_add_test(tc, rfc6888_req_11_existing_mappings_stay);
	tcase_add_test(tc, rfc6888_req_11_departure_nobody_is_told);
	tcase_add_test(tc, rfc6888_req_12_a_line_for_each_mapping);
	tcase_add_test(tc, rfc6888_req_12_departure_destinations_are_told);
	tcase_add_loop_test(tc, rfc6888_req_13_every_port_is_used, 0, 3);
	tcase_add_loop_test(tc, rfc6888_req_14_ports_of_a_worker_lie_together, 0, 3);
	tcase_add_test(tc, rfc6888_req_15_departure_ports_that_can_be_guessed);
	return suite_run(suite);
}

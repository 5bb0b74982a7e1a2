/* RFC 7857, which amends RFC 4787, 5382 and 5508, section by section, on the bed of nat_bed.h. A test is named after
 * the section; docs/nat.md lists them, and what the profiles do otherwise on purpose. */
#include "nat_bed.h"

static void connects(const char *keys)
{
	open_site(keys);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	passes("tcp a:5000 > x:80 A", "tcp N:5000 > x:80 A");
}

static void connects_at_vip(void)
{
	open_vip("profile: azure");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp x:80 > N:1024 SA", "tcp x:80 > w:5000 SA");
	passes("tcp w:5000 > x:80 A", "tcp N:1024 > x:80 A");
}

/* ---- 2.1: closing ---- */

/* Four minutes after FIN from both sides, counted from the last packet: what is retransmitted passes. */
START_TEST(rfc7857_sec_2_1_four_minutes_after_both_fin)
{
	connects("profile: home");
	passes("tcp a:5000 > x:80 FA", "tcp N:5000 > x:80 FA");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	waits_ms(239999);
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA"); /* the last ACK was lost */
	passes("tcp a:5000 > x:80 A", "tcp N:5000 > x:80 A");
	waits_ms(239999);
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
	ck_assert_str_eq(logged(0)->why, "closed");
}
END_TEST

START_TEST(rfc7857_sec_2_1_departure_azure_240_s_and_linux_2_min)
{
	connects_at_vip();
	passes("tcp w:5000 > x:80 FA", "tcp N:1024 > x:80 FA");
	passes("tcp x:80 > N:1024 FA", "tcp x:80 > w:5000 FA");
	waits_ms(239999);
	passes("tcp x:80 > N:1024 FA", "tcp x:80 > w:5000 FA");
	waits_ms(1); /* at the time that Azure names, whatever passes meanwhile */
	sends("tcp x:80 > N:1024 FA");
	dropped(REASON_NO_MAPPING);
	close_bed();
	connects(LINUX_FILTERED);
	passes("tcp a:5000 > x:80 FA", "tcp N:5000 > x:80 FA");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	waits_ms(119999);
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	waits_ms(120000);
	sends("tcp x:80 > N:5000 FA");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* One FIN closes nothing. */
START_TEST(rfc7857_sec_2_1_not_after_one_fin)
{
	connects("profile: home");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	waits_s(7200);
	passes("tcp a:5000 > x:80 PA len 10", "tcp N:5000 > x:80 PA len 10");
	passes("tcp x:80 > N:5000 A", "tcp x:80 > a:5000 A");
}
END_TEST

/* A port's mapping is one for all connections of its socket (RFC 5382 REQ-1). It lives as long as one of them. */
START_TEST(rfc7857_sec_2_1_a_mapping_outlives_one_of_its_connections)
{
	connects("profile: home");
	passes("tcp a:5000 > y:80 S", "tcp N:5000 > y:80 S");
	passes("tcp y:80 > N:5000 SA", "tcp y:80 > a:5000 SA");
	passes("tcp a:5000 > x:80 FA", "tcp N:5000 > x:80 FA");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	waits_s(3600);
	passes("tcp y:80 > N:5000 PA len 10", "tcp y:80 > a:5000 PA len 10");
	passes("tcp y:80 > N:5000 R", "tcp y:80 > a:5000 R"); /* now the last one is gone */
	waits_ms(240000);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* ---- 2.2: RST ---- */

/* It is translated, and more of them; the mapping waits for four minutes without a packet. */
START_TEST(rfc7857_sec_2_2_four_minutes_after_a_reset)
{
	const bool from_inside = _i == 1;
	connects("profile: home");
	if (from_inside)
		passes("tcp a:5000 > x:80 RA", "tcp N:5000 > x:80 RA");
	else
		passes("tcp x:80 > N:5000 R", "tcp x:80 > a:5000 R");
	passes("tcp x:80 > N:5000 PA len 10", "tcp x:80 > a:5000 PA len 10"); /* was on its way */
	passes("tcp a:5000 > x:80 R", "tcp N:5000 > x:80 R");
	waits_ms(239999);
	passes("tcp x:80 > N:5000 R", "tcp x:80 > a:5000 R"); /* the first was lost behind the NAT */
	waits_ms(239999);
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
	ck_assert_str_eq(logged(0)->why, "reset");
}
END_TEST

/* A forged reset, which both ends take for none: the connection goes on, and the mapping with it. */
START_TEST(rfc7857_sec_2_2_a_forged_reset_does_not_end_a_connection)
{
	static const char *const keys[] = {"profile: home", LINUX_FILTERED};
	static const int pauses_s[] = {239, 9};
	connects(keys[_i]);
	passes("tcp x:80 > N:5000 R seq 77", "tcp x:80 > a:5000 R seq 77");
	for (unsigned i = 0; i < 100; i++) {
		waits_s(pauses_s[_i]);
		passes("tcp a:5000 > x:80 PA len 10", "tcp N:5000 > x:80 PA len 10");
		passes("tcp x:80 > N:5000 A", "tcp x:80 > a:5000 A");
	}
	ck_assert_uint_eq(mappings(), 1);
}
END_TEST

/* Nor of a connection that is being made. */
START_TEST(rfc7857_sec_2_2_nor_one_that_is_opening)
{
	open_site("profile: home");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:80 > N:5000 R seq 77", "tcp x:80 > a:5000 R seq 77");
	waits_s(3);
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	passes("tcp a:5000 > x:80 A", "tcp N:5000 > x:80 A");
}
END_TEST

/* Figure 1 of section 2: data after a reset show that the reset was not believed. The connection is established again, and idle
 * as long as any other. */
START_TEST(rfc7857_sec_2_data_take_a_reset_back)
{
	connects("profile: home");
	passes("tcp x:80 > N:5000 R seq 77", "tcp x:80 > a:5000 R seq 77");
	passes("tcp a:5000 > x:80 PA len 10", "tcp N:5000 > x:80 PA len 10");
	passes("tcp x:80 > N:5000 A", "tcp x:80 > a:5000 A");
	waits_ms((2 * 60 + 4) * 60 * 1000 - 1);
	passes("tcp x:80 > N:5000 PA len 10", "tcp x:80 > a:5000 PA len 10");
	passes("tcp a:5000 > x:80 FA", "tcp N:5000 > x:80 FA");
	passes("tcp x:80 > N:5000 RA", "tcp x:80 > a:5000 RA"); /* a true one */
	waits_ms(240000);
	ck_assert_uint_eq(mappings(), 0);
	ck_assert_str_eq(logged(0)->why, "reset");
}
END_TEST

/* Of the connection that was reset, and of no other that has the mapping too. */
START_TEST(rfc7857_sec_2_data_take_the_reset_of_their_own_connection_back)
{
	connects("profile: home");
	passes("tcp a:5000 > y:80 S", "tcp N:5000 > y:80 S");
	passes("tcp y:80 > N:5000 SA", "tcp y:80 > a:5000 SA");
	passes("tcp x:80 > N:5000 R", "tcp x:80 > a:5000 R");
	passes("tcp y:80 > N:5000 R seq 77", "tcp y:80 > a:5000 R seq 77");
	passes("tcp a:5000 > y:80 A len 10", "tcp N:5000 > y:80 A len 10");
	passes("tcp y:80 > N:5000 R", "tcp y:80 > a:5000 R");
	waits_ms(239999);
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* Whatever the others end with. */
START_TEST(rfc7857_sec_2_data_take_a_reset_back_that_did_not_end_the_mapping)
{
	connects("profile: home");
	passes("tcp a:5000 > y:80 S", "tcp N:5000 > y:80 S");
	passes("tcp y:80 > N:5000 SA", "tcp y:80 > a:5000 SA");
	passes("tcp y:80 > N:5000 R seq 77", "tcp y:80 > a:5000 R seq 77");
	passes("tcp a:5000 > x:80 FA", "tcp N:5000 > x:80 FA");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	passes("tcp y:80 > N:5000 A len 10", "tcp y:80 > a:5000 A len 10");
	waits_s(7200);
	passes("tcp y:80 > N:5000 A len 10", "tcp y:80 > a:5000 A len 10");
}
END_TEST

/* FIN from both sides is not taken back by that. */
START_TEST(rfc7857_sec_2_data_take_no_fin_back)
{
	connects("profile: home");
	passes("tcp a:5000 > x:80 FA", "tcp N:5000 > x:80 FA");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	passes("tcp x:80 > N:5000 R", "tcp x:80 > a:5000 R");
	passes("tcp a:5000 > x:80 A", "tcp N:5000 > x:80 A");
	waits_ms(240000);
	ck_assert_uint_eq(mappings(), 0);
	ck_assert_str_eq(logged(0)->why, "closed");
}
END_TEST

/* Netfilter and Azure believe every reset. */
START_TEST(rfc7857_sec_2_departure_linux_and_azure_take_none_back)
{
	connects(LINUX_FILTERED);
	passes("tcp x:80 > N:5000 R seq 77", "tcp x:80 > a:5000 R seq 77");
	passes("tcp a:5000 > x:80 PA len 10", "tcp N:5000 > x:80 PA len 10");
	passes("tcp x:80 > N:5000 A", "tcp x:80 > a:5000 A");
	waits_ms(10000);
	sends("tcp x:80 > N:5000 A");
	dropped(REASON_NO_MAPPING);
	close_bed();
	connects_at_vip();
	passes("tcp x:80 > N:1024 R seq 77", "tcp x:80 > w:5000 R seq 77");
	waits_s(14);
	passes("tcp w:5000 > x:80 PA len 10", "tcp N:1024 > x:80 PA len 10");
	waits_s(1);
	sends("tcp x:80 > N:1024 A");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* There should be a key for the time of opening, and one for that of closing. There is one for closing: opening has the
 * profile's. */
START_TEST(rfc7857_sec_2_1_departure_the_time_of_opening_is_the_profiles)
{
	open_site("profile: home, tcp_transitory: 10m");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	waits_ms(239999);
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	passes("tcp a:5000 > x:80 FA", "tcp N:5000 > x:80 FA");
	passes("tcp x:80 > N:5000 FA", "tcp x:80 > a:5000 FA");
	waits_ms(599999);
	passes("tcp a:5000 > x:80 A", "tcp N:5000 > x:80 A");
}
END_TEST

START_TEST(rfc7857_sec_2_2_a_reset_opens_the_way_for_a_new_connection)
{
	connects("profile: home");
	passes("tcp x:80 > N:5000 R", "tcp x:80 > a:5000 R");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	waits_s(7200); /* which is established as any other */
	passes("tcp x:80 > N:5000 A", "tcp x:80 > a:5000 A");
}
END_TEST

START_TEST(rfc7857_sec_2_2_departure_azure_15_s)
{
	connects_at_vip();
	passes("tcp x:80 > N:1024 R", "tcp x:80 > w:5000 R");
	waits_ms(14999);
	passes("tcp x:80 > N:1024 R", "tcp x:80 > w:5000 R");
	passes("tcp w:5000 > x:80 A", "tcp N:1024 > x:80 A");
	waits_ms(1); /* whatever passes meanwhile */
	sends("tcp x:80 > N:1024 R");
	dropped(REASON_NO_MAPPING);
	ck_assert_str_eq(logged(0)->why, "reset");
	close_bed();
	connects_at_vip(); /* RST behind FIN brings the end nearer; FIN behind RST puts it off no more */
	passes("tcp w:5000 > x:80 FA", "tcp N:1024 > x:80 FA");
	passes("tcp x:80 > N:1024 FA", "tcp x:80 > w:5000 FA");
	waits_s(10);
	passes("tcp x:80 > N:1024 R", "tcp x:80 > w:5000 R");
	waits_ms(14999);
	passes("tcp w:5000 > x:80 FA", "tcp N:1024 > x:80 FA");
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

START_TEST(rfc7857_sec_2_2_departure_linux_10_s_or_at_once)
{
	connects(LINUX_FILTERED);
	passes("tcp x:80 > N:5000 R", "tcp x:80 > a:5000 R");
	waits_ms(9999);
	passes("tcp x:80 > N:5000 R", "tcp x:80 > a:5000 R");
	waits_ms(10000);
	ck_assert_uint_eq(mappings(), 0);
	passes("tcp a:5001 > x:80 S", "tcp N:5001 > x:80 S");
	passes("tcp x:80 > N:5001 RA", "tcp x:80 > a:5001 RA"); /* refused: netfilter forgets it at once */
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* ---- 3: ports that overlap ---- */

/* It may: one port for several sockets, as long as their destinations distinguish them. */
START_TEST(rfc7857_sec_3_one_port_towards_different_destinations)
{
	open_site(LINUX_FILTERED);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp b:5000 > y:80 S", "tcp N:5000 > y:80 S");
	passes("tcp c:5000 > x:81 S", "tcp N:5000 > x:81 S");
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	passes("tcp y:80 > N:5000 SA", "tcp y:80 > b:5000 SA");
	passes("tcp x:81 > N:5000 SA", "tcp x:81 > c:5000 SA");
	close_bed();
	open_vip("profile: azure");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp w:6000 > y:80 S", "tcp N:1024 > y:80 S");
	passes("tcp y:80 > N:1024 SA", "tcp y:80 > w:6000 SA");
	passes("tcp x:80 > N:1024 SA", "tcp x:80 > w:5000 SA");
}
END_TEST

/* ---- 4: paired pooling ---- */

/* All of an inside address, protocol by protocol, and no port of another address when its own has none. */
START_TEST(rfc7857_sec_4_paired_to_the_last_port)
{
	open_site(LINUX_FILTERED ", address: [198.51.100.1, 198.51.100.2], port_range: \"5000-5001\"");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp a:5001 > x:53", "udp N:5001 > x:53");
	sends("udp a:5002 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("tcp a:5002 > x:80 S", "tcp N:5000 > x:80 S");
	passes("udp b:5002 > x:53", "udp M:5000 > x:53");
}
END_TEST

/* ---- 5, 6: protocols ---- */

START_TEST(rfc7857_sec_5_mappings_are_a_protocols_own)
{
	open_site("profile: home");
	passes("udp b:5000 > x:80", "udp N:5000 > x:80");
	passes("udp a:5000 > x:80", "udp N:5002 > x:80");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S"); /* not 5002 */
	passes("echo a:5000 > x", "echo N:5000 > x");
	ck_assert_uint_eq(mappings(), 4);
}
END_TEST

START_TEST(rfc7857_sec_6_filters_too)
{
	open_site("profile: home, filtering: endpoint-independent");
	passes("udp a:5000 > x:80", "udp N:5000 > x:80");
	passes("udp y:9 > N:5000", "udp y:9 > a:5000");
	sends("tcp y:9 > N:5000 S");
	dropped(REASON_NO_MAPPING);
	sends("tcp x:80 > N:5000 S");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* ---- 7: what refreshes ---- */

/* Inbound packets refresh (RFC 4787 REQ-6a), those of strangers that an endpoint-independent filter lets in, too. */
START_TEST(rfc7857_sec_7_whom_the_filter_lets_in_refreshes)
{
	open_site("profile: home, filtering: endpoint-independent");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	for (unsigned i = 0; i < 4; i++) {
		waits_s(299);
		passes("udp y:9 > N:5000", "udp y:9 > a:5000");
	}
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(300000);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* How the inside refuses: by an ICMP error, or a reset for a stranger. Neither is use of the mapping. */
START_TEST(rfc7857_sec_7_1_refusals_do_not_refresh)
{
	open_site("profile: home, filtering: endpoint-independent, tcp_idle: 3h");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp y:9 > N:5000", "udp y:9 > a:5000");
	waits_ms(299999);
	passes("error 3.3 a > y (udp y:9 > a:5000)", "error 3.3 N > y (udp y:9 > N:5000)");
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	passes("tcp y:9 > N:5000 S", "tcp y:9 > a:5000 S");
	waits_s(3 * 3600 - 1);
	passes("tcp a:5000 > y:9 RA", "tcp N:5000 > y:9 RA");
	waits_ms(999);
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* ---- 9: ports at random ---- */

/* `allocation: random`: of the whole range, and no port shows the next. */
START_TEST(rfc7857_sec_9_ports_at_random)
{
	unsigned low = 0, high = 0, neighbours = 0;
	uint16_t last = 0;
	open_site("profile: home, allocation: random");
	for (unsigned i = 0; i < 200; i++) {
		sends("udp a:%u > x:53", 5000 + i);
		comes("udp N:%u > x:53", outside_port());
		uint16_t port = outside_port();
		ck_assert_uint_ge(port, 1024);
		low += port < 33280;
		high += port >= 33280;
		neighbours += port == last + 1;
		last = port;
	}
	ck_assert_uint_gt(low, 60);
	ck_assert_uint_gt(high, 60);
	ck_assert_uint_lt(neighbours, 5);
}
END_TEST

START_TEST(rfc7857_sec_9_departure_profiles_keep_ports_or_count)
{
	open_site("profile: home");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp b:5000 > x:80 S", "tcp N:5001 > x:80 S");
	close_bed();
	open_vip("profile: azure");
	passes("tcp w:7000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp w:6000 > x:80 S", "tcp N:1025 > x:80 S");
}
END_TEST

/* ---- 10: identification ---- */

/* The NATs leave it alone, and so two hosts' packets may have the same: RFC 6864 5.3.1 would have it rewritten. */
START_TEST(rfc7857_sec_10_departure_the_identification_is_left_alone)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53 id 4711", "udp N:5000 > x:53 id 4711");
	passes("udp b:6000 > x:53 id 4711", "udp N:6000 > x:53 id 4711");
	passes("udp x:53 > N:6000 id 815", "udp x:53 > b:6000 id 815");
	close_bed();
	open_vip("profile: azure");
	passes("udp w:5000 > x:53 id 4711", "udp N:1024 > x:53 id 4711");
	passes("udp v:5000 > x:53 id 4711", "udp N:2048 > x:53 id 4711");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc7857", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_test(tc, rfc7857_sec_2_1_four_minutes_after_both_fin);
	tcase_add_test(tc, rfc7857_sec_2_1_departure_azure_240_s_and_linux_2_min);
	tcase_add_test(tc, rfc7857_sec_2_1_not_after_one_fin);
	tcase_add_test(tc, rfc7857_sec_2_1_a_mapping_outlives_one_of_its_connections);
	tcase_add_loop_test(tc, rfc7857_sec_2_2_four_minutes_after_a_reset, 0, 2);
	tcase_add_loop_test(tc, rfc7857_sec_2_2_a_forged_reset_does_not_end_a_connection, 0, 2);
	tcase_add_test(tc, rfc7857_sec_2_2_nor_one_that_is_opening);
	tcase_add_test(tc, rfc7857_sec_2_data_take_a_reset_back);
	tcase_add_test(tc, rfc7857_sec_2_data_take_the_reset_of_their_own_connection_back);
	tcase_add_test(tc, rfc7857_sec_2_data_take_a_reset_back_that_did_not_end_the_mapping);
	tcase_add_test(tc, rfc7857_sec_2_data_take_no_fin_back);
	tcase_add_test(tc, rfc7857_sec_2_departure_linux_and_azure_take_none_back);
	tcase_add_test(tc, rfc7857_sec_2_1_departure_the_time_of_opening_is_the_profiles);
	tcase_add_test(tc, rfc7857_sec_2_2_a_reset_opens_the_way_for_a_new_connection);
	tcase_add_test(tc, rfc7857_sec_2_2_departure_azure_15_s);
	tcase_add_test(tc, rfc7857_sec_2_2_departure_linux_10_s_or_at_once);
	tcase_add_test(tc, rfc7857_sec_3_one_port_towards_different_destinations);
	tcase_add_test(tc, rfc7857_sec_4_paired_to_the_last_port);
	tcase_add_test(tc, rfc7857_sec_5_mappings_are_a_protocols_own);
	tcase_add_test(tc, rfc7857_sec_6_filters_too);
	tcase_add_test(tc, rfc7857_sec_7_whom_the_filter_lets_in_refreshes);
	tcase_add_test(tc, rfc7857_sec_7_1_refusals_do_not_refresh);
	tcase_add_test(tc, rfc7857_sec_9_ports_at_random);
	tcase_add_test(tc, rfc7857_sec_9_departure_profiles_keep_ports_or_count);
	tcase_add_test(tc, rfc7857_sec_10_departure_the_identification_is_left_alone);
	return suite_run(suite);
}

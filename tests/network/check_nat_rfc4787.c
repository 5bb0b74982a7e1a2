/* RFC 4787, what a NAT does with UDP, requirement by requirement, on the NATs of the scenario language: packets go in,
 * packets come out. A test is named after the requirement; docs/nat.md lists them, and what the profiles do otherwise
 * on purpose. */
#include "nat_bed.h"

static void opens(const char *keys)
{
	open_site(keys);
}

/* ---- REQ-1: endpoint-independent mapping ---- */

START_TEST(rfc4787_req_1_one_port_towards_everybody)
{
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp a:5000 > x:54", "udp N:5000 > x:54");
	passes("udp a:5000 > y:53", "udp N:5000 > y:53");
	passes("udp y:53 > N:5000", "udp y:53 > a:5000");
	ck_assert_uint_eq(mappings(), 1);
}
END_TEST

START_TEST(rfc4787_req_1_of_a_port_that_was_taken_too)
{
	opens("profile: home");
	passes("udp b:5000 > x:53", "udp N:5000 > x:53");
	passes("udp a:5000 > x:53", "udp N:5002 > x:53");
	passes("udp a:5000 > y:53", "udp N:5002 > y:53"); /* where 5000 is not in use */
	passes("udp x:53 > N:5002", "udp x:53 > a:5000");
}
END_TEST

/* What an endpoint-dependent NAT does instead: address by address, or end point by end point. */
START_TEST(rfc4787_req_1_departure_a_mapping_for_each_destination)
{
	opens("profile: home, mapping: address-dependent");
	passes("udp b:5000 > y:53", "udp N:5000 > y:53");
	passes("udp a:5000 > x:53", "udp N:5002 > x:53"); /* `reuse: never` */
	passes("udp a:5000 > x:54", "udp N:5002 > x:54");
	ck_assert_uint_eq(mappings(), 2);
	close_bed();
	opens(LINUX_FILTERED);
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp a:5000 > x:54", "udp N:5000 > x:54"); /* kept, but a mapping of its own */
	ck_assert_uint_eq(mappings(), 2);
}
END_TEST

START_TEST(rfc4787_req_1_departure_azure_shares_a_port_by_address)
{
	open_vip("profile: azure");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	passes("udp w:5000 > x:54", "udp N:1024 > x:54");
	passes("udp w:5001 > x:53", "udp N:1025 > x:53");
	passes("udp w:5001 > y:53", "udp N:1024 > y:53");
	passes("udp v:5000 > x:53", "udp N:2048 > x:53"); /* another worker's block */
}
END_TEST

/* ---- REQ-2: "paired" pooling ---- */

START_TEST(rfc4787_req_2_an_inside_address_keeps_its_outside_address)
{
	opens("profile: home, address: [198.51.100.1, 198.51.100.2]"); /* 172.16.0.10 has the first */
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp b:5000 > x:53", "udp M:5000 > x:53");
	passes("udp c:5001 > x:53", "udp N:5001 > x:53");
	passes("udp a:6000 > y:54", "udp N:6000 > y:54");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S"); /* all protocols */
	passes("echo a:7 > x", "echo N:7 > x");
	passes("echo b:7 > x", "echo M:7 > x");
	waits_s(400); /* when all has ended, too */
	passes("udp b:5000 > x:53", "udp M:5000 > x:53");
	passes("udp x:53 > M:5000", "udp x:53 > b:5000");
	sends("udp x:53 > N:5000");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* An address without free ports borrows none from the other. */
START_TEST(rfc4787_req_2_also_where_its_ports_are_all_in_use)
{
	opens("profile: home, address: [198.51.100.1, 198.51.100.2], port_range: \"5000-5000\"");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("udp c:5000 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("udp b:5000 > x:53", "udp M:5000 > x:53");
}
END_TEST

/* ---- REQ-3: ports ---- */

START_TEST(rfc4787_req_3_no_port_for_two_towards_one)
{
	static const char *const profiles[] = {"profile: home", LINUX_FILTERED, "profile: home, allocation: random",
					       LINUX_PLAIN ", allocation: sequential"};
	opens(profiles[_i]);
	uint16_t ports[3];
	for (unsigned i = 0; i < 3; i++) {
		sends("udp %c:5000 > x:53", "abc"[i]);
		comes("udp N:%u > x:53", ports[i] = outside_port());
	}
	ck_assert(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2]);
	for (unsigned i = 0; i < 3; i++) {
		sends("udp x:53 > N:%u", ports[i]);
		comes("udp x:53 > %c:5000", "abc"[i]);
	}
	nothing_comes();
}
END_TEST

START_TEST(rfc4787_req_3_no_port_for_two_when_none_is_left)
{
	opens(LINUX_FILTERED ", port_range: \"5000-5001\"");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp b:5000 > x:53", "udp N:5001 > x:53");
	sends("udp c:5000 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("udp c:5000 > y:53",
	       "udp N:5000 > y:53"); /* towards another it is no overloading: the answering end distinguishes them */
	passes("udp y:53 > N:5000", "udp y:53 > c:5000");
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
}
END_TEST

START_TEST(rfc4787_req_3_the_sources_port_where_it_is_free)
{
	opens("profile: home");
	passes("udp a:1024 > x:53", "udp N:1024 > x:53");
	passes("udp a:65535 > x:53", "udp N:65535 > x:53");
	passes("udp b:5000 > x:53", "udp N:5000 > x:53");
	passes("tcp a:5000 > x:53 S", "tcp N:5000 > x:53 S"); /* TCP's ports are others */
}
END_TEST

START_TEST(rfc4787_req_3a_a_well_known_port_becomes_a_well_known_one)
{
	opens("profile: home, port_range: \"1-65535\"");
	passes("udp a:1023 > x:53", "udp N:1023 > x:53");
	passes("udp b:1023 > x:53", "udp N:1 > x:53"); /* not 1025 */
	passes("udp a:65534 > x:53", "udp N:65534 > x:53");
	passes("udp b:65534 > x:53", "udp N:1024 > x:53"); /* nor 2 */
	passes("tcp a:1023 > x:53 S", "tcp N:1023 > x:53 S");
	passes("tcp b:1023 > x:53 S", "tcp N:1 > x:53 S");
	passes("tcp a:65535 > x:53 S", "tcp N:65535 > x:53 S");
	passes("tcp b:65535 > x:53 S", "tcp N:1024 > x:53 S");
}
END_TEST

/* It is a recommendation: where none of its kind is left, another is better than none. */
START_TEST(rfc4787_req_3a_where_there_is_one)
{
	opens("profile: home, port_range: \"1022-1025\"");
	passes("udp a:1023 > x:53", "udp N:1023 > x:53");
	passes("udp b:1023 > x:53", "udp N:1022 > x:53");
	passes("udp c:1023 > x:53", "udp N:1024 > x:53");
}
END_TEST

/* ---- REQ-4: parity ---- */

START_TEST(rfc4787_req_4_an_even_port_becomes_an_even_one)
{
	opens("profile: home");
	passes("udp a:5004 > x:53", "udp N:5004 > x:53");
	passes("udp b:5004 > x:53", "udp N:5006 > x:53");
	passes("udp a:5005 > x:53", "udp N:5005 > x:53");
	passes("udp b:5005 > x:53", "udp N:5007 > x:53");
	passes("udp c:5005 > x:53", "udp N:5009 > x:53");
	passes("tcp a:5004 > x:80 S", "tcp N:5004 > x:80 S"); /* UDP's alone: RTP has such pairs */
	passes("tcp b:5004 > x:80 S", "tcp N:5005 > x:80 S");
}
END_TEST

START_TEST(rfc4787_req_4_where_there_is_one)
{
	opens("profile: home, port_range: \"5000-5002\"");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp b:5000 > x:53", "udp N:5002 > x:53");
	passes("udp c:5000 > x:53", "udp N:5001 > x:53");
	sends("udp a:5001 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
}
END_TEST

/* Azure counts, and knows neither parity nor well-known ports. */
START_TEST(rfc4787_req_3a_and_4_departure_azure_counts)
{
	open_vip("profile: azure");
	passes("udp w:5005 > x:53", "udp N:1024 > x:53");
	passes("udp w:5004 > x:53", "udp N:1025 > x:53");
	passes("udp w:123 > x:53", "udp N:1026 > x:53");
}
END_TEST

/* ---- REQ-5, REQ-6: the timer ---- */

START_TEST(rfc4787_req_5_five_minutes)
{
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_ms(299999);
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
	waits_ms(300000);
	sends("udp x:53 > N:5000");
	dropped(REASON_NO_MAPPING);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

START_TEST(rfc4787_req_5_as_long_as_the_scenario_says)
{
	opens("profile: home, udp_idle: 2m");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_ms(119999);
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
	waits_ms(120000);
	sends("udp x:53 > N:5000");
	dropped(REASON_NO_MAPPING);
}
END_TEST

START_TEST(rfc4787_req_5_departure_linux_30_s_until_it_goes_both_ways)
{
	opens(LINUX_FILTERED);
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_ms(30000);
	sends("udp x:53 > N:5000");
	dropped(REASON_NO_MAPPING);
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
	waits_ms(2001); /* and has lasted two seconds */
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_ms(119999);
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
	waits_ms(120000);
	sends("udp x:53 > N:5000");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* No less than two minutes, and less than the five that are recommended. */
START_TEST(rfc4787_req_5_departure_azure_4_min)
{
	open_vip("profile: azure");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	waits_ms(239999);
	passes("udp x:53 > N:1024", "udp x:53 > w:5000");
	waits_ms(239999);
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	waits_ms(240000);
	sends("udp x:53 > N:1024");
	dropped(REASON_NO_MAPPING);
}
END_TEST

START_TEST(rfc4787_req_6_what_goes_out_refreshes)
{
	opens("profile: home");
	for (unsigned i = 0; i < 5; i++) {
		passes("udp a:5000 > x:53", "udp N:5000 > x:53");
		waits_s(299);
	}
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
}
END_TEST

/* Whatever the destination: the mapping is one. */
START_TEST(rfc4787_req_6_towards_anybody)
{
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_s(200);
	passes("udp a:5000 > y:53", "udp N:5000 > y:53");
	waits_s(200);
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
}
END_TEST

START_TEST(rfc4787_req_6_what_comes_in_may_too)
{
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_s(299);
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
	waits_s(299);
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
}
END_TEST

/* A stranger that the filter stops must not keep a mapping alive (REQ-6, security considerations). */
START_TEST(rfc4787_req_6_what_is_filtered_does_not)
{
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_s(299);
	sends("udp y:53 > N:5000");
	dropped(REASON_FILTERED);
	waits_s(2);
	sends("udp x:53 > N:5000");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* ---- REQ-8: filtering ---- */

START_TEST(rfc4787_req_8_endpoint_independent)
{
	opens("profile: home, filtering: endpoint-independent");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
	passes("udp x:54 > N:5000", "udp x:54 > a:5000");
	passes("udp y:99 > N:5000", "udp y:99 > a:5000");
	sends("udp y:99 > N:5001");
	dropped(REASON_NO_MAPPING);
	sends("tcp x:53 > N:5000 S"); /* UDP's mapping is none of TCP's */
	dropped(REASON_NO_MAPPING);
}
END_TEST

START_TEST(rfc4787_req_8_address_dependent)
{
	opens("profile: home, filtering: address-dependent");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp x:54 > N:5000", "udp x:54 > a:5000");
	sends("udp y:53 > N:5000");
	dropped(REASON_FILTERED);
	passes("udp a:5000 > y:99", "udp N:5000 > y:99");
	passes("udp y:53 > N:5000", "udp y:53 > a:5000");
}
END_TEST

START_TEST(rfc4787_req_8_address_and_port_dependent)
{
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp x:53 > N:5000", "udp x:53 > a:5000");
	sends("udp x:54 > N:5000");
	dropped(REASON_FILTERED);
	sends("udp y:53 > N:5000");
	dropped(REASON_FILTERED);
	passes("udp a:5000 > x:54", "udp N:5000 > x:54");
	passes("udp x:54 > N:5000", "udp x:54 > a:5000");
}
END_TEST

/* The profiles are stricter than what is recommended, as the NATs are that they are like. */
START_TEST(rfc4787_req_8_departure_profiles_filter_by_address_and_port)
{
	static const char *const profiles[] = {"profile: home", LINUX_FILTERED};
	opens(profiles[_i]);
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("udp x:54 > N:5000");
	dropped(REASON_FILTERED);
	close_bed();
	open_vip("profile: azure");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	sends("udp x:54 > N:1024");
	dropped(REASON_FILTERED);
	sends("udp y:53 > N:1024");
	dropped(REASON_FILTERED);
}
END_TEST

/* Who was called goes on being let in as long as the mapping lives, and not into its successor. */
START_TEST(rfc4787_req_8_ends_with_the_mapping)
{
	opens("profile: home, filtering: address-dependent");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp a:5000 > y:53", "udp N:5000 > y:53");
	waits_s(300);
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("udp y:53 > N:5000");
	dropped(REASON_FILTERED);
}
END_TEST

/* ---- REQ-9: hairpins ---- */

START_TEST(rfc4787_req_9_hairpin_from_the_outside_address)
{
	opens("profile: home, filtering: endpoint-independent");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp b:6000 > N:5000", "udp N:6000 > a:5000"); /* a sees b as everyone does */
	passes("udp a:5000 > N:6000", "udp N:5000 > b:6000");
	passes("udp a:5000 > N:5000", "udp N:5000 > a:5000"); /* to itself */
}
END_TEST

START_TEST(rfc4787_req_9_hairpin_is_filtered_as_from_outside)
{
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("udp b:6000 > N:5000");
	dropped(REASON_FILTERED);
	sends("udp a:5000 > N:6000"); /* a calls b, which is what lets b in: both punch their holes */
	comes("udp N:5000 > b:6000");
	nothing_comes();
	passes("udp b:6000 > N:5000", "udp N:6000 > a:5000");
}
END_TEST

START_TEST(rfc4787_req_9_departure_where_it_is_off)
{
	opens("profile: home, filtering: endpoint-independent, hairpin: false");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("udp b:6000 > N:5000");
	dropped(REASON_FILTERED);
}
END_TEST

/* ---- REQ-10: no gateways of applications ---- */

/* Whatever the port: the payload that comes out is the one that went in. */
START_TEST(rfc4787_req_10_payload_is_left_alone)
{
	static const unsigned ports[] = {53, 69, 137, 161, 500, 554, 1701, 5060};
	opens("profile: home");
	for (size_t i = 0; i < N(ports); i++) {
		sends("udp a:5060 > x:%u len 500", ports[i]);
		comes("udp N:5060 > x:%u len 500", ports[i]);
		sends("udp x:%u > N:5060 len 500", ports[i]);
		comes("udp x:%u > a:5060 len 500", ports[i]);
	}
}
END_TEST

/* ---- REQ-11: deterministic ---- */

/* Neither load nor conflict changes how the NAT maps, chooses ports, and filters. */
START_TEST(rfc4787_req_11_the_same_under_load)
{
	opens("profile: home");
	for (unsigned port = 5000; port < 5500; port += 2) {
		sends("udp a:%u > x:53", port);
		comes("udp N:%u > x:53", port);
	}
	for (unsigned port = 5000; port < 5500; port += 2) { /* each in conflict */
		sends("udp b:%u > x:53", port);
		comes("udp N:%u > x:53", port + 500);
		sends("udp b:%u > y:99", port); /* one port towards everyone all the same */
		comes("udp N:%u > y:99", port + 500);
		sends("udp y:53 > N:%u", port + 500);
		dropped(REASON_FILTERED);
	}
	passes("udp c:7000 > x:53", "udp N:7000 > x:53");
}
END_TEST

START_TEST(rfc4787_req_11_the_same_again)
{
	uint16_t ports[2][20];
	for (unsigned run = 0; run < 2; run++) {
		opens("profile: home, allocation: random");
		for (unsigned i = 0; i < 20; i++) {
			sends("udp a:%u > x:53", 5000 + i);
			comes("udp N:%u > x:53", ports[run][i] = outside_port());
		}
		if (run == 0)
			close_bed();
	}
	ck_assert_mem_eq(ports[0], ports[1], sizeof ports[0]);
}
END_TEST

/* ---- REQ-12: ICMP ends no mapping ---- */

START_TEST(rfc4787_req_12_no_icmp_message_ends_a_mapping)
{
	static const char *const errors[] = {"3.0", "3.1", "3.2", "3.3", "3.4", "3.13", "11.0", "11.1", "12.0"};
	opens("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	for (size_t i = 0; i < N(errors); i++) {
		sends("error %s x > N (udp N:5000 > x:53)", errors[i]);
		comes("error %s x > a (udp a:5000 > x:53)", errors[i]);
		passes("udp x:53 > N:5000", "udp x:53 > a:5000");
		sends("error %s a > x (udp x:53 > a:5000)", errors[i]);
		comes("error %s N > x (udp x:53 > N:5000)", errors[i]);
		passes("udp x:53 > N:5000", "udp x:53 > a:5000");
		ck_assert_uint_eq(mappings(), 1);
	}
}
END_TEST

START_TEST(rfc4787_req_12_departure_azure_carries_no_icmp)
{
	open_vip("profile: azure");
	passes("udp w:5000 > x:53", "udp N:1024 > x:53");
	sends("error 3.3 x > N (udp N:1024 > x:53)");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	passes("udp x:53 > N:1024", "udp x:53 > w:5000"); /* and ends nothing */
	sends("error 3.3 w > x (udp x:53 > w:5000)");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	passes("udp x:53 > N:1024", "udp x:53 > w:5000");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc4787", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_test(tc, rfc4787_req_1_one_port_towards_everybody);
	tcase_add_test(tc, rfc4787_req_1_of_a_port_that_was_taken_too);
	tcase_add_test(tc, rfc4787_req_1_departure_a_mapping_for_each_destination);
	tcase_add_test(tc, rfc4787_req_1_departure_azure_shares_a_port_by_address);
	tcase_add_test(tc, rfc4787_req_2_an_inside_address_keeps_its_outside_address);
	tcase_add_test(tc, rfc4787_req_2_also_where_its_ports_are_all_in_use);
	tcase_add_loop_test(tc, rfc4787_req_3_no_port_for_two_towards_one, 0, 4);
	tcase_add_test(tc, rfc4787_req_3_no_port_for_two_when_none_is_left);
	tcase_add_test(tc, rfc4787_req_3_the_sources_port_where_it_is_free);
	tcase_add_test(tc, rfc4787_req_3a_a_well_known_port_becomes_a_well_known_one);
	tcase_add_test(tc, rfc4787_req_3a_where_there_is_one);
	tcase_add_test(tc, rfc4787_req_4_an_even_port_becomes_an_even_one);
	tcase_add_test(tc, rfc4787_req_4_where_there_is_one);
	tcase_add_test(tc, rfc4787_req_3a_and_4_departure_azure_counts);
	tcase_add_test(tc, rfc4787_req_5_five_minutes);
	tcase_add_test(tc, rfc4787_req_5_as_long_as_the_scenario_says);
	tcase_add_test(tc, rfc4787_req_5_departure_linux_30_s_until_it_goes_both_ways);
	tcase_add_test(tc, rfc4787_req_5_departure_azure_4_min);
	tcase_add_test(tc, rfc4787_req_6_what_goes_out_refreshes);
	tcase_add_test(tc, rfc4787_req_6_towards_anybody);
	tcase_add_test(tc, rfc4787_req_6_what_comes_in_may_too);
	tcase_add_test(tc, rfc4787_req_6_what_is_filtered_does_not);
	tcase_add_test(tc, rfc4787_req_8_endpoint_independent);
	tcase_add_test(tc, rfc4787_req_8_address_dependent);
	tcase_add_test(tc, rfc4787_req_8_address_and_port_dependent);
	tcase_add_loop_test(tc, rfc4787_req_8_departure_profiles_filter_by_address_and_port, 0, 2);
	tcase_add_test(tc, rfc4787_req_8_ends_with_the_mapping);
	tcase_add_test(tc, rfc4787_req_9_hairpin_from_the_outside_address);
	tcase_add_test(tc, rfc4787_req_9_hairpin_is_filtered_as_from_outside);
	tcase_add_test(tc, rfc4787_req_9_departure_where_it_is_off);
	tcase_add_test(tc, rfc4787_req_10_payload_is_left_alone);
	tcase_add_test(tc, rfc4787_req_11_the_same_under_load);
	tcase_add_test(tc, rfc4787_req_11_the_same_again);
	tcase_add_test(tc, rfc4787_req_12_no_icmp_message_ends_a_mapping);
	tcase_add_test(tc, rfc4787_req_12_departure_azure_carries_no_icmp);
	return suite_run(suite);
}

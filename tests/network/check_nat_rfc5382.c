/* RFC 5382, what a NAT does with TCP (REQ-2, sequences of segments, apart), requirement by requirement, on the bed of
 * nat_bed.h. A test is named after the requirement; docs/nat.md lists them, and what the profiles do otherwise on
 * purpose. */
#include "nat_ways.h"

/* ---- REQ-1: endpoint-independent mapping ---- */

START_TEST(rfc5382_req_1_one_port_towards_everybody)
{
	open_site("profile: home");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp a:5000 > x:81 S", "tcp N:5000 > x:81 S");
	passes("tcp a:5000 > y:80 S", "tcp N:5000 > y:80 S");
	passes("tcp y:80 > N:5000 SA", "tcp y:80 > a:5000 SA");
	passes("tcp x:81 > N:5000 SA", "tcp x:81 > a:5000 SA");
	ck_assert_uint_eq(mappings(), 1);
	passes("tcp b:5000 > x:80 S", "tcp N:5001 > x:80 S");
	passes("tcp b:5000 > z:80 S", "tcp N:5001 > z:80 S"); /* where 5000 is not in use */
}
END_TEST

START_TEST(rfc5382_req_1_departure_azure_and_linux_map_each_connection)
{
	open_vip("profile: azure");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp w:5001 > x:80 S", "tcp N:1025 > x:80 S");
	passes("tcp w:5001 > x:81 S", "tcp N:1024 > x:81 S");
	passes("tcp w:5001 > y:80 S", "tcp N:1024 > y:80 S");
	ck_assert_uint_eq(mappings(), 4);
	close_bed();
	open_site(LINUX_FILTERED);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp a:5000 > x:81 S", "tcp N:5000 > x:81 S");
	passes("tcp b:5000 > x:80 S", "tcp N:5001 > x:80 S");
	ck_assert_uint_eq(mappings(), 3);
}
END_TEST

/* ---- REQ-3: filtering ---- */

START_TEST(rfc5382_req_3_endpoint_independent)
{
	open_site("profile: home, filtering: endpoint-independent");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	passes("tcp x:81 > N:5000 S", "tcp x:81 > a:5000 S");
	passes("tcp y:99 > N:5000 S", "tcp y:99 > a:5000 S");
	sends("tcp y:99 > N:5001 S");
	dropped(REASON_NO_MAPPING);
}
END_TEST

START_TEST(rfc5382_req_3_address_dependent)
{
	open_site("profile: home, filtering: address-dependent");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:81 > N:5000 S", "tcp x:81 > a:5000 S");
	sends("tcp y:80 > N:5000 S");
	dropped(REASON_FILTERED);
	passes("tcp a:5000 > y:99 S", "tcp N:5000 > y:99 S");
	passes("tcp y:80 > N:5000 S", "tcp y:80 > a:5000 S");
}
END_TEST

/* The profiles are stricter than what is recommended, as the NATs are that they are like. */
START_TEST(rfc5382_req_3_departure_profiles_filter_by_address_and_port)
{
	const struct way *way = &ways[_i];
	way->open(way->keys);
	go("> S");
	go("< SA");
	sends("tcp x:81 > N:%u S", way->port);
	dropped(REASON_FILTERED);
	sends("tcp y:80 > N:%u S", way->port);
	dropped(REASON_FILTERED);
	go("> A len 10");
}
END_TEST

/* ---- REQ-4: unsolicited SYN ---- */

/* Not a word for six seconds, nor later: a policy that REQ-4a allows. */
START_TEST(rfc5382_req_4_silence)
{
	const struct way *way = &ways[_i];
	enum reason unknown = way->open == open_vip ? REASON_VIP_PORT_CLOSED : REASON_NO_MAPPING;
	way->open(way->keys);
	no_go("< S", unknown);
	waits_ms(5999);
	nothing_comes();
	waits_s(600);
	nothing_comes();
	go("> S");
	sends("tcp y:80 > N:%u S", way->port); /* towards a port in use */
	dropped(REASON_FILTERED);
	waits_s(20);
	nothing_comes();
}
END_TEST

/* An outbound SYN within the six seconds: the first SYN stays dropped, and the NAT does not answer it afterwards. */
START_TEST(rfc5382_req_4_silence_when_an_outbound_syn_follows)
{
	const struct way *way = &ways[_i];
	way->open(way->keys);
	no_go("< S", way->open == open_vip ? REASON_VIP_PORT_CLOSED : REASON_NO_MAPPING);
	waits_s(3);
	go("> S");
	waits_s(10);
	nothing_comes();
	ck_assert_uint_eq(mappings(), 1);
}
END_TEST

/* An appliance is a Linux machine: what is no answer to what it translates is for its own stack, which refuses a closed
 * port. */
START_TEST(rfc5382_req_4_departure_an_appliance_answers_for_itself)
{
	open_appliance(LINUX_FILTERED);
	sends("tcp x:80 > I:5000 S");
	comes("tcp I:5000 > x:80 RA seq 0 ack 1001 win 0 ttl 64 df id 0");
	nothing_comes();
}
END_TEST

/* ---- REQ-5: timers ---- */

static void opens_connection(const struct way *way)
{
	way->open(way->keys);
	go("> S");
	go("< SA");
	go("> A");
}

START_TEST(rfc5382_req_5_established_2_h_4_min)
{
	const struct way *way = &ways[HOME];
	opens_connection(way);
	waits_ms((2 * 60 + 4) * 60 * 1000 - 1);
	go("< A");
	waits_ms((2 * 60 + 4) * 60 * 1000 - 1);
	go("> A");
	waits_ms((2 * 60 + 4) * 60 * 1000);
	ck_assert_uint_eq(mappings(), 0);
	no_go("< A", REASON_NO_MAPPING);
	ck_assert_str_eq(logged(0)->why, "idle");
}
END_TEST

/* Half closed it is established still. */
START_TEST(rfc5382_req_5_established_until_both_have_closed)
{
	const struct way *way = &ways[HOME];
	opens_connection(way);
	go("> FA");
	go("< A");
	waits_ms((2 * 60 + 4) * 60 * 1000 - 1);
	go("< PA len 10");
	go("> A");
}
END_TEST

START_TEST(rfc5382_req_5_transitory_4_min)
{
	const struct way *way = &ways[HOME];
	way->open(way->keys);
	go("> S"); /* partly open */
	waits_ms(239999);
	go("> S");
	waits_ms(239999);
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
	no_go("< SA", REASON_NO_MAPPING);
	go("> S");
	go("< SA");
	go("> A");
	go("> FA");
	go("< FA");
	go("> A"); /* closed */
	waits_ms(239999);
	go("< FA");
	waits_ms(240000);
	no_go("< FA", REASON_NO_MAPPING);
	ck_assert_str_eq(logged(1)->why, "closed");
}
END_TEST

/* REQ-5a: they may be set. */
START_TEST(rfc5382_req_5a_as_long_as_the_scenario_says)
{
	const struct way way_set = {open_site, "profile: home, tcp_idle: 3h, tcp_transitory: 5m", 'a', 'N', 5000},
			 *way = &way_set;
	opens_connection(way);
	waits_ms(3 * 3600 * 1000 - 1);
	go("> FA");
	go("< FA");
	waits_ms(299999);
	go("> A");
	waits_ms(300000);
	no_go("< A", REASON_NO_MAPPING);
}
END_TEST

START_TEST(rfc5382_req_5_departure_azure_4_min_of_silence)
{
	const struct way *way = &ways[AZURE];
	opens_connection(way);
	waits_ms(239999);
	go("< A");
	waits_ms(240000);
	no_go("< A", REASON_NO_MAPPING);
	ck_assert_str_eq(logged(0)->why, "idle");
}
END_TEST

/* Neither end gets a message: each finds out by itself, unless `reset_on_idle` is on. */
START_TEST(rfc5382_req_5_in_silence_or_with_a_reset)
{
	open_vip("profile: azure");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp x:80 > N:1024 SA seq 9000 ack 1001", "tcp x:80 > w:5000 SA seq 9000 ack 1001");
	passes("tcp w:5000 > x:80 A seq 1001 ack 9001", "tcp N:1024 > x:80 A seq 1001 ack 9001");
	waits_s(300);
	nothing_comes();
	close_bed();
	open_vip("profile: azure, reset_on_idle: true");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp x:80 > N:1024 SA seq 9000 ack 1001", "tcp x:80 > w:5000 SA seq 9000 ack 1001");
	passes("tcp w:5000 > x:80 A seq 1001 ack 9001", "tcp N:1024 > x:80 A seq 1001 ack 9001");
	waits_s(240);
	comes("tcp x:80 > w:5000 R seq 9001 ack 0 win 0 df id 0");
	comes("tcp N:1024 > x:80 R seq 1001 ack 0 win 0 df id 0");
	nothing_comes();
}
END_TEST

START_TEST(rfc5382_req_5_departure_linux_5_d_and_2_min)
{
	const struct way *way = &ways[LINUX];
	opens_connection(way);
	waits_s(5 * 24 * 3600 - 1);
	go("< A");
	go("> FA");
	go("< FA");
	go("> A");
	waits_ms(119999);
	go("< A");
	waits_ms(120000);
	no_go("< A", REASON_NO_MAPPING);
	go("> S"); /* nothing answers */
	waits_ms(120000);
	no_go("< SA", REASON_NO_MAPPING);
}
END_TEST

/* ---- REQ-6: no gateways of applications ---- */

/* Addresses in the payload stay as they are, FTP's too: 227 is compared byte for byte with what was sent. */
START_TEST(rfc5382_req_6_payload_is_left_alone)
{
	const struct way *way = &ways[_i];
	way->open(way->keys);
	bed_sends(HERE, "tcp %c:5000 > x:21 S", way->caller);
	bed_comes(HERE, "tcp %c:%u > x:21 S", way->nat, way->port);
	bed_sends(HERE, "tcp x:21 > %c:%u PA len 1000", way->nat, way->port);
	bed_comes(HERE, "tcp x:21 > %c:5000 PA len 1000", way->caller);
	bed_sends(HERE, "tcp %c:5000 > x:21 PA len 1000", way->caller);
	bed_comes(HERE, "tcp %c:%u > x:21 PA len 1000", way->nat, way->port);
	nothing_comes();
}
END_TEST

/* ---- REQ-7: no port for two ---- */

START_TEST(rfc5382_req_7_no_port_for_two_towards_one)
{
	static const char *const profiles[] = {"profile: home", LINUX_FILTERED, "profile: home, allocation: random",
					       LINUX_PLAIN ", allocation: sequential"};
	open_site(profiles[_i]);
	uint16_t ports[3];
	for (unsigned i = 0; i < 3; i++) {
		sends("tcp %c:5000 > x:80 S", "abc"[i]);
		comes("tcp N:%u > x:80 S", ports[i] = outside_port());
	}
	ck_assert(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2]);
	for (unsigned i = 0; i < 3; i++) {
		sends("tcp x:80 > N:%u SA", ports[i]);
		comes("tcp x:80 > %c:5000 SA", "abc"[i]);
	}
	nothing_comes();
}
END_TEST

START_TEST(rfc5382_req_7_no_port_for_two_when_none_is_left)
{
	open_vip("profile: azure, ports_per_worker: 2");
	passes("tcp w:5000 > x:80 S", "tcp N:1024 > x:80 S");
	passes("tcp w:5001 > x:80 S", "tcp N:1025 > x:80 S");
	sends("tcp w:5002 > x:80 S");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("tcp w:5002 > y:80 S", "tcp N:1024 > y:80 S"); /* the answering end distinguishes them */
	passes("tcp y:80 > N:1024 SA", "tcp y:80 > w:5002 SA");
	passes("tcp x:80 > N:1024 SA", "tcp x:80 > w:5000 SA");
}
END_TEST

/* ---- REQ-8: hairpins ---- */

START_TEST(rfc5382_req_8_hairpin_from_the_outside_address)
{
	open_site("profile: home, filtering: endpoint-independent");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp b:6000 > N:5000 S", "tcp N:6000 > a:5000 S"); /* REQ-8a: a sees b as everyone does */
	passes("tcp a:5000 > N:6000 SA", "tcp N:5000 > b:6000 SA");
	passes("tcp b:6000 > N:5000 A len 10", "tcp N:6000 > a:5000 A len 10");
	passes("tcp a:5000 > N:6000 FA", "tcp N:5000 > b:6000 FA");
	passes("tcp b:6000 > N:5000 FA", "tcp N:6000 > a:5000 FA");
	passes("tcp a:5000 > N:6000 A", "tcp N:5000 > b:6000 A");
}
END_TEST

/* Both punch their holes: simultaneous open over a hairpin. */
START_TEST(rfc5382_req_8_hairpin_simultaneous_open)
{
	static const char *const keys[] = {"profile: home", LINUX_FILTERED};
	open_site(keys[_i]);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp b:6000 > x:80 S", "tcp N:6000 > x:80 S");
	sends("tcp b:6000 > N:5000 S");
	dropped(REASON_FILTERED);
	passes("tcp a:5000 > N:6000 S", "tcp N:5000 > b:6000 S");
	passes("tcp b:6000 > N:5000 SA", "tcp N:6000 > a:5000 SA");
	passes("tcp a:5000 > N:6000 A len 10", "tcp N:5000 > b:6000 A len 10");
}
END_TEST

/* A worker calls the environment's own VIP: it goes out and comes back in, to the front end. */
START_TEST(rfc5382_req_8_of_the_own_vip)
{
	open_vip("profile: azure");
	passes("tcp w:5000 > N:443 S", "tcp N:1024 > N:443 S");
	passes("tcp N:1024 > N:443 S", "tcp N:1024 > f:443 S");
	passes("tcp f:443 > N:1024 SA", "tcp N:443 > N:1024 SA");
	passes("tcp N:443 > N:1024 SA", "tcp N:443 > w:5000 SA");
}
END_TEST

/* ---- REQ-9, REQ-10: ICMP ---- */

START_TEST(rfc5382_req_9_unreachables_are_translated)
{
	static const unsigned codes[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13};
	const struct way *way = &ways[_i];
	opens_connection(way);
	for (size_t i = 0; i < N(codes); i++) {
		sends("error 3.%u y > N (tcp N:5000 > x:80 A) mtu 1280", codes[i]);
		comes("error 3.%u y > a (tcp a:5000 > x:80 A) mtu 1280", codes[i]);
		sends("error 3.%u a > x (tcp x:80 > a:5000 A) mtu 1280", codes[i]);
		comes("error 3.%u N > x (tcp x:80 > N:5000 A) mtu 1280", codes[i]);
		nothing_comes();
	}
}
END_TEST

/* Unreachable, time exceeded, from whomever, about whatever segment: not even what is only partly open ends by it. */
START_TEST(rfc5382_req_10_no_icmp_message_ends_a_mapping)
{
	static const char *const errors[] = {"3.0", "3.1", "3.2", "3.3", "3.4", "3.13", "11.0", "11.1", "12.0"};
	const struct way *way = &ways[_i];
	way->open(way->keys);
	go("> S");
	for (size_t i = 0; i < N(errors); i++) {
		sends("error %s y > N (tcp N:5000 > x:80 S)", errors[i]);
		comes("error %s y > a (tcp a:5000 > x:80 S)", errors[i]);
		nothing_comes();
	}
	ck_assert_uint_eq(mappings(), 1);
	go("< SA");
	go("> A");
	for (size_t i = 0; i < N(errors); i++) {
		sends("error %s x > N (tcp N:5000 > x:80 A)", errors[i]);
		comes("error %s x > a (tcp a:5000 > x:80 A)", errors[i]);
		go("< A");
		sends("error %s a > x (tcp x:80 > a:5000 A)", errors[i]);
		comes("error %s N > x (tcp x:80 > N:5000 A)", errors[i]);
		go("< A");
		ck_assert_uint_eq(mappings(), 1);
	}
	go("> PA len 10");
	waits_s(600);
	go("< PA len 10"); /* nor is it taken for closed */
}
END_TEST

START_TEST(rfc5382_req_10_departure_azure_carries_no_icmp)
{
	const struct way *way = &ways[AZURE];
	opens_connection(way);
	sends("error 3.4 y > N (tcp N:1024 > x:80 A) mtu 1280");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	sends("error 3.3 w > x (tcp x:80 > w:5000 A)");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	go("< PA len 10"); /* and ends nothing */
	go("> A");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc5382", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_test(tc, rfc5382_req_1_one_port_towards_everybody);
	tcase_add_test(tc, rfc5382_req_1_departure_azure_and_linux_map_each_connection);
	tcase_add_test(tc, rfc5382_req_3_endpoint_independent);
	tcase_add_test(tc, rfc5382_req_3_address_dependent);
	tcase_add_loop_test(tc, rfc5382_req_3_departure_profiles_filter_by_address_and_port, 0, APPLIANCE);
	tcase_add_loop_test(tc, rfc5382_req_4_silence, 0, APPLIANCE);
	tcase_add_loop_test(tc, rfc5382_req_4_silence_when_an_outbound_syn_follows, 0, APPLIANCE);
	tcase_add_test(tc, rfc5382_req_4_departure_an_appliance_answers_for_itself);
	tcase_add_test(tc, rfc5382_req_5_established_2_h_4_min);
	tcase_add_test(tc, rfc5382_req_5_established_until_both_have_closed);
	tcase_add_test(tc, rfc5382_req_5_transitory_4_min);
	tcase_add_test(tc, rfc5382_req_5a_as_long_as_the_scenario_says);
	tcase_add_test(tc, rfc5382_req_5_departure_azure_4_min_of_silence);
	tcase_add_test(tc, rfc5382_req_5_in_silence_or_with_a_reset);
	tcase_add_test(tc, rfc5382_req_5_departure_linux_5_d_and_2_min);
	tcase_add_loop_test(tc, rfc5382_req_6_payload_is_left_alone, 0, N_WAYS);
	tcase_add_loop_test(tc, rfc5382_req_7_no_port_for_two_towards_one, 0, 4);
	tcase_add_test(tc, rfc5382_req_7_no_port_for_two_when_none_is_left);
	tcase_add_test(tc, rfc5382_req_8_hairpin_from_the_outside_address);
	tcase_add_loop_test(tc, rfc5382_req_8_hairpin_simultaneous_open, 0, 2);
	tcase_add_test(tc, rfc5382_req_8_of_the_own_vip);
	tcase_add_loop_test(tc, rfc5382_req_9_unreachables_are_translated, HOME, LINUX + 1);
	tcase_add_loop_test(tc, rfc5382_req_10_no_icmp_message_ends_a_mapping, HOME, LINUX + 1);
	tcase_add_test(tc, rfc5382_req_10_departure_azure_carries_no_icmp);
	return suite_run(suite);
}

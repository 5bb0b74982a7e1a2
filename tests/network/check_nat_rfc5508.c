/* RFC 5508, what a NAT does with ICMP, requirement by requirement, on the bed of nat_bed.h. A test is named after the
 * requirement; docs/nat.md lists them, and what the profiles do otherwise on purpose. */
#include "nat_bed.h"

#define AZURE_WITH_ICMP "profile: azure, icmp: translate"
static const char *const profiles[] = {"profile: home", LINUX_FILTERED};

/* ---- REQ-1: queries ---- */

START_TEST(rfc5508_req_1_queries_from_inside_and_their_answers)
{
	open_site(profiles[_i]);
	passes("echo a:7 > x", "echo N:7 > x");
	passes("reply x > N:7", "reply x > a:7");
	passes("echo b:7 > x", "echo N:1024 > x"); /* the identifier is taken: another one, also in the answer */
	passes("reply x > N:1024", "reply x > b:7");
	passes("reply x > N:7", "reply x > a:7");
	passes("echo a:0 > x len 1400", "echo N:1025 > x len 1400");
	passes("reply x > N:1025 len 1400", "reply x > a:0 len 1400");
	passes("echo c:65535 > y", "echo N:65535 > y");
	passes("reply y > N:65535", "reply y > c:65535");
}
END_TEST

START_TEST(rfc5508_req_1_a_worker_has_identifiers_of_its_own)
{
	open_vip(AZURE_WITH_ICMP);
	passes("echo w:7 > x", "echo N:1024 > x");
	passes("echo v:7 > x", "echo N:2048 > x");
	passes("reply x > N:2048", "reply x > v:7");
	passes("reply x > N:1024", "reply x > w:7");
}
END_TEST

START_TEST(rfc5508_req_1_through_an_appliance)
{
	open_appliance(LINUX_FILTERED);
	passes("echo g:7 > x", "echo I:7 > x");
	passes("reply x > I:7", "reply x > g:7");
}
END_TEST

/* Queries begin inside: a request from outside, or an answer that nothing asked for, gets no error. */
START_TEST(rfc5508_req_1_not_from_outside)
{
	open_site(profiles[_i]);
	passes("echo a:7 > x", "echo N:7 > x");
	sends("echo x:7 > N");
	dropped(REASON_NO_MAPPING);
	sends("reply x > N:8");
	dropped(REASON_NO_MAPPING);
	sends("reply y > N:7");
	dropped(REASON_FILTERED);
	sends("reply a:9 > x:9"); /* nor does an answer begin anything */
	dropped(REASON_NO_MAPPING);
	ck_assert_uint_eq(mappings(), 1);
	passes("reply x > N:7", "reply x > a:7");
}
END_TEST

START_TEST(rfc5508_req_1a_one_identifier_towards_everybody)
{
	open_site("profile: home");
	passes("echo b:7 > z", "echo N:7 > z");
	passes("echo a:7 > x", "echo N:1024 > x");
	passes("echo a:7 > y", "echo N:1024 > y");
	ck_assert_uint_eq(mappings(), 2);
	passes("reply x > N:1024", "reply x > a:7");
	passes("reply y > N:1024", "reply y > a:7");
}
END_TEST

START_TEST(rfc5508_req_1a_departure_linux_and_azure_map_each_destination)
{
	open_site(LINUX_FILTERED);
	passes("echo a:7 > x", "echo N:7 > x");
	passes("echo b:7 > y", "echo N:7 > y");
	passes("reply y > N:7", "reply y > b:7");
	passes("reply x > N:7", "reply x > a:7");
	ck_assert_uint_eq(mappings(), 2);
	close_bed();
	open_vip(AZURE_WITH_ICMP);
	passes("echo w:7 > x", "echo N:1024 > x");
	passes("echo w:8 > y", "echo N:1024 > y");
	ck_assert_uint_eq(mappings(), 2);
}
END_TEST

START_TEST(rfc5508_req_1_departure_azure_carries_no_icmp)
{
	open_vip("profile: azure");
	sends("echo w:7 > x");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	sends("reply x > N:7");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	sends("echo x:7 > N");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* ---- REQ-2: the timer ---- */

START_TEST(rfc5508_req_2_60_s)
{
	open_site("profile: home");
	passes("echo a:7 > x", "echo N:7 > x");
	waits_ms(59999);
	passes("reply x > N:7", "reply x > a:7");
	waits_ms(59999);
	passes("echo a:7 > x", "echo N:7 > x");
	waits_ms(60000);
	sends("reply x > N:7");
	dropped(REASON_NO_MAPPING);
	ck_assert_uint_eq(mappings(), 0);
	close_bed();
	open_vip(AZURE_WITH_ICMP);
	passes("echo w:7 > x", "echo N:1024 > x");
	waits_ms(59999);
	passes("reply x > N:1024", "reply x > w:7");
	waits_ms(60000);
	sends("reply x > N:1024");
	dropped(REASON_NO_MAPPING);
}
END_TEST

START_TEST(rfc5508_req_2a_as_long_as_the_scenario_says)
{
	open_site("profile: home, icmp_idle: 90s");
	passes("echo a:7 > x", "echo N:7 > x");
	waits_ms(89999);
	passes("reply x > N:7", "reply x > a:7");
	waits_ms(90000);
	sends("reply x > N:7");
	dropped(REASON_NO_MAPPING);
}
END_TEST

START_TEST(rfc5508_req_2_departure_linux_30_s)
{
	open_site(LINUX_FILTERED);
	passes("echo a:7 > x", "echo N:7 > x");
	waits_ms(29999);
	passes("reply x > N:7", "reply x > a:7");
	waits_ms(30000);
	sends("reply x > N:7");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* ---- REQ-3: damaged errors ---- */

static void opens_one(const char *keys)
{
	open_site(keys);
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
}

/* Linux: what is damaged belongs to nothing, and `invalid: drop` ends it. */
static enum reason reason_of_damage(int profile)
{
	return profile == 0 ? REASON_BAD_CHECKSUM : REASON_NO_MAPPING;
}

/* A translated error has a checksum of its own, made again: it must not become whole by that. */
START_TEST(rfc5508_req_3_a_damaged_error_is_dropped)
{
	opens_one(profiles[_i]);
	sends("error 3.3 x > N (udp N:5000 > x:53) badsum");
	dropped(reason_of_damage(_i));
	sends("error 3.3 a > x (udp x:53 > a:5000) badsum");
	dropped(reason_of_damage(_i));
	ck_assert_uint_eq(mappings(), 2);
}
END_TEST

START_TEST(rfc5508_req_3a_so_is_one_about_a_damaged_ip_header)
{
	opens_one("profile: home");
	sends("error 3.3 x > N (udp N:5000 > x:53 badip)");
	dropped(REASON_BAD_CHECKSUM);
	sends("error 3.3 a > x (udp x:53 > a:5000 badip)");
	dropped(REASON_BAD_CHECKSUM);
}
END_TEST

START_TEST(rfc5508_req_3a_departure_linux_does_not_look_at_it)
{
	opens_one(LINUX_FILTERED);
	passes("error 3.3 x > N (udp N:5000 > x:53 badip)", "error 3.3 x > a (udp a:5000 > x:53 badip)");
	passes("error 3.3 a > x (udp x:53 > a:5000 badip)", "error 3.3 N > x (udp x:53 > N:5000 badip)");
}
END_TEST

/* What is inside is quoted in part, and its own checksum is not judged: it is translated, and wrong by as much as
 * it was. */
START_TEST(rfc5508_req_3c_not_the_transport_checksum_inside)
{
	opens_one(profiles[_i]);
	passes("error 3.3 x > N (udp N:5000 > x:53 badsum)", "error 3.3 x > a (udp a:5000 > x:53 badsum)");
	passes("error 3.3 a > x (udp x:53 > a:5000 badsum)", "error 3.3 N > x (udp x:53 > N:5000 badsum)");
	passes("error 3.3 x > N (tcp N:5000 > x:80 S badsum) quote 20",
	       "error 3.3 x > a (tcp a:5000 > x:80 S badsum) quote 20");
}
END_TEST

/* ---- REQ-4: errors from outside ---- */

/* All three protocols, from whomever, the mapping's port being another than the source's: outer address, inner address
 * and port, inner IP, inner UDP and ICMP checksums. */
START_TEST(rfc5508_req_4_errors_from_outside)
{
	open_site(profiles[_i]);
	passes("udp a:500 > x:53", "udp N:1024 > x:53");
	passes("tcp a:500 > x:80 S", "tcp N:1024 > x:80 S");
	passes("echo b:7 > x", "echo N:7 > x");
	passes("echo a:7 > x", "echo N:1024 > x");
	passes("error 3.3 x > N (udp N:1024 > x:53)", "error 3.3 x > a (udp a:500 > x:53)");
	passes("error 3.1 y > N (udp N:1024 > x:53 nosum)", "error 3.1 y > a (udp a:500 > x:53 nosum)");
	passes("error 11.0 y > N (tcp N:1024 > x:80 S ttl 1)", "error 11.0 y > a (tcp a:500 > x:80 S ttl 1)");
	passes("error 3.4 y > N (tcp N:1024 > x:80 A df) mtu 1400", "error 3.4 y > a (tcp a:500 > x:80 A df) mtu 1400");
	passes("error 3.1 y > N (echo N:1024 > x)", "error 3.1 y > a (echo a:7 > x)");
	passes("error 3.1 y > N (echo N:7 > x)", "error 3.1 y > b (echo b:7 > x)");
}
END_TEST

/* REQ-4a: all of what is quoted. Of TCP the checksum lies in the bytes 16 and 17. */
START_TEST(rfc5508_req_4a_however_much_is_quoted)
{
	open_site(profiles[_i]);
	passes("udp a:500 > x:53 len 100", "udp N:1024 > x:53 len 100");
	passes("tcp a:500 > x:80 S", "tcp N:1024 > x:80 S");
	for (unsigned quote = 8; quote <= 20; quote += 2) {
		sends("error 3.3 x > N (tcp N:1024 > x:80 S) quote %u", quote);
		comes("error 3.3 x > a (tcp a:500 > x:80 S) quote %u", quote);
		sends("error 3.4 a > x (tcp x:80 > a:500 SA) quote %u", quote);
		comes("error 3.4 N > x (tcp x:80 > N:1024 SA) quote %u", quote);
	}
	nothing_comes();
}
END_TEST

START_TEST(rfc5508_req_4_without_a_mapping_it_is_dropped_in_silence)
{
	static const char *const errors[] = {
		"error 3.3 x > N (udp N:5001 > x:53)",   "error 3.3 x > N (udp N:5000 > x:54)",
		"error 3.3 x > N (tcp N:5001 > x:80 S)", "error 11.0 y > N (udp M:5000 > x:53)",
		"error 3.1 x > N (echo N:5000 > x)",     "error 3.3 x > N (tcp N:5000 > x:53 S)",
	};
	opens_one(LINUX_FILTERED);
	for (size_t i = 0; i < N(errors); i++) {
		sends("%s", errors[i]);
		dropped(REASON_NO_MAPPING);
	}
	ck_assert_uint_eq(mappings(), 2);
}
END_TEST

/* ---- REQ-5: errors from inside ---- */

START_TEST(rfc5508_req_5_errors_from_inside)
{
	open_site(profiles[_i]);
	passes("udp a:500 > x:53", "udp N:1024 > x:53");
	passes("tcp a:500 > x:80 S", "tcp N:1024 > x:80 S");
	passes("echo a:7 > x", "echo N:7 > x");
	passes("error 3.3 a > x (udp x:53 > a:500)", "error 3.3 N > x (udp x:53 > N:1024)");
	passes("error 3.3 a > x (udp x:53 > a:500 nosum)", "error 3.3 N > x (udp x:53 > N:1024 nosum)");
	passes("error 3.4 a > x (tcp x:80 > a:500 A len 1460 df) mtu 1400",
	       "error 3.4 N > x (tcp x:80 > N:1024 A len 1460 df) mtu 1400");
	passes("error 3.1 a > x (reply x > a:7)", "error 3.1 N > x (reply x > N:7)");
}
END_TEST

/* REQ-5c: who says it is inside, and has no mapping: the outside sees the NAT. */
START_TEST(rfc5508_req_5c_of_a_router_inside)
{
	open_site("profile: home, address: [198.51.100.1, 198.51.100.2]");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp b:5000 > x:53", "udp M:5000 > x:53");
	passes("error 11.0 R > x (udp x:53 > a:5000 ttl 1)", "error 11.0 N > x (udp x:53 > N:5000 ttl 1)");
	passes("error 11.0 R > x (udp x:53 > b:5000 ttl 1)", "error 11.0 M > x (udp x:53 > M:5000 ttl 1)");
}
END_TEST

START_TEST(rfc5508_req_5_without_a_mapping_it_is_dropped_in_silence)
{
	opens_one(LINUX_FILTERED);
	sends("error 3.3 a > x (udp x:53 > a:5001)");
	dropped(REASON_NO_MAPPING);
	sends("error 3.3 a > y (udp y:53 > a:5000)");
	dropped(REASON_NO_MAPPING);
	sends("error 3.3 b > x (tcp x:80 > b:5000 A)");
	dropped(REASON_NO_MAPPING);
	ck_assert_uint_eq(mappings(), 2);
}
END_TEST

/* What the filter lets in has a mapping by that, and so an error about what it sent goes out. */
START_TEST(rfc5508_req_5_about_what_a_loose_filter_let_in)
{
	static const char *const keys[] = {"profile: home, filtering: endpoint-independent",
					   LINUX_FILTERED ", filtering: endpoint-independent"};
	open_site(keys[_i]);
	passes("udp a:500 > x:53", "udp N:1024 > x:53");
	passes("udp y:99 > N:1024", "udp y:99 > a:500");
	passes("error 3.3 a > y (udp y:99 > a:500)", "error 3.3 N > y (udp y:99 > N:1024)");
}
END_TEST

/* Through an appliance, and through the VIP where it carries ICMP. */
START_TEST(rfc5508_req_5_through_an_appliance_and_a_vip)
{
	open_appliance(LINUX_FILTERED);
	passes("udp g:500 > x:53", "udp I:1024 > x:53");
	passes("error 3.3 x > I (udp I:1024 > x:53)", "error 3.3 x > g (udp g:500 > x:53)");
	passes("error 3.3 g > x (udp x:53 > g:500)", "error 3.3 I > x (udp x:53 > I:1024)");
	close_bed();
	open_vip(AZURE_WITH_ICMP);
	passes("udp w:500 > x:53", "udp N:1024 > x:53");
	passes("error 3.3 x > N (udp N:1024 > x:53)", "error 3.3 x > w (udp w:500 > x:53)");
	passes("error 3.3 w > x (udp x:53 > w:500)", "error 3.3 N > x (udp x:53 > N:1024)");
}
END_TEST

/* Of calls to the VIP a front end is the inside: errors about its segments reach it, and its own leave as the VIP's. */
START_TEST(rfc5508_req_4_and_5_of_a_balanced_connection)
{
	open_vip(AZURE_WITH_ICMP);
	passes("tcp x:5000 > N:443 S", "tcp x:5000 > f:443 S");
	passes("tcp f:443 > x:5000 SA", "tcp N:443 > x:5000 SA");
	passes("error 3.4 y > N (tcp N:443 > x:5000 A df) mtu 1400 quote 20",
	       "error 3.4 y > f (tcp f:443 > x:5000 A df) mtu 1400 quote 20");
	passes("error 3.4 f > x (tcp x:5000 > f:443 A df) mtu 1400 quote 20",
	       "error 3.4 N > x (tcp x:5000 > N:443 A df) mtu 1400 quote 20");
	sends("error 3.4 y > N (tcp N:443 > x:5000 A df) badsum");
	dropped(REASON_BAD_CHECKSUM);
	sends("error 3.3 y > N (tcp N:444 > x:5000 A)"); /* a port that is closed, and of no mapping */
	dropped(REASON_NO_MAPPING);
	sends("error 3.3 f > x (tcp x:5000 > f:444 A)");
	dropped(REASON_NO_MAPPING);
	close_bed();
	open_vip("profile: azure");
	sends("error 3.4 y > N (tcp N:443 > x:5000 A df) mtu 1400");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	sends("error 3.4 f > x (tcp x:5000 > f:443 A df) mtu 1400");
	dropped(REASON_ICMP_NOT_TRANSLATED);
}
END_TEST

/* ---- REQ-6: errors and the life of a mapping ---- */

START_TEST(rfc5508_req_6_an_error_neither_refreshes_nor_ends_a_query)
{
	open_site("profile: home");
	passes("echo a:7 > x", "echo N:7 > x");
	waits_s(59);
	passes("error 3.1 y > N (echo N:7 > x)", "error 3.1 y > a (echo a:7 > x)");
	passes("error 3.1 a > x (reply x > a:7)", "error 3.1 N > x (reply x > N:7)");
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(999);
	ck_assert_uint_eq(mappings(), 1);
	waits_ms(1);
	ck_assert_uint_eq(mappings(), 0);
	sends("reply x > N:7");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* The same of UDP and TCP, of which RFC 4787 REQ-12 and RFC 5382 REQ-10 say that errors end nothing. */
START_TEST(rfc5508_req_6_nor_any_other)
{
	open_site("profile: home, udp_idle: 2m, tcp_idle: 3h");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	waits_s(119);
	passes("error 3.3 x > N (udp N:5000 > x:53)", "error 3.3 x > a (udp a:5000 > x:53)");
	passes("error 3.2 x > N (tcp N:5000 > x:80 A)", "error 3.2 x > a (tcp a:5000 > x:80 A)");
	ck_assert_uint_eq(mappings(), 2);
	waits_s(1);
	ck_assert_uint_eq(mappings(), 1);
	waits_s(3 * 3600 - 121);
	ck_assert_uint_eq(mappings(), 1);
	waits_s(1);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* ---- REQ-7: hairpins ---- */

/* b called a by the outside address; a refuses, and b reads an error about what b sent. REQ-7a: it goes to who sent
 * it. */
START_TEST(rfc5508_req_7_hairpinned_errors)
{
	static const char *const keys[] = {"profile: home, filtering: endpoint-independent",
					   LINUX_FILTERED ", filtering: endpoint-independent"};
	open_site(keys[_i]);
	passes("udp a:500 > x:53", "udp N:1024 > x:53");
	passes("tcp a:500 > x:53 S", "tcp N:1024 > x:53 S");
	passes("udp b:6000 > N:1024", "udp N:6000 > a:500");
	passes("error 3.3 a > N (udp N:6000 > a:500)", "error 3.3 N > b (udp b:6000 > N:1024)");
	passes("tcp b:6000 > N:1024 S", "tcp N:6000 > a:500 S");
	passes("error 3.4 a > N (tcp N:6000 > a:500 S df) mtu 1280",
	       "error 3.4 N > b (tcp b:6000 > N:1024 S df) mtu 1280");
	passes("udp a:500 > N:6000", "udp N:1024 > b:6000"); /* and the other way */
	passes("error 11.1 b > N (udp N:1024 > b:6000)", "error 11.1 N > a (udp a:500 > N:6000)");
}
END_TEST

/* A query's identifier names who asked. There is no host to which a request could be handed: hairpinned queries are Basic
 * NAT's, which gives an address to each. */
START_TEST(rfc5508_req_7_no_hairpinned_queries)
{
	open_site(profiles[_i]);
	passes("echo a:7 > x", "echo N:7 > x");
	sends("echo b:8 > N");
	dropped(REASON_NO_MAPPING);
}
END_TEST

/* ---- REQ-8: when there is no mapping to be had ---- */

/* It is dropped. No profile sends an error to the sender (3.13): Azure's callers time out, netfilter drops. */
START_TEST(rfc5508_req_8_departure_nobody_is_told)
{
	static const char *const keys[] = {"profile: home, port_range: \"5000-5000\"",
					   LINUX_FILTERED ", port_range: \"5000-5000\""};
	open_site(keys[_i]);
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("udp b:5000 > x:53");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S");
	sends("tcp b:5000 > x:80 S");
	dropped(REASON_SNAT_PORTS_EXHAUSTED);
	waits_s(1);
	nothing_comes();
}
END_TEST

/* ---- REQ-10, REQ-11: which messages ---- */

START_TEST(rfc5508_req_10_unreachable_and_time_exceeded)
{
	opens_one(profiles[_i]);
	for (unsigned code = 0; code <= 15; code++) {
		sends("error 3.%u y > N (udp N:5000 > x:53) mtu %u", code, code == 4 ? 1400 : 0);
		comes("error 3.%u y > a (udp a:5000 > x:53) mtu %u", code,
		      code == 4 ? 1400 : 0); /* REQ-4b: as it was */
		sends("error 3.%u a > x (udp x:53 > a:5000)", code);
		comes("error 3.%u N > x (udp x:53 > N:5000)", code);
	}
	for (unsigned code = 0; code <= 1; code++) {
		sends("error 11.%u y > N (tcp N:5000 > x:80 S)", code);
		comes("error 11.%u y > a (tcp a:5000 > x:80 S)", code);
	}
	nothing_comes();
	passes("error 12.0 y > N (udp N:5000 > x:53)", "error 12.0 y > a (udp a:5000 > x:53)"); /* REQ-10b: it may */
}
END_TEST

/* REQ-10c: source quench; REQ-10b, REQ-11: redirects, timestamps, information and mask requests, which a NAT need not
 * carry. */
START_TEST(rfc5508_req_10_and_11_nothing_else)
{
	static const unsigned types[] = {4, 5, 9, 10, 13, 14, 15, 16, 17, 18, 30, 42};
	opens_one("profile: home");
	for (size_t i = 0; i < N(types); i++) {
		sends("error %u.0 y > N (udp N:5000 > x:53)", types[i]);
		dropped(REASON_NO_MAPPING);
		sends("error %u.0 a > x (udp x:53 > a:5000)", types[i]);
		dropped(REASON_NO_MAPPING);
	}
	ck_assert_uint_eq(mappings(), 2);
}
END_TEST

/* Redirects it does not carry: they would lead the two sides past it. Timestamps, information and masks are queries. */
START_TEST(rfc5508_req_10_departure_linux_carries_source_quench_and_queries)
{
	opens_one(LINUX_PLAIN);
	passes("error 4.0 y > N (udp N:5000 > x:53)", "error 4.0 y > a (udp a:5000 > x:53)");
	passes("error 4.0 a > x (udp x:53 > a:5000)", "error 4.0 N > x (udp x:53 > N:5000)");
	sends("error 5.0 y > N (udp N:5000 > x:53)");
	dropped(REASON_ICMP_NOT_TRANSLATED);
	for (unsigned type = 13; type <= 17; type += 2) {
		sends("error %u.0 y > N (udp N:5000 > x:53)", type);
		dropped(REASON_NO_MAPPING);
	}
	static const unsigned types[] = {9, 10, 30, 42};
	for (size_t i = 0; i < N(types); i++) {
		sends("error %u.0 a > x (udp x:53 > a:5000)", types[i]);
		dropped(REASON_NO_MAPPING);
	}
	ck_assert_uint_eq(mappings(), 2);
	for (unsigned type = 13; type <= 17; type += 2) {
		sends("error %u.0 a > x (udp x:53 > a:5000)", type);
		comes("error %u.0 N > x (udp x:53 > a:5000)", type);
	}
	ck_assert_uint_eq(mappings(), 5);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc5508", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_loop_test(tc, rfc5508_req_1_queries_from_inside_and_their_answers, 0, N(profiles));
	tcase_add_test(tc, rfc5508_req_1_a_worker_has_identifiers_of_its_own);
	tcase_add_test(tc, rfc5508_req_1_through_an_appliance);
	tcase_add_loop_test(tc, rfc5508_req_1_not_from_outside, 0, N(profiles));
	tcase_add_test(tc, rfc5508_req_1a_one_identifier_towards_everybody);
	tcase_add_test(tc, rfc5508_req_1a_departure_linux_and_azure_map_each_destination);
	tcase_add_test(tc, rfc5508_req_1_departure_azure_carries_no_icmp);
	tcase_add_test(tc, rfc5508_req_2_60_s);
	tcase_add_test(tc, rfc5508_req_2a_as_long_as_the_scenario_says);
	tcase_add_test(tc, rfc5508_req_2_departure_linux_30_s);
	tcase_add_loop_test(tc, rfc5508_req_3_a_damaged_error_is_dropped, 0, N(profiles));
	tcase_add_test(tc, rfc5508_req_3a_so_is_one_about_a_damaged_ip_header);
	tcase_add_test(tc, rfc5508_req_3a_departure_linux_does_not_look_at_it);
	tcase_add_loop_test(tc, rfc5508_req_3c_not_the_transport_checksum_inside, 0, N(profiles));
	tcase_add_loop_test(tc, rfc5508_req_4_errors_from_outside, 0, N(profiles));
	tcase_add_loop_test(tc, rfc5508_req_4a_however_much_is_quoted, 0, N(profiles));
	tcase_add_test(tc, rfc5508_req_4_without_a_mapping_it_is_dropped_in_silence);
	tcase_add_loop_test(tc, rfc5508_req_5_errors_from_inside, 0, N(profiles));
	tcase_add_test(tc, rfc5508_req_5c_of_a_router_inside);
	tcase_add_test(tc, rfc5508_req_5_without_a_mapping_it_is_dropped_in_silence);
	tcase_add_loop_test(tc, rfc5508_req_5_about_what_a_loose_filter_let_in, 0, 2);
	tcase_add_test(tc, rfc5508_req_5_through_an_appliance_and_a_vip);
	tcase_add_test(tc, rfc5508_req_4_and_5_of_a_balanced_connection);
	tcase_add_test(tc, rfc5508_req_6_an_error_neither_refreshes_nor_ends_a_query);
	tcase_add_test(tc, rfc5508_req_6_nor_any_other);
	tcase_add_loop_test(tc, rfc5508_req_7_hairpinned_errors, 0, 2);
	tcase_add_loop_test(tc, rfc5508_req_7_no_hairpinned_queries, 0, N(profiles));
	tcase_add_loop_test(tc, rfc5508_req_8_departure_nobody_is_told, 0, 2);
	tcase_add_loop_test(tc, rfc5508_req_10_unreachable_and_time_exceeded, 0, N(profiles));
	tcase_add_test(tc, rfc5508_req_10_and_11_nothing_else);
	tcase_add_test(tc, rfc5508_req_10_departure_linux_carries_source_quench_and_queries);
	return suite_run(suite);
}

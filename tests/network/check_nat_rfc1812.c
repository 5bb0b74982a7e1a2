/* What a NAT owes as a router and to checksums, on the bed of nat_bed.h, which computes each expected checksum from
 * scratch: RFC 768 (no UDP checksum), RFC 1624 (the incremental update), RFC 792 and 1812 (time to live). A test is
 * named after the RFC and section; docs/nat.md lists them. */
#include "nat_bed.h"

/* Bytes of a frame. */
enum { IP_CHECK_AT = 24, UDP_CHECK_AT = 40, INNER_UDP_CHECK_AT = 68 };

static unsigned word(size_t at)
{
	return (unsigned)output_byte(at) << 8 | output_byte(at + 1);
}

/* The value of a field at which the checksum behind it is zero, from the checksum that it has at `value`. */
static unsigned value_for_zero(unsigned value, unsigned checksum)
{
	unsigned sum = value + checksum;
	return (sum & 0xffff) + (sum >> 16);
}

/* ---- RFC 768 ---- */

START_TEST(rfc768_no_checksum_stays_none)
{
	open_site("profile: home, filtering: endpoint-independent");
	passes("udp a:5000 > x:53 nosum", "udp N:5000 > x:53 nosum");
	passes("udp x:53 > N:5000 nosum len 100", "udp x:53 > a:5000 nosum len 100");
	passes("udp b:6000 > N:5000 nosum", "udp N:6000 > a:5000 nosum"); /* twice rewritten */
	passes("error 3.3 x > N (udp N:5000 > x:53 nosum)", "error 3.3 x > a (udp a:5000 > x:53 nosum)");
	close_bed();
	open_vip("profile: azure");
	passes("udp w:5000 > x:53 nosum", "udp N:1024 > x:53 nosum");
	passes("udp x:53 > N:1024 nosum", "udp x:53 > w:5000 nosum");
	close_bed();
	open_appliance(LINUX_FILTERED);
	passes("udp g:5000 > x:53 nosum", "udp I:5000 > x:53 nosum");
	passes("udp x:53 > I:5000 nosum", "udp x:53 > g:5000 nosum");
}
END_TEST

/* A datagram whose checksum comes to zero by the translation must not look like one that has none. */
START_TEST(rfc768_a_computed_zero_is_sent_as_ffff)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53 len 8", "udp N:5000 > x:53 len 8");
	unsigned port = value_for_zero(5000, word(UDP_CHECK_AT));
	ck_assert_uint_ge(port, 1024); /* which the NAT keeps */
	sends("udp a:%u > x:53 len 8", port);
	comes("udp N:%u > x:53 len 8", port);
	ck_assert_uint_eq(word(UDP_CHECK_AT), 0xffff);
	passes("udp x:53 > N:5000 len 8",
	       "udp x:53 > a:5000 len 8"); /* and inward: by the outsider's port, which this filter knows */
	port = value_for_zero(53, word(UDP_CHECK_AT));
	sends("udp a:5000 > x:%u", port);
	comes("udp N:5000 > x:%u", port);
	sends("udp x:%u > N:5000 len 8", port);
	comes("udp x:%u > a:5000 len 8", port);
	ck_assert_uint_eq(word(UDP_CHECK_AT), 0xffff);
	nothing_comes();
}
END_TEST

/* Nor one that is quoted in an error. */
START_TEST(rfc768_a_computed_zero_inside_an_error_too)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("error 3.3 x > N (udp N:5000 > x:53)", "error 3.3 x > a (udp a:5000 > x:53)");
	unsigned port = value_for_zero(53, word(INNER_UDP_CHECK_AT));
	sends("udp a:5000 > x:%u", port);
	comes("udp N:5000 > x:%u", port);
	sends("error 3.3 x > N (udp N:5000 > x:%u)", port);
	comes("error 3.3 x > a (udp a:5000 > x:%u)", port);
	ck_assert_uint_eq(word(INNER_UDP_CHECK_AT), 0xffff);
	nothing_comes();
}
END_TEST

/* ---- RFC 1624 ---- */

/* Incremental is what it would be from scratch, for whatever is in the packet. */
START_TEST(rfc1624_eq_3_incremental_is_recomputed)
{
	static const char *const protocols[] = {"udp a:5000 > x:53", "tcp a:5000 > x:80 S", "echo a:7 > x"};
	static const char *const expected[] = {"udp N:5000 > x:53", "tcp N:5000 > x:80 S", "echo N:7 > x"};
	open_site("profile: home");
	for (unsigned i = 0; i < 3000; i++) {
		unsigned len = i % 1400, id = i * 2654435761u >> 16, ttl = 2 + i % 254;
		sends("%s len %u id %u ttl %u", protocols[i % 3], len, id, ttl);
		comes("%s len %u id %u ttl %u", expected[i % 3], len, id, ttl - 1);
	}
	nothing_comes();
}
END_TEST

START_TEST(rfc1624_eq_3_of_every_port)
{
	open_site(LINUX_FILTERED);
	for (unsigned port = 1024; port < 65536; port += 61) {
		sends("udp a:%u > x:53 len 3", port);
		comes("udp N:%u > x:53 len 3", port);
		sends("udp x:53 > N:%u len 5", port);
		comes("udp x:53 > a:%u len 5", port);
		sends("tcp b:500 > x:%u S", port); /* below the range, and so translated */
		comes("tcp N:1024 > x:%u S", port);
	}
	nothing_comes();
}
END_TEST

/* The corner that equation 2 of RFC 1071 gets wrong: an IP checksum that comes to zero is 0000, and none comes to
 * ffff. */
START_TEST(rfc1624_eq_3_the_ip_checksum_that_comes_to_zero)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53 id 1", "udp N:5000 > x:53 id 1");
	unsigned id = value_for_zero(1, word(IP_CHECK_AT));
	sends("udp a:5000 > x:53 id %u", id);
	comes("udp N:5000 > x:53 id %u", id);
	ck_assert_uint_eq(word(IP_CHECK_AT), 0);
	passes("udp x:53 > N:5000 id 1", "udp x:53 > a:5000 id 1");
	id = value_for_zero(1, word(IP_CHECK_AT));
	sends("udp x:53 > N:5000 id %u", id);
	comes("udp x:53 > a:5000 id %u", id);
	ck_assert_uint_eq(word(IP_CHECK_AT), 0);
	nothing_comes();
}
END_TEST

/* What was damaged on its way is so behind the NAT, by as much, and not made whole: the end point must see it. */
START_TEST(rfc1624_a_wrong_checksum_stays_wrong)
{
	open_site("profile: home");
	passes("udp a:500 > x:53 badsum len 10", "udp N:1024 > x:53 badsum len 10");
	passes("udp x:53 > N:1024 badsum len 10", "udp x:53 > a:500 badsum len 10");
	passes("tcp a:500 > x:80 S badsum", "tcp N:1024 > x:80 S badsum");
	passes("tcp x:80 > N:1024 SA badsum", "tcp x:80 > a:500 SA badsum");
	passes("echo b:7 > x", "echo N:7 > x");
	passes("echo a:7 > x badsum", "echo N:1024 > x badsum");
	passes("reply x > N:1024 badsum", "reply x > a:7 badsum");
	close_bed();
	open_vip("profile: azure");
	passes("udp w:500 > x:53 badsum len 10", "udp N:1024 > x:53 badsum len 10");
	passes("tcp x:500 > N:443 S badsum", "tcp x:500 > f:443 S badsum");
}
END_TEST

/* ---- RFC 1812 5.3.1: time to live ---- */

START_TEST(rfc1812_sec_5_3_1_lowered_by_one)
{
	open_site("profile: home, filtering: endpoint-independent");
	passes("udp a:5000 > x:53 ttl 128", "udp N:5000 > x:53 ttl 127");
	passes("udp x:53 > N:5000 ttl 55", "udp x:53 > a:5000 ttl 54");
	passes("udp a:5000 > x:53 ttl 2", "udp N:5000 > x:53 ttl 1");
	passes("udp x:53 > N:5000 ttl 2", "udp x:53 > a:5000 ttl 1");
	passes("udp b:6000 > N:5000 ttl 9", "udp N:6000 > a:5000 ttl 8"); /* a hairpin passes one router */
	passes("error 3.3 x > N (udp N:5000 > x:53) ttl 9", "error 3.3 x > a (udp a:5000 > x:53) ttl 8");
	passes("error 3.3 a > x (udp x:53 > a:5000) ttl 9", "error 3.3 N > x (udp x:53 > N:5000) ttl 8");
	passes("udp a:5000 > x:53 len 2000 id 5 mtu 1500 piece 0 ttl 9",
	       "udp N:5000 > x:53 len 2000 id 5 mtu 1500 piece 0 ttl 8");
	passes("udp a:5000 > x:53 len 2000 id 5 mtu 1500 piece 1 ttl 9",
	       "udp N:5000 > x:53 len 2000 id 5 mtu 1500 piece 1 ttl 8");
}
END_TEST

START_TEST(rfc1812_sec_5_3_1_by_an_appliance)
{
	open_appliance(LINUX_FILTERED);
	passes("udp g:5000 > x:53 ttl 128", "udp I:5000 > x:53 ttl 127");
	passes("udp x:53 > I:5000 ttl 55", "udp x:53 > g:5000 ttl 54");
	passes("tcp g:5000 > x:80 S ttl 2", "tcp I:5000 > x:80 S ttl 1");
	passes("tcp x:80 > I:5000 SA ttl 2", "tcp x:80 > g:5000 SA ttl 1");
	passes("error 3.3 x > I (udp I:5000 > x:53) ttl 9", "error 3.3 x > g (udp g:5000 > x:53) ttl 8");
	sends("udp x:53 > I:5000 len 2000 id 5 mtu 1500 piece 0 ttl 9"); /* Linux waits for the rest */
	nothing_comes();
	sends("udp x:53 > I:5000 len 2000 id 5 mtu 1500 piece 1 ttl 9");
	comes("udp x:53 > g:5000 len 2000 id 5 mtu 1500 piece 0 ttl 8");
	comes("udp x:53 > g:5000 len 2000 id 5 mtu 1500 piece 1 ttl 8");
	/* Out of their order they do not come to an appliance: its network drops them. */
	sends("udp x:53 > I:5000 len 2000 id 6 mtu 1500 piece 1 ttl 9");
	dropped(REASON_FRAGMENT_OUT_OF_ORDER);
	nothing_comes();
}
END_TEST

/* No hop inside Azure shows. */
START_TEST(rfc1812_sec_5_3_1_departure_a_vip_is_no_hop)
{
	open_vip("profile: azure");
	passes("udp w:5000 > x:53 ttl 1", "udp N:1024 > x:53 ttl 1");
	passes("udp x:53 > N:1024 ttl 1", "udp x:53 > w:5000 ttl 1");
}
END_TEST

/* ---- RFC 792, RFC 1812 4.3.2 and 5.3.1: time exceeded ---- */

/* From the router's inside address, about the packet as it was sent. It makes no mapping. */
START_TEST(rfc1812_sec_5_3_1_time_exceeded_inward)
{
	open_site("profile: home");
	sends("udp a:5000 > x:53 ttl 1 len 8");
	comes("error 11.0 R > a (udp a:5000 > x:53 ttl 1 len 8) ttl 64 id 0");
	dropped(REASON_TTL_EXPIRED);
	sends("tcp a:5000 > x:80 S ttl 1 df");
	comes("error 11.0 R > a (tcp a:5000 > x:80 S ttl 1 df) ttl 64 id 0");
	sends("echo a:7 > x ttl 1");
	comes("error 11.0 R > a (echo a:7 > x ttl 1) ttl 64 id 0");
	sends("udp a:5000 > N:53 ttl 1"); /* a hairpin */
	comes("error 11.0 R > a (udp a:5000 > N:53 ttl 1) ttl 64 id 0");
	sends("udp a:5000 > x:53 ttl 0");
	comes("error 11.0 R > a (udp a:5000 > x:53 ttl 0) ttl 64 id 0");
	nothing_comes();
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* To the outside: from the public address, about the packet as the outside knows it, not as it would have gone on
 * inside. */
START_TEST(rfc1812_sec_5_3_1_time_exceeded_outward)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("tcp b:5000 > x:80 S", "tcp N:5000 > x:80 S");
	sends("udp x:53 > N:5000 ttl 1 len 8");
	comes("error 11.0 N > x (udp x:53 > N:5000 ttl 1 len 8) ttl 64 id 0");
	dropped(REASON_TTL_EXPIRED);
	sends("tcp x:80 > N:5000 SA ttl 1");
	comes("error 11.0 N > x (tcp x:80 > N:5000 SA ttl 1) ttl 64 id 0");
	nothing_comes();
}
END_TEST

/* An appliance does as a site's router does, in both directions. */
START_TEST(rfc1812_sec_5_3_1_time_exceeded_by_an_appliance)
{
	open_appliance(LINUX_FILTERED);
	sends("udp g:5000 > x:53 ttl 1");
	comes("error 11.0 I > g (udp g:5000 > x:53 ttl 1) ttl 64 id 0");
	dropped(REASON_TTL_EXPIRED);
	ck_assert_uint_eq(mappings(), 0);
	passes("udp g:5000 > x:53", "udp I:5000 > x:53");
	sends("udp x:53 > I:5000 ttl 1");
	comes("error 11.0 I > x (udp x:53 > I:5000 ttl 1) ttl 64 id 0");
	dropped(REASON_TTL_EXPIRED);
	sends("tcp x:80 > I:5000 S ttl 1"); /* for the machine itself: it has arrived, and is refused */
	comes("tcp I:5000 > x:80 RA seq 0 ack 1001 win 0 ttl 64 df id 0");
	nothing_comes();
}
END_TEST

/* The packet ended before it was translated: it is no use of the mapping. */
START_TEST(rfc1812_sec_5_3_1_what_ends_here_refreshes_nothing)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	waits_s(299);
	sends("udp a:5000 > x:53 ttl 1");
	comes("error 11.0 R > a (udp a:5000 > x:53 ttl 1) ttl 64 id 0");
	sends("udp x:53 > N:5000 ttl 1");
	comes("error 11.0 N > x (udp x:53 > N:5000 ttl 1) ttl 64 id 0");
	waits_s(1);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

/* Errors are not about errors, nor about later fragments. */
START_TEST(rfc1812_sec_4_3_2_7_no_error_about_an_error)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("error 3.3 x > N (udp N:5000 > x:53) ttl 1");
	dropped(REASON_TTL_EXPIRED);
	sends("error 3.3 a > x (udp x:53 > a:5000) ttl 1");
	dropped(REASON_TTL_EXPIRED);
	sends("udp a:5000 > x:53 len 2000 id 9 mtu 1500 piece 1 ttl 1");
	dropped(REASON_TTL_EXPIRED);
	sends("udp a:5000 > x:53 len 2000 id 9 mtu 1500 piece 0 ttl 1"); /* of the first it is */
	comes("error 11.0 R > a (udp a:5000 > x:53 len 2000 id 9 mtu 1500 piece 0 ttl 1) ttl 64 id 0");
	close_bed();
	open_appliance(LINUX_FILTERED);
	passes("udp g:5000 > x:53", "udp I:5000 > x:53");
	sends("error 3.3 x > I (udp I:5000 > x:53) ttl 1");
	dropped(REASON_TTL_EXPIRED);
	sends("error 3.3 g > x (udp x:53 > g:5000) ttl 1");
	dropped(REASON_TTL_EXPIRED);
}
END_TEST

/* What a traceroute lives by: routers beyond the NAT, on either side, say it about the packet that they saw; the sender
 * reads it about the one that he sent. */
START_TEST(rfc792_time_exceeded_beyond_the_nat)
{
	static const char *const keys[] = {"profile: home", LINUX_FILTERED};
	open_site(keys[_i]);
	passes("udp a:500 > x:53 ttl 3", "udp N:1024 > x:53 ttl 2");
	passes("error 11.0 y > N (udp N:1024 > x:53 ttl 1)", "error 11.0 y > a (udp a:500 > x:53 ttl 1)");
	passes("echo a:7 > x ttl 3", "echo N:7 > x ttl 2");
	passes("error 11.0 z > N (echo N:7 > x ttl 1)", "error 11.0 z > a (echo a:7 > x ttl 1)");
	passes("tcp a:500 > x:80 S ttl 3", "tcp N:1024 > x:80 S ttl 2");
	passes("error 11.0 y > N (tcp N:1024 > x:80 S ttl 1)", "error 11.0 y > a (tcp a:500 > x:80 S ttl 1)");
	passes("udp x:53 > N:1024 ttl 2", "udp x:53 > a:500 ttl 1");
	passes("error 11.0 R > x (udp x:53 > a:500 ttl 1)", "error 11.0 N > x (udp x:53 > N:1024 ttl 1)");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc1812", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_test(tc, rfc768_no_checksum_stays_none);
	tcase_add_test(tc, rfc768_a_computed_zero_is_sent_as_ffff);
	tcase_add_test(tc, rfc768_a_computed_zero_inside_an_error_too);
	tcase_add_test(tc, rfc1624_eq_3_incremental_is_recomputed);
	tcase_add_test(tc, rfc1624_eq_3_of_every_port);
	tcase_add_test(tc, rfc1624_eq_3_the_ip_checksum_that_comes_to_zero);
	tcase_add_test(tc, rfc1624_a_wrong_checksum_stays_wrong);
	tcase_add_test(tc, rfc1812_sec_5_3_1_lowered_by_one);
	tcase_add_test(tc, rfc1812_sec_5_3_1_by_an_appliance);
	tcase_add_test(tc, rfc1812_sec_5_3_1_departure_a_vip_is_no_hop);
	tcase_add_test(tc, rfc1812_sec_5_3_1_time_exceeded_inward);
	tcase_add_test(tc, rfc1812_sec_5_3_1_time_exceeded_outward);
	tcase_add_test(tc, rfc1812_sec_5_3_1_time_exceeded_by_an_appliance);
	tcase_add_test(tc, rfc1812_sec_5_3_1_what_ends_here_refreshes_nothing);
	tcase_add_test(tc, rfc1812_sec_4_3_2_7_no_error_about_an_error);
	tcase_add_loop_test(tc, rfc792_time_exceeded_beyond_the_nat, 0, 2);
	return suite_run(suite);
}

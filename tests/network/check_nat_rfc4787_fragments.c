/* RFC 4787 REQ-13 and REQ-14, fragments through a NAT, on the bed of nat_bed.h. 4000 bytes over UDP are three pieces of
 * 1500; text and identification say which piece it is, and the whole piece is compared. */
#include "nat_bed.h"

#define OUT(i) "udp a:5000 > x:53 len 4000 id 9 mtu 1500 piece " #i
#define CAME_OUT(i) "udp N:5000 > x:53 len 4000 id 9 mtu 1500 piece " #i
#define IN(i) "udp x:53 > N:5000 len 4000 id 9 mtu 1500 piece " #i
#define CAME_IN(i) "udp x:53 > a:5000 len 4000 id 9 mtu 1500 piece " #i

/* ---- REQ-14 ---- */

START_TEST(rfc4787_req_14_in_order)
{
	open_site("profile: home");
	passes(OUT(0), CAME_OUT(0));
	passes(OUT(1), CAME_OUT(1));
	passes(OUT(2), CAME_OUT(2));
	passes(IN(0), CAME_IN(0));
	passes(IN(1), CAME_IN(1));
	passes(IN(2), CAME_IN(2));
	ck_assert_uint_eq(mappings(), 1);
}
END_TEST

/* The first has the ports, and the others wait for it. */
START_TEST(rfc4787_req_14_out_of_order)
{
	open_site("profile: home");
	sends(OUT(2));
	sends(OUT(1));
	sends(OUT(0));
	comes(CAME_OUT(0));
	comes(CAME_OUT(2)); /* then as they came */
	comes(CAME_OUT(1));
	sends(IN(1));
	sends(IN(0));
	comes(CAME_IN(0));
	comes(CAME_IN(1));
	passes(IN(2), CAME_IN(2));
}
END_TEST

/* Which fragments belong together is found by identification, protocol, and both addresses. */
START_TEST(rfc4787_req_14_datagrams_do_not_mix)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	passes("udp b:6000 > x:53", "udp N:6000 > x:53");
	passes("udp b:6000 > y:53", "udp N:6000 > y:53");
	sends("udp x:53 > N:6000 len 4000 id 8 mtu 1500 piece 1"); /* for b */
	/* for b, from another who has the same identification */
	sends("udp y:53 > N:6000 len 3000 id 9 mtu 1500 piece 1");
	passes(IN(0), CAME_IN(0)); /* releases neither */
	passes(IN(1), CAME_IN(1));
	sends("udp x:53 > N:6000 len 4000 id 8 mtu 1500 piece 0");
	comes("udp x:53 > b:6000 len 4000 id 8 mtu 1500 piece 0");
	comes("udp x:53 > b:6000 len 4000 id 8 mtu 1500 piece 1");
	sends("udp y:53 > N:6000 len 3000 id 9 mtu 1500 piece 0");
	comes("udp y:53 > b:6000 len 3000 id 9 mtu 1500 piece 0");
	comes("udp y:53 > b:6000 len 3000 id 9 mtu 1500 piece 1");
	nothing_comes();
}
END_TEST

START_TEST(rfc4787_req_14_of_echo_too)
{
	open_site("profile: home");
	sends("echo a:7 > x len 2000 id 5 mtu 1500 piece 1");
	sends("echo a:7 > x len 2000 id 5 mtu 1500 piece 0");
	comes("echo N:7 > x len 2000 id 5 mtu 1500 piece 0");
	comes("echo N:7 > x len 2000 id 5 mtu 1500 piece 1");
	sends("reply x > N:7 len 2000 id 6 mtu 1500 piece 1");
	sends("reply x > N:7 len 2000 id 6 mtu 1500 piece 0");
	comes("reply x > a:7 len 2000 id 6 mtu 1500 piece 0");
	comes("reply x > a:7 len 2000 id 6 mtu 1500 piece 1");
	nothing_comes();
}
END_TEST

START_TEST(rfc4787_req_14_over_a_hairpin)
{
	open_site("profile: home, filtering: endpoint-independent");
	passes("udp b:6000 > x:53", "udp N:6000 > x:53");
	sends("udp a:5000 > N:6000 len 2000 id 5 mtu 1500 piece 1");
	sends("udp a:5000 > N:6000 len 2000 id 5 mtu 1500 piece 0");
	comes("udp N:5000 > b:6000 len 2000 id 5 mtu 1500 piece 0");
	comes("udp N:5000 > b:6000 len 2000 id 5 mtu 1500 piece 1");
	nothing_comes();
}
END_TEST

/* What the first may not do, the others do not: they are not let in before it was asked. */
START_TEST(rfc4787_req_14_filtered_with_their_first)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends("udp y:53 > N:5000 len 2000 id 5 mtu 1500 piece 1");
	sends("udp y:53 > N:5000 len 2000 id 5 mtu 1500 piece 0");
	dropped(REASON_FILTERED);
	waits_s(31);
	dropped(REASON_FRAGMENT_NOT_TRANSLATED);
}
END_TEST

/* 30 seconds (RFC 791 lets a reassembly wait 15 to 120), no longer. */
START_TEST(rfc4787_req_14_no_longer_than_30_s)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	sends(IN(1));
	waits_ms(29999);
	sends(IN(0));
	comes(CAME_IN(0));
	comes(CAME_IN(1));
	sends("udp x:53 > N:5000 len 4000 id 10 mtu 1500 piece 1");
	waits_ms(30000);
	dropped(REASON_FRAGMENT_NOT_TRANSLATED);
	passes("udp x:53 > N:5000 len 4000 id 10 mtu 1500 piece 0",
	       "udp x:53 > a:5000 len 4000 id 10 mtu 1500 piece 0"); /* alone */
}
END_TEST

/* Bounded: 256 wait. More are dropped, those who wait are not, and room comes back. */
START_TEST(rfc4787_req_14_bounded_memory)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	for (unsigned id = 1; id <= 256; id++) {
		sends("udp x:53 > N:5000 len 2000 id %u mtu 1500 piece 1", id);
		ck_assert_int_eq(drop_reason(), REASON_NONE);
	}
	for (unsigned id = 257; id <= 2000; id++) {
		sends("udp x:53 > N:5000 len 2000 id %u mtu 1500 piece 1", id);
		dropped(REASON_FRAGMENT_NOT_TRANSLATED);
	}
	for (unsigned id = 1; id <= 256; id += 51) {
		sends("udp x:53 > N:5000 len 2000 id %u mtu 1500 piece 0", id);
		comes("udp x:53 > a:5000 len 2000 id %u mtu 1500 piece 0", id);
		comes("udp x:53 > a:5000 len 2000 id %u mtu 1500 piece 1", id);
	}
	sends("udp x:53 > N:5000 len 2000 id 3000 mtu 1500 piece 1");
	sends("udp x:53 > N:5000 len 2000 id 3000 mtu 1500 piece 0");
	comes("udp x:53 > a:5000 len 2000 id 3000 mtu 1500 piece 0");
	comes("udp x:53 > a:5000 len 2000 id 3000 mtu 1500 piece 1");
	waits_s(31);
	for (unsigned id = 1; id <= 256; id++) { /* nothing is left behind */
		sends("udp x:53 > N:5000 len 2000 id %u mtu 1500 piece 1", id);
		ck_assert_int_eq(drop_reason(), REASON_NONE);
	}
}
END_TEST

/* A flood of first pieces, which wait for no answer, pushes out the oldest alone. */
START_TEST(rfc4787_req_14_bounded_memory_of_datagrams)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53", "udp N:5000 > x:53");
	for (unsigned id = 1; id <= 300; id++) {
		sends("udp x:53 > N:5000 len 2000 id %u mtu 1500 piece 0", id);
		comes("udp x:53 > a:5000 len 2000 id %u mtu 1500 piece 0", id);
	}
	passes("udp x:53 > N:5000 len 2000 id 300 mtu 1500 piece 1",
	       "udp x:53 > a:5000 len 2000 id 300 mtu 1500 piece 1");
	passes("udp x:53 > N:5000 len 2000 id 45 mtu 1500 piece 1",
	       "udp x:53 > a:5000 len 2000 id 45 mtu 1500 piece 1");
	/* whose first is forgotten: it is kept as if it had come before */
	sends("udp x:53 > N:5000 len 2000 id 44 mtu 1500 piece 1");
	nothing_comes();
}
END_TEST

START_TEST(rfc4787_req_14_departure_azure_drops_fragments)
{
	open_vip("profile: azure");
	for (unsigned i = 0; i < 3; i++) {
		sends("udp w:5000 > x:53 len 4000 id 9 mtu 1500 piece %u", i);
		dropped(REASON_FRAGMENT_NOT_TRANSLATED);
	}
	passes("udp w:5000 > x:53 len 1472", "udp N:1024 > x:53 len 1472");
	sends("udp x:53 > N:1024 len 4000 id 9 mtu 1500 piece 0");
	dropped(REASON_FRAGMENT_NOT_TRANSLATED);
}
END_TEST

/* ---- REQ-13 ---- */

/* Behind the NAT a VPN has room for 1400 bytes. The sender gets the error through the NAT, about the packet as it was sent, and
 * the mapping lives.
 */
START_TEST(rfc4787_req_13_too_big_is_told_through_the_nat)
{
	open_forced("profile: home");
	passes("udp g:5000 > x:53", "udp N:5000 > x:53");
	sends("udp x:53 > N:5000 len 1373 df");
	comes("udp x:53 > g:5000 len 1373 df");
	comes("error 3.4 N > x (udp x:53 > N:5000 len 1373 df ttl 62) mtu 1400 id 0");
	nothing_comes();
	passes("udp x:53 > N:5000 len 1372 df", "udp x:53 > g:5000 len 1372 df");
	sends("tcp g:5000 > x:80 S");
	comes("tcp N:5000 > x:80 S");
	sends("tcp x:80 > N:5000 A len 1400 df");
	comes("tcp x:80 > g:5000 A len 1400 df");
	comes("error 3.4 N > x (tcp x:80 > N:5000 A len 1400 df ttl 62) mtu 1400 id 0");
}
END_TEST

/* Without DF it is cut instead, and no error is sent. */
START_TEST(rfc4787_req_13_without_df_it_is_cut)
{
	open_forced("profile: home");
	passes("udp g:5000 > x:53", "udp N:5000 > x:53");
	passes("udp x:53 > N:5000 len 1472", "udp x:53 > g:5000 len 1472");
}
END_TEST

/* What a router outside says of a packet that is too big reaches its sender. */
START_TEST(rfc4787_req_13_too_big_from_outside_reaches_the_sender)
{
	open_site("profile: home");
	passes("udp a:5000 > x:53 len 1472 df", "udp N:5000 > x:53 len 1472 df");
	passes("error 3.4 y > N (udp N:5000 > x:53 len 1472 df) mtu 1280",
	       "error 3.4 y > a (udp a:5000 > x:53 len 1472 df) mtu 1280");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc4787_fragments", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_test(tc, rfc4787_req_13_too_big_is_told_through_the_nat);
	tcase_add_test(tc, rfc4787_req_13_without_df_it_is_cut);
	tcase_add_test(tc, rfc4787_req_13_too_big_from_outside_reaches_the_sender);
	tcase_add_test(tc, rfc4787_req_14_in_order);
	tcase_add_test(tc, rfc4787_req_14_out_of_order);
	tcase_add_test(tc, rfc4787_req_14_datagrams_do_not_mix);
	tcase_add_test(tc, rfc4787_req_14_of_echo_too);
	tcase_add_test(tc, rfc4787_req_14_over_a_hairpin);
	tcase_add_test(tc, rfc4787_req_14_filtered_with_their_first);
	tcase_add_test(tc, rfc4787_req_14_no_longer_than_30_s);
	tcase_add_test(tc, rfc4787_req_14_bounded_memory);
	tcase_add_test(tc, rfc4787_req_14_bounded_memory_of_datagrams);
	tcase_add_test(tc, rfc4787_req_14_departure_azure_drops_fragments);
	return suite_run(suite);
}

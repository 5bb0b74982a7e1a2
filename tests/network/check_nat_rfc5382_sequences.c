/* RFC 5382 REQ-2, the sequences of segments that TCP has, through each kind of NAT, on the bed of nat_bed.h. */
#include "nat_ways.h"

/* ---- REQ-2: all valid sequences ---- */

static const char *const sequences[][16] = {
	/* three-way handshake, data both ways, closed by the caller, then by the other */
	{"> S", "< SA", "> A", "> PA len 100", "< A", "< PA len 1460", "> A", "> FA", "< A", "< FA", "> A"},
	{"> S", "< SA", "> A", "< FA", "> A", "> PA len 9", "< A", "> FA", "< A"},
	/* both close at once; FIN and ACK in one */
	{"> S", "< SA", "> A", "> FA", "< FA", "> A", "< A"},
	{"> S", "< SA", "> A", "> FA", "< FA", "> A"},
	/* half closed: the other side goes on */
	{"> S", "< SA", "> A", "> FA", "< A", "< PA len 1000", "> A", "< PA len 1000", "> A", "< FA", "> A"},
	{"> S", "< SA", "> A", "< FA", "> A", "> PA len 1000", "< A", "> PA len 1000", "< A", "> FA", "< A"},
	/* simultaneous open (REQ-2a): both answer the other's SYN; one of the two is answered only */
	{"> S", "< S", "> SA", "< SA", "> A", "< A", "> PA len 10", "< A"},
	{"> S", "< S", "< SA", "> SA", "< PA len 10", "> A"},
	/* retransmitted */
	{"> S", "> S", "> S", "< SA", "< SA", "> A", "> A"},
	{"> S", "< SA", "> A", "> FA", "> FA", "< FA", "< FA", "> A", "> A"},
	/* data with the SYN, with the third segment, with the FIN */
	{"> S len 10", "< SA len 10", "> A"},
	{"> S", "< SA", "> PA len 10", "< PA len 10"},
	{"> S", "< SA", "> A", "> FPA len 10", "< FPA len 10", "> A"},
	/* closed before it was open; aborted */
	{"> S", "< SA", "> FA", "< FA", "> A"},
	{"> S", "< SA", "> A", "> RA"},
	{"> S", "< SA", "> A", "< R"},
	{"> S", "< SA", "> R"},
	{"> S", "> R"},
	{"> S", "< RA"},
	{"> S", "< S", "> RA"},
	/* the same end points again, while what was still lives */
	{"> S", "< SA", "> A", "> FA", "< FA", "> A", "> S", "< SA", "> A", "> PA len 1", "< A"},
	{"> S", "< SA", "> A", "< R", "> S", "< SA", "> A", "> PA len 1", "< A"},
	/* keep-alives (RFC 9293 3.8.4) */
	{"> S", "< SA", "> A", "> A seq 1000", "< A", "< A seq 1000", "> A"},
};

START_TEST(rfc5382_req_2_all_valid_sequences)
{
	const struct way *way = &ways[_i % N_WAYS];
	const char *const *sequence = sequences[_i / N_WAYS];
	way->open(way->keys);
	for (size_t i = 0; sequence[i]; i++) {
		go(sequence[i]);
		ck_assert_uint_le(mappings(), 1);
	}
}
END_TEST

/* The SYNs cross on their way: each NAT sees its own first and lets the other's in. */
START_TEST(rfc5382_req_2a_simultaneous_open)
{
	const struct way *way = &ways[_i];
	way->open(way->keys);
	go("> S seq 7000");
	go("< S seq 9000");
	go("> SA seq 7000 ack 9001");
	go("< SA seq 9000 ack 7001");
	go("> A seq 7001 ack 9001 len 100");
	go("< A seq 9001 ack 7101");
	ck_assert_uint_eq(mappings(), 1);
	waits_s(239); /* and it is a connection as others are */
	go("< A seq 9001 ack 7101");
}
END_TEST

/* Where the other's SYN is first, it is lost, silently (REQ-4), and comes in when it is retransmitted. */
START_TEST(rfc5382_req_2a_simultaneous_open_whose_first_syn_was_too_early)
{
	for (size_t i = HOME; i <= LINUX; i++) {
		const struct way *way = &ways[i];
		if (i > HOME)
			close_bed();
		way->open(way->keys);
		no_go("< S", REASON_NO_MAPPING);
		waits_ms(500);
		go("> S");
		go("< S");
		go("> SA");
		go("< SA");
		go("> A len 10");
	}
}
END_TEST

/* Connections that the outside opens, where the filter permits it. */
START_TEST(rfc5382_req_2_opened_from_outside)
{
	static const char *const keys[] = {
		"profile: home, filtering: endpoint-independent", LINUX_FILTERED ", filtering: endpoint-independent",
		"profile: home, mapping: address-dependent, filtering: endpoint-independent"};
	open_site(keys[_i]);
	passes("tcp a:5000 > x:80 S", "tcp N:5000 > x:80 S"); /* what y learns the port from, as by STUN */
	passes("tcp x:80 > N:5000 SA", "tcp x:80 > a:5000 SA");
	passes("tcp y:999 > N:5000 S", "tcp y:999 > a:5000 S");
	passes("tcp a:5000 > y:999 SA", "tcp N:5000 > y:999 SA");
	passes("tcp y:999 > N:5000 A len 10", "tcp y:999 > a:5000 A len 10");
	passes("tcp a:5000 > y:999 PA len 100", "tcp N:5000 > y:999 PA len 100");
	passes("tcp y:999 > N:5000 FA", "tcp y:999 > a:5000 FA");
	passes("tcp a:5000 > y:999 FA", "tcp N:5000 > y:999 FA");
	passes("tcp y:999 > N:5000 A", "tcp y:999 > a:5000 A");
	passes("tcp y:998 > N:5000 S", "tcp y:998 > a:5000 S"); /* refused: the port is x's alone */
	passes("tcp a:5000 > y:998 RA", "tcp N:5000 > y:998 RA");
	uint64_t n = mappings();
	passes("tcp y:997 > N:5000 R", "tcp y:997 > a:5000 R"); /* what opens nothing has none of its own */
	ck_assert_uint_eq(mappings(), n);
	passes("tcp x:80 > N:5000 A", "tcp x:80 > a:5000 A");
	passes("tcp a:5000 > x:80 A len 10", "tcp N:5000 > x:80 A len 10");
}
END_TEST

/* What belongs to no connection that the NAT saw begin has no mapping and makes none, whatever the profile: it cannot
 * be reported from what a former connection left over. Both ends come to know by their own timers. */
START_TEST(rfc5382_req_2_in_the_middle_without_a_mapping)
{
	static const char *const segments[] = {" A", " PA len 100", " FA", " R", " RA", " SA", " SFA", ""};
	const struct way *way = &ways[_i];
	way->open(way->keys);
	for (size_t i = 0; i < N(segments); i++) {
		bed_sends(HERE, "tcp %c:5000 > x:80%s", way->caller, segments[i]);
		bed_dropped(HERE, REASON_NO_MAPPING);
		if (way->open == open_appliance)
			continue; /* what comes in is for the machine itself: see REQ-4 */
		bed_sends(HERE, "tcp x:80 > N:%u%s", way->port, segments[i]);
		bed_dropped(HERE, way->open == open_vip ? REASON_VIP_PORT_CLOSED : REASON_NO_MAPPING);
	}
	ck_assert_uint_eq(mappings(), 0);
	go("> S"); /* which is not in the way of a new one */
	go("< SA");
}
END_TEST

/* Nor after it ended. */
START_TEST(rfc5382_req_2_in_the_middle_of_what_has_ended)
{
	const struct way *way = &ways[_i];
	way->open(way->keys);
	go("> S");
	go("< SA");
	go("> A");
	waits_s(6 * 24 * 3600);
	ck_assert_uint_eq(mappings(), 0);
	no_go("< PA len 10", REASON_NO_MAPPING);
	no_go("> PA len 10", REASON_NO_MAPPING);
	no_go("> FA", REASON_NO_MAPPING);
	ck_assert_uint_eq(mappings(), 0);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("network/nat_rfc5382_sequences", &tc);
	tcase_add_checked_fixture(tc, NULL, close_bed);
	tcase_add_loop_test(tc, rfc5382_req_2_all_valid_sequences, 0, N(sequences) * N_WAYS);
	tcase_add_loop_test(tc, rfc5382_req_2a_simultaneous_open, 0, N_WAYS);
	tcase_add_test(tc, rfc5382_req_2a_simultaneous_open_whose_first_syn_was_too_early);
	tcase_add_loop_test(tc, rfc5382_req_2_opened_from_outside, 0, 3);
	tcase_add_loop_test(tc, rfc5382_req_2_in_the_middle_without_a_mapping, 0, N_WAYS);
	tcase_add_loop_test(tc, rfc5382_req_2_in_the_middle_of_what_has_ended, 0, APPLIANCE);
	return suite_run(suite);
}

/* What a NAT answers, requirement by requirement of RFC 4787 (UDP), 5382 (TCP) and 5508 (ICMP), for each kind of
 * mapping and filtering. */
#include "nat_kit.h"
#include <string.h>

static struct nat *nat;

static void setup(void)
{
	nat = nat_of(plain_rules());
}

static void teardown(void)
{
	nat = nat_free(nat);
	ck_assert_ptr_null(nat);
}

static void anew(struct nat_rules rules)
{
	nat_free(nat);
	nat = nat_of(rules);
}

START_TEST(an_answer_undoes_what_was_asked)
{
	struct nat_answer o = ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 49152, REMOTE, 443), TCP_SYN, 0);
	ck_assert_int_eq(o.reason, REASON_NONE);
	ck_assert(o.created);
	ck_assert_uint_eq(be32_to(o.addr), OUTSIDE);
	ck_assert_uint_eq(be16_to(o.port), 1024);
	struct nat_answer i = in(nat, PROTO_TCP, REMOTE, 443, 1024, 1);
	ck_assert_int_eq(i.reason, REASON_NONE);
	ck_assert(!i.created);
	ck_assert_uint_eq(be32_to(i.addr), INSIDE);
	ck_assert_uint_eq(be16_to(i.port), 49152);
	ck_assert(!ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 49152, REMOTE, 443), TCP_ACK, 2).created);
	ck_assert_uint_eq(n_mappings(nat), 1);
}
END_TEST

/* RFC 4787 REQ-1 and 4.1: which packets of one inside socket share a port. Rows: the first destination, another port
 * there, another address. */
START_TEST(mappings_depend_as_much_as_they_should)
{
	for (enum nat_depends depends = NAT_ON_ENDPOINT; depends <= NAT_ON_ADDRESS_AND_PORT; depends++) {
		struct nat_rules rules = plain_rules();
		rules.mapping = rules.udp_mapping = depends;
		for (size_t i = 0; i < 2; i++) {
			uint8_t proto = i ? PROTO_UDP : PROTO_TCP;
			anew(rules);
			uint16_t first = out(nat, proto, 5000, REMOTE, 80, 0);
			ck_assert_uint_ne(first, 0);
			ck_assert_uint_eq(out(nat, proto, 5000, REMOTE, 80, 0), first);
			ck_assert_int_eq(out(nat, proto, 5000, REMOTE, 81, 0) == first, depends <= NAT_ON_ADDRESS);
			ck_assert_int_eq(out(nat, proto, 5000, REMOTE2, 80, 0) == first, depends == NAT_ON_ENDPOINT);
			ck_assert_uint_ne(out(nat, proto, 5001, REMOTE, 80, 0), first);
			ck_assert_uint_eq(n_mappings(nat), depends == NAT_ON_ENDPOINT  ? 2u
							   : depends == NAT_ON_ADDRESS ? 3u
										       : 4u);
		}
	}
}
END_TEST

/* RFC 4787 REQ-8 and 5: who may answer. */
START_TEST(filters_let_in_whom_they_should)
{
	for (enum nat_depends filtering = NAT_ON_ENDPOINT; filtering <= NAT_ON_ADDRESS_AND_PORT; filtering++) {
		struct nat_rules rules = plain_rules();
		rules.filtering = filtering;
		anew(rules);
		uint16_t port = out(nat, PROTO_UDP, 5000, REMOTE, 80, 0);
		ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 80, port, 1).reason, REASON_NONE);
		ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 81, port, 1).reason,
				 filtering <= NAT_ON_ADDRESS ? REASON_NONE : REASON_FILTERED);
		ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE2, 80, port, 1).reason,
				 filtering == NAT_ON_ENDPOINT ? REASON_NONE : REASON_FILTERED);
		/* Whoever was sent to may answer from then on; there may be many. */
		for (uint16_t i = 0; i < 50; i++)
			ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE2, (uint16_t)(7000 + i), 2), port);
		for (uint16_t i = 0; i < 50; i++)
			ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE2, (uint16_t)(7000 + i), port, 3).reason,
					 REASON_NONE);
		ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE2, 7050, port, 3).reason,
				 filtering <= NAT_ON_ADDRESS ? REASON_NONE : REASON_FILTERED);
		ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 80, (uint16_t)(port + 1), 3).reason, REASON_NO_MAPPING);
		ck_assert_int_eq(in(nat, PROTO_TCP, REMOTE, 80, port, 3).reason,
				 REASON_NO_MAPPING); /* ports of TCP are others */
	}
}
END_TEST

/* A filter looser than the mapping: of several that share a port the oldest has it. */
START_TEST(a_loose_filter_of_a_symmetric_nat)
{
	struct nat_rules rules = symmetric_rules();
	rules.filtering = NAT_ON_ENDPOINT;
	anew(rules);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 0), 1024);
	ck_assert_uint_eq(ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE2, 6000, REMOTE2, 80), 0, 1).port.raw,
			  be16_from(1024).raw);
	struct nat_answer stranger = in(nat, PROTO_UDP, REMOTE + 9, 1, 1024, 2),
			  known = in(nat, PROTO_UDP, REMOTE2, 80, 1024, 2);
	ck_assert_int_eq(stranger.reason, REASON_NONE);
	ck_assert_uint_eq(be32_to(stranger.addr), INSIDE);
	ck_assert_uint_eq(be32_to(known.addr), INSIDE2);
}
END_TEST

/* Who comes in by another's mapping has one of his own: the same port, the same owner, opening until the inside
 * answers. */
START_TEST(a_loose_filter_lets_connections_begin)
{
	struct nat_rules rules = symmetric_rules();
	rules.filtering = NAT_ON_ENDPOINT;
	rules.tcp_opening_ns = 30 * S;
	anew(rules);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE, 80, 0), 1024);
	struct tuple syn = tuple_make(PROTO_TCP, REMOTE2, 999, OUTSIDE, 1024);
	ck_assert(!ask(nat, false, 0, syn, TCP_ACK, 1).created); /* in the middle of something */
	ck_assert_ptr_null(nat_mapping_of_arriving(nat, &syn, seconds(1)));
	ck_assert(ask(nat, false, 0, syn, TCP_SYN, 1).created);
	ck_assert(!ask(nat, false, 0, syn, TCP_ACK, 1).created);
	const struct nat_mapping *mapping = nat_mapping_of_arriving(nat, &syn, seconds(1));
	ck_assert_ptr_nonnull(mapping);
	ck_assert_uint_eq(be32_to(mapping->inside.src), INSIDE);
	struct nat_answer answer =
		ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE2, 999), TCP_SYN | TCP_ACK, 2);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert_uint_eq(be16_to(answer.port), 1024);
	struct nat_metrics metrics;
	nat_metrics(nat, UINT32_MAX, &metrics);
	ck_assert_uint_eq(metrics.mappings, 2);
	ck_assert_uint_eq(metrics.ports_in_use, 1);
	ck_assert(ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE2, 998, OUTSIDE, 1024), TCP_SYN, 3).created);
	ck_assert_uint_eq(n_mappings(nat), 3);
	ck_assert_int_eq(nat_handle(nat, seconds(33)), 0); /* that one nobody answered */
	ck_assert_uint_eq(n_mappings(nat), 2);
	ck_assert_int_eq(nat_handle(nat, seconds(242)), 0);
	ck_assert_uint_eq(n_mappings(nat), 0);
	nat_metrics(nat, UINT32_MAX, &metrics);
	ck_assert_uint_eq(metrics.ports_in_use, 0);
}
END_TEST

/* Whose answers have a port already keeps it: the inside called this outsider before, from another port of the NAT. */
START_TEST(a_loose_filter_changes_no_mapping)
{
	struct nat_rules rules = symmetric_rules();
	rules.filtering = NAT_ON_ENDPOINT;
	rules.reuse = NAT_REUSE_NEVER;
	anew(rules);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE, 80, 0), 1024);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE2, 80, 0), 1025);
	struct nat_answer answer = ask(nat, false, 0, tuple_make(PROTO_TCP, REMOTE2, 80, OUTSIDE, 1024), TCP_SYN, 1);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert(!answer.created);
	ck_assert_uint_eq(n_mappings(nat), 2);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE2, 80, 2), 1025);
}
END_TEST

/* Inbound packets make no mapping where there is none for the port; nor does anything but a SYN of TCP going out. */
START_TEST(who_may_begin)
{
	static const uint8_t flags[] = {TCP_ACK, TCP_SYN | TCP_ACK, TCP_RST, TCP_FIN | TCP_ACK, 0, TCP_SYN | TCP_RST};
	ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 80, 1024, 0).reason, REASON_NO_MAPPING);
	for (size_t i = 0; i < N(flags); i++)
		ck_assert_int_eq(ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 80), flags[i], 0).reason,
				 REASON_NO_MAPPING);
	ck_assert_uint_eq(n_mappings(nat), 0);
	ck_assert_int_eq(ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 80), TCP_SYN, 0).reason,
			 REASON_NONE);
}
END_TEST

/* RFC 5508 REQ-1: a query's identifier is what a port is to others; it is the same to all hosts only where mappings
 * are. */
START_TEST(echo)
{
	struct nat_answer o = ask(nat, true, 0, tuple_make(PROTO_ICMP, INSIDE, 7, REMOTE, 7), 0, 0);
	ck_assert_int_eq(o.reason, REASON_NONE);
	struct nat_answer i =
		ask(nat, false, 0, tuple_make(PROTO_ICMP, REMOTE, be16_to(o.port), OUTSIDE, be16_to(o.port)), 0, 1);
	ck_assert_int_eq(i.reason, REASON_NONE);
	ck_assert_uint_eq(be32_to(i.addr), INSIDE);
	ck_assert_uint_eq(be16_to(i.port), 7);
	anew(symmetric_rules());
	uint16_t id = be16_to(ask(nat, true, 0, tuple_make(PROTO_ICMP, INSIDE, 7, REMOTE, 7), 0, 0).port);
	ck_assert_int_eq(ask(nat, false, 0, tuple_make(PROTO_ICMP, REMOTE, id, OUTSIDE, id), 0, 1).reason, REASON_NONE);
	ck_assert_int_ne(ask(nat, false, 0, tuple_make(PROTO_ICMP, REMOTE2, id, OUTSIDE, id), 0, 1).reason,
			 REASON_NONE);
	struct nat_rules rules = plain_rules();
	rules.translate_icmp = false;
	anew(rules);
	ck_assert_int_eq(ask(nat, true, 0, tuple_make(PROTO_ICMP, INSIDE, 7, REMOTE, 7), 0, 0).reason,
			 REASON_ICMP_NOT_TRANSLATED);
	ck_assert_int_eq(ask(nat, false, 0, tuple_make(PROTO_ICMP, REMOTE, 7, OUTSIDE, 7), 0, 0).reason,
			 REASON_ICMP_NOT_TRANSLATED);
	ck_assert_uint_eq(n_mappings(nat), 0);
}
END_TEST

/* RFC 5508 REQ-1: queries that the inside begins, and what answers them. */
START_TEST(echo_the_wrong_way_round)
{
	struct nat_answer answer;
	struct nat_packet request = {.tuple = tuple_make(PROTO_ICMP, INSIDE, 7, REMOTE, 7)}, reply = request;
	reply.unasked = true;
	ck_assert_int_eq(nat_outbound(nat, &reply, seconds(0), &answer), 0);
	ck_assert_int_eq(answer.reason, REASON_NO_MAPPING);
	ck_assert_int_eq(nat_outbound(nat, &request, seconds(0), &answer), 0);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	struct nat_packet from_outside = {
		.tuple = tuple_make(PROTO_ICMP, REMOTE, be16_to(answer.port), OUTSIDE, be16_to(answer.port)),
		.unasked = true};
	ck_assert_int_eq(nat_inbound(nat, &from_outside, seconds(1), &answer), 0);
	ck_assert_int_eq(answer.reason, REASON_NO_MAPPING);
}
END_TEST

/* RFC 5508 REQ-3 to 6, 9: errors find their mapping by the packet inside, in either direction, and do not keep it
 * alive. */
START_TEST(errors_about_packets_of_a_mapping)
{
	uint16_t port = out(nat, PROTO_UDP, 5000, REMOTE, 80, 0);
	struct tuple sent_out = tuple_make(PROTO_UDP, OUTSIDE, port, REMOTE, 80),
		     came_in = tuple_make(PROTO_UDP, REMOTE, 80, INSIDE, 5000);
	struct nat_answer answer;
	nat_error(nat, false, &sent_out, seconds(50), &answer);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert_uint_eq(be32_to(answer.addr), INSIDE);
	ck_assert_uint_eq(be16_to(answer.port), 5000);
	nat_error(nat, true, &came_in, seconds(50), &answer);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	ck_assert_uint_eq(be32_to(answer.addr), OUTSIDE);
	ck_assert_uint_eq(be16_to(answer.port), port);
	sent_out.src_port = be16_from((uint16_t)(port + 1));
	nat_error(nat, false, &sent_out, seconds(50), &answer);
	ck_assert_int_eq(answer.reason, REASON_NO_MAPPING);
	ck_assert_int_eq(in(nat, PROTO_UDP, REMOTE, 80, port, 60).reason,
			 REASON_NO_MAPPING); /* 60 s after its last packet */
}
END_TEST

/* An error about a packet to somebody else's address, or from there, is nobody's. */
START_TEST(addresses_that_are_not_the_nats)
{
	uint16_t port = out(nat, PROTO_UDP, 5000, REMOTE, 80, 0);
	ck_assert_int_eq(ask(nat, false, 0, tuple_make(PROTO_UDP, REMOTE, 80, OUTSIDE + 1, port), 0, 1).reason,
			 REASON_NO_MAPPING);
	ck_assert(nat_has_address(nat, be32_from(OUTSIDE)));
	ck_assert(!nat_has_address(nat, be32_from(OUTSIDE + 1)));
	ck_assert(nat_port_was_mapped(nat, PROTO_UDP, be32_from(OUTSIDE), port));
	ck_assert(!nat_port_was_mapped(nat, PROTO_UDP, be32_from(OUTSIDE + 1), port));
	ck_assert(!nat_port_was_mapped(nat, PROTO_TCP, be32_from(OUTSIDE), port));
	ck_assert(!nat_port_was_mapped(nat, PROTO_UDP, be32_from(OUTSIDE), (uint16_t)(port + 1)));
}
END_TEST

/* A hint only saves a look: wrong ones, and those of mappings that are gone, change no answer. */
START_TEST(hints_change_nothing)
{
	anew(symmetric_rules());
	struct nat_answer first = ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE, 5000, REMOTE, 80), 0, 0);
	struct nat_answer second = ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE, 5001, REMOTE2, 80), 0, 0);
	uint32_t hints[] = {0, first.mapping, second.mapping};
	for (size_t i = 0; i < N(hints); i++) {
		struct nat_packet packet = {.tuple = tuple_make(PROTO_UDP, INSIDE, 5000, REMOTE, 80), .hint = hints[i]};
		struct nat_answer answer;
		ck_assert_int_eq(nat_outbound(nat, &packet, seconds(1), &answer), 0);
		ck_assert(answer.reason == REASON_NONE && answer.port.raw == first.port.raw &&
			  answer.mapping == first.mapping && !answer.created);
		packet.tuple = tuple_make(PROTO_UDP, REMOTE2, 80, OUTSIDE, be16_to(second.port));
		ck_assert_int_eq(nat_inbound(nat, &packet, seconds(1), &answer), 0);
		ck_assert(answer.reason == REASON_NONE && be16_to(answer.port) == 5001 &&
			  answer.mapping == second.mapping);
	}
	ck_assert_int_eq(nat_handle(nat, seconds(1000)), 0);
	ck_assert_uint_eq(n_mappings(nat), 0);
	struct nat_packet late = {.tuple = tuple_make(PROTO_UDP, REMOTE, 80, OUTSIDE, be16_to(first.port)),
				  .hint = first.mapping};
	struct nat_answer answer;
	ck_assert_int_eq(nat_inbound(nat, &late, seconds(1001), &answer), 0);
	ck_assert_int_eq(answer.reason, REASON_NO_MAPPING);
	late.tuple = tuple_make(PROTO_UDP, INSIDE, 5000, REMOTE, 80);
	ck_assert_int_eq(nat_outbound(nat, &late, seconds(1001), &answer), 0);
	ck_assert(answer.created);
}
END_TEST

/* ---- who is told ---- */

struct ended {
	unsigned n;
	enum nat_end why;
	struct instant at;
	struct nat_mapping mapping;
	struct nat_acks acks;
	bool acks_known;
};

static void note_end(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks, enum nat_end why,
		     struct instant at)
{
	struct ended *ended = context;
	ended->n++;
	ended->why = why;
	ended->at = at;
	ended->mapping = *mapping;
	ended->acks_known = acks;
	if (acks)
		ended->acks = *acks;
}

START_TEST(the_last_acknowledgments_are_known_at_the_end)
{
	struct nat_rules rules = plain_rules();
	struct ended ended = {0};
	rules.reset_on_idle = true;
	anew(rules);
	nat_observe(nat, note_end, &ended);
	struct nat_packet packet = {.tuple = tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 80),
				    .tcp_flags = TCP_SYN,
				    .reference = 77,
				    .tcp_ack = 1};
	struct nat_answer answer;
	ck_assert_int_eq(nat_outbound(nat, &packet, seconds(0), &answer), 0);
	struct nat_packet reply = {.tuple = tuple_make(PROTO_TCP, REMOTE, 80, OUTSIDE, be16_to(answer.port)),
				   .tcp_flags = TCP_ACK,
				   .tcp_ack = 500};
	ck_assert_int_eq(nat_inbound(nat, &reply, seconds(1), &answer), 0);
	reply.tcp_ack = 600;
	ck_assert_int_eq(nat_inbound(nat, &reply, seconds(2), &answer), 0);
	ck_assert_int_eq(nat_handle(nat, seconds(241)), 0);
	ck_assert_uint_eq(ended.n, 0);
	ck_assert_int_eq(nat_handle(nat, seconds(242)), 0);
	ck_assert_uint_eq(ended.n, 1);
	ck_assert(ended.acks_known && ended.acks.outside_acked &&
		  !ended.acks.inside_acked); /* a SYN acknowledges nothing */
	ck_assert_uint_eq(ended.acks.by_outside, 600);
	ck_assert_uint_eq(ended.acks.reference, 77);
}
END_TEST

START_TEST(an_instance_or_an_address_that_goes_takes_its_mappings)
{
	struct ended ended = {0};
	anew(symmetric_rules());
	nat_observe(nat, note_end, &ended);
	ck_assert_int_eq(nat_resize(nat, &(struct nat_blocks){2, 1000, 1000, UINT32_MAX, false}, seconds(0)), 0);
	ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 80), TCP_SYN, 1);
	ask(nat, true, 1, tuple_make(PROTO_TCP, INSIDE2, 5000, REMOTE, 80), TCP_SYN, 1);
	ask(nat, true, 1, tuple_make(PROTO_UDP, INSIDE2, 5000, REMOTE, 80), 0, 1);
	ck_assert_int_eq(nat_end_owner(nat, 1, seconds(2)), 0);
	ck_assert_uint_eq(ended.n, 2);
	ck_assert_int_eq(ended.why, NAT_END_GONE);
	ck_assert_int_eq(ended.at.ns, 2 * S);
	ck_assert_uint_eq(n_mappings(nat), 1);
	ck_assert_int_eq(nat_readdress(nat, be32_from(OUTSIDE + 5), seconds(3)), 0);
	ck_assert_uint_eq(ended.n, 3);
	ck_assert_int_eq(ended.why, NAT_END_READDRESSED);
	ck_assert_uint_eq(n_mappings(nat), 0);
	ck_assert(!nat_has_address(nat, be32_from(OUTSIDE)));
	ck_assert_uint_eq(be32_to(ask(nat, true, 0, tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 80), TCP_SYN, 4).addr),
			  OUTSIDE + 5);
	ck_assert(!ended.acks_known);
}
END_TEST

static void gather(void *context, const struct nat_mapping *mapping)
{
	struct tuple **at = context;
	*(*at)++ = mapping->inside;
}

START_TEST(all_mappings_in_order)
{
	struct tuple found[8], *end = found;
	for (uint16_t i = 0; i < 3; i++)
		ck_assert_uint_ne(out(nat, PROTO_UDP, (uint16_t)(5002 - i), REMOTE, 80, 5), 0);
	ck_assert_uint_ne(out(nat, PROTO_UDP, 9000, REMOTE, 80, 6), 0);
	ck_assert_int_eq(nat_each(nat, gather, &end), 0);
	ck_assert_int_eq(end - found, 4);
	static const uint16_t ports[] = {5000, 5001, 5002, 9000}; /* by creation, then inside tuple */
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(be16_to(found[i].src_port), ports[i]);
}
END_TEST

START_TEST(names_of_ends)
{
	ck_assert_ptr_null(nat_end_name(NAT_END_LIVE));
	ck_assert_str_eq(nat_end_name(NAT_END_IDLE), "idle");
	ck_assert_str_eq(nat_end_name(NAT_END_CLOSED), "closed");
	ck_assert_str_eq(nat_end_name(NAT_END_RESET), "reset");
	ck_assert_str_eq(nat_end_name(NAT_END_RECLAIMED), "reclaimed");
	ck_assert_str_eq(nat_end_name(NAT_END_GONE), "instance-gone");
	ck_assert_str_eq(nat_end_name(NAT_END_READDRESSED), "address-changed");
	ck_assert_str_eq(nat_end_name(NAT_END_FORGOTTEN), "forgotten");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_answer_undoes_what_was_asked);
	tcase_add_test(tc, mappings_depend_as_much_as_they_should);
	tcase_add_test(tc, filters_let_in_whom_they_should);
	tcase_add_test(tc, a_loose_filter_of_a_symmetric_nat);
	tcase_add_test(tc, a_loose_filter_lets_connections_begin);
	tcase_add_test(tc, a_loose_filter_changes_no_mapping);
	tcase_add_test(tc, who_may_begin);
	tcase_add_test(tc, echo);
	tcase_add_test(tc, echo_the_wrong_way_round);
	tcase_add_test(tc, errors_about_packets_of_a_mapping);
	tcase_add_test(tc, addresses_that_are_not_the_nats);
	tcase_add_test(tc, hints_change_nothing);
	tcase_add_test(tc, the_last_acknowledgments_are_known_at_the_end);
	tcase_add_test(tc, an_instance_or_an_address_that_goes_takes_its_mappings);
	tcase_add_test(tc, all_mappings_in_order);
	tcase_add_test(tc, names_of_ends);
	return suite_run(suite);
}

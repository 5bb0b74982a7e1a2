/* The classifier names what the rules say, for every combination of them, though it never reads them. */
#include "net/header.h"
#include "rule/classify.h"
#include "suite.h"
#include <stdlib.h>

static const be32 *addresses(void)
{
	static be32 of[NAT_MAX_ADDRESSES];
	for (uint32_t i = 0; i < NAT_MAX_ADDRESSES; i++)
		of[i] = be32_from(0xc6336401 + i);
	return of;
}

static struct nat_rules rules_of(enum nat_depends mapping, enum nat_depends filtering, enum nat_allocates allocation,
				 bool reuse)
{
	return (struct nat_rules){
		.addresses = addresses(),
		.n_addresses = 1,
		.mapping = mapping,
		.udp_mapping = mapping,
		.filtering = filtering,
		.allocation = allocation,
		.port_first = 1024,
		.port_last = 65535,
		.reuse = reuse ? NAT_REUSE_PER_DESTINATION : NAT_REUSE_NEVER,
		.hairpin = true,
		.translate_icmp = true,
		.translate_fragments = true,
		.tcp_idle_ns = 7440 * NS_PER_S,
		.tcp_transitory_ns = 241 * NS_PER_S,
		.tcp_reset_ns = 11 * NS_PER_S,
		.udp_idle_ns = 301 * NS_PER_S,
		.udp_stream_ns = 302 * NS_PER_S,
		.icmp_idle_ns = 61 * NS_PER_S,
		.seed = 5,
	};
}

START_TEST(test_every_combination)
{
	for (unsigned mapping = 0; mapping < 3; mapping++)
		for (unsigned filtering = 0; filtering < 3; filtering++)
			for (unsigned allocation = 0; allocation < 3; allocation++)
				for (unsigned reuse = 0; reuse < 2; reuse++) {
					struct nat_rules rules =
						rules_of((enum nat_depends)mapping, (enum nat_depends)filtering,
							 (enum nat_allocates)allocation, reuse);
					struct classification c;
					ck_assert_int_eq(nat_classify(&rules, &c), 0);
					ck_assert_msg(c.udp_contended == mapping && c.tcp_contended == mapping,
						      "mapping %u, filtering %u, allocation %u, reuse %u", mapping,
						      filtering, allocation, reuse);
					ck_assert_msg(c.udp_filtering == filtering && c.tcp_filtering == filtering,
						      "mapping %u, filtering %u, allocation %u, reuse %u", mapping,
						      filtering, allocation, reuse);
					static const enum classify_ports ports[] = {CLASSIFY_SEQUENTIAL,
										    CLASSIFY_PRESERVES, CLASSIFY_OTHER};
					ck_assert_uint_eq(c.ports, ports[allocation]);
					ck_assert(c.hairpins && c.hairpin_outside && c.icmp && c.paired);
					ck_assert_uint_eq(c.n_addresses, 1);
				}
}
END_TEST

START_TEST(test_timers)
{
	struct nat_rules rules = rules_of(NAT_ON_ENDPOINT, NAT_ON_ENDPOINT, NAT_ALLOCATES_PRESERVE, false);
	struct classification c;
	ck_assert_int_eq(nat_classify(&rules, &c), 0);
	ck_assert_int_eq(c.udp_idle_ns, 301 * NS_PER_S);
	ck_assert_int_eq(c.udp_stream_ns, 302 * NS_PER_S);
	ck_assert_int_eq(c.icmp_idle_ns, 61 * NS_PER_S);
	ck_assert_int_eq(c.tcp_idle_ns, 7440 * NS_PER_S);
	ck_assert_int_eq(c.tcp_transitory_ns, 241 * NS_PER_S);
	ck_assert_int_eq(c.tcp_reset_ns, 11 * NS_PER_S);
}
END_TEST

/* To the nanosecond, from the shortest that the language has to the longest. */
START_TEST(test_timers_of_any_length)
{
	static const int64_t lengths_ns[] = {1, 1000 * 1000 + 1, 1500 * 1000 * 1000LL, 1825 * 86400 * NS_PER_S};
	for (size_t i = 0; i < sizeof lengths_ns / sizeof *lengths_ns; i++) {
		struct nat_rules rules =
			rules_of(NAT_ON_ADDRESS_AND_PORT, NAT_ON_ADDRESS, NAT_ALLOCATES_SEQUENTIAL, true);
		struct classification c;
		rules.tcp_idle_ns = rules.tcp_transitory_ns = rules.tcp_reset_ns = rules.udp_idle_ns =
			rules.udp_stream_ns = rules.icmp_idle_ns = lengths_ns[i];
		ck_assert_int_eq(nat_classify(&rules, &c), 0);
		ck_assert_int_eq(c.udp_idle_ns, lengths_ns[i]);
		ck_assert_int_eq(c.udp_stream_ns, lengths_ns[i]);
		ck_assert_int_eq(c.icmp_idle_ns, lengths_ns[i]);
		ck_assert_int_eq(c.tcp_opening_ns, lengths_ns[i]);
		ck_assert_int_eq(c.tcp_idle_ns, lengths_ns[i]);
		ck_assert_int_eq(c.tcp_transitory_ns, lengths_ns[i]);
		ck_assert_int_eq(c.tcp_reset_ns, lengths_ns[i]);
	}
}
END_TEST

START_TEST(test_what_is_off)
{
	struct nat_rules rules =
		rules_of(NAT_ON_ADDRESS_AND_PORT, NAT_ON_ADDRESS_AND_PORT, NAT_ALLOCATES_SEQUENTIAL, true);
	struct classification c;
	rules.hairpin = false;
	rules.translate_icmp = false;
	ck_assert_int_eq(nat_classify(&rules, &c), 0);
	ck_assert(!c.hairpins && !c.icmp && c.icmp_idle_ns == 0);
}
END_TEST

/* RFC 4787 R2: an inside address keeps one outside address, and all are used. */
START_TEST(test_paired_pool)
{
	for (unsigned n = 2; n <= 4; n++) {
		struct nat_rules rules =
			rules_of(NAT_ON_ADDRESS_AND_PORT, NAT_ON_ADDRESS, NAT_ALLOCATES_PRESERVE, true);
		struct classification c;
		rules.n_addresses = n;
		ck_assert_int_eq(nat_classify(&rules, &c), 0);
		ck_assert_uint_eq(c.n_addresses, n);
		ck_assert(c.paired);
		ck_assert_uint_eq(c.udp_contended, NAT_ON_ADDRESS_AND_PORT);
	}
}
END_TEST

/* A reply to an echo whose identifier was changed comes with the changed one as its only port, and is admitted by the
 * address alone. */
START_TEST(test_changed_identifier)
{
	struct nat_rules rules = rules_of(NAT_ON_ENDPOINT, NAT_ON_ADDRESS_AND_PORT, NAT_ALLOCATES_PRESERVE, false);
	struct nat *nat;
	struct nat_answer out[2], in;
	ck_assert_int_eq(nat_new(&rules, &nat), 0);
	for (uint32_t i = 0; i < 2; i++) { /* two hosts with one identifier */
		struct nat_packet echo = {.tuple = {be32_from(0x0a000001 + i), be32_from(0xcb007142), be16_from(5000),
						    be16_from(5000), PROTO_ICMP}};
		ck_assert_int_eq(nat_outbound(nat, &echo, (struct instant){0}, &out[i]), 0);
		ck_assert_uint_eq(out[i].reason, REASON_NONE);
	}
	ck_assert_uint_eq(be16_to(out[0].port), 5000);
	ck_assert_uint_ne(be16_to(out[1].port), 5000);
	for (uint32_t i = 0; i < 2; i++) {
		struct nat_packet reply = {
			.tuple = {be32_from(0xcb007142), out[i].addr, out[i].port, out[i].port, PROTO_ICMP}};
		ck_assert_int_eq(nat_inbound(nat, &reply, (struct instant){1}, &in), 0);
		ck_assert_uint_eq(in.reason, REASON_NONE);
		ck_assert_uint_eq(be32_to(in.addr), 0x0a000001 + i);
		ck_assert_uint_eq(be16_to(in.port), 5000);
		reply.tuple.src = be32_from(0xcb007143); /* someone else */
		ck_assert_int_eq(nat_inbound(nat, &reply, (struct instant){1}, &in), 0);
		ck_assert_uint_ne(in.reason, REASON_NONE);
	}
	nat_free(nat);
}
END_TEST

/* RFC 5780's probes find a kept port the same everywhere; a range above 20000 is probed from inside of it. */
START_TEST(test_what_the_probes_see)
{
	struct nat_rules rules = rules_of(NAT_ON_ADDRESS_AND_PORT, NAT_ON_ADDRESS, NAT_ALLOCATES_PRESERVE, true);
	struct classification c;
	rules.port_first = 50001;
	ck_assert_int_eq(nat_classify(&rules, &c), 0);
	ck_assert_uint_eq(c.udp_mapping, NAT_ON_ENDPOINT);
	ck_assert_uint_eq(c.tcp_mapping, NAT_ON_ENDPOINT);
	ck_assert_uint_eq(c.udp_contended, NAT_ON_ADDRESS_AND_PORT);
	ck_assert_uint_eq(c.ports, CLASSIFY_PRESERVES);
	ck_assert_uint_ge(c.port_first, 50001);
	rules.allocation = NAT_ALLOCATES_RANDOM;
	ck_assert_int_eq(nat_classify(&rules, &c), 0);
	ck_assert_uint_eq(c.udp_mapping, NAT_ON_ADDRESS_AND_PORT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rule/classify");
	TCase *tcase = tcase_create("probes");
	tcase_set_timeout(tcase, 60); /* each probe has a NAT of its own, which the sanitizers make slow */
	tcase_add_test(tcase, test_every_combination);
	tcase_add_test(tcase, test_timers);
	tcase_add_test(tcase, test_timers_of_any_length);
	tcase_add_test(tcase, test_what_is_off);
	tcase_add_test(tcase, test_paired_pool);
	tcase_add_test(tcase, test_what_the_probes_see);
	tcase_add_test(tcase, test_changed_identifier);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}

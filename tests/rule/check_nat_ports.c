/* Which port a new mapping gets, and from whose block; what is counted, and what happens when nothing is left. */
#include "nat_kit.h"
#include <string.h>

static struct nat *nat;

static void anew(struct nat_rules rules)
{
	nat_free(nat);
	nat = nat_of(rules);
}

static void setup(void)
{
	nat = NULL;
	anew(plain_rules());
}

static void teardown(void)
{
	nat_free(nat);
}

static void resize(uint32_t n_owners, uint32_t block_ports, uint32_t root_ports, uint32_t n_roots)
{
	struct nat_blocks blocks = {n_owners, block_ports, root_ports, n_roots, false};
	ck_assert_int_eq(nat_resize(nat, &blocks, INSTANT_ZERO), 0);
}

static struct nat_answer open_tcp(uint32_t owner, uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port,
				  int64_t at_s)
{
	return ask(nat, true, owner, tuple_make(PROTO_TCP, src, src_port, dst, dst_port), TCP_SYN, at_s);
}

START_TEST(sequential_from_the_first_of_the_range)
{
	struct nat_rules rules = symmetric_rules();
	rules.reuse = NAT_REUSE_NEVER;
	anew(rules);
	for (uint16_t i = 0; i < 100; i++)
		ck_assert_uint_eq(out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE, 80, 0), 1024 + i);
	/* Another destination begins at the first port that is free. */
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE2, 80, 0), 1124);
	/* What was freed is not taken again before the others were. */
	ck_assert_int_eq(nat_handle(nat, seconds(230)), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5099, REMOTE, 80, 230), 1123);
	ck_assert_int_eq(nat_handle(nat, seconds(241)), 0);
	ck_assert_uint_eq(n_mappings(nat), 1);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 6000, REMOTE, 80, 241), 1124);
}
END_TEST

/* Where ports are used once a destination, each destination begins anew: its flows do not depend on others. */
START_TEST(reuse_is_per_destination)
{
	anew(symmetric_rules());
	for (uint16_t i = 0; i < 10; i++) {
		ck_assert_uint_eq(out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE, 80, 0), 1024 + i);
		ck_assert_uint_eq(out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE, 81, 0), 1024 + i);
		ck_assert_uint_eq(out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE2, 80, 0), 1024 + i);
		ck_assert_uint_eq(out(nat, PROTO_UDP, (uint16_t)(5000 + i), REMOTE, 80, 0), 1024 + i);
	}
	struct nat_metrics metrics;
	nat_metrics(nat, UINT32_MAX, &metrics);
	ck_assert_uint_eq(metrics.mappings, 40);
	ck_assert_uint_eq(metrics.ports_in_use, 20); /* of TCP and of UDP */
	/* Each answer finds its own. */
	for (uint16_t i = 0; i < 10; i++) {
		ck_assert_uint_eq(be16_to(in(nat, PROTO_TCP, REMOTE, 81, (uint16_t)(1024 + i), 1).port), 5000 + i);
		ck_assert_uint_eq(be16_to(in(nat, PROTO_TCP, REMOTE2, 80, (uint16_t)(1024 + i), 1).port), 5000 + i);
	}
}
END_TEST

START_TEST(preserved_where_it_can_be)
{
	struct nat_rules rules = plain_rules();
	rules.allocation = NAT_ALLOCATES_PRESERVE;
	rules.port_last = 50000;
	anew(rules);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 0), 5000);
	ck_assert_uint_eq(be16_to(ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE2, 5000, REMOTE, 80), 0, 0).port),
			  5002); /* taken: the next that is even, too */
	ck_assert_uint_eq(out(nat, PROTO_UDP, 50000, REMOTE, 80, 0), 50000);
	ck_assert_uint_eq(be16_to(ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE2, 50000, REMOTE, 80), 0, 0).port),
			  1024);                                            /* round the end */
	ck_assert_uint_eq(out(nat, PROTO_UDP, 50001, REMOTE, 80, 0), 1025); /* outside the range: from its beginning */
	ck_assert_uint_eq(out(nat, PROTO_UDP, 80, REMOTE, 80, 0), 1026);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5000, REMOTE, 80, 0), 5000); /* TCP's ports are others */
}
END_TEST

static uint16_t second(uint16_t src_port, uint32_t dst, int64_t at_s)
{
	struct nat_answer answer = ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE2, src_port, dst, 80), 0, at_s);
	ck_assert_int_eq(answer.reason, REASON_NONE);
	return be16_to(answer.port);
}

/* As netfilter's, of which this was seen (tests/conformance). */
START_TEST(a_displaced_port_is_kept_towards_others)
{
	struct nat_rules rules = symmetric_rules();
	rules.allocation = NAT_ALLOCATES_PRESERVE;
	anew(rules);
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 0), 5000);
	ck_assert_uint_eq(second(5000, REMOTE, 0), 5002);
	ck_assert_uint_eq(second(5000, REMOTE2, 0), 5002); /* though 5000 were free there */
	ck_assert_uint_eq(second(6000, REMOTE2, 0), 6000); /* another port of the same host has nothing to do with it */
	ck_assert_int_eq(nat_handle(nat, seconds(61)), 0);
	ck_assert_uint_eq(second(5000, REMOTE2, 62), 5000); /* it went with the mappings */
}
END_TEST

START_TEST(identifiers_are_no_ports)
{
	struct nat_rules rules = symmetric_rules();
	rules.allocation = NAT_ALLOCATES_PRESERVE;
	anew(rules);
	nat_reserve(nat, 443);
	ck_assert_uint_eq(out(nat, PROTO_ICMP, 7, REMOTE, 7, 0), 7); /* below the range */
	ck_assert_uint_eq(out(nat, PROTO_ICMP, 443, REMOTE, 443, 0), 443);
	ck_assert_uint_ge(be16_to(ask(nat, true, 0, tuple_make(PROTO_ICMP, INSIDE2, 7, REMOTE, 7), 0, 0).port),
			  1024); /* taken */
}
END_TEST

START_TEST(random_ports_are_the_seeds)
{
	struct nat_rules rules = plain_rules();
	rules.allocation = NAT_ALLOCATES_RANDOM;
	uint16_t ports[2][200];
	unsigned n_low = 0;
	for (size_t round = 0; round < 2; round++) {
		anew(rules);
		for (uint16_t i = 0; i < 200; i++) {
			ports[round][i] = out(nat, PROTO_UDP, (uint16_t)(5000 + i), REMOTE, 80, 0);
			ck_assert_uint_ge(ports[round][i], 1024);
			n_low += ports[round][i] < 33280;
		}
	}
	ck_assert_mem_eq(ports[0], ports[1], sizeof ports[0]);
	ck_assert(n_low > 140 && n_low < 260); /* of 400: both halves alike */
	rules.seed++;
	anew(rules);
	unsigned n_same = 0;
	for (uint16_t i = 0; i < 200; i++)
		n_same += out(nat, PROTO_UDP, (uint16_t)(5000 + i), REMOTE, 80, 0) == ports[0][i];
	ck_assert_uint_lt(n_same, 5);
}
END_TEST

/* RFC 4787 REQ-3: two inside sockets never share a port towards the same end where ports are not reused, whatever the
 * allocation. */
START_TEST(no_port_twice)
{
	static bool taken[65536];
	for (enum nat_allocates allocation = NAT_ALLOCATES_SEQUENTIAL; allocation <= NAT_ALLOCATES_RANDOM;
	     allocation++) {
		struct nat_rules rules = plain_rules();
		rules.allocation = allocation;
		rules.port_last = 2023;
		anew(rules);
		memset(taken, 0, sizeof taken);
		for (uint16_t i = 0; i < 1000; i++) {
			uint16_t port = out(nat, PROTO_UDP, (uint16_t)(1500 + i * 13), REMOTE, 80, 0);
			ck_assert(port >= 1024 && port <= 2023 && !taken[port]);
			taken[port] = true;
		}
		ck_assert_int_eq(ask(nat, true, 0, tuple_make(PROTO_UDP, INSIDE, 60000, REMOTE, 80), 0, 0).reason,
				 REASON_SNAT_PORTS_EXHAUSTED);
	}
}
END_TEST

START_TEST(exhaustion_and_what_ends_it)
{
	struct nat_rules rules = symmetric_rules();
	rules.port_last = 1024 + 3; /* four ports */
	anew(rules);
	nat_reserve(nat, 1025);
	resize(1, 0, 0, 0); /* what is reserved is counted anew */
	struct tuple next = tuple_make(PROTO_TCP, INSIDE, 5003, REMOTE, 80);
	for (uint16_t i = 0; i < 3; i++) {
		ck_assert(has_port(nat, &next, i));
		uint16_t port = out(nat, PROTO_TCP, (uint16_t)(5000 + i), REMOTE, 80, i);
		ck_assert(port != 0 && port != 1025);
	}
	ck_assert(!has_port(nat, &next, 4));
	ck_assert_int_eq(ask(nat, true, 0, next, TCP_SYN, 5).reason, REASON_SNAT_PORTS_EXHAUSTED);
	ck_assert_uint_eq(n_mappings(nat), 3);
	/* Who has a mapping goes on, another destination has ports of its own. */
	struct tuple has = tuple_make(PROTO_TCP, INSIDE, 5000, REMOTE, 80);
	ck_assert(has_port(nat, &has, 4));
	ck_assert_int_eq(ask(nat, true, 0, has, TCP_ACK, 5).reason, REASON_NONE);
	ck_assert_uint_ne(out(nat, PROTO_TCP, 5003, REMOTE, 81, 5), 0);
	/* The second's time is over first: 240 s after its only packet. */
	ck_assert_int_eq(ask(nat, true, 0, next, TCP_SYN, 240).reason, REASON_SNAT_PORTS_EXHAUSTED);
	ck_assert_int_eq(nat_handle(nat, seconds(241)), 0);
	ck_assert_uint_eq(out(nat, PROTO_TCP, 5003, REMOTE, 80, 241), 1026);
}
END_TEST

START_TEST(counters)
{
	struct nat_metrics m;
	anew(symmetric_rules());
	resize(2, 100, 100, UINT32_MAX);
	open_tcp(0, INSIDE, 5000, REMOTE, 80, 0);
	open_tcp(0, INSIDE, 5001, REMOTE, 80, 0);
	open_tcp(0, INSIDE, 5000, REMOTE, 81, 0);
	open_tcp(1, INSIDE2, 5000, REMOTE, 80, 0);
	nat_metrics(nat, 0, &m);
	ck_assert_uint_eq(m.ports_in_use, 2);
	nat_metrics(nat, 1, &m);
	ck_assert_uint_eq(m.ports_in_use, 1);
	nat_metrics(nat, 7, &m);
	ck_assert_uint_eq(m.ports_in_use, 0);
	nat_metrics(nat, UINT32_MAX, &m);
	ck_assert(m.ports_in_use == 3 && m.ports_in_use_peak == 3 && m.mappings == 4 && m.mappings_total == 4 &&
		  m.expired == 0);
	ck_assert_int_eq(nat_handle(nat, seconds(300)), 0);
	nat_metrics(nat, UINT32_MAX, &m);
	ck_assert(m.ports_in_use == 0 && m.ports_in_use_peak == 3 && m.mappings == 0 && m.mappings_total == 4 &&
		  m.expired == 4);
	nat_metrics(nat, 0, &m);
	ck_assert(m.ports_in_use == 0 && m.ports_in_use_peak == 2);
}
END_TEST

static bool has(uint32_t owner, struct nat_metrics expected)
{
	struct nat_metrics m;
	nat_metrics(nat, owner, &m);
	return m.ports_in_use == expected.ports_in_use && m.ports_in_use_peak == expected.ports_in_use_peak &&
	       m.mappings == expected.mappings && m.mappings_total == expected.mappings_total &&
	       m.expired == expected.expired && m.refused == expected.refused;
}

/* A port with three mappings is one port and three mappings, of its owner too; and what was is told of who is gone. */
START_TEST(counters_of_an_owner)
{
	anew(symmetric_rules());
	resize(2, 100, 100, UINT32_MAX);
	for (uint16_t i = 0; i < 3; i++)
		open_tcp(1, INSIDE2, 5000, REMOTE, (uint16_t)(80 + i), 0);
	open_tcp(0, INSIDE, 5000, REMOTE, 80, 0);
	ck_assert(has(0, (struct nat_metrics){1, 1, 1, 1, 0, 0}));
	ck_assert(has(1, (struct nat_metrics){1, 1, 3, 3, 0, 0}));
	ask(nat, true, 1, tuple_make(PROTO_TCP, INSIDE2, 5000, REMOTE, 80), TCP_RST, 1);
	ck_assert_int_eq(nat_handle(nat, seconds(100)), 0);
	ck_assert(has(1, (struct nat_metrics){1, 1, 2, 3, 0, 0}));
	ck_assert_int_eq(nat_handle(nat, seconds(300)), 0);
	ck_assert(has(0, (struct nat_metrics){0, 1, 0, 1, 1, 0}));
	ck_assert(has(1, (struct nat_metrics){0, 1, 0, 3, 2, 0}));
	resize(1, 100, 100, UINT32_MAX);
	ck_assert(has(1, (struct nat_metrics){0, 1, 0, 3, 2, 0}));
}
END_TEST

/* In one pool for all a port may be two owners', towards two destinations. */
START_TEST(counters_of_an_owner_in_a_shared_pool)
{
	anew(symmetric_rules());
	open_tcp(0, INSIDE, 5000, REMOTE, 80, 0);
	resize(2, 0, 0, UINT32_MAX);
	open_tcp(1, INSIDE2, 5000, REMOTE, 80, 1);
	open_tcp(1, INSIDE2, 5000, REMOTE, 81, 1);
	open_tcp(1, INSIDE2, 5000, REMOTE2, 81, 1);
	ck_assert(has(0, (struct nat_metrics){1, 1, 1, 1, 0, 0}));
	ck_assert(has(1, (struct nat_metrics){2, 2, 3, 3, 0, 0})); /* 1025, as 0 has 1024 there; 1024 twice */
	ck_assert(has(UINT32_MAX, (struct nat_metrics){2, 2, 4, 4, 0, 0}));
	ck_assert_int_eq(nat_end_owner(nat, 1, seconds(2)), 0);
	ck_assert(has(1, (struct nat_metrics){0, 2, 0, 3, 0, 0}));
	resize(1, 0, 0, UINT32_MAX);
	open_tcp(0, INSIDE, 5001, REMOTE, 80, 3);
	resize(3, 0, 0, UINT32_MAX);
	ck_assert_int_eq(nat_handle(nat, seconds(300)), 0);
	ck_assert(has(0, (struct nat_metrics){0, 2, 0, 2, 2, 0}));
	ck_assert(has(2, (struct nat_metrics){0, 0, 0, 0, 0, 0}));
}
END_TEST

/* A range is one of ports: any number of identifiers may stay as they are. */
START_TEST(identifiers_are_not_counted_as_ports)
{
	struct nat_rules rules = symmetric_rules();
	rules.allocation = NAT_ALLOCATES_PRESERVE;
	rules.port_first = 4000;
	rules.port_last = 4003;
	anew(rules);
	nat_reserve(nat, 4000);
	resize(1, 0, 0, UINT32_MAX);
	for (uint16_t id = 7000; id < 7010; id++)
		ck_assert_uint_eq(out(nat, PROTO_ICMP, id, REMOTE, id, 0), id);
	ck_assert_uint_eq(be16_to(ask(nat, true, 0, tuple_make(PROTO_ICMP, INSIDE2, 7000, REMOTE, 7000), 0, 0).port),
			  4000);
}
END_TEST

/* ---- blocks ---- */

START_TEST(blocks_do_not_overlap)
{
	static const struct nat_blocks all[] = {
		{1, 64512, 64512, 1, false}, {50, 1024, 1024, UINT32_MAX, false}, {100, 512, 1024, 50, false},
		{200, 256, 1024, 50, false}, {64, 500, 4000, 8, false},           {70, 1024, 1024, UINT32_MAX, false},
	};
	static uint8_t owner_of[65536];
	for (size_t i = 0; i < N(all); i++) {
		anew(symmetric_rules());
		ck_assert_int_eq(nat_resize(nat, &all[i], INSTANT_ZERO), 0);
		memset(owner_of, 0xff, sizeof owner_of);
		for (uint32_t owner = 0; owner < all[i].n_owners; owner++) {
			uint16_t first;
			uint32_t n;
			nat_block(nat, owner, &first, &n);
			ck_assert_uint_le(n, all[i].block_ports);
			ck_assert(owner >= 62 || n == all[i].block_ports || all[i].block_ports < 1024);
			ck_assert_uint_ge(first, 1024);
			ck_assert_uint_le(first + n, 65536);
			for (uint32_t port = first; port < first + n; port++) {
				if (owner_of[port] != 0xff)
					ck_abort_msg("port %u: of %u and %u", port, owner_of[port], owner);
				owner_of[port] = (uint8_t)owner;
			}
			/* The first port that it gets is the first of its block; who has none gets none. */
			struct nat_answer answer = open_tcp(owner, INSIDE + owner, 5000, REMOTE, 80, 0);
			ck_assert_uint_eq(answer.reason == REASON_NONE ? be16_to(answer.port) : 0, n ? first : 0);
		}
	}
}
END_TEST

/* A frontend's blocks lie around the eights that its rules take: each owner has as many ports as it is due. */
START_TEST(blocks_around_what_is_reserved)
{
	static const struct {
		uint16_t first, n;
	} expected[] = {{1032, 16}, {1048, 24}, {1072, 16}};
	struct nat_blocks blocks = {.n_owners = 3, .block_ports = 16, .root_ports = 16, .n_roots = UINT32_MAX};
	anew(symmetric_rules());
	for (uint16_t port = 1024; port < 1032; port++)
		nat_reserve(nat, port);
	for (uint16_t port = 1056; port < 1064; port++)
		nat_reserve(nat, port);
	blocks.around_reserved = true;
	ck_assert_int_eq(nat_resize(nat, &blocks, INSTANT_ZERO), 0);
	for (uint32_t owner = 0; owner < N(expected); owner++) {
		uint16_t first;
		uint32_t n;
		nat_block(nat, owner, &first, &n);
		ck_assert_uint_eq(first, expected[owner].first);
		ck_assert_uint_eq(n, expected[owner].n);
		ck_assert_uint_eq(nat_usable(nat, first, (uint16_t)(first + n - 1)), 16);
		for (uint16_t i = 0; i < 16; i++)
			ck_assert_int_eq(open_tcp(owner, INSIDE + owner, (uint16_t)(5000 + i), REMOTE, 80, 0).reason,
					 REASON_NONE);
		ck_assert_int_eq(open_tcp(owner, INSIDE + owner, 5016, REMOTE, 80, 0).reason,
				 REASON_SNAT_PORTS_EXHAUSTED);
	}
}
END_TEST

/* When the pool doubles each old owner keeps the near half of its block, and what is mapped there. */
START_TEST(growing_takes_only_what_it_must)
{
	anew(symmetric_rules());
	resize(2, 1000, 1000, 2);
	for (uint16_t i = 0; i < 1000; i++)
		ck_assert_int_eq(open_tcp(0, INSIDE, (uint16_t)(5000 + i), REMOTE, 80, 0).reason, REASON_NONE);
	open_tcp(1, INSIDE2, 5000, REMOTE, 80, 0);
	resize(4, 500, 1000, 2);
	uint16_t first;
	uint32_t n;
	for (uint32_t owner = 0; owner < 4; owner++) {
		nat_block(nat, owner, &first, &n);
		ck_assert_uint_eq(first, 1024 + owner % 2 * 1000 + owner / 2 * 500);
		ck_assert_uint_eq(n, 500);
	}
	ck_assert_uint_eq(n_mappings(nat), 501);
	struct nat_metrics m;
	nat_metrics(nat, 0, &m);
	ck_assert_uint_eq(m.ports_in_use, 500);
	ck_assert_int_eq(open_tcp(0, INSIDE, 5000, REMOTE, 80, 0).reason, REASON_NONE);
	ck_assert_int_eq(open_tcp(0, INSIDE, 7000, REMOTE, 80, 0).reason, REASON_SNAT_PORTS_EXHAUSTED);
	ck_assert_uint_eq(be16_to(open_tcp(2, INSIDE + 2, 7000, REMOTE, 80, 0).port), 1524);
	/* Fewer owners: those who are gone take their mappings along. */
	resize(1, 500, 1000, 2);
	ck_assert_uint_eq(n_mappings(nat), 500);
}
END_TEST

/* ---- several addresses ---- */

static struct nat_rules pooled(uint32_t n)
{
	struct nat_rules rules = plain_rules();
	rules.n_addresses = n;
	return rules;
}

/* RFC 4787 REQ-2: an inside address is the same to all; its answers come back to it. */
START_TEST(addresses_are_paired)
{
	anew(pooled(3));
	for (uint32_t host = 0; host < 9; host++) {
		be32 outside = nat_address_of(nat, 0, be32_from(INSIDE + host));
		for (uint16_t i = 0; i < 5; i++) {
			struct tuple tuple = tuple_make(PROTO_UDP, INSIDE + host, (uint16_t)(5000 + i), REMOTE + i, 80);
			struct nat_answer o = ask(nat, true, 0, tuple, 0, 0);
			ck_assert_uint_eq(o.addr.raw, outside.raw);
			ck_assert(nat_has_address(nat, o.addr));
			struct tuple reply = {tuple.dst, o.addr, tuple.dst_port, o.port, PROTO_UDP};
			struct nat_answer a = ask(nat, false, 0, reply, 0, 0);
			ck_assert(a.reason == REASON_NONE && a.addr.raw == tuple.src.raw &&
				  a.port.raw == tuple.src_port.raw);
		}
	}
	unsigned n[3] = {0};
	for (uint32_t host = 0; host < 9; host++)
		n[be32_to(nat_address_of(nat, 0, be32_from(INSIDE + host))) - OUTSIDE]++;
	ck_assert(n[0] == 3 && n[1] == 3 && n[2] == 3);
}
END_TEST

START_TEST(ports_of_one_address_are_not_anothers)
{
	struct nat_rules rules = pooled(2);
	rules.port_last = 1025;
	anew(rules);
	for (uint32_t host = 0; host < 2; host++)
		for (uint16_t i = 0; i < 3; i++)
			ck_assert_int_eq(ask(nat, true, 0,
					     tuple_make(PROTO_UDP, INSIDE + host, (uint16_t)(5000 + i), REMOTE, 80), 0,
					     0)
						 .reason,
					 i < 2 ? REASON_NONE : REASON_SNAT_PORTS_EXHAUSTED);
}
END_TEST

/* After a change of address no port of the new one was given out yet, though the old one's were. */
START_TEST(a_new_address_has_no_past)
{
	uint16_t port = out(nat, PROTO_UDP, 5000, REMOTE, 80, 0);
	ck_assert(nat_port_was_mapped(nat, PROTO_UDP, be32_from(OUTSIDE), port));
	ck_assert_int_eq(nat_readdress(nat, be32_from(OUTSIDE + 9), seconds(1)), 0);
	ck_assert(!nat_port_was_mapped(nat, PROTO_UDP, be32_from(OUTSIDE + 9), port));
	ck_assert_uint_eq(out(nat, PROTO_UDP, 5000, REMOTE, 80, 2), port);
	ck_assert(nat_port_was_mapped(nat, PROTO_UDP, be32_from(OUTSIDE + 9), port));
}
END_TEST

/* A block for each inside address, in the order in which they first open something, whatever owner the packet
 * names. */
START_TEST(blocks_of_inside_addresses)
{
	struct nat_rules rules = symmetric_rules();
	rules.reuse = NAT_REUSE_NEVER;
	anew(rules);
	nat_blocks_by_source(nat, 2);
	ck_assert_uint_eq(nat_n_sources(nat), 0);
	ck_assert_uint_eq(be16_to(open_tcp(7, 0x0a000005, 5000, REMOTE, 80, 0).port), 1024);
	ck_assert_uint_eq(be16_to(open_tcp(0, 0x0a000004, 5000, REMOTE, 80, 0).port), 1026);
	ck_assert_uint_eq(be16_to(open_tcp(0, 0x0a000005, 5001, REMOTE2, 80, 0).port), 1025);
	ck_assert_int_eq(open_tcp(0, 0x0a000005, 5002, REMOTE2, 80, 0).reason, REASON_SNAT_PORTS_EXHAUSTED);
	nat_note_refused(nat, UINT32_MAX, be32_from(0x0a000005));
	nat_note_refused(nat, UINT32_MAX, be32_from(0x0a000006)); /* who never opened anything has nothing */
	ck_assert_uint_eq(nat_n_sources(nat), 2);
	ck_assert_uint_eq(be32_to(nat_source(nat, 0)), 0x0a000005);
	ck_assert_uint_eq(be32_to(nat_source(nat, 1)), 0x0a000004);
	ck_assert(has(0, (struct nat_metrics){2, 2, 2, 2, 0, 1}));
	ck_assert(has(1, (struct nat_metrics){1, 1, 1, 1, 0, 0}));
	/* Many of them: the table of addresses grows, and nobody's block is another's. */
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(be16_to(open_tcp(0, 0x0a010000 + i, 5000, REMOTE, 80, 0).port), 1028 + 2 * i);
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(be16_to(open_tcp(0, 0x0a010000 + i, 5001, REMOTE, 80, 0).port), 1029 + 2 * i);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/nat_ports", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sequential_from_the_first_of_the_range);
	tcase_add_test(tc, blocks_of_inside_addresses);
	tcase_add_test(tc, reuse_is_per_destination);
	tcase_add_test(tc, preserved_where_it_can_be);
	tcase_add_test(tc, a_displaced_port_is_kept_towards_others);
	tcase_add_test(tc, identifiers_are_no_ports);
	tcase_add_test(tc, random_ports_are_the_seeds);
	tcase_add_test(tc, no_port_twice);
	tcase_add_test(tc, exhaustion_and_what_ends_it);
	tcase_add_test(tc, counters);
	tcase_add_test(tc, counters_of_an_owner);
	tcase_add_test(tc, counters_of_an_owner_in_a_shared_pool);
	tcase_add_test(tc, identifiers_are_not_counted_as_ports);
	tcase_add_test(tc, blocks_do_not_overlap);
	tcase_add_test(tc, blocks_around_what_is_reserved);
	tcase_add_test(tc, growing_takes_only_what_it_must);
	tcase_add_test(tc, addresses_are_paired);
	tcase_add_test(tc, ports_of_one_address_are_not_anothers);
	tcase_add_test(tc, a_new_address_has_no_past);
	return suite_run(suite);
}
